package riscv

import "sync"

// An op is the operation of an instruction. Instructions with a register and with an
// immediate operand, such as ADD and ADDI, share an op.
type op uint8

const (
	opLUI op = iota
	opAUIPC
	opJAL
	opJALR

	opBEQ
	opBNE
	opBLT
	opBGE
	opBLTU
	opBGEU

	opLB
	opLH
	opLW
	opLD
	opLBU
	opLHU
	opLWU
	opSB
	opSH
	opSW
	opSD

	opFENCE
	opECALL
	opEBREAK

	opADD
	opSUB
	opSLL
	opSLT
	opSLTU
	opXOR
	opSRL
	opSRA
	opOR
	opAND
	opMUL
	opMULH
	opMULHSU
	opMULHU
	opDIV
	opDIVU
	opREM
	opREMU
)

// A format is an instruction format ("Base Instruction Formats").
type format uint8

const (
	formatR format = iota
	formatI
	formatS
	formatB
	formatU
	formatJ
	formatShift // I; the low bits of the immediate are a shift amount
	formatWhole // no operands
)

// A variant says which processors have an instruction, and in which form.
type variant uint8

const (
	both   variant = iota
	only64         // RV64
	word           // RV64, with a name that ends in W: operates on 32 bits
)

// An encoding is a row of the manual's chapter "RV32/64G Instruction Set Listings":
// it matches the instruction word w if w&mask == bits.
type encoding struct {
	mask, bits uint32
	format     format
	op         op
	variant    variant
}

const (
	onlyOpcode = 0x0000007F
	withFunct3 = 0x0000707F
	withFunct7 = 0xFE00707F
	withFunct6 = 0xFC00707F // shifts by a constant in RV64I
	wholeWord  = 0xFFFFFFFF
)

var encodings = []encoding{
	{onlyOpcode, 0x00000037, formatU, opLUI, both},
	{onlyOpcode, 0x00000017, formatU, opAUIPC, both},
	{onlyOpcode, 0x0000006F, formatJ, opJAL, both},
	{withFunct3, 0x00000067, formatI, opJALR, both},
	{withFunct3, 0x00000063, formatB, opBEQ, both},
	{withFunct3, 0x00001063, formatB, opBNE, both},
	{withFunct3, 0x00004063, formatB, opBLT, both},
	{withFunct3, 0x00005063, formatB, opBGE, both},
	{withFunct3, 0x00006063, formatB, opBLTU, both},
	{withFunct3, 0x00007063, formatB, opBGEU, both},
	{withFunct3, 0x00000003, formatI, opLB, both},
	{withFunct3, 0x00001003, formatI, opLH, both},
	{withFunct3, 0x00002003, formatI, opLW, both},
	{withFunct3, 0x00003003, formatI, opLD, only64},
	{withFunct3, 0x00004003, formatI, opLBU, both},
	{withFunct3, 0x00005003, formatI, opLHU, both},
	{withFunct3, 0x00006003, formatI, opLWU, only64},
	{withFunct3, 0x00000023, formatS, opSB, both},
	{withFunct3, 0x00001023, formatS, opSH, both},
	{withFunct3, 0x00002023, formatS, opSW, both},
	{withFunct3, 0x00003023, formatS, opSD, only64},
	{withFunct3, 0x00000013, formatI, opADD, both},     // ADDI
	{withFunct3, 0x00002013, formatI, opSLT, both},     // SLTI
	{withFunct3, 0x00003013, formatI, opSLTU, both},    // SLTIU
	{withFunct3, 0x00004013, formatI, opXOR, both},     // XORI
	{withFunct3, 0x00006013, formatI, opOR, both},      // ORI
	{withFunct3, 0x00007013, formatI, opAND, both},     // ANDI
	{withFunct6, 0x00001013, formatShift, opSLL, both}, // SLLI
	{withFunct6, 0x00005013, formatShift, opSRL, both}, // SRLI
	{withFunct6, 0x40005013, formatShift, opSRA, both}, // SRAI
	{withFunct3, 0x0000001B, formatI, opADD, word},     // ADDIW
	{withFunct7, 0x0000101B, formatShift, opSLL, word}, // SLLIW
	{withFunct7, 0x0000501B, formatShift, opSRL, word}, // SRLIW
	{withFunct7, 0x4000501B, formatShift, opSRA, word}, // SRAIW
	{withFunct7, 0x00000033, formatR, opADD, both},
	{withFunct7, 0x40000033, formatR, opSUB, both},
	{withFunct7, 0x00001033, formatR, opSLL, both},
	{withFunct7, 0x00002033, formatR, opSLT, both},
	{withFunct7, 0x00003033, formatR, opSLTU, both},
	{withFunct7, 0x00004033, formatR, opXOR, both},
	{withFunct7, 0x00005033, formatR, opSRL, both},
	{withFunct7, 0x40005033, formatR, opSRA, both},
	{withFunct7, 0x00006033, formatR, opOR, both},
	{withFunct7, 0x00007033, formatR, opAND, both},
	{withFunct7, 0x0000003B, formatR, opADD, word}, // ADDW
	{withFunct7, 0x4000003B, formatR, opSUB, word}, // SUBW
	{withFunct7, 0x0000103B, formatR, opSLL, word}, // SLLW
	{withFunct7, 0x0000503B, formatR, opSRL, word}, // SRLW
	{withFunct7, 0x4000503B, formatR, opSRA, word}, // SRAW
	{withFunct7, 0x02000033, formatR, opMUL, both},
	{withFunct7, 0x02001033, formatR, opMULH, both},
	{withFunct7, 0x02002033, formatR, opMULHSU, both},
	{withFunct7, 0x02003033, formatR, opMULHU, both},
	{withFunct7, 0x02004033, formatR, opDIV, both},
	{withFunct7, 0x02005033, formatR, opDIVU, both},
	{withFunct7, 0x02006033, formatR, opREM, both},
	{withFunct7, 0x02007033, formatR, opREMU, both},
	{withFunct7, 0x0200003B, formatR, opMUL, word},  // MULW
	{withFunct7, 0x0200403B, formatR, opDIV, word},  // DIVW
	{withFunct7, 0x0200503B, formatR, opDIVU, word}, // DIVUW
	{withFunct7, 0x0200603B, formatR, opREM, word},  // REMW
	{withFunct7, 0x0200703B, formatR, opREMU, word}, // REMUW
	{withFunct3, 0x0000000F, formatWhole, opFENCE, both},
	{wholeWord, 0x00000073, formatWhole, opECALL, both},
	{wholeWord, 0x00100073, formatWhole, opEBREAK, both},
}

// byOpcode holds the encodings by their low seven bits.
var byOpcode = sync.OnceValue(func() *[128][]encoding {
	by := new([128][]encoding)
	for _, e := range encodings {
		by[e.bits&onlyOpcode] = append(by[e.bits&onlyOpcode], e)
	}
	return by
})

// An access describes the memory access of a load or store.
type access struct {
	size   int  // in bytes
	signed bool // sign-extended
}

// accesses describes the loads and stores ("Load and Store Instructions").
var accesses = [...]access{
	opLB: {1, true}, opLH: {2, true}, opLW: {4, true}, opLD: {8, true},
	opLBU: {1, false}, opLHU: {2, false}, opLWU: {4, false},
	opSB: {1, false}, opSH: {2, false}, opSW: {4, false}, opSD: {8, false},
}

// An inst is a decoded instruction.
type inst struct {
	op           op
	word         bool // operates on 32 bits, and sign-extends the result
	immediate    bool // the second operand is imm instead of rs2
	rd, rs1, rs2 uint8
	imm          int32
}

// decode decodes the instruction word w for a processor whose registers have the
// given number of bits. ok is false if w is not an instruction there.
func decode(w uint32, bits int) (in inst, ok bool) {
	for _, e := range byOpcode()[w&onlyOpcode] {
		if w&e.mask != e.bits {
			continue
		}
		in := inst{
			op:        e.op,
			word:      e.variant == word,
			immediate: e.format != formatR,
			rd:        uint8(w >> 7 & 31),
			rs1:       uint8(w >> 15 & 31),
			rs2:       uint8(w >> 20 & 31),
			imm:       immediate(w, e.format),
		}
		ok := bits == 64 || e.variant == both && !(e.format == formatShift && in.imm > 31)
		return in, ok
	}
	return inst{}, false
}

// immediate returns the immediate operand ("Immediate Encoding Variants").
func immediate(w uint32, f format) int32 {
	s := int32(w)
	switch f {
	case formatI:
		return s >> 20
	case formatShift:
		return int32(w >> 20 & 63)
	case formatS:
		return s>>25<<5 | int32(w>>7&31)
	case formatB:
		return s>>31<<12 | int32(w>>7&1<<11|w>>25&63<<5|w>>8&15<<1)
	case formatU:
		return int32(w & 0xFFFFF000)
	case formatJ:
		return s>>31<<20 | int32(w>>12&0xFF<<12|w>>20&1<<11|w>>21&0x3FF<<1)
	}
	return 0
}
