package arch

// A Format is where an instruction of RISC-V has the bits of its immediate (The
// RISC-V Instruction Set Manual, volume I, section 2.3, "Immediate Encoding
// Variants").
type Format []move

// A move copies count bits, from bit from of a value to bit to of a word.
type move struct{ from, to, count int }

// The formats.
var (
	FormatI = Format{{0, 20, 12}}
	FormatS = Format{{0, 7, 5}, {5, 25, 7}}
	FormatB = Format{{1, 8, 4}, {5, 25, 6}, {11, 7, 1}, {12, 31, 1}}
	FormatU = Format{{12, 12, 20}}
	FormatJ = Format{{1, 21, 10}, {11, 20, 1}, {12, 12, 8}, {20, 31, 1}}
)

// Encode returns the bits of an instruction that hold value.
func (f Format) Encode(value uint32) uint32 {
	word := uint32(0)
	for _, m := range f {
		word |= value >> m.from & (1<<m.count - 1) << m.to
	}
	return word
}
