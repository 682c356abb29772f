package x86

import "math/bits"

// The arithmetic flags' bits in the register rflags.
const (
	flagC = 1 << 0
	flagP = 1 << 2
	flagA = 1 << 4
	flagZ = 1 << 6
	flagS = 1 << 7
	flagO = 1 << 11

	arithmetic = flagC | flagP | flagA | flagZ | flagS | flagO
	always     = 1<<1 | 1<<9 // reads as one; interrupts are enabled
)

// A flagKind says how the flags follow from the last operation on them.
type flagKind uint8

const (
	literal flagKind = iota // a is the flags
	logical                 // r is a result; no carry, no overflow
	result                  // r is a result; a is the carry flag and the overflow flag
	sum                     // r is a+b, or a+b+1
	diff                    // r is a-b, or a-b-1
	up                      // r is a+b, b is 1; the carry flag is as it was, carry
	down                    // r is a-b, b is 1; the carry flag is as it was, carry
)

// flags are the arithmetic flags as the operation that made them: most are
// never looked at. a, b and r are zero-extended.
type flags struct {
	kind    flagKind
	shift   uint8 // 64 less the bits of the operands
	carry   bool
	a, b, r uint64
}

// set notes an operation on operands of some size in bytes.
func (f *flags) set(kind flagKind, size uint8, a, b, r uint64) {
	f.kind, f.shift = kind, 64-8*size
	f.a, f.b, f.r = a, b, r
}

// setLogical notes a result of operands of some size in bytes that leaves no
// carry and no overflow.
func (f *flags) setLogical(size uint8, r uint64) {
	f.kind, f.shift, f.r = logical, 64-8*size, r
}

// setResult notes a result of operands of some size in bytes, and the flags C
// and O that it leaves.
func (f *flags) setResult(size uint8, r, co uint64) {
	f.kind, f.shift = result, 64-8*size
	f.a, f.r = co, r
}

// setLiteral sets the flags to v.
func (f *flags) setLiteral(v uint64) { f.kind, f.a = literal, v }

func (f *flags) top(v uint64) bool { return int64(v<<f.shift) < 0 }

func (f *flags) c() bool {
	switch f.kind {
	case literal, result:
		return f.a&flagC != 0
	case sum:
		return f.top(f.a&f.b | (f.a|f.b)&^f.r)
	case diff:
		return f.top(^f.a&f.b | (^f.a|f.b)&f.r)
	case up, down:
		return f.carry
	}
	return false
}

func (f *flags) p() bool {
	if f.kind == literal {
		return f.a&flagP != 0
	}
	return bits.OnesCount8(uint8(f.r))%2 == 0
}

func (f *flags) auxiliary() bool {
	switch f.kind {
	case literal:
		return f.a&flagA != 0
	case logical, result:
		return false
	}
	return (f.a^f.b^f.r)&flagA != 0
}

func (f *flags) z() bool {
	if f.kind == literal {
		return f.a&flagZ != 0
	}
	return f.r == 0
}

func (f *flags) s() bool {
	if f.kind == literal {
		return f.a&flagS != 0
	}
	return f.top(f.r)
}

func (f *flags) o() bool {
	switch f.kind {
	case literal, result:
		return f.a&flagO != 0
	case sum, up:
		return f.top((f.a ^ f.r) & (f.b ^ f.r))
	case diff, down:
		return f.top((f.a ^ f.b) & (f.a ^ f.r))
	}
	return false
}

// all returns the register rflags.
func (f *flags) all() uint64 {
	return always | bit(f.c(), flagC) | bit(f.p(), flagP) | bit(f.auxiliary(), flagA) |
		bit(f.z(), flagZ) | bit(f.s(), flagS) | bit(f.o(), flagO)
}

// bit returns flag if on, else 0.
func bit(on bool, flag uint64) uint64 {
	if on {
		return flag
	}
	return 0
}

// cond returns whether condition cc holds: the last four bits of the opcodes
// jcc, setcc and cmovcc.
func (f *flags) cond(cc uint8) bool {
	var v bool
	switch cc >> 1 {
	case 0:
		v = f.o()
	case 1:
		v = f.c()
	case 2:
		v = f.z()
	case 3:
		v = f.c() || f.z()
	case 4:
		v = f.s()
	case 5:
		v = f.p()
	case 6:
		v = f.s() != f.o()
	case 7:
		v = f.z() || f.s() != f.o()
	}
	return v != (cc&1 == 1)
}
