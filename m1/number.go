package m1

// A number is what a text says as one.
type number struct {
	value int32
	bad   bool // the text is not a number; the value is 0
	wide  bool // the number has more than 32 bits; the value is the low ones
}

// parseNumber reads a number: decimal, or octal after 0, hex after 0x, binary
// after 0b. The first digit may have a '-' before it, and underscores may
// stand anywhere after it.
//
// upstream: strtoint, bootstrappable.c
func parseNumber(text []byte) number {
	base := uint64(10)
	switch {
	case len(text) > 1 && text[0] == '0' && text[1] == 'x':
		base, text = 16, text[2:]
	case len(text) > 1 && text[0] == '0' && text[1] == 'b':
		base, text = 2, text[2:]
	case len(text) > 0 && text[0] == '0':
		base, text = 8, text[1:]
	}
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	var n uint64
	var wide bool
	for _, c := range text {
		if c == '_' {
			continue
		}
		d := uint64(digitValue(c))
		if d >= base {
			return number{bad: true}
		}
		n = n*base + d
		wide = wide || n > 1<<32-1
		n &= 1<<32 - 1
	}
	if negative {
		return number{value: -int32(n), wide: wide || n > 1<<31}
	}
	return number{value: int32(n), wide: wide}
}

// digitValue returns the value of a digit of base 16 or less; 16 if c is none.
func digitValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}

// A move takes count bits of a value, from bit from up, to bit to of a word.
type move struct{ from, to, count int }

// An immediate is how a number after a sigil is written.
type immediate struct {
	sigil     byte
	size      int    // in bytes
	low, high int32  // what upstream takes
	word      bool   // an instruction's bits, for hex2 to merge: a '.' comes first
	round     uint32 // added before the moves
	moves     []move // the value's bits in the word; nil if it is the value
}

const (
	minInt32 = -1 << 31
	maxInt32 = 1<<31 - 1
)

// plain is what most architectures have. Upstream lets one value too many
// through at each end.
//
// upstream: express_number
var plain = []immediate{
	{sigil: '!', size: 1, low: -129, high: 256},
	{sigil: '@', size: 2, low: -32769, high: 32768},
	{sigil: '$', size: 2, low: -32769, high: 65536},
	{sigil: '~', size: 3, low: -8388609, high: 8388608},
	{sigil: '%', size: 4, low: minInt32, high: maxInt32},
	{sigil: '&', size: 4, low: minInt32, high: maxInt32},
}

// riscv is what RISC-V has: the I, S and U formats of its manual. Nothing is
// out of range, since "li" is written as ~N lui and !N addi with the same N.
//
// upstream: express_word
var riscv = []immediate{
	{sigil: '!', size: 4, low: minInt32, high: maxInt32, word: true, moves: []move{{0, 20, 12}}},
	{sigil: '@', size: 4, low: minInt32, high: maxInt32, word: true, moves: []move{{0, 7, 5}, {5, 25, 7}}},
	{sigil: '~', size: 4, low: minInt32, high: maxInt32, word: true, round: 0x800, moves: []move{{12, 12, 20}}},
	{sigil: '$', size: 2, low: minInt32, high: maxInt32},
	{sigil: '%', size: 4, low: minInt32, high: maxInt32},
}

// A dialect is what an architecture has of its own.
type dialect struct {
	name       string
	immediates []immediate
	bare       bool // a number without a sigil is a 16-bit immediate
	padded     bool // in hex, a string is filled up with zeros
}

var dialects = []dialect{
	{name: "x86", immediates: plain},
	{name: "amd64", immediates: plain},
	{name: "armv7l", immediates: plain},
	{name: "aarch64", immediates: plain},
	{name: "ppc64le", immediates: plain},
	{name: "riscv32", immediates: riscv},
	{name: "riscv64", immediates: riscv},
	{name: "knight-native", immediates: plain, bare: true, padded: true},
	{name: "knight-posix", immediates: plain, bare: true, padded: true},
}

// limits returns the least and the greatest value that imm's bytes can hold,
// signed or not.
func (imm *immediate) limits() (low, high int64) {
	return -1 << (8*imm.size - 1), 1<<(8*imm.size) - 1
}

// encode returns what imm's bytes hold for a value.
func (imm *immediate) encode(value int32) int32 {
	if imm.moves == nil {
		if imm.size < 4 {
			value &= 1<<(8*imm.size) - 1
		}
		return value
	}
	from := uint32(value) + imm.round
	word := uint32(0)
	for _, m := range imm.moves {
		word |= from >> m.from & (1<<m.count - 1) << m.to
	}
	return int32(word)
}
