package prove

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
	"stage0/source"
)

// knightProgram returns testdata/knight.hex0, assembled, with some bytes replaced.
func knightProgram(t *testing.T, old, new string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/knight.hex0")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, source.Bytes("knight.hex0", text), hex0.Options{}))
	if old != "" {
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte(old)), "the bytes to replace are not unique")
	}
	return bytes.Replace(out.Bytes(), []byte(old), []byte(new), 1)
}

func TestProveKnight(t *testing.T) {
	const inComment = "\xE0\x00\x2C\xC0\x00\x52" // JUMP.NP R0 done
	for _, test := range []struct {
		name, old, new string
		variant        []string
		difference     *Difference
		reason         string
	}{
		{"a hex0", "", "", []string{}, nil, ""},
		{"no end in a comment", inComment, "\xE0\x00\x2C\xC0\x00\x00", []string{"a text that ends in a comment is read for ever"}, nil, ""},
		{"another tape", "\x11\x01\x42\x10\x00\x01", "\x11\x00\x42\x10\x00\x01", []string{}, &Difference{Input: nil, AtEnd: false, Call: "FOPEN_WRITE tape_01", Expected: "FOPEN_WRITE tape_02"}, ""},
		{"g is a digit", "\xE0\x00\xA0\x00\x00\x46", "\xE0\x00\xA0\x00\x00\x47", []string{},
			&Difference{Input: []byte("0G"), AtEnd: false, Call: "FPUTC tape_02, 10", Expected: "FGETC tape_01"}, ""},
		{"the console", "\xE0\x00\x2D\x21\x11\x01", "\xE0\x00\x2D\x21\x00\x00", []string{},
			&Difference{Input: []byte("00"), AtEnd: false, Call: "FPUTC device 0x0, 00", Expected: "FPUTC tape_02, 00"}, ""},
		{"no end", "\xFF\xFF\xFF\xFF", "\x3C\x00\xFF\xFC", []string{},
			&Difference{Input: nil, AtEnd: true, Call: "more than 10000 instructions without a system call", Expected: "HALT"}, ""},
		{"an unknown call", "\x42\x10\x02\x00", "\x42\x12\x34\x56", []string{}, &Difference{Input: []byte("00"), AtEnd: false, Call: "HALCODE 123456", Expected: "FPUTC tape_02, 00"}, ""},
		{"a store", "\x05\x00\x00\x0C", "\x05\x04\x80\x01", []string{}, nil, "the program stores to memory"}, // STOREX8 R0 R0 R1
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := ProveKnight(knightProgram(t, test.old, test.new))
			require.NoError(t, err)
			assert.Equal(t, "knight-native", p.Arch)
			assert.Equal(t, test.variant, p.Variant)
			assert.Equal(t, test.difference, p.Difference)
			assert.Equal(t, test.reason, p.Reason)
			assert.Equal(t, test.difference == nil && test.reason == "", p.Proved)
		})
	}
	_, err := ProveKnight(make([]byte, 20_000))
	assert.EqualError(t, err, "the program has 20000 bytes, expected at most 16384")
}

// The seed of release 1.9.1.
func TestUpstreamKnight(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	seed, err := os.ReadFile(filepath.Join(tree, "bootstrap-seeds/NATIVE/knight/hex0-seed"))
	require.NoError(t, err)
	p, err := ProveKnight(seed)
	require.NoError(t, err)
	assert.True(t, p.Proved)
	assert.Equal(t, []string{"a text that ends in a comment is read for ever"}, p.Variant)
	assert.Equal(t, 8497, p.States)
	assert.Equal(t, 250, p.Executed, "all of its bytes")
}
