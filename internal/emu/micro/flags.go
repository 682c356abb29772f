package micro

import "math/bits"

// A FlagKind is the kind of operation that set the flags.
type FlagKind uint8

// The kinds of operations. Operands and result have Size bytes and are zero-extended.
const (
	Literal    FlagKind = iota // the flags are in A, as FlagC to FlagV
	Logic                      // R is the result; carry and overflow are clear
	Result                     // R is the result; A contains FlagC and FlagV
	Sum                        // R is A+B or A+B+1
	Difference                 // R is A-B or A-B-1; a borrow sets the carry flag, as on x86
	Comparison                 // R is A-B or A-B-1; a borrow clears the carry flag, as on Arm
	Increment                  // R is A+1; the carry flag is B, which is 0 or 1
	Decrement                  // R is A-1; the carry flag is B
)

// The flags, as bits of the x86 register rflags.
const (
	FlagC = 1 << 0  // carry
	FlagP = 1 << 2  // even parity of the lowest byte
	FlagA = 1 << 4  // carry out of the low four bits
	FlagZ = 1 << 6  // zero
	FlagN = 1 << 7  // negative
	FlagV = 1 << 11 // overflow

	AllFlags = FlagC | FlagP | FlagA | FlagZ | FlagN | FlagV
)

// Flags represent a processor's flags by the operation that set them: most flags are
// never read. In the zero value, all flags are clear.
type Flags struct {
	Kind    FlagKind
	Size    uint8 // in bytes
	A, B, R uint64
}

// top returns the sign bit of v, a value of Size bytes.
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

// p returns the parity flag.
func (f *Flags) p() bool {
	if f.Kind == Literal {
		return f.A&FlagP != 0
	}
	return bits.OnesCount8(uint8(f.R))%2 == 0
}

// half returns the auxiliary carry flag, AF on x86.
func (f *Flags) half() bool {
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

// z returns the zero flag.
func (f *Flags) z() bool {
	if f.Kind == Literal {
		return f.A&FlagZ != 0
	}
	return f.R == 0
}

// n returns the negative flag, SF on x86.
func (f *Flags) n() bool {
	if f.Kind == Literal {
		return f.A&FlagN != 0
	}
	return f.top(f.R)
}

// V returns the overflow flag, OF on x86.
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

// All returns all flags, as FlagC to FlagV.
func (f *Flags) All() uint64 {
	var all uint64
	for _, x := range [...]struct {
		on  bool
		bit uint64
	}{{f.C(), FlagC}, {f.p(), FlagP}, {f.half(), FlagA}, {f.z(), FlagZ}, {f.n(), FlagN}, {f.V(), FlagV}} {
		if x.on {
			all |= x.bit
		}
	}
	return all
}

// A Cond is a condition on flags. Flipping its lowest bit negates it.
type Cond uint8

// The conditions, in the order of the x86 jcc opcodes, followed by two Arm
// conditions.
const (
	IfV          Cond = iota // overflow
	ifNotV                   //
	IfC                      // carry; after a Difference, A < B
	IfNotC                   //
	IfZ                      // zero; A = B
	ifNotZ                   //
	IfCOrZ                   // after a Difference, A <= B
	ifNotCOrZ                //
	IfN                      // negative
	ifNotN                   //
	IfP                      // even parity
	ifNotP                   //
	IfLess                   // N != V; A < B, signed
	IfNotLess                //
	IfLessOrZ                // A <= B, signed
	ifNotLessOrZ             //
	IfLowOrZ                 // carry clear or zero; after a Comparison, A <= B (LS on Arm)
	IfNotLowOrZ              // HI on Arm
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
		v = f.z()
	case IfCOrZ:
		v = f.C() || f.z()
	case IfN:
		v = f.n()
	case IfP:
		v = f.p()
	case IfLess:
		v = f.n() != f.V()
	case IfLessOrZ:
		v = f.z() || f.n() != f.V()
	case IfLowOrZ:
		v = !f.C() || f.z()
	}
	return v != (c&1 == 1)
}
