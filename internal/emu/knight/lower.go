package knight

import (
	"sync"

	"stage0/internal/emu/micro"
)

// target describes a Knight in POSIX mode to the translator. The number of a system
// call is its HALCODE, which is in the pseudo-register call.
var target = &micro.Target{
	Name:      "knight",
	Bits:      32,
	Regs:      call + 1,
	Big:       true,
	Stack:     [...]micro.Reg{stackPointer, framePointer, localsPointer},
	MaxLength: maxLength,
	Align:     1,
	Lower:     lower,
	Number:    call,
	Args:      []micro.Reg{0, 1, 2, 3, 4, 5},
	Result:    0,
	Exits:     []uint64{sysExit},
}

// Temporaries.
const (
	t0 = micro.T0 + iota
	t1
	t2
)

// poolDistance is the distance from the end of a LOADR to its word, if that is a
// constant: there is a jump in between (M2-Planet, emit_load_immediate).
const poolDistance = 4

// A lowering is an instruction that is being translated to micro-operations.
type lowering struct {
	micro.Instruction
	in         *instruction
	a, b, c    micro.Arg
	imm        uint64 // sign-extended
	halcode    uint64
	skipped    uint64 // length of the next instruction; 0 if there is none
	pool       []byte // the word at poolDistance, if it is in the code
	ra, rb, rc micro.Reg
}

// lower implements micro.Target.Lower. Instructions that are not in lowerings are
// left to the executor.
func lower(pc uint64, bytes []byte, code func(a uint64, n int) []byte) (micro.Instruction, bool) {
	if len(bytes) == 0 {
		return micro.Instruction{}, false
	}
	in, o := decode(bytes)
	if in == nil {
		return micro.Instruction{}, false
	}
	l := &lowering{
		Instruction: micro.Instruction{PC: pc, Length: uint8(in.format().length)},
		in:          in, imm: uint64(int64(int32(o.imm))), halcode: uint64(o.code),
		ra: micro.Reg(o.a), rb: micro.Reg(o.b), rc: micro.Reg(o.c),
	}
	l.a, l.b, l.c = micro.R(l.ra), micro.R(l.rb), micro.R(l.rc)
	if next := code(l.Next(), 1); len(next) == 1 {
		l.skipped = uint64(max(4, formats[next[0]].length))
	}
	l.pool = code(l.Next()+poolDistance, 4)
	if do := lowerings()[in.name]; do != nil {
		do(l)
	} else {
		l.Step = true
	}
	return l.Instruction, true
}

func (l *lowering) add(op micro.Op) { l.Ops = append(l.Ops, op) }

// compute adds an operation on two operands, and returns its result.
func (l *lowering) compute(to micro.Reg, code micro.Code, a, b micro.Arg) micro.Arg {
	l.add(micro.Op{Code: code, To: to, A: a, B: b})
	return micro.R(to)
}

func (l *lowering) set(to micro.Reg, v micro.Arg) { l.add(micro.Op{Code: micro.Set, To: to, A: v}) }

// after returns the address at a distance from the next instruction.
func (l *lowering) after(distance uint64) micro.Arg {
	return micro.K(uint64(uint32(l.Next() + distance)))
}

// lowerings translates instructions, by name, in the order of the table instructions.
var lowerings = sync.OnceValue(func() map[string]func(l *lowering) {
	return map[string]func(l *lowering){
		"NOP": func(*lowering) {},

		"ADD": three(micro.Add), "ADDU": three(micro.Add),
		"SUB": three(micro.Sub), "SUBU": three(micro.Sub),
		"CMP": compare(micro.LessS, registerC), "CMPU": compare(micro.LessU, registerC),
		"MUL": three(micro.Mul), "MULU": three(micro.Mul),
		"DIV": divided(micro.DivS), "MOD": divided(micro.RemS),
		"DIVU": divided(micro.DivU), "MODU": divided(micro.RemU),
		"AND": three(micro.And), "OR": three(micro.Or), "XOR": three(micro.Xor),
		"SAL": shifted(micro.Shl), "SAR": shifted(micro.ShrU),

		"LOADX": loaded(micro.Load, 4, atIndex), "LOADX32": loaded(micro.Load, 4, atIndex), "LOADXU32": loaded(micro.Load, 4, atIndex),
		"LOADX8": loaded(micro.LoadSigned, 1, atIndex), "LOADXU8": loaded(micro.Load, 1, atIndex),
		"LOADX16": loaded(micro.LoadSigned, 2, atIndex), "LOADXU16": loaded(micro.Load, 2, atIndex),
		"STOREX": stored(4, atIndex), "STOREX8": stored(1, atIndex), "STOREX16": stored(2, atIndex), "STOREX32": stored(4, atIndex),

		"CMPJUMP.G": jumpsTo(micro.LessS, true), "CMPJUMP.GE": jumpsTo(micro.LessEqualS, true),
		"CMPJUMP.E": jumpsTo(micro.Equal, false), "CMPJUMP.NE": jumpsTo(micro.NotEqual, false),
		"CMPJUMP.LE": jumpsTo(micro.LessEqualS, false), "CMPJUMP.L": jumpsTo(micro.LessS, false),
		"CMPJUMPU.G": jumpsTo(micro.LessU, true), "CMPJUMPU.GE": jumpsTo(micro.LessEqualU, true),
		"CMPJUMPU.LE": jumpsTo(micro.LessEqualU, false), "CMPJUMPU.L": jumpsTo(micro.LessU, false),

		"NEG":    func(l *lowering) { l.compute(l.ra, micro.Sub, micro.K(0), l.b) },
		"NOT":    func(l *lowering) { l.compute(l.ra, micro.Xor, l.b, micro.K(0xFFFFFFFF)) },
		"COPY":   func(l *lowering) { l.set(l.ra, l.b) },
		"MOVE":   func(l *lowering) { l.set(l.ra, l.b); l.set(l.rb, micro.K(0)) },
		"SWAP":   func(l *lowering) { l.set(t0, l.b); l.set(l.rb, l.a); l.set(l.ra, micro.R(t0)) },
		"BRANCH": func(l *lowering) { l.store(4, l.b, l.after(0)); l.Flow, l.To = micro.Jump, l.a },
		"CALL":   func(l *lowering) { l.push(l.rb, 4, l.after(0)); l.Flow, l.To = micro.Call, l.a },

		"PUSHR": pushed(4), "PUSH8": pushed(1), "PUSH16": pushed(2), "PUSH32": pushed(4),
		"POPR": popped(micro.Load, 4), "POP32": popped(micro.Load, 4), "POPU32": popped(micro.Load, 4),
		"POP8": popped(micro.LoadSigned, 1), "POPU8": popped(micro.Load, 1),
		"POP16": popped(micro.LoadSigned, 2), "POPU16": popped(micro.Load, 2),

		"CMPSKIP.G": skips(micro.LessS, true, registerB), "CMPSKIP.GE": skips(micro.LessEqualS, true, registerB),
		"CMPSKIP.E": skips(micro.Equal, false, registerB), "CMPSKIP.NE": skips(micro.NotEqual, false, registerB),
		"CMPSKIP.LE": skips(micro.LessEqualS, false, registerB), "CMPSKIP.L": skips(micro.LessS, false, registerB),
		"CMPSKIPU.G": skips(micro.LessU, true, registerB), "CMPSKIPU.GE": skips(micro.LessEqualU, true, registerB),
		"CMPSKIPU.LE": skips(micro.LessEqualU, false, registerB), "CMPSKIPU.L": skips(micro.LessU, false, registerB),

		"READPC":        func(l *lowering) { l.set(l.ra, l.after(0)) },
		"READSCID":      func(l *lowering) { l.set(l.ra, micro.K(2)) },
		"FALSE":         func(l *lowering) { l.set(l.ra, micro.K(0)) },
		"TRUE":          func(l *lowering) { l.set(l.ra, micro.K(0xFFFFFFFF)) },
		"JSR_COROUTINE": func(l *lowering) { l.Flow, l.To = micro.Jump, l.a },
		"RET":           returns, "POPPC": returns,
		"PUSHPC": func(l *lowering) { l.push(l.ra, 4, l.after(0)) },

		"SET.G": sets(bitGreater), "SET.GE": sets(bitGreater | bitEqual), "SET.E": sets(bitEqual), "SET.NE": setsUnless(bitEqual),
		"SET.LE": sets(bitLess | bitEqual), "SET.L": sets(bitLess),

		"ADDI": withImmediate(micro.Add), "ADDUI": withImmediate(micro.Add),
		"SUBI": withImmediate(micro.Sub), "SUBUI": withImmediate(micro.Sub),
		"CMPI": compare(micro.LessS, constant), "CMPUI": compare(micro.LessU, constant),
		"ANDI": withImmediate(micro.And), "ORI": withImmediate(micro.Or), "XORI": withImmediate(micro.Xor),
		"LOAD": loaded(micro.Load, 4, atDisplacement), "LOAD32": loaded(micro.Load, 4, atDisplacement), "LOADU32": loaded(micro.Load, 4, atDisplacement),
		"LOAD8": loaded(micro.LoadSigned, 1, atDisplacement), "LOADU8": loaded(micro.Load, 1, atDisplacement),
		"LOAD16": loaded(micro.LoadSigned, 2, atDisplacement), "LOADU16": loaded(micro.Load, 2, atDisplacement),
		"STORE": stored(4, atDisplacement), "STORE8": stored(1, atDisplacement), "STORE16": stored(2, atDisplacement), "STORE32": stored(4, atDisplacement),

		"CMPJUMPI.G": jumpsBy(micro.LessS, true), "CMPJUMPI.GE": jumpsBy(micro.LessEqualS, true),
		"CMPJUMPI.E": jumpsBy(micro.Equal, false), "CMPJUMPI.NE": jumpsBy(micro.NotEqual, false),
		"CMPJUMPI.LE": jumpsBy(micro.LessEqualS, false), "CMPJUMPI.L": jumpsBy(micro.LessS, false),
		"CMPJUMPUI.G": jumpsBy(micro.LessU, true), "CMPJUMPUI.GE": jumpsBy(micro.LessEqualU, true),
		"CMPJUMPUI.LE": jumpsBy(micro.LessEqualU, false), "CMPJUMPUI.L": jumpsBy(micro.LessU, false),

		"JUMP.C": jumpsIf(bitCarry), "JUMP.B": jumpsIf(bitBorrow), "JUMP.O": jumpsIf(bitOverflow),
		"JUMP.G": jumpsIf(bitGreater), "JUMP.GE": jumpsIf(bitGreater | bitEqual),
		"JUMP.E": jumpsIf(bitEqual), "JUMP.NE": jumpsUnless(bitEqual),
		"JUMP.LE": jumpsIf(bitLess | bitEqual), "JUMP.L": jumpsIf(bitLess),
		"JUMP.Z": jumpsUnless(0xFFFFFFFF), "JUMP.NZ": jumpsIf(0xFFFFFFFF),
		"JUMP.P": jumpsUnless(bitSign), "JUMP.NP": jumpsIf(bitSign),

		"CALLI": func(l *lowering) { l.push(l.ra, 4, l.after(0)); l.Flow, l.To = micro.Call, l.after(l.imm) },
		"LOADI": func(l *lowering) { l.set(l.ra, micro.K(l.imm)) }, "LOADUI": func(l *lowering) { l.set(l.ra, micro.K(l.imm)) },
		"SALI": func(l *lowering) { l.compute(l.ra, micro.Shl, l.a, micro.K(l.imm&31)) },
		"SARI": func(l *lowering) { l.compute(l.ra, micro.ShrU, l.a, micro.K(l.imm&31)) },
		"SL0I": filled(micro.Shl), "SR0I": filled(micro.ShrU),
		"LOADR": loadedConstant, "LOADR32": loadedConstant, "LOADRU32": loadedConstant,
		"LOADR8": loaded(micro.LoadSigned, 1, atDistance), "LOADRU8": loaded(micro.Load, 1, atDistance),
		"LOADR16": loaded(micro.LoadSigned, 2, atDistance), "LOADRU16": loaded(micro.Load, 2, atDistance),
		"STORER": stored(4, atDistance), "STORER8": stored(1, atDistance), "STORER16": stored(2, atDistance), "STORER32": stored(4, atDistance),

		"CMPSKIPI.G": skips(micro.LessS, true, constant), "CMPSKIPI.GE": skips(micro.LessEqualS, true, constant),
		"CMPSKIPI.E": skips(micro.Equal, false, shortConstant), "CMPSKIPI.NE": skips(micro.NotEqual, false, shortConstant),
		"CMPSKIPI.LE": skips(micro.LessEqualS, false, constant), "CMPSKIPI.L": skips(micro.LessS, false, constant),
		"CMPSKIPUI.G": skips(micro.LessU, true, shortConstant), "CMPSKIPUI.GE": skips(micro.LessEqualU, true, shortConstant),
		"CMPSKIPUI.LE": skips(micro.LessEqualU, false, shortConstant), "CMPSKIPUI.L": skips(micro.LessU, false, shortConstant),

		"JUMP":    func(l *lowering) { l.Flow, l.To = micro.Jump, l.after(l.imm) },
		"HALCODE": called,
		"HALT":    func(l *lowering) { l.Flow = micro.Stop },
	}
})
