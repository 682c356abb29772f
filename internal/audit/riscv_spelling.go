package audit

import (
	"fmt"
	"strings"

	"stage0/internal/disasm"
	"stage0/internal/lazyregexp"
)

var riscvRegisters = strings.Fields("zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6")

// riscvNumbers maps fp, and x0 to x31, to the names of the calling convention.
var riscvNumbers = func() map[string]string {
	names := map[string]string{"fp": "s0"}
	for i, r := range riscvRegisters {
		names[fmt.Sprintf("x%d", i)] = r
	}
	return names
}()

var riscv64 = machine{
	fields: true, align: 4, riscv: true, registers: riscvRegisters, renamed: riscvNumbers,
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

// riscvBase returns the encoding of an instruction or pseudoinstruction with
// all free fields 0.
func riscvBase(op string) (disasm.Encoding, bool) {
	if b, ok := riscvBases[op]; ok {
		e, ok := disasm.RISCV(b.op)
		e.Match |= b.add
		return e, ok
	}
	return disasm.RISCV(op)
}

// sumOf returns the instruction at addr that a sum of fields states: registers,
// then an immediate or the label of its target, then the mnemonic. ok is false
// if the text is not such a sum.
func (u *unit) sumOf(text string, addr uint64) (s sum, ok bool) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return sum{}, false
	}
	base, ok := riscvBase(strings.ToLower(words[len(words)-1]))
	if !ok {
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
		bits, open, ok := u.immediateWord(w, base.Immediate, addr)
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
	n := uint32(0)
	for i, r := range riscvRegisters {
		if r == u.register(reg) {
			n = uint32(i)
		}
	}
	return n << riscvShifts[field]
}

// immediateWord returns the bits of an immediate stated with a sigil; if it is
// an undefined label, open has the bits that are unknown.
func (u *unit) immediateWord(w string, format byte, addr uint64) (bits, open uint32, ok bool) {
	m := sigilWord.FindStringSubmatch(w)
	if m == nil || m[2] == "" {
		return 0, 0, false
	}
	if n, isNumber := parseNumber(m[2]); isNumber {
		return riscvImmediate(format, uint32(n)), 0, true
	}
	at, known := u.address(m[2])
	if !known {
		return 0, riscvImmediate(format, 0xFFFFFFFF) | riscvImmediate(format, 0xFFFFF7FF), true
	}
	far := uint32(at) - uint32(addr)
	if format == 'I' {
		far += 4 // from the previous instruction, which has the upper bits
	}
	return riscvImmediate(format, far), 0, true
}

// riscvImmediate places an immediate as its format requires.
func riscvImmediate(format byte, v uint32) uint32 {
	switch format {
	case 'I':
		return v << 20
	case 'S':
		return v>>5&0x7F<<25 | v&0x1F<<7
	case 'B':
		return v>>12&1<<31 | v>>5&0x3F<<25 | v>>1&0xF<<8 | v>>11&1<<7
	case 'U':
		return (v + 0x800) &^ 0xFFF
	case 'J':
		return v>>20&1<<31 | v>>1&0x3FF<<21 | v>>11&1<<20 | v>>12&0xFF<<12
	}
	return 0
}
