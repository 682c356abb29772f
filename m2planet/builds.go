package m2planet

import (
	"strconv"

	"stage0/internal/cpp"
)

// M2-Planet's output depends on the compiler that built it, and on the processor
// that it was built for. cpp.Build has the arithmetic of a build; this file has
// all other differences.

// Compilers that M2-Planet is built by; Options.BuiltBy.
const (
	ByM2Planet = cpp.ByM2Planet // itself: the ladders' bin/M2-Planet
	ByCC       = cpp.ByCC       // the seed's C compiler, cc_<arch>: the ladders' artifact/M2
	ByGCC      = cpp.ByGCC      // GCC, -O2, on amd64
)

// A build is one build of M2-Planet. In builds that are not Logical, a condition
// like "this is x86, and the constant is small" combines the bits 4 and 1 and is
// never true, so only Logical builds use the short forms of adding a constant.
type build struct {
	*cpp.Build
	chars
}

// chars is how a build treats characters and digits.
type chars struct {
	UnsignedChar bool // a character from 0x80 on is not negative
	SignedDigits bool // / and % of unsigned numbers are signed, so their digits may be negative
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

// bits31 is upstream's constant 0x80000000, with which it tests bit 31. On a
// 64-bit host it is negative, so that all higher bits are tested too.
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

// unsigned returns v in decimal. In builds with SignedDigits v must not be
// negative.
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
