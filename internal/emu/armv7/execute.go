package armv7

import (
	"math/bits"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// execute executes an instruction whose condition holds, and returns the address of
// the next one. If the error is a fault, it has no effect.
func (c *core) execute(in *inst) (next uint32, err error) {
	next = c.pc + 4
	switch in.op {
	case opMUL, opMLA, opMLS:
		c.multiply(in)
	case opUMULL, opUMLAL, opSMULL, opSMLAL, opUMAAL:
		c.multiplyLong(in)
	case opSDIV, opUDIV:
		c.r[in.d] = divide(in.op, c.r[in.n], c.r[in.m])
	case opCLZ:
		c.r[in.d] = uint32(bits.LeadingZeros32(c.r[in.m]))
	case opMOVW:
		c.r[in.d] = in.imm
	case opMOVT:
		c.r[in.d] = in.imm<<16 | c.r[in.d]&0xFFFF
	case opNOP:
	case opSTR, opLDR, opSTRB, opLDRB, opSTRH, opLDRH, opLDRSB, opLDRSH:
		return c.access(in)
	case opLDM:
		return c.loadMultiple(in)
	case opSTM:
		return next, c.storeMultiple(in)
	case opB:
		next = branchTarget(c.pc, in)
	case opBL:
		next = branchTarget(c.pc, in)
		c.r[lr] = c.pc + 4
	case opBX:
		return c.bxWritePC(c.reg(in.m))
	case opBLX:
		next, err = c.bxWritePC(c.reg(in.m))
		if err == nil {
			c.r[lr] = c.pc + 4
		}
	case opSVC:
		err = cpu.ErrSyscall
	case opBKPT:
		err = c.fault(cpu.Breakpoint, 0)
	default:
		return c.process(in)
	}
	return next, err
}

// reg returns a register as an operand: PC is the instruction's address plus 8
// (A2.3).
func (c *core) reg(n uint8) uint32 {
	if n == pc {
		return c.pc + 8
	}
	return c.r[n]
}

// branchTarget returns the target of a B or BL at an address.
func branchTarget(at uint32, in *inst) uint32 {
	return at + 8 + uint32(int32(in.imm<<8)>>6)
}

// bxWritePC returns the address of the next instruction, like BXWritePC (A2.3.2), and
// like ALUWritePC and LoadWritePC, which are the same in A32. An address with bit 0
// set is Thumb code; one with bit 1 set is UNPREDICTABLE.
func (c *core) bxWritePC(address uint32) (next uint32, err error) {
	if address&3 != 0 {
		return 0, c.fault(cpu.Undefined, 0)
	}
	return address, nil
}

// process executes data processing instructions (A5.2.1 to A5.2.3).
func (c *core) process(in *inst) (next uint32, err error) {
	n := c.reg(in.n)
	operand, carry := c.operand(in)
	var result uint32
	var flags micro.Flags
	switch in.op {
	case opAND, opTST:
		result, flags = c.logical(n&operand, carry)
	case opEOR, opTEQ:
		result, flags = c.logical(n^operand, carry)
	case opORR:
		result, flags = c.logical(n|operand, carry)
	case opBIC:
		result, flags = c.logical(n&^operand, carry)
	case opMOV:
		result, flags = c.logical(operand, carry)
	case opMVN:
		result, flags = c.logical(^operand, carry)
	case opADD, opCMN:
		result, flags = sum(n, operand, false)
	case opADC:
		result, flags = sum(n, operand, c.flags.C())
	case opSUB, opCMP:
		result, flags = difference(n, operand, true)
	case opSBC:
		result, flags = difference(n, operand, c.flags.C())
	case opRSB:
		result, flags = difference(operand, n, true)
	case opRSC:
		result, flags = difference(operand, n, c.flags.C())
	}
	switch in.op {
	case opTST, opTEQ, opCMP, opCMN:
		c.flags = flags
		return c.pc + 4, nil
	}
	if in.d == pc { // S is not set
		return c.bxWritePC(result)
	}
	if in.s {
		c.flags = flags
	}
	c.r[in.d] = result
	return c.pc + 4, nil
}

// logical returns a result and its flags. V is unchanged.
func (c *core) logical(result uint32, carry bool) (uint32, micro.Flags) {
	return result, micro.Flags{Kind: micro.Result, Size: 4, A: flagsCV(carry, c.flags.V()), R: uint64(result)}
}

// flagsCV returns the flags C and V as bits of micro.Flags.
func flagsCV(c, v bool) (bits uint64) {
	if c {
		bits |= micro.FlagC
	}
	if v {
		bits |= micro.FlagV
	}
	return bits
}

// sum is AddWithCarry(x, y, carry) (A2.2.1); difference is AddWithCarry(x, NOT(y),
// carry).
func sum(x, y uint32, carry bool) (uint32, micro.Flags) {
	result := x + y
	if carry {
		result++
	}
	return result, micro.Flags{Kind: micro.Sum, Size: 4, A: uint64(x), B: uint64(y), R: uint64(result)}
}

func difference(x, y uint32, carry bool) (uint32, micro.Flags) {
	result := x - y
	if !carry {
		result--
	}
	return result, micro.Flags{Kind: micro.Comparison, Size: 4, A: uint64(x), B: uint64(y), R: uint64(result)}
}

// operand returns the last operand of data processing, and the shifter's carry.
func (c *core) operand(in *inst) (v uint32, carry bool) {
	carry = c.flags.C()
	switch in.form {
	case immediate:
		return expandImm(in.imm, carry)
	case register:
		kind, n := decodeImmShift(in.shift, in.imm)
		return shift(c.reg(in.m), kind, n, carry)
	}
	return shift(c.r[in.m], in.shift, c.r[in.rs]&0xFF, carry)
}

// expandImm is ARMExpandImm_C (A5.2.4).
func expandImm(imm12 uint32, carry bool) (uint32, bool) {
	return shift(imm12&0xFF, shiftROR, imm12>>8*2, carry)
}

// Types of shifts, as in the field type, with RRX in addition: DecodeImmShift
// (A8.4.3).
const (
	shiftLSL = iota
	shiftLSR
	shiftASR
	shiftROR
	shiftRRX
)

// decodeImmShift is DecodeImmShift.
func decodeImmShift(kind uint8, imm5 uint32) (uint8, uint32) {
	switch {
	case imm5 > 0 || kind == shiftLSL:
		return kind, imm5
	case kind == shiftROR:
		return shiftRRX, 1
	}
	return kind, 32
}

// shift is Shift_C (A8.4.3). n is less than 256.
func shift(v uint32, kind uint8, n uint32, carry bool) (uint32, bool) {
	if n == 0 {
		return v, carry
	}
	switch kind {
	case shiftLSL:
		wide := uint64(v) << n
		return uint32(wide), wide>>32&1 == 1
	case shiftLSR:
		return v >> n, v>>(n-1)&1 == 1
	case shiftASR:
		return uint32(int32(v) >> n), int32(v)>>(n-1)&1 == 1
	case shiftROR:
		result := bits.RotateLeft32(v, -int(n))
		return result, result>>31 == 1
	}
	result := v >> 1
	if carry {
		result |= 1 << 31
	}
	return result, v&1 == 1
}

// multiply executes multiplications with a 32-bit result. C and V are unchanged.
func (c *core) multiply(in *inst) {
	result := c.r[in.n] * c.r[in.m]
	switch in.op {
	case opMLA:
		result += c.r[in.a]
	case opMLS:
		result = c.r[in.a] - result
	}
	if in.s {
		_, c.flags = c.logical(result, c.flags.C())
	}
	c.r[in.d] = result
}

// multiplyLong executes multiplications with a 64-bit result. C and V are unchanged.
func (c *core) multiplyLong(in *inst) {
	n, m := c.r[in.n], c.r[in.m]
	result := uint64(n) * uint64(m)
	if in.op == opSMULL || in.op == opSMLAL {
		result = uint64(int64(int32(n)) * int64(int32(m)))
	}
	hi, lo := c.r[in.d], c.r[in.a]
	switch in.op {
	case opUMLAL, opSMLAL:
		result += uint64(hi)<<32 | uint64(lo)
	case opUMAAL:
		result += uint64(hi) + uint64(lo)
	}
	if in.s {
		nzcv := flagsCV(c.flags.C(), c.flags.V())
		if result>>63 == 1 {
			nzcv |= micro.FlagN
		}
		if result == 0 {
			nzcv |= micro.FlagZ
		}
		c.flags = micro.Flags{Kind: micro.Literal, A: nzcv}
	}
	c.r[in.d], c.r[in.a] = uint32(result>>32), uint32(result)
}

// divide returns the quotient. Division by zero yields zero; the division that
// overflows yields the dividend (A4.4.8).
func divide(o op, n, m uint32) uint32 {
	switch {
	case m == 0:
		return 0
	case o == opUDIV:
		return n / m
	}
	return uint32(int64(int32(n)) / int64(int32(m)))
}
