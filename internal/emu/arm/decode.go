package arm

import "math/bits"

// An inst is a decoded instruction. Registers are indices of core.x: the zero
// register is zero as an operand, and sink as a destination.
type inst struct {
	op     op
	rd     uint8  // destination; the source register of a store
	rn, rm uint8  // operands; of a load or store, rn is the base
	ra     uint8  // third operand; of a load or store with writeback, where the new base goes
	how    uint8  // shift or extension of rm; condition; size of an access in bytes
	amount uint8  // of the shift
	imm    uint64 // operand, or distance of a branch or address
	wide   bool   // operands have 64 bits instead of 32
	flags  bool   // sets NZCV
	signed bool   // a load sign-extends
}

// An op is the operation of an instruction.
type op uint8

const (
	opNone op = iota // not an instruction, or not implemented
	opADDimm
	opSUBimm
	opANDimm
	opORRimm
	opEORimm
	opADD
	opSUB
	opADDext
	opSUBext
	opAND
	opBIC
	opORR
	opORN
	opEOR
	opEON
	opADR
	opADRP
	opMOVN
	opMOVZ
	opMOVK
	opSBFM
	opBFM
	opUBFM
	opMADD
	opMSUB
	opUDIV
	opSDIV
	opLSLV
	opLSRV
	opASRV
	opRORV
	opLDR
	opSTR
	opLDRpre
	opSTRpre
	opLDRpost
	opSTRpost
	opLDRreg
	opSTRreg
	opLDRlit
	opB
	opBL
	opBcond
	opCBZ
	opCBNZ
	opTBZ
	opTBNZ
	opBR
	opBLR
	opRET
	opSVC
	opBRK
	opNOP
)

// A format is the layout of an instruction's operands.
type format uint8

const (
	formatAddImm   format = iota // Rd|SP, Rn|SP, imm12 with sh
	formatBitImm                 // Rd|SP, Rn, bitmask
	formatShifted                // Rd, Rn, Rm, shift #imm6
	formatExtended               // Rd|SP, Rn|SP, Rm, extend #imm3
	formatAddress                // Rd, immhi:immlo
	formatMove                   // Rd, imm16, hw
	formatBitfield               // Rd, Rn, immr, imms
	format3                      // Rd, Rn, Rm, Ra
	format2                      // Rd, Rn, Rm
	formatScaled                 // Rt, [Rn|SP, imm12 * size]
	formatUnscaled               // Rt, [Rn|SP, simm9]
	formatIndexed                // Rt, [Rn|SP, Rm, extend]
	formatLiteral                // Rt, imm19
	formatBranch26
	formatBranch19 // cond or Rt
	formatBranch14 // Rt, bit
	formatRegister // Rn
	formatWhole    // no operands
)

// An encoding is a row of a table in the Arm Architecture Reference Manual (DDI 0487,
// C4.1 "A64 instruction set encoding"): it matches the instruction word w if w&mask
// == bits. flags is the instruction's bit S.
type encoding struct {
	mask, bits uint32
	format     format
	op         op
	flags      bool
}

var encodings = []encoding{
	// C4.1.92 Data Processing -- Immediate: PC-rel. addressing.
	{0x9F000000, 0x10000000, formatAddress, opADR, false},
	{0x9F000000, 0x90000000, formatAddress, opADRP, false},
	// Add/subtract (immediate).
	{0x7F800000, 0x11000000, formatAddImm, opADDimm, false},
	{0x7F800000, 0x31000000, formatAddImm, opADDimm, true},
	{0x7F800000, 0x51000000, formatAddImm, opSUBimm, false},
	{0x7F800000, 0x71000000, formatAddImm, opSUBimm, true},
	// Logical (immediate).
	{0x7F800000, 0x12000000, formatBitImm, opANDimm, false},
	{0x7F800000, 0x32000000, formatBitImm, opORRimm, false},
	{0x7F800000, 0x52000000, formatBitImm, opEORimm, false},
	{0x7F800000, 0x72000000, formatBitImm, opANDimm, true},
	// Move wide (immediate).
	{0x7F800000, 0x12800000, formatMove, opMOVN, false},
	{0x7F800000, 0x52800000, formatMove, opMOVZ, false},
	{0x7F800000, 0x72800000, formatMove, opMOVK, false},
	// Bitfield.
	{0x7F800000, 0x13000000, formatBitfield, opSBFM, false},
	{0x7F800000, 0x33000000, formatBitfield, opBFM, false},
	{0x7F800000, 0x53000000, formatBitfield, opUBFM, false},

	// C4.1.95 Data Processing -- Register: logical (shifted register).
	{0x7F200000, 0x0A000000, formatShifted, opAND, false},
	{0x7F200000, 0x0A200000, formatShifted, opBIC, false},
	{0x7F200000, 0x2A000000, formatShifted, opORR, false},
	{0x7F200000, 0x2A200000, formatShifted, opORN, false},
	{0x7F200000, 0x4A000000, formatShifted, opEOR, false},
	{0x7F200000, 0x4A200000, formatShifted, opEON, false},
	{0x7F200000, 0x6A000000, formatShifted, opAND, true},
	{0x7F200000, 0x6A200000, formatShifted, opBIC, true},
	// Add/subtract (shifted register).
	{0x7F200000, 0x0B000000, formatShifted, opADD, false},
	{0x7F200000, 0x2B000000, formatShifted, opADD, true},
	{0x7F200000, 0x4B000000, formatShifted, opSUB, false},
	{0x7F200000, 0x6B000000, formatShifted, opSUB, true},
	// Add/subtract (extended register).
	{0x7FE00000, 0x0B200000, formatExtended, opADDext, false},
	{0x7FE00000, 0x2B200000, formatExtended, opADDext, true},
	{0x7FE00000, 0x4B200000, formatExtended, opSUBext, false},
	{0x7FE00000, 0x6B200000, formatExtended, opSUBext, true},
	// Data-processing (2 source).
	{0x7FE0FC00, 0x1AC00800, format2, opUDIV, false},
	{0x7FE0FC00, 0x1AC00C00, format2, opSDIV, false},
	{0x7FE0FC00, 0x1AC02000, format2, opLSLV, false},
	{0x7FE0FC00, 0x1AC02400, format2, opLSRV, false},
	{0x7FE0FC00, 0x1AC02800, format2, opASRV, false},
	{0x7FE0FC00, 0x1AC02C00, format2, opRORV, false},
	// Data-processing (3 source).
	{0x7FE08000, 0x1B000000, format3, opMADD, false},
	{0x7FE08000, 0x1B008000, format3, opMSUB, false},

	// C4.1.94 Loads and Stores: load register (literal).
	{0xBF000000, 0x18000000, formatLiteral, opLDRlit, false},
	{0xFF000000, 0x98000000, formatLiteral, opLDRlit, false},
	// Load/store register (immediate post-indexed), (immediate pre-indexed),
	// (unscaled immediate), (register offset), (unsigned immediate). opc 00 is a
	// store, the others are loads: see loadStore.
	{0x3F200C00, 0x38000400, formatUnscaled, opLDRpost, false},
	{0x3F200C00, 0x38000C00, formatUnscaled, opLDRpre, false},
	{0x3F200C00, 0x38000000, formatUnscaled, opLDR, false},
	{0x3F200C00, 0x38200800, formatIndexed, opLDRreg, false},
	{0x3F000000, 0x39000000, formatScaled, opLDR, false},

	// C4.1.93 Branches, Exception Generating and System instructions.
	{0xFF000010, 0x54000000, formatBranch19, opBcond, false},
	{0xFFE0001F, 0xD4000001, formatWhole, opSVC, false},
	{0xFFE0001F, 0xD4200000, formatWhole, opBRK, false},
	{0xFFFFFFFF, 0xD503201F, formatWhole, opNOP, false},
	{0xFFFFFC1F, 0xD61F0000, formatRegister, opBR, false},
	{0xFFFFFC1F, 0xD63F0000, formatRegister, opBLR, false},
	{0xFFFFFC1F, 0xD65F0000, formatRegister, opRET, false},
	{0xFC000000, 0x14000000, formatBranch26, opB, false},
	{0xFC000000, 0x94000000, formatBranch26, opBL, false},
	{0x7F000000, 0x34000000, formatBranch19, opCBZ, false},
	{0x7F000000, 0x35000000, formatBranch19, opCBNZ, false},
	{0x7F000000, 0x36000000, formatBranch14, opTBZ, false},
	{0x7F000000, 0x37000000, formatBranch14, opTBNZ, false},
}

// decode decodes the instruction word w. The op is opNone if w is not an instruction,
// or not implemented.
func decode(w uint32) inst {
	for i := range encodings {
		if e := &encodings[i]; w&e.mask == e.bits {
			in := inst{
				op: e.op, flags: e.flags, wide: w>>31 != 0,
				rd: to(w), rn: from(w >> 5), rm: from(w >> 16), ra: from(w >> 10),
			}
			if !in.operands(w, e.format) {
				return inst{}
			}
			return in
		}
	}
	return inst{}
}

// from returns the index of an operand register, where 31 is the zero register; orSP
// is the same where 31 is the stack pointer; to returns the index of a destination.
func from(field uint32) uint8 {
	if field &= 31; field != 31 {
		return uint8(field)
	}
	return zero
}

func orSP(field uint32) uint8 { return uint8(field & 31) }

func to(field uint32) uint8 {
	if field &= 31; field != 31 {
		return uint8(field)
	}
	return sink
}

// signed returns the n bits of w starting at bit at, sign-extended.
func signed(w uint32, at, n int) uint64 {
	return uint64(int64(int32(w<<(32-at-n)) >> (32 - n)))
}

// operands decodes the operands of a format. It reports whether the encoding is
// allocated.
func (in *inst) operands(w uint32, f format) bool {
	switch f {
	case formatAddImm:
		in.imm = uint64(w >> 10 & 0xFFF << (w >> 22 & 1 * 12))
		in.rn = orSP(w >> 5)
		if !in.flags {
			in.rd = orSP(w)
		}
	case formatBitImm:
		if !in.flags {
			in.rd = orSP(w)
		}
		var ok bool
		in.imm, ok = bitmask(w>>22&1, w>>10&63, w>>16&63, in.wide)
		return ok
	case formatShifted:
		in.how, in.amount = uint8(w>>22&3), uint8(w>>10&63)
		arithmetic := in.op == opADD || in.op == opSUB
		return (in.wide || in.amount < 32) && !(arithmetic && in.how == shiftROR)
	case formatExtended:
		in.how, in.amount = uint8(w>>13&7), uint8(w>>10&7)
		in.rn = orSP(w >> 5)
		if !in.flags {
			in.rd = orSP(w)
		}
		return in.amount <= 4
	case formatAddress:
		in.imm = signed(w, 5, 19)<<2 | uint64(w>>29&3)
	case formatMove:
		in.imm, in.amount = uint64(w>>5&0xFFFF), uint8(w>>21&3*16)
		return in.wide || in.amount < 32
	case formatBitfield:
		in.amount, in.imm = uint8(w>>16&63), uint64(w>>10&63)
		return in.wide == (w>>22&1 != 0) && (in.wide || in.amount < 32 && in.imm < 32)
	case formatScaled, formatUnscaled, formatIndexed:
		return in.loadStore(w, f)
	case formatLiteral:
		in.imm = signed(w, 5, 19) << 2
		in.how = 4
		if w>>30 == 1 {
			in.how = 8
		}
		in.signed = w>>30 == 2
		in.wide = in.signed || in.how == 8
	case formatBranch26:
		in.imm = signed(w, 0, 26) << 2
	case formatBranch19:
		in.imm, in.how, in.rm = signed(w, 5, 19)<<2, uint8(w&15), from(w)
	case formatBranch14:
		in.imm, in.amount, in.rm = signed(w, 5, 14)<<2, uint8(w>>26&32|w>>19&31), from(w)
	}
	return true
}

// loadStore decodes the operands of a load or store of a general-purpose register
// (C4.1.94: fields size and opc).
func (in *inst) loadStore(w uint32, f format) bool {
	size, opc := w>>30, w>>22&3
	in.how = 1 << size
	in.rn = orSP(w >> 5)
	in.ra = in.rn
	in.signed = opc >= 2
	in.wide = size == 3 || opc == 2
	if opc >= 2 && size == 3 || opc == 3 && size == 2 {
		return false // a prefetch, or unallocated
	}
	switch f {
	case formatScaled:
		in.imm = uint64(w>>10&0xFFF) << size
	case formatUnscaled:
		in.imm = signed(w, 12, 9)
	case formatIndexed:
		// The extension goes to in.imm; extensions of less than 32 bits are
		// unallocated.
		in.imm, in.amount = uint64(w>>13&7), uint8(w>>12&1*size)
		if in.imm&2 == 0 {
			return false
		}
	}
	if moves := in.op == opLDRpre || in.op == opLDRpost; moves && w&31 == w>>5&31 && w&31 != 31 {
		return false // constrained unpredictable: the base is the transferred register
	}
	if opc == 0 {
		in.rd = from(w)
		in.op++ // opSTR, opSTRpre, ... follow opLDR, opLDRpre, ...
	}
	return true
}

// bitmask decodes the immediate in the fields N, imms and immr, as DecodeBitMasks
// does (DDI 0487, J1.3). It returns false if the value is reserved.
func bitmask(n, imms, immr uint32, wide bool) (uint64, bool) {
	if n == 1 && !wide {
		return 0, false
	}
	length := bits.Len32(n<<6|^imms&63) - 1
	if length < 1 {
		return 0, false
	}
	size := uint32(1) << length
	ones, rotate := imms&(size-1), immr&(size-1)
	if ones == size-1 {
		return 0, false
	}
	element := uint64(1)<<(ones+1) - 1
	element = element>>rotate | element<<(size-rotate)
	if size < 64 {
		element &= 1<<size - 1
	}
	for ; size < 64; size *= 2 {
		element |= element << size
	}
	if !wide {
		element &= 0xFFFFFFFF
	}
	return element, true
}
