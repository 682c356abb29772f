package micro

import "math/bits"

// A FlagKind says how flags follow from the operation that set them.
type FlagKind uint8

// The kinds of flags. Operands and result are of Size bytes, zero-extended.
const (
	Literal    FlagKind = iota // A has the bits FlagC to FlagV
	Logic                      // of the result R; carry and overflow are clear
	Result                     // of the result R; A has the bits FlagC and FlagV
	Sum                        // R is A+B, or A+B+1
	Difference                 // R is A-B, or A-B-1; the carry flag is the borrow, as on x86
	Comparison                 // R is A-B, or A-B-1; the carry flag is clear if there is a borrow, as on Arm
	Increment                  // R is A+1; the carry flag is B, which is 0 or 1
	Decrement                  // R is A-1; the carry flag is B
)

// The flags' bits, in the order of x86's register rflags.
const (
	FlagC = 1 << 0  // carry
	FlagP = 1 << 2  // even parity of the lowest byte
	FlagA = 1 << 4  // carry out of the lowest four bits
	FlagZ = 1 << 6  // zero
	FlagN = 1 << 7  // negative
	FlagV = 1 << 11 // overflow

	AllFlags = FlagC | FlagP | FlagA | FlagZ | FlagN | FlagV
)

// Flags are a processor's flags as the operation that set them: most are never
// looked at. The zero value is flags that are all clear.
type Flags struct {
	Kind    FlagKind
	Size    uint8 // in bytes
	A, B, R uint64
}

// top reports whether v, of the operands' size, is negative.
func (f *Flags) top(v uint64) bool { return int64(v<<(64-8*f.Size)) < 0 }

// C returns the carry flag.
func (f *Flags) C() bool {
	switch f.Kind {
	case Literal, Result:
		return f.A&FlagC != 0
	case Sum:
		return f.top(f.A&f.B | (f.A|f.B)&^f.R)
	case Difference:
		return f.top(^f.A&f.B | (^f.A|f.B)&f.R)
	case Comparison:
		return !f.top(^f.A&f.B | (^f.A|f.B)&f.R)
	case Increment, Decrement:
		return f.B != 0
	}
	return false
}

// P returns the parity flag.
func (f *Flags) P() bool {
	if f.Kind == Literal {
		return f.A&FlagP != 0
	}
	return bits.OnesCount8(uint8(f.R))%2 == 0
}

// Half returns the flag that x86 calls A, for auxiliary carry.
func (f *Flags) Half() bool {
	switch f.Kind {
	case Literal:
		return f.A&FlagA != 0
	case Logic, Result:
		return false
	case Increment, Decrement:
		return (f.A^1^f.R)&FlagA != 0
	}
	return (f.A^f.B^f.R)&FlagA != 0
}

// Z returns the zero flag.
func (f *Flags) Z() bool {
	if f.Kind == Literal {
		return f.A&FlagZ != 0
	}
	return f.R == 0
}

// N returns the flag for negative results, which x86 calls S.
func (f *Flags) N() bool {
	if f.Kind == Literal {
		return f.A&FlagN != 0
	}
	return f.top(f.R)
}

// V returns the overflow flag, which x86 calls O.
func (f *Flags) V() bool {
	switch f.Kind {
	case Literal, Result:
		return f.A&FlagV != 0
	case Sum:
		return f.top((f.A ^ f.R) & (f.B ^ f.R))
	case Difference, Comparison:
		return f.top((f.A ^ f.B) & (f.A ^ f.R))
	case Increment:
		return f.top((f.A ^ f.R) & (1 ^ f.R))
	case Decrement:
		return f.top((f.A ^ 1) & (f.A ^ f.R))
	}
	return false
}

// All returns the flags' bits.
func (f *Flags) All() uint64 {
	var all uint64
	for _, x := range [...]struct {
		on  bool
		bit uint64
	}{{f.C(), FlagC}, {f.P(), FlagP}, {f.Half(), FlagA}, {f.Z(), FlagZ}, {f.N(), FlagN}, {f.V(), FlagV}} {
		if x.on {
			all |= x.bit
		}
	}
	return all
}

// A Cond is a condition on flags. With its lowest bit flipped it is the opposite.
type Cond uint8

// The conditions, in the order of x86's opcodes jcc, and two of Arm's.
const (
	IfV          Cond = iota // overflow
	IfNotV                   //
	IfC                      // carry; after a Difference, A < B
	IfNotC                   //
	IfZ                      // zero; A = B
	IfNotZ                   //
	IfCOrZ                   // after a Difference, A <= B
	IfNotCOrZ                //
	IfN                      // negative
	IfNotN                   //
	IfP                      // even parity
	IfNotP                   //
	IfLess                   // N is not V: A < B, signed
	IfNotLess                //
	IfLessOrZ                // A <= B, signed
	IfNotLessOrZ             //
	IfLowOrZ                 // the carry flag is clear, or zero: after a Comparison, A <= B (Arm's LS)
	IfNotLowOrZ              // the opposite (Arm's HI)
)

// Flags returns the flags that a condition depends on.
func (c Cond) Flags() uint64 {
	return [...]uint64{
		FlagV, FlagC, FlagZ, FlagC | FlagZ, FlagN, FlagP, FlagN | FlagV, FlagZ | FlagN | FlagV, FlagC | FlagZ,
	}[c/2]
}

// Holds reports whether a condition holds.
func (f *Flags) Holds(c Cond) bool {
	var v bool
	switch c &^ 1 {
	case IfV:
		v = f.V()
	case IfC:
		v = f.C()
	case IfZ:
		v = f.Z()
	case IfCOrZ:
		v = f.C() || f.Z()
	case IfN:
		v = f.N()
	case IfP:
		v = f.P()
	case IfLess:
		v = f.N() != f.V()
	case IfLessOrZ:
		v = f.Z() || f.N() != f.V()
	case IfLowOrZ:
		v = !f.C() || f.Z()
	}
	return v != (c&1 == 1)
}
