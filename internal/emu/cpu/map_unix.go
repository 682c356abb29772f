//go:build unix

package cpu

import "syscall"

// reserve returns n zero bytes for which the system allocates pages on first use, or
// nil if that fails.
func reserve(n uint64) []byte {
	if n != uint64(int(n)) {
		return nil
	}
	b, err := syscall.Mmap(-1, 0, int(n), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	return b
}

// release frees memory returned by reserve.
func release(b []byte) {
	if err := syscall.Munmap(b); err != nil {
		panic(err) // b is not from reserve
	}
}
