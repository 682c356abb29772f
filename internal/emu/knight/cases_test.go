package knight

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
)

// A probe is a program that executes instructions, each once and with its own
// registers, and then copies its memory to tape_02, so that the effects can be
// compared with those on another machine.
type probe struct {
	image []byte
	cases []probeCase
}

// A probeCase is an instruction in the program, with the location of its results.
type probeCase struct {
	in    *instruction
	bytes []byte
	data  int // offset of the case's data
}

// The data of a case: the registers before and after; a word for each place where
// execution can continue, which is set when the program gets there; and scratch
// memory.
const (
	before  = 0
	after   = before + 16*4
	marks   = after + 16*4
	scratch = marks + 3*4
	middle  = scratch + 32 // where pointers point
	size    = scratch + 64
)

// each is the number of cases per instruction.
const each = 24

// newProbe returns a program with every instruction but HALCODE and HALT.
func newProbe() *probe {
	p := &probe{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range instructions {
		if in := &instructions[i]; in.opcode != opHALCODE && in.opcode != opHALT {
			for range each {
				p.add(in, r)
			}
		}
	}
	end := len(p.image)
	p.emit(0xE0, 0x00, 0x2D, 0x20, 0x11, 0x01) // LOADUI R0 0x1101
	p.emit(0x42, 0x10, 0x00, 0x01)             // FOPEN_WRITE
	p.emit(0x09, 0x00, 0x04, 0x10)             // COPY R1 R0
	p.emit(0x0D, 0x00, 0x00, 0x22)             // FALSE R2
	p.emit(0x0D, 0x00, 0x00, 0x24)             // FALSE R4
	p.emit(0xE0, 0x00, 0x2E, 0x03, 0x00, 0x04) // LOADR R3: the end of the memory to copy, which follows the JUMP
	p.emit(0x3C, 0x00, 0x00, 0x04)             // JUMP
	p.image = binary.BigEndian.AppendUint32(p.image, uint32(end))
	p.emit(0x05, 0x03, 0xA0, 0x24)             // LOADXU8 R0 R2 R4
	p.emit(0x42, 0x10, 0x02, 0x00)             // FPUTC
	p.emit(0xE1, 0x00, 0x0F, 0x22, 0x00, 0x01) // ADDUI R2 R2 1
	p.emit(0x09, 0x03, 0x02, 0x23)             // CMPSKIP.E R2 R3
	p.emit(0x3C, 0x00, 0xFF, 0xEA)             // JUMP back to LOADXU8
	p.emit(0xFF, 0xFF, 0xFF, 0xFF)             // HALT
	return p
}

func (p *probe) emit(b ...byte) { p.image = append(p.image, b...) }

// relative emits a LOADR or STORER, given by its XOP, of a register.
func (p *probe) relative(xop, register, target int) {
	offset := target - (len(p.image) + 6)
	p.emit(0xE0, 0x00, byte(xop>>4), byte(xop<<4|register), byte(offset>>8), byte(offset))
}

// add emits a case.
func (p *probe) add(in *instruction, r *rand.Rand) {
	const loadR, storeR = 0x2E0, 0x2F0
	p.emit(0x3C, 0x00, 0x00, size)
	data := len(p.image)
	p.image = append(p.image, make([]byte, size)...)
	for i := range 16 {
		p.relative(loadR, i, data+before+4*i)
	}
	at := len(p.image)
	c := &setting{in: in, r: r, data: uint32(data), next: uint32(at + in.format().length), memory: p.image[data : data+size]}
	c.fill()
	bytes := in.encode(c.o)
	p.emit(bytes...)
	p.cases = append(p.cases, probeCase{in, bytes, data})
	if c.short {
		p.emit(0, 0, 0, 0)
	}
	for i := range 3 {
		p.relative(storeR, 0, data+marks+4*i)
	}
	for i := range 16 {
		p.relative(storeR, i, data+after+4*i)
	}
}

// encode returns an instruction's bytes.
func (in *instruction) encode(o operands) []byte {
	f := in.format()
	code := in.xop << f.shift
	for i, r := range []uint8{o.a, o.b, o.c, o.d}[:f.registers] {
		code |= uint32(r) << (4 * (f.registers - 1 - i))
	}
	b := []byte{in.opcode, byte(code >> 16), byte(code >> 8), byte(code)}
	if f.length == 6 {
		return append(b, byte(o.imm>>8), byte(o.imm))
	}
	if in.opcode == op0I {
		b[2], b[3] = byte(o.imm>>8), byte(o.imm)
	}
	return b
}

// A setting holds the registers, memory and operands of a case.
type setting struct {
	in     *instruction
	r      *rand.Rand
	o      operands
	data   uint32 // address of the case's data
	next   uint32 // address of the next instruction
	memory []byte // the data
	short  bool   // a short instruction follows
}

// interesting are typical register values.
var interesting = []uint32{0, 1, 2, 3, ^uint32(0), ^uint32(1), 1 << 31, 1<<31 - 1, 0x7FFF, 0x8000, 0xFFFF, 0xFFFF8000, 0x3F}

func (s *setting) value() uint32 {
	switch s.r.IntN(3) {
	case 0:
		return s.r.Uint32()
	case 1:
		return s.r.Uint32N(64) // bits of a comparison
	}
	return interesting[s.r.IntN(len(interesting))]
}

func (s *setting) set(register uint8, v uint32) {
	binary.BigEndian.PutUint32(s.memory[before+4*int(register):], v)
}

// target returns an address where a case can continue.
func (s *setting) target() uint32 { return s.next + 6*s.r.Uint32N(3) }

// fill sets everything at random, and then what the instruction needs to stay within
// the case and to avoid undefined behavior in the virtual machine's C.
func (s *setting) fill() {
	register := func() uint8 { return uint8(s.r.IntN(16)) }
	s.o = operands{a: register(), b: register(), c: register(), d: register(), imm: s.value()}
	for i := range uint8(16) {
		s.set(i, s.value())
	}
	for i := scratch; i < size; i++ {
		s.memory[i] = byte(s.r.Uint32())
	}
	pointer := s.data + middle
	name := s.in.name
	has := func(prefixes string) bool {
		for prefix := range strings.FieldsSeq(prefixes) {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has("LOADX STOREX"):
		s.o.c = (s.o.b + 1 + uint8(s.r.IntN(15))) % 16
		s.set(s.o.b, pointer)
		s.set(s.o.c, s.r.Uint32N(40)-20)
	case has("LOADI LOADUI"):
	case has("LOADR STORER"):
		s.o.imm = pointer + s.r.Uint32N(40) - 20 - s.next
	case has("LOAD STORE"):
		s.set(s.o.b, pointer)
		s.o.imm = s.r.Uint32N(40) - 20
	case has("PUSHPC CALLI"):
		s.set(s.o.a, pointer)
		s.o.imm = s.target() - s.next
	case has("RET POPPC"):
		s.set(s.o.a, pointer+4)
		binary.BigEndian.PutUint32(s.memory[middle:], s.target())
	case has("PUSH POP"):
		s.set(s.o.b, pointer)
	case has("CALL BRANCH"):
		s.o.b = (s.o.a + 1 + uint8(s.r.IntN(15))) % 16
		s.set(s.o.a, s.target())
		s.set(s.o.b, pointer)
	case has("CMPJUMP. CMPJUMPU."):
		s.set(s.o.c, s.target())
	case has("JSR_COROUTINE"):
		s.set(s.o.a, s.target())
	case has("JUMP CMPJUMPI. CMPJUMPUI."):
		s.o.imm = s.target() - s.next
	case has("CMPSKIP"):
		s.short = s.r.IntN(2) == 0
		switch s.r.IntN(3) { // operands of comparisons are often equal, with or without sign extension
		case 0:
			s.set(s.o.a, s.o.imm&0xFFFF)
		case 1:
			s.set(s.o.a, uint32(int16(s.o.imm)))
		}
	case has("DIVIDE"):
		s.set(s.o.d, s.r.Uint32()|5)
	case has("DIV MOD"):
		s.set(s.o.c, s.r.Uint32()|5)
	case has("SAL SAR SL SR ROL ROR"):
		s.set(s.o.c, s.r.Uint32N(70))
		s.o.imm = s.r.Uint32N(70)
	}
}
