//go:build unix

package cpu

import "syscall"

// reserve returns n bytes of zeros, of which the system provides those that are
// used; or nil if it does not.
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

// release gives back what reserve returned.
func release(b []byte) {
	if err := syscall.Munmap(b); err != nil {
		panic(err) // they were not reserve's
	}
}
