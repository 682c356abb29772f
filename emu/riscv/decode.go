package riscv

// An inst is an instruction that has been decoded, or n that have been made
// one (see fuse). rd is sink where the instruction says zero.
type inst struct {
	op               op
	n                uint8
	rd, rs1, rs2, r2 uint8
	how              uint8
	imm, imm2        int32
}

// An op is what an instruction does.
type op uint8

const (
	opNone op = iota // not decoded yet, or no instruction
	opLUI
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
	opADDI
	opSLTI
	opSLTIU
	opXORI
	opORI
	opANDI
	opSLLI
	opSRLI
	opSRAI
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
	opFENCE
	opECALL
	opEBREAK
	opADDIW
	opSLLIW
	opSRLIW
	opSRAIW
	opADDW
	opSUBW
	opSLLW
	opSRLW
	opSRAW
	opMUL
	opMULH
	opMULHSU
	opMULHU
	opDIV
	opDIVU
	opREM
	opREMU
	opMULW
	opDIVW
	opDIVUW
	opREMW
	opREMUW
	opStop // no instruction: behind the last one

	// What fuse makes.
	opPUSH
	opPOP
	opPUSH2
	opPOP2
	opADDIPUSH
	opLDPUSH
	opPUSHLD
	opPUSHADDI
	opLDLD
	opLDADDI
	opADDILD
	opCALC
	opADDC
	opFIELD
	opLDFIELD
	opPOPSD
	opPOPSB
	opINC
	opFILL
	opIFZ
	opIFNZ
	opIFLT
	opIFGE
	opIFLTU
	opIFGEU
)

// A format says where an instruction's parts are ("Base Instruction Formats").
type format uint8

const (
	formatR format = iota
	formatI
	formatS
	formatB
	formatU
	formatJ
	formatShift // I, of which the immediate's low bits are a shift amount
	formatWhole // nothing is left to decode
)

// An encoding is a row of the manual's chapter "RV32/64G Instruction Set
// Listings": an instruction word w is this one if w&mask == bits. rv64 and
// rv32 are what it does there, opNone where it does not exist. opLD and opSD
// move a whole register.
type encoding struct {
	mask, bits uint32
	format     format
	rv64, rv32 op
}

const (
	onlyOpcode = 0x0000007F
	withFunct3 = 0x0000707F
	withFunct7 = 0xFE00707F
	withFunct6 = 0xFC00707F // the shifts by a constant of RV64I
	wholeWord  = 0xFFFFFFFF
)

var encodings = []encoding{
	{onlyOpcode, 0x00000037, formatU, opLUI, opLUI},
	{onlyOpcode, 0x00000017, formatU, opAUIPC, opAUIPC},
	{onlyOpcode, 0x0000006F, formatJ, opJAL, opJAL},
	{withFunct3, 0x00000067, formatI, opJALR, opJALR},
	{withFunct3, 0x00000063, formatB, opBEQ, opBEQ},
	{withFunct3, 0x00001063, formatB, opBNE, opBNE},
	{withFunct3, 0x00004063, formatB, opBLT, opBLT},
	{withFunct3, 0x00005063, formatB, opBGE, opBGE},
	{withFunct3, 0x00006063, formatB, opBLTU, opBLTU},
	{withFunct3, 0x00007063, formatB, opBGEU, opBGEU},
	{withFunct3, 0x00000003, formatI, opLB, opLB},
	{withFunct3, 0x00001003, formatI, opLH, opLH},
	{withFunct3, 0x00002003, formatI, opLW, opLD},
	{withFunct3, 0x00003003, formatI, opLD, opNone},
	{withFunct3, 0x00004003, formatI, opLBU, opLBU},
	{withFunct3, 0x00005003, formatI, opLHU, opLHU},
	{withFunct3, 0x00006003, formatI, opLWU, opNone},
	{withFunct3, 0x00000023, formatS, opSB, opSB},
	{withFunct3, 0x00001023, formatS, opSH, opSH},
	{withFunct3, 0x00002023, formatS, opSW, opSD},
	{withFunct3, 0x00003023, formatS, opSD, opNone},
	{withFunct3, 0x00000013, formatI, opADDI, opADDI},
	{withFunct3, 0x00002013, formatI, opSLTI, opSLTI},
	{withFunct3, 0x00003013, formatI, opSLTIU, opSLTIU},
	{withFunct3, 0x00004013, formatI, opXORI, opXORI},
	{withFunct3, 0x00006013, formatI, opORI, opORI},
	{withFunct3, 0x00007013, formatI, opANDI, opANDI},
	{withFunct6, 0x00001013, formatShift, opSLLI, opSLLI},
	{withFunct6, 0x00005013, formatShift, opSRLI, opSRLI},
	{withFunct6, 0x40005013, formatShift, opSRAI, opSRAI},
	{withFunct7, 0x00000033, formatR, opADD, opADD},
	{withFunct7, 0x40000033, formatR, opSUB, opSUB},
	{withFunct7, 0x00001033, formatR, opSLL, opSLL},
	{withFunct7, 0x00002033, formatR, opSLT, opSLT},
	{withFunct7, 0x00003033, formatR, opSLTU, opSLTU},
	{withFunct7, 0x00004033, formatR, opXOR, opXOR},
	{withFunct7, 0x00005033, formatR, opSRL, opSRL},
	{withFunct7, 0x40005033, formatR, opSRA, opSRA},
	{withFunct7, 0x00006033, formatR, opOR, opOR},
	{withFunct7, 0x00007033, formatR, opAND, opAND},
	{withFunct3, 0x0000000F, formatWhole, opFENCE, opFENCE},
	{wholeWord, 0x00000073, formatWhole, opECALL, opECALL},
	{wholeWord, 0x00100073, formatWhole, opEBREAK, opEBREAK},
	{withFunct3, 0x0000001B, formatI, opADDIW, opNone},
	{withFunct7, 0x0000101B, formatShift, opSLLIW, opNone},
	{withFunct7, 0x0000501B, formatShift, opSRLIW, opNone},
	{withFunct7, 0x4000501B, formatShift, opSRAIW, opNone},
	{withFunct7, 0x0000003B, formatR, opADDW, opNone},
	{withFunct7, 0x4000003B, formatR, opSUBW, opNone},
	{withFunct7, 0x0000103B, formatR, opSLLW, opNone},
	{withFunct7, 0x0000503B, formatR, opSRLW, opNone},
	{withFunct7, 0x4000503B, formatR, opSRAW, opNone},
	{withFunct7, 0x02000033, formatR, opMUL, opMUL},
	{withFunct7, 0x02001033, formatR, opMULH, opMULH},
	{withFunct7, 0x02002033, formatR, opMULHSU, opMULHSU},
	{withFunct7, 0x02003033, formatR, opMULHU, opMULHU},
	{withFunct7, 0x02004033, formatR, opDIV, opDIV},
	{withFunct7, 0x02005033, formatR, opDIVU, opDIVU},
	{withFunct7, 0x02006033, formatR, opREM, opREM},
	{withFunct7, 0x02007033, formatR, opREMU, opREMU},
	{withFunct7, 0x0200003B, formatR, opMULW, opNone},
	{withFunct7, 0x0200403B, formatR, opDIVW, opNone},
	{withFunct7, 0x0200503B, formatR, opDIVUW, opNone},
	{withFunct7, 0x0200603B, formatR, opREMW, opNone},
	{withFunct7, 0x0200703B, formatR, opREMUW, opNone},
}

// decode returns what the instruction word w does on a processor with
// registers of so many bits; its op is opNone if w is no instruction there.
func decode(w uint32, bits int) inst {
	for _, e := range encodings {
		if w&e.mask != e.bits {
			continue
		}
		op := e.rv64
		if bits == 32 {
			op = e.rv32
		}
		in := inst{op: op, n: 1, rd: uint8(w >> 7 & 31), rs1: uint8(w >> 15 & 31), rs2: uint8(w >> 20 & 31), imm: immediate(w, e.format)}
		if in.rd == 0 {
			in.rd = sink
		}
		if e.format == formatShift && bits == 32 && in.imm > 31 {
			return inst{}
		}
		return in
	}
	return inst{}
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
