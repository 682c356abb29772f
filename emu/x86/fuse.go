package x86

// A fastOp says how run executes an instruction, or several in a row. Fast
// forms work on operands of a register's size, if nothing else is said.
type fastOp uint8

const (
	fastExec fastOp = iota // by exec
	fastGo                 // go to imm; no instruction

	fastJcc
	fastJe
	fastJne
	fastJmp
	fastJmpTo
	fastCall
	fastCallTo
	fastRet
	fastSyscall

	fastMovRR
	fastMovRI
	fastMov4 // registers of 4 bytes on amd64
	fastLea  // base + disp
	fastLoad
	fastLoadStack // addressed by sp, bp or r13: likely on the stack
	fastStore
	fastStoreStack
	fastPush
	fastPushI
	fastPop

	fastAddRR
	fastAddRI
	fastSubRR
	fastSubRI
	fastAndRR
	fastAndRI
	fastOrRR
	fastXorRR
	fastZero // xor of a register with itself, 4 or 8 bytes
	fastCmpRR
	fastCmpRI
	fastCmp1 // of a register's lowest byte with an immediate
	fastTest // of a register with itself
	fastInc
	fastDec
	fastShlI
	fastShrI
	fastImul

	fastLoad1  // a byte, zero-extended
	fastLoadS1 // a byte, sign-extended
	fastLoadL1 // a byte, to a register's lowest
	fastStore1
	fastZero1 // extend a register's lowest byte by zeros
	fastSet   // a register's lowest byte
	fastSwap

	// Of the forms for several instructions, the others stand where they would
	// without the first: where run cannot do one the fast way, it goes on there.
	fastLeaLoad     // lea r, [base+disp]; mov r, [r]
	fastLeaLoadPush // lea r, [base+disp]; mov r, [r]; push r
	fastLeaPush     // lea r, [base+disp]; push r
	fastLoadPush    // mov r, [base+disp]; push r
	fastMovLoad     // mov r, imm; mov r, [r]
	fastMovLoadPush // mov r, imm; mov r, [r]; push r
	fastMovAdd      // mov r, imm; add s, r
	fastMovPush     // mov r, imm; push r
	fastMovPop      // mov r, s; pop t
	fastMovCall     // mov r, s; call
	fastMovRet      // mov r, s; ret
	fastPushPush    // push r; push s
	fastPopPop      // pop r; pop s
	fastPopStore    // pop r; mov [r], s
	fastPopAdd      // pop r; add s, r
	fastPopCmpSet   // pop r; cmp r, s; setcc t; movzx u, t
	fastPopRet      // pop r; ret
	fastCmpRRJe     // cmp r, s; je or jne
	fastCmpRIJe     // cmp r, imm; je or jne
	fastCmp1Je      // cmp r, imm; je or jne; of bytes
	fastCmpRRJcc    // cmp r, s; jcc
	fastCmpRIJcc    // cmp r, imm; jcc
	fastTestJe      // test r, r; je or jne
	fastZero1TestJe // movzx r, s; test r, r; je or jne
)

// fast returns the fast form of an instruction by itself, on a processor with
// registers of so many bytes.
func fast(in *inst, size uint8) fastOp {
	rr := in.dst < highByte && in.src < highByte
	ri := in.dst < highByte && in.src == immediate
	load := in.dst < highByte && in.src == memory && in.index == noReg
	store := in.dst == memory && in.src < highByte && in.index == noReg
	stack := in.base == sp || in.base == bp || in.base == 13
	switch in.kind {
	case jcc:
		switch in.aux {
		case 4:
			return fastJe
		case 5:
			return fastJne
		}
		return fastJcc
	case jmp:
		return fastJmp
	case jmpTo:
		return fastJmpTo
	case call:
		return fastCall
	case callTo:
		return fastCallTo
	case ret:
		return fastRet
	case syscall:
		return fastSyscall
	case xor:
		if rr && in.dst == in.src && in.size >= 4 {
			return fastZero
		}
	case movzx:
		switch {
		case in.size >= 4 && in.aux == 1 && load:
			return fastLoad1
		case in.size >= 4 && in.aux == 1 && rr:
			return fastZero1
		}
	case setcc:
		if in.dst < highByte {
			return fastSet
		}
	case mov:
		switch {
		case in.size == 1 && load:
			return fastLoadL1
		case in.size == 1 && store:
			return fastStore1
		case in.size == 4 && size == 8 && rr:
			return fastMov4
		}
	case cmp:
		if in.size == 1 && ri {
			return fastCmp1
		}
	}
	if in.size != size {
		return fastExec
	}
	switch in.kind {
	case mov:
		switch {
		case rr:
			return fastMovRR
		case ri:
			return fastMovRI
		case load && stack:
			return fastLoadStack
		case load:
			return fastLoad
		case store && stack:
			return fastStoreStack
		case store:
			return fastStore
		}
	case lea:
		if in.index == noReg {
			return fastLea
		}
	case movsx:
		if in.aux == 1 && load {
			return fastLoadS1
		}
	case push:
		switch {
		case in.dst < highByte:
			return fastPush
		case in.dst == immediate:
			return fastPushI
		}
	case pop:
		if in.dst < highByte {
			return fastPop
		}
	case xchg:
		if rr {
			return fastSwap
		}
	case test:
		if rr && in.dst == in.src {
			return fastTest
		}
	case inc, dec:
		if in.dst < highByte {
			return fastInc + fastOp(in.kind-inc)
		}
	case imul2:
		if rr {
			return fastImul
		}
	}
	switch {
	case rr:
		return registers[in.kind]
	case ri:
		return immediates[in.kind]
	}
	return fastExec
}

// The fast forms of what is done to a register with a register, and with an
// immediate.
var (
	registers = [groups]fastOp{
		add: fastAddRR, sub: fastSubRR, and: fastAndRR, or: fastOrRR, xor: fastXorRR, cmp: fastCmpRR,
	}
	immediates = [groups]fastOp{
		add: fastAddRI, sub: fastSubRI, and: fastAndRI, cmp: fastCmpRI, shl: fastShlI, shr: fastShrI,
	}
)

// fuse gives instructions that have a fast form together that form. b and
// those after it have only their own yet.
func fuse(block []inst) {
	for i := range block {
		a := &block[i]
		var b, c, d inst
		for j, p := range []*inst{&b, &c, &d} {
			if i+1+j < len(block) {
				*p = block[i+1+j]
			}
		}
		a.fast = fused(a, &b, &c, &d)
	}
}

// fused returns the fast form of a, with those of b, c and d if that can be.
func fused(a, b, c, d *inst) fastOp {
	load := b.fast == fastLoad || b.fast == fastLoadStack
	through := uint8(a.dst) == b.base && b.disp == 0 // b's address is what a gives
	same := a.dst == b.dst
	switch a.fast {
	case fastLea:
		switch {
		case load && through && same && c.fast == fastPush && c.dst == a.dst:
			return fastLeaLoadPush
		case load && through && same:
			return fastLeaLoad
		case b.fast == fastPush && same:
			return fastLeaPush
		}
	case fastLoad, fastLoadStack:
		if b.fast == fastPush && same {
			return fastLoadPush
		}
	case fastMovRI:
		switch {
		case load && through && same && c.fast == fastPush && c.dst == a.dst:
			return fastMovLoadPush
		case load && through && same:
			return fastMovLoad
		case b.fast == fastAddRR && b.src == a.dst && !same:
			return fastMovAdd
		case b.fast == fastPush && same:
			return fastMovPush
		}
	case fastMovRR:
		switch b.fast {
		case fastPop:
			return fastMovPop
		case fastCall:
			return fastMovCall
		case fastRet:
			return fastMovRet
		}
	case fastPush:
		if b.fast == fastPush {
			return fastPushPush
		}
	case fastPop:
		switch {
		case b.fast == fastPop:
			return fastPopPop
		case b.fast == fastStore && through:
			return fastPopStore
		case b.fast == fastAddRR && b.src == a.dst:
			return fastPopAdd
		case b.fast == fastCmpRR && b.dst == a.dst && c.fast == fastSet && d.fast == fastZero1 && d.src == c.dst:
			return fastPopCmpSet
		case b.fast == fastRet:
			return fastPopRet
		}
	case fastCmpRR, fastCmpRI, fastCmp1:
		switch {
		case b.kind == jcc && b.aux&^1 == 4:
			return fastCmpRRJe + a.fast - fastCmpRR
		case b.kind == jcc && a.fast != fastCmp1:
			return fastCmpRRJcc + a.fast - fastCmpRR
		}
	case fastTest:
		if b.kind == jcc && b.aux&^1 == 4 {
			return fastTestJe
		}
	case fastZero1:
		if b.fast == fastTest && same && c.kind == jcc && c.aux&^1 == 4 {
			return fastZero1TestJe
		}
	}
	return a.fast
}
