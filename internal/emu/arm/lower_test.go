package arm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

const (
	trialBase  = 0x600000
	trialStack = 0x7f_ffff_f000
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

// memory returns a memory of random bytes.
func (r trials) memory(t *testing.T) *cpu.Memory {
	mem := cpu.NewMemory(cpu.Layout{
		Base: trialBase, Perms: trialPerms[:], MaxImage: 1 << 20, StackTop: trialStack, StackSize: cpu.PageSize,
	})
	image, stack := make([]byte, trialSize), make([]byte, cpu.PageSize)
	r.Read(image)
	r.Read(stack)
	if err := errors.Join(mem.Init(trialBase, image), mem.Init(trialStack-cpu.PageSize, stack)); err != nil {
		t.Fatal(err)
	}
	return mem
}

// address returns an address that is usually in the memory.
func (r trials) address() uint64 {
	switch r.Intn(10) {
	case 0:
		return trialStack - uint64(r.Intn(cpu.PageSize))
	case 1:
		return trialBase + uint64(1+r.Intn(len(trialPerms)))*cpu.PageSize - uint64(r.Intn(8))
	case 2:
		return r.Uint64()
	}
	return trialBase + uint64(r.Intn(int(trialSize)))
}

// value returns a random register value.
func (r trials) value() uint64 {
	edges := []uint64{0, 1, 2, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63}
	switch r.Intn(8) {
	case 0, 1:
		return edges[r.Intn(len(edges))]
	case 2:
		return -edges[r.Intn(len(edges))]
	case 3:
		return uint64(r.Intn(128))
	case 4:
		return trialBase + 4*uint64(r.Intn(256))
	}
	return r.Uint64() >> r.Intn(64)
}

// core returns a core that is about to execute an instruction word, with registers
// that make success likely.
func (r trials) core(t *testing.T, mem *cpu.Memory, word uint32) *core {
	c := &core{mem: mem, pc: trialBase + 4*uint64(r.Intn(2*cpu.PageSize/4))}
	if err := mem.Init(c.pc, binary.LittleEndian.AppendUint32(nil, word)); err != nil {
		t.Fatal(err)
	}
	for i := range c.x[:sp+1] {
		c.x[i] = r.value()
	}
	switch r.Intn(3) {
	case 0:
		c.flags = micro.Flags{A: r.Uint64() & micro.AllFlags}
	case 1:
		a, b := uint64(uint32(r.value())), uint64(uint32(r.value()))
		c.flags = micro.Flags{Kind: micro.Comparison, Size: 4, A: a, B: b, R: uint64(uint32(a - b))}
	case 2:
		a, b := r.value(), r.value()
		c.flags = micro.Flags{Kind: micro.Sum, Size: 8, A: a, B: b, R: a + b}
	}
	switch in := decode(word); in.op {
	case opLDR, opSTR, opLDRpre, opSTRpre:
		c.x[in.rn] = r.address() - in.imm
	case opLDRpost, opSTRpost:
		c.x[in.rn] = r.address()
	case opLDRreg, opSTRreg:
		if in.rm != zero {
			c.x[in.rm] = uint64(r.Intn(256) - 128)
		}
		c.x[in.rn] = r.address() - extend(c.x[in.rm], uint8(in.imm))<<in.amount
	}
	return c
}

// word returns an instruction word of an encoding, with the other bits random:
// sometimes with few bits set, so that fields are zero. Literals are usually near.
func (r trials) word(e *encoding) uint32 {
	for {
		w := r.Uint32()
		if r.Intn(4) == 0 {
			w &= r.Uint32() & r.Uint32()
		}
		if e.op == opLDRlit && r.Intn(10) > 0 {
			w = w&^(0x7FFFF<<5) | uint32(r.Intn(1<<13)-1<<12)&0x7FFFF<<5
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
	const trialsEach = 1000
	for i := range encodings {
		e := &encodings[i]
		t.Run(fmt.Sprintf("%08x %08x", e.mask, e.bits), func(t *testing.T) {
			t.Parallel()
			r := trials{rand.New(rand.NewSource(int64(i)))}
			var done, left, faults int
			for done < trialsEach && left < 3*trialsEach {
				mem := r.memory(t)
				for range 20 {
					word := r.word(e)
					c := r.core(t, mem, word)
					pc, regs := c.pc, c.x
					leave, fault, err := microtest.Step(c, mem)
					if err != nil {
						t.Fatalf("%08x at %#x, registers %x: %v", word, pc, regs, err)
					}
					if f := &c.flags; f.Size == 4 && (f.A|f.B|f.R)>>32 != 0 {
						t.Fatalf("%08x: the flags %+v are not of 4 bytes", word, *f)
					}
					switch {
					case !leave:
						done++
						continue
					case fault != nil:
						faults++
					case !leaves[decode(word).op]:
						t.Fatalf("%08x at %#x, registers %x: left to the executor", word, pc, regs)
					}
					left++
				}
			}
			if e.op == opBRK {
				done = faults
			}
			t.Logf("%d done, %d left, of these %d with a fault", done, left, faults)
			if done < trialsEach {
				t.Errorf("%d done, %d left", done, left)
			}
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
		r := trials{rand.New(rand.NewSource(1))}
		mem := r.memory(t)
		c := r.core(t, mem, test.word)
		c.x[0], c.x[1] = test.n, test.m
		left, fault, err := microtest.Step(c, mem)
		if left != test.left || fault != nil || err != nil || c.x[2] != test.want {
			t.Errorf("%08x: %#x / %#x is %#x, left %t, fault %v, error %v; want %#x, %t",
				test.word, test.n, test.m, c.x[2], left, fault, err, test.want, test.left)
		}
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
			if a != trialBase+8 {
				t.Errorf("%08x: a literal at %#x", test.word, a)
			}
			return []byte{0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87}[:min(n, test.there)]
		}
		in, ok := lower(trialBase, binary.LittleEndian.AppendUint32(nil, test.word), code)
		if !ok || in.Literal != test.literal || in.Ops[len(in.Ops)-1] != test.want {
			t.Errorf("%08x: %t, %+v", test.word, ok, in)
		}
	}
}

// TestLowerRefuses tests what cannot be executed.
func TestLowerRefuses(t *testing.T) {
	nop := []byte{0x1F, 0x20, 0x03, 0xD5}
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
		{"no instruction", trialBase, make([]byte, 4), false},
	} {
		if _, ok := lower(test.pc, test.bytes, none); ok != test.want {
			t.Errorf("%s: %t, want %t", test.name, ok, test.want)
		}
	}
}

// TestLowerSays tests the exact micro-operations of a function call as in the
// ladder's programs.
func TestLowerSays(t *testing.T) {
	r, k, t0, t1 := micro.R, micro.K, micro.T0, micro.T0+1
	words := []struct {
		word uint32
		want micro.Instruction // without PC and Length
	}{
		{0xF81F8E5E, micro.Instruction{ // str x30, [x18, -8]!
			Ops: []micro.Op{
				{Code: micro.Store, Size: 8, A: r(18).Plus(^uint64(7)), B: r(30)},
				{Code: micro.Set, To: 18, A: r(18).Plus(^uint64(7))},
			},
		}},
		{0x18000050, micro.Instruction{ // ldr w16, literal
			Ops:     []micro.Op{{Code: micro.Set, To: 16, A: k(0x12345678)}},
			Literal: 4, LiteralAt: trialBase + 12,
		}},
		{0x14000002, micro.Instruction{Flow: micro.Jump, To: k(trialBase + 16)}},
		{0x12345678, micro.Instruction{}}, // the literal
		{0xD63F0200, micro.Instruction{ // blr x16
			Ops: []micro.Op{
				{Code: micro.And, To: t0, A: r(16), B: k(3)},
				{Code: micro.Equal, To: t1, A: r(t0), B: k(0)},
				{Code: micro.Guard, A: r(t1)},
				{Code: micro.Set, To: 30, A: k(trialBase + 20)},
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
