package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/ccseed"
	"stage0/internal/audit"
)

// table returns DEFINEs of the words of some code, but one.
func table(code []string, missing string) []byte {
	words := map[string]bool{}
	for line := range strings.Lines(strings.Join(code, "")) {
		line, _, _ = strings.Cut(line, "#")
		for _, w := range strings.Fields(line) {
			if strings.IndexByte("!@$~%&", w[0]) < 0 && w != missing {
				words[w] = true
			}
		}
	}
	var b bytes.Buffer
	for w := range words {
		nop := "90"
		if w == "sal_eax," {
			nop = "C1E0" // a byte follows
		}
		fmt.Fprintf(&b, "DEFINE %s %s\n", w, nop)
	}
	return b.Bytes()
}

func TestCompilers(t *testing.T) {
	code, err := ccseed.Code("x86", "1.6")
	require.NoError(t, err)
	pairs, err := audit.Compilers(fstest.MapFS{
		"x86/x86_defs.M1":                {Data: table(code, "setl_al")},
		"M2libc/knight/knight_defs.M1":   {Data: []byte("DEFINE NULL 00000000\n")},
		"M2libc/knight/other_defs.M1":    {},
		"mescc-tools/M2libc/x86/defs.M1": {},
	})
	require.NoError(t, err)
	require.Len(t, pairs, 2)
	cc, m2 := pairs[0], pairs[1]
	assert.Equal(t, &audit.Pair{Compiler: "cc_x86", Arch: "x86", Table: "x86/x86_defs.M1", Pieces: len(code), Findings: []audit.PairFinding{
		{Code: "cmp\nsetl_al\nmovzx_eax,al", Message: `"setl_al" is not a macro, label, string or number here`}}}, cc)
	assert.Equal(t, "knight-posix", m2.Arch)
	assert.Equal(t, "M2libc/knight/knight_defs.M1", m2.Table)
	var b bytes.Buffer
	m2.Findings = []audit.PairFinding{{Code: "a\n\x1b", Message: "odd"}}
	require.NoError(t, m2.Print(&b))
	assert.Equal(t, "M2libc/knight/knight_defs.M1: error: M2-Planet for knight-posix can write this: odd [compiler]\n    a\n    ?\n", b.String())
}

// What the compilers of release 1.9.1 can write, and its tables do not have. Each has been
// seen with a program: see docs/auditing.md.
func TestReleaseCompilers(t *testing.T) {
	root := os.Getenv("STAGE0_POSIX")
	if root == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	pairs, err := audit.Compilers(os.DirFS(root))
	require.NoError(t, err)
	assert.Len(t, pairs, 13, "five cc, and eight targets of M2-Planet")
	var found []string
	for _, p := range pairs {
		for _, f := range p.Findings {
			found = append(found, p.Compiler+" "+p.Arch+": "+f.Message)
		}
	}
	const unknown = " is not a macro, label, string or number here"
	assert.Equal(t, []string{
		`M2-Planet x86: "lea_ebx,[ebp+DWORD]"` + unknown,
		`M2-Planet amd64: "xor_e14,e14"` + unknown,
		`M2-Planet amd64: "lea_rbx,[rbp+DWORD]"` + unknown,
		`M2-Planet armv7l: its 3 bytes are not whole instructions`,
		`M2-Planet aarch64: "SET_X1_FROM_BP"` + unknown,
	}, found)
}
