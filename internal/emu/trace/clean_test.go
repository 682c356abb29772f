package trace_test

import (
	"strings"
	"testing"

	"stage0/internal/emu"
	"stage0/internal/emu/trace"
)

// The name of a program is printed without control characters.
func TestCoverageClean(t *testing.T) {
	coverage := trace.NewCoverage()
	coverage.Begin(emu.Exec{Path: "\x1b[2K\u202Ea\nb"}, []byte("no program"))
	var text strings.Builder
	if _, err := coverage.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	if got, want := text.String(), "?[2K?a?b: not an ELF file\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
