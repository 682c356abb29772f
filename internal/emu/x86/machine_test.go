package x86

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// TestSyscall tests Linux's calling conventions for system calls: syscall(2).
// Register r holds 100+r.
func TestSyscall(t *testing.T) {
	for _, test := range []struct {
		amd64  bool
		code   []byte
		args   [6]uint64
		result uint64 // for -2
	}{
		{true, []byte{0x0F, 0x05}, [6]uint64{107, 106, 102, 110, 108, 109}, 0xFFFFFFFFFFFFFFFE},
		{false, []byte{0xCD, 0x80}, [6]uint64{103, 101, 102, 106, 107, 105}, 0xFFFFFFFE},
	} {
		c, mem := newMachine(test.amd64)
		if err := mem.Init(codeAt, test.code); err != nil {
			t.Fatal(err)
		}
		c.SetPC(codeAt)
		for r := range c.target.Regs {
			c.SetRegister(micro.Reg(r), uint64(100+r))
		}
		c.setLiteral(micro.FlagZ)

		if err := c.Step(); err != cpu.ErrSyscall || c.PC() != codeAt+2 {
			t.Errorf("amd64 %v: %v, then %#x", test.amd64, err, c.PC())
		}
		if number, args := c.Syscall(); number != 100 || args != test.args {
			t.Errorf("amd64 %v: call %d, arguments %d, want %d", test.amd64, number, args, test.args)
		}
		if c.r[r11] != 0x242 && test.amd64 {
			t.Errorf("r11 is %#x, want the flags", c.r[r11])
		}
		clone := c.Clone(mem)
		c.SetResult(-2)
		if got, kept := c.Register(ax), clone.Register(ax); got != test.result || kept != 100 {
			t.Errorf("amd64 %v: the result is %#x, want %#x, the clone's %d", test.amd64, got, test.result, kept)
		}
	}
}

// TestFetch tests bytes that are not an instruction, at the end of executable memory.
func TestFetch(t *testing.T) {
	for _, test := range []struct {
		amd64 bool
		code  string // the last bytes
		want  string
	}{
		{true, "", "0x402000: jump to an address without code"},
		{true, "48b8", "0x401ffe: 48 b8: unknown instruction"},
		{true, "488b", "0x401ffe: 48 8b: unknown instruction"},
		{true, "66", "0x401fff: 66: unknown instruction"},
		{true, "0f0b", "0x401ffe: 0f 0b: unknown instruction"},
		{true, "cd80", "0x401ffe: cd 80: unknown instruction"},
		{false, "cd03", "0x401ffe: cd 03: unknown instruction"},
		{false, "0f05", "0x401ffe: 0f 05: unknown instruction"},
		{false, "63c0", "0x401ffe: 63 c0: unknown instruction"},
		{false, "66c3", "0x401ffe: 66 c3: unknown instruction"},
	} {
		code, err := hex.DecodeString(test.code)
		if err != nil {
			t.Fatal(err)
		}
		c, mem := newMachine(test.amd64)
		at := codeAt + 2*cpu.PageSize - uint64(len(code))
		if err := mem.Init(at, code); err != nil {
			t.Fatal(err)
		}
		c.SetPC(at)
		stepped := c.Step()
		_, measured := c.Length()
		for _, err := range []error{stepped, measured} {
			assert.EqualError(t, err, test.want)
		}
		if _, ok := c.target.Lower(at, mem.Fetch(at, maxLength), mem.Fetch); ok {
			t.Errorf("%s: there is such an instruction", test.code)
		}
	}
}
