package x86

import (
	"encoding/binary"

	"stage0/internal/emu/micro"
)

// An inst is a decoded instruction.
type inst struct {
	kind   kind
	size   uint8 // of the operands, in bytes
	from   uint8 // size of src, for movzx and movsx
	cond   micro.Cond
	dst    operand
	src    operand
	base   uint8 // address of the operand in memory:
	index  uint8 // base + index<<scale + disp,
	scale  uint8
	narrow bool  // of which the low 32 bits count: prefix 67 on amd64
	length uint8 // in bytes
	disp   uint64
	imm    uint64 // the immediate operand, or the target of a direct jump
	pc     uint64
}

// next returns the address of the instruction after in.
func (in *inst) next() uint64 { return in.pc + uint64(in.length) }

// An operand is the place of an operand: a register if it is less than highByte.
type operand uint8

const (
	highByte  operand = 0x20 + iota // bits 8 to 15 of the registers ax to bx
	memory    operand = 0x40 + iota // at base + index<<scale + disp
	immediate                       // imm
	none
)

// maxLength is the maximum length of an instruction, in bytes.
const maxLength = 15

// A decoder is the state of decoding an instruction.
type decoder struct {
	text  []byte // the remaining bytes
	short bool   // the instruction needs more bytes
	amd64 bool
	rex   uint8 // REX prefix, or 0
	size  uint8 // of an operand with size v
	modrm uint8
	op    uint8 // last opcode byte
	in    inst

	relative bool // disp is relative to the next instruction
}

// Bits of the REX prefix.
const (
	rexB = 1 << iota
	rexX
	rexR
	rexW
)

// decode decodes the instruction at pc. text starts with its bytes, and is shorter
// than maxLength only if the executable memory ends there. decode reports whether
// there is such an instruction.
func decode(pc uint64, text []byte, amd64 bool) (inst, bool) {
	d := decoder{text: text, amd64: amd64}
	d.in = inst{pc: pc, base: noReg, index: noReg, dst: none, src: none}
	if !d.decode() || d.short {
		return inst{}, false
	}
	in := d.in
	in.length = uint8(len(text) - len(d.text))
	switch in.kind {
	case jcc, jmp, call:
		in.imm += in.next()
		if !amd64 {
			in.imm = truncate(in.imm, 4)
		}
	}
	if d.relative {
		in.disp += in.next()
	}
	return in, true
}

// number takes the next n bytes as an unsigned number.
func (d *decoder) number(n int) uint64 {
	if len(d.text) < n {
		d.short = true
		return 0
	}
	var b [8]byte
	copy(b[:], d.text[:n])
	d.text = d.text[n:]
	return binary.LittleEndian.Uint64(b[:])
}

// signed takes the next n bytes as a signed number.
func (d *decoder) signed(n int) uint64 { return extend(d.number(n), uint8(n)) }

// truncate returns the low size bytes of v.
func truncate(v uint64, size uint8) uint64 {
	return v & (^uint64(0) >> (64 - 8*size))
}

// extend sign-extends v from size bytes.
func extend(v uint64, size uint8) uint64 {
	shift := 64 - 8*size
	return uint64(int64(v<<shift) >> shift)
}

// decode fills in d.in. It reports whether the instruction exists.
func (d *decoder) decode() bool {
	d.size = 4
	d.op = uint8(d.number(1))
	for d.op == 0x66 || d.op == 0x67 && d.amd64 {
		if d.op == 0x66 {
			d.size = 2
		} else {
			d.in.narrow = true
		}
		d.op = uint8(d.number(1))
	}
	if d.amd64 && d.op&0xF0 == 0x40 {
		d.rex = d.op
		if d.rex&rexW != 0 {
			d.size = 8
		}
		d.op = uint8(d.number(1))
	}
	rows := &oneByte
	if d.op == 0x0F {
		rows = &twoByte
		d.op = uint8(d.number(1))
	}
	if d.short || d.only(rows == &twoByte) {
		return false
	}
	row := rows[d.op]
	if row.kind == undefined {
		return false
	}
	if hasModRM(row.dst) || hasModRM(row.src) {
		d.modrm = uint8(d.number(1))
		d.address()
	}
	if row.kind >= groups {
		group := row.kind
		row.kind = groupTable[group-groups][d.modrm>>3&7]
		if group == group3 && row.kind == test {
			row.src = iz
			if row.dst == eb {
				row.src = ib
			}
		}
	}
	return d.operands(row)
}

// only reports whether the opcode exists only on the other processor.
func (d *decoder) only(two bool) bool {
	if d.amd64 {
		return !two && d.op == 0xCD
	}
	return !two && d.op == 0x63 || two && d.op == 0x05
}

func hasModRM(a arg) bool { return a >= eb && a <= gv || a == m }

// operands fills in the kind and operands of an instruction.
func (d *decoder) operands(row opcode) bool {
	in := &d.in
	in.kind = row.kind
	in.size = d.size
	switch row.kind {
	case undefined:
		return false
	case push, pop, pushf, popf, leave, ret, call, jmp, jcc, callTo, jmpTo:
		// 64 bits on amd64. A 16-bit jump would truncate the address.
		if row.kind >= control && d.size == 2 {
			return false
		}
		if d.amd64 && d.size == 4 {
			in.size = 8
		}
	}
	switch row.dst {
	case al, eb, gb, ob, zb:
		in.size = 1
	}
	in.dst = d.operand(row.dst)
	in.src = d.operand(row.src)
	switch row.kind {
	case imul3:
		n := int(min(d.size, 4))
		if d.op == 0x6B {
			n = 1
		}
		in.imm = d.signed(n)
	case movzx, movsx:
		in.from = map[arg]uint8{eb: 1, ew: 2, ed: 4}[row.src]
		if in.from == 1 {
			in.src = d.register8(in.src)
		}
		if row.src == ed && d.size == 2 {
			return false
		}
	case xchg:
		if in.dst == ax && row.src == rAX {
			in.kind = nop // which preserves the upper half of rax
		}
	case setcc, cmovcc, jcc:
		in.cond = micro.Cond(d.op & 15)
	case bswap:
		return d.size != 2
	case lea:
		return in.src == memory
	case syscall:
		return d.amd64 || in.imm == extend(0x80, 1)
	}
	return true
}

// operand returns the place of an operand. Displacements and immediates are taken in
// the order of the row, after ModRM.
func (d *decoder) operand(a arg) operand {
	in := &d.in
	switch a {
	case al, rAX:
		return ax
	case cl:
		return cx
	case eb, ew, ed, ev, m:
		if d.modrm < 0xC0 {
			return memory
		}
		r := operand(d.modrm&7 | d.rex&rexB<<3)
		if a == eb && in.size == 1 {
			r = d.register8(r)
		}
		return r
	case gb:
		return d.register8(operand(d.modrm>>3&7 | d.rex&rexR<<1))
	case gv:
		return operand(d.modrm>>3&7 | d.rex&rexR<<1)
	case zb:
		return d.register8(operand(d.op&7 | d.rex&rexB<<3))
	case zv:
		return operand(d.op&7 | d.rex&rexB<<3)
	case ib, jb:
		in.imm = d.signed(1)
		return immediate
	case iw:
		in.imm = d.number(2)
		return immediate
	case iz:
		in.imm = d.signed(int(min(d.size, 4)))
		return immediate
	case jz:
		in.imm = d.signed(4)
		return immediate
	case iv:
		in.imm = d.signed(int(d.size))
		return immediate
	case i1:
		in.imm = 1
		return immediate
	case ob, ov:
		n := 4
		if d.amd64 && !in.narrow {
			n = 8
		}
		in.disp = d.number(n)
		return memory
	}
	return none
}

// register8 returns a byte register: without REX, 4 to 7 are the high bytes of
// ax to bx.
func (d *decoder) register8(r operand) operand {
	if d.rex == 0 && r >= 4 && r < 8 {
		return highByte + r - 4
	}
	return r
}

// address takes SIB and displacement.
func (d *decoder) address() {
	in := &d.in
	mod, rm := d.modrm>>6, d.modrm&7
	switch {
	case mod == 3:
		return
	case rm == 4:
		sib := uint8(d.number(1))
		in.scale = sib >> 6
		if index := sib>>3&7 | d.rex&rexX<<2; index != sp {
			in.index = index
		}
		if sib&7 != 5 || mod != 0 {
			in.base = sib&7 | d.rex&rexB<<3
		} else {
			in.disp = d.signed(4)
		}
	case rm == 5 && mod == 0:
		in.disp = d.signed(4)
		d.relative = d.amd64
	default:
		in.base = rm | d.rex&rexB<<3
	}
	switch mod {
	case 1:
		in.disp = d.signed(1)
	case 2:
		in.disp = d.signed(4)
	}
}
