package x86

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		require.NoError(t, mem.Init(codeAt, test.code))
		c.SetPC(codeAt)
		for r := range c.target.Regs {
			c.SetRegister(micro.Reg(r), uint64(100+r))
		}
		c.setLiteral(micro.FlagZ)

		assert.Equal(t, cpu.ErrSyscall, c.Step())
		assert.EqualValues(t, codeAt+2, c.PC())
		number, args := c.Syscall()
		assert.EqualValues(t, 100, number)
		assert.Equal(t, test.args, args)
		if test.amd64 {
			assert.EqualValues(t, 0x242, c.r[r11], "r11 holds the flags")
		}
		clone := c.Clone(mem)
		c.SetResult(-2)
		assert.Equal(t, test.result, c.Register(ax))
		assert.EqualValues(t, 100, clone.Register(ax))
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
		require.NoError(t, err)
		c, mem := newMachine(test.amd64)
		at := codeAt + 2*cpu.PageSize - uint64(len(code))
		require.NoError(t, mem.Init(at, code))
		c.SetPC(at)
		assert.EqualError(t, c.Step(), test.want)
		_, err = c.Length()
		assert.EqualError(t, err, test.want)
		_, ok := c.target.Lower(at, mem.Fetch(at, maxLength), mem.Fetch)
		assert.False(t, ok, test.code)
	}
}
