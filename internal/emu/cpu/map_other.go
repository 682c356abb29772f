//go:build !unix

package cpu

// reserve and release do nothing on systems without mmap: Go allocates the memory.
func reserve(n uint64) []byte { return nil }

func release(b []byte) {}
