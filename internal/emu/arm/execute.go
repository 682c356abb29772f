package arm

import (
	"math/bits"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Kinds of shifts, as encoded in shifted registers (DecodeShift).
const (
	shiftLSL = iota
	shiftLSR
	shiftASR
	shiftROR
)

// execute executes an instruction at pc. If execution does not continue with the next
// instruction, it sets *next. If it fails, it returns the kind of fault and, for a
// load or store, the address, and has no effect.
func (c *core) execute(in *inst, pc uint64, next *uint64) (cpu.FaultKind, uint64) {
	n := c.x[in.rn]
	m := c.x[in.rm]
	switch in.op {
	case opADDimm:
		c.add(in, n, in.imm)
	case opSUBimm:
		c.sub(in, n, in.imm)
	case opADD:
		c.add(in, n, shift(in, m))
	case opSUB:
		c.sub(in, n, shift(in, m))
	case opADDext:
		c.add(in, n, extend(m, in.how)<<in.amount)
	case opSUBext:
		c.sub(in, n, extend(m, in.how)<<in.amount)
	case opANDimm:
		c.logical(in, n&in.imm)
	case opORRimm:
		c.logical(in, n|in.imm)
	case opEORimm:
		c.logical(in, n^in.imm)
	case opAND:
		c.logical(in, n&shift(in, m))
	case opBIC:
		c.logical(in, n&^shift(in, m))
	case opORR:
		c.logical(in, n|shift(in, m))
	case opORN:
		c.logical(in, n|^shift(in, m))
	case opEOR:
		c.logical(in, n^shift(in, m))
	case opEON:
		c.logical(in, n^^shift(in, m))

	case opADR:
		c.x[in.rd] = pc + in.imm
	case opADRP:
		c.x[in.rd] = pc&^0xFFF + in.imm<<12
	case opMOVZ:
		c.set(in, in.imm<<in.amount)
	case opMOVN:
		c.set(in, ^(in.imm << in.amount))
	case opMOVK:
		c.set(in, c.x[in.rd]&^(0xFFFF<<in.amount)|in.imm<<in.amount)
	case opSBFM, opBFM, opUBFM:
		c.bitfield(in, n)

	case opMADD:
		c.set(in, c.x[in.ra]+n*m)
	case opMSUB:
		c.set(in, c.x[in.ra]-n*m)
	case opUDIV, opSDIV:
		c.set(in, divide(in, n, m))
	case opLSLV, opLSRV, opASRV, opRORV:
		by := *in
		by.how, by.amount = uint8(in.op-opLSLV), uint8(m&63)
		if !in.wide {
			by.amount &= 31
		}
		c.set(in, shift(&by, n))

	case opLDR, opSTR:
		return c.access(in, n+in.imm)
	case opLDRreg, opSTRreg:
		return c.access(in, n+extend(m, uint8(in.imm))<<in.amount)
	case opLDRlit:
		return c.access(in, pc+in.imm)
	case opLDRpre, opSTRpre:
		kind, addr := c.access(in, n+in.imm)
		if kind == "" {
			c.x[in.ra] = n + in.imm
		}
		return kind, addr
	case opLDRpost, opSTRpost:
		kind, addr := c.access(in, n)
		if kind == "" {
			c.x[in.ra] = n + in.imm
		}
		return kind, addr

	case opB:
		*next = pc + in.imm
	case opBL:
		*next = pc + in.imm
		c.x[lr] = pc + 4
	case opBcond:
		if cond, ok := condition(in.how); !ok || c.flags.Holds(cond) {
			*next = pc + in.imm
		}
	case opCBZ, opCBNZ:
		if (in.cut(m) == 0) == (in.op == opCBZ) {
			*next = pc + in.imm
		}
	case opTBZ, opTBNZ:
		if (m>>in.amount&1 == 0) == (in.op == opTBZ) {
			*next = pc + in.imm
		}
	case opBR, opRET:
		*next = n
	case opBLR:
		*next = n
		c.x[lr] = pc + 4
	case opSVC, opNOP:
	case opBRK:
		return cpu.Breakpoint, 0
	default:
		return cpu.Undefined, 0
	}
	return "", 0
}

// cut truncates v to the operands' size.
func (in *inst) cut(v uint64) uint64 {
	if !in.wide {
		return uint64(uint32(v))
	}
	return v
}

// size returns the operands' size, in bytes.
func (in *inst) size() uint8 {
	if in.wide {
		return 8
	}
	return 4
}

// set sets the destination. Its upper half is zero if the operands have 32 bits.
func (c *core) set(in *inst, v uint64) { c.x[in.rd] = in.cut(v) }

// add, sub and logical set the destination to x+y, x-y and v, and the flags.
func (c *core) add(in *inst, x, y uint64)  { c.setWithFlags(in, micro.Sum, x, y, x+y) }
func (c *core) sub(in *inst, x, y uint64)  { c.setWithFlags(in, micro.Comparison, x, y, x-y) }
func (c *core) logical(in *inst, v uint64) { c.setWithFlags(in, micro.Logic, 0, 0, v) }

// setWithFlags sets the destination to v, the result of an operation on x and y. It
// sets the flags if the instruction does.
func (c *core) setWithFlags(in *inst, kind micro.FlagKind, x, y, v uint64) {
	if in.flags {
		c.flags = micro.Flags{Kind: kind, Size: in.size(), A: in.cut(x), B: in.cut(y), R: in.cut(v)}
	}
	c.set(in, v)
}

// shift shifts v like ShiftReg (J1.3).
func shift(in *inst, v uint64) uint64 {
	if !in.wide {
		switch v := uint32(v); in.how {
		case shiftLSL:
			return uint64(v << in.amount)
		case shiftLSR:
			return uint64(v >> in.amount)
		case shiftASR:
			return uint64(uint32(int32(v) >> in.amount))
		default:
			return uint64(bits.RotateLeft32(v, -int(in.amount)))
		}
	}
	switch in.how {
	case shiftLSL:
		return v << in.amount
	case shiftLSR:
		return v >> in.amount
	case shiftASR:
		return uint64(int64(v) >> in.amount)
	default:
		return bits.RotateLeft64(v, -int(in.amount))
	}
}

// extend extends v like ExtendReg (J1.3), before the shift. The options are, in
// order, UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW and SXTX.
func extend(v uint64, option uint8) uint64 {
	unused := 64 - 8<<(option&3)
	if option >= 4 {
		return uint64(int64(v<<unused) >> unused)
	}
	return v << unused >> unused
}

// divide returns the quotient. Division by zero yields zero; the division that
// overflows yields the dividend.
func divide(in *inst, n, m uint64) uint64 {
	if !in.wide {
		n, m = uint64(uint32(n)), uint64(uint32(m))
		if in.op == opSDIV {
			n, m = uint64(int64(int32(n))), uint64(int64(int32(m)))
		}
	}
	switch {
	case m == 0:
		return 0
	case in.op == opUDIV:
		return n / m
	case int64(m) == -1:
		return -n
	}
	return uint64(int64(n) / int64(m))
}

// field returns the field that a bitfield move copies: width bits, from bit src to
// bit dst. immr is in.amount, imms is in.imm. If imms >= immr, bits immr to imms are
// copied to bit 0; otherwise, bits 0 to imms are copied to where a right rotation by
// immr puts them. (C6.2: "Bitfield move".)
func (in *inst) field() (src, dst, width uint64) {
	immr, imms := uint64(in.amount), in.imm
	if imms >= immr {
		return immr, 0, imms - immr + 1
	}
	return 0, 8*uint64(in.size()) - immr, imms + 1
}

// bitfield executes SBFM, BFM and UBFM.
func (c *core) bitfield(in *inst, n uint64) {
	src, dst, width := in.field()
	mask := ^uint64(0) >> (64 - width)
	field := n >> src & mask
	switch in.op {
	case opSBFM:
		c.set(in, uint64(int64(field<<(64-width))>>(64-width))<<dst)
	case opUBFM:
		c.set(in, field<<dst)
	default:
		c.set(in, c.x[in.rd]&^(mask<<dst)|field<<dst)
	}
}

// access executes a load or store.
func (c *core) access(in *inst, addr uint64) (cpu.FaultKind, uint64) {
	size := int(in.how)
	switch in.op {
	case opSTR, opSTRpre, opSTRpost, opSTRreg:
		if !c.mem.Store(addr, size, c.x[in.rd]) {
			return cpu.BadStore, addr
		}
		return "", 0
	}
	v, ok := c.mem.Load(addr, size)
	if !ok {
		return cpu.BadLoad, addr
	}
	if in.signed {
		unused := 64 - 8*size
		v = uint64(int64(v<<unused) >> unused)
	}
	c.set(in, v)
	return "", 0
}
