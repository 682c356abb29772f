package audit_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/internal/audit"
	"stage0/source"
)

// The fields of the sample's headers are where its comments say they are.
func TestFields(t *testing.T) {
	for _, name := range []string{"x86/hello.hex0", "AMD64/hello.hex0"} {
		l, err := audit.File(sampleFile(t, name), audit.Options{})
		require.NoError(t, err)
		want := map[string]map[string]uint64{
			"x86/hello.hex0":   {"e_ident": 0x08048000, "e_entry": 0x08048018, "e_shstrndx": 0x08048032, "p_type": 0x08048034, "p_flags": 0x0804804C},
			"AMD64/hello.hex0": {"e_ident": 0x600000, "e_entry": 0x600018, "e_shstrndx": 0x60003E, "p_type": 0x600040, "p_flags": 0x600044},
		}[name]
		fields := l.Fields()
		for field, address := range want {
			if !slices.Contains(fields[address], field) {
				t.Errorf("%s: at %#x are %q, want %s", name, address, fields[address], field)
			}
		}
		if len(fields) != 20+8 {
			t.Errorf("%s: %d fields, want 28", name, len(fields))
		}
	}
	l, err := audit.Text(source.String("a.hex0", "00 11 # no header\n"), audit.Hex0, audit.Options{Arch: "x86"})
	require.NoError(t, err)
	if fields := l.Fields(); len(fields) != 0 {
		t.Errorf("without a header: %v", fields)
	}
}
