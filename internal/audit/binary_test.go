package audit_test

import (
	"bytes"
	"path"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/hex0"
	"stage0/internal/audit"
	"stage0/source"
)

// program returns the sample's program for an architecture.
func program(t *testing.T, a arch.Arch) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, sampleFile(t, path.Join(a.Dir, "hello.hex0")), hex0.Options{}))
	return out.Bytes()
}

// TestBinary wants the same instructions in a program as in its source, and no
// findings.
func TestBinary(t *testing.T) {
	for _, a := range arch.Ladders() {
		code := program(t, a)
		l, err := audit.File(source.Bytes("hello", code), audit.Options{})
		require.NoError(t, err)
		text, err := audit.File(sampleFile(t, path.Join(a.Dir, "hello.hex0")), audit.Options{})
		require.NoError(t, err)
		assert.Equal(t, audit.Binary, l.Format)
		assert.Equal(t, a.Name, l.Arch)
		assert.Equal(t, text.Base, l.Base)
		assert.Equal(t, len(code), l.Size)
		assert.NotEmpty(t, instructions(text))
		assert.Equal(t, instructions(text), instructions(l))
		assert.Empty(t, l.Findings(audit.Note))
	}
}

func instructions(l *audit.Listing) string {
	var b bytes.Buffer
	for _, line := range l.Lines {
		for _, inst := range line.Insts {
			b.WriteString(inst.Text + "; ")
		}
	}
	return b.String()
}

func TestBinaryFindings(t *testing.T) {
	amd64, _ := arch.Lookup("amd64")
	for _, tt := range []struct {
		off  int
		with byte
		want string
	}{
		{4, 1, `hello:0x12: error: e_machine is 0x3e, which is of no architecture here, with EI_CLASS 1 [elf]`},
		{5, 2, `hello:0x600005: error: EI_DATA is 0x2, expected 0x1 [elf]`},
		{0x10, 3, `hello:0x600010: error: e_type is 0x3, expected 0x2 [elf]`},
		{0x18, 0x3E, `hello:0x600018: error: e_entry is 0x60003e, which is in the headers [elf]`},
		{0x3C, 1, `hello:0x60003a: error: e_shentsize is 0x0, expected 0x40 [elf]`},
		{0x60, 1, `hello:0x600060: error: p_filesz is 1, and the file has 214 bytes [elf]`},
		{0x70, 3, `hello:0x600070: error: p_align is 0x1003, expected a power of two [elf]`},
		{0x78, 0x06, `hello:0x600078: error: 06 D2 80 3C 16 00 0F 84 is not an instruction, and the processor gets here [code]`},
	} {
		code := program(t, amd64)
		code[tt.off] = tt.with
		l, err := audit.File(source.Bytes("hello", code), audit.Options{})
		if err != nil {
			t.Errorf("%#x: %v", tt.off, err)
			continue
		}
		found := ""
		if all := l.Findings(audit.Note); len(all) > 0 {
			found = all[0].String()
		}
		if found != tt.want {
			t.Errorf("%#x: got  %s\nwant %s", tt.off, found, tt.want)
		}
	}
	// Offsets that overflow 64 bits when a size is added.
	for off, want := range map[int]string{
		0x20: `hello:0x20: error: e_phoff is 0xffffffffffffffff, and there is no program header [elf]`,
		0x48: `hello:0x48: error: p_offset and p_filesz are 18446744073709551615 and 214, and the file has 214 bytes [elf]`,
	} {
		code := program(t, amd64)
		copy(code[off:], "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
		l, err := audit.File(source.Bytes("hello", code), audit.Options{})
		if err != nil {
			t.Errorf("%#x: %v", off, err)
			continue
		}
		if all := l.Findings(audit.Note); !slices.ContainsFunc(all, func(f audit.Finding) bool { return f.String() == want }) {
			t.Errorf("%#x: got  %v\nwant %s", off, all, want)
		}
	}
	_, err := audit.File(source.String("cut", "\x7FELF\x02\x01\x01"), audit.Options{})
	assert.EqualError(t, err, "cut: the ELF header is cut off")
}
