package disasm

import (
	"fmt"
	"strings"
)

// A riscvFormat says which operands an instruction has, and where they are
// ("Base Instruction Formats" and "Immediate Encoding Variants" of The RISC-V
// Instruction Set Manual, volume I).
type riscvFormat uint8

const (
	formatR     riscvFormat = iota // rd, rs1, rs2
	formatI                        // rd, rs1, immediate
	formatLoad                     // rd, immediate(rs1)
	formatShift                    // rd, rs1, shift amount
	formatS                        // rs2, immediate(rs1)
	formatB                        // rs1, rs2, target
	formatU                        // rd, immediate
	formatJ                        // rd, target
	formatNone
)

// A riscvRow describes an instruction: its bits selected by mask are match.
type riscvRow struct {
	name        string
	mask, match uint32
	format      riscvFormat
	only64      bool // on RV64 but not on RV32
}

// The bits that are fixed in a format.
const (
	maskOpcode = 0x0000007F
	maskFunct3 = 0x0000707F
	maskShift  = 0xFC00707F // the amount has 6 bits; 5 on RV32 and for 32-bit operations
	maskFunct7 = 0xFE00707F
	maskAll    = 0xFFFFFFFF
)

// riscvRows is the manual's chapter "RV32/64G Instruction Set Listings", for I
// and M.
var riscvRows = []riscvRow{
	{"lui", maskOpcode, 0x00000037, formatU, false},
	{"auipc", maskOpcode, 0x00000017, formatU, false},
	{"jal", maskOpcode, 0x0000006F, formatJ, false},
	{"jalr", maskFunct3, 0x00000067, formatLoad, false},
	{"beq", maskFunct3, 0x00000063, formatB, false},
	{"bne", maskFunct3, 0x00001063, formatB, false},
	{"blt", maskFunct3, 0x00004063, formatB, false},
	{"bge", maskFunct3, 0x00005063, formatB, false},
	{"bltu", maskFunct3, 0x00006063, formatB, false},
	{"bgeu", maskFunct3, 0x00007063, formatB, false},
	{"lb", maskFunct3, 0x00000003, formatLoad, false},
	{"lh", maskFunct3, 0x00001003, formatLoad, false},
	{"lw", maskFunct3, 0x00002003, formatLoad, false},
	{"ld", maskFunct3, 0x00003003, formatLoad, true},
	{"lbu", maskFunct3, 0x00004003, formatLoad, false},
	{"lhu", maskFunct3, 0x00005003, formatLoad, false},
	{"lwu", maskFunct3, 0x00006003, formatLoad, true},
	{"sb", maskFunct3, 0x00000023, formatS, false},
	{"sh", maskFunct3, 0x00001023, formatS, false},
	{"sw", maskFunct3, 0x00002023, formatS, false},
	{"sd", maskFunct3, 0x00003023, formatS, true},
	{"addi", maskFunct3, 0x00000013, formatI, false},
	{"slti", maskFunct3, 0x00002013, formatI, false},
	{"sltiu", maskFunct3, 0x00003013, formatI, false},
	{"xori", maskFunct3, 0x00004013, formatI, false},
	{"ori", maskFunct3, 0x00006013, formatI, false},
	{"andi", maskFunct3, 0x00007013, formatI, false},
	{"slli", maskShift, 0x00001013, formatShift, false},
	{"srli", maskShift, 0x00005013, formatShift, false},
	{"srai", maskShift, 0x40005013, formatShift, false},
	{"add", maskFunct7, 0x00000033, formatR, false},
	{"sub", maskFunct7, 0x40000033, formatR, false},
	{"sll", maskFunct7, 0x00001033, formatR, false},
	{"slt", maskFunct7, 0x00002033, formatR, false},
	{"sltu", maskFunct7, 0x00003033, formatR, false},
	{"xor", maskFunct7, 0x00004033, formatR, false},
	{"srl", maskFunct7, 0x00005033, formatR, false},
	{"sra", maskFunct7, 0x40005033, formatR, false},
	{"or", maskFunct7, 0x00006033, formatR, false},
	{"and", maskFunct7, 0x00007033, formatR, false},
	{"fence", maskFunct3, 0x0000000F, formatNone, false},
	{"ecall", maskAll, 0x00000073, formatNone, false},
	{"ebreak", maskAll, 0x00100073, formatNone, false},

	{"addiw", maskFunct3, 0x0000001B, formatI, true},
	{"slliw", maskFunct7, 0x0000101B, formatShift, true},
	{"srliw", maskFunct7, 0x0000501B, formatShift, true},
	{"sraiw", maskFunct7, 0x4000501B, formatShift, true},
	{"addw", maskFunct7, 0x0000003B, formatR, true},
	{"subw", maskFunct7, 0x4000003B, formatR, true},
	{"sllw", maskFunct7, 0x0000103B, formatR, true},
	{"srlw", maskFunct7, 0x0000503B, formatR, true},
	{"sraw", maskFunct7, 0x4000503B, formatR, true},

	{"mul", maskFunct7, 0x02000033, formatR, false},
	{"mulh", maskFunct7, 0x02001033, formatR, false},
	{"mulhsu", maskFunct7, 0x02002033, formatR, false},
	{"mulhu", maskFunct7, 0x02003033, formatR, false},
	{"div", maskFunct7, 0x02004033, formatR, false},
	{"divu", maskFunct7, 0x02005033, formatR, false},
	{"rem", maskFunct7, 0x02006033, formatR, false},
	{"remu", maskFunct7, 0x02007033, formatR, false},
	{"mulw", maskFunct7, 0x0200003B, formatR, true},
	{"divw", maskFunct7, 0x0200403B, formatR, true},
	{"divuw", maskFunct7, 0x0200503B, formatR, true},
	{"remw", maskFunct7, 0x0200603B, formatR, true},
	{"remuw", maskFunct7, 0x0200703B, formatR, true},
}

// riscvRegisters has the register names of the calling convention.
var riscvRegisters = strings.Fields("zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6")

// riscv returns the decoder for registers of width bits.
func riscv(width int) decoder {
	return func(pc uint64, code []byte) (Inst, error) {
		w, err := word(code)
		if err != nil {
			return Inst{}, err
		}
		for _, row := range riscvRows {
			if w&row.mask != row.match || row.only64 && width == 32 {
				continue
			}
			if row.format == formatShift && width == 32 && w>>25&1 != 0 {
				continue
			}
			inst := row.decode(pc, w)
			if width == 32 {
				inst.Target = uint64(uint32(inst.Target))
			}
			if inst.HasTarget {
				inst.Args[len(inst.Args)-1] = absolute(inst.Target)
			}
			inst.Mnemonic, inst.Operands = riscvAlias(inst.Op, inst.Args)
			return inst, nil
		}
		return Inst{}, codeError{code[:4], false}
	}
}

// decode decodes an instruction word. It does not fill in the last of Args if
// that is the target.
func (row riscvRow) decode(pc uint64, w uint32) Inst {
	inst := Inst{Len: 4, Op: row.name}
	rd, rs1, rs2 := riscvRegisters[w>>7&31], riscvRegisters[w>>15&31], riscvRegisters[w>>20&31]
	s := int32(w)
	switch row.format {
	case formatR:
		inst.Args = []string{rd, rs1, rs2}
	case formatI:
		inst.setImmediate(int64(s >> 20))
		inst.Args = []string{rd, rs1, fmt.Sprint(inst.Immediate)}
	case formatShift:
		inst.setImmediate(int64(w >> 20 & 63))
		inst.Args = []string{rd, rs1, fmt.Sprint(inst.Immediate)}
	case formatLoad:
		inst.Args = []string{rd, fmt.Sprintf("%d(%s)", s>>20, rs1)}
		if row.name == "jalr" {
			inst.Flow = Jump
			if rd != "zero" {
				inst.Flow = Call
			}
		}
	case formatS:
		inst.Args = []string{rs2, fmt.Sprintf("%d(%s)", s>>25<<5|int32(w>>7&31), rs1)}
	case formatB:
		distance := s>>31<<12 | int32(w>>7&1<<11|w>>25&0x3F<<5|w>>8&0xF<<1)
		inst.Flow, inst.HasTarget, inst.Target = Branch, true, pc+uint64(int64(distance))
		inst.Args = []string{rs1, rs2, ""}
	case formatU:
		inst.setImmediate(int64(s &^ 0xFFF))
		inst.Args = []string{rd, fmt.Sprintf("%#x", w>>12)}
	case formatJ:
		distance := s>>31<<20 | int32(w>>12&0xFF<<12|w>>20&1<<11|w>>21&0x3FF<<1)
		inst.Flow, inst.HasTarget, inst.Target = Jump, true, pc+uint64(int64(distance))
		if rd != "zero" {
			inst.Flow = Call
		}
		inst.Args = []string{rd, ""}
	}
	return inst
}

func (i *Inst) setImmediate(v int64) { i.HasImmediate, i.Immediate = true, v }

// A riscvAliasRow is a pseudoinstruction. args are the operands of the base
// instruction, where "" matches any; keep lists those that are written.
type riscvAliasRow struct {
	name string
	op   string
	args []string
	keep []int
}

// riscvAliases is the manual's table "RISC-V pseudoinstructions". The first row
// that matches counts.
var riscvAliases = []riscvAliasRow{
	{"nop", "addi", []string{"zero", "zero", "0"}, nil},
	{"li", "addi", []string{"", "zero", ""}, []int{0, 2}},
	{"mv", "addi", []string{"", "", "0"}, []int{0, 1}},
	{"not", "xori", []string{"", "", "-1"}, []int{0, 1}},
	{"neg", "sub", []string{"", "zero", ""}, []int{0, 2}},
	{"negw", "subw", []string{"", "zero", ""}, []int{0, 2}},
	{"sext.w", "addiw", []string{"", "", "0"}, []int{0, 1}},
	{"seqz", "sltiu", []string{"", "", "1"}, []int{0, 1}},
	{"snez", "sltu", []string{"", "zero", ""}, []int{0, 2}},
	{"sltz", "slt", []string{"", "", "zero"}, []int{0, 1}},
	{"sgtz", "slt", []string{"", "zero", ""}, []int{0, 2}},
	{"beqz", "beq", []string{"", "zero", ""}, []int{0, 2}},
	{"bnez", "bne", []string{"", "zero", ""}, []int{0, 2}},
	{"blez", "bge", []string{"zero", "", ""}, []int{1, 2}},
	{"bgez", "bge", []string{"", "zero", ""}, []int{0, 2}},
	{"bltz", "blt", []string{"", "zero", ""}, []int{0, 2}},
	{"bgtz", "blt", []string{"zero", "", ""}, []int{1, 2}},
	{"j", "jal", []string{"zero", ""}, []int{1}},
	{"jal", "jal", []string{"ra", ""}, []int{1}},
	{"ret", "jalr", []string{"zero", "0(ra)"}, nil},
	{"jr", "jalr", []string{"zero", ""}, []int{1}},
	{"jalr", "jalr", []string{"ra", ""}, []int{1}},
}

// riscvAlias returns the assembler's spelling of an instruction.
func riscvAlias(op string, args []string) (string, []string) {
rows:
	for _, row := range riscvAliases {
		if row.op != op {
			continue
		}
		for i, want := range row.args {
			if want != "" && want != args[i] {
				continue rows
			}
		}
		var kept []string
		for _, i := range row.keep {
			kept = append(kept, args[i])
		}
		return row.name, kept
	}
	return op, args
}

// An Encoding is the encoding of a RISC-V instruction: Match, to which the
// registers and the immediate are added in their places.
type Encoding struct {
	Match     uint32
	Immediate byte // format of the immediate: 'I', 'S', 'B', 'U' or 'J'; 0 if there is none
}

// RISCV returns the encoding of the RISC-V instruction op, which must not be a
// pseudoinstruction.
func RISCV(op string) (Encoding, bool) {
	letters := map[riscvFormat]byte{formatI: 'I', formatLoad: 'I', formatShift: 'I', formatS: 'S', formatB: 'B', formatU: 'U', formatJ: 'J'}
	for _, row := range riscvRows {
		if row.name == op {
			return Encoding{row.match, letters[row.format]}, true
		}
	}
	return Encoding{}, false
}
