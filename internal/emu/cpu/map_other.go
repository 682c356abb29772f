//go:build !unix

package cpu

// reserve and release are for systems that provide memory when it is used.
func reserve(n uint64) []byte { return nil }

func release(b []byte) {}
