package x86

import "stage0/internal/emu/micro"

func lower64(pc uint64, text []byte, _ func(uint64, int) []byte) (micro.Instruction, bool) {
	return lower(pc, text, 8)
}

func lower32(pc uint64, text []byte, _ func(uint64, int) []byte) (micro.Instruction, bool) {
	return lower(pc, text, 4)
}

// lower implements micro.Target.Lower, for words of the given size in bytes.
func lower(pc uint64, text []byte, word uint8) (micro.Instruction, bool) {
	in, ok := decode(pc, text, word == 8)
	if !ok {
		return micro.Instruction{}, false
	}
	l := lowering{inst: &in, word: word, out: micro.Instruction{PC: pc, Length: in.length}}
	if say := lowerings[in.kind]; say != nil {
		say(&l)
		l.out.Ops = append(append(append(l.compute, l.store...), l.flags...), l.sets...)
	} else {
		l.out.Step = true
	}
	return l.out, true
}

// lowerings describes the instructions by kind. The missing ones are rare, and left
// to exec.
var lowerings = [groups]func(*lowering){
	add: (*lowering).arithmetic, or: (*lowering).arithmetic, and: (*lowering).arithmetic, sub: (*lowering).arithmetic,
	xor: (*lowering).arithmetic, cmp: (*lowering).arithmetic, test: (*lowering).arithmetic,
	shl: (*lowering).shift, sal: (*lowering).shift, shr: (*lowering).shift, sar: (*lowering).shift,
	not: (*lowering).unary, neg: (*lowering).unary, inc: (*lowering).increment, dec: (*lowering).increment,
	mul: (*lowering).multiply, imul: (*lowering).multiply, imul2: (*lowering).multiply, imul3: (*lowering).multiply,
	div: (*lowering).divide, idiv: (*lowering).divide,
	cbw: (*lowering).convert, cwd: (*lowering).convert,

	mov:        func(l *lowering) { l.write(l.dst, l.size, l.read(l.src, l.size)) },
	lea:        func(l *lowering) { l.write(l.dst, l.size, l.cut(l.address(), l.size)) },
	setcc:      func(l *lowering) { l.write(l.dst, 1, l.condition(l.cond)) },
	movzx:      func(l *lowering) { l.write(l.dst, l.size, l.read(l.src, l.from)) },
	movsx:      func(l *lowering) { l.write(l.dst, l.size, l.cut(l.signed(l.read(l.src, l.from), l.from), l.size)) },
	xchg:       (*lowering).exchange,
	cmovcc:     (*lowering).move,
	push:       func(l *lowering) { l.push(l.read(l.dst, l.size)) },
	pushf:      func(l *lowering) { l.push(l.do(micro.FlagsWord)) },
	pop:        (*lowering).pop,
	popf:       (*lowering).popFlags,
	leave:      (*lowering).leave,
	nop:        func(*lowering) {},
	breakpoint: func(l *lowering) { l.goTo(micro.Stop, micro.Arg{}) },

	jcc:     (*lowering).branch,
	jmp:     func(l *lowering) { l.goTo(micro.Jump, micro.K(l.imm)) },
	jmpTo:   func(l *lowering) { l.goTo(micro.Jump, l.read(l.dst, l.size)) },
	call:    func(l *lowering) { l.call(micro.K(l.imm)) },
	callTo:  func(l *lowering) { l.call(l.do(micro.Set, l.read(l.dst, l.size))) }, // the target may be in sp
	ret:     (*lowering).ret,
	syscall: (*lowering).syscall,
}

// A lowering is an instruction that is being translated to micro-operations. They are
// collected in parts, which are concatenated in the order that package micro
// requires.
type lowering struct {
	*inst
	word    uint8     // in bytes
	temps   micro.Reg // number of temporaries in use
	compute []micro.Op
	store   []micro.Op // at most one
	flags   []micro.Op // at most one
	sets    []micro.Op // of registers
	out     micro.Instruction
}

// temp returns a new temporary.
func (l *lowering) temp() micro.Reg {
	l.temps++
	return micro.T0 + l.temps - 1
}

// do adds an operation, and returns its result.
func (l *lowering) do(code micro.Code, args ...micro.Arg) micro.Arg {
	op := micro.Op{Code: code, To: l.temp()}
	for i, p := range []*micro.Arg{&op.A, &op.B, &op.C}[:len(args)] {
		*p = args[i]
	}
	l.compute = append(l.compute, op)
	return micro.R(op.To)
}

// sized adds an operation with a size in bytes, and returns its result.
func (l *lowering) sized(code micro.Code, size uint8, a micro.Arg) micro.Arg {
	op := micro.Op{Code: code, Size: size, To: l.temp(), A: a}
	l.compute = append(l.compute, op)
	return micro.R(op.To)
}

// cut returns the low size bytes of v, zero-extended.
func (l *lowering) cut(v micro.Arg, size uint8) micro.Arg {
	switch {
	case size == l.word:
		return v
	case v.Reg == micro.None:
		return micro.K(truncate(v.Const, size))
	}
	return l.sized(micro.ZeroExtend, size, v)
}

// sum returns a+b.
func (l *lowering) sum(a, b micro.Arg) micro.Arg {
	if b.Reg == micro.None {
		return a.Plus(b.Const)
	}
	return l.do(micro.Add, a, b)
}

// difference returns a-b.
func (l *lowering) difference(a, b micro.Arg) micro.Arg {
	if b.Reg == micro.None {
		return a.Plus(-b.Const)
	}
	return l.do(micro.Sub, a, b)
}

// signed returns the low size bytes of v, sign-extended.
func (l *lowering) signed(v micro.Arg, size uint8) micro.Arg {
	if size == l.word {
		return v
	}
	return l.sized(micro.SignExtend, size, v)
}

// condition returns 1 if the condition holds, else 0.
func (l *lowering) condition(cond micro.Cond) micro.Arg {
	t := l.temp()
	l.compute = append(l.compute, micro.Op{Code: micro.Condition, To: t, Cond: cond})
	return micro.R(t)
}

// guard leaves the instruction to exec if v is zero.
func (l *lowering) guard(v micro.Arg) {
	l.compute = append(l.compute, micro.Op{Code: micro.Guard, A: v})
}

// setFlags sets the flags: see micro.SetFlags.
func (l *lowering) setFlags(kind micro.FlagKind, a, b, r micro.Arg) {
	l.flags = append(l.flags, micro.Op{Code: micro.SetFlags, Kind: kind, Size: l.size, A: a, B: b, C: r})
}

// address returns the address of the operand in memory.
func (l *lowering) address() micro.Arg {
	a := micro.K(0)
	switch {
	case l.index == noReg && l.base != noReg:
		a = micro.R(micro.Reg(l.base))
	case l.index != noReg:
		a = micro.R(micro.Reg(l.index))
		if l.scale != 0 {
			a = l.do(micro.Shl, a, micro.K(uint64(l.scale)))
		}
		if l.base != noReg {
			a = l.do(micro.Add, micro.R(micro.Reg(l.base)), a)
		}
	}
	a = a.Plus(l.disp)
	if l.narrow {
		return l.cut(a, 4)
	}
	return a
}

// read returns an operand's value, zero-extended.
func (l *lowering) read(o operand, size uint8) micro.Arg {
	switch {
	case o == memory:
		return l.sized(micro.Load, size, l.address())
	case o == immediate:
		return micro.K(truncate(l.imm, size))
	case o >= highByte:
		return l.cut(l.do(micro.ShrU, micro.R(micro.Reg(o-highByte)), micro.K(8)), 1)
	}
	return l.cut(micro.R(micro.Reg(o)), size)
}

// write sets an operand to v, which must be zero-extended.
func (l *lowering) write(o operand, size uint8, v micro.Arg) {
	if o == memory {
		l.storeAt(l.address(), v)
		return
	}
	r := micro.Reg(o)
	switch {
	case size >= 4:
		l.set(micro.Set, r, v, micro.Arg{})
	case o >= highByte:
		r -= micro.Reg(highByte)
		l.insert(r, 0xFF00, l.do(micro.Shl, v, micro.K(8)))
	case size == 2:
		l.insert(r, 0xFFFF, v)
	default:
		l.set(micro.InsertByte, r, v, micro.R(r))
	}
}

// insert replaces the bits in mask of a register by those of v.
func (l *lowering) insert(r micro.Reg, mask uint64, v micro.Arg) {
	l.set(micro.And, r, micro.R(r), micro.K(^mask))
	l.set(micro.Or, r, micro.R(r), v)
}

// set sets a register to the result of an operation, after everything the instruction
// computes. a and b must be temporaries, constants, or registers that are not set
// before.
func (l *lowering) set(code micro.Code, r micro.Reg, a, b micro.Arg) {
	l.sets = append(l.sets, micro.Op{Code: code, To: r, A: a, B: b})
}

// setRegister sets a register to v.
func (l *lowering) setRegister(r micro.Reg, v micro.Arg) { l.set(micro.Set, r, v, micro.Arg{}) }

// storeAt stores v, which has the operands' size.
func (l *lowering) storeAt(to, v micro.Arg) {
	l.store = append(l.store, micro.Op{Code: micro.Store, Size: l.size, A: to, B: v})
}

// push pushes v.
func (l *lowering) push(v micro.Arg) {
	to := micro.R(sp).Plus(-uint64(l.size))
	l.storeAt(to, v)
	l.setRegister(sp, to)
}

// pop pops an operand. An address in memory is computed after the stack pointer has
// moved.
func (l *lowering) pop() {
	v := l.sized(micro.Load, l.size, micro.R(sp))
	if l.base == sp {
		l.disp += uint64(l.size)
	}
	l.setRegister(sp, micro.R(sp).Plus(uint64(l.size)))
	l.write(l.dst, l.size, v)
}

// popFlags pops the flags. Values that exec rejects are left to it.
func (l *lowering) popFlags() {
	v := l.sized(micro.Load, l.size, micro.R(sp))
	l.guard(l.do(micro.Equal, l.do(micro.And, v, micro.K(otherFlags)), micro.K(0)))
	l.setFlags(micro.Literal, l.do(micro.And, v, micro.K(micro.AllFlags)), micro.Arg{}, micro.Arg{})
	l.setRegister(sp, micro.R(sp).Plus(uint64(l.size)))
}

// leave sets sp to bp and pops bp.
func (l *lowering) leave() {
	v := l.sized(micro.Load, l.size, micro.R(bp))
	l.setRegister(sp, micro.R(bp).Plus(uint64(l.size)))
	l.write(bp, l.size, v)
}

// exchange exchanges two operands. Only the first one may be in memory.
func (l *lowering) exchange() {
	a := l.do(micro.Set, l.read(l.dst, l.size))
	l.write(l.dst, l.size, l.read(l.src, l.size))
	l.write(l.src, l.size, a)
}

// move is a conditional move. It loads its operand even if the condition does not
// hold.
func (l *lowering) move() {
	v := l.read(l.src, l.size)
	l.write(l.dst, l.size, l.do(micro.Select, l.condition(l.cond), v, l.read(l.dst, l.size)))
}

// goTo sets where execution continues.
func (l *lowering) goTo(flow micro.Flow, to micro.Arg) { l.out.Flow, l.out.To = flow, to }

// branch is a conditional jump.
func (l *lowering) branch() {
	l.out.If = l.condition(l.cond)
	l.goTo(micro.Branch, micro.K(l.imm))
}

// call calls the function at an address.
func (l *lowering) call(to micro.Arg) {
	l.push(micro.K(l.next()))
	l.goTo(micro.Call, to)
}

// ret returns, and pops imm bytes of arguments.
func (l *lowering) ret() {
	l.goTo(micro.Return, l.sized(micro.Load, l.size, micro.R(sp)))
	l.setRegister(sp, micro.R(sp).Plus(uint64(l.size)+l.imm))
}

// syscall makes a system call. amd64's instruction sets two registers before.
func (l *lowering) syscall() {
	l.goTo(micro.Syscall, micro.Arg{})
	if l.word == 8 {
		l.setRegister(cx, micro.K(l.next()))
		l.set(micro.FlagsWord, r11, micro.Arg{}, micro.Arg{})
	}
}
