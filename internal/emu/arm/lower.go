package arm

import (
	"encoding/binary"

	"stage0/internal/emu/micro"
)

// target describes aarch64 to package translate. Registers have the numbers that
// they have in core.x.
//
// Programs compiled by M2-Planet keep their stack in x18, because SP must be a
// multiple of 16, and the base of their variables in x17 (the register BP).
var target = micro.Target{
	Name:      "aarch64",
	Bits:      64,
	Regs:      sp + 1,
	Stack:     [...]micro.Reg{18, 17, 13},
	MaxLength: 4,
	Align:     4,
	Lower:     lower,
	Number:    8,
	Args:      []micro.Reg{0, 1, 2, 3, 4, 5},
	Result:    0,
	Exits:     []uint64{93, 94}, // exit, exit_group
	FlagsWord: micro.NZCV,
}

// lower implements micro.Target.Lower.
func lower(pc uint64, bytes []byte, code func(a uint64, n int) []byte) (micro.Instruction, bool) {
	if pc%4 != 0 || len(bytes) < 4 {
		return micro.Instruction{}, false
	}
	in := decode(binary.LittleEndian.Uint32(bytes))
	if in.op == opNone {
		return micro.Instruction{}, false
	}
	l := lowering{inst: in, out: micro.Instruction{PC: pc, Length: 4}, temp: micro.T0}
	l.instruction(code)
	return l.out, true
}

// A lowering is an instruction that is being translated to micro-operations.
type lowering struct {
	inst
	out  micro.Instruction
	temp micro.Reg // first unused temporary
}

// instruction translates what core.execute does.
func (l *lowering) instruction(code func(a uint64, n int) []byte) {
	pc := l.out.PC
	n, m := operand(l.rn), operand(l.rm)
	switch l.op {
	case opADDimm:
		l.add(n, micro.K(l.imm))
	case opSUBimm:
		l.sub(n, micro.K(l.imm))
	case opADD:
		l.add(n, l.shifted(m))
	case opSUB:
		l.sub(n, l.shifted(m))
	case opADDext:
		l.add(n, l.shl(l.extend(m, l.how), l.amount))
	case opSUBext:
		l.sub(n, l.shl(l.extend(m, l.how), l.amount))
	case opANDimm:
		l.logical(l.and(n, l.imm))
	case opORRimm:
		l.logical(l.or(n, micro.K(l.imm)))
	case opEORimm:
		l.logical(l.do(micro.Xor, n, micro.K(l.imm)))
	case opAND:
		l.logical(l.do(micro.And, n, l.shifted(m)))
	case opBIC:
		l.logical(l.do(micro.And, n, l.not(l.shifted(m))))
	case opORR:
		l.logical(l.or(n, l.shifted(m)))
	case opORN:
		l.logical(l.or(n, l.not(l.shifted(m))))
	case opEOR:
		l.logical(l.do(micro.Xor, n, l.shifted(m)))
	case opEON:
		l.logical(l.do(micro.Xor, n, l.not(l.shifted(m))))

	case opADR:
		l.setWide(l.rd, micro.K(pc+l.imm))
	case opADRP:
		l.setWide(l.rd, micro.K(pc&^0xFFF+l.imm<<12))
	case opMOVZ:
		l.set(micro.K(l.imm << l.amount))
	case opMOVN:
		l.set(micro.K(^(l.imm << l.amount)))
	case opMOVK:
		l.set(l.or(l.and(operand(l.rd), ^(0xFFFF<<l.amount)), micro.K(l.imm<<l.amount)))
	case opSBFM, opBFM, opUBFM:
		l.bitfield(n)

	case opMADD:
		l.set(l.sum(operand(l.ra), l.do(micro.Mul, n, m)))
	case opMSUB:
		l.set(l.do(micro.Sub, operand(l.ra), l.do(micro.Mul, n, m)))
	case opUDIV, opSDIV:
		l.divide(n, m)
	case opLSLV, opLSRV, opASRV, opRORV:
		l.set(l.shift(n, uint8(l.op-opLSLV), l.and(m, 8*uint64(l.size())-1)))

	case opLDR, opSTR:
		l.access(n.Plus(l.imm))
	case opLDRreg, opSTRreg:
		l.access(l.sum(n, l.shl(l.extend(m, uint8(l.imm)), l.amount)))
	case opLDRlit:
		l.literal(pc+l.imm, code)
	case opLDRpre, opSTRpre:
		l.access(n.Plus(l.imm))
		l.setWide(l.ra, n.Plus(l.imm))
	case opLDRpost, opSTRpost:
		l.access(n)
		l.setWide(l.ra, n.Plus(l.imm))

	case opB:
		l.flow(micro.Jump, micro.K(pc+l.imm))
	case opBL:
		l.call(micro.K(pc + l.imm))
	case opBcond:
		if cond, ok := condition(l.how); ok {
			l.branch(l.emit(micro.Op{Code: micro.Condition, Cond: cond}))
		} else {
			l.flow(micro.Jump, micro.K(pc+l.imm))
		}
	case opCBZ:
		l.branch(l.do(micro.Equal, l.cut(m), micro.K(0)))
	case opCBNZ:
		l.branch(l.do(micro.NotEqual, l.cut(m), micro.K(0)))
	case opTBZ:
		l.branch(l.do(micro.Equal, l.and(m, 1<<l.amount), micro.K(0)))
	case opTBNZ:
		l.branch(l.and(m, 1<<l.amount))
	case opBR:
		l.aligned(n)
		l.flow(micro.Jump, n)
	case opRET:
		l.aligned(n)
		l.flow(micro.Return, n)
	case opBLR:
		l.aligned(n)
		if l.rn == lr {
			n = l.emit(micro.Op{Code: micro.Set, A: n}) // its value before lr is set
		}
		l.call(n)
	case opSVC:
		l.out.Flow = micro.Syscall
	case opNOP:
	default: // BRK
		l.out.Flow = micro.Stop
	}
}

// operand returns the operand for an index of core.x. MOVK and BFM also read their
// destination; if that is sink, the result is ignored.
func operand(index uint8) micro.Arg {
	if index == zero || index == sink {
		return micro.K(0)
	}
	return micro.R(micro.Reg(index))
}

// emit adds an operation that sets a temporary, which it returns.
func (l *lowering) emit(op micro.Op) micro.Arg {
	op.To = l.temp
	l.temp++
	l.out.Ops = append(l.out.Ops, op)
	return micro.R(op.To)
}

// effect adds any other operation.
func (l *lowering) effect(op micro.Op) { l.out.Ops = append(l.out.Ops, op) }

// do adds an operation on a and b, and returns its result.
func (l *lowering) do(code micro.Code, a, b micro.Arg) micro.Arg {
	return l.emit(micro.Op{Code: code, A: a, B: b})
}

// sum returns a+b, without an operation if one of them is a constant.
func (l *lowering) sum(a, b micro.Arg) micro.Arg {
	switch {
	case b.Reg == micro.None:
		return a.Plus(b.Const)
	case a.Reg == micro.None:
		return b.Plus(a.Const)
	}
	return l.do(micro.Add, a, b)
}

// or returns a|b. MOV is an ORR with the zero register.
func (l *lowering) or(a, b micro.Arg) micro.Arg {
	if a == micro.K(0) {
		return b
	}
	return l.do(micro.Or, a, b)
}

func (l *lowering) and(a micro.Arg, mask uint64) micro.Arg {
	return l.do(micro.And, a, micro.K(mask))
}

func (l *lowering) not(a micro.Arg) micro.Arg { return l.do(micro.Xor, a, micro.K(^uint64(0))) }

func (l *lowering) shl(a micro.Arg, by uint8) micro.Arg {
	return l.shift(a, shiftLSL, micro.K(uint64(by)))
}

// cut truncates a to the operands' size.
func (l *lowering) cut(a micro.Arg) micro.Arg {
	switch {
	case l.wide:
		return a
	case a.Reg == micro.None:
		return micro.K(l.inst.cut(a.Const))
	}
	return l.emit(micro.Op{Code: micro.ZeroExtend, Size: 4, A: a})
}

// signExtend sign-extends a from the operands' size.
func (l *lowering) signExtend(a micro.Arg) micro.Arg {
	if l.wide {
		return a
	}
	return l.emit(micro.Op{Code: micro.SignExtend, Size: 4, A: a})
}

// set sets the destination.
func (l *lowering) set(v micro.Arg) { l.setWide(l.rd, l.cut(v)) }

// setWide sets all 64 bits of a register, given by its index in core.x.
func (l *lowering) setWide(index uint8, v micro.Arg) {
	if index != sink {
		l.effect(micro.Op{Code: micro.Set, To: micro.Reg(index), A: v})
	}
}

// add, sub and logical set the destination to x+y, x-y and v, and the flags.
func (l *lowering) add(x, y micro.Arg) {
	l.setWithFlags(micro.Sum, x, y, l.sum(x, y))
}

func (l *lowering) sub(x, y micro.Arg) {
	v := x.Plus(-y.Const)
	if y.Reg != micro.None {
		v = l.do(micro.Sub, x, y)
	}
	l.setWithFlags(micro.Comparison, x, y, v)
}

func (l *lowering) logical(v micro.Arg) {
	l.setWithFlags(micro.Logic, micro.K(0), micro.K(0), v)
}

// setWithFlags sets the destination to v, the result of an operation on x and y. It
// sets the flags if the instruction does.
func (l *lowering) setWithFlags(kind micro.FlagKind, x, y, v micro.Arg) {
	v = l.cut(v)
	if l.flags {
		l.effect(micro.Op{Code: micro.SetFlags, Kind: kind, Size: l.size(), A: l.cut(x), B: l.cut(y), C: v})
	}
	l.setWide(l.rd, v)
}

// shifted returns operand m of an instruction with a shifted register.
func (l *lowering) shifted(m micro.Arg) micro.Arg {
	return l.shift(m, l.how, micro.K(uint64(l.amount)))
}

// shift translates the function shift. Bits that are truncated later may differ.
func (l *lowering) shift(v micro.Arg, how uint8, by micro.Arg) micro.Arg {
	if by == micro.K(0) {
		return v
	}
	switch how {
	case shiftLSL:
		return l.do(micro.Shl, v, by)
	case shiftLSR:
		return l.do(micro.ShrU, l.cut(v), by)
	case shiftASR:
		return l.do(micro.ShrS, l.signExtend(v), by)
	}
	low := l.cut(v)
	if !l.wide { // the 32 bits twice
		return l.do(micro.ShrU, l.do(micro.Or, low, l.shl(low, 32)), by)
	}
	up := l.and(l.do(micro.Sub, micro.K(0), by), 63)
	return l.do(micro.Or, l.do(micro.ShrU, v, by), l.do(micro.Shl, v, up))
}

// extend translates the function extend.
func (l *lowering) extend(v micro.Arg, option uint8) micro.Arg {
	size := uint8(1) << (option & 3)
	switch {
	case size == 8:
		return v
	case option >= 4:
		return l.emit(micro.Op{Code: micro.SignExtend, Size: size, A: v})
	}
	return l.emit(micro.Op{Code: micro.ZeroExtend, Size: size, A: v})
}

// guard leaves the instruction to the executor if v is zero.
func (l *lowering) guard(v micro.Arg) { l.effect(micro.Op{Code: micro.Guard, A: v}) }

// divide leaves divisions by zero and by -1 to the executor, where the manual defines
// the result but other processors may trap.
func (l *lowering) divide(n, m micro.Arg) {
	code := micro.DivU
	if l.op == opSDIV {
		code = micro.DivS
		n, m = l.signExtend(n), l.signExtend(m)
		l.guard(l.do(micro.NotEqual, m, micro.K(^uint64(0))))
	} else {
		n, m = l.cut(n), l.cut(m)
	}
	l.guard(m)
	l.set(l.do(code, n, m))
}

// bitfield shifts the field to the upper end of a word, which removes the bits above
// it, and then down to its destination.
func (l *lowering) bitfield(n micro.Arg) {
	src, dst, width := l.field()
	v := l.shl(n, uint8(64-width-src))
	down := micro.K(64 - width - dst)
	switch l.op {
	case opSBFM:
		l.set(l.do(micro.ShrS, v, down))
	case opUBFM:
		l.set(l.do(micro.ShrU, v, down))
	default:
		mask := ^uint64(0) >> (64 - width) << dst
		l.set(l.do(micro.Or, l.and(operand(l.rd), ^mask), l.do(micro.ShrU, v, down)))
	}
}

// access translates a load or store.
func (l *lowering) access(addr micro.Arg) {
	switch l.op {
	case opSTR, opSTRpre, opSTRpost, opSTRreg:
		l.effect(micro.Op{Code: micro.Store, Size: l.how, A: addr, B: operand(l.rd)})
	default:
		if l.signed {
			l.set(l.emit(micro.Op{Code: micro.LoadSigned, Size: l.how, A: addr}))
		} else {
			l.setWide(l.rd, l.emit(micro.Op{Code: micro.Load, Size: l.how, A: addr}))
		}
	}
}

// literal loads from a constant address. The result is a constant if there is code.
func (l *lowering) literal(addr uint64, code func(a uint64, n int) []byte) {
	b := code(addr, int(l.how))
	if len(b) < int(l.how) {
		l.access(micro.K(addr))
		return
	}
	l.out.Literal, l.out.LiteralAt = l.how, addr
	var v uint64
	for i := range b {
		v |= uint64(b[i]) << (8 * i)
	}
	if l.signed {
		v = uint64(int64(int32(v)))
	}
	l.set(micro.K(v))
}

// flow continues at an address.
func (l *lowering) flow(how micro.Flow, addr micro.Arg) { l.out.Flow, l.out.To = how, addr }

// call calls the function at an address.
func (l *lowering) call(addr micro.Arg) {
	l.setWide(lr, micro.K(l.out.Next()))
	l.flow(micro.Call, addr)
}

// branch branches to the instruction's target if cond is not zero.
func (l *lowering) branch(cond micro.Arg) {
	l.flow(micro.Branch, micro.K(l.out.PC+l.imm))
	l.out.If = cond
}

// aligned leaves a jump to an unaligned address to the executor.
func (l *lowering) aligned(addr micro.Arg) {
	l.guard(l.do(micro.Equal, l.and(addr, 3), micro.K(0)))
}
