package micro

// nzcv lists the flags in bits 28 to 31 of Arm's registers NZCV (DDI 0487,
// C5.2.10) and APSR (DDI 0406, A2.4).
var nzcv = [...]uint64{FlagV, FlagC, FlagZ, FlagN}

// NZCV returns the flags as in Arm's registers NZCV and APSR.
func NZCV(f *Flags) uint64 {
	var v uint64
	all := f.All()
	for i, flag := range nzcv {
		if all&flag != 0 {
			v |= 1 << (28 + i)
		}
	}
	return v
}

// FromNZCV returns the flags for a value of Arm's register NZCV or APSR.
func FromNZCV(v uint64) Flags {
	var flags uint64
	for i, flag := range nzcv {
		if v>>(28+i)&1 != 0 {
			flags |= flag
		}
	}
	return Flags{Kind: Literal, A: flags}
}

// ArmConditions are the conditions of Arm instructions by number (DDI 0487, C1.2.4;
// DDI 0406, A8.3), without the last two, which are always true. The carry flag has the
// manual's meaning: a subtraction sets the flags of a Comparison.
var ArmConditions = [...]Cond{
	IfZ, ifNotZ, // EQ, NE
	IfC, IfNotC, // CS, CC
	IfN, ifNotN, // MI, PL
	IfV, ifNotV, // VS, VC
	IfNotLowOrZ, IfLowOrZ, // HI, LS
	IfNotLess, IfLess, // GE, LT
	ifNotLessOrZ, IfLessOrZ, // GT, LE
}
