package riscv

import (
	"encoding/binary"

	"stage0/internal/emu/micro"
	isa "stage0/internal/riscv"
)

// Descriptions of riscv64 and riscv32 for the translator. Registers keep their
// numbers. System calls follow Linux's calling convention; 93 is exit and 94
// exit_group.
var (
	target64 = newTarget("riscv64", 64)
	target32 = newTarget("riscv32", 32)
)

func newTarget(name string, bits int) *micro.Target {
	return &micro.Target{
		Name:      name,
		Bits:      bits,
		Regs:      len(isa.Registers),
		Stack:     [...]micro.Reg{sp, fp, 28},
		MaxLength: 4,
		Align:     4,
		Lower: func(pc uint64, bytes []byte, _ func(uint64, int) []byte) (micro.Instruction, bool) {
			if pc%4 != 0 || len(bytes) < 4 {
				return micro.Instruction{}, false
			}
			in, ok := decode(binary.LittleEndian.Uint32(bytes), bits)
			if !ok {
				return micro.Instruction{}, false
			}
			l := lowering{micro.Instruction{PC: pc, Length: 4}, bits}
			l.lower(in)
			return l.Instruction, true
		},
		Number: a7,
		Args:   []micro.Reg{a0, a0 + 1, a0 + 2, a0 + 3, a0 + 4, a0 + 5},
		Result: a0,
		Exits:  []uint64{93, 94},
	}
}

// A lowering is an instruction that is being translated to micro-operations.
type lowering struct {
	micro.Instruction
	bits int // of a register
}

// Temporaries.
const (
	t0 = micro.T0 + iota
	t1
	t2
)

// comparisons are the comparisons of branches. If swap is set, the operands are
// swapped.
var comparisons = [...]struct {
	code micro.Code
	swap bool
}{
	isa.BEQ:  {micro.Equal, false},
	isa.BNE:  {micro.NotEqual, false},
	isa.BLT:  {micro.LessS, false},
	isa.BGE:  {micro.LessEqualS, true},
	isa.BLTU: {micro.LessU, false},
	isa.BGEU: {micro.LessEqualU, true},
}

// computations are the ops that compute handles directly.
var computations = [...]struct {
	code   micro.Code
	extend micro.Code // of both operands, if the op is done on 32 bits; Set if the upper bits do not matter
}{
	isa.ADD:   {micro.Add, micro.Set},
	isa.SUB:   {micro.Sub, micro.Set},
	isa.SLL:   {micro.Shl, micro.Set},
	isa.SLT:   {micro.LessS, micro.Set},
	isa.SLTU:  {micro.LessU, micro.Set},
	isa.XOR:   {micro.Xor, micro.Set},
	isa.SRL:   {micro.ShrU, micro.ZeroExtend},
	isa.SRA:   {micro.ShrS, micro.SignExtend},
	isa.OR:    {micro.Or, micro.Set},
	isa.AND:   {micro.And, micro.Set},
	isa.MUL:   {micro.Mul, micro.Set},
	isa.MULH:  {micro.MulHighS, micro.Set},
	isa.MULHU: {micro.MulHighU, micro.Set},
	isa.DIV:   {micro.DivS, micro.SignExtend},
	isa.DIVU:  {micro.DivU, micro.ZeroExtend},
	isa.REM:   {micro.RemS, micro.SignExtend},
	isa.REMU:  {micro.RemU, micro.ZeroExtend},
}

// lower translates an instruction.
func (l *lowering) lower(in inst) {
	var (
		a   = source(in.rs1)
		b   = source(in.rs2)
		rd  = micro.Reg(in.rd)
		imm = uint64(int64(in.imm))
	)
	switch in.op {
	case isa.JAL:
		l.jump(l.PC+imm, in.rd)
	case isa.JALR:
		l.jumpRegister(a.Plus(imm), in)
	case isa.BEQ, isa.BNE, isa.BLT, isa.BGE, isa.BLTU, isa.BGEU:
		l.branch(in.op, a, b, l.PC+imm)

	case isa.LB, isa.LH, isa.LW, isa.LD, isa.LBU, isa.LHU, isa.LWU:
		access := accesses[in.op]
		code := micro.Load
		if access.signed && 8*access.size < l.bits {
			code = micro.LoadSigned
		}
		if rd == zero {
			rd = t0 // the load may still fault
		}
		l.add(micro.Op{Code: code, Size: uint8(access.size), To: rd, A: a.Plus(imm)})
	case isa.SB, isa.SH, isa.SW, isa.SD:
		l.add(micro.Op{Code: micro.Store, Size: uint8(accesses[in.op].size), A: a.Plus(imm), B: b})

	case isa.FENCE:
	case isa.ECALL:
		l.Flow = micro.Syscall
	case isa.EBREAK:
		l.Flow = micro.Stop

	case isa.LUI:
		l.set(in.rd, micro.K(imm))
	case isa.AUIPC:
		l.set(in.rd, micro.K(l.PC+imm))
	default:
		if in.immediate {
			b = micro.K(imm)
		}
		if in.rd != zero {
			l.compute(in, rd, a, b)
		}
	}
}

// source returns a register as an operand.
func source(r uint8) micro.Arg {
	if r == zero {
		return micro.K(0)
	}
	return micro.R(micro.Reg(r))
}

func (l *lowering) add(op micro.Op) { l.Ops = append(l.Ops, op) }

// set sets a register, unless it is zero.
func (l *lowering) set(rd uint8, v micro.Arg) {
	if rd != zero {
		l.add(micro.Op{To: micro.Reg(rd), A: v})
	}
}

// link sets rd to the address of the next instruction. Jumps that link are calls.
func (l *lowering) link(rd uint8) {
	l.Flow = micro.Jump
	if rd != zero {
		l.Flow = micro.Call
		l.set(rd, micro.K(l.Next()))
	}
}

// jump translates JAL.
func (l *lowering) jump(target uint64, rd uint8) {
	if target%4 != 0 {
		l.Flow = micro.Stop
		return
	}
	l.link(rd)
	l.To = micro.K(target)
}

// jumpRegister translates JALR. The lowest bit of the target is ignored; the next one
// must be clear.
func (l *lowering) jumpRegister(target micro.Arg, in inst) {
	l.add(micro.Op{Code: micro.And, To: t1, A: target, B: micro.K(2)})
	l.add(micro.Op{Code: micro.Equal, To: t1, A: micro.R(t1), B: micro.K(0)})
	l.add(micro.Op{Code: micro.Guard, A: micro.R(t1)})
	l.add(micro.Op{Code: micro.And, To: t0, A: target, B: micro.K(^uint64(1))})
	l.link(in.rd)
	l.To = micro.R(t0)
	if in.rd == zero && in.rs1 == ra && in.imm == 0 {
		l.Flow = micro.Return
	}
}

// branch translates a branch to target. If target is not a multiple of four, taking
// the branch is a fault.
func (l *lowering) branch(op isa.Op, a, b micro.Arg, target uint64) {
	c := comparisons[op]
	if c.swap {
		a, b = b, a
	}
	l.add(micro.Op{Code: c.code, To: t0, A: a, B: b})
	if target%4 != 0 {
		l.add(micro.Op{Code: micro.Equal, To: t0, A: micro.R(t0), B: micro.K(0)})
		l.add(micro.Op{Code: micro.Guard, A: micro.R(t0)})
		return
	}
	l.Flow, l.To, l.If = micro.Branch, micro.K(target), micro.R(t0)
}

// compute translates an op on two operands, on 32 bits of them if the instruction is
// a word variant.
func (l *lowering) compute(in inst, rd micro.Reg, a, b micro.Arg) {
	c := computations[in.op]
	extend := func(to micro.Reg, v micro.Arg) micro.Arg {
		if !in.word || c.extend == micro.Set {
			return v
		}
		l.add(micro.Op{Code: c.extend, Size: 4, To: to, A: v})
		return micro.R(to)
	}
	a = extend(t0, a)
	switch in.op {
	case isa.SLL, isa.SRL, isa.SRA:
		b = l.shift(in, b)
	case isa.DIV, isa.REM: // 0 and -1 are left out: the latter may overflow
		b = extend(t1, b)
		l.add(micro.Op{Code: micro.LessU, To: t2, A: micro.K(1), B: b.Plus(1)})
		l.add(micro.Op{Code: micro.Guard, A: micro.R(t2)})
	case isa.DIVU, isa.REMU:
		b = extend(t1, b)
		l.add(micro.Op{Code: micro.Guard, A: b})
	}
	result := micro.Op{Code: c.code, A: a, B: b}
	switch {
	case in.op == isa.ADD && in.immediate:
		result = micro.Op{A: a.Plus(b.Const)}
	case in.op == isa.MULHSU: // MULHU, minus the second operand if the first is negative
		l.add(micro.Op{Code: micro.ShrS, To: t0, A: a, B: micro.K(uint64(l.bits - 1))})
		l.add(micro.Op{Code: micro.And, To: t0, A: micro.R(t0), B: b})
		l.add(micro.Op{Code: micro.MulHighU, To: t1, A: a, B: b})
		result = micro.Op{Code: micro.Sub, A: micro.R(t1), B: micro.R(t0)}
	}
	if in.word {
		result.To = t0
		l.add(result)
		result = micro.Op{Code: micro.SignExtend, Size: 4, A: micro.R(t0)}
	}
	result.To = rd
	l.add(result)
}

// shift returns the amount of a shift. Only the low bits of a register count.
func (l *lowering) shift(in inst, b micro.Arg) micro.Arg {
	if in.immediate {
		return b
	}
	last := uint64(l.bits - 1)
	if in.word {
		last = 31
	}
	l.add(micro.Op{Code: micro.And, To: t1, A: b, B: micro.K(last)})
	return micro.R(t1)
}
