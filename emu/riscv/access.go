package riscv

import (
	mathbits "math/bits"

	"stage0/emu/cpu"
)

// misaligned returns the fault of a jump at pc to an address that four does
// not divide.
func (h *hart[T]) misaligned(executed, pc, target uint64) (uint64, error) {
	h.pc = pc
	return executed, &cpu.Fault{Kind: cpu.BadFetch, PC: uint64(T(target))}
}

// access does a load or store that is not in a window. It returns what is
// wrong with it, or nothing.
func (h *hart[T]) access(in *inst, addr uint64) cpu.FaultKind {
	size := bits[T]() / 8
	switch in.op {
	case opLB, opLBU, opSB:
		size = 1
	case opLH, opLHU, opSH:
		size = 2
	case opLW, opLWU, opSW:
		size = 4
	}
	switch in.op {
	case opSB, opSH, opSW, opSD:
		if !h.mem.StoreSlow(addr, size, uint64(h.x[in.rs2])) {
			return cpu.BadStore
		}
		return ""
	}
	v, ok := h.mem.LoadSlow(addr, size)
	if !ok {
		return cpu.BadLoad
	}
	switch in.op {
	case opLB:
		h.x[in.rd] = T(int8(v))
	case opLH:
		h.x[in.rd] = T(int16(v))
	case opLW:
		h.x[in.rd] = T(int32(v))
	default:
		h.x[in.rd] = T(v)
	}
	return ""
}

// multiplyDivide does what is rare of "M" ("Multiplication Operations",
// "Division Operations"). Division by zero gives all ones and the dividend,
// overflow the dividend and zero.
func multiplyDivide[T register](op op, a, b T) T {
	switch op {
	case opMULH:
		return mulHigh(a, b) - sign(a)&b - sign(b)&a
	case opMULHSU:
		return mulHigh(a, b) - sign(a)&b
	case opMULHU:
		return mulHigh(a, b)
	case opDIV:
		switch {
		case b == 0:
			return ^T(0)
		case signed(b) == -1:
			return -a
		}
		return T(signed(a) / signed(b))
	case opDIVU:
		if b == 0 {
			return ^T(0)
		}
		return a / b
	case opREM:
		switch {
		case b == 0:
			return a
		case signed(b) == -1:
			return 0
		}
		return T(signed(a) % signed(b))
	case opREMU:
		if b == 0 {
			return a
		}
		return a % b
	case opMULW:
		return T(int32(a) * int32(b))
	case opDIVW:
		return T(int32(multiplyDivide(opDIV, uint32(a), uint32(b))))
	case opDIVUW:
		return T(int32(multiplyDivide(opDIVU, uint32(a), uint32(b))))
	case opREMW:
		return T(int32(multiplyDivide(opREM, uint32(a), uint32(b))))
	default: // opREMUW
		return T(int32(multiplyDivide(opREMU, uint32(a), uint32(b))))
	}
}

// mulHigh returns the upper half of the product of unsigned numbers.
func mulHigh[T register](a, b T) T {
	hi, lo := mathbits.Mul64(uint64(a), uint64(b))
	if bits[T]() == 32 {
		return T(lo >> 32)
	}
	return T(hi)
}

// sign returns all ones if a is negative, zero otherwise.
func sign[T register](a T) T { return T(signed(a) >> 63) }
