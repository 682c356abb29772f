package arm

import "stage0/internal/emu/micro"

// nzcv returns the condition flags as the register NZCV has them (DDI 0487,
// C5.2.10): N, Z, C and V are its bits 31 to 28.
func nzcv(f *micro.Flags) uint64 {
	var v uint64
	all := f.All()
	for i, bit := range [...]uint64{micro.FlagV, micro.FlagC, micro.FlagZ, micro.FlagN} {
		if all&bit != 0 {
			v |= 1 << (28 + i)
		}
	}
	return v
}

// conditions are the conditions, by their numbers (C1.2.4). The carry flag is
// the manual's: SUBS sets the flags of a micro.Comparison.
var conditions = [...]micro.Cond{
	micro.IfZ,          // EQ
	micro.IfNotZ,       // NE
	micro.IfC,          // CS
	micro.IfNotC,       // CC
	micro.IfN,          // MI
	micro.IfNotN,       // PL
	micro.IfV,          // VS
	micro.IfNotV,       // VC
	micro.IfNotLowOrZ,  // HI
	micro.IfLowOrZ,     // LS
	micro.IfNotLess,    // GE
	micro.IfLess,       // LT
	micro.IfNotLessOrZ, // GT
	micro.IfLessOrZ,    // LE
}

// condition returns the condition of a number. There is none for AL, and for NV,
// which is the same: they always hold.
func condition(number uint8) (c micro.Cond, ok bool) {
	if int(number) >= len(conditions) {
		return 0, false
	}
	return conditions[number], true
}
