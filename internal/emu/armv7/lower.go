package armv7

import (
	"encoding/binary"
	"math/bits"

	"stage0/internal/emu/micro"
)

// target describes armv7l to package translate. PC has no number; as an operand it is
// a constant. Programs compiled by M2-Planet keep the base of their variables in r12
// (the register BP). System calls follow Linux's EABI.
var target = micro.Target{
	Name:      "armv7l",
	Bits:      32,
	Regs:      pc,
	Stack:     [...]micro.Reg{sp, 12, 8},
	MaxLength: 4,
	Align:     4,
	Lower:     lower,
	Number:    7,
	Args:      []micro.Reg{0, 1, 2, 3, 4, 5},
	Result:    0,
	Exits:     []uint64{1, 248}, // exit, exit_group
	FlagsWord: micro.NZCV,
}

// lower implements micro.Target.Lower.
func lower(at uint64, bytes []byte, code func(a uint64, n int) []byte) (micro.Instruction, bool) {
	if at%4 != 0 || len(bytes) < 4 {
		return micro.Instruction{}, false
	}
	in := decode(binary.LittleEndian.Uint32(bytes))
	if in.op == opNone {
		return micro.Instruction{}, false
	}
	l := lowering{inst: in, out: micro.Instruction{PC: at, Length: 4}, temp: micro.T0}
	switch {
	case in.op == opBKPT || in.leads() && in.cond != always:
		l.out.Flow = micro.Stop
	case in.awkward():
		l.out.Step = true
	default:
		l.instruction(code)
	}
	return l.out, true
}

// leads reports whether the instruction writes to PC or is a call. It excludes B.
func (in *inst) leads() bool {
	switch in.op {
	case opBL, opBX, opBLX, opSVC:
		return true
	case opLDR:
		return in.t == pc
	case opLDM:
		return in.has(pc)
	}
	return in.processes() && in.d == pc
}

// processes reports whether the instruction is data processing (A5.2.1 to A5.2.3).
func (in *inst) processes() bool { return in.op >= opAND && in.op <= opMVN }

// compares reports whether it is data processing that only sets flags.
func (in *inst) compares() bool { return in.op >= opTST && in.op <= opCMN }

// isLogical reports whether it is data processing that sets the flag C to the
// shifter's carry.
func (in *inst) isLogical() bool {
	switch in.op {
	case opAND, opEOR, opTST, opTEQ, opORR, opMOV, opBIC, opMVN:
		return true
	}
	return false
}

// awkward reports whether the instruction is left to the executor, because it is rare
// and would need many micro-operations. That includes all conditional instructions
// that do more than set registers.
func (in *inst) awkward() bool {
	setsFlags := in.s || in.compares()
	switch in.op {
	case opUMLAL, opSMLAL, opUMAAL, opCLZ:
		return true
	case opUMULL, opSMULL:
		return in.s
	case opSTM:
		return in.cond != always || bits.OnesCount32(in.list) > 1
	case opSTR, opLDR, opSTRB, opLDRB, opSTRH, opLDRH, opLDRSB, opLDRSH, opLDM:
		return in.cond != always
	}
	withCarry := in.op == opADC || in.op == opSBC || in.op == opRSC
	return setsFlags && (in.cond != always || withCarry || in.form == shiftRegister && in.isLogical())
}

// A lowering is an instruction that is being translated to micro-operations.
type lowering struct {
	inst
	out  micro.Instruction
	temp micro.Reg // first unused temporary
}

// instruction translates what core.execute does.
func (l *lowering) instruction(code func(a uint64, n int) []byte) {
	n, m := l.reg(l.n), l.reg(l.m)
	switch l.op {
	case opMUL:
		l.multiply(l.do(micro.Mul, n, m))
	case opMLA:
		l.multiply(l.do(micro.Add, l.do(micro.Mul, n, m), l.reg(l.a)))
	case opMLS:
		l.multiply(l.do(micro.Sub, l.reg(l.a), l.do(micro.Mul, n, m)))
	case opUMULL:
		l.multiplyLong(micro.MulHighU, n, m)
	case opSMULL:
		l.multiplyLong(micro.MulHighS, n, m)
	case opUDIV: // 0 is left to the executor
		l.guard(m)
		l.set(l.d, l.do(micro.DivU, n, m))
	case opSDIV: // so are 0 and -1, which may overflow
		l.guard(l.do(micro.LessU, micro.K(1), m.Plus(1)))
		l.set(l.d, l.do(micro.DivS, n, m))
	case opMOVW:
		l.set(l.d, constant(l.imm))
	case opMOVT:
		l.set(l.d, l.do(micro.Or, l.do(micro.And, l.reg(l.d), constant(0xFFFF)), constant(l.imm<<16)))
	case opNOP:
	case opSTR, opLDR, opSTRB, opLDRB, opSTRH, opLDRH, opLDRSB, opLDRSH:
		l.access(n, code)
	case opLDM:
		l.loadMultiple(n)
	case opSTM:
		l.storeOne(n)
	case opB:
		l.branch()
	case opBL:
		l.set(lr, micro.K(l.out.Next()))
		l.flow(micro.Call, constant(branchTarget(uint32(l.out.PC), &l.inst)))
	case opBX:
		l.writePC(m, l.m == lr)
	case opBLX:
		l.aligned(m)
		if l.m == lr {
			m = l.emit(micro.Op{Code: micro.Set, A: m}) // its value before LR is set
		}
		l.set(lr, micro.K(l.out.Next()))
		l.flow(micro.Call, m)
	case opSVC:
		l.out.Flow = micro.Syscall
	default:
		l.process(n)
	}
}

// constant returns a word as an operand.
func constant(v uint32) micro.Arg { return micro.K(uint64(v)) }

// reg returns a register as an operand.
func (l *lowering) reg(n uint8) micro.Arg {
	if n == pc {
		return micro.K(l.out.PC + 8)
	}
	return micro.R(micro.Reg(n))
}

// emit adds an operation that sets a temporary, which it returns.
func (l *lowering) emit(op micro.Op) micro.Arg {
	op.To = l.temp
	l.temp++
	l.effect(op)
	return micro.R(op.To)
}

// effect adds any other operation.
func (l *lowering) effect(op micro.Op) { l.out.Ops = append(l.out.Ops, op) }

// do adds an operation on a and b, and returns its result.
func (l *lowering) do(code micro.Code, a, b micro.Arg) micro.Arg {
	return l.emit(micro.Op{Code: code, A: a, B: b})
}

// condition returns whether a condition holds.
func (l *lowering) condition(c micro.Cond) micro.Arg {
	return l.emit(micro.Op{Code: micro.Condition, Cond: c})
}

// guard leaves the instruction to the executor if v is zero; aligned does if it is
// not a multiple of 4.
func (l *lowering) guard(v micro.Arg) { l.effect(micro.Op{Code: micro.Guard, A: v}) }

func (l *lowering) aligned(v micro.Arg) {
	l.guard(l.do(micro.Equal, l.do(micro.And, v, micro.K(3)), micro.K(0)))
}

// set sets a register, or leaves it unchanged if the instruction's condition does not
// hold.
func (l *lowering) set(r uint8, v micro.Arg) {
	op := micro.Op{Code: micro.Set, To: micro.Reg(r), A: v}
	if l.cond != always {
		op = micro.Op{Code: micro.Select, To: op.To, A: l.condition(micro.ArmConditions[l.cond]), B: v, C: micro.R(op.To)}
	}
	l.effect(op)
}

// flow continues at an address.
func (l *lowering) flow(how micro.Flow, addr micro.Arg) { l.out.Flow, l.out.To = how, addr }

// writePC continues at an address like core.bxWritePC. returns means that it may be
// the return of a function.
func (l *lowering) writePC(addr micro.Arg, returns bool) {
	l.aligned(addr)
	if returns {
		l.flow(micro.Return, addr)
	} else {
		l.flow(micro.Jump, addr)
	}
}

// branch translates B.
func (l *lowering) branch() {
	to := constant(branchTarget(uint32(l.out.PC), &l.inst))
	if l.cond == always {
		l.flow(micro.Jump, to)
		return
	}
	l.out.If = l.condition(micro.ArmConditions[l.cond])
	l.flow(micro.Branch, to)
}

// multiply sets the destination, and the flags if the instruction does.
func (l *lowering) multiply(v micro.Arg) {
	if l.s {
		l.resultFlags(v, l.condition(micro.IfC))
	}
	l.set(l.d, v)
}

func (l *lowering) multiplyLong(high micro.Code, n, m micro.Arg) {
	hi, lo := l.do(high, n, m), l.do(micro.Mul, n, m)
	l.set(l.d, hi)
	l.set(l.a, lo)
}

// resultFlags sets N and Z according to v, and C to carry. V is unchanged.
func (l *lowering) resultFlags(v, carry micro.Arg) {
	overflow := l.do(micro.Shl, l.condition(micro.IfV), micro.K(uint64(bits.TrailingZeros(micro.FlagV))))
	both := l.do(micro.Or, carry, overflow) // FlagC is 1
	l.effect(micro.Op{Code: micro.SetFlags, Kind: micro.Result, Size: 4, A: both, C: v})
}

// process translates core.process.
func (l *lowering) process(n micro.Arg) {
	operand := l.operand()
	var v micro.Arg
	switch l.op {
	case opAND, opTST:
		v = l.do(micro.And, n, operand)
	case opEOR, opTEQ:
		v = l.do(micro.Xor, n, operand)
	case opORR:
		v = l.do(micro.Or, n, operand)
	case opBIC:
		v = l.do(micro.And, n, l.not(operand))
	case opMOV:
		v = operand
	case opMVN:
		v = l.not(operand)
	case opADD, opCMN:
		v = l.sum(n, operand)
	case opADC:
		v = l.do(micro.Add, l.sum(n, operand), l.condition(micro.IfC))
	case opSUB, opCMP:
		v = l.difference(n, operand)
	case opSBC:
		v = l.do(micro.Sub, l.difference(n, operand), l.condition(micro.IfNotC))
	case opRSB:
		v = l.difference(operand, n)
	case opRSC:
		v = l.do(micro.Sub, l.difference(operand, n), l.condition(micro.IfNotC))
	}
	if l.s || l.compares() {
		l.processFlags(n, operand, v)
	}
	switch {
	case l.compares():
	case l.d == pc:
		l.writePC(v, l.op == opMOV && operand == micro.R(lr))
	default:
		l.set(l.d, v)
	}
}

// processFlags sets the flags of the result v.
func (l *lowering) processFlags(n, operand, v micro.Arg) {
	op := micro.Op{Code: micro.SetFlags, Size: 4, A: n, B: operand, C: v}
	switch l.op {
	case opADD, opCMN:
		op.Kind = micro.Sum
	case opSUB, opCMP:
		op.Kind = micro.Comparison
	case opRSB:
		op.Kind = micro.Comparison
		op.A, op.B = op.B, op.A
	default:
		l.resultFlags(v, l.carry(operand))
		return
	}
	l.effect(op)
}

func (l *lowering) not(a micro.Arg) micro.Arg { return l.do(micro.Xor, a, constant(^uint32(0))) }

// sum returns a+b, without an operation if b is a constant.
func (l *lowering) sum(a, b micro.Arg) micro.Arg {
	if b.Reg == micro.None {
		return a.Plus(b.Const)
	}
	return l.do(micro.Add, a, b)
}

// difference returns a-b, without an operation if b is a constant.
func (l *lowering) difference(a, b micro.Arg) micro.Arg {
	if b.Reg == micro.None {
		return a.Plus(-b.Const)
	}
	return l.do(micro.Sub, a, b)
}

// operand returns the last operand of data processing.
func (l *lowering) operand() micro.Arg {
	m := l.reg(l.m)
	switch l.form {
	case immediate:
		v, _ := expandImm(l.imm, false)
		return constant(v)
	case register:
		return l.shiftBy(m, l.shift, l.imm)
	}
	return l.shiftByRegister(m, micro.R(micro.Reg(l.rs)))
}

// shiftBy returns v shifted by a constant, as encoded in the fields type and imm5.
func (l *lowering) shiftBy(v micro.Arg, kind uint8, imm5 uint32) micro.Arg {
	kind, n := decodeImmShift(kind, imm5)
	by := constant(n)
	switch kind {
	case shiftLSL:
		if n == 0 {
			return v
		}
		return l.do(micro.Shl, v, by)
	case shiftLSR:
		if n == 32 {
			return micro.K(0)
		}
		return l.do(micro.ShrU, v, by)
	case shiftASR:
		return l.do(micro.ShrS, v, constant(min(n, 31)))
	case shiftROR:
		return l.do(micro.Or, l.do(micro.ShrU, v, by), l.do(micro.Shl, v, constant(32-n)))
	}
	carry := l.do(micro.Shl, l.condition(micro.IfC), micro.K(31)) // RRX
	return l.do(micro.Or, l.do(micro.ShrU, v, micro.K(1)), carry)
}

// shiftByRegister returns v shifted by the lowest byte of s.
func (l *lowering) shiftByRegister(v, s micro.Arg) micro.Arg {
	low := l.do(micro.And, s, micro.K(31))
	if l.shift == shiftROR {
		up := l.do(micro.And, l.do(micro.Sub, micro.K(32), low), micro.K(31))
		return l.do(micro.Or, l.do(micro.ShrU, v, low), l.do(micro.Shl, v, up))
	}
	far := l.do(micro.And, s, micro.K(0xE0)) // not zero if by 32 or more
	if l.shift == shiftASR {
		by := l.emit(micro.Op{Code: micro.Select, A: far, B: micro.K(31), C: low})
		return l.do(micro.ShrS, v, by)
	}
	code := micro.Shl
	if l.shift == shiftLSR {
		code = micro.ShrU
	}
	return l.emit(micro.Op{Code: micro.Select, A: far, B: micro.K(0), C: l.do(code, v, low)})
}

// carry returns the shifter's carry, for an immediate operand or a register shifted
// by a constant.
func (l *lowering) carry(operand micro.Arg) micro.Arg {
	if l.form == immediate {
		if l.imm>>8 == 0 { // not rotated
			return l.condition(micro.IfC)
		}
		return micro.K(operand.Const >> 31)
	}
	kind, n := decodeImmShift(l.shift, l.imm)
	last := n - 1 // index of the last bit shifted out
	switch {
	case n == 0:
		return l.condition(micro.IfC)
	case kind == shiftLSL:
		last = 32 - n
	}
	return l.do(micro.And, l.do(micro.ShrU, l.reg(l.m), constant(last)), micro.K(1))
}

// access translates core.access.
func (l *lowering) access(base micro.Arg, code func(a uint64, n int) []byte) {
	offset := constant(l.imm)
	if l.form == register {
		offset = l.shiftBy(l.reg(l.m), l.shift, l.imm)
	}
	moved := l.sum(base, offset)
	if !l.u {
		moved = l.difference(base, offset)
	}
	address := base
	if l.p {
		address = moved
	}
	if how := accesses[l.op]; !how.load {
		l.effect(micro.Op{Code: micro.Store, Size: uint8(how.size), A: address, B: l.reg(l.t)})
		if l.writeBack() {
			l.set(l.n, moved)
		}
		return
	}
	v := l.load(address, code)
	if l.t == pc {
		l.writePC(v, l.n == sp && l.writeBack())
	}
	if l.writeBack() {
		l.set(l.n, moved)
	}
	if l.t != pc {
		l.set(l.t, v)
	}
}

// load loads from an address. The result is a constant if the address is a constant
// and there is code.
func (l *lowering) load(address micro.Arg, code func(a uint64, n int) []byte) micro.Arg {
	how := accesses[l.op]
	if address.Reg == micro.None {
		at := uint64(uint32(address.Const))
		if b := code(at, how.size); len(b) == how.size {
			l.out.Literal, l.out.LiteralAt = uint8(how.size), at
			return constant(how.value(b))
		}
	}
	op := micro.Op{Code: micro.Load, Size: uint8(how.size), A: address}
	if how.signed {
		op.Code = micro.LoadSigned
	}
	return l.emit(op)
}

// loadMultiple translates core.loadMultiple.
func (l *lowering) loadMultiple(base micro.Arg) {
	start, moved := l.block(0)
	address := base.Plus(uint64(start))
	l.aligned(address)
	var loaded [16]micro.Arg
	for i := range uint8(16) {
		if l.has(i) {
			loaded[i] = l.emit(micro.Op{Code: micro.Load, Size: 4, A: address})
			address = address.Plus(4)
		}
	}
	if l.has(pc) {
		l.writePC(loaded[pc], l.n == sp)
	}
	if l.w {
		l.set(l.n, base.Plus(uint64(moved)))
	}
	for i := range uint8(pc) {
		if l.has(i) {
			l.set(i, loaded[i])
		}
	}
}

// storeOne translates core.storeMultiple for one register.
func (l *lowering) storeOne(base micro.Arg) {
	start, moved := l.block(0)
	address := base.Plus(uint64(start))
	l.aligned(address)
	l.effect(micro.Op{Code: micro.Store, Size: 4, A: address, B: l.reg(uint8(bits.TrailingZeros32(l.list)))})
	if l.w {
		l.set(l.n, base.Plus(uint64(moved)))
	}
}
