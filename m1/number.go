package m1

import (
	"bufio"

	"stage0/arch"
	"stage0/strtoint"
)

// A number is a parsed number.
type number struct {
	value int32
	bad   bool // the text is not a number; the value is 0
	wide  bool // the number has more than 32 bits; the value is the low ones
}

// parseNumber reads a number. That one has no digits is not bad.
func parseNumber(text []byte) number {
	value, problem := strtoint.Parse(text)
	return number{value: value, bad: problem == strtoint.NoNumber, wide: problem == strtoint.TooWide}
}

// An immediate defines how a number after a sigil is written.
type immediate struct {
	sigil     byte
	size      int         // in bytes
	low, high int32       // range that upstream accepts; 0, 0 means any number
	word      bool        // bits of an instruction, which hex2 merges: written after a '.'
	round     int32       // added before it is encoded
	format    arch.Format // of the word
}

// plain has the immediates of most architectures. Most of the limits admit one
// value too many, like upstream's.
//
// upstream: express_number, range_check
var plain = []immediate{
	{sigil: '!', size: 1, low: -129, high: 256},
	{sigil: '@', size: 2, low: -32769, high: 32768},
	{sigil: '$', size: 2, low: -32769, high: 65536},
	{sigil: '~', size: 3, low: -8388609, high: 8388608},
	{sigil: '%', size: 4},
	{sigil: '&', size: 4},
}

// riscv has the immediates of RISC-V: the formats I, S and U of its manual.
// Nothing is out of range, since a 32-bit constant is written as ~N lui and !N
// addi, each of which takes its part of N. The U part is rounded to make up for
// the sign of the I part.
//
// upstream: express_word
var riscv = []immediate{
	{sigil: '!', size: 4, word: true, format: arch.FormatI},
	{sigil: '@', size: 4, word: true, format: arch.FormatS},
	{sigil: '~', size: 4, word: true, round: 1 << 11, format: arch.FormatU},
	{sigil: '$', size: 2},
	{sigil: '%', size: 4},
}

// encode returns the bits that represent value.
func (imm *immediate) encode(value int32) int32 {
	if !imm.word {
		return value & int32(1<<(8*imm.size)-1)
	}
	return int32(imm.format.Encode(uint32(value + imm.round)))
}

// write writes value as digits, after a '.' if it is bits of an instruction.
func (imm *immediate) write(out *bufio.Writer, f strtoint.Form, value int32, littleEndian bool) {
	if imm.word {
		out.WriteByte('.')
	}
	out.Write(f.Append(out.AvailableBuffer(), int64(imm.encode(value)), imm.size, littleEndian))
}

// limits returns the smallest and the largest number that imm's bytes can hold,
// signed or unsigned.
func (imm *immediate) limits() (low, high int64) {
	return -1 << (8*imm.size - 1), 1<<(8*imm.size) - 1
}

// A dialect is what is specific to an architecture.
type dialect struct {
	name       string
	immediates []immediate
	bare       bool // a number without a sigil is a 16-bit immediate
	padded     bool // a string in hex is padded with more zeros
}

var dialects = []dialect{
	{name: "x86", immediates: plain},
	{name: "amd64", immediates: plain},
	{name: "aarch64", immediates: plain},
	{name: "riscv32", immediates: riscv},
	{name: "riscv64", immediates: riscv},
	{name: "armv7l", immediates: plain},
	{name: "ppc64le", immediates: plain},
	{name: "knight-native", immediates: plain, bare: true, padded: true},
	{name: "knight-posix", immediates: plain, bare: true, padded: true},
}

// bySigil returns the immediates in a table.
func bySigil(immediates []immediate) (table [256]*immediate) {
	for i := range immediates {
		table[immediates[i].sigil] = &immediates[i]
	}
	return table
}
