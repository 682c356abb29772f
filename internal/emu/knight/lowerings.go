package knight

import (
	"encoding/binary"

	"stage0/internal/emu/micro"
)

// An argument returns the second or third operand of an instruction.
type argument func(l *lowering) micro.Arg

func registerB(l *lowering) micro.Arg     { return l.b }
func registerC(l *lowering) micro.Arg     { return l.c }
func constant(l *lowering) micro.Arg      { return micro.K(l.imm) }
func shortConstant(l *lowering) micro.Arg { return micro.K(l.imm & 0xFFFF) }

// Addresses of loads and stores.
func atDisplacement(l *lowering) micro.Arg { return l.b.Plus(l.imm) }
func atDistance(l *lowering) micro.Arg     { return l.after(l.imm) }
func atIndex(l *lowering) micro.Arg        { return l.compute(t0, micro.Add, l.b, l.c) }

func three(code micro.Code) func(*lowering) {
	return func(l *lowering) { l.compute(l.ra, code, l.b, l.c) }
}

func withImmediate(code micro.Code) func(*lowering) {
	return func(l *lowering) { l.compute(l.ra, code, l.b, micro.K(l.imm)) }
}

// divided leaves divisions that may trap to the executor.
func divided(code micro.Code) func(*lowering) {
	return func(l *lowering) {
		l.add(micro.Op{Code: micro.Guard, A: l.c})
		if code == micro.DivS || code == micro.RemS {
			l.add(micro.Op{Code: micro.Guard, A: l.compute(t0, micro.NotEqual, l.c, micro.K(0xFFFFFFFF))})
		}
		l.compute(l.ra, code, l.b, l.c)
	}
}

func shifted(code micro.Code) func(*lowering) {
	return func(l *lowering) {
		l.compute(l.ra, code, l.b, l.compute(t0, micro.And, l.c, micro.K(31)))
	}
}

// filled shifts in zeros; after 32 bits, only zeros are left.
func filled(code micro.Code) func(*lowering) {
	return func(l *lowering) {
		if l.imm < 32 {
			l.compute(l.ra, code, l.a, micro.K(l.imm))
		} else {
			l.set(l.ra, micro.K(0))
		}
	}
}

// compare sets the bits of a comparison.
func compare(less micro.Code, with argument) func(*lowering) {
	return func(l *lowering) {
		v := with(l)
		greater := l.compute(t0, micro.Shl, l.compute(t0, less, v, l.b), micro.K(2))
		equal := l.compute(t1, micro.Shl, l.compute(t1, micro.Equal, l.b, v), micro.K(1))
		l.compute(t2, less, l.b, v)
		l.compute(l.ra, micro.Or, l.compute(t0, micro.Or, greater, equal), micro.R(t2))
	}
}

func sets(mask uint64) func(*lowering) {
	return func(l *lowering) { l.choose(mask, micro.K(l.imm), micro.K(0)) }
}

func setsUnless(mask uint64) func(*lowering) {
	return func(l *lowering) { l.choose(mask, micro.K(0), micro.K(l.imm)) }
}

func (l *lowering) choose(mask uint64, yes, no micro.Arg) {
	l.add(micro.Op{Code: micro.Select, To: l.rb, A: l.compute(t0, micro.And, l.a, micro.K(mask)), B: yes, C: no})
}

func (l *lowering) branch(condition, to micro.Arg) {
	l.Flow, l.If, l.To = micro.Branch, condition, to
}

func jumpsIf(mask uint64) func(*lowering) {
	return func(l *lowering) { l.branch(l.compute(t0, micro.And, l.a, micro.K(mask)), l.after(l.imm)) }
}

func jumpsUnless(mask uint64) func(*lowering) {
	return func(l *lowering) {
		bits := l.compute(t0, micro.And, l.a, micro.K(mask))
		l.branch(l.compute(t0, micro.Equal, bits, micro.K(0)), l.after(l.imm))
	}
}

// related compares a with another operand; swap exchanges the two.
func (l *lowering) related(code micro.Code, swap bool, other micro.Arg) micro.Arg {
	if swap {
		return l.compute(t0, code, other, l.a)
	}
	return l.compute(t0, code, l.a, other)
}

// jumpsTo translates CMPJUMP, whose target is in a register.
func jumpsTo(code micro.Code, swap bool) func(*lowering) {
	return func(l *lowering) {
		l.add(micro.Op{Code: micro.Select, To: t0, A: l.related(code, swap, l.b), B: l.c, C: l.after(0)})
		l.Flow, l.To = micro.Jump, micro.R(t0)
	}
}

// jumpsBy translates CMPJUMPI.
func jumpsBy(code micro.Code, swap bool) func(*lowering) {
	return func(l *lowering) { l.branch(l.related(code, swap, l.b), l.after(l.imm)) }
}

// skips translates CMPSKIP. The distance depends on the next instruction's first
// byte.
func skips(code micro.Code, swap bool, with argument) func(*lowering) {
	return func(l *lowering) {
		if l.skipped == 0 {
			l.Flow = micro.Stop
			return
		}
		l.Literal, l.LiteralAt = 1, l.Next()
		l.branch(l.related(code, swap, with(l)), l.after(l.skipped))
	}
}

func loaded(code micro.Code, size uint8, at argument) func(*lowering) {
	return func(l *lowering) { l.add(micro.Op{Code: code, Size: size, To: l.ra, A: at(l)}) }
}

// loadedConstant translates LOADR. A word in the code is a constant until it is
// overwritten.
func loadedConstant(l *lowering) {
	if l.imm != poolDistance || len(l.pool) < 4 {
		loaded(micro.Load, 4, atDistance)(l)
		return
	}
	l.Literal, l.LiteralAt = 4, l.Next()+poolDistance
	l.set(l.ra, micro.K(uint64(binary.BigEndian.Uint32(l.pool))))
}

func stored(size uint8, at argument) func(*lowering) {
	return func(l *lowering) { l.store(size, at(l), l.a) }
}

func (l *lowering) store(size uint8, at, v micro.Arg) {
	l.add(micro.Op{Code: micro.Store, Size: size, A: at, B: v})
}

func (l *lowering) push(pointer micro.Reg, size uint8, v micro.Arg) {
	l.store(size, micro.R(pointer), v)
	l.set(pointer, micro.R(pointer).Plus(uint64(size)))
}

// pop leaves the loaded value in t1.
func (l *lowering) pop(pointer micro.Reg, load micro.Code, size uint8) {
	l.compute(t0, micro.Sub, micro.R(pointer), micro.K(uint64(size)))
	l.add(micro.Op{Code: load, Size: size, To: t1, A: micro.R(t0)})
	l.store(size, micro.R(t0), micro.K(0))
	l.set(pointer, micro.R(t0))
}

func pushed(size uint8) func(*lowering) { return func(l *lowering) { l.push(l.rb, size, l.a) } }

func popped(load micro.Code, size uint8) func(*lowering) {
	return func(l *lowering) {
		l.pop(l.rb, load, size)
		l.set(l.ra, micro.R(t1))
	}
}

func returns(l *lowering) {
	l.pop(l.ra, micro.Load, 4)
	l.Flow, l.To = micro.Return, micro.R(t1)
}

// called translates a HALCODE. The operations after the call do what SetResult does.
func called(l *lowering) {
	const r0 = 0
	l.set(call, micro.K(l.halcode))
	l.Flow = micro.Syscall
	failed := micro.Op{Code: micro.LessS, To: t1, A: micro.R(r0), B: micro.K(0)}
	switch l.halcode {
	case sysClose, sysUname, sysChmod:
		l.set(t0, micro.R(r0))
		l.After = []micro.Op{{Code: micro.Set, To: r0, A: micro.R(t0)}}
	case sysGetcwd:
		l.set(t0, micro.R(r0))
		l.After = []micro.Op{failed, {Code: micro.Select, To: r0, A: micro.R(t1), B: micro.K(0), C: micro.R(t0)}}
	default:
		l.After = []micro.Op{failed, {Code: micro.Select, To: r0, A: micro.R(t1), B: micro.K(0xFFFFFFFF), C: micro.R(r0)}}
	}
}
