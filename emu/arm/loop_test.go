package arm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand"
	"strings"
	"testing"

	"stage0/emu/cpu"
)

const (
	loopBase  = 0x600000
	loopData  = loopBase + 0x4000
	loopStack = 0x7f_ffff_f000
)

// A body makes the words of a loop's body at random: what compilers make, with
// a value stack below x18, variables below x17, bytes that x9 points to, and a
// function.
type body struct {
	*rand.Rand
	words    []uint32
	function int // where it is
}

func (b *body) add(words ...uint32) { b.words = append(b.words, words...) }

func (b *body) reg() uint32 { return uint32(b.Intn(4)) }

// variable returns the field of LDUR and STUR for a variable: most often one of
// four, at times one that overlaps others.
func (b *body) variable() uint32 {
	off := -8 * (1 + b.Intn(4))
	if b.Intn(30) == 0 {
		off += 4
	}
	return uint32(off) & 0x1FF << 12
}

func (b *body) statement(depth int) {
	d, n, m := b.reg(), b.reg(), b.reg()
	three := []uint32{0x8B000000, 0xCB000000, 0x8A000000, 0xAA000000, 0xCA000000, 0x9B007C00, 0x9AC02000, 0x9AC02400, 0x9AC02800}
	switch b.Intn(20) {
	case 0, 18:
		b.add(0xD2800000 | uint32(b.Intn(1<<16))<<5 | d) // movz
	case 1:
		b.add([]uint32{0x91000000, 0xD1000000}[b.Intn(2)] | uint32(b.Intn(20))<<10 | n<<5 | d) // add, sub
	case 2:
		b.add(0xAA0003E0 | n<<16 | d) // mov
	case 3, 4:
		b.add(three[b.Intn(len(three))] | m<<16 | n<<5 | d)
	case 5, 6:
		b.add(0xF8400000 | b.variable() | 17<<5 | d) // ldur
	case 7, 8:
		b.add(0xF8000000 | b.variable() | 17<<5 | d) // stur
	case 9:
		b.add(0x92401C0A|n<<5, 0x8B0A012A) // and x10, n, 255; add x10, x9, x10
		b.add([]uint32{0x39400140, 0x39800140, 0xF9400140, 0xB9400140, 0xB9800140}[b.Intn(5)] | d)
	case 10:
		b.add(0x92401C0A|n<<5, 0x8B0A012A)
		b.add(0x39400140|m, []uint32{0x39000140, 0xF9000140, 0xB9000140}[b.Intn(3)]|d, 0x39400140|n)
	case 11, 12:
		b.add(0xF81F8E40 | d) // str d, [x18, -8]!
		if depth < 3 {
			for range b.Intn(3) {
				b.statement(depth + 1)
			}
		}
		b.add(0xF8408640 | m) // ldr m, [x18], 8
	case 13:
		cond := uint32(b.Intn(14))
		if b.Intn(8) > 0 {
			b.add(0xF1000000 | uint32(b.Intn(3))<<10 | n<<5 | 31) // cmp
		} else {
			b.add(0xEB00001F | m<<16 | n<<5)
		}
		b.add(0x54000040|cond, 0x91000400|d<<5|d) // b.cond, over add d, d, 1
	case 14:
		b.add([]uint32{0xB4000040, 0xB5000040}[b.Intn(2)]|n, 0xD2800020|d) // cbz, cbnz
	case 15:
		// bl, with the return address on the value stack.
		b.add(0xF81F8E5E, 0x94000000|uint32(b.function-len(b.words)-1)&0x3FFFFFF, 0xF840865E)
	case 16:
		// A pointer goes along the stack, or a byte into a variable.
		b.add([]uint32{0xF8408560, 0xF8008560, 0x38408560, 0x38000220 | b.variable()}[b.Intn(4)] | d)
	case 19:
		// d = ...; push d; d = variable; pop m; the variable's address computed.
		m := 1 - d&1
		b.add(0xD2800000|uint32(b.Intn(1<<16))<<5|d, 0xF81F8E40|d, 0xAA1103E0|d, 0xD2800100|m, 0xCB000000|m<<16|d<<5|d, 0xF9400000|d<<5|d, 0xF8408640|m)
	case 17:
		b.add([]uint32{0x38C00220, 0x38400220, 0x38800220}[b.Intn(3)] | b.variable() | d)
	}
}

// program returns the words of a program with a loop.
func program(r *rand.Rand) []uint32 {
	b := &body{Rand: r, function: 1}
	b.add(0x14000000) // a branch over the function, set below
	for range r.Intn(4) {
		b.add(0xAA000021 | b.reg()<<16) // orr x1, x1, ...
	}
	b.add(0xD65F03C0)
	b.words[0] |= uint32(len(b.words))
	begin := len(b.words)
	for range 1 + r.Intn(12) {
		b.statement(0)
	}
	b.add(0xF85D8225, 0xD10004A5, 0xF81D8225) // x5 = [x17 - 40], less 1
	if r.Intn(2) == 0 {
		b.add(0xF10000BF) // cmp x5, 0
		b.add(0x54000001 | uint32(begin-len(b.words))&0x7FFFF<<5)
	} else {
		b.add(0xB5000005 | uint32(begin-len(b.words))&0x7FFFF<<5)
	}
	b.add(0xD4200000) // brk
	return b.words
}

// loopCore returns a core about to run words, its registers set at random.
func loopCore(t *testing.T, words []uint32, r *rand.Rand) *core {
	perms := make([]cpu.Perm, 8)
	for i := range perms {
		perms[i] = cpu.Read | cpu.Write | cpu.Exec
	}
	mem := cpu.NewMemory(cpu.Layout{Base: loopBase, Perms: perms, MaxImage: 1 << 20, StackTop: loopStack, StackSize: 1 << 20})
	var code []byte
	for _, w := range words {
		code = binary.LittleEndian.AppendUint32(code, w)
	}
	data := make([]byte, 512)
	stack := make([]byte, 6000)
	r.Read(data)
	r.Read(stack)
	if mem.Init(loopBase, code) != nil || mem.Init(loopData, data) != nil || mem.Init(loopStack-6000, stack) != nil {
		t.Fatal("no memory")
	}
	c := newCore(mem)
	c.heat = 8
	c.pc = loopBase
	for i := range 4 {
		c.x[i] = r.Uint64() >> r.Intn(64)
	}
	c.x[9] = loopData
	c.x[11] = loopStack - 5000
	c.x[17] = loopStack - 256
	c.x[18] = c.x[17] - 48
	switch r.Intn(20) {
	case 0:
		c.x[18] += 24 // the value stack is among the variables
	case 1:
		c.x[9] = c.x[17] - 64 // the bytes are
	case 2:
		c.x[17] = loopData + 256 // the variables are not on the stack
	}
	mem.StoreSlow(c.x[17]-40, 8, uint64(50+r.Intn(100)))
	return c
}

// race runs fast with budgets of all sizes, and slow by steps, and wants the same
// in the end. It returns how many instructions were executed, of these how many
// in loops, and how fast ended, which is empty if it did not.
func race(t *testing.T, seed int64, fast, slow *core) (executed, inLoops uint64, end string) {
	t.Helper()
	r := rand.New(rand.NewSource(seed))
	var counts [2]uint64
	var ends [2]string // the faults
	for i, c := range []*core{fast, slow} {
		var err error
		for err == nil && counts[i] < 3e4 {
			budget := uint64(1)
			if i == 0 {
				budget = 2 + uint64(r.Intn(1<<r.Intn(18)))
			}
			var n uint64
			n, err = c.Run(budget)
			counts[i] += n
		}
		var fault *cpu.Fault
		if errors.As(err, &fault) {
			ends[i] = fault.Error()
		}
	}
	if min(counts[0], counts[1]) >= 3e4 {
		return 0, 0, "" // it takes too long, or has overwritten its counter
	}
	for _, b := range fast.blocks {
		if b != nil && b.loop != nil {
			inLoops += b.loop.executed
		}
	}
	x, y := fast.x, slow.x
	for i := zero; i < len(x); i++ {
		x[i], y[i] = 0, 0
	}
	switch {
	case ends[0] != ends[1]:
		t.Errorf("seed %d: ends with %q, want %q", seed, ends[0], ends[1])
	case counts[0] != counts[1]:
		t.Errorf("seed %d: %d instructions, want %d", seed, counts[0], counts[1])
	case x != y:
		t.Errorf("seed %d: registers %x, want %x", seed, x, y)
	case fast.pc != slow.pc, fast.flags.nzcv() != slow.flags.nzcv():
		t.Errorf("seed %d: pc %#x, flags %x, want %#x, %x", seed, fast.pc, fast.flags.nzcv(), slow.pc, slow.flags.nzcv())
	case !bytes.Equal(fast.mem.Bytes(loopBase, 8*cpu.PageSize, cpu.Read), slow.mem.Bytes(loopBase, 8*cpu.PageSize, cpu.Read)):
		t.Errorf("seed %d: the bytes differ", seed)
	case !bytes.Equal(fast.mem.Stack.Bytes, slow.mem.Stack.Bytes):
		t.Errorf("seed %d: the stack differs", seed)
	}
	return counts[0], inLoops, ends[0]
}

// TestLoops has programs made at random.
func TestLoops(t *testing.T) {
	var all, inLoops uint64
	for seed := range int64(4000) {
		words := program(rand.New(rand.NewSource(seed)))
		fast := loopCore(t, words, rand.New(rand.NewSource(seed)))
		slow := loopCore(t, words, rand.New(rand.NewSource(seed)))
		executed, in, _ := race(t, seed, fast, slow)
		all += executed
		inLoops += in
	}
	t.Logf("%d instructions, %d in loops", all, inLoops)
	if inLoops < all/10 {
		t.Errorf("of %d instructions %d in loops", all, inLoops)
	}
}

// TestFills has loops that set one byte after the other, up or down, with the
// address in a register or in memory; which may set that memory, or run out of
// the program's.
func TestFills(t *testing.T) {
	var full, faults int
	for seed := range int64(1000) {
		r := rand.New(rand.NewSource(seed))
		step := []uint32{0x91000463, 0xD1000463}[r.Intn(2)] // x3 = x3 + 1, or less 1
		words := [][]uint32{
			{0xF94000E1, 0x8B030022}, // x1 = [x7]; x2 = x1 + x3
			{0x8B030022},
			{0xAA0303E2}, // x2 = x3
		}[r.Intn(3)]
		words = append(words, 0x39000040, step) // strb w0, [x2]
		if r.Intn(2) == 0 {
			words = append(words, 0x910004C6, 0xEB0800DF) // x6 = x6 + 1; cmp x6, x8
		} else {
			words = append(words, 0xD1000508, 0xEB0800DF) // x8 = x8 - 1
		}
		cond := []uint32{11, 13, 1}[r.Intn(3)] // lt, le, ne
		words = append(words, 0x54000000|cond|uint32(-len(words))&0x7FFFF<<5, 0xD4200000)
		var cores [2]*core
		for i := range cores {
			c := loopCore(t, words, rand.New(rand.NewSource(seed)))
			r := rand.New(rand.NewSource(seed))
			c.x[3] = loopBase + uint64(r.Intn(8*cpu.PageSize))
			c.x[6], c.x[8] = uint64(r.Intn(4)), uint64(r.Intn(4000))
			c.x[7] = c.x[3]&^7 + uint64(r.Intn(400)) - 200
			c.x[1] = 0
			if words[0] == 0xF94000E1 && !c.mem.StoreSlow(c.x[7], 8, 0) {
				c.x[7] = loopData
				c.mem.StoreSlow(c.x[7], 8, 0)
			}
			cores[i] = c
		}
		_, _, end := race(t, seed, cores[0], cores[1])
		for _, b := range cores[0].blocks {
			if b != nil && b.loop != nil && b.loop.fill != nil {
				full++
			}
		}
		if strings.Contains(end, "store to") {
			faults++
		}
	}
	t.Logf("%d fills, %d ends of memory", full, faults)
	if full < 250 || faults < 25 {
		t.Errorf("%d fills, %d ends of memory", full, faults)
	}
}
