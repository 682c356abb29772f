package knight

import (
	"sync"

	"stage0/internal/emu/cpu"
)

// A format is the layout of an instruction, which depends on its first byte, the
// opcode. In the next three bytes, the last digits are registers, and the other
// digits are the XOP, which distinguishes instructions with the same opcode. An
// immediate is in the last two bytes (decode_4OP and so on, vm_decode.c).
type format struct {
	length    int    // in bytes
	registers int    // number of registers
	shift     int    // position of the XOP in the three bytes
	mask      uint32 // bits of the XOP that the virtual machine checks
}

// The opcodes.
const (
	opNOP     = 0x00
	op4       = 0x01 // 4OP Integer group
	op3       = 0x05 // 3OP Integer group
	op2       = 0x09 // 2OP Integer group
	op1       = 0x0D // 1OP group
	op0I      = 0x3C // 0OPI group
	opHALCODE = 0x42
	op1I      = 0xE0 // 1OPI group
	op2I      = 0xE1 // 2OPI group
	opHALT    = 0xFF
)

// formats are the formats by opcode. In instructions with an immediate, the virtual
// machine ignores the byte after the opcode.
var formats = [256]format{
	opNOP:     {length: 4, mask: 0xFFFFFF},
	op4:       {length: 4, registers: 4, shift: 16, mask: 0xFF},
	op3:       {length: 4, registers: 3, shift: 12, mask: 0xFFF},
	op2:       {length: 4, registers: 2, shift: 8, mask: 0xFFFF},
	op1:       {length: 4, registers: 1, shift: 4, mask: 0xFFFFF},
	op0I:      {length: 4, shift: 16, mask: 0xFF},
	opHALCODE: {length: 4},
	op1I:      {length: 6, registers: 1, shift: 4, mask: 0xFFF},
	op2I:      {length: 6, registers: 2, shift: 8, mask: 0xFF},
	opHALT:    {length: 4},
}

// operands are the operands of an instruction.
type operands struct {
	a, b, c, d uint8  // registers, in the order of assembly language
	imm        uint32 // the immediate, sign-extended from 16 bits, even where the reference says unsigned
	code       uint32 // the three bytes after the opcode: a HALCODE
}

// table holds the instructions by opcode and XOP.
var table = sync.OnceValue(func() *[256][]*instruction {
	t := new([256][]*instruction)
	for i := range instructions {
		in := &instructions[i]
		for len(t[in.opcode]) <= int(in.xop) {
			t[in.opcode] = append(t[in.opcode], nil)
		}
		t[in.opcode][in.xop] = in
	}
	return t
})

// maxLength is the maximum length of an instruction, in bytes.
const maxLength = 6

// fetch decodes the instruction at PC.
func (k *core) fetch() (*instruction, operands, error) {
	b := k.mem.Fetch(uint64(k.pc), maxLength)
	if len(b) == 0 {
		return nil, operands{}, &cpu.Fault{Kind: cpu.BadFetch, PC: uint64(k.pc)}
	}
	in, o := decode(b)
	if in == nil {
		bytes := append([]byte(nil), b[:min(4, len(b))]...)
		return nil, operands{}, &cpu.Fault{Kind: cpu.Undefined, PC: uint64(k.pc), Bytes: bytes}
	}
	return in, o, nil
}

// decode decodes the instruction that b starts with. It returns nil if that is not an
// instruction or not complete.
func decode(b []byte) (in *instruction, o operands) {
	f := &formats[b[0]]
	if f.length == 0 || len(b) < f.length {
		return nil, o
	}
	o.code = uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	xop := o.code >> f.shift & f.mask
	all := table()[b[0]]
	if xop >= uint32(len(all)) || all[xop] == nil {
		return nil, o
	}
	switch x, y := b[2], b[3]; f.registers {
	case 4:
		o.a, o.b, o.c, o.d = x>>4, x&15, y>>4, y&15
	case 3:
		o.a, o.b, o.c = x&15, y>>4, y&15
	case 2:
		o.a, o.b = y>>4, y&15
	case 1:
		o.a = y & 15
	}
	o.imm = uint32(int16(uint16(b[f.length-2])<<8 | uint16(b[f.length-1])))
	return all[xop], o
}
