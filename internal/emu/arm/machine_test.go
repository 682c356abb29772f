package arm_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/arm"
	"stage0/internal/emu/cpu"
)

// start returns a processor that is about to execute words, which start at 0x600000,
// and its memory.
func start(t *testing.T, words ...uint32) (cpu.CPU, *cpu.Memory) {
	t.Helper()
	const base, stackTop = 0x600000, 0x7f_ffff_f000
	mem := cpu.NewMemory(cpu.Layout{
		Base: base, Perms: []cpu.Perm{cpu.Read | cpu.Write | cpu.Exec}, MaxImage: 1 << 20,
		StackTop: stackTop, StackSize: cpu.PageSize,
	})
	var code []byte
	for _, w := range words {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	require.NoError(t, mem.Init(base, code))
	c := arm.New64(mem)
	c.SetPC(base)
	c.SetSP(stackTop - 1024)
	return c, mem
}

// TestFaults tests instructions that cannot be executed, after some that can. They
// must not change registers and PC.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		words []uint32 // at 0x600000
		after int      // number of instructions executed before
		want  string
	}{
		{"undefined", []uint32{movz(1, 5, 0), 0}, 1, "0x600004: 00 00 00 00: unknown instruction"},
		{"breakpoint", []uint32{movz(1, 5, 0), 0xD4200000}, 1, "0x600004: 00 00 20 d4: breakpoint"},
		{"jump to nowhere", []uint32{movz(1, 5, 0), 0xD61F0020}, 2, "0x5: jump to an address without code"},
		{"jump into an instruction", []uint32{0x10000021, addImm(1, 1, 2), 0xD61F0020}, 3, "0x600006: jump to an address without code"},
		{"jump to the stack", []uint32{addImm(1, 31, 0), 0xD61F0020}, 2, "0x7fffffec00: jump to an address without code"},
		{"load", []uint32{movz(1, 5, 0), 0xF9400022}, 1,
			"0x600004: 22 00 40 f9: load from 0x5 is not allowed"},
		{"store", []uint32{movz(1, 5, 0), 0xF9000022}, 1,
			"0x600004: 22 00 00 f9: store to 0x5 is not allowed"},
		{"push", []uint32{movz(18, 16, 0), 0xF81F8E40}, 1,
			"0x600004: 40 8e 1f f8: store to 0x8 is not allowed"},
		{"pop", []uint32{movz(18, 16, 0), 0xF8408640}, 1,
			"0x600004: 40 86 40 f8: load from 0x10 is not allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := start(t, test.words...)
			for range test.after {
				require.NoError(t, c.Step())
			}
			pc, before := c.PC(), c.Registers(nil)
			err := c.Step()
			require.EqualError(t, err, test.want)
			var fault *cpu.Fault
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, pc, fault.PC)
			assert.Equal(t, pc, c.PC())
			assert.Equal(t, before, c.Registers(nil))
		})
	}
}

// TestLength tests the length of an instruction, and the error if there is none.
func TestLength(t *testing.T) {
	c, _ := start(t, svc, 0)
	n, err := c.Length()
	assert.NoError(t, err)
	assert.Equal(t, 4, n)
	c.SetPC(0x600004)
	_, err = c.Length()
	assert.EqualError(t, err, "0x600004: 00 00 00 00: unknown instruction")
}

// TestClone tests that a clone runs independently, with the same flags.
func TestClone(t *testing.T) {
	c, mem := start(t, movz(0, 3, 0), 0xF1000C1F, branchIf(1, 8), addImm(0, 0, 1), svc) // cmp x0, 3
	for range 2 {
		require.NoError(t, c.Step())
	}
	d := c.Clone(mem.Clone())
	for _, one := range []cpu.CPU{c, d} {
		var err error
		for err == nil {
			err = one.Step()
		}
		require.Equal(t, cpu.ErrSyscall, err)
		_, args := one.Syscall()
		assert.EqualValues(t, 4, args[0])
		one.SetResult(-2)
	}
}

// TestFlags tests the flags in Registers.
func TestFlags(t *testing.T) {
	for _, test := range []struct {
		name string
		word uint32 // sets the flags; x0 is 0x7FFF000000000000
		want uint64
	}{
		{"equal", 0xEB00001F, 1<<30 | 1<<29},             // cmp x0, x0
		{"greater", 0xF100041F, 1 << 29},                 // cmp x0, 1
		{"less, unsigned", 0xEB0003FF, 1 << 31},          // cmp xzr, x0
		{"overflow", 0xAB00001F, 1<<31 | 1<<28},          // cmn x0, x0
		{"zero", 0x6A00001F, 1 << 30},                    // tst w0, w0
		{"a sum of zeros", 0x2B0003FF, 1 << 30},          // cmn wzr, w0
		{"equal, of 32 bits", 0x6B00001F, 1<<30 | 1<<29}, // cmp w0, w0
		{"a sum that is positive", 0x31400400, 0},        // adds w0, w0, 1, lsl 12
		{"less, of 32 bits", 0x71000400, 1 << 31},        // subs w0, w0, 1
	} {
		c, _ := start(t, movz(0, 0x7FFF, 48), test.word)
		for range 2 {
			require.NoError(t, c.Step())
		}
		regs := c.Registers(nil)
		assert.Equal(t, cpu.Register{Name: "nzcv", Value: test.want}, regs[len(regs)-1], test.name)
	}
}
