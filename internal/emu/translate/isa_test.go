package translate_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"stage0/internal/emu/arm"
	"stage0/internal/emu/armv7"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/knight"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/riscv"
	"stage0/internal/emu/x86"
)

// An isa describes a processor for random programs: some instructions, and the uses
// of its registers. Distances are relative to the start of an instruction.
type isa struct {
	name           string
	base, stackTop uint64 // the program has no stack of its own if stackTop is zero
	big            bool
	new            func(*cpu.Memory) cpu.CPU

	pointers []micro.Reg // hold addresses most of the time
	counters []micro.Reg // of loops
	scratch  []micro.Reg
	link     micro.Reg // None if calls push the return address

	random  func(r *rand.Rand) []byte // bytes that may be an instruction
	nothing []byte                    // a no-op
	set     func(r *rand.Rand, reg micro.Reg) func(v uint64) []byte
	move    func(to, from micro.Reg) []byte
	push    func(reg micro.Reg) []byte
	pop     func(reg micro.Reg) []byte
	load    func(reg, pointer micro.Reg) []byte // four bytes
	store   func(reg, pointer micro.Reg) []byte

	jump   func(d int64) []byte
	call   func(d int64) []byte
	branch func(r *rand.Rand) func(d int64) []byte
	jumpTo func(reg micro.Reg) []byte
	callTo func(reg micro.Reg) []byte
	ret    func(r *rand.Rand) []byte

	less    func(counter micro.Reg) []byte // subtracts 1
	unless0 func(counter micro.Reg, d int64) []byte
	if0     func(counter micro.Reg, d int64) []byte
	system  func(number uint64) []byte
}

func isas() []*isa {
	return []*isa{amd64(), i386(), aarch64(), armv7l(), risc(32), risc(64), knightPosix()}
}

// isaNamed returns the one with a name.
func isaNamed(name string) *isa {
	all := isas()
	return all[slices.IndexFunc(all, func(i *isa) bool { return i.name == name })]
}

// programOf returns the random program of a seed.
func (i *isa) programOf(seed uint64) *program {
	return generate(i, rand.New(rand.NewPCG(seed, uint64(len(i.name)))))
}

var le, be = binary.LittleEndian, binary.BigEndian

func words(w ...uint32) []byte {
	var b []byte
	for _, w := range w {
		b = le.AppendUint32(b, w)
	}
	return b
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// x86 instructions: rex is the prefix for operations on words, if any.

func x86Common(i *isa, rex []byte) *isa {
	extended := func(reg micro.Reg, b ...byte) []byte { // the register is in the low bits of the last byte
		if reg >= 8 {
			b = append([]byte{0x41}, b...)
		}
		b[len(b)-1] |= byte(reg & 7)
		return b
	}
	wide := func(reg, rm micro.Reg, opcode, mod byte) []byte { // with a ModRM byte
		b := []byte{opcode, mod | byte(reg&7)<<3 | byte(rm&7)}
		if rex != nil {
			b = append([]byte{0x48 | byte(reg>>3)<<2 | byte(rm>>3)}, b...)
		}
		return b
	}
	narrow := func(reg, rm micro.Reg, opcode byte) []byte { // 32 bits; rm is not 4 or 5, except in the upper eight
		b := []byte{opcode, byte(reg&7)<<3 | byte(rm&7)}
		if rm&7 == 4 {
			b = append(b, 0x24)
		}
		if rex != nil {
			b = append([]byte{0x40 | byte(reg>>3)<<2 | byte(rm>>3)}, b...)
		}
		return b
	}
	near := func(d int64, opcode ...byte) []byte {
		return le.AppendUint32(opcode, uint32(d-int64(len(opcode))-4))
	}
	i.base = 0x600000
	i.link = micro.None
	i.nothing = []byte{0x90}
	i.set = func(r *rand.Rand, reg micro.Reg) func(uint64) []byte {
		if rex != nil && r.IntN(2) == 0 {
			return func(v uint64) []byte {
				return le.AppendUint64([]byte{0x48 | byte(reg>>3), 0xB8 | byte(reg&7)}, v)
			}
		}
		return func(v uint64) []byte { return le.AppendUint32(extended(reg, 0xB8), uint32(v)) }
	}
	i.move = func(to, from micro.Reg) []byte { return wide(from, to, 0x89, 0xC0) }
	i.push = func(reg micro.Reg) []byte { return extended(reg, 0x50) }
	i.pop = func(reg micro.Reg) []byte { return extended(reg, 0x58) }
	i.load = func(reg, p micro.Reg) []byte { return narrow(reg, p, 0x8B) }
	i.store = func(reg, p micro.Reg) []byte { return narrow(reg, p, 0x89) }
	i.jump = func(d int64) []byte { return near(d, 0xE9) }
	i.call = func(d int64) []byte { return near(d, 0xE8) }
	i.branch = func(r *rand.Rand) func(int64) []byte {
		cond := 0x80 | byte(r.IntN(16))
		return func(d int64) []byte { return near(d, 0x0F, cond) }
	}
	i.jumpTo = func(reg micro.Reg) []byte { return extended(reg, 0xFF, 0xE0) }
	i.callTo = func(reg micro.Reg) []byte { return extended(reg, 0xFF, 0xD0) }
	i.ret = func(r *rand.Rand) []byte {
		switch r.IntN(12) {
		case 0:
			return append(i.pop(i.scratch[0]), i.jumpTo(i.scratch[0])...)
		case 1:
			return []byte{0xC2, byte(8 * r.IntN(2)), 0}
		}
		return []byte{0xC3}
	}
	i.less = func(c micro.Reg) []byte { return wide(1, c, 0xFF, 0xC0) } // dec
	i.unless0 = func(c micro.Reg, d int64) []byte {
		test := wide(c, c, 0x85, 0xC0)
		return append(test, near(d-int64(len(test)), 0x0F, 0x85)...)
	}
	i.if0 = func(c micro.Reg, d int64) []byte {
		test := wide(c, c, 0x85, 0xC0)
		return append(test, near(d-int64(len(test)), 0x0F, 0x84)...)
	}
	i.random = func(r *rand.Rand) []byte {
		var b []byte
		if r.IntN(12) == 0 {
			b = append(b, 0x66)
		}
		if rex != nil {
			switch r.IntN(12) {
			case 0:
				b = append(b, 0x67)
			case 1, 2:
				b = append(b, 0x40|byte(r.IntN(16)))
			case 3, 4, 5, 6, 7:
				b = append(b, 0x48|byte(r.IntN(8)))
			}
		}
		if r.IntN(4) == 0 {
			b = append(b, 0x0F, pick[byte](r, 0x40, 0x90, 0xAF, 0xB6, 0xB7, 0xBE, 0xBF, 0xC8))
			if c := b[len(b)-1]; c == 0x40 || c == 0x90 {
				b[len(b)-1] |= byte(r.IntN(16))
			}
		} else {
			b = append(b, pick(r, byte(r.IntN(256)), byte(r.IntN(0x40)), 0x80, 0x81, 0x83, 0xC1, 0xD3, 0xF6, 0xF7, 0x88|byte(r.IntN(4)), 0x8D))
		}
		modrm := byte(r.IntN(256))
		switch r.IntN(8) {
		case 0, 1, 2, 3:
			modrm |= 0xC0
		case 4, 5, 6:
			modrm = modrm&0x3F | 0x40
		}
		b = append(b, modrm)
		for range 10 {
			b = append(b, pick[byte](r, byte(r.IntN(256)), byte(r.IntN(32)), 0, 0xFF))
		}
		return b
	}
	return i
}

func amd64() *isa {
	i := x86Common(&isa{
		name: "amd64", stackTop: 0x7ffffffff000, new: x86.New64,
		pointers: []micro.Reg{6, 7, 12, 13}, counters: []micro.Reg{1, 15}, scratch: []micro.Reg{0, 2, 3, 8, 9, 10},
	}, []byte{0x48})
	i.pointers[3] = 14 // 13 needs a displacement
	i.system = func(n uint64) []byte { return append(le.AppendUint32([]byte{0xB8}, uint32(n)), 0x0F, 0x05) }
	return i
}

func i386() *isa {
	i := x86Common(&isa{
		name: "x86", stackTop: 0xfffff000, new: x86.New32,
		pointers: []micro.Reg{6, 7}, counters: []micro.Reg{1}, scratch: []micro.Reg{0, 2, 3},
	}, nil)
	i.system = func(n uint64) []byte { return append(le.AppendUint32([]byte{0xB8}, uint32(n)), 0xCD, 0x80) }
	return i
}

func aarch64() *isa {
	const sp, lr = 18, 30
	branch := func(op uint32, reg micro.Reg, d int64) []byte {
		return words(op | uint32(d/4)&0x7FFFF<<5 | uint32(reg))
	}
	i := &isa{
		name: "aarch64", base: 0x600000, stackTop: 0x7ffffff000, new: arm.New64, link: lr, nothing: words(0xD503201F),
		pointers: []micro.Reg{19, 20, 21, 22}, counters: []micro.Reg{23, 24}, scratch: []micro.Reg{0, 1, 2, 3, 5, 9},
		move:   func(to, from micro.Reg) []byte { return words(0xAA0003E0 | uint32(from)<<16 | uint32(to)) },
		push:   func(reg micro.Reg) []byte { return words(0xF81F8C00 | sp<<5 | uint32(reg)) },
		pop:    func(reg micro.Reg) []byte { return words(0xF8408400 | sp<<5 | uint32(reg)) },
		load:   func(reg, p micro.Reg) []byte { return words(0xB9400000 | uint32(p)<<5 | uint32(reg)) },
		store:  func(reg, p micro.Reg) []byte { return words(0xB9000000 | uint32(p)<<5 | uint32(reg)) },
		jump:   func(d int64) []byte { return words(0x14000000 | uint32(d/4)&0x3FFFFFF) },
		call:   func(d int64) []byte { return words(0x94000000 | uint32(d/4)&0x3FFFFFF) },
		jumpTo: func(reg micro.Reg) []byte { return words(0xD61F0000 | uint32(reg)<<5) },
		callTo: func(reg micro.Reg) []byte { return words(0xD63F0000 | uint32(reg)<<5) },
		ret: func(r *rand.Rand) []byte {
			return words(pick[uint32](r, 0xD65F03C0, 0xD65F03C0, 0xD65F03C0, 0xD61F03C0))
		},
		less:    func(c micro.Reg) []byte { return words(0xD1000400 | uint32(c)<<5 | uint32(c)) },
		unless0: func(c micro.Reg, d int64) []byte { return branch(0xB5000000, c, d) },
		if0:     func(c micro.Reg, d int64) []byte { return branch(0xB4000000, c, d) },
		system: func(n uint64) []byte {
			return words(0xD2800000|uint32(n)<<5|8, 0xD4000001)
		},
	}
	i.set = func(r *rand.Rand, reg micro.Reg) func(uint64) []byte {
		switch r.IntN(3) {
		case 0: // a literal, as M2-Planet emits it
			return func(v uint64) []byte { return words(0x18000040|uint32(reg), 0x14000002, uint32(v)) }
		case 1:
			return func(v uint64) []byte {
				return words(0xD2800000|uint32(v&0xFFFF)<<5|uint32(reg), 0xF2A00000|uint32(v>>16&0xFFFF)<<5|uint32(reg))
			}
		}
		return func(v uint64) []byte {
			b := words(0xD2800000 | uint32(v&0xFFFF)<<5 | uint32(reg))
			for k := range uint32(3) {
				b = append(b, words(0xF2A00000+k<<21|uint32(v>>(16*k+16)&0xFFFF)<<5|uint32(reg))...)
			}
			return b
		}
	}
	i.branch = func(r *rand.Rand) func(int64) []byte {
		reg, bit := pick(r, i.scratch...), uint32(r.IntN(64))
		op := pick[uint32](r, 0x34000000, 0x35000000, 0xB4000000, 0xB5000000)
		switch r.IntN(4) {
		case 0:
			return func(d int64) []byte { return branch(op, reg, d) }
		case 1:
			op := pick[uint32](r, 0x36000000, 0x37000000) | bit>>5<<31 | bit&31<<19
			return func(d int64) []byte { return words(op | uint32(d/4)&0x3FFF<<5 | uint32(reg)) }
		}
		cond := micro.Reg(r.IntN(16))
		return func(d int64) []byte { return branch(0x54000000, cond, d) }
	}
	classes := [][2]uint32{ // mask and value
		{0x1F000000, 0x11000000}, // add and subtract immediate
		{0x1F800000, 0x12000000}, // logical immediate
		{0x1F800000, 0x12800000}, // move wide
		{0x1F800000, 0x13000000}, // bit field
		{0x1F000000, 0x0A000000}, // logical
		{0x1F000000, 0x0B000000}, // add and subtract
		{0x5FE0C000, 0x1AC00000}, // shift and divide
		{0x7F000000, 0x1B000000}, // multiply
		{0x3F000000, 0x39000000}, // load and store, immediate
		{0x3F200000, 0x38000000}, // and with writeback
		{0x3F200C00, 0x38200800}, // register
		{0x3F000000, 0x18000000}, // literal
		{0x1F000000, 0x10000000}, // address
	}
	i.random = func(r *rand.Rand) []byte {
		class := pick(r, classes...)
		w := r.Uint32()&^class[0] | class[1]
		for _, at := range []int{0, 5, 16} {
			if r.IntN(16) > 0 {
				reg := pick(r, pick(r, i.scratch...), pick(r, i.pointers...), sp, 17, 31)
				if at == 0 {
					reg = pick(r, pick(r, i.scratch...), pick(r, i.scratch...), pick(r, i.scratch...), 31)
				}
				w = w&^(31<<at) | uint32(reg)<<at
			}
		}
		if class[1]>>24 == 0x39 {
			w &^= 0x003F0000 & r.Uint32() // small
		}
		return words(w)
	}
	return i
}

func armv7l() *isa {
	const sp, lr = 13, 14
	to := func(op uint32, d int64) []byte { return words(op | uint32((d-8)/4)&0xFFFFFF) }
	i := &isa{
		name: "armv7l", base: 0x600000, stackTop: 0xff7fe000, new: armv7.New, link: lr, nothing: words(0xE1A00000),
		pointers: []micro.Reg{8, 9, 10, 11}, counters: []micro.Reg{6}, scratch: []micro.Reg{0, 1, 2, 3, 4, 5},
		move:   func(to, from micro.Reg) []byte { return words(0xE1A00000 | uint32(to)<<12 | uint32(from)) },
		push:   func(reg micro.Reg) []byte { return words(0xE52D0004 | uint32(reg)<<12) },
		pop:    func(reg micro.Reg) []byte { return words(0xE49D0004 | uint32(reg)<<12) },
		load:   func(reg, p micro.Reg) []byte { return words(0xE5900000 | uint32(p)<<16 | uint32(reg)<<12) },
		store:  func(reg, p micro.Reg) []byte { return words(0xE5800000 | uint32(p)<<16 | uint32(reg)<<12) },
		jump:   func(d int64) []byte { return to(0xEA000000, d) },
		call:   func(d int64) []byte { return to(0xEB000000, d) },
		jumpTo: func(reg micro.Reg) []byte { return words(0xE12FFF10 | uint32(reg)) },
		callTo: func(reg micro.Reg) []byte { return words(0xE12FFF30 | uint32(reg)) },
		ret: func(r *rand.Rand) []byte {
			switch r.IntN(5) {
			case 0: // push {lr}; pop {pc}
				return words(0xE52DE004, 0xE49DF004)
			case 1:
				return words(0xE52DE004, 0xE8BD8000)
			}
			return words(pick[uint32](r, 0xE12FFF1E, 0xE1A0F00E)) // bx lr; mov pc, lr
		},
		less: func(c micro.Reg) []byte { return words(0xE2500001 | uint32(c)<<16 | uint32(c)<<12) },
		unless0: func(c micro.Reg, d int64) []byte {
			return append(words(0xE3500000|uint32(c)<<16), to(0x1A000000, d-4)...)
		},
		if0: func(c micro.Reg, d int64) []byte {
			return append(words(0xE3500000|uint32(c)<<16), to(0x0A000000, d-4)...)
		},
		system: func(n uint64) []byte { return words(0xE3A07000|uint32(n), 0xEF000000) },
	}
	i.set = func(r *rand.Rand, reg micro.Reg) func(uint64) []byte {
		rd := uint32(reg) << 12
		if r.IntN(2) == 0 {
			return func(v uint64) []byte { return words(0xE59F0000|rd, 0xEA000000, uint32(v)) }
		}
		return func(v uint64) []byte {
			half := func(h uint64) uint32 { return uint32(h&0xF000)<<4 | uint32(h&0xFFF) }
			return words(0xE3000000|rd|half(v), 0xE3400000|rd|half(v>>16))
		}
	}
	i.branch = func(r *rand.Rand) func(int64) []byte {
		cond := uint32(r.IntN(14)) << 28
		return func(d int64) []byte { return to(0x0A000000|cond, d) }
	}
	i.random = func(r *rand.Rand) []byte {
		w := r.Uint32()>>4&0x0FFFFFFF&^0x0E000000 | uint32(r.IntN(5))<<25
		cond := uint32(14)
		if r.IntN(4) == 0 {
			cond = uint32(r.IntN(14))
		}
		if w>>25 == 0 && r.IntN(3) == 0 { // multiplications
			w = w&^0x01F000F0 | 0x90 | uint32(r.IntN(32))<<20
		}
		if r.IntN(8) == 0 {
			w = pick[uint32](r, 0x03000000, 0x03400000, 0x0710F010, 0x0730F010, 0x016F0F10) | w&0x000F0F0F
		}
		for _, at := range []int{12, 16} {
			if r.IntN(16) > 0 {
				w = w&^(15<<at) | uint32(pick(r, pick(r, i.scratch...), pick(r, i.pointers...), sp, 12))<<at
			}
		}
		if w>>26&3 == 1 && r.IntN(2) == 0 {
			w &^= 0xF80 & r.Uint32() // small offsets
		}
		return words(w | cond<<28)
	}
	return i
}

func risc(bits int) *isa {
	const sp, ra, a7 = 2, 1, 17
	size := uint32(bits / 8)
	width := map[int]uint32{32: 2 << 12, 64: 3 << 12}[bits]
	jal := func(rd uint32, d int64) []byte {
		u := uint32(d)
		return words(0x6F | rd<<7 | u>>12&0xFF<<12 | u>>11&1<<20 | u>>1&0x3FF<<21 | u>>20&1<<31)
	}
	branch := func(funct, x, y uint32, d int64) []byte {
		u := uint32(d)
		return words(0x63 | funct<<12 | x<<15 | y<<20 | u>>11&1<<7 | u>>1&15<<8 | u>>5&63<<25 | u>>12&1<<31)
	}
	i := &isa{
		name: map[int]string{32: "riscv32", 64: "riscv64"}[bits], base: 0x600000, new: riscv.New64, link: ra, stackTop: 0x3ffffff000, nothing: words(0x13),
		pointers: []micro.Reg{9, 18, 19, 20}, counters: []micro.Reg{21, 22}, scratch: []micro.Reg{5, 6, 10, 11, 12, 28},
		move: func(to, from micro.Reg) []byte { return words(0x13 | uint32(to)<<7 | uint32(from)<<15) },
		push: func(reg micro.Reg) []byte {
			return words(0x13|sp<<7|sp<<15|-size<<20, 0x23|width|sp<<15|uint32(reg)<<20)
		},
		pop: func(reg micro.Reg) []byte {
			return words(0x03|width|sp<<15|uint32(reg)<<7, 0x13|sp<<7|sp<<15|size<<20)
		},
		load:    func(reg, p micro.Reg) []byte { return words(0x2003 | uint32(p)<<15 | uint32(reg)<<7) },
		store:   func(reg, p micro.Reg) []byte { return words(0x2023 | uint32(p)<<15 | uint32(reg)<<20) },
		jump:    func(d int64) []byte { return jal(0, d) },
		call:    func(d int64) []byte { return jal(ra, d) },
		jumpTo:  func(reg micro.Reg) []byte { return words(0x67 | uint32(reg)<<15) },
		callTo:  func(reg micro.Reg) []byte { return words(0x67 | ra<<7 | uint32(reg)<<15) },
		ret:     func(r *rand.Rand) []byte { return words(pick[uint32](r, 0x8067, 0x8067, 0x8067, 0x108067)) }, // the bit 0 does not count
		less:    func(c micro.Reg) []byte { return words(0x13 | uint32(c)<<7 | uint32(c)<<15 | 0xFFF<<20) },
		unless0: func(c micro.Reg, d int64) []byte { return branch(1, uint32(c), 0, d) },
		if0:     func(c micro.Reg, d int64) []byte { return branch(0, uint32(c), 0, d) },
		system:  func(n uint64) []byte { return words(0x13|a7<<7|uint32(n)<<20, 0x73) },
	}
	if bits == 32 {
		i.new, i.stackTop = riscv.New32, 0x7ffff000
	}
	i.set = func(_ *rand.Rand, reg micro.Reg) func(uint64) []byte {
		return func(v uint64) []byte {
			u := uint32(v)
			return words(0x37|uint32(reg)<<7|(u+0x800)&^0xFFF, 0x13|uint32(reg)<<7|uint32(reg)<<15|u<<20)
		}
	}
	i.branch = func(r *rand.Rand) func(int64) []byte {
		funct, x, y := pick[uint32](r, 0, 1, 4, 5, 6, 7), uint32(pick(r, i.scratch...)), uint32(pick(r, append(i.scratch, 0)...))
		return func(d int64) []byte { return branch(funct, x, y, d) }
	}
	i.random = func(r *rand.Rand) []byte {
		op := pick[uint32](r, 0x03, 0x13, 0x17, 0x1B, 0x23, 0x33, 0x33, 0x33, 0x37, 0x3B, 0x3B, 0x0F)
		w := r.Uint32()&^0x7F | op
		reg := func() uint32 {
			return uint32(pick(r, pick(r, i.scratch...), pick(r, i.scratch...), pick(r, i.pointers...), sp, 8, 0))
		}
		if r.IntN(16) > 0 {
			w = w&^(31<<7|31<<15|31<<20) | reg()<<15
			if op != 0x23 {
				w |= uint32(pick(r, i.scratch...)) << 7
			} else {
				w |= r.Uint32() & (31 << 7)
			}
			if op == 0x33 || op == 0x3B || op == 0x23 {
				w |= reg() << 20
			} else {
				w |= r.Uint32() & (31 << 20)
			}
		}
		if op == 0x33 || op == 0x3B || op&0x5F == 0x13 && w>>12&3 == 1 && r.IntN(2) == 0 {
			w = w&^(0x7F<<25) | pick[uint32](r, 0, 0x20, 1)<<25
		}
		if op&0x5F == 0x03 && r.IntN(2) == 0 {
			w = w&^(0x7F<<25) | pick[uint32](r, 0, 0x7F)<<25
		}
		return words(w)
	}
	return i
}

func knightPosix() *isa {
	const sp = 15
	reg2 := func(a, b micro.Reg) byte { return byte(a)<<4 | byte(b) }
	immediate := func(v int64, b ...byte) []byte { return be.AppendUint16(b, uint16(v)) }
	i := &isa{
		name: "knight-posix", big: true, new: knight.New, link: micro.None, nothing: make([]byte, 4),
		pointers: []micro.Reg{8, 9, 10, 11}, counters: []micro.Reg{6, 7}, scratch: []micro.Reg{0, 1, 2, 3, 4, 5},
		move:    func(to, from micro.Reg) []byte { return []byte{9, 0, 4, reg2(to, from)} },
		push:    func(reg micro.Reg) []byte { return []byte{9, 2, 0, reg2(reg, sp)} },
		pop:     func(reg micro.Reg) []byte { return []byte{9, 2, 0x80, reg2(reg, sp)} },
		load:    func(reg, p micro.Reg) []byte { return []byte{0xE1, 0, 0x13, reg2(reg, p), 0, 0} },
		store:   func(reg, p micro.Reg) []byte { return []byte{0xE1, 0, 0x20, reg2(reg, p), 0, 0} },
		jump:    func(d int64) []byte { return immediate(d-4, 0x3C, 0) },
		call:    func(d int64) []byte { return immediate(d-6, 0xE0, 0, 0x2D, 0x0F) },
		jumpTo:  func(reg micro.Reg) []byte { return []byte{0x0D, 1, 0, byte(reg)} },
		callTo:  func(reg micro.Reg) []byte { return []byte{9, 1, 1, reg2(reg, sp)} },
		ret:     func(r *rand.Rand) []byte { return []byte{0x0D, 1, 0, 0x1F} },
		less:    func(c micro.Reg) []byte { return immediate(-1, 0xE1, 0, 0x0E, reg2(c, c)) },
		unless0: func(c micro.Reg, d int64) []byte { return immediate(d-6, 0xE0, 0, 0x2C, 0xA0|byte(c)) },
		if0:     func(c micro.Reg, d int64) []byte { return immediate(d-6, 0xE0, 0, 0x2C, 0x90|byte(c)) },
		system:  func(n uint64) []byte { return []byte{0x42, 0, 0, byte(n)} },
	}
	i.set = func(r *rand.Rand, reg micro.Reg) func(uint64) []byte {
		if r.IntN(2) == 0 {
			return func(v uint64) []byte { return immediate(int64(v), 0xE0, 0, 0x2D, 0x10|byte(reg)) }
		}
		return func(v uint64) []byte {
			return be.AppendUint32([]byte{0xE0, 0, 0x2E, byte(reg), 0, 4, 0x3C, 0, 0, 4}, uint32(v))
		}
	}
	i.branch = func(r *rand.Rand) func(int64) []byte {
		a, b := pick(r, i.scratch...), pick(r, i.scratch...)
		if r.IntN(2) == 0 {
			xop := pick[byte](r, 0xC0, 0xD0) | byte(r.IntN(6))
			if xop == 0xD2 || xop == 0xD3 {
				xop -= 0x10
			}
			return func(d int64) []byte { return immediate(d-6, 0xE1, 0, xop, reg2(a, b)) }
		}
		xop := byte(r.IntN(13))
		return func(d int64) []byte { return immediate(d-6, 0xE0, 0, 0x2C, xop<<4|byte(a)) }
	}
	i.random = func(r *rand.Rand) []byte {
		b := []byte{0, 0, 0, 0, byte(pick(r, 0, 0, 0xFF, r.IntN(256))), byte(r.IntN(256))}
		if b[4] == 0xFF {
			b[5] |= 0x80
		}
		from := func(ranges ...[2]int) uint32 {
			x := pick(r, ranges...)
			return uint32(x[0] + r.IntN(x[1]-x[0]+1))
		}
		var code uint32
		switch r.IntN(7) {
		case 0:
			b[0], code = 1, from([2]int{0, 0x13})<<16
		case 1, 2:
			b[0], code = 5, from([2]int{0, 0x37}, [2]int{0x38, 0x3E}, [2]int{0x48, 0x4B}, [2]int{0, 0x29})<<12
		case 3:
			b[0], code = 9, from([2]int{0, 6}, [2]int{0x200, 0x203}, [2]int{0x280, 0x286}, [2]int{0x300, 0x305}, [2]int{0x380, 0x385})<<8
		case 4:
			b[0], code = 0x0D, from([2]int{0, 3}, [2]int{0x2000, 0x2000})<<4
		case 5:
			b[0], code = 0xE1, from([2]int{0, 5}, [2]int{0x0E, 0x23}, [2]int{0x13, 0x23}, [2]int{0xB0, 0xB5})<<8
		case 6:
			b[0], code = 0xE0, from([2]int{0x2D1, 0x2D8}, [2]int{0x2E0, 0x2E6}, [2]int{0x2F0, 0x2F3}, [2]int{0xA00, 0xA05}, [2]int{0xA10, 0xA15})<<4
		}
		b[1], b[2], b[3] = byte(code>>16), byte(code>>8), byte(code)
		regs := func(at int, shift uint32) {
			b[at] |= byte(pick(r, pick(r, i.scratch...), pick(r, i.pointers...), sp, 14) << shift)
		}
		switch b[0] {
		case 1:
			regs(2, 4)
			regs(2, 0)
			regs(3, 4)
			regs(3, 0)
		case 5:
			b[2] |= byte(pick(r, i.scratch...))
			regs(3, 4)
			regs(3, 0)
		case 9, 0xE1:
			b[3] |= byte(pick(r, i.scratch...)) << 4
			regs(3, 0)
		default:
			b[3] |= byte(pick(r, i.scratch...))
		}
		return b
	}
	return i
}
