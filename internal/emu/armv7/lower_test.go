package armv7

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

const trialStack = 0xff7fe000

// trials generates random instructions and operands.
type trials struct{ microtest.Random }

func newTrials(seed int) trials {
	return trials{microtest.Random{Rand: rand.New(rand.NewPCG(7, uint64(seed))), Bits: 32, StackTop: trialStack}}
}

func (r trials) value() uint32   { return uint32(r.Value()) }
func (r trials) address() uint32 { return uint32(r.Address()) }

// flags returns flags of every kind that core.execute sets.
func (r trials) flags() (f micro.Flags) {
	a, b := r.value(), r.value()
	switch r.IntN(4) {
	case 0:
		return micro.Flags{A: r.Uint64() & (micro.FlagC | micro.FlagZ | micro.FlagN | micro.FlagV)}
	case 1:
		_, f = sum(a, b, r.IntN(2) == 0)
	case 2:
		_, f = difference(a, b, r.IntN(2) == 0)
	default:
		f = micro.Flags{Kind: micro.Result, Size: 4, A: r.Uint64() & (micro.FlagC | micro.FlagV), R: uint64(a)}
	}
	return f
}

// word returns an instruction word of an encoding, with the other bits random. It is
// usually unconditional, and its literal near.
func (r trials) word(e *row) uint32 {
	for {
		w := r.Uint32()
		if r.IntN(4) > 0 {
			w = w&^(15<<28) | always<<28
		}
		if r.IntN(4) > 0 && e.form == immediate && accesses[e.op].size > 0 {
			w &^= 1 << 11 // an offset below 2 KiB
		}
		if w = w&^e.mask | e.bits; decode(w).op == e.op {
			return w
		}
	}
}

// core returns a core that is about to execute an instruction word, with registers
// that make success likely.
func (r trials) core(t *testing.T, mem *cpu.Memory, word uint32) *core {
	c := &core{mem: mem, pc: uint32(r.PC()), flags: r.flags()}
	require.NoError(t, mem.Init(uint64(c.pc), binary.LittleEndian.AppendUint32(nil, word)))
	for i := range c.r {
		c.r[i] = r.value()
	}
	in := decode(word)
	if in.n == pc {
		return c
	}
	switch {
	case in.op == opLDM || in.op == opSTM:
		start, _ := in.block(0)
		c.r[in.n] = r.address()&^3 - start
	case accesses[in.op].size > 0:
		if in.form == register {
			c.r[in.m] = uint32(r.IntN(256))
		}
		c.r[in.n] = r.address() - in.distance(c)
	}
	return c
}

// distance returns the distance of a load or store from its base.
func (in *inst) distance(c *core) uint32 {
	base, moved := c.addresses(in)
	if in.p {
		return moved - base
	}
	return 0
}

// leaves reports whether micro-operations may leave an instruction to the executor
// even without a fault: divisions, and instructions that lower leaves.
func leaves(in *inst) bool {
	return in.op == opUDIV || in.op == opSDIV || in.awkward() || in.leads() && in.cond != always
}

// TestLower tests every encoding with random operands, and compares its
// micro-operations with core.execute.
func TestLower(t *testing.T) {
	n := microtest.Trials(1000)
	for i := range rows() {
		e := &rows()[i]
		t.Run(e.pattern, func(t *testing.T) {
			t.Parallel()
			r := newTrials(i)
			done := r.Lower(t, n, func(mem *cpu.Memory) (cpu.CPU, uint32) {
				word := r.word(e)
				return r.core(t, mem, word), word
			}, func(word uint32) bool { in := decode(word); return leaves(&in) })
			assert.Equal(t, leftAlways(e), done < n/4, "few are done")
		})
	}
}

// leftAlways reports whether an encoding is always or almost always left to the
// executor.
func leftAlways(e *row) bool {
	switch e.op {
	case opUMAAL, opUMLAL, opSMLAL, opCLZ, opBKPT, opSTM:
		return true
	case opTST, opTEQ:
		return e.form == shiftRegister
	}
	return false
}

// TestLowerStore tests STM with one register, which pushes a value.
func TestLowerStore(t *testing.T) {
	r := newTrials(0)
	r.Lower(t, microtest.Trials(1000), func(mem *cpu.Memory) (cpu.CPU, uint32) {
		for {
			if word := 0xE8000000 | r.Uint32()&0x01AF0000 | 1<<r.IntN(16); decode(word).op == opSTM {
				return r.core(t, mem, word), word
			}
		}
	}, func(uint32) bool { return false })
}

// TestPatterns checks that patterns in the table have 32 bits, and that no word
// matches two of them.
func TestPatterns(t *testing.T) {
	for i, a := range rows() {
		n := bits.OnesCount32(a.mask)
		for _, f := range a.fields {
			n += f.n
		}
		if n != 32 {
			t.Errorf("%s: %d bits", a.pattern, n)
		}
		for _, b := range rows()[:i] {
			if both := a.mask & b.mask; a.bits&both == b.bits&both {
				t.Errorf("%s and %s match the same words", a.pattern, b.pattern)
			}
		}
	}
}

// TestLowerRefuses tests what cannot be executed.
func TestLowerRefuses(t *testing.T) { microtest.Refuses(t, &target, 0xE320F000, 0xF0000000) }

// TestLowerSays tests the exact micro-operations of a function call and of a
// comparison as M2-Planet generates them.
func TestLowerSays(t *testing.T) {
	r, k, t0, t1, t2 := micro.R, micro.K, micro.T0, micro.T0+1, micro.T0+2
	microtest.Says(t, &target, []microtest.Lowered{
		{0xE92D4000, micro.Instruction{ // push {lr}
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(sp).Plus(1<<32 - 4), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Store, Size: 4, A: r(sp).Plus(1<<32 - 4), B: r(lr)},
				{Code: micro.Set, To: sp, A: r(sp).Plus(1<<32 - 4)},
			},
		}},
		{0xE59F0000, micro.Instruction{ // ldr r0, [pc]
			Ops:     []micro.Op{{Code: micro.Set, To: 0, A: k(microtest.Literal)}},
			Literal: 4, LiteralAt: microtest.Base + 12,
		}},
		{0xEA000000, micro.Instruction{Flow: micro.Jump, To: k(microtest.Base + 16)}}, // b
		{Word: microtest.Literal},
		{0xE12FFF30, micro.Instruction{ // blx r0
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(0), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Set, To: lr, A: k(microtest.Base + 20)},
			},
			Flow: micro.Call, To: r(0),
		}},
		{0xE8BD4000, micro.Instruction{ // pop {lr}
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(sp), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Load, Size: 4, To: t2, A: r(sp)},
				{Code: micro.Set, To: sp, A: r(sp).Plus(4)},
				{Code: micro.Set, To: lr, A: r(t2)},
			},
		}},
		{0xE1500001, micro.Instruction{ // cmp r0, r1
			Ops: []micro.Op{
				{Code: micro.Sub, To: t0, A: r(0), B: r(1)},
				{Code: micro.SetFlags, Kind: micro.Comparison, Size: 4, A: r(0), B: r(1), C: r(t0)},
			},
		}},
		{0xB3A00001, micro.Instruction{ // movlt r0, 1
			Ops: []micro.Op{
				{Code: micro.Condition, To: t0, Cond: micro.IfLess},
				{Code: micro.Select, To: 0, A: r(t0), B: k(1), C: r(0)},
			},
		}},
		{0x0A000001, micro.Instruction{ // beq
			Ops:  []micro.Op{{Code: micro.Condition, To: t0, Cond: micro.IfZ}},
			Flow: micro.Branch, To: k(microtest.Base + 44), If: r(t0),
		}},
		{0xE12FFF1E, micro.Instruction{ // bx lr
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(lr), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
			},
			Flow: micro.Return, To: r(lr),
		}},
	})
}
