package emu

import "testing"

// Sizes are printed in the largest unit that divides them.
func TestBytesText(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 bytes", 1000: "1000 bytes", 2048: "2 KiB", 1<<20 + 1024: "1025 KiB", 3 << 20: "3 MiB", 1 << 30: "1024 MiB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
