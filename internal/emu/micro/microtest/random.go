package microtest

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Trials returns how many random trials to make of n: in short mode, a tenth.
func Trials(n int) int {
	if testing.Short() {
		return max(n/10, 1)
	}
	return n
}

// Base is the address of the memory of random trials.
const Base = 0x600000

// perms are the permissions of its pages, as in real programs. Code is in the first
// two.
var perms = []cpu.Perm{
	cpu.Read | cpu.Exec,
	cpu.Read | cpu.Write | cpu.Exec,
	cpu.Read | cpu.Write,
	cpu.Read | cpu.Write,
	cpu.Read,
	0,
}

// A Random generates operands of instructions, for a processor with words of so many
// bits and one page of stack.
type Random struct {
	*rand.Rand
	Bits     int
	StackTop uint64
}

// Memory returns a memory of random words, some of which are addresses of code.
func (r Random) Memory(t *testing.T) *cpu.Memory {
	mem := cpu.NewMemory(cpu.Layout{
		Base: Base, Perms: perms, MaxImage: 1 << 20, StackTop: r.StackTop, StackSize: cpu.PageSize,
	})
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := 0; i < n; i += r.Bits / 8 {
			if r.Bits == 64 {
				binary.LittleEndian.PutUint64(b[i:], r.Value())
			} else {
				binary.LittleEndian.PutUint32(b[i:], uint32(r.Value()))
			}
		}
		return b
	}
	require.NoError(t, mem.Init(Base, random(len(perms)*cpu.PageSize)))
	require.NoError(t, mem.Init(r.StackTop-cpu.PageSize, random(cpu.PageSize)))
	return mem
}

// Address returns an address that is usually in the memory.
func (r Random) Address() uint64 {
	switch r.IntN(10) {
	case 0:
		return r.StackTop - uint64(r.IntN(cpu.PageSize))
	case 1:
		return Base + uint64(1+r.IntN(len(perms)))*cpu.PageSize - uint64(r.IntN(8))
	case 2:
		return zeroExtend(r.Uint64(), r.Bits)
	}
	return Base + uint64(r.IntN(len(perms)*cpu.PageSize))
}

// PC returns the address of an instruction of 4 bytes.
func (r Random) PC() uint64 { return Base + 4*uint64(r.IntN(2*cpu.PageSize/4)) }

// Value returns a value of a register.
func (r Random) Value() uint64 {
	edges := []uint64{0, 1, 2, 31, 32, 33, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63}
	v := r.Uint64() >> r.IntN(64)
	switch r.IntN(8) {
	case 0, 1:
		v = edges[r.IntN(len(edges))]
	case 2:
		v = -edges[r.IntN(len(edges))]
	case 3:
		v = uint64(r.IntN(300))
	case 4:
		v = Base + 4*uint64(r.IntN(256))
	}
	return zeroExtend(v, r.Bits)
}

// Lower executes n random instructions with Step, and returns how many of them are not
// left to the executor. next returns a processor that is about to execute an
// instruction word; mayLeave reports whether micro-operations may leave the word to the
// executor even without a fault.
func (r Random) Lower(t *testing.T, n int, next func(mem *cpu.Memory) (c cpu.CPU, word uint32), mayLeave func(word uint32) bool) (done int) {
	var mem *cpu.Memory
	for i := range n {
		if i%50 == 0 {
			mem = r.Memory(t)
		}
		c, word := next(mem)
		pc, regs := c.PC(), registers(c)
		left, fault, err := Step(c, mem)
		if err != nil {
			t.Fatalf("%08x at %#x, registers %x: %v", word, pc, regs, err)
		}
		if left && (fault == nil || fault == cpu.ErrSyscall) && !mayLeave(word) {
			t.Fatalf("%08x at %#x, registers %x: left to the executor", word, pc, regs)
		}
		if !left {
			done++
		}
	}
	t.Logf("%d of %d done", done, n)
	return done
}

// Refuses tests what cannot be lowered. nop and none are words at Base, of which only
// the first is an instruction.
func Refuses(t *testing.T, target *micro.Target, nop, none uint32) {
	t.Helper()
	word := func(w uint32) []byte { return binary.LittleEndian.AppendUint32(nil, w) }
	for _, test := range []struct {
		name  string
		pc    uint64
		bytes []byte
		want  bool
	}{
		{"an instruction", Base, word(nop), true},
		{"at an odd address", Base + 2, word(nop), false},
		{"at the end of the code", Base, word(nop)[:3], false},
		{"no instruction", Base, word(none), false},
	} {
		_, ok := target.Lower(test.pc, test.bytes, func(uint64, int) []byte { return nil })
		assert.Equal(t, test.want, ok, test.name)
	}
}

// A Lowered is an instruction word and what it is lowered to, but for PC and Length.
type Lowered = struct {
	Word uint32
	Want micro.Instruction
}

// Literal is a word in a program that is not an instruction.
const Literal = 0x12345678

// Says tests the exact micro-operations of a program at Base.
func Says(t *testing.T, target *micro.Target, program []Lowered) {
	t.Helper()
	var image []byte
	for _, w := range program {
		image = binary.LittleEndian.AppendUint32(image, w.Word)
	}
	code := func(a uint64, n int) []byte { return image[a-Base:][:n] }
	for i, w := range program {
		if w.Word == Literal {
			continue
		}
		w.Want.PC, w.Want.Length = Base+4*uint64(i), 4
		got, ok := target.Lower(w.Want.PC, code(w.Want.PC, 4), code)
		assert.True(t, ok, "%08x", w.Word)
		if diff := cmp.Diff(w.Want, got); diff != "" {
			t.Errorf("%08x: -want +got:\n%s", w.Word, diff)
		}
	}
}
