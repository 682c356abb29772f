package arm

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

const trialStack = 0x7f_ffff_f000

// trials generates random instructions and operands.
type trials struct{ microtest.Random }

func newTrials(seed int) trials {
	return trials{microtest.Random{Rand: rand.New(rand.NewPCG(7, uint64(seed))), Bits: 64, StackTop: trialStack}}
}

// core returns a core that is about to execute an instruction word, with registers
// that make success likely.
func (r trials) core(t *testing.T, mem *cpu.Memory, word uint32) *core {
	c := &core{mem: mem, pc: r.PC()}
	require.NoError(t, mem.Init(c.pc, binary.LittleEndian.AppendUint32(nil, word)))
	for i := range c.x[:sp+1] {
		c.x[i] = r.Value()
	}
	switch r.IntN(3) {
	case 0:
		c.flags = micro.Flags{A: r.Uint64() & micro.AllFlags}
	case 1:
		a, b := uint64(uint32(r.Value())), uint64(uint32(r.Value()))
		c.flags = micro.Flags{Kind: micro.Comparison, Size: 4, A: a, B: b, R: uint64(uint32(a - b))}
	case 2:
		a, b := r.Value(), r.Value()
		c.flags = micro.Flags{Kind: micro.Sum, Size: 8, A: a, B: b, R: a + b}
	}
	switch in := decode(word); in.op {
	case opLDR, opSTR, opLDRpre, opSTRpre:
		c.x[in.rn] = r.Address() - in.imm
	case opLDRpost, opSTRpost:
		c.x[in.rn] = r.Address()
	case opLDRreg, opSTRreg:
		if in.rm != zero {
			c.x[in.rm] = uint64(r.IntN(256) - 128)
		}
		c.x[in.rn] = r.Address() - extend(c.x[in.rm], uint8(in.imm))<<in.amount
	}
	return c
}

// word returns an instruction word of an encoding, with the other bits random:
// sometimes with few bits set, so that fields are zero. Literals are usually near.
func (r trials) word(e *encoding) uint32 {
	for {
		w := r.Uint32()
		if r.IntN(4) == 0 {
			w &= r.Uint32() & r.Uint32()
		}
		if e.op == opLDRlit && r.IntN(10) > 0 {
			w = w&^(0x7FFFF<<5) | uint32(r.IntN(1<<13)-1<<12)&0x7FFFF<<5
		}
		if w = w&^e.mask | e.bits; decode(w).op != opNone {
			return w
		}
	}
}

// leaves are the instructions that micro-operations may leave to the executor even
// without a fault: divisions, and jumps to unaligned addresses.
var leaves = map[op]bool{opUDIV: true, opSDIV: true, opBR: true, opBLR: true, opRET: true}

// TestLower tests every encoding with random operands, and compares its
// micro-operations with core.execute.
func TestLower(t *testing.T) {
	n := microtest.Trials(1000)
	for i := range encodings {
		e := &encodings[i]
		t.Run(fmt.Sprintf("%08x %08x", e.mask, e.bits), func(t *testing.T) {
			t.Parallel()
			r := newTrials(i)
			done := r.Lower(t, n, func(mem *cpu.Memory) (cpu.CPU, uint32) {
				word := r.word(e)
				return r.core(t, mem, word), word
			}, func(word uint32) bool { return leaves[decode(word).op] })
			assert.Equal(t, e.op == opBRK, done < n/4, "few are done")
		})
	}
}

// TestLowerDivides tests divisions that are left to the executor, and some that are
// not.
func TestLowerDivides(t *testing.T) {
	const udiv, sdiv, sdivw = 0x9AC10802, 0x9AC10C02, 0x1AC10C02 // x2 = x0 / x1
	for _, test := range []struct {
		word uint32
		n, m uint64
		left bool
		want uint64
	}{
		{udiv, 7, 2, false, 3},
		{udiv, 7, 0, true, 0},
		{udiv, 1 << 63, ^uint64(0), false, 0},
		{sdiv, 7, ^uint64(1), false, ^uint64(2)},
		{sdiv, 7, 0, true, 0},
		{sdiv, 1 << 63, ^uint64(0), true, 1 << 63},
		{sdivw, 1 << 31, 1<<32 - 1, true, 1 << 31},
		{sdivw, 7, 1<<32 - 2, false, 1<<32 - 3},
		{sdivw, 7, 1 << 32, true, 0},
	} {
		r := newTrials(1)
		mem := r.Memory(t)
		c := r.core(t, mem, test.word)
		c.x[0], c.x[1] = test.n, test.m
		left, fault, err := microtest.Step(c, mem)
		require.NoError(t, err)
		require.NoError(t, fault)
		assert.Equal(t, test.left, left, "%08x: %#x / %#x", test.word, test.n, test.m)
		assert.Equal(t, test.want, c.x[2], "%08x: %#x / %#x", test.word, test.n, test.m)
	}
}

// TestLowerLiteral tests literals. One that is only partly in the code must be a
// load.
func TestLowerLiteral(t *testing.T) {
	const ldr, ldrw, ldrsw = 0x58000040, 0x18000040, 0x98000040 // x0, from pc + 8
	for _, test := range []struct {
		word    uint32
		there   int // number of bytes of code at pc + 8
		literal uint8
		want    micro.Op // the last operation
	}{
		{ldr, 8, 8, micro.Op{Code: micro.Set, A: micro.K(0x8786858483828180)}},
		{ldr, 4, 0, micro.Op{Code: micro.Set, A: micro.R(micro.T0)}},
		{ldrw, 8, 4, micro.Op{Code: micro.Set, A: micro.K(0x83828180)}},
		{ldrw, 0, 0, micro.Op{Code: micro.Set, A: micro.R(micro.T0)}},
		{ldrsw, 4, 4, micro.Op{Code: micro.Set, A: micro.K(0xFFFFFFFF83828180)}},
	} {
		code := func(a uint64, n int) []byte {
			assert.EqualValues(t, microtest.Base+8, a, "%08x", test.word)
			return []byte{0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87}[:min(n, test.there)]
		}
		in, ok := lower(microtest.Base, binary.LittleEndian.AppendUint32(nil, test.word), code)
		require.True(t, ok, "%08x", test.word)
		assert.Equal(t, test.literal, in.Literal, "%08x", test.word)
		assert.Equal(t, test.want, in.Ops[len(in.Ops)-1], "%08x", test.word)
	}
}

// TestLowerRefuses tests what cannot be executed.
func TestLowerRefuses(t *testing.T) { microtest.Refuses(t, &target, 0xD503201F, 0) }

// TestLowerSays tests the exact micro-operations of a function call as in the
// ladder's programs.
func TestLowerSays(t *testing.T) {
	r, k, t0, t1 := micro.R, micro.K, micro.T0, micro.T0+1
	microtest.Says(t, &target, []microtest.Lowered{
		{0xF81F8E5E, micro.Instruction{ // str x30, [x18, -8]!
			Ops: []micro.Op{
				{Code: micro.Store, Size: 8, A: r(18).Plus(^uint64(7)), B: r(30)},
				{Code: micro.Set, To: 18, A: r(18).Plus(^uint64(7))},
			},
		}},
		{0x18000050, micro.Instruction{ // ldr w16, literal
			Ops:     []micro.Op{{Code: micro.Set, To: 16, A: k(microtest.Literal)}},
			Literal: 4, LiteralAt: microtest.Base + 12,
		}},
		{0x14000002, micro.Instruction{Flow: micro.Jump, To: k(microtest.Base + 16)}},
		{Word: microtest.Literal},
		{0xD63F0200, micro.Instruction{ // blr x16
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(16), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Set, To: 30, A: k(microtest.Base + 20)},
			},
			Flow: micro.Call, To: r(16),
		}},
		{0xF840865E, micro.Instruction{ // ldr x30, [x18], 8
			Ops: []micro.Op{
				{Code: micro.Load, Size: 8, To: t0, A: r(18)},
				{Code: micro.Set, To: 30, A: r(t0)},
				{Code: micro.Set, To: 18, A: r(18).Plus(8)},
			},
		}},
		{0xD65F03C0, micro.Instruction{ // ret
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(30), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
			},
			Flow: micro.Return, To: r(30),
		}},
	})
}
