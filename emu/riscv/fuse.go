package riscv

import "math"

// What M2-Planet and cc_riscv64 make of C is a few sequences over and over: a0
// has a value, a1 is a second operand, values wait on the stack, and local
// variables are at a distance from fp or t3. fuse makes one inst of each that is
// frequent. A word is as large as a register; push is "addi sp, sp, -word" and a
// store, pop a load and "addi sp, sp, word". The registers may be any that
// differ; they are called d, the value, and s, the second operand, here, and
// stand in rd and r2.
//
//	opPUSH      push rs2
//	opPOP       pop rd
//	opPUSH2     push rs2; push r2
//	opPOP2      pop rd; pop r2
//	opADDIPUSH  d = rs1 + imm; push d
//	opLDPUSH    d = word at rs1 + imm; push d
//	opPUSHLD    push d; d = word at rs1 + imm; pop s; calculate
//	opPUSHADDI  push d; d = rs1 + imm; pop s; calculate
//	opLDLD      d = word at rs1 + imm; push d; d = word at rs2 + imm2; pop s; calculate
//	opLDADDI    d = word at rs1 + imm; push d; d = rs2 + imm2; pop s; calculate
//	opADDILD    d = rs1 + imm; push d; d = word at rs2 + imm2; pop s; calculate
//	opCALC      pop s; calculate
//	opADDC      s = imm; d = s + d
//	opFIELD     s = imm; d = s + d; d = word at d
//	opLDFIELD   d = word at rs1 + imm; s = imm2; d = s + d; d = word at d
//	opPOPSD     pop s; store d at s
//	opPOPSB     pop s; store the byte d at s
//	opFILL      jump by imm, back to the begin of a loop that fill knows
//	opINC       d = rs1 + imm; push d; opLDADDI of rs1, imm and imm2, adding; opPOPSD
//	opIFZ       d = rs1 == 0; jump by imm if d is zero
//	opIFNZ      d = rs1 != 0; the same
//	opIFLT      d = rs1 < rs2; the same (opIFLTU: unsigned)
//	opIFGE      d = rs1 >= rs2; the same (opIFGEU: unsigned)
//
// Other ops may stand for several instructions, too: opADDI for a constant
// made of two, opLD for a load whose address is computed before, and opBEQ and
// opBNE, as the four above, for a branch over a jump. Where there is such a
// jump how is 1: it is not executed if d is not zero.
//
// Where opBEQ is, or the other jumps, n is how long the inst is, and imm is the
// distance from its begin.

// Values of how, where there is something to calculate.
const (
	calcNone  = iota
	calcADD   // d = s + d
	calcSUB   // d = s - d
	calcRSUB  // d = d - s
	calcADDLB // d = s + d; d = byte at d
)

// maxFused is how many instructions one inst stands for at most.
const maxFused = 16

// maxPending is how many inst are kept for making one of them.
const maxPending = 6

// fuse decodes the instructions at pc, at least one, and makes one inst of as
// many of them as it can. The result does what the instructions do one after
// the other. If an access of theirs is not in a window, run takes the
// instructions one at a time: no inst has to stop in its middle.
func (h *hart[T]) fuse(pc uint64) (inst, error) {
	in, err := h.decodeAt(pc)
	if err != nil {
		return inst{}, err
	}
	var best inst
	var pending []inst
	for n := 1; ; n++ {
		pending = append(pending, constant(in, pc))
		for {
			made, used := fuseEnd(pending, int32(bits[T]()/8))
			if used == 0 {
				break
			}
			made.n = 0
			for _, in := range pending[len(pending)-used:] {
				made.n += in.n
			}
			pending = append(pending[:len(pending)-used], made)
		}
		if len(pending) == 1 {
			best = pending[0]
		}
		if n == maxFused || len(pending) == maxPending {
			return best, nil
		}
		pc += 4
		if in, err = h.decodeAt(pc); err != nil {
			return best, nil
		}
	}
}

// constant makes an addition to zero of what loads an upper immediate.
func constant(in inst, pc uint64) inst {
	v := int64(in.imm)
	switch {
	case in.op == opAUIPC && pc < math.MaxInt32:
		v += int64(pc)
	case in.op != opLUI:
		return in
	}
	if v < 0 || v > math.MaxInt32 {
		return in
	}
	return inst{op: opADDI, n: 1, rd: in.rd, imm: int32(v)}
}

// general reports whether registers are real ones, all different, and not the
// stack pointer.
func general(r ...uint8) bool {
	seen := uint64(1<<zero | 1<<sp | 1<<sink)
	for _, i := range r {
		if seen>>i&1 != 0 {
			return false
		}
		seen |= 1 << i
	}
	return true
}

// fuseEnd makes one of the last two or three of what is pending, if it can, and
// returns how many. word is the size of a register in bytes.
func fuseEnd(in []inst, word int32) (made inst, used int) {
	n := len(in)
	if n >= 3 {
		if made, ok := fuseThree(in[n-3], in[n-2], in[n-1]); ok {
			return made, 3
		}
	}
	if n >= 2 {
		if made, ok := fuseStack(in[n-2], in[n-1], word); ok {
			return made, 2
		}
		if made, ok := fuseTwo(in[n-2], in[n-1]); ok {
			return made, 2
		}
	}
	return inst{}, 0
}

// fuseStack makes pushes and pops.
func fuseStack(a, b inst, word int32) (inst, bool) {
	onStack := func(in inst) bool { return in.rs1 == sp && in.imm == 0 }
	moves := func(in inst, by int32) bool {
		return in.op == opADDI && in.rd == sp && in.rs1 == sp && in.imm == by
	}
	switch {
	case moves(a, -word) && b.op == opSD && onStack(b) && b.rs2 != sp:
		return inst{op: opPUSH, rs2: b.rs2}, true
	case a.op == opLD && onStack(a) && a.rd != sp && moves(b, word):
		return inst{op: opPOP, rd: a.rd}, true
	case a.op == opPUSH && b.op == opPUSH:
		return inst{op: opPUSH2, rs2: a.rs2, r2: b.rs2}, true
	case a.op == opPOP && b.op == opPOP:
		return inst{op: opPOP2, rd: a.rd, r2: b.rd}, true
	case a.op == opADDI && b.op == opPUSH && b.rs2 == a.rd && general(a.rd):
		a.op = opADDIPUSH
		return a, true
	case a.op == opLD && b.op == opPUSH && b.rs2 == a.rd && general(a.rd):
		a.op = opLDPUSH
		return a, true
	case a.op == opPOP && b.op == opSD && b.rs1 == a.rd && b.imm == 0 && general(a.rd, b.rs2):
		return inst{op: opPOPSD, rd: b.rs2, r2: a.rd}, true
	case a.op == opPOP && b.op == opSB && b.rs1 == a.rd && b.imm == 0 && general(a.rd, b.rs2):
		return inst{op: opPOPSB, rd: b.rs2, r2: a.rd}, true
	}
	return inst{}, false
}

// fuseTwo makes what has no push or pop of its own.
func fuseTwo(a, b inst) (inst, bool) {
	sameRegister := b.rd == a.rd && b.rs1 == a.rd && general(a.rd)
	switch {
	case a.op == opADDI && b.op == opADDI && sameRegister:
		v := int64(a.imm) + int64(b.imm)
		a.imm = int32(v)
		return a, v == int64(a.imm)
	case a.op == opADDI && b.op == opADDIW && sameRegister && a.rs1 == zero:
		a.imm += b.imm // in 32 bits, which the result's sign extends
		return a, true
	case a.op == opADDI && b.op == opLD && sameRegister && b.imm == 0:
		a.op = opLD
		return a, true
	case a.op == opADDI && b.op == opADD && a.rs1 == zero && b.rd != a.rd && general(a.rd, b.rd) &&
		(b.rs1 == a.rd && b.rs2 == b.rd || b.rs2 == a.rd && b.rs1 == b.rd):
		return inst{op: opADDC, rd: b.rd, r2: a.rd, imm: a.imm}, true
	case a.op == opADDC && b.op == opLD && sameRegister && b.imm == 0:
		a.op = opFIELD
		return a, true
	case a.op == opLD && b.op == opFIELD && a.rd == b.rd:
		return inst{op: opLDFIELD, rd: a.rd, r2: b.r2, rs1: a.rs1, imm: a.imm, imm2: b.imm}, true

	case (a.op == opBNE || a.op == opBEQ) && a.n == 1 && a.imm == 8 && b.op == opJAL && b.rd == sink && b.imm&3 == 0:
		a.op ^= opBNE ^ opBEQ
		a.imm, a.how = b.imm+4, 1
		return a, true
	case b.op == opBEQ:
		return fuseBranch(a, b)

	case b.op == opADD || b.op == opSUB:
		return fuseCalc(a, b)
	case a.how == calcADD && b.op == opLB && sameRegister && b.imm == 0 && calculates(a.op):
		a.how = calcADDLB
		return a, true
	}
	return inst{}, false
}

// calculates reports whether how is what there is to calculate.
func calculates(op op) bool {
	switch op {
	case opPUSHLD, opPUSHADDI, opLDLD, opLDADDI, opADDILD, opCALC:
		return true
	}
	return false
}

// fuseCalc makes an addition or a subtraction part of what has made its
// operands.
func fuseCalc(a, b inst) (inst, bool) {
	d, s := a.rd, a.r2
	if a.op == opPOP {
		d, s = b.rd, a.rd
		a = inst{op: opCALC, rd: d, r2: s}
	}
	if !calculates(a.op) || a.how != calcNone || !general(d, s) || b.rd != d {
		return inst{}, false
	}
	switch {
	case b.op == opADD && (b.rs1 == s && b.rs2 == d || b.rs1 == d && b.rs2 == s):
		a.how = calcADD
	case b.op == opSUB && b.rs1 == s && b.rs2 == d:
		a.how = calcSUB
	case b.op == opSUB && b.rs1 == d && b.rs2 == s:
		a.how = calcRSUB
	default:
		return inst{}, false
	}
	return a, true
}

// fuseBranch makes one of a comparison and the branch b, which is taken if the
// result is zero.
func fuseBranch(a, b inst) (inst, bool) {
	if !general(a.rd) || b.rs1 != a.rd || b.rs2 != zero || b.imm&3 != 0 {
		return inst{}, false
	}
	made := inst{rd: a.rd, rs1: a.rs1, rs2: a.rs2, how: b.how, imm: b.imm + 4*int32(a.n)}
	switch {
	case a.op == opSLTIU && a.imm == 1:
		made.op = opIFZ
	case a.op == opSLTU && a.rs1 == zero:
		made.op, made.rs1 = opIFNZ, a.rs2
	case a.op == opSLT:
		made.op = opIFLT
	case a.op == opSLTU:
		made.op = opIFLTU
	default:
		return inst{}, false
	}
	return made, true
}

// fuseThree makes one of three.
func fuseThree(a, b, c inst) (inst, bool) {
	d, s := b.rd, c.rd
	switch {
	case c.op == opPOP && general(d, s):
		made := inst{rd: d, r2: s, rs1: a.rs1, imm: a.imm, rs2: b.rs1, imm2: b.imm}
		pushed := a.rd
		if a.op == opPUSH {
			pushed = a.rs2
			made = inst{rd: d, r2: s, rs1: b.rs1, imm: b.imm}
		}
		switch {
		case pushed != d || b.rs1 == sp || b.rs1 == d && a.op != opPUSH:
			return inst{}, false
		case a.op == opPUSH && b.op == opLD:
			made.op = opPUSHLD
		case a.op == opPUSH && b.op == opADDI:
			made.op = opPUSHADDI
		case a.op == opLDPUSH && b.op == opLD:
			made.op = opLDLD
		case a.op == opLDPUSH && b.op == opADDI:
			made.op = opLDADDI
		case a.op == opADDIPUSH && b.op == opLD:
			made.op = opADDILD
		default:
			return inst{}, false
		}
		return made, true

	case a.op == opADDIPUSH && b.op == opLDADDI && c.op == opPOPSD:
		if a.rd != d || a.rs1 != b.rs1 || a.imm != b.imm || b.rs2 != zero || c.rd != d || c.r2 != b.r2 || !general(d, b.r2, a.rs1) {
			return inst{}, false
		}
		made := inst{op: opINC, rd: d, r2: b.r2, rs1: a.rs1, imm: a.imm, imm2: b.imm2}
		switch b.how {
		case calcADD:
		case calcSUB:
			made.imm2 = -made.imm2
		default:
			return inst{}, false
		}
		return made, true

	case (a.op == opSLT || a.op == opSLTU) && b.op == opXORI && b.imm == 1 && b.rd == a.rd && b.rs1 == a.rd && c.op == opBEQ:
		made, ok := fuseBranch(a, c)
		made.imm += 4 * int32(b.n)
		switch made.op {
		case opIFLT:
			made.op = opIFGE
		case opIFLTU:
			made.op = opIFGEU
		default:
			return inst{}, false
		}
		return made, ok
	}
	return inst{}, false
}
