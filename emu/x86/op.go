package x86

// An op is what run executes: an instruction, or several in a row, in a form
// that says where the operands are. Ops stand beside the instructions they are
// made of, and one that does several stands beside the first of them: those
// after it have ops of their own, where run goes on if it must stop in between.
type op struct {
	do     opKind
	n      uint8 // instructions that it does
	count  uint8 // instructions from the block's begin to the last of these
	dst    uint8 // registers; noReg is zero
	src    uint8
	base   uint8
	holds  uint8 // of a condition: bit i is set if it holds when outcome is i
	jump   jumpKind
	target int32 // of a jump: index of its block in the cache, or 0, or what link says
	use    use   // of an expression's value
	pushed uint8 // instructions of an expression up to its push
	zero   bool  // one of its values is set to zero, by an instruction that sets flags
	x, y   uint64
}

// A jumpKind says when an op jumps, if it is not clear from what it does.
type jumpKind uint8

const (
	never jumpKind = iota
	ifZero
	ifNotZero
	andJump // when the rest is done
)

// An opKind says what an op does. Operands have a register's size, if nothing
// else is said; o is the op, r are the registers.
type opKind uint8

const (
	opSlow opKind = iota // what exec does
	opStep               // what step does: jumps that are not below

	opJmp     // jump
	opJmpTo   // jump to r[dst]
	opCall    // push x; jump
	opMovCall // r[dst] = r[base]; push x; jump
	opCallTo  // push x; jump to r[dst]
	opRet     // pop, and add x to sp; jump to what was popped
	opMovRet  // r[dst] = r[base]; and as opRet
	opSyscall // call the system

	opMov   // r[dst] = r[base] + x
	opZero1 // r[dst] = r[src], its lowest byte

	opLoad     // r[dst] = memory at r[base] + x
	opLoadAdd  // opLoad; r[src] = y; r[dst] = r[dst] + r[src]
	opLoad1    // r[dst] = byte at r[base] + x, extended by zeros
	opLoadS1   // r[dst] = byte at r[base] + x, extended by its sign
	opLoadL1   // r[dst] = r[dst] with the lowest byte from r[base] + x
	opStore    // memory at r[base] + x = r[src]
	opMovStore // r[dst] = r[base] + x; memory there = r[src]
	opStore1   // byte at r[base] + x = r[src]
	opPush     // push r[src] + x
	opPush2    // push r[src]; push r[dst]
	opPushMov  // push r[src]; r[dst] = r[base] + x
	opPop      // pop r[dst]
	opPop2     // pop r[dst]; pop r[src]
	opMovPop2  // sp = r[base]; pop r[dst]; pop r[src]

	// What sets flags. The second operand is r[src] + x.
	opAdd
	opMovAdd // r[src] = x; r[dst] = r[dst] + r[src]
	opSub
	opAnd
	opOr
	opXor
	opCmp
	opCmp1 // of lowest bytes
	opTest // of r[dst] with itself
	opMul  // dx and ax = ax * r[dst]
	opShl  // by r[src] + x
	opShr

	opCmpJcc  // opCmp, and jump on a condition
	opCmp1Jcc // opCmp1, and jump on a condition
	opTestJcc // opTest, and jump on a condition
	opJe      // je or jne

	// What expressions are made of; expression.go says how.
	opAddressPush
	opLoadPush
	opAddress // pop and use
	opLoaded
	opAddressAddress // push the first one, pop and use
	opAddressLoad
	opLoadAddress
	opLoadLoad
	opIncrement
)

// The outcomes of comparing a with b, from 0 to 7: the sum of these.
const (
	equal = 1
	below = 2 // a < b
	less  = 4 // a < b, signed
)

// conditions says, for each condition that depends on these alone, for which
// outcomes it holds.
var conditions = [16]uint8{
	0x2: outcomes(below, below), 0x3: outcomes(below, 0),
	0x4: outcomes(equal, equal), 0x5: outcomes(equal, 0),
	0x6: outcomes(below, below) | outcomes(equal, equal), 0x7: outcomes(below|equal, 0),
	0xC: outcomes(less, less), 0xD: outcomes(less, 0),
	0xE: outcomes(less, less) | outcomes(equal, equal), 0xF: outcomes(less|equal, 0),
}

// outcomes returns the set of outcomes whose bits in mask are want.
func outcomes(mask, want int) (set uint8) {
	for i := range 8 {
		if i&mask == want {
			set |= 1 << i
		}
	}
	return set
}

// single returns the op of an instruction by itself, on a processor with
// registers of so many bytes.
func single(in *inst, size uint8) op {
	o := op{n: 1, dst: uint8(in.dst), src: noReg, base: in.base, x: in.disp}
	o.do = opSlow
	if in.kind > control {
		o.do = opStep
	}
	rr := in.dst < highByte && in.src < highByte
	ri := in.dst < highByte && in.src == immediate
	load := in.dst < highByte && in.src == memory && in.plain()
	store := in.dst == memory && in.src < highByte && in.plain()
	word := in.size == size
	switch {
	case rr, store:
		o.src = uint8(in.src)
	case ri:
		o.x = in.imm
	}
	switch in.kind {
	case jmp:
		o.do = opJmp
	case jmpTo:
		if in.dst < highByte {
			o.do = opJmpTo
		}
	case call:
		o.do, o.x = opCall, in.next()
	case callTo:
		if in.dst < highByte {
			o.do, o.x = opCallTo, in.next()
		}
	case ret:
		o.do, o.x = opRet, in.imm
	case syscall:
		o.do = opSyscall
	case jcc:
		if o.jump = ifEqual(in); o.jump != never {
			o.do = opJe
		}

	case mov:
		switch {
		case rr && word:
			o.do, o.base = opMov, o.src
		case ri && word:
			o.do, o.base = opMov, noReg
		case load && word:
			o.do = opLoad
		case load && in.size == 1:
			o.do = opLoadL1
		case store && word:
			o.do = opStore
		case store && in.size == 1:
			o.do = opStore1
		}
	case lea:
		if in.plain() && word {
			o.do = opMov
		}
	case movzx:
		switch {
		case in.aux != 1 || in.size < 4:
		case load:
			o.do = opLoad1
		case rr:
			o.do = opZero1
		}
	case movsx:
		if in.aux == 1 && load && word {
			o.do = opLoadS1
		}
	case push:
		switch {
		case !word:
		case in.dst < highByte:
			o.do, o.src, o.x = opPush, uint8(in.dst), 0
		case in.dst == immediate:
			o.do, o.x = opPush, in.imm
		}
	case pop:
		if word && in.dst < highByte {
			o.do = opPop
		}
	case test:
		if word && rr && in.dst == in.src {
			o.do = opTest
		}
	case cmp:
		switch {
		case in.size == 1 && (rr || ri):
			o.do = opCmp1
		case word && (rr || ri):
			o.do = opCmp
		}
	case mul:
		if word && in.dst < highByte {
			o.do = opMul
		}
	case shl, sal, shr:
		if word && (rr || ri) {
			o.do = opShl
			if in.kind == shr {
				o.do = opShr
			}
		}
	case add, sub, and, or, xor:
		if word && (rr || ri) || isZero(in) {
			o.do = aluOps[in.kind]
		}
	}
	return o
}

// ifEqual returns when je and jne jump, and never for other instructions.
func ifEqual(in *inst) jumpKind {
	switch {
	case in.kind == jcc && in.aux == 4:
		return ifZero
	case in.kind == jcc && in.aux == 5:
		return ifNotZero
	}
	return never
}

// isZero reports whether in sets a register to zero, all of it, by xor.
func isZero(in *inst) bool {
	return in.kind == xor && in.dst < highByte && in.dst == in.src && in.size >= 4
}

var aluOps = [groups]opKind{add: opAdd, sub: opSub, and: opAnd, or: opOr, xor: opXor}
