package arm

import (
	"math/bits"

	"stage0/emu/cpu"
)

// Shifts of a shifted register, as the manual numbers them (DecodeShift).
const (
	shiftLSL = iota
	shiftLSR
	shiftASR
	shiftROR
)

// execute does an instruction at pc. If it does not go on with the next one,
// it sets *next to where it does. It returns what is wrong, and for a load or
// store the address; then it has done nothing.
func (c *core) execute(in *inst, pc uint64, next *uint64) (cpu.FaultKind, uint64) {
	n := c.x[in.rn]
	m := c.x[in.rm]
	switch in.op {
	case opADDimm:
		c.add(in, n, in.imm, 0)
	case opSUBimm:
		c.add(in, n, ^in.imm, 1)
	case opADD:
		c.add(in, n, shift(in, m), 0)
	case opSUB:
		c.add(in, n, ^shift(in, m), 1)
	case opADDext:
		c.add(in, n, extend(m, in.how)<<in.amount, 0)
	case opSUBext:
		c.add(in, n, ^(extend(m, in.how) << in.amount), 1)
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
		if c.flags.holds(in.how) {
			*next = pc + in.imm
		}
	case opCBZ, opCBNZ:
		if !in.wide {
			m = uint64(uint32(m))
		}
		if (m == 0) == (in.op == opCBZ) {
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

// set sets the destination, of which the upper half is zero if the operands
// are of 32 bits.
func (c *core) set(in *inst, v uint64) {
	if !in.wide {
		v = uint64(uint32(v))
	}
	c.x[in.rd] = v
}

// add sets the destination to x + y + carry, and the flags. Those of 32 bits
// are the flags of the same sum in the upper half of 64.
func (c *core) add(in *inst, x, y, carry uint64) {
	c.set(in, x+y+carry)
	if !in.flags {
		return
	}
	if !in.wide {
		x, y = x<<32, y<<32
		if carry == 1 {
			y |= 0xFFFFFFFF
		}
	}
	c.flags = flags{bits: add(x, y, carry)}
}

// logical sets the destination, and the flags.
func (c *core) logical(in *inst, v uint64) {
	c.set(in, v)
	if !in.flags {
		return
	}
	if !in.wide {
		v <<= 32
	}
	c.flags = flags{bits: signAndZero(v)}
}

// shift returns v shifted as ShiftReg does (J1.3).
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

// extend returns v extended as ExtendReg does (J1.3), before it is shifted.
// option is of the order UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX.
func extend(v uint64, option uint8) uint64 {
	unused := 64 - 8<<(option&3)
	if option >= 4 {
		return uint64(int64(v<<unused) >> unused)
	}
	return v << unused >> unused
}

// divide returns the quotient: zero for a division by zero, and the dividend
// for the one that overflows.
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

// bitfield does SBFM, BFM and UBFM. immr is in.amount, imms in.imm: if imms is
// not below immr, bits imms to immr go to the bottom; else bits imms to 0 go to
// where the rotation right by immr has them. (C6.2: "Bitfield move".)
func (c *core) bitfield(in *inst, n uint64) {
	size, immr, imms := 64, int(in.amount), int(in.imm)
	if !in.wide {
		size = 32
	}
	low, width := 0, imms-immr+1 // where the field goes, and how large it is
	if imms >= immr {
		n >>= immr
	} else {
		low, width = size-immr, imms+1
	}
	mask := ^uint64(0) >> (64 - width)
	field := n & mask
	switch in.op {
	case opSBFM:
		c.set(in, uint64(int64(field<<(64-width))>>(64-width))<<low)
	case opUBFM:
		c.set(in, field<<low)
	default:
		c.set(in, c.x[in.rd]&^(mask<<low)|field<<low)
	}
}

// access does a load or store.
func (c *core) access(in *inst, addr uint64) (cpu.FaultKind, uint64) {
	size := int(in.how)
	switch in.op {
	case opSTR, opSTRpre, opSTRpost, opSTRreg:
		if !c.mem.StoreSlow(addr, size, c.x[in.rd]) {
			return cpu.BadStore, addr
		}
		return "", 0
	}
	v, ok := c.mem.LoadSlow(addr, size)
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
