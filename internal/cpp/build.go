package cpp

import (
	"fmt"
	"slices"
	"strings"
)

// Compilers that upstream's programs are built by.
const (
	ByM2Planet = "m2-planet"
	ByCC       = "cc"
	ByGCC      = "gcc"
)

// A Build says how upstream's program calculates, which depends on the
// compiler that built it, and on the processor it was built for.
type Build struct {
	By       string
	Host     string // architecture it runs on
	WordSize int64  // of its int, in bytes

	// Logical is whether && and || are logical operators. M2-Planet and cc_*
	// compile them as & and |: #if 2 && 1 is false then.
	Logical bool

	UnsignedDivision bool // / and % in #if are unsigned
	DivisionTraps    bool // / and % crash on the one quotient that is no int
	LogicalShift     bool // >> of a negative number brings zeros in
	NoContinue       bool // see Number
}

var builds = []Build{
	{By: ByM2Planet, Host: "amd64", WordSize: 8, DivisionTraps: true},
	{By: ByM2Planet, Host: "aarch64", WordSize: 8},
	{By: ByM2Planet, Host: "riscv64", WordSize: 8},
	{By: ByM2Planet, Host: "x86", WordSize: 4, DivisionTraps: true},
	{By: ByM2Planet, Host: "riscv32", WordSize: 4},
	{By: ByCC, Host: "amd64", WordSize: 8, NoContinue: true, UnsignedDivision: true},
	{By: ByCC, Host: "x86", WordSize: 4, NoContinue: true, UnsignedDivision: true},
	{By: ByCC, Host: "aarch64", WordSize: 8, NoContinue: true},
	{By: ByCC, Host: "riscv64", WordSize: 8, NoContinue: true, LogicalShift: true},
	{By: ByCC, Host: "riscv32", WordSize: 4, NoContinue: true, LogicalShift: true},
	{By: ByGCC, Host: "amd64", WordSize: 4, Logical: true, DivisionTraps: true},
}

// Builds returns the builds by the compilers.
func Builds(compilers ...string) []Build {
	var by []Build
	for _, b := range builds {
		if slices.Contains(compilers, b.By) {
			by = append(by, b)
		}
	}
	return by
}

// LookupBuild returns the build by a compiler, empty for ByM2Planet, for a
// host, empty for amd64. compilers are those that build the program.
func LookupBuild(by, host string, compilers ...string) (*Build, error) {
	if by == "" {
		by = ByM2Planet
	}
	if host == "" {
		host = "amd64"
	}
	var known []string
	for _, b := range Builds(compilers...) {
		if b.By == by && b.Host == host {
			return &b, nil
		}
		known = append(known, b.By+" for "+b.Host)
	}
	return nil, fmt.Errorf("no build by %q for %q is known; there are %s", by, host, strings.Join(known, ", "))
}

// Wrap returns what an int of the build keeps of v.
func (b *Build) Wrap(v int64) int64 {
	if b.WordSize == 4 {
		return int64(int32(v))
	}
	return v
}

// shiftLeft returns v << n. Of n it takes the lowest bits, as processors do.
func (b *Build) shiftLeft(v, n int64) int64 { return b.Wrap(v << (n & (8*b.WordSize - 1))) }

// ShiftRight returns v >> n. Of n it takes the lowest bits.
func (b *Build) ShiftRight(v, n int64) int64 {
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
func (b *Build) divide(v, d int64) (quotient, remainder int64, ok bool) {
	switch {
	case b.UnsignedDivision && b.WordSize == 4:
		return int64(int32(uint32(v) / uint32(d))), int64(int32(uint32(v) % uint32(d))), true
	case b.UnsignedDivision:
		return int64(uint64(v) / uint64(d)), int64(uint64(v) % uint64(d)), true
	case b.DivisionTraps && d == -1 && v < 0 && b.Wrap(-v) == v:
		return 0, 0, false
	}
	return b.Wrap(v / d), v % d, true
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// And returns v && w.
func (b *Build) And(v, w int64) int64 {
	if b.Logical {
		return truth(v != 0 && w != 0)
	}
	return v & w
}

// or returns v || w.
func (b *Build) or(v, w int64) int64 {
	if b.Logical {
		return truth(v != 0 || w != 0)
	}
	return v | w
}

// Bits31 are the bits of which upstream means to test bit 31 alone. On a
// 64-bit host its constant 0x80000000 is negative.
const Bits31 = -0x80000000

// What can be wrong with a number.
const (
	NotNumber = "is not a number"
	TooLarge  = "does not fit into 32 bits"
)

// Number returns the value of a C number: 0b binary, 0x hexadecimal, 0 octal
// or decimal, with underscores between digits. If something is wrong with
// text, problem says what; the value of what is no number is 0.
// upstream: strtoint
func (b *Build) Number(text string) (value int64, problem string) {
	digits, base := text, int64(10)
	switch {
	case strings.HasPrefix(text, "0b"):
		digits, base = text[2:], 2
	case strings.HasPrefix(text, "0x"):
		digits, base = text[2:], 16
	case strings.HasPrefix(text, "0"):
		digits, base = text[1:], 8
	case text == "" || text == "-":
		return 0, NotNumber
	}
	digits, negative := strings.CutPrefix(digits, "-")
	size := int64(0) // the value, were it not for the width of an int
	for i := 0; i < len(digits); i++ {
		d := DigitValue(digits[i])
		if digits[i] == '_' {
			if !b.NoContinue {
				continue
			}
			d = afterUnderscore(digits[i+1:], base)
			i++
		} else if d >= base {
			d = -1
		}
		if d < 0 {
			return 0, NotNumber
		}
		value = b.Wrap(value*base + d)
		if size = size*base + d; size > 0xFFFFFFFF {
			size, problem = 0, TooLarge
		}
	}
	if negative {
		value = b.Wrap(-value)
	}
	if value&Bits31 != 0 {
		value |= Bits31
	}
	return value, problem
}

// afterUnderscore returns the digit that a build without continue finds after
// an underscore. Another underscore is one: it stands in the list of digits,
// after those of either case. No digit is -1.
func afterUnderscore(rest string, base int64) int64 {
	switch {
	case rest == "":
		return -1
	case rest[0] == '_' && base == 16:
		return 22
	case rest[0] == '_':
		return base
	case DigitValue(rest[0]) >= base:
		return -1
	}
	return DigitValue(rest[0])
}

// DigitValue returns the value of a digit, or 99.
func DigitValue(c byte) int64 {
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
