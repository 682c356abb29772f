// Package riscv is the table of the RISC-V instructions that the ladders use:
// RV32I, RV64I and the extension M, as in The RISC-V Instruction Set Manual,
// volume I, version 20191213. The names of chapters are the manual's.
package riscv

import (
	"strings"
	"sync"
)

// Registers has the registers' names in the calling convention.
var Registers = strings.Fields("zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6")

// An Op is the operation of an instruction. Instructions with a register and
// with an immediate operand, such as ADD and ADDI, share an op, and so do those
// for 32 and 64 bits, such as ADDW and ADD.
type Op uint8

// The operations.
const (
	LUI Op = iota
	AUIPC
	JAL
	JALR

	BEQ
	BNE
	BLT
	BGE
	BLTU
	BGEU

	LB
	LH
	LW
	LD
	LBU
	LHU
	LWU
	SB
	SH
	SW
	SD

	FENCE
	ECALL
	EBREAK

	ADD
	SUB
	SLL
	SLT
	SLTU
	XOR
	SRL
	SRA
	OR
	AND
	MUL
	MULH
	MULHSU
	MULHU
	DIV
	DIVU
	REM
	REMU
)

// A Format says which operands an instruction has, and where they are ("Base
// Instruction Formats").
type Format uint8

// The formats.
const (
	R     Format = iota // rd, rs1, rs2
	I                   // rd, rs1, immediate
	Load                // I, written rd, immediate(rs1)
	Shift               // I, the low bits of the immediate are a shift amount
	S                   // rs2, immediate(rs1)
	B                   // rs1, rs2, target
	U                   // rd, immediate
	J                   // rd, target
	none
)

// An Instruction is a row of the chapter "RV32/64G Instruction Set Listings":
// the bits of the word that Mask selects are Match.
type Instruction struct {
	Name        string
	Mask, Match uint32
	Format      Format
	Op          Op
	only64      bool // on RV64 but not on RV32
}

// The bits that are fixed in a format.
const (
	opcode = 0x0000007F
	funct3 = 0x0000707F
	funct6 = 0xFC00707F // the shift amount has 6 bits; 5 on RV32 and for 32-bit operations
	funct7 = 0xFE00707F
	all    = 0xFFFFFFFF
)

// Instructions is the table.
var Instructions = []Instruction{
	{"lui", opcode, 0x00000037, U, LUI, false},
	{"auipc", opcode, 0x00000017, U, AUIPC, false},
	{"jal", opcode, 0x0000006F, J, JAL, false},
	{"jalr", funct3, 0x00000067, Load, JALR, false},
	{"beq", funct3, 0x00000063, B, BEQ, false},
	{"bne", funct3, 0x00001063, B, BNE, false},
	{"blt", funct3, 0x00004063, B, BLT, false},
	{"bge", funct3, 0x00005063, B, BGE, false},
	{"bltu", funct3, 0x00006063, B, BLTU, false},
	{"bgeu", funct3, 0x00007063, B, BGEU, false},
	{"lb", funct3, 0x00000003, Load, LB, false},
	{"lh", funct3, 0x00001003, Load, LH, false},
	{"lw", funct3, 0x00002003, Load, LW, false},
	{"ld", funct3, 0x00003003, Load, LD, true},
	{"lbu", funct3, 0x00004003, Load, LBU, false},
	{"lhu", funct3, 0x00005003, Load, LHU, false},
	{"lwu", funct3, 0x00006003, Load, LWU, true},
	{"sb", funct3, 0x00000023, S, SB, false},
	{"sh", funct3, 0x00001023, S, SH, false},
	{"sw", funct3, 0x00002023, S, SW, false},
	{"sd", funct3, 0x00003023, S, SD, true},
	{"addi", funct3, 0x00000013, I, ADD, false},
	{"slti", funct3, 0x00002013, I, SLT, false},
	{"sltiu", funct3, 0x00003013, I, SLTU, false},
	{"xori", funct3, 0x00004013, I, XOR, false},
	{"ori", funct3, 0x00006013, I, OR, false},
	{"andi", funct3, 0x00007013, I, AND, false},
	{"slli", funct6, 0x00001013, Shift, SLL, false},
	{"srli", funct6, 0x00005013, Shift, SRL, false},
	{"srai", funct6, 0x40005013, Shift, SRA, false},
	{"add", funct7, 0x00000033, R, ADD, false},
	{"sub", funct7, 0x40000033, R, SUB, false},
	{"sll", funct7, 0x00001033, R, SLL, false},
	{"slt", funct7, 0x00002033, R, SLT, false},
	{"sltu", funct7, 0x00003033, R, SLTU, false},
	{"xor", funct7, 0x00004033, R, XOR, false},
	{"srl", funct7, 0x00005033, R, SRL, false},
	{"sra", funct7, 0x40005033, R, SRA, false},
	{"or", funct7, 0x00006033, R, OR, false},
	{"and", funct7, 0x00007033, R, AND, false},
	{"fence", funct3, 0x0000000F, none, FENCE, false},
	{"ecall", all, 0x00000073, none, ECALL, false},
	{"ebreak", all, 0x00100073, none, EBREAK, false},

	{"addiw", funct3, 0x0000001B, I, ADD, true},
	{"slliw", funct7, 0x0000101B, Shift, SLL, true},
	{"srliw", funct7, 0x0000501B, Shift, SRL, true},
	{"sraiw", funct7, 0x4000501B, Shift, SRA, true},
	{"addw", funct7, 0x0000003B, R, ADD, true},
	{"subw", funct7, 0x4000003B, R, SUB, true},
	{"sllw", funct7, 0x0000103B, R, SLL, true},
	{"srlw", funct7, 0x0000503B, R, SRL, true},
	{"sraw", funct7, 0x4000503B, R, SRA, true},

	{"mul", funct7, 0x02000033, R, MUL, false},
	{"mulh", funct7, 0x02001033, R, MULH, false},
	{"mulhsu", funct7, 0x02002033, R, MULHSU, false},
	{"mulhu", funct7, 0x02003033, R, MULHU, false},
	{"div", funct7, 0x02004033, R, DIV, false},
	{"divu", funct7, 0x02005033, R, DIVU, false},
	{"rem", funct7, 0x02006033, R, REM, false},
	{"remu", funct7, 0x02007033, R, REMU, false},
	{"mulw", funct7, 0x0200003B, R, MUL, true},
	{"divw", funct7, 0x0200403B, R, DIV, true},
	{"divuw", funct7, 0x0200503B, R, DIVU, true},
	{"remw", funct7, 0x0200603B, R, REM, true},
	{"remuw", funct7, 0x0200703B, R, REMU, true},
}

// byOpcode has the instructions by the low seven bits.
var byOpcode = sync.OnceValue(func() *[opcode + 1][]*Instruction {
	by := new([opcode + 1][]*Instruction)
	for i := range Instructions {
		in := &Instructions[i]
		by[in.Match&opcode] = append(by[in.Match&opcode], in)
	}
	return by
})

// Find returns the instruction that the word w is on a processor whose
// registers have the given number of bits, or nil.
func Find(w uint32, bits int) *Instruction {
	for _, in := range byOpcode()[w&opcode] {
		if w&in.Mask != in.Match {
			continue
		}
		if bits == 32 && (in.only64 || in.Format == Shift && w>>25&1 != 0) {
			return nil
		}
		return in
	}
	return nil
}

// Named returns the instruction called name, which must not be a
// pseudoinstruction, or nil.
func Named(name string) *Instruction {
	for i := range Instructions {
		if Instructions[i].Name == name {
			return &Instructions[i]
		}
	}
	return nil
}

// Word reports whether the instruction operates on 32 bits of a 64-bit register,
// and sign-extends the result.
func (in *Instruction) Word() bool { return in.Match&opcode == 0x1B || in.Match&opcode == 0x3B }

// Immediate returns the immediate operand of the word w ("Immediate Encoding
// Variants").
func (f Format) Immediate(w uint32) int32 {
	s := int32(w)
	switch f {
	case I, Load:
		return s >> 20
	case Shift:
		return int32(w >> 20 & 63)
	case S:
		return s>>25<<5 | int32(w>>7&31)
	case B:
		return s>>31<<12 | int32(w>>7&1<<11|w>>25&63<<5|w>>8&15<<1)
	case U:
		return s &^ 0xFFF
	case J:
		return s>>31<<20 | int32(w>>12&0xFF<<12|w>>20&1<<11|w>>21&0x3FF<<1)
	}
	return 0
}

// Encode returns the bits of a word that have the immediate operand v. Bits of
// v that the format lacks are ignored.
func (f Format) Encode(v uint32) uint32 {
	switch f {
	case I, Load, Shift:
		return v << 20
	case S:
		return v>>5&0x7F<<25 | v&0x1F<<7
	case B:
		return v>>12&1<<31 | v>>5&0x3F<<25 | v>>1&0xF<<8 | v>>11&1<<7
	case U:
		return v &^ 0xFFF
	case J:
		return v>>20&1<<31 | v>>1&0x3FF<<21 | v>>11&1<<20 | v>>12&0xFF<<12
	}
	return 0
}
