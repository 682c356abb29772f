// Package disasm disassembles machine code of the ladders' processors, one
// instruction at a time: it gives the mnemonic and the operands as text, the
// length, and the control flow.
//
// It decodes x86 and ARM with golang.org/x/arch, and RISC-V with the table in
// internal/riscv: RV32I, RV64I and the extension M, which is all that the
// ladders use. Other RISC-V instructions, such as compressed ones, are errors.
//
// There is one spelling: lower case, with operands separated by a comma and a
// space. x86 is written as in Intel's manuals and NASM (destination first; the
// size of a memory operand only if no register implies it), ARM and RISC-V as
// by the GNU assembler. Jump targets are absolute addresses.
package disasm

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
)

// A flow says where the processor goes after an instruction.
type flow uint8

// The flows.
const (
	next   flow = iota // to the next instruction; also a system call
	branch             // to the next one, or to the target
	Call               // to the target, and from there back to the next one
	Jump               // to the target; never to the next one: jumps, returns
)

// An Inst is an instruction.
type Inst struct {
	Len      int // in bytes
	Mnemonic string
	Operands []string

	// Op and Args are the instruction without aliases: for mv a0, a1 they are
	// addi a0, a1, 0. They differ from Mnemonic and Operands only on RISC-V;
	// for the other architectures the decoder has one spelling.
	Op   string
	Args []string

	Flow      flow
	HasTarget bool   // the target is in the instruction, not in a register or in memory
	Target    uint64 // an address; if HasTarget

	// Immediate is a number in the instruction, as the processor uses it:
	// sign-extended, and shifted for the RISC-V U format. It is not the
	// displacement of a memory operand, nor a target.
	HasImmediate bool
	Immediate    int64
}

// Text returns the instruction in assembler syntax.
func (i Inst) Text() string {
	if len(i.Operands) == 0 {
		return i.Mnemonic
	}
	return i.Mnemonic + " " + strings.Join(i.Operands, ", ")
}

// A decoder decodes the instruction at the start of code, at address pc.
type decoder func(pc uint64, code []byte) (Inst, error)

// decoders is keyed by the names in package arch, plus x86-16, the 16-bit code
// of boot sectors.
var decoders = map[string]decoder{
	"x86-16":  x86(16),
	"x86":     x86(32),
	"amd64":   x86(64),
	"aarch64": aarch64,
	"armv7l":  armv7l,
	"riscv32": riscvDecoder(32),
	"riscv64": riscvDecoder(64),
}

// Known reports whether there is a decoder for an architecture.
func Known(arch string) bool { return decoders[arch] != nil }

// one serializes calls of x/arch, whose decoders record which of their rows
// were used.
var one sync.Mutex

// Decode decodes the instruction at the start of code, at address pc. It is
// safe for concurrent use. It returns an error if the bytes are not an
// instruction of the architecture, if there are too few of them, or if the
// architecture is unknown.
func Decode(arch string, pc uint64, code []byte) (Inst, error) {
	decode := decoders[arch]
	if decode == nil {
		return Inst{}, fmt.Errorf("no disassembler for architecture %q", arch)
	}
	one.Lock()
	defer one.Unlock()
	inst, err := decode(pc, code)
	if err != nil {
		return Inst{}, err
	}
	if inst.Op == "" {
		inst.Op, inst.Args = inst.Mnemonic, inst.Operands
	}
	return inst, nil
}

// A codeError is an error about bytes that are not an instruction.
type codeError struct {
	code  []byte
	short bool
}

func (e codeError) Error() string {
	if len(e.code) == 0 {
		return "the code has ended"
	}
	if e.short {
		return fmt.Sprintf("% x is not a whole instruction", e.code)
	}
	return fmt.Sprintf("% x is not an instruction", e.code)
}

// word returns the 4-byte little-endian instruction at the start of code.
func word(code []byte) (uint32, error) {
	if len(code) < 4 {
		return 0, codeError{code, true}
	}
	return binary.LittleEndian.Uint32(code), nil
}

// absolute formats a target address.
func absolute(target uint64) string { return fmt.Sprintf("%#x", target) }

// number formats immediates and displacements, from 10 up in hex.
func number(v int64) string {
	if -10 < v && v < 10 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}
