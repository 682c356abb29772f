//go:build linux && amd64

package recheck

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
	"stage0/internal/prove"
	"stage0/source"
)

// hex0Program returns package prove's program for an architecture, and its certificate.
func hex0Program(t testing.TB, arch string) (program []byte, cert string) {
	t.Helper()
	name := "../prove/testdata/" + arch + ".hex0"
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, source.Bytes(name, text), hex0.ForArch(arch)))
	return out.Bytes(), certificate(t, out.Bytes())
}

func certificate(t testing.TB, program []byte) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, prove.WriteCertificate(&b, program))
	return b.String()
}

// check checks a certificate. The test is skipped if this machine cannot.
func check(t *testing.T, program []byte, cert string) (*Result, error) {
	t.Helper()
	r, err := Check(program, strings.NewReader(cert))
	if machine := (*MachineError)(nil); errors.As(err, &machine) {
		t.Skipf("this machine cannot check it: %v", err)
	}
	return r, err
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		arch  string
		reads int
	}{{"amd64", 36}, {"x86", 36}} {
		t.Run(test.arch, func(t *testing.T) {
			t.Parallel()
			program, cert := hex0Program(t, test.arch)
			r, err := check(t, program, cert)
			require.NoError(t, err)
			assert.Equal(t, test.arch, r.Arch)
			assert.Equal(t, strings.Count(cert, "\nstate "), r.States)
			writes := r.States - test.reads - 2
			assert.Equal(t, test.reads*257+writes+3, r.Transitions, "reads; writes; the start and two opens")
			assert.Greater(t, r.Steps, 10*r.Transitions)
		})
	}
}

// A certificate that is not right is refused, wherever it is wrong.
func TestWrong(t *testing.T) {
	program, cert := hex0Program(t, "amd64")
	for _, test := range []struct{ name, old, new, want string }{
		{"version", "proof 2", "proof 1", `line 1: expected "stage0-hex0-proof 2", have "stage0-hex0-proof 1"`},
		{"empty", cert, "", `line 1: expected "stage0-hex0-proof 2", have ""`},
		{
			"program", "program amd64 ", "program amd64 0",
			`line 2: expected "program amd64 515aee76862f1a93f244ba242110e819f0856d2b752c767d2189940d47a56420", ` +
				`have "program amd64 0515aee76862f1a93f244ba242110e819f0856d2b752c767d2189940d47a56420"`,
		},
		{
			"registers", " r8 r9 ", " r9 r8 ",
			`line 4: expected "registers rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rflags", ` +
				`have "registers rax rcx rdx rbx rsp rbp rsi rdi r9 r8 r10 r11 r12 r13 r14 r15 rflags"`,
		},
		{"no number", "site 600078 7", "site 60007x 7", `line 5: "60007x" is not an address`},
		{"an edge leads elsewhere", "edge 23-23 3", "edge 23-23 2", `line 16: expected "edge 23-23 3", have "edge 23-23 2"`},
		{"an edge is missing", "edge 23-23 3\n", "", `line 16: expected "edge 23-23 3", have "edge 24-2f 2"`},
		{"the end", "edge 100-100 exit", "edge 100-100 2", `line 47: expected "edge 100-100 exit", have "edge 100-100 2"`},
		{
			"a register", "state 2 6000af 0,", "state 2 6000af 1,",
			`line 14: expected "state 2 6000af 0,6000af,1,0,7fffffffefa8,0,7fffffffefa8,3,0,0,0,246,3,4,0,0,246 - read:3:7fffffffefa8:1", ` +
				`have "state 2 6000af 1,6000af,1,0,7fffffffefa8,0,7fffffffefa8,3,0,0,0,246,3,4,0,0,246 - read:3:7fffffffefa8:1"`,
		},
		{"an unknown line", "edge 0-0 1", "way 0-0 1", `line 11: expected "edge 0-0 1", have "way 0-0 1"`},
		{"more lines", cert, cert + "state 1\n", fmt.Sprintf(`line %d: expected the end, have "state 1"`, strings.Count(cert, "\n")+1)},
		{"more live bytes", "site 6000af", "site 6000af 7fffffffe000+1", "line 12: from state 1 with answer 0: 0x7fffffffe000, which is not live, is needed"},
		{"live bytes of the program", "site 6000af", "site 6000af 600078+1", `line 8: "600078+1" is not a range on the stack`},
		{"too many live bytes", "site 6000af", "site 6000af 7fffffffe000+3000", `line 8: "7fffffffe000+3000" is not a range on the stack`},
		{"no live bytes", "site 6000af", "site 6000af 7fffffffe000+0", `line 8: "7fffffffe000+0" is not a range on the stack`},
		{"live bytes twice", "site 6000af", "site 6000af 7fffffffe000+2 7fffffffe001+1", `line 8: "7fffffffe001+1" is not after the ranges before it`},
		{"a live byte is missing", "site 600084 7fffffffefa8+8 7fffffffeff4+4", "site 600084 7fffffffefa8+8 7fffffffeff4+3",
			`line 10: expected "state 0 600084 2,600084,0,0,7fffffffefa8,0,0,7fffffffeff1,0,0,0,246,0,0,0,0,246 f4efffffff7f00006f7574 open:in:0:0", ` +
				`have "state 0 600084 2,600084,0,0,7fffffffefa8,0,0,7fffffffeff1,0,0,0,246,0,0,0,0,246 f4efffffff7f00006f757400 open:in:0:0"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.True(t, strings.Contains(cert, test.old))
			_, err := check(t, program, strings.Replace(cert, test.old, test.new, 1))
			assert.EqualError(t, err, test.want)
		})
	}
}

// A certificate for another processor is not wrong, but cannot be checked here.
func TestOtherProcessor(t *testing.T) {
	program, cert := hex0Program(t, "amd64")
	_, err := Check(program, strings.NewReader(strings.Replace(cert, "program amd64", "program riscv64", 1)))
	require.EqualError(t, err, "this processor does not execute programs for riscv64")
	assert.ErrorAs(t, err, new(*MachineError))
}

// A program that is not hex0 is refused, whatever its certificate says: here, what it
// says of hex0, with the digest of the program.
func TestForged(t *testing.T) {
	for _, test := range []struct{ name, arch, old, new, want string }{
		{"another flag", "amd64", "\xbe\x41\x02", "\xbe\x41\x06", "line 10: from state 0 with answer 0: the program calls open:out:641:1c0, which hex0 does not"},
		{"another digit", "amd64", "\x2c\x30", "\x2c\x31", `line 28: expected "edge 3a-3a 14", have "edge 3a-3a 2"`},
		{"a load of what is not live", "amd64", "\x8a\x04\x24", "\x8a\x44\x24", "line 14: from state 2 with answer 0: at 0x6000b3, MOV AL, [RSP+Reg(0)+0x3c]: it loads 0x7fffffffefe4, which is not live"},
		{"a load of an argument", "amd64", "\x31\xf6\x31\xd2", "\x8a\x07\x31\xf6", "line 10: from the start with answer 0: at 0x60007b, MOV AL, [RDI]: it loads 0x7fffffffeff1, a byte of the arguments"},
		{"a store to an argument", "amd64", "\x58\x58\x5f\x31\xf6\x31\xd2", "\x58\x58\x5f\xc6\x07\x69\x52", "line 10: from the start with answer 0: at 0x60007b, MOV [RDI], 0x69: it stores to 0x7fffffffeff1, a byte of the arguments"},
		{"a path of its own", "amd64", "\x58\x58\x5f\x31\xf6\x31\xd2", "\x68\x69\x6e\x00\x00\x54\x5f", "line 10: from the start with answer 0: it opens a text at 0x7fffffffef88, which is not an argument"},
		{"an argument written", "amd64", "\x58\x58\x5f\x31\xf6\x31\xd2\x6a\x02", "\x58\x58\x5e\xff\xc2\x31\xff\x6a\x01", "line 10: from the start with answer 0: it loads 0x7fffffffeff1, a byte of the arguments"},
		{"a store to the program", "x86", "\x88\x04\x24", "\x88\x05\x54", "line 55: from state 4 with answer 30: at 0x80480cc, MOV [+0x2444c754], AL: it stores to 0x2444c754, outside of the stack"},
		{"an unknown instruction", "amd64", "\x58\x58\x5f\x31\xf6\x31\xd2", "\x58\x58\x5f\x0f\x31\x31\xf6", "line 10: from the start with answer 0: at 0x60007b, RDTSC: the checker does not know this instruction"},
		{"half a word on the stack", "amd64", "\x58\x58\x5f\x31\xf6", "\x58\x66\x50\x31\xf6", "line 10: from the start with answer 0: at 0x600079, PUSH AX: the checker does not know this operand"},
		{"a segment register on the stack", "amd64", "\x58\x58\x5f\x31\xf6", "\x58\x0f\xa0\x31\xf6", "line 10: from the start with answer 0: at 0x600079, PUSH FS: the checker does not know this register"},
		{"a segment register loaded", "x86", "\x58\x58\x5b\x31", "\x8e\xd8\x5b\x31", "line 10: from the start with answer 0: at 0x8048054, MOV DS, EAX: the checker does not know this register"},
		{"a segment register stored", "amd64", "\x58\x58\x5f\x31\xf6", "\x8c\xd8\x5f\x31\xf6", "line 10: from the start with answer 0: at 0x600078, MOV EAX, DS: the checker does not know this register"},
		{"code after which the processor does not stop", "amd64", "\x58\x58\x5f\x31\xf6", "\x8e\xd0\x88\x07\xf6", "line 10: from the start with answer 0: at 0x600078, MOV SS, EAX: the checker does not know this register"},
		{"an address in a segment", "x86", "\x58\x58\x5b\x31\xc9\x31\xd2", "\x65\xa1\x5b\x31\xc9\x31\xd2", "line 10: from the start with answer 0: at 0x8048054, MOV EAX, [+0x31c9315b]: the checker does not know this address"},
		{"code on the stack", "x86", "\x58\x58\x5b\x31", "\x6a\x40\xff\xe4", "line 10: from the start with answer 0: at 0xffffdfbc, the program executes its stack"},
		{"an address without a register", "x86", "\x31\xc9\x31\xd2", "\x8b\x0d\x31\xd2", "line 10: from the start with answer 0: at 0x8048057, MOV ECX, [+0x56ad231]: it loads 0x56ad231, which is not live"},
	} {
		t.Run(test.name, func(t *testing.T) {
			program, cert := hex0Program(t, test.arch)
			sum := func(p []byte) string { return fmt.Sprintf("%x", sha256.Sum256(p)) }
			require.True(t, bytes.Contains(program, []byte(test.old)))
			changed := bytes.Replace(program, []byte(test.old), []byte(test.new), 1)
			_, err := check(t, changed, strings.Replace(cert, sum(program), sum(changed), 1))
			assert.EqualError(t, err, test.want)
		})
	}
}

// No text makes the checker panic, use much memory, or print a long error, and what it
// accepts has all ways of hex0.
func FuzzCheck(f *testing.F) {
	program, cert := hex0Program(f, "amd64")
	lines := strings.SplitAfter(cert, "\n")
	for _, n := range []int{0, 1, 4, 9, 20} {
		f.Add(strings.Join(lines[:n], ""))
	}
	f.Add("stage0-hex0-proof 2\nprogram " + strings.Repeat("\x1b", 1000) + " 0\n")
	f.Add(strings.Join(lines[:4], "") + "site 600084" + strings.Repeat(" 7fffffffe000+2000", 10_000) + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := check(t, program, text)
		if err != nil {
			assert.Less(t, len(err.Error()), 3000)
			return
		}
		assert.GreaterOrEqual(t, r.Transitions, 36*257)
	})
}

// The seeds of release 1.9.1.
func TestUpstream(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	for _, test := range []struct {
		dir                 string
		states, transitions int
	}{{"AMD64", 311, 9528}, {"x86", 526, 64783}} {
		t.Run(test.dir, func(t *testing.T) {
			t.Parallel()
			seed, err := os.ReadFile(filepath.Join(tree, "bootstrap-seeds/POSIX", test.dir, "hex0-seed"))
			require.NoError(t, err)
			r, err := check(t, seed, certificate(t, seed))
			require.NoError(t, err)
			assert.Equal(t, test.states, r.States)
			assert.Equal(t, test.transitions, r.Transitions)
		})
	}
}
