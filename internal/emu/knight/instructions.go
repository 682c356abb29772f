package knight

import (
	"fmt"
	"iter"
)

// An instruction is a row of the table of instructions.
type instruction struct {
	opcode byte
	xop    uint32
	name   string
	do     action
}

func (in *instruction) format() *format { return &formats[in.opcode] }

// Digits returns all instructions except HALCODEs: the name, and the hex digits
// that assembly language has for it, which come before those of registers and
// immediates. Digits that the virtual machine ignores are those of ISA_HEX_Map.org.
func Digits() iter.Seq2[string, string] {
	return func(yield func(name, digits string) bool) {
		for _, in := range instructions {
			if in.opcode != opHALCODE && !yield(in.name, in.digits()) {
				return
			}
		}
	}
}

func (in *instruction) digits() string {
	f := in.format()
	n := 6 - f.registers // after the opcode
	switch in.opcode {
	case op0I:
		n = 2
	case opHALT:
		return "FFFFFFFF"
	}
	return fmt.Sprintf("%02X%0*X", in.opcode, n, in.xop)
}

// instructions are all instructions, in the order of ISA_HEX_Map.org.
var instructions = []instruction{
	{opNOP, 0, "NOP", nop},

	// Add subgroup, subtract subgroup
	{op4, 0x00, "ADD.CI", add(true, nil)},
	{op4, 0x01, "ADD.CO", add(false, signedCarry)},
	{op4, 0x02, "ADD.CIO", add(true, signedCarry)},
	{op4, 0x03, "ADDU.CI", add(true, nil)},
	{op4, 0x04, "ADDU.CO", add(false, unsignedCarry)},
	{op4, 0x05, "ADDU.CIO", add(true, unsignedCarry)},
	{op4, 0x06, "SUB.BI", subtract(true, nil)},
	{op4, 0x07, "SUB.BO", subtract(false, signedBorrow)},
	{op4, 0x08, "SUB.BIO", subtract(true, signedBorrow)},
	{op4, 0x09, "SUBU.BI", subtract(true, nil)},
	{op4, 0x0A, "SUBU.BO", subtract(false, unsignedBorrow)},
	{op4, 0x0B, "SUBU.BIO", subtract(true, unsignedBorrow)},

	// Long math subgroup
	{op4, 0x0C, "MULTIPLY", pair(signedProduct)},
	{op4, 0x0D, "MULTIPLYU", pair(unsignedProduct)},
	{op4, 0x0E, "DIVIDE", dividePair(signedQuotient)},
	{op4, 0x0F, "DIVIDEU", dividePair(unsignedQuotient)},

	// Logic subgroup
	{op4, 0x10, "MUX", mux(0)},
	{op4, 0x11, "NMUX", mux(^uint32(0))},
	{op4, 0x12, "SORT", pair(func(c, d uint32) (uint32, uint32) { return pick(greater, c, d), pick(greater, c, d) ^ c ^ d })},
	{op4, 0x13, "SORTU", pair(func(c, d uint32) (uint32, uint32) { return max(c, d), min(c, d) })},

	// Turing group
	{op3, 0x000, "ADD", operate(func(b, c uint32) uint32 { return b + c })},
	{op3, 0x001, "ADDU", operate(func(b, c uint32) uint32 { return b + c })},
	{op3, 0x002, "SUB", operate(func(b, c uint32) uint32 { return b - c })},
	{op3, 0x003, "SUBU", operate(func(b, c uint32) uint32 { return b - c })},
	{op3, 0x004, "CMP", operate(signedOrder)},
	{op3, 0x005, "CMPU", operate(unsignedOrder)},

	// Convenience group
	{op3, 0x006, "MUL", operate(func(b, c uint32) uint32 { return b * c })},
	{op3, 0x007, "MULH", operate(func(b, c uint32) uint32 { return 0 })}, // the virtual machine has already lost the upper half
	{op3, 0x008, "MULU", operate(func(b, c uint32) uint32 { return b * c })},
	{op3, 0x009, "MULUH", operate(func(b, c uint32) uint32 { _, high := unsignedProduct(b, c); return high })},
	{op3, 0x00A, "DIV", divide(quotient, signedQuotient)},
	{op3, 0x00B, "MOD", divide(remainder, signedQuotient)},
	{op3, 0x00C, "DIVU", divide(quotient, unsignedQuotient)},
	{op3, 0x00D, "MODU", divide(remainder, unsignedQuotient)},

	// Sort group
	{op3, 0x010, "MAX", operate(func(b, c uint32) uint32 { return pick(greater, b, c) })},
	{op3, 0x011, "MAXU", operate(func(b, c uint32) uint32 { return max(b, c) })},
	{op3, 0x012, "MIN", operate(func(b, c uint32) uint32 { return pick(less, b, c) })},
	{op3, 0x013, "MINU", operate(func(b, c uint32) uint32 { return min(b, c) })},

	// Logical group
	{op3, 0x020, "AND", operate(and)},
	{op3, 0x021, "OR", operate(or)},
	{op3, 0x022, "XOR", operate(xor)},
	{op3, 0x023, "NAND", operate(nand)},
	{op3, 0x024, "NOR", operate(nor)},
	{op3, 0x025, "XNOR", operate(xnor)},
	{op3, 0x026, "MPQ", operate(func(b, c uint32) uint32 { return ^b & c })},
	{op3, 0x027, "LPQ", operate(func(b, c uint32) uint32 { return b &^ c })},
	{op3, 0x028, "CPQ", operate(func(b, c uint32) uint32 { return ^b | c })},
	{op3, 0x029, "BPQ", operate(func(b, c uint32) uint32 { return b | ^c })},

	// Bit rotation group
	{op3, 0x030, "SAL", operate(shiftLeft)},
	{op3, 0x031, "SAR", operate(shiftRight)},
	{op3, 0x032, "SL0", operate(fillLeft0)},
	{op3, 0x033, "SR0", operate(fillRight0)},
	{op3, 0x034, "SL1", operate(fillLeft1)},
	{op3, 0x035, "SR1", operate(fillRight1)},
	{op3, 0x036, "ROL", operate(func(b, c uint32) uint32 { return rotateLeft(b, -c) })}, // the virtual machine's ROL rotates right,
	{op3, 0x037, "ROR", operate(rotateLeft)},                                            // and its ROR rotates left

	// Load group, store group
	{op3, 0x038, "LOADX", load(4, indexed)},
	{op3, 0x039, "LOADX8", loadSigned(1, indexed)},
	{op3, 0x03A, "LOADXU8", load(1, indexed)},
	{op3, 0x03B, "LOADX16", loadSigned(2, indexed)},
	{op3, 0x03C, "LOADXU16", load(2, indexed)},
	{op3, 0x03D, "LOADX32", load(4, indexed)},
	{op3, 0x03E, "LOADXU32", load(4, indexed)},
	{op3, 0x048, "STOREX", store(4, indexed)},
	{op3, 0x049, "STOREX8", store(1, indexed)},
	{op3, 0x04A, "STOREX16", store(2, indexed)},
	{op3, 0x04B, "STOREX32", store(4, indexed)},

	// CMPJUMP group
	{op3, 0x050, "CMPJUMP.G", compareJump(greater)},
	{op3, 0x051, "CMPJUMP.GE", compareJump(greaterOrEqual)},
	{op3, 0x052, "CMPJUMP.E", compareJump(equal)},
	{op3, 0x053, "CMPJUMP.NE", compareJump(notEqual)},
	{op3, 0x054, "CMPJUMP.LE", compareJump(lessOrEqual)},
	{op3, 0x055, "CMPJUMP.L", compareJump(less)},
	{op3, 0x060, "CMPJUMPU.G", compareJump(above)},
	{op3, 0x061, "CMPJUMPU.GE", compareJump(aboveOrEqual)},
	{op3, 0x064, "CMPJUMPU.LE", compareJump(belowOrEqual)},
	{op3, 0x065, "CMPJUMPU.L", compareJump(below)},

	// Numeric group, movement group
	{op2, 0x0000, "NEG", unary(func(b uint32) uint32 { return -b })},
	{op2, 0x0001, "ABS", unary(absolute)},
	{op2, 0x0002, "NABS", unary(func(b uint32) uint32 { return -absolute(b) })},
	{op2, 0x0003, "SWAP", swap},
	{op2, 0x0004, "COPY", unary(func(b uint32) uint32 { return b })},
	{op2, 0x0005, "MOVE", move},
	{op2, 0x0006, "NOT", unary(func(b uint32) uint32 { return ^b })},

	// Function call group
	{op2, 0x0100, "BRANCH", branch},
	{op2, 0x0101, "CALL", callRegister},

	// Stack group
	{op2, 0x0200, "PUSHR", push(4)},
	{op2, 0x0201, "PUSH8", push(1)},
	{op2, 0x0202, "PUSH16", push(2)},
	{op2, 0x0203, "PUSH32", push(4)},
	{op2, 0x0280, "POPR", pop(4, unsigned)},
	{op2, 0x0281, "POP8", pop(1, signed)},
	{op2, 0x0282, "POPU8", pop(1, unsigned)},
	{op2, 0x0283, "POP16", pop(2, signed)},
	{op2, 0x0284, "POPU16", pop(2, unsigned)},
	{op2, 0x0285, "POP32", pop(4, unsigned)},
	{op2, 0x0286, "POPU32", pop(4, unsigned)},

	// CMPSKIP group
	{op2, 0x0300, "CMPSKIP.G", compareSkip(greater)},
	{op2, 0x0301, "CMPSKIP.GE", compareSkip(greaterOrEqual)},
	{op2, 0x0302, "CMPSKIP.E", compareSkip(equal)},
	{op2, 0x0303, "CMPSKIP.NE", compareSkip(notEqual)},
	{op2, 0x0304, "CMPSKIP.LE", compareSkip(lessOrEqual)},
	{op2, 0x0305, "CMPSKIP.L", compareSkip(less)},
	{op2, 0x0380, "CMPSKIPU.G", compareSkip(above)},
	{op2, 0x0381, "CMPSKIPU.GE", compareSkip(aboveOrEqual)},
	{op2, 0x0384, "CMPSKIPU.LE", compareSkip(belowOrEqual)},
	{op2, 0x0385, "CMPSKIPU.L", compareSkip(below)},

	// State group, function call group, stack group of one register
	{op1, 0x00000, "READPC", set(func(k *core) uint32 { return k.pc })},
	{op1, 0x00001, "READSCID", set(func(*core) uint32 { return 2 })}, // only 32 bits are supported
	{op1, 0x00002, "FALSE", set(func(*core) uint32 { return 0 })},
	{op1, 0x00003, "TRUE", set(func(*core) uint32 { return ^uint32(0) })},
	{op1, 0x01000, "JSR_COROUTINE", jumpTo},
	{op1, 0x01001, "RET", popPC},
	{op1, 0x02000, "PUSHPC", pushPC},
	{op1, 0x02001, "POPPC", popPC},

	// Conditional set
	{op2I, 0x00, "SET.G", setIf(oneOf(bitGreater))},
	{op2I, 0x01, "SET.GE", setIf(oneOf(bitGreater | bitEqual))},
	{op2I, 0x02, "SET.E", setIf(oneOf(bitEqual))},
	{op2I, 0x03, "SET.NE", setIf(noneOf(bitEqual))},
	{op2I, 0x04, "SET.LE", setIf(oneOf(bitLess | bitEqual))},
	{op2I, 0x05, "SET.L", setIf(oneOf(bitLess))},

	// Arithmetic, loads and stores with an immediate
	{op2I, 0x0E, "ADDI", immediate(func(b, imm uint32) uint32 { return b + imm })},
	{op2I, 0x0F, "ADDUI", immediate(func(b, imm uint32) uint32 { return b + imm })},
	{op2I, 0x10, "SUBI", immediate(func(b, imm uint32) uint32 { return b - imm })},
	{op2I, 0x11, "SUBUI", immediate(func(b, imm uint32) uint32 { return b - imm })},
	{op2I, 0x12, "CMPI", immediate(signedOrder)},
	{op2I, 0x13, "LOAD", load(4, displaced)},
	{op2I, 0x14, "LOAD8", loadSigned(1, displaced)},
	{op2I, 0x15, "LOADU8", load(1, displaced)},
	{op2I, 0x16, "LOAD16", loadSigned(2, displaced)},
	{op2I, 0x17, "LOADU16", load(2, displaced)},
	{op2I, 0x18, "LOAD32", load(4, displaced)},
	{op2I, 0x19, "LOADU32", load(4, displaced)},
	{op2I, 0x1F, "CMPUI", immediate(unsignedOrder)},
	{op2I, 0x20, "STORE", store(4, displaced)},
	{op2I, 0x21, "STORE8", store(1, displaced)},
	{op2I, 0x22, "STORE16", store(2, displaced)},
	{op2I, 0x23, "STORE32", store(4, displaced)},
	{op2I, 0xB0, "ANDI", immediate(and)},
	{op2I, 0xB1, "ORI", immediate(or)},
	{op2I, 0xB2, "XORI", immediate(xor)},
	{op2I, 0xB3, "NANDI", immediate(nand)},
	{op2I, 0xB4, "NORI", immediate(nor)},
	{op2I, 0xB5, "XNORI", immediate(xnor)},

	// CMPJUMPI group
	{op2I, 0xC0, "CMPJUMPI.G", compareJumpI(greater)},
	{op2I, 0xC1, "CMPJUMPI.GE", compareJumpI(greaterOrEqual)},
	{op2I, 0xC2, "CMPJUMPI.E", compareJumpI(equal)},
	{op2I, 0xC3, "CMPJUMPI.NE", compareJumpI(notEqual)},
	{op2I, 0xC4, "CMPJUMPI.LE", compareJumpI(lessOrEqual)},
	{op2I, 0xC5, "CMPJUMPI.L", compareJumpI(less)},
	{op2I, 0xD0, "CMPJUMPUI.G", compareJumpI(above)},
	{op2I, 0xD1, "CMPJUMPUI.GE", compareJumpI(aboveOrEqual)},
	{op2I, 0xD4, "CMPJUMPUI.LE", compareJumpI(belowOrEqual)},
	{op2I, 0xD5, "CMPJUMPUI.L", compareJumpI(below)},

	// Conditional jumps
	{op1I, 0x2C0, "JUMP.C", jumpIf(oneOf(bitCarry))},
	{op1I, 0x2C1, "JUMP.B", jumpIf(oneOf(bitBorrow))},
	{op1I, 0x2C2, "JUMP.O", jumpIf(oneOf(bitOverflow))},
	{op1I, 0x2C3, "JUMP.G", jumpIf(oneOf(bitGreater))},
	{op1I, 0x2C4, "JUMP.GE", jumpIf(oneOf(bitGreater | bitEqual))},
	{op1I, 0x2C5, "JUMP.E", jumpIf(oneOf(bitEqual))},
	{op1I, 0x2C6, "JUMP.NE", jumpIf(noneOf(bitEqual))},
	{op1I, 0x2C7, "JUMP.LE", jumpIf(oneOf(bitLess | bitEqual))},
	{op1I, 0x2C8, "JUMP.L", jumpIf(oneOf(bitLess))},
	{op1I, 0x2C9, "JUMP.Z", jumpIf(noneOf(^uint32(0)))},
	{op1I, 0x2CA, "JUMP.NZ", jumpIf(oneOf(^uint32(0)))},
	{op1I, 0x2CB, "JUMP.P", jumpIf(noneOf(bitSign))},
	{op1I, 0x2CC, "JUMP.NP", jumpIf(oneOf(bitSign))},

	// Calls, constants and shifts with an immediate
	{op1I, 0x2D0, "CALLI", callI},
	{op1I, 0x2D1, "LOADI", loadI},
	{op1I, 0x2D2, "LOADUI", loadI},
	{op1I, 0x2D3, "SALI", shiftI(shiftLeft)},
	{op1I, 0x2D4, "SARI", shiftI(shiftRight)},
	{op1I, 0x2D5, "SL0I", shiftI(fillLeft0)},
	{op1I, 0x2D6, "SR0I", shiftI(fillRight0)},
	{op1I, 0x2D7, "SL1I", shiftI(fillLeft1)},
	{op1I, 0x2D8, "SR1I", shiftI(fillRight1)},

	// Loads and stores relative to the next instruction
	{op1I, 0x2E0, "LOADR", load(4, relative)},
	{op1I, 0x2E1, "LOADR8", loadSigned(1, relative)},
	{op1I, 0x2E2, "LOADRU8", load(1, relative)},
	{op1I, 0x2E3, "LOADR16", loadSigned(2, relative)},
	{op1I, 0x2E4, "LOADRU16", load(2, relative)},
	{op1I, 0x2E5, "LOADR32", load(4, relative)},
	{op1I, 0x2E6, "LOADRU32", load(4, relative)},
	{op1I, 0x2F0, "STORER", store(4, relative)},
	{op1I, 0x2F1, "STORER8", store(1, relative)},
	{op1I, 0x2F2, "STORER16", store(2, relative)},
	{op1I, 0x2F3, "STORER32", store(4, relative)},

	// CMPSKIPI group: the virtual machine's CMPSKIPI.E and .NE do not sign-extend
	{op1I, 0xA00, "CMPSKIPI.G", compareSkipI(greater)},
	{op1I, 0xA01, "CMPSKIPI.GE", compareSkipI(greaterOrEqual)},
	{op1I, 0xA02, "CMPSKIPI.E", compareSkipUI(equal)},
	{op1I, 0xA03, "CMPSKIPI.NE", compareSkipUI(notEqual)},
	{op1I, 0xA04, "CMPSKIPI.LE", compareSkipI(lessOrEqual)},
	{op1I, 0xA05, "CMPSKIPI.L", compareSkipI(less)},
	{op1I, 0xA10, "CMPSKIPUI.G", compareSkipUI(above)},
	{op1I, 0xA11, "CMPSKIPUI.GE", compareSkipUI(aboveOrEqual)},
	{op1I, 0xA14, "CMPSKIPUI.LE", compareSkipUI(belowOrEqual)},
	{op1I, 0xA15, "CMPSKIPUI.L", compareSkipUI(below)},

	{op0I, 0x00, "JUMP", jump},
	{opHALCODE, 0, "HALCODE", halcode},
	{opHALT, 0, "HALT", halt},
}
