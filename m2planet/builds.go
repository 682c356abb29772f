package m2planet

import (
	"strconv"
	"strings"

	"stage0/internal/cpp"
)

// What M2-Planet writes depends on the compiler that built it, and on the
// processor it was built for. How builds calculate is in cpp.Build; this file
// has everything else in which they differ.

// Compilers that M2-Planet is built by; Options.BuiltBy.
const (
	ByM2Planet = cpp.ByM2Planet // itself: the ladders' bin/M2-Planet
	ByCC       = cpp.ByCC       // the seed's C compiler, cc_<arch>: the ladders' artifact/M2
	ByGCC      = cpp.ByGCC      // GCC, -O2, on amd64
)

// A build is one build of M2-Planet. Where && and || are & and |, a condition
// like "this is x86, and the constant is small" combines the bit 4 and the
// truth value 1, and is never true: the short forms of adding a constant are
// used by Logical builds alone.
type build struct {
	*cpp.Build
	chars
}

// chars is what a build makes of characters, and of bytes that are none.
type chars struct {
	// HexUnderrun is what stands in memory before the table of hex digits.
	// The high digit of a negative byte is looked up there: index -1 finds the
	// last of these. Empty if the build crashes instead.
	HexUnderrun string

	// DigitUnderrun is the same before the table of decimal digits, for a
	// build whose / and % are signed where it means them not to be: for a
	// negative number it writes one character, at the index of its last digit.
	DigitUnderrun string

	UnsignedChar bool // a character from 0x80 on is not negative
	EndsAt0xFF   bool // byte 0xFF ends a text
}

// The ends of the string literals before the tables, in builds by M2-Planet
// and cc_*.
const (
	m2Hex   = "g': \x00\n.\x00"
	m2Digit = "than 36\n\x00"
)

// buildChars has an entry for each build, by compiler and host.
var buildChars = map[[2]string]chars{
	{ByM2Planet, "amd64"}:   {HexUnderrun: m2Hex},
	{ByM2Planet, "aarch64"}: {HexUnderrun: m2Hex},
	{ByM2Planet, "riscv64"}: {HexUnderrun: m2Hex},
	{ByM2Planet, "x86"}:     {HexUnderrun: m2Hex},
	{ByM2Planet, "riscv32"}: {HexUnderrun: m2Hex},
	{ByCC, "amd64"}:         {HexUnderrun: m2Hex, EndsAt0xFF: true},
	{ByCC, "x86"}:           {HexUnderrun: m2Hex},
	{ByCC, "aarch64"}:       {HexUnderrun: m2Hex, DigitUnderrun: m2Digit, UnsignedChar: true},
	{ByCC, "riscv64"}:       {DigitUnderrun: m2Digit, UnsignedChar: true},
	{ByCC, "riscv32"}:       {DigitUnderrun: m2Digit, UnsignedChar: true},
	{ByGCC, "amd64"}:        {HexUnderrun: "!8 addi\x00"},
}

func lookupBuild(by, host string) (*build, error) {
	b, err := cpp.LookupBuild(by, host, ByM2Planet, ByCC, ByGCC)
	if err != nil {
		return nil, err
	}
	return &build{b, buildChars[[2]string{b.By, b.Host}]}, nil
}

func (b *build) abs(v int64) int64 {
	if v < 0 {
		return b.Wrap(-v)
	}
	return v
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
