package mesoplanet

import (
	"fmt"
	"strings"
)

// What M2-Mesoplanet makes of a condition depends on the compiler that built
// it, and on the processor it was built for. This file has everything in
// which builds differ.

// Compilers that M2-Mesoplanet is built by; Options.BuiltBy.
const (
	ByM2Planet = "m2-planet" // the ladders' bin/M2-Mesoplanet
	ByGCC      = "gcc"       // GCC, -O0, on amd64
)

// A build is one build of M2-Mesoplanet.
type build struct {
	by       string
	host     string // architecture it runs on
	wordSize int64  // of its int, in bytes

	// logical is whether && and || are logical operators: M2-Planet compiles
	// them as & and |. #if 2 && 1 and #elif 2 are false then.
	logical bool

	// traps is whether the processor does not divide the least int by -1, but
	// ends the program. Others give the least int again.
	traps bool
}

var builds = []build{
	{by: ByM2Planet, host: "amd64", wordSize: 8, traps: true},
	{by: ByM2Planet, host: "aarch64", wordSize: 8},
	{by: ByM2Planet, host: "riscv64", wordSize: 8},
	{by: ByM2Planet, host: "x86", wordSize: 4, traps: true},
	{by: ByM2Planet, host: "riscv32", wordSize: 4},
	{by: ByGCC, host: "amd64", wordSize: 4, logical: true, traps: true},
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
		if b.by == by && b.host == host {
			return b, nil
		}
		known = append(known, b.by+" for "+b.host)
	}
	return nil, fmt.Errorf("no build by %q for %q is known; there are %s", by, host, strings.Join(known, ", "))
}

// wrap returns what an int of the build keeps of v.
func (b *build) wrap(v int64) int64 {
	if b.wordSize == 4 {
		return int64(int32(v))
	}
	return v
}

// overflows reports whether v / d does not fit into an int.
func (b *build) overflows(v, d int64) bool { return d == -1 && v == -1<<(8*b.wordSize-1) }

// shiftLeft and shiftRight take the lowest bits of n, as the processors do.
func (b *build) shiftLeft(v, n int64) int64 { return b.wrap(v << (n & (8*b.wordSize - 1))) }

func (b *build) shiftRight(v, n int64) int64 { return v >> (n & (8*b.wordSize - 1)) }

// and is what && gives, and or is what || gives.
func (b *build) and(v, w int64) int64 {
	if b.logical {
		return truth(v != 0 && w != 0)
	}
	return v & w
}

func (b *build) or(v, w int64) int64 {
	if b.logical {
		return truth(v != 0 || w != 0)
	}
	return v | w
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// bits31 are the bits of which upstream means to test bit 31 alone. On a
// 64-bit host its constant 0x80000000 is negative.
const bits31 = -0x80000000

// number returns the value of a C number: 0b binary, 0x hexadecimal, 0 octal
// or decimal, with underscores between digits. If text is not one, ok is
// false and the value 0.
// upstream: strtoint
func (b *build) number(text string) (value int64, ok bool) {
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
	for i := 0; i < len(digits); i++ {
		if digits[i] == '_' {
			continue
		}
		d := int64(strings.IndexByte("0123456789abcdef", lower(digits[i])))
		if d < 0 || d >= base {
			return 0, false
		}
		value = b.wrap(value*base + d)
	}
	if negative {
		value = b.wrap(-value)
	}
	if value&bits31 != 0 {
		value |= bits31
	}
	return value, text != "" && text != "-"
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'F' {
		return c + 'a' - 'A'
	}
	return c
}
