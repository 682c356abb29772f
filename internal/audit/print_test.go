package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/audit"
	"stage0/internal/clean"
	"stage0/source"
)

// TestPrint wants columns, long comments and data continued below, and ?? for
// unknown bytes.
func TestPrint(t *testing.T) {
	const text = `# a program

:_start ; where it starts
E8 %away   ; call %away     # which another text has, and which says a greeting, at some length
BB 2A000000 58 # the answer to everything, and an instruction that nobody asked for
C3 # ret
:data
00 11 22 33 44 55 66 77 88 99
`
	const want = `# a program

00000000  _start:  # where it starts
00000000  E8 ?? ?? ?? ??           call away                 # call %away  # which another text has,
                                                             and which says a greeting, at some
                                                             length
    ^^^ note: label "away" is not defined here [undefined]
00000005  BB 2A 00 00 00           mov ebx, 0x2a             # the answer to everything, and an
0000000a  58                       pop eax                   instruction that nobody asked for
0000000b  C3                       ret                       # ret
0000000c  data:
    ^^^ note: nothing refers to label "data" [label]
0000000c  00 11 22 33 44 55 66 77
00000014  88 99

x86/a.hex2: hex2, x86, 22 bytes, 4 instructions, 1 unchecked; 0 errors, 0 warnings, 2 notes
`
	l, err := audit.File(source.String("x86/a.hex2", text), audit.Options{})
	require.NoError(t, err)
	var got strings.Builder
	require.NoError(t, l.Print(&got))
	assert.Equal(t, want, got.String())
}

// TestPrintClean wants nothing that a terminal would obey.
func TestPrintClean(t *testing.T) {
	const evil = "\x1b[2K\u009b1A\u202Ex\u2066\u061C\x7f\xff\r"
	for name, text := range map[string]string{
		"x86/" + evil + ".hex2": ":" + evil + " ; " + evil + "\nE8 %" + evil + " # call " + evil + "\n58 # pop_" + evil + "\n",
		"x86/a.M1":              "DEFINE " + evil + " 58\n" + evil + " # " + evil + "\n\"" + evil + "\"\n",
	} {
		l, err := audit.File(source.String(name, text), audit.Options{})
		require.NoError(t, err)
		var got strings.Builder
		require.NoError(t, l.Print(&got))
		assert.Equal(t, clean.Text(got.String()), got.String())
	}
}
