package disasm

import (
	"fmt"

	"stage0/internal/riscv"
)

// riscvDecoder returns the decoder for registers of the given number of bits.
func riscvDecoder(bits int) decoder {
	return func(pc uint64, code []byte) (Inst, error) {
		w, err := word(code)
		if err != nil {
			return Inst{}, err
		}
		row := riscv.Find(w, bits)
		if row == nil {
			return Inst{}, codeError{code[:4], false}
		}
		inst := riscvInst(row, w)
		if inst.HasTarget {
			inst.Target = pc + uint64(int64(row.Format.Immediate(w)))
			if bits == 32 {
				inst.Target = uint64(uint32(inst.Target))
			}
			inst.Args = append(inst.Args, absolute(inst.Target))
		}
		inst.Mnemonic, inst.Operands = riscvAlias(inst.Op, inst.Args)
		return inst, nil
	}
}

// riscvInst returns the word w as an instruction, without its target.
func riscvInst(row *riscv.Instruction, w uint32) Inst {
	inst := Inst{Len: 4, Op: row.Name}
	rd, rs1, rs2 := riscv.Registers[w>>7&31], riscv.Registers[w>>15&31], riscv.Registers[w>>20&31]
	immediate := row.Format.Immediate(w)
	switch row.Format {
	case riscv.R:
		inst.Args = []string{rd, rs1, rs2}
	case riscv.I, riscv.Shift:
		inst.setImmediate(int64(immediate))
		inst.Args = []string{rd, rs1, fmt.Sprint(immediate)}
	case riscv.Load:
		inst.Args = []string{rd, fmt.Sprintf("%d(%s)", immediate, rs1)}
		if row.Op == riscv.JALR {
			inst.Flow = riscvFlow(rd)
		}
	case riscv.S:
		inst.Args = []string{rs2, fmt.Sprintf("%d(%s)", immediate, rs1)}
	case riscv.B:
		inst.Flow, inst.HasTarget = branch, true
		inst.Args = []string{rs1, rs2}
	case riscv.U:
		inst.setImmediate(int64(immediate))
		inst.Args = []string{rd, fmt.Sprintf("%#x", w>>12)}
	case riscv.J:
		inst.Flow, inst.HasTarget = riscvFlow(rd), true
		inst.Args = []string{rd}
	}
	return inst
}

// riscvFlow returns the flow of a jump that writes the return address to rd.
func riscvFlow(rd string) flow {
	if rd == "zero" {
		return Jump
	}
	return Call
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
