package m2planet

import (
	"fmt"
	"strconv"
	"strings"
)

// What M2-Planet writes depends on the compiler that built it, and on the
// processor it was built for. This file has everything in which builds differ.

// Compilers that M2-Planet is built by; Options.BuiltBy.
const (
	ByM2Planet = "m2-planet" // itself: the ladders' bin/M2-Planet
	ByCC       = "cc"        // the seed's C compiler, cc_<arch>: the ladders' artifact/M2
	ByGCC      = "gcc"       // GCC, -O2, on amd64
)

// A build is one build of M2-Planet. Its int is WordSize bytes wide, 4 with GCC.
type build struct {
	By       string
	Host     string // architecture it runs on
	WordSize int64  // of its int, in bytes

	// M2-Planet and cc_* compile && and || as & and |, in one order of
	// precedence from left to right. A condition like "this is x86, and the
	// constant is small" combines the bit 4 and the truth value 1, and is
	// never true: the short forms of adding a constant are lost. And #if takes
	// 2 && 1 for 0.
	ShortImmediates bool
	LogicalAnd      bool

	// HexUnderrun is what stands in memory before the table of hex digits.
	// The high digit of a negative byte is looked up there: index -1 finds the
	// last of these. Empty if the build crashes instead.
	HexUnderrun string

	// DigitUnderrun is the same before the table of decimal digits, for a
	// build whose / and % are signed where it means them not to be: for a
	// negative number it writes one character, at the index of its last digit.
	DigitUnderrun string

	UnsignedDivision bool // / and % in #if are unsigned
	DivisionTraps    bool // / and % crash on the one quotient that is no int
	LogicalShift     bool // >> of a negative number brings zeros in
	UnsignedChar     bool // a character from 0x80 on is not negative
	EndsAt0xFF       bool // byte 0xFF ends a text
	NoContinue       bool // see number
}

// The ends of the string literals before the tables, in builds by M2-Planet
// and cc_*.
const (
	m2Hex   = "g': \x00\n.\x00"
	m2Digit = "than 36\n\x00"
)

var builds = []build{
	{By: ByM2Planet, Host: "amd64", WordSize: 8, HexUnderrun: m2Hex, DivisionTraps: true},
	{By: ByM2Planet, Host: "aarch64", WordSize: 8, HexUnderrun: m2Hex},
	{By: ByM2Planet, Host: "riscv64", WordSize: 8, HexUnderrun: m2Hex},
	{By: ByM2Planet, Host: "x86", WordSize: 4, HexUnderrun: m2Hex, DivisionTraps: true},
	{By: ByM2Planet, Host: "riscv32", WordSize: 4, HexUnderrun: m2Hex},
	{By: ByCC, Host: "amd64", WordSize: 8, HexUnderrun: m2Hex, NoContinue: true, UnsignedDivision: true, EndsAt0xFF: true},
	{By: ByCC, Host: "x86", WordSize: 4, HexUnderrun: m2Hex, NoContinue: true, UnsignedDivision: true},
	{By: ByCC, Host: "aarch64", WordSize: 8, HexUnderrun: m2Hex, NoContinue: true, DigitUnderrun: m2Digit, UnsignedChar: true},
	{By: ByCC, Host: "riscv64", WordSize: 8, LogicalShift: true, NoContinue: true, DigitUnderrun: m2Digit, UnsignedChar: true},
	{By: ByCC, Host: "riscv32", WordSize: 4, LogicalShift: true, NoContinue: true, DigitUnderrun: m2Digit, UnsignedChar: true},
	{By: ByGCC, Host: "amd64", WordSize: 4, HexUnderrun: "!8 addi\x00", DivisionTraps: true, ShortImmediates: true, LogicalAnd: true},
}

func lookupBuild(by, host string) (*build, error) {
	if by == "" {
		by = ByM2Planet
	}
	if host == "" {
		host = "amd64"
	}
	var known []string
	for i := range builds {
		b := &builds[i]
		if b.By == by && b.Host == host {
			return b, nil
		}
		known = append(known, b.By+" for "+b.Host)
	}
	return nil, fmt.Errorf("no build by %q for %q is known; there are %s", by, host, strings.Join(known, ", "))
}

// wrap returns what an int of the build keeps of v.
func (b *build) wrap(v int64) int64 {
	if b.WordSize == 4 {
		return int64(int32(v))
	}
	return v
}

func (b *build) abs(v int64) int64 {
	if v < 0 {
		return b.wrap(-v)
	}
	return v
}

// shiftLeft and shiftRight take the lowest bits of n, as the processors do.
func (b *build) shiftLeft(v, n int64) int64 {
	return b.wrap(v << (n & (8*b.WordSize - 1)))
}

func (b *build) shiftRight(v, n int64) int64 {
	n &= 8*b.WordSize - 1
	switch {
	case !b.LogicalShift:
		return v >> n
	case b.WordSize == 4:
		return int64(int32(uint32(v) >> n))
	}
	return int64(uint64(v) >> n)
}

// divide returns quotient and remainder of v by d, which is not 0. It is not
// ok if the build crashes.
func (b *build) divide(v, d int64) (quotient, remainder int64, ok bool) {
	switch {
	case b.UnsignedDivision && b.WordSize == 4:
		return int64(int32(uint32(v) / uint32(d))), int64(int32(uint32(v) % uint32(d))), true
	case b.UnsignedDivision:
		return int64(uint64(v) / uint64(d)), int64(uint64(v) % uint64(d)), true
	case b.DivisionTraps && d == -1 && v < 0 && b.wrap(-v) == v:
		return 0, 0, false
	}
	return b.wrap(v / d), v % d, true
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// and is what && gives in #if, or what || does.
func (b *build) and(v, w int64) int64 {
	if b.LogicalAnd {
		return truth(v != 0 && w != 0)
	}
	return v & w
}

func (b *build) or(v, w int64) int64 {
	if b.LogicalAnd {
		return truth(v != 0 || w != 0)
	}
	return v | w
}

// bits31 are the bits of which upstream means to test bit 31 alone. On a
// 64-bit host its constant 0x80000000 is negative.
const bits31 = -0x80000000

// signed returns v in decimal.
// upstream: int2str(v, 10, TRUE)
func (b *build) signed(v int64) string {
	if v&bits31 == 0 {
		return strconv.FormatInt(v, 10)
	}
	if v = -v & 0x7FFFFFFF; v == 0 {
		return "-2147483648"
	}
	return strconv.FormatInt(-v, 10)
}

// unsigned returns v in decimal.
// upstream: int2str(v, 10, FALSE)
func (b *build) unsigned(v int64) string {
	if v < 0 && b.DigitUnderrun != "" {
		digit := (b.DigitUnderrun + "0")[int64(len(b.DigitUnderrun))+v%10:][:1]
		return strings.Trim(digit, "\x00")
	}
	if b.WordSize == 4 {
		return strconv.FormatUint(uint64(uint32(v)), 10)
	}
	return strconv.FormatUint(uint64(v), 10)
}

// What can be wrong with a number.
const (
	notNumber = "is not a number"
	tooLarge  = "does not fit into 32 bits"
)

// number returns the value of a C number: 0b binary, 0x hexadecimal, 0 octal
// or decimal, with underscores between digits. If something is wrong with
// text, problem says what; the value of what is no number is 0.
// upstream: strtoint
func (b *build) number(text string) (value int64, problem string) {
	digits, base := text, int64(10)
	switch {
	case strings.HasPrefix(text, "0b"):
		digits, base = text[2:], 2
	case strings.HasPrefix(text, "0x"):
		digits, base = text[2:], 16
	case strings.HasPrefix(text, "0"):
		digits, base = text[1:], 8
	}
	digits, negative := strings.CutPrefix(digits, "-")
	size := int64(0) // the value, were it not for the width of an int
	for i := 0; i < len(digits); i++ {
		d := digitValue(digits[i])
		if digits[i] == '_' {
			if !b.NoContinue {
				continue
			}
			d = b.afterUnderscore(digits[i+1:], base)
			i++
		} else if d >= base {
			d = -1
		}
		if d < 0 {
			return 0, notNumber
		}
		value = b.wrap(value*base + d)
		if size = size*base + d; size > 0xFFFFFFFF {
			size, problem = 0, tooLarge
		}
	}
	if negative {
		value = b.wrap(-value)
	}
	if value&bits31 != 0 {
		value |= bits31
	}
	return value, problem
}

// afterUnderscore returns the digit that a build without continue finds after
// an underscore. Another underscore is one: it stands in the list of digits,
// after those of either case. No digit is -1.
func (b *build) afterUnderscore(rest string, base int64) int64 {
	switch {
	case rest == "":
		return -1
	case rest[0] == '_' && base == 16:
		return 22
	case rest[0] == '_':
		return base
	case digitValue(rest[0]) >= base:
		return -1
	}
	return digitValue(rest[0])
}

// digitValue returns the value of a digit, or 99.
func digitValue(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'a' <= c && c <= 'f':
		return int64(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return int64(c - 'A' + 10)
	}
	return 99
}

// hexDigit returns what the table of hex digits has at index, which is below
// 16. It is not ok if the build crashes.
func (b *build) hexDigit(index int64) (digit byte, ok bool) {
	table := b.HexUnderrun + "0123456789ABCDEF"
	index += int64(len(b.HexUnderrun))
	if index < 0 || index >= int64(len(table)) {
		return 0, false
	}
	return table[index], true
}

// char returns the value of a character.
func (b *build) char(c byte) int64 {
	if b.UnsignedChar {
		return int64(c)
	}
	return int64(int8(c))
}
