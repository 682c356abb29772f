package arm

// flags are the condition flags (PSTATE.NZCV). What a comparison set is kept
// as what was compared, for most of it is asked for one condition only.
type flags struct {
	a, b     uint64 // if compared: the flags are those of a - b
	bits     uint8  // if not: N, Z, C, V from bit 3 down
	compared bool
}

// Bits of flags.bits.
const (
	flagV = 1 << iota
	flagC
	flagZ
	flagN
)

// nzcv returns the flags as four bits.
func (f *flags) nzcv() uint8 {
	if f.compared {
		return add(f.a, ^f.b, 1)
	}
	return f.bits
}

// add returns the flags of x + y + carry, as AddWithCarry does (DDI 0487, J1.3).
func add(x, y, carry uint64) (nzcv uint8) {
	sum := x + y + carry
	nzcv = signAndZero(sum)
	if sum < x || carry == 1 && sum == x {
		nzcv |= flagC
	}
	if (sum^x)&(sum^y)>>63 != 0 {
		nzcv |= flagV
	}
	return nzcv
}

// signAndZero returns the flags N and Z of a result.
func signAndZero(v uint64) uint8 {
	switch {
	case int64(v) < 0:
		return flagN
	case v == 0:
		return flagZ
	}
	return 0
}

// Conditions, as the manual numbers them (C1.2.4).
const (
	condEQ = iota
	condNE
	condCS
	condCC
	condMI
	condPL
	condVS
	condVC
	condHI
	condLS
	condGE
	condLT
	condGT
	condLE
	condAL
	condNV
)

// holds reports whether a condition holds, as ConditionHolds does (J1.3).
func (f *flags) holds(cond uint8) bool {
	if f.compared {
		return holdsFor(cond, f.a, f.b)
	}
	n, z, c, v := f.bits&flagN != 0, f.bits&flagZ != 0, f.bits&flagC != 0, f.bits&flagV != 0
	var r bool
	switch cond &^ 1 {
	case condEQ:
		r = z
	case condCS:
		r = c
	case condMI:
		r = n
	case condVS:
		r = v
	case condHI:
		r = c && !z
	case condGE:
		r = n == v
	case condGT:
		r = n == v && !z
	default:
		return true // AL, and NV, which is the same
	}
	return r != (cond&1 != 0)
}

// holdsFor reports whether a condition holds after a comparison of a with b.
func holdsFor(cond uint8, a, b uint64) bool {
	switch cond {
	case condEQ:
		return a == b
	case condNE:
		return a != b
	case condCS:
		return a >= b
	case condCC:
		return a < b
	case condMI:
		return int64(a-b) < 0
	case condPL:
		return int64(a-b) >= 0
	case condVS:
		return int64((a^b)&(a^(a-b))) < 0
	case condVC:
		return int64((a^b)&(a^(a-b))) >= 0
	case condHI:
		return a > b
	case condLS:
		return a <= b
	case condGE:
		return int64(a) >= int64(b)
	case condLT:
		return int64(a) < int64(b)
	case condGT:
		return int64(a) > int64(b)
	case condLE:
		return int64(a) <= int64(b)
	}
	return true
}
