// Package disasm takes machine code of the ladders' processors apart, one
// instruction at a time: the mnemonic and the operands as text, how long it is,
// and where it goes next.
//
// x86 and ARM code is decoded by golang.org/x/arch, RISC-V by a table (riscv.go)
// that has RV32I, RV64I and the M extension, which is what the ladders use; what
// else there is on RISC-V, compressed instructions too, is no instruction here.
//
// There is one spelling. Everything is in lower case, operands are separated by
// a comma and a space. x86 is written as Intel's manuals and NASM have it
// (destination first; the size of a memory operand only where no register tells
// it), ARM and RISC-V as the GNU assembler does. Addresses to jump to are
// absolute.
package disasm

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
)

// A Flow says where the processor goes after an instruction.
type Flow uint8

// The flows.
const (
	Next   Flow = iota // to the next instruction; also a system call
	Branch             // to the next one, or to the target
	Call               // to the target, and from there back to the next one
	Jump               // to the target; never to the next one: jumps, returns
)

// An Inst is an instruction.
type Inst struct {
	Len      int // in bytes
	Mnemonic string
	Operands []string

	// Op and Args are the same without aliases: what the assembler's mv a0, a1
	// is to the processor, addi a0, a1, 0. They differ from Mnemonic and Operands
	// on RISC-V only; elsewhere the decoder has one spelling.
	Op   string
	Args []string

	Flow      Flow
	HasTarget bool   // the target stands in the instruction, not in a register or in memory
	Target    uint64 // an address; if HasTarget

	// Immediate is a number that is part of the instruction, as the
	// processor takes it: with its sign, and for the RISC-V U format shifted.
	// Not that of a memory operand, nor a target.
	HasImmediate bool
	Immediate    int64
}

// Text returns the instruction as assemblers write it.
func (i Inst) Text() string {
	if len(i.Operands) == 0 {
		return i.Mnemonic
	}
	return i.Mnemonic + " " + strings.Join(i.Operands, ", ")
}

// A decoder decodes the instruction at the start of code, whose address is pc.
type decoder func(pc uint64, code []byte) (Inst, error)

// decoders is the table of the architectures, by their names in package arch;
// x86-16 is the 16-bit code of boot sectors.
var decoders = map[string]decoder{
	"x86-16":  x86(16),
	"x86":     x86(32),
	"amd64":   x86(64),
	"aarch64": aarch64,
	"armv7l":  armv7l,
	"riscv32": riscv(32),
	"riscv64": riscv(64),
}

// Known says whether there is a decoder for an architecture.
func Known(arch string) bool { return decoders[arch] != nil }

// one keeps calls of x/arch apart: its decoders note which of their rows were
// used.
var one sync.Mutex

// Decode decodes the instruction at the start of code, whose address is pc.
// It may be called concurrently. It is an error if the bytes are no instruction
// of the architecture, if there are too few of them, or if the architecture is
// unknown.
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

// A codeError is bytes that are no instruction.
type codeError struct {
	code  []byte
	short bool
}

func (e codeError) Error() string {
	if len(e.code) == 0 {
		return "the code has ended"
	}
	if e.short {
		return fmt.Sprintf("% x is no whole instruction", e.code)
	}
	return fmt.Sprintf("% x is no instruction", e.code)
}

// word returns the instruction of 4 bytes, little-endian, at the start of code.
func word(code []byte) (uint32, error) {
	if len(code) < 4 {
		return 0, codeError{code, true}
	}
	return binary.LittleEndian.Uint32(code), nil
}

// absolute is how an address to jump to is written.
func absolute(target uint64) string { return fmt.Sprintf("%#x", target) }

// number is how immediates and displacements are written: from 10 up in hex.
func number(v int64) string {
	if -10 < v && v < 10 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}
