package bounded

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/hex0"
	"stage0/source"
)

var (
	hex0AMD64 = bootstrap.Program{Name: "hex0", Args: []string{"-A", "amd64"}}
	hex0Kind  = kind{
		args:    []string{inName, outName},
		symbols: []Text{"0", "9", "A", "g", "#", "\n", " "},
		frames:  []Frame{{"", ""}, {"# a comment\n41 ", " 42"}},
		length:  3,
	}
)

// program returns package prove's hex0 for amd64, with some bytes replaced.
func program(t *testing.T, old, new string) []byte {
	t.Helper()
	text, err := os.ReadFile("../prove/testdata/amd64.hex0")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, source.Bytes("amd64.hex0", text), hex0.ForArch("amd64")))
	require.True(t, bytes.Contains(out.Bytes(), []byte(old)))
	return bytes.Replace(out.Bytes(), []byte(old), []byte(new), 1)
}

func TestSame(t *testing.T) {
	r, err := compare(t.Context(), program(t, "", ""), hex0AMD64, hex0Kind, 0)
	require.NoError(t, err)
	assert.Equal(t, 2*(1+7+7*7+7*7*7), r.Inputs)
	assert.Equal(t, r.Inputs, r.Same)
	assert.Nil(t, r.Difference)
	assert.Equal(t, "hex0 -A amd64", r.Program)
	assert.Equal(t, 150, r.Executed, "all but the headers")
	assert.Empty(t, r.NotRun)
}

// A program with a changed byte differs, and a shortest input shows it.
func TestDiffer(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		want           Difference
	}{
		{"a digit", "\x2c\x30", "\x2c\x31", Difference{"00",
			`exits with 0, having written ""`, `exits with 0, having written "\x00"`}},
		{"a branch", "\x75\x04\x31\xed", "\x74\x04\x31\xed", Difference{"00",
			`exits with 0, having written ""`, `exits with 0, having written "\x00"`}},
		{"the order of the digits", "\xc0\xe0\x04", "\xc0\xe0\x03", Difference{"90",
			`exits with 0, having written "H"`, `exits with 0, having written "\x90"`}},
		{"the exit status", "\xf7\xd8", "\xff\xc0", Difference{"",
			`exits with 1, having written ""`, `exits with 0, having written ""`}},
		{"a loop", "\x85\xc0\x7e\x50", "\x85\xc0\x7e\xfc", Difference{"",
			`hangs, having written ""`, `exits with 0, having written ""`}},
		{"no instruction", "\xf7\xd8", "\x0f\x0b", Difference{"",
			`crashes: 0x600103: 0f 0b 89 c7 b8 3c 00 00 00 0f 05 00 00 00 00: unknown instruction, having written ""`, `exits with 0, having written ""`}},
		{"another call", "\xb8\x3c", "\xb8\x09", Difference{"",
			`makes an unexpected call, having written ""`, `exits with 0, having written ""`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			length := len(test.want.Input)
			r, err := compare(t.Context(), program(t, test.old, test.new), hex0AMD64, hex0Kind, max(length, 1))
			require.NoError(t, err)
			require.NotNil(t, r.Difference)
			assert.Equal(t, test.want, *r.Difference)
			assert.Positive(t, r.Differ)
		})
	}
}

func TestLength(t *testing.T) {
	for length, want := range map[int]int{1: 16, 2: 114} {
		r, err := compare(t.Context(), program(t, "", ""), hex0AMD64, hex0Kind, length)
		require.NoError(t, err)
		assert.Equal(t, want, r.Inputs)
	}
}

func TestUnknown(t *testing.T) {
	_, err := Compare(t.Context(), program(t, "", ""), 0)
	require.EqualError(t, err, "no release has this program")
	assert.ErrorAs(t, err, new(*UnknownError))
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err := compare(ctx, program(t, "", ""), hex0AMD64, hex0Kind, 0)
	assert.EqualError(t, err, "enough")
}

func TestPrint(t *testing.T) {
	r, err := compare(t.Context(), program(t, "\x24\xdf", "\x90\x90"), hex0AMD64, kind{hex0Kind.args, []Text{"a", "A", "\x1b"}, []Frame{{"", ""}}, 2}, 0)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, r.Print(&b, "a\x1b"))
	assert.Equal(t, `a?: hex0 -A amd64
  13 inputs of up to 2 of 3 symbols, in 1 frames: differs from the tool for 3 of them
        10  the same output and exit status
  a shortest input on which they differ: "aa"
    the program exits with 0, having written ""
    the tool    exits with 0, having written "\xaa"
  142 bytes were executed; 8 are data, or code that no input reached:
    0x6000ba, 4 bytes
    0x6000ca, 4 bytes
`, b.String())
}

// The programs of release 1.9.1, on all inputs of one symbol.
func TestUpstream(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	n := 0
	for _, dir := range []string{"x86", "AMD64", "AArch64", "riscv32", "riscv64"} {
		files, err := filepath.Glob(filepath.Join(tree, dir, "artifact", "*"))
		require.NoError(t, err)
		for _, name := range files {
			file, err := os.ReadFile(name)
			require.NoError(t, err)
			if !Known(file) {
				continue
			}
			n++
			r, err := Compare(t.Context(), file, 1)
			require.NoError(t, err, name)
			assert.Zero(t, r.Differ, name)
			assert.NotZero(t, r.Same, name)
		}
	}
	assert.Equal(t, 5*6, n, "hex1, hex2-0, catm, M0, cc_ARCH and kaem-0 of five ladders")
}
