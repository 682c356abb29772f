//go:build linux && amd64

package recheck

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
	"stage0/internal/prove"
	"stage0/source"
)

// hex0Program returns package prove's program for amd64, and its certificate.
func hex0Program(t *testing.T) (program []byte, cert string) {
	t.Helper()
	const name = "../prove/testdata/amd64.hex0"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, source.Bytes(name, text), hex0.ForArch("amd64")))
	var b strings.Builder
	require.NoError(t, prove.WriteCertificate(&b, out.Bytes()))
	return out.Bytes(), b.String()
}

func TestCheck(t *testing.T) {
	program, cert := hex0Program(t)
	r, err := Check(program, strings.NewReader(cert))
	require.NoError(t, err)
	assert.Equal(t, "amd64", r.Arch)
	assert.Equal(t, strings.Count(cert, "\nstate "), r.States)
	assert.Equal(t, 36*257+3+256, r.Transitions, "reads; the start and two opens; writes")
	assert.Greater(t, r.Steps, 10*r.Transitions)
}

// A certificate that is not right is refused, wherever it is wrong.
func TestWrong(t *testing.T) {
	program, cert := hex0Program(t)
	for _, test := range []struct{ name, old, new, want string }{
		{"version", "proof 1", "proof 2", "line 1: not a certificate of version 1, which begins with stage0-hex0-proof 1"},
		{"program", "program amd64 ", "program amd64 0", `the certificate is for the program with digest 0515aee76862f1a93f244ba242110e819f0856d2b752c767d2189940d47a56420, not 515aee76862f1a93f244ba242110e819f0856d2b752c767d2189940d47a56420`},
		{"an edge leads elsewhere", "edge 3 23,3b 4", "edge 3 23,3b 3", "state 3, answer 23: not state 3: rbp is 0x1, not 0x0"},
		{"an edge leads nowhere", "edge 3 23,3b 4", "edge 3 23,3b 999", `state 3, answer 23: the program makes a call; the certificate says that it leads to "999", which is not one of its states`},
		{"empty", cert, "", "the certificate is empty"},
		{"an edge is missing", "edge 3 23,3b 4\n", "", `state 3, answer 23: the certificate has no edge`},
		{"the end", "end exit:0", "end exit:1", `state 3, answer end: the program ends with exit:0, the certificate says "exit:1"`},
		{"a register", "state 3 6000af 0,", "state 3 6000af 1,", "state 2, answer *: not state 3: rax is 0x0, not 0x1"},
		{"a call", "read:3:", "read:4:", `state 2, answer *: not state 3: the call is read:3:7fffffffefa8:1, not read:4:7fffffffefa8:1`},
		{"a live byte is missing", "site 600078 7fffffffef90", "site 600078 7fffffffef91", `state 0 has 768 arguments, expected 3`},
		{"a state is missing", "state 4 ", "state 5 ", `line 36: not state 4`},
		{"a flag", "open:out:241:1c0", "open:out:241:1ff", "state 1, answer *: not state 2: the call is open:out:241:1c0, not open:out:241:1ff"},
		{"no number", "state 3 6000af", "state 3 6000ag", `line 15: "6000ag" is not a hexadecimal number`},
		{"an unknown line", "edge 0 ", "way 0 ", `line 10: "way" is unknown`},
		{"no memory", "site 600097", "site 600097 600078+1", `line 13: 17 registers and 0 bytes of memory, expected 17 and 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Contains(t, cert, test.old)
			_, err := Check(program, strings.NewReader(strings.Replace(cert, test.old, test.new, 1)))
			assert.EqualError(t, err, test.want)
		})
	}
}

// A certificate for another processor is not wrong, but cannot be checked here.
func TestOtherProcessor(t *testing.T) {
	program, cert := hex0Program(t)
	_, err := Check(program, strings.NewReader(strings.Replace(cert, "program amd64", "program riscv64", 1)))
	require.EqualError(t, err, "this processor does not execute programs for riscv64")
	assert.ErrorAs(t, err, new(*MachineError))
}

// A certificate that proves something else is refused: one that starts elsewhere, or
// leaves out a register, or brings its own code.
func TestForged(t *testing.T) {
	program, cert := hex0Program(t)
	for _, test := range []struct{ name, old, new, want string }{
		{"entry", "state 0 600078", "state 0 600079", "line 9: 17 registers and 39 bytes of memory, expected 17 and 0"},
		{"register", "state 0 600078 0,", "state 0 600078 7,", "state 0 has rax 0x7, expected 0x0"},
		{"registers", " r8 r9 ", " r9 r8 ", `the registers are "rax rcx rdx rbx rsp rbp rsi rdi r9 r8 r10 r11 r12 r13 r14 r15 rflags", expected "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rflags"`},
		{"arguments", " 0300000000000000", " 0400000000000000", "state 0 has 4 arguments, expected 3"},
		{"name", "696e00", "696f00", "argument 1 of state 0 is not in"},
		{"flags", ",202 0300", ",246 0300", "state 0 has rflags 0x246, expected 0x202"},
		{"too many", "site 600078 ", "site 600078 0+ffffffffff ", "line 4: more than 4096 live bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Contains(t, cert, test.old)
			_, err := Check(program, strings.NewReader(strings.Replace(cert, test.old, test.new, 1)))
			assert.EqualError(t, err, test.want)
		})
	}
	// Lines that the states depend on must come before them.
	_, err := Check(program, strings.NewReader(cert+"registers rax\n"))
	assert.ErrorContains(t, err, `: "registers" after the first state`)
	// The program's headers are not trusted either.
	damaged := slices.Clone(program)
	damaged[32] = 0xff // the program headers' offset
	sum := func(file []byte) string { return fmt.Sprintf("%x", sha256.Sum256(file)) }
	_, err = Check(damaged, strings.NewReader(strings.Replace(cert, sum(program), sum(damaged), 1)))
	assert.EqualError(t, err, "its program headers are outside of the file")
	own := strings.Replace(cert, "site 600078 ", "site 600078 600079+1 ", 1)
	own = strings.Replace(own, " 0300000000000000", " 580300000000000000", 1)
	_, err = Check(program, strings.NewReader(own))
	assert.EqualError(t, err, "the byte at 0x600079 is live, which is not on the stack")
}

// The seed of release 1.9.1 for amd64.
func TestUpstream(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	seed, err := os.ReadFile(filepath.Join(tree, "bootstrap-seeds/POSIX/AMD64/hex0-seed"))
	require.NoError(t, err)
	var cert bytes.Buffer
	require.NoError(t, prove.WriteCertificate(&cert, seed))
	r, err := Check(seed, &cert)
	require.NoError(t, err)
	assert.Equal(t, 312, r.States)
	assert.Equal(t, 9528, r.Transitions)
}
