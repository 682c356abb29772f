package audit

import (
	"fmt"
	"slices"
	"strings"

	"stage0/internal/lazyregexp"
	"stage0/internal/riscv"
)

// riscvNumbers maps fp, and x0 to x31, to the names of the calling convention.
var riscvNumbers = func() map[string]string {
	names := map[string]string{"fp": "s0"}
	for i, r := range riscv.Registers {
		names[fmt.Sprintf("x%d", i)] = r
	}
	return names
}()

var riscv64 = machine{
	fields: true, align: 4, riscv: true, registers: riscv.Registers, renamed: riscvNumbers,
	exitRegister: "a7", exits: []int64{93, 94},
}

var riscv32 = riscv64

// riscvField matches a register with its field in the instruction.
var riscvField = lazyregexp.New(`^(rd|rs1|rs2)_(\w+)$`)

// riscvShifts has the lowest bit of each field.
var riscvShifts = map[string]int{"rd": 7, "rs1": 15, "rs2": 20}

// riscvBases has the words of the pseudoinstructions that authors use, with
// fixed fields filled in.
var riscvBases = map[string]struct {
	op  string
	add uint32
}{
	"mv":   {"addi", 0},
	"nop":  {"addi", 0},
	"li":   {"addi", 0},
	"not":  {"xori", 0xFFF00000},
	"beqz": {"beq", 0},
	"bnez": {"bne", 0},
	"bltz": {"blt", 0},
	"bgez": {"bge", 0},
	"ret":  {"jalr", 1 << 15},
	"j":    {"jal", 0},
}

// riscvAlone has the mnemonics that take no operands.
var riscvAlone = map[string]bool{"ecall": true, "ebreak": true, "fence": true, "nop": true, "ret": true}

// A sum is an instruction written as a sum of fields: its word, and which bits
// of it are stated.
type sum struct {
	word, mask uint32
}

// riscvBase returns an instruction or pseudoinstruction with all free fields 0,
// or nil.
func riscvBase(op string) *riscv.Instruction {
	b, ok := riscvBases[op]
	if !ok {
		return riscv.Named(op)
	}
	base := *riscv.Named(b.op)
	base.Match |= b.add
	return &base
}

// sumOf returns the instruction at addr that a sum of fields states: registers,
// then an immediate or the label of its target, then the mnemonic. ok is false
// if the text is not such a sum.
func (u *unit) sumOf(text string, addr uint64) (s sum, ok bool) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return sum{}, false
	}
	base := riscvBase(strings.ToLower(words[len(words)-1]))
	if base == nil {
		return sum{}, false
	}
	if len(words) == 1 && !riscvAlone[words[0]] {
		return sum{}, false
	}
	s = sum{base.Match, 0xFFFFFFFF}
	for _, w := range words[:len(words)-1] {
		if m := riscvField.FindStringSubmatch(w); m != nil && u.isRegister(m[2]) {
			s.word ^= u.fieldWord(m[1], m[2])
			continue
		}
		bits, open, ok := u.immediateWord(w, base.Format, addr)
		if !ok {
			return sum{}, false
		}
		s.word ^= bits
		s.mask &^= open
	}
	return s, true
}

// fieldWord returns the bits of a register in a field.
func (u *unit) fieldWord(field, reg string) uint32 {
	return uint32(slices.Index(riscv.Registers, u.register(reg))) << riscvShifts[field]
}

// immediateWord returns the bits of an immediate stated with a sigil; if it is
// an undefined label, open has the bits that are unknown.
func (u *unit) immediateWord(w string, format riscv.Format, addr uint64) (bits, open uint32, ok bool) {
	m := sigilWord.FindStringSubmatch(w)
	if m == nil || m[2] == "" {
		return 0, 0, false
	}
	var v uint32
	if n, isNumber := parseNumber(m[2]); isNumber {
		v = uint32(n)
	} else {
		at, known := u.address(m[2])
		if !known {
			return 0, format.Encode(0xFFFFFFFF), true
		}
		v = uint32(at) - uint32(addr)
		if format == riscv.I || format == riscv.Load {
			v += 4 // from the previous instruction, which has the upper bits
		}
	}
	if format == riscv.U {
		v += 0x800 // the lower bits are added with their sign
	}
	return format.Encode(v), 0, true
}
