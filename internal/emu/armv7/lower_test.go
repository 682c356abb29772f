package armv7

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

const (
	trialBase  = 0x600000
	trialStack = 0xff7fe000
	trialSize  = uint64(len(trialPerms)) * cpu.PageSize
)

// trialPerms are page permissions as in real programs. Code is in the first two
// pages.
var trialPerms = [...]cpu.Perm{
	cpu.Read | cpu.Exec,
	cpu.Read | cpu.Write | cpu.Exec,
	cpu.Read | cpu.Write,
	cpu.Read | cpu.Write,
	cpu.Read,
	0,
}

// trials generates random instructions and operands.
type trials struct{ *rand.Rand }

func newTrials(seed int) trials { return trials{rand.New(rand.NewPCG(7, uint64(seed)))} }

// memory returns a memory of random words, some of which are addresses of code.
func (r trials) memory(t *testing.T) *cpu.Memory {
	mem := cpu.NewMemory(cpu.Layout{
		Base: trialBase, Perms: trialPerms[:], MaxImage: 1 << 20, StackTop: trialStack, StackSize: cpu.PageSize,
	})
	random := func(n int) (b []byte) {
		for len(b) < n {
			b = binary.LittleEndian.AppendUint32(b, r.value())
		}
		return b
	}
	if err := errors.Join(mem.Init(trialBase, random(int(trialSize))), mem.Init(trialStack-cpu.PageSize, random(cpu.PageSize))); err != nil {
		t.Fatal(err)
	}
	return mem
}

// address returns an address that is usually in the memory.
func (r trials) address() uint32 {
	switch r.IntN(10) {
	case 0:
		return trialStack - uint32(r.IntN(cpu.PageSize))
	case 1:
		return trialBase + uint32(1+r.IntN(len(trialPerms)))*cpu.PageSize - uint32(r.IntN(8))
	case 2:
		return r.Uint32()
	}
	return trialBase + uint32(r.IntN(int(trialSize)))
}

// value returns a random register value.
func (r trials) value() uint32 {
	edges := []uint32{0, 1, 2, 31, 32, 33, 1<<31 - 1, 1 << 31}
	switch r.IntN(8) {
	case 0, 1:
		return edges[r.IntN(len(edges))]
	case 2:
		return -edges[r.IntN(len(edges))]
	case 3:
		return uint32(r.IntN(300))
	case 4, 5:
		return trialBase + 4*uint32(r.IntN(256))
	}
	return r.Uint32() >> r.IntN(32)
}

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
	c := &core{mem: mem, pc: trialBase + 4*uint32(r.IntN(2*cpu.PageSize/4)), flags: r.flags()}
	if err := mem.Init(uint64(c.pc), binary.LittleEndian.AppendUint32(nil, word)); err != nil {
		t.Fatal(err)
	}
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
	const each = 1000
	for i := range rows() {
		e := &rows()[i]
		t.Run(e.pattern, func(t *testing.T) {
			t.Parallel()
			r := newTrials(i)
			var done, left, faults int
			for done+left < each {
				mem := r.memory(t)
				for range 100 {
					word := r.word(e)
					c := r.core(t, mem, word)
					in, regs, flags := decode(word), c.r, c.flags
					leave, fault, err := microtest.Step(c, mem)
					if err != nil {
						t.Fatalf("%08x, registers %x, flags %+v: %v", word, regs, flags, err)
					}
					switch {
					case !leave:
						done++
						continue
					case fault != nil && fault != cpu.ErrSyscall:
						faults++
					case !leaves(&in):
						t.Fatalf("%08x, registers %x: left to the executor", word, regs)
					}
					left++
				}
			}
			t.Logf("%d done, %d left, of these %d with a fault", done, left, faults)
			if few := done < each/4; few != leftAlways(e) {
				t.Errorf("%d done, %d left", done, left)
			}
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
	for done := 0; done < 1000; {
		mem := r.memory(t)
		for range 50 {
			word := 0xE8000000 | r.Uint32()&0x01AF0000 | 1<<r.IntN(16)
			in := decode(word)
			if in.op != opSTM {
				continue
			}
			leave, fault, err := microtest.Step(r.core(t, mem, word), mem)
			if err != nil {
				t.Fatalf("%08x: %v", word, err)
			}
			if leave && fault == nil {
				t.Fatalf("%08x: left to the executor", word)
			}
			done++
		}
	}
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
func TestLowerRefuses(t *testing.T) {
	nop := []byte{0x00, 0xF0, 0x20, 0xE3}
	none := func(uint64, int) []byte { return nil }
	for _, test := range []struct {
		name  string
		pc    uint64
		bytes []byte
		want  bool
	}{
		{"an instruction", trialBase, nop, true},
		{"at an odd address", trialBase + 2, nop, false},
		{"at the end of the code", trialBase, nop[:3], false},
		{"no instruction", trialBase, []byte{0, 0, 0, 0xF0}, false},
	} {
		if _, ok := lower(test.pc, test.bytes, none); ok != test.want {
			t.Errorf("%s: %t, want %t", test.name, ok, test.want)
		}
	}
}

// TestLowerSays tests the exact micro-operations of a function call and of a
// comparison as M2-Planet generates them.
func TestLowerSays(t *testing.T) {
	r, k, t0, t1, t2 := micro.R, micro.K, micro.T0, micro.T0+1, micro.T0+2
	words := []struct {
		word uint32
		want micro.Instruction // without PC and Length
	}{
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
			Ops:     []micro.Op{{Code: micro.Set, To: 0, A: k(0x12345678)}},
			Literal: 4, LiteralAt: trialBase + 12,
		}},
		{0xEA000000, micro.Instruction{Flow: micro.Jump, To: k(trialBase + 16)}}, // b
		{0x12345678, micro.Instruction{}},                                        // the literal
		{0xE12FFF30, micro.Instruction{ // blx r0
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(0), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Set, To: lr, A: k(trialBase + 20)},
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
			Flow: micro.Branch, To: k(trialBase + 44), If: r(t0),
		}},
		{0xE12FFF1E, micro.Instruction{ // bx lr
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(lr), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
			},
			Flow: micro.Return, To: r(lr),
		}},
	}
	var image []byte
	for _, w := range words {
		image = binary.LittleEndian.AppendUint32(image, w.word)
	}
	code := func(a uint64, n int) []byte { return image[a-trialBase:][:n] }
	for i, w := range words {
		w.want.PC, w.want.Length = trialBase+4*uint64(i), 4
		got, ok := lower(w.want.PC, code(w.want.PC, 4), code)
		if w.word == 0x12345678 {
			continue
		}
		if diff := cmp.Diff(w.want, got); !ok || diff != "" {
			t.Errorf("%08x: %t, -want +got:\n%s", w.word, ok, diff)
		}
	}
}
