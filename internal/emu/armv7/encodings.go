package armv7

// An op is an instruction, named as in the manual.
type op uint8

const (
	opNone op = iota // not an instruction, or not implemented
	opAND
	opEOR
	opSUB
	opRSB
	opADD
	opADC
	opSBC
	opRSC
	opTST
	opTEQ
	opCMP
	opCMN
	opORR
	opMOV // with a shift, also LSL, LSR, ASR, ROR and RRX
	opBIC
	opMVN
	opMUL
	opMLA
	opUMAAL
	opMLS
	opUMULL
	opUMLAL
	opSMULL
	opSMLAL
	opMOVW // MOV (immediate), encoding A2
	opMOVT
	opNOP
	opBX
	opBLX
	opCLZ
	opBKPT
	opSTR
	opLDR
	opSTRB
	opLDRB
	opSTRH
	opLDRH
	opLDRSB
	opLDRSH
	opSDIV
	opUDIV
	opSTM
	opLDM
	opB
	opBL
	opSVC
)

// A form is the kind of an instruction's last operand: of data processing, or the
// offset of a load or store.
type form uint8

const (
	immediate     form = iota // i
	register                  // Rm, shifted by the constant i; y is the type of shift
	shiftRegister             // Rm, shifted by Rs; y is the type of shift
)

// An encoding is a row of a table in chapter A5 of the manual. The pattern is the
// instruction word, from bit 31 down, as drawn in chapter A8. A digit is a bit with
// that value; so are digits in parentheses in the manual, which does not define
// words with other values. A letter is a bit of a field:
//
//	c  cond             n  Rn           i  imm24, imm12, imm5, imm4:imm12, imm4H:imm4L
//	S  flags are set    d  Rd or RdHi   y  type, of a shift
//	P  index            a  Ra or RdLo   r  register_list
//	U  add              m  Rm
//	W  write back       s  Rs
//	                    t  Rt
type encoding struct {
	pattern string
	op      op
	form    form
}

var encodings = []encoding{
	// A5.2.1 Data-processing (register).
	{"cccc 000 0000 S nnnn dddd iiiii yy 0 mmmm", opAND, register},
	{"cccc 000 0001 S nnnn dddd iiiii yy 0 mmmm", opEOR, register},
	{"cccc 000 0010 S nnnn dddd iiiii yy 0 mmmm", opSUB, register},
	{"cccc 000 0011 S nnnn dddd iiiii yy 0 mmmm", opRSB, register},
	{"cccc 000 0100 S nnnn dddd iiiii yy 0 mmmm", opADD, register},
	{"cccc 000 0101 S nnnn dddd iiiii yy 0 mmmm", opADC, register},
	{"cccc 000 0110 S nnnn dddd iiiii yy 0 mmmm", opSBC, register},
	{"cccc 000 0111 S nnnn dddd iiiii yy 0 mmmm", opRSC, register},
	{"cccc 000 1000 1 nnnn 0000 iiiii yy 0 mmmm", opTST, register},
	{"cccc 000 1001 1 nnnn 0000 iiiii yy 0 mmmm", opTEQ, register},
	{"cccc 000 1010 1 nnnn 0000 iiiii yy 0 mmmm", opCMP, register},
	{"cccc 000 1011 1 nnnn 0000 iiiii yy 0 mmmm", opCMN, register},
	{"cccc 000 1100 S nnnn dddd iiiii yy 0 mmmm", opORR, register},
	{"cccc 000 1101 S 0000 dddd iiiii yy 0 mmmm", opMOV, register},
	{"cccc 000 1110 S nnnn dddd iiiii yy 0 mmmm", opBIC, register},
	{"cccc 000 1111 S 0000 dddd iiiii yy 0 mmmm", opMVN, register},

	// A5.2.2 Data-processing (register-shifted register).
	{"cccc 000 0000 S nnnn dddd ssss 0 yy 1 mmmm", opAND, shiftRegister},
	{"cccc 000 0001 S nnnn dddd ssss 0 yy 1 mmmm", opEOR, shiftRegister},
	{"cccc 000 0010 S nnnn dddd ssss 0 yy 1 mmmm", opSUB, shiftRegister},
	{"cccc 000 0011 S nnnn dddd ssss 0 yy 1 mmmm", opRSB, shiftRegister},
	{"cccc 000 0100 S nnnn dddd ssss 0 yy 1 mmmm", opADD, shiftRegister},
	{"cccc 000 0101 S nnnn dddd ssss 0 yy 1 mmmm", opADC, shiftRegister},
	{"cccc 000 0110 S nnnn dddd ssss 0 yy 1 mmmm", opSBC, shiftRegister},
	{"cccc 000 0111 S nnnn dddd ssss 0 yy 1 mmmm", opRSC, shiftRegister},
	{"cccc 000 1000 1 nnnn 0000 ssss 0 yy 1 mmmm", opTST, shiftRegister},
	{"cccc 000 1001 1 nnnn 0000 ssss 0 yy 1 mmmm", opTEQ, shiftRegister},
	{"cccc 000 1010 1 nnnn 0000 ssss 0 yy 1 mmmm", opCMP, shiftRegister},
	{"cccc 000 1011 1 nnnn 0000 ssss 0 yy 1 mmmm", opCMN, shiftRegister},
	{"cccc 000 1100 S nnnn dddd ssss 0 yy 1 mmmm", opORR, shiftRegister},
	{"cccc 000 1101 S 0000 dddd ssss 0 yy 1 mmmm", opMOV, shiftRegister},
	{"cccc 000 1110 S nnnn dddd ssss 0 yy 1 mmmm", opBIC, shiftRegister},
	{"cccc 000 1111 S 0000 dddd ssss 0 yy 1 mmmm", opMVN, shiftRegister},

	// A5.2.3 Data-processing (immediate).
	{"cccc 001 0000 S nnnn dddd iiiiiiiiiiii", opAND, immediate},
	{"cccc 001 0001 S nnnn dddd iiiiiiiiiiii", opEOR, immediate},
	{"cccc 001 0010 S nnnn dddd iiiiiiiiiiii", opSUB, immediate},
	{"cccc 001 0011 S nnnn dddd iiiiiiiiiiii", opRSB, immediate},
	{"cccc 001 0100 S nnnn dddd iiiiiiiiiiii", opADD, immediate},
	{"cccc 001 0101 S nnnn dddd iiiiiiiiiiii", opADC, immediate},
	{"cccc 001 0110 S nnnn dddd iiiiiiiiiiii", opSBC, immediate},
	{"cccc 001 0111 S nnnn dddd iiiiiiiiiiii", opRSC, immediate},
	{"cccc 001 1000 1 nnnn 0000 iiiiiiiiiiii", opTST, immediate},
	{"cccc 001 1001 1 nnnn 0000 iiiiiiiiiiii", opTEQ, immediate},
	{"cccc 001 1010 1 nnnn 0000 iiiiiiiiiiii", opCMP, immediate},
	{"cccc 001 1011 1 nnnn 0000 iiiiiiiiiiii", opCMN, immediate},
	{"cccc 001 1100 S nnnn dddd iiiiiiiiiiii", opORR, immediate},
	{"cccc 001 1101 S 0000 dddd iiiiiiiiiiii", opMOV, immediate},
	{"cccc 001 1110 S nnnn dddd iiiiiiiiiiii", opBIC, immediate},
	{"cccc 001 1111 S 0000 dddd iiiiiiiiiiii", opMVN, immediate},

	// A5.2.5 Multiply and multiply accumulate.
	{"cccc 0000000 S dddd 0000 mmmm 1001 nnnn", opMUL, register},
	{"cccc 0000001 S dddd aaaa mmmm 1001 nnnn", opMLA, register},
	{"cccc 0000010 0 dddd aaaa mmmm 1001 nnnn", opUMAAL, register},
	{"cccc 0000011 0 dddd aaaa mmmm 1001 nnnn", opMLS, register},
	{"cccc 0000100 S dddd aaaa mmmm 1001 nnnn", opUMULL, register},
	{"cccc 0000101 S dddd aaaa mmmm 1001 nnnn", opUMLAL, register},
	{"cccc 0000110 S dddd aaaa mmmm 1001 nnnn", opSMULL, register},
	{"cccc 0000111 S dddd aaaa mmmm 1001 nnnn", opSMLAL, register},

	// A5.2.8 Extra load/store instructions.
	{"cccc 000 P U 0 W 0 nnnn tttt 0000 1 01 1 mmmm", opSTRH, register},
	{"cccc 000 P U 0 W 1 nnnn tttt 0000 1 01 1 mmmm", opLDRH, register},
	{"cccc 000 P U 1 W 0 nnnn tttt iiii 1 01 1 iiii", opSTRH, immediate},
	{"cccc 000 P U 1 W 1 nnnn tttt iiii 1 01 1 iiii", opLDRH, immediate},
	{"cccc 000 P U 0 W 1 nnnn tttt 0000 1 10 1 mmmm", opLDRSB, register},
	{"cccc 000 P U 1 W 1 nnnn tttt iiii 1 10 1 iiii", opLDRSB, immediate},
	{"cccc 000 P U 0 W 1 nnnn tttt 0000 1 11 1 mmmm", opLDRSH, register},
	{"cccc 000 P U 1 W 1 nnnn tttt iiii 1 11 1 iiii", opLDRSH, immediate},

	// A5.2.11 MSR (immediate), and hints; 16-bit immediate loads.
	{"cccc 0011 0000 iiii dddd iiiiiiiiiiii", opMOVW, immediate},
	{"cccc 0011 0100 iiii dddd iiiiiiiiiiii", opMOVT, immediate},
	{"cccc 0011 0010 0000 1111 0000 00000000", opNOP, immediate},

	// A5.2.12 Miscellaneous instructions.
	{"cccc 00010 01 0 1111 1111 1111 0 001 mmmm", opBX, register},
	{"cccc 00010 01 0 1111 1111 1111 0 011 mmmm", opBLX, register},
	{"cccc 00010 11 0 1111 dddd 1111 0 001 mmmm", opCLZ, register},
	{"1110 00010 01 0 iiiiiiiiiiii 0 111 iiii", opBKPT, immediate},

	// A5.3 Load/store word and unsigned byte.
	{"cccc 010 P U 0 W 0 nnnn tttt iiiiiiiiiiii", opSTR, immediate},
	{"cccc 010 P U 0 W 1 nnnn tttt iiiiiiiiiiii", opLDR, immediate},
	{"cccc 010 P U 1 W 0 nnnn tttt iiiiiiiiiiii", opSTRB, immediate},
	{"cccc 010 P U 1 W 1 nnnn tttt iiiiiiiiiiii", opLDRB, immediate},
	{"cccc 011 P U 0 W 0 nnnn tttt iiiii yy 0 mmmm", opSTR, register},
	{"cccc 011 P U 0 W 1 nnnn tttt iiiii yy 0 mmmm", opLDR, register},
	{"cccc 011 P U 1 W 0 nnnn tttt iiiii yy 0 mmmm", opSTRB, register},
	{"cccc 011 P U 1 W 1 nnnn tttt iiiii yy 0 mmmm", opLDRB, register},

	// A5.4.4 Signed multiply, signed and unsigned divide.
	{"cccc 01110 001 dddd 1111 mmmm 000 1 nnnn", opSDIV, register},
	{"cccc 01110 011 dddd 1111 mmmm 000 1 nnnn", opUDIV, register},

	// A5.5 Branch, branch with link, and block data transfer.
	{"cccc 100 P U 0 W 0 nnnn rrrrrrrrrrrrrrrr", opSTM, immediate},
	{"cccc 100 P U 0 W 1 nnnn rrrrrrrrrrrrrrrr", opLDM, immediate},
	{"cccc 1010 iiiiiiiiiiiiiiiiiiiiiiii", opB, immediate},
	{"cccc 1011 iiiiiiiiiiiiiiiiiiiiiiii", opBL, immediate},

	// A5.6 Coprocessor instructions, and Supervisor Call.
	{"cccc 1111 iiiiiiiiiiiiiiiiiiiiiiii", opSVC, immediate},
}
