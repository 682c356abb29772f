package riscv_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"stage0/emu/cpu"
	"stage0/emu/riscv"
)

// Where TestFusedAgainstSteps has things.
const (
	codeAt    = 0x10000
	dataAt    = codeAt + 4*cpu.PageSize
	stackEnd  = 0x7FFF0000
	imageSize = 6 * cpu.PageSize
)

// TestFusedAgainstSteps runs code made of what fuse looks for, and of what is
// almost that, at full speed and in single steps, which nothing is fused for,
// and compares all that there is afterwards: registers, memory, the number of
// instructions, and the fault that ended it.
func TestFusedAgainstSteps(t *testing.T) {
	compareAll(t, 2000, 100, func(code *assembler, r *rand.Rand) {
		for range 1 + r.IntN(30) {
			from := len(code.code)
			code.sequence(r)
			if r.IntN(4) == 0 {
				spoil(code.code[from:], r)
			}
		}
		// Twice, as the first time may change the code.
		code.addi(s1, s1, -1)
		code.b(branches[1].bits, s1, zero, -4*(len(code.code)))
		code.emit(0x00100073) // ebreak
	})
}

// compareAll compares so many programs, of which at least so many have to end
// with each of a breakpoint, a bad load and a bad store.
func compareAll(t *testing.T, trials, least int, write func(code *assembler, r *rand.Rand)) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		ends := map[string]int{}
		for trial := range trials {
			code := &assembler{bits: a.bits}
			write(code, r)
			ends[compare(t, code, r)]++
			if t.Failed() {
				t.Fatalf("trial %d", trial)
			}
		}
		for _, kind := range []cpu.FaultKind{cpu.Breakpoint, cpu.BadLoad, cpu.BadStore} {
			if ends[string(kind)] < least {
				t.Errorf("%d of the programs end with %q: too few to say anything", ends[string(kind)], kind)
			}
		}
	})
}

// compare runs code at full speed, with a random budget, and in single steps.
// It returns how it ended.
func compare(t *testing.T, code *assembler, r *rand.Rand) string {
	t.Helper()
	fast := newState(code, r)
	slow := fast.clone()
	budget := uint64(2 + r.IntN(1000))
	end := fast.run(budget)
	if end == endless || fast.steps > maxSteps {
		return endless
	}
	if got := slow.run(1); got != end {
		t.Errorf("single steps end with %s, want %s", got, end)
	}
	if fast.steps != slow.steps {
		t.Errorf("%d instructions, want %d", fast.steps, slow.steps)
	}
	if a, b := fast.cpu.Registers(nil), slow.cpu.Registers(nil); !slices.Equal(a, b) {
		t.Errorf("registers\n%v, want\n%v", a, b)
	}
	if a, b := fast.memory(), slow.memory(); !bytes.Equal(a, b) {
		t.Error("memory differs")
	}
	if t.Failed() {
		t.Logf("budget %d, ended with %s\n%08x", budget, end, code.code)
	}
	if f := fast.fault; f != nil {
		return string(f.Kind)
	}
	return string(cpu.Breakpoint)
}

// A state is a processor and its memory.
type state struct {
	cpu   cpu.CPU
	mem   *cpu.Memory
	steps uint64
	fault *cpu.Fault
}

// newState returns one with code, registers of which many are addresses, and
// memory that holds such, too.
func newState(a *assembler, r *rand.Rand) *state {
	perms := make([]cpu.Perm, imageSize/cpu.PageSize)
	for i := range perms {
		perms[i] = cpu.Read | cpu.Write
		if i < 4 {
			perms[i] |= cpu.Exec
		}
	}
	s := &state{mem: cpu.NewMemory(cpu.Layout{
		Base: codeAt, Perms: perms, MaxImage: 1 << 20, StackTop: stackEnd, StackSize: 1 << 18,
	})}
	s.cpu = map[int]func(*cpu.Memory) cpu.CPU{32: riscv.New32, 64: riscv.New64}[a.bits](s.mem)
	value := func() uint64 {
		switch r.IntN(40) {
		case 0:
			return operand(r)
		case 1, 2:
			return codeAt + 4*32 + 4*r.Uint64N(uint64(len(a.code)))
		case 3:
			return dataAt + 2*cpu.PageSize - r.Uint64N(12)
		}
		if r.IntN(2) == 0 {
			return dataAt + 256 + r.Uint64N(4096)
		}
		return stackEnd - 512 - r.Uint64N(4096)
	}
	fill := func(at uint64, words int) {
		var b []byte
		for range words {
			if a.bits == 64 {
				b = binary.LittleEndian.AppendUint64(b, value())
			} else {
				b = binary.LittleEndian.AppendUint32(b, uint32(value()))
			}
		}
		if err := s.mem.Init(at, b); err != nil {
			panic(err)
		}
	}
	fill(dataAt, 2*cpu.PageSize/a.word())
	fill(stackEnd-8192, 8192/a.word())

	// Registers are loaded by code, from data, before what is tested.
	setup := &assembler{bits: a.bits}
	setup.emit(0x37 | gp<<7 | dataAt)
	for reg := 1; reg < 32; reg++ {
		if reg != sp && reg != gp {
			setup.load(reg, gp, r.IntN(64)*a.word())
		}
	}
	setup.addi(s1, zero, 2)
	setup.code = append(setup.code, a.code...)
	if err := s.mem.Init(codeAt, setup.bytes()); err != nil {
		panic(err)
	}
	top := stackEnd - 1024 - uint64(8*r.IntN(64))
	if r.IntN(8) == 0 { // where the stack has to grow
		top = stackEnd - 1<<16 + uint64(r.IntN(64))
	}
	s.cpu.SetSP(top)
	s.cpu.SetPC(codeAt)
	return s
}

func (s *state) clone() *state {
	mem := s.mem.Clone()
	return &state{cpu: s.cpu.Clone(mem), mem: mem}
}

// endless is what run returns of what has no end after so many steps. A budget
// may be overrun by what stands between two jumps.
const (
	endless    = "no end"
	maxSteps   = 1e4
	maxOverrun = 512
)

// run runs to a fault, and returns it.
func (s *state) run(budget uint64) string {
	for {
		n, err := s.cpu.Run(budget)
		s.steps += n
		if n > budget+maxOverrun {
			return "overrun"
		}
		if err != nil {
			s.fault, _ = err.(*cpu.Fault)
			return fmt.Sprintf("%v at %#x", err, s.cpu.PC())
		}
		if s.steps > maxSteps {
			return endless
		}
	}
}

// memory returns image and stack.
func (s *state) memory() []byte {
	image := s.mem.Bytes(codeAt, imageSize, cpu.Read)
	stack := s.mem.Bytes(stackEnd-1<<17, 1<<17, cpu.Read)
	return slices.Concat(image, stack)
}

// sequence emits a sequence that compilers make, or a part of one, of random
// registers. They are those that compilers use, for the most part.
func (a *assembler) sequence(r *rand.Rand) {
	d, s, b := a0, a1, []int{fp, t3}[r.IntN(2)]
	if r.IntN(6) == 0 {
		some := []int{zero, ra, sp, t0, fp, a0, a1, a2, t3, t4}
		pick := func() int { return some[r.IntN(len(some))] }
		switch r.IntN(4) {
		case 0:
			d = pick()
		case 1:
			s = pick()
		case 2:
			b = pick()
		default:
			d, s, b = pick(), pick(), pick()
		}
	}
	add, sub := registerOps[0].bits, registerOps[1].bits
	local := func() int { return a.word() * (r.IntN(16) - 8) }
	offset := local()
	value := func() { // d = something
		switch r.IntN(6) {
		case 0:
			a.addi(d, zero, r.IntN(5)-2)
		case 1: // an address of data, some 4 pages further
			a.emit(0x17 | uint32(d<<7) | 0x4000)
			a.addi(d, d, local())
		case 2:
			a.addi(d, b, offset)
			a.load(d, d, 0)
		case 3:
			a.addi(d, b, local())
			a.load(d, d, 0)
			a.addi(t4, zero, r.IntN(16))
			a.r(add, d, t4, d)
			a.load(d, d, 0)
		case 4:
			a.emit(0x37 | uint32(d<<7) | dataAt)
			add := constantOps[0] // addi
			if a.bits == 64 && r.IntN(2) == 0 {
				add = constantOps[9] // addiw
			}
			a.i(add.bits, d, d, 256+local())
			if r.IntN(2) == 0 {
				a.load(d, d, 0)
			}
		default:
			a.addi(d, b, local())
			if a.bits == 64 && r.IntN(4) == 0 {
				a.i(constantOps[9].bits, d, d, local()) // addiw
			}
		}
	}
	binary := func() {
		value()
		a.push(d)
		value()
		a.pop(s)
	}
	switch r.IntN(9) {
	case 0:
		value()
	case 1:
		a.push(d)
		if r.IntN(2) == 0 {
			a.push(s)
		}
	case 2:
		a.pop(d)
		if r.IntN(2) == 0 {
			a.pop(s)
		}
	case 3, 4:
		binary()
		switch r.IntN(4) {
		case 0:
			a.r(add, d, s, d)
			if r.IntN(2) == 0 {
				a.i(loads[0].bits, d, d, 0)
			}
		case 1:
			a.r(sub, d, s, d)
		case 2:
			a.r(sub, d, d, s)
			if r.IntN(3) == 0 {
				a.r(add, d, s, d)
			}
		default:
			a.r(registerOps[r.IntN(10)].bits, d, s, d)
		}
	case 5:
		binary()
		a.s(stores[r.IntN(3)].bits, s, d, 0)
	case 6: // an assignment to what has been pushed
		value()
		a.pop(s)
		if r.IntN(2) == 0 {
			a.store(s, d, 0)
		} else {
			a.s(stores[0].bits, s, d, 0)
		}
	case 7: // a variable's increment
		a.addi(d, b, offset)
		a.push(d)
		a.addi(d, b, offset)
		a.load(d, d, 0)
		a.push(d)
		a.addi(d, zero, r.IntN(8))
		a.pop(s)
		a.r([]uint32{add, sub}[r.IntN(2)], d, s, d)
		a.pop(s)
		a.store(s, d, 0)
	default:
		a.comparison(r, d, s)
	}
}

// spoil changes a register or the constant of one of the instructions, so that
// a sequence is only almost what it could be.
func spoil(code []uint32, r *rand.Rand) {
	w := &code[r.IntN(len(code))]
	switch shift := []int{7, 15, 20, 25}[r.IntN(4)]; shift {
	case 25:
		*w ^= 1 << (20 + r.IntN(12))
	default:
		some := []uint32{zero, sp, fp, a0, a1, a2, t3, t4}
		*w = *w&^(31<<shift) | some[r.IntN(len(some))]<<shift
	}
}

// comparison emits a comparison, and a branch by what comes out.
func (a *assembler) comparison(r *rand.Rand, d, s int) {
	slt := registerOps[3+r.IntN(2)].bits
	switch r.IntN(4) {
	case 0:
		a.i(constantOps[2].bits, d, d, 1)
	case 1:
		a.r(registerOps[4].bits, d, zero, d)
	case 2:
		a.r(slt, d, d, s)
	default:
		a.r(slt, d, s, d)
	}
	if r.IntN(2) == 0 {
		a.i(constantOps[3].bits, d, d, 1)
	}
	skipped := 1 + r.IntN(3)
	if r.IntN(4) == 0 {
		a.b(branches[r.IntN(2)].bits, d, zero, 4*(skipped+1))
	} else {
		a.b(branches[r.IntN(2)].bits, d, zero, 8)
		a.jal(zero, 4*(skipped+1))
	}
	for i := range skipped {
		a.addi(a2, a2, i+1)
	}
}
