package m2planet

import (
	"strconv"

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
	UnsignedChar bool // a character from 0x80 on is not negative
	SignedDigits bool // / and % are signed where decimals are written that are to be unsigned
	EndsAt0xFF   bool // byte 0xFF ends a text
}

// buildChars has an entry for each build that is not like GCC's, by compiler
// and host.
var buildChars = map[[2]string]chars{
	{ByCC, "amd64"}:   {EndsAt0xFF: true},
	{ByCC, "aarch64"}: {UnsignedChar: true, SignedDigits: true},
	{ByCC, "riscv64"}: {UnsignedChar: true, SignedDigits: true},
	{ByCC, "riscv32"}: {UnsignedChar: true, SignedDigits: true},
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

// unsigned returns v in decimal. A negative one is not for builds with
// SignedDigits.
// upstream: int2str(v, 10, FALSE)
func (b *build) unsigned(v int64) string {
	if b.WordSize == 4 {
		return strconv.FormatUint(uint64(uint32(v)), 10)
	}
	return strconv.FormatUint(uint64(v), 10)
}

// char returns the value of a character.
func (b *build) char(c byte) int64 {
	if b.UnsignedChar {
		return int64(c)
	}
	return int64(int8(c))
}
