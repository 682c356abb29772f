package cpp

import (
	"fmt"
	"slices"
	"strings"

	"stage0/strtoint"
)

// Compilers that upstream's programs are built by.
const (
	ByM2Planet = "m2-planet"
	ByCC       = "cc"
	ByGCC      = "gcc"
)

// A Build is the arithmetic of upstream's program, which depends on the compiler
// that built it, and on the processor that it was built for.
type Build struct {
	By       string
	Host     string // architecture it runs on
	WordSize int64  // of its int, in bytes

	// Logical tells that && and || are logical operators. M2-Planet and cc_*
	// compile them as & and |, so that #if 2 && 1 is false.
	Logical bool

	unsignedDivision bool // / and % in #if are unsigned
	divisionTraps    bool // / and % of the lowest int by -1 crash
	logicalShift     bool // >> shifts in zeros
	noContinue       bool // see strtoint.Build
}

var builds = []Build{
	{By: ByM2Planet, Host: "amd64", WordSize: 8, divisionTraps: true},
	{By: ByM2Planet, Host: "aarch64", WordSize: 8},
	{By: ByM2Planet, Host: "riscv64", WordSize: 8},
	{By: ByM2Planet, Host: "x86", WordSize: 4, divisionTraps: true},
	{By: ByM2Planet, Host: "riscv32", WordSize: 4},
	{By: ByCC, Host: "amd64", WordSize: 8, noContinue: true, unsignedDivision: true},
	{By: ByCC, Host: "x86", WordSize: 4, noContinue: true, unsignedDivision: true},
	{By: ByCC, Host: "aarch64", WordSize: 8, noContinue: true},
	{By: ByCC, Host: "riscv64", WordSize: 8, noContinue: true, logicalShift: true},
	{By: ByCC, Host: "riscv32", WordSize: 4, noContinue: true, logicalShift: true},
	{By: ByGCC, Host: "amd64", WordSize: 4, Logical: true, divisionTraps: true},
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
	return nil, fmt.Errorf("unknown build by %q for %q; known are %s", by, host, strings.Join(known, ", "))
}

// Wrap returns v truncated to an int of the build.
func (b *Build) Wrap(v int64) int64 {
	if b.WordSize == 4 {
		return int64(int32(v))
	}
	return v
}

// shiftLeft returns v << n. Like processors, it uses only the lowest bits of n.
func (b *Build) shiftLeft(v, n int64) int64 { return b.Wrap(v << (n & (8*b.WordSize - 1))) }

// ShiftRight returns v >> n. It uses only the lowest bits of n.
func (b *Build) ShiftRight(v, n int64) int64 {
	n &= 8*b.WordSize - 1
	switch {
	case !b.logicalShift:
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
	case b.unsignedDivision && b.WordSize == 4:
		return int64(int32(uint32(v) / uint32(d))), int64(int32(uint32(v) % uint32(d))), true
	case b.unsignedDivision:
		return int64(uint64(v) / uint64(d)), int64(uint64(v) % uint64(d)), true
	case b.divisionTraps && d == -1 && v < 0 && b.Wrap(-v) == v:
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

// Problems of numbers.
const (
	notNumber = "is not a number"
	tooLarge  = "does not fit into 32 bits"
)

// Number returns the value of a C number, and a problem if there is one. The value
// of an invalid number is 0.
func (b *Build) Number(text string) (value int64, problem string) {
	value, doubt := strtoint.Build{Wide: b.WordSize == 8, NoContinue: b.noContinue}.Parse(text)
	switch {
	case doubt == strtoint.NoNumber, text == "", text == "-":
		return 0, notNumber
	case doubt == strtoint.TooWide:
		return value, tooLarge
	}
	return value, ""
}
