package riscv

import (
	mathbits "math/bits"

	"stage0/internal/emu/cpu"
)

// Step executes the instruction at pc.
func (h *hart[T]) Step() error {
	in, err := h.decode()
	if err != nil {
		return err
	}
	var (
		pc  = T(h.pc)
		a   = h.x[in.rs1]
		b   = h.x[in.rs2]
		imm = T(in.imm)
	)
	switch in.op {
	// "Control Transfer Instructions".
	case opJAL:
		return h.jump(pc+imm, in.rd)
	case opJALR:
		return h.jump((a+imm)&^1, in.rd)
	case opBEQ, opBNE, opBLT, opBGE, opBLTU, opBGEU:
		if branches(in.op, a, b) {
			return h.jump(pc+imm, zero)
		}

	// "Load and Store Instructions".
	case opLB, opLH, opLW, opLD, opLBU, opLHU, opLWU:
		addr, access := uint64(a+imm), accesses[in.op]
		v, ok := h.mem.Load(addr, access.size)
		if !ok {
			return h.fault(cpu.BadLoad, addr)
		}
		if unused := 64 - 8*access.size; access.signed {
			v = uint64(int64(v<<unused) >> unused)
		}
		h.set(in.rd, T(v))
	case opSB, opSH, opSW, opSD:
		addr := uint64(a + imm)
		if !h.mem.Store(addr, accesses[in.op].size, uint64(b)) {
			return h.fault(cpu.BadStore, addr)
		}

	// "Memory Ordering Instructions": there is one hart.
	case opFENCE:

	// "Environment Call and Breakpoints".
	case opECALL:
		h.pc = uint64(pc + 4)
		return cpu.ErrSyscall
	case opEBREAK:
		return h.fault(cpu.Breakpoint, 0)

	// "Integer Computational Instructions".
	case opLUI:
		h.set(in.rd, imm)
	case opAUIPC:
		h.set(in.rd, pc+imm)
	default:
		if in.immediate {
			b = imm
		}
		if in.word {
			h.set(in.rd, T(int32(compute(in.op, uint32(a), uint32(b)))))
		} else {
			h.set(in.rd, compute(in.op, a, b))
		}
	}
	h.pc = uint64(pc + 4)
	return nil
}

// set sets a register, unless it is zero.
func (h *hart[T]) set(rd uint8, v T) {
	if rd != zero {
		h.x[rd] = v
	}
}

// jump jumps to target, which must be a multiple of four, and sets rd to the address
// of the next instruction.
func (h *hart[T]) jump(target T, rd uint8) error {
	if target%4 != 0 {
		return &cpu.Fault{Kind: cpu.BadFetch, PC: uint64(target)}
	}
	h.set(rd, T(h.pc)+4)
	h.pc = uint64(target)
	return nil
}

// branches reports whether a branch is taken ("Conditional Branches").
func branches[T register](op op, a, b T) bool {
	switch op {
	case opBEQ:
		return a == b
	case opBNE:
		return a != b
	case opBLT:
		return signed(a) < signed(b)
	case opBGE:
		return signed(a) >= signed(b)
	case opBLTU:
		return a < b
	default: // opBGEU
		return a >= b
	}
}

// compute returns the result of an op. Division by zero yields all ones and the
// dividend; overflow yields the dividend and zero ("Division Operations").
func compute[T register](op op, a, b T) T {
	shift := b % T(bits[T]())
	switch op {
	case opADD:
		return a + b
	case opSUB:
		return a - b
	case opSLL:
		return a << shift
	case opSLT:
		return truth[T](signed(a) < signed(b))
	case opSLTU:
		return truth[T](a < b)
	case opXOR:
		return a ^ b
	case opSRL:
		return a >> shift
	case opSRA:
		return T(signed(a) >> shift)
	case opOR:
		return a | b
	case opAND:
		return a & b
	case opMUL:
		return a * b
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
	default: // opREMU
		if b == 0 {
			return a
		}
		return a % b
	}
}

// mulHigh returns the upper half of an unsigned product.
func mulHigh[T register](a, b T) T {
	hi, lo := mathbits.Mul64(uint64(a), uint64(b))
	if bits[T]() == 32 {
		return T(lo >> 32)
	}
	return T(hi)
}

// sign returns all ones if a is negative, zero otherwise.
func sign[T register](a T) T { return T(signed(a) >> 63) }

func truth[T register](b bool) T {
	if b {
		return 1
	}
	return 0
}
