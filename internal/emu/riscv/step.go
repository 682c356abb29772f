package riscv

import (
	mathbits "math/bits"

	"stage0/internal/emu/cpu"
	isa "stage0/internal/riscv"
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
	case isa.JAL:
		return h.jump(pc+imm, in.rd)
	case isa.JALR:
		return h.jump((a+imm)&^1, in.rd)
	case isa.BEQ, isa.BNE, isa.BLT, isa.BGE, isa.BLTU, isa.BGEU:
		if branches(in.op, a, b) {
			return h.jump(pc+imm, zero)
		}

	// "Load and Store Instructions".
	case isa.LB, isa.LH, isa.LW, isa.LD, isa.LBU, isa.LHU, isa.LWU:
		addr, access := uint64(a+imm), accesses[in.op]
		v, ok := h.mem.Load(addr, access.size)
		if !ok {
			return h.fault(cpu.BadLoad, addr)
		}
		if unused := 64 - 8*access.size; access.signed {
			v = uint64(int64(v<<unused) >> unused)
		}
		h.set(in.rd, T(v))
	case isa.SB, isa.SH, isa.SW, isa.SD:
		addr := uint64(a + imm)
		if !h.mem.Store(addr, accesses[in.op].size, uint64(b)) {
			return h.fault(cpu.BadStore, addr)
		}

	// "Memory Ordering Instructions": there is one hart.
	case isa.FENCE:

	// "Environment Call and Breakpoints".
	case isa.ECALL:
		h.pc = uint64(pc + 4)
		return cpu.ErrSyscall
	case isa.EBREAK:
		return h.fault(cpu.Breakpoint, 0)

	// "Integer Computational Instructions".
	case isa.LUI:
		h.set(in.rd, imm)
	case isa.AUIPC:
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
func branches[T register](op isa.Op, a, b T) bool {
	switch op {
	case isa.BEQ:
		return a == b
	case isa.BNE:
		return a != b
	case isa.BLT:
		return signed(a) < signed(b)
	case isa.BGE:
		return signed(a) >= signed(b)
	case isa.BLTU:
		return a < b
	default: // isa.BGEU
		return a >= b
	}
}

// compute returns the result of an op. Division by zero yields all ones and the
// dividend; overflow yields the dividend and zero ("Division Operations").
func compute[T register](op isa.Op, a, b T) T {
	shift := b % T(bits[T]())
	switch op {
	case isa.ADD:
		return a + b
	case isa.SUB:
		return a - b
	case isa.SLL:
		return a << shift
	case isa.SLT:
		return truth[T](signed(a) < signed(b))
	case isa.SLTU:
		return truth[T](a < b)
	case isa.XOR:
		return a ^ b
	case isa.SRL:
		return a >> shift
	case isa.SRA:
		return T(signed(a) >> shift)
	case isa.OR:
		return a | b
	case isa.AND:
		return a & b
	case isa.MUL:
		return a * b
	case isa.MULH:
		return mulHigh(a, b) - sign(a)&b - sign(b)&a
	case isa.MULHSU:
		return mulHigh(a, b) - sign(a)&b
	case isa.MULHU:
		return mulHigh(a, b)
	case isa.DIV:
		switch {
		case b == 0:
			return ^T(0)
		case signed(b) == -1:
			return -a
		}
		return T(signed(a) / signed(b))
	case isa.DIVU:
		if b == 0 {
			return ^T(0)
		}
		return a / b
	case isa.REM:
		switch {
		case b == 0:
			return a
		case signed(b) == -1:
			return 0
		}
		return T(signed(a) % signed(b))
	default: // isa.REMU
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
