package riscv

import "math"

// maxFused is how many instructions one inst stands for at most.
const maxFused = 5

// fuse decodes the instructions at pc, at least one, and makes one of the
// sequences that compilers without an optimiser write again and again. The
// result does what the instructions do one after the other. If one of them
// could not be executed, or an access is not in a window, run takes the
// instructions one at a time: no fused op has to stop in its middle.
func (h *hart) fuse(pc uint64) (inst, error) {
	first, err := h.decodeAt(pc)
	if err != nil {
		return inst{}, err
	}
	var plain [maxFused]inst
	n := 0
	for ; n < maxFused; n++ {
		in, err := h.decodeAt(pc + uint64(4*n))
		if err != nil {
			break
		}
		plain[n] = in
	}
	one := h.short(pc, plain[:n])
	if one.n == 0 {
		return first, nil
	}
	if pair, ok := join(one, h.short(pc+uint64(4*one.n), plain[one.n:n])); ok {
		return pair, nil
	}
	return one, nil
}

// short makes one of a push, a pop, a load whose address is computed before,
// an address, or a conditional jump over a jump; otherwise it returns the
// first instruction.
func (h *hart) short(pc uint64, in []inst) inst {
	if len(in) == 0 {
		return inst{}
	}
	a := in[0]
	if len(in) == 1 {
		return a
	}
	b := in[1]
	// Of the sizes of words: what adds, loads and stores one.
	add, load, store, size, push, pop := opADDI, opLD, opSD, int32(8), opPUSH, opPOP
	if h.bits == 32 {
		add, load, store, size, push, pop = opADDIW, opLW, opSW, 4, opPUSH32, opPOP32
	}
	onStack := func(in inst) bool { return in.rs1 == sp && in.imm == 0 }
	moves := func(in inst, by int32) bool { return in.op == add && in.rd == sp && in.rs1 == sp && in.imm == by }
	switch {
	case moves(a, -size) && b.op == store && onStack(b) && b.rs2 != sp:
		return inst{op: push, n: 2, rs2: b.rs2}
	case a.op == load && onStack(a) && a.rd != sp && moves(b, size):
		return inst{op: pop, n: 2, rd: a.rd}
	case a.op == add && b.op == load && b.rs1 == a.rd && b.rd == a.rd && b.imm == 0:
		return inst{op: load, n: 2, rd: b.rd, rs1: a.rs1, imm: a.imm}
	case a.op == opAUIPC && b.op == add && b.rs1 == a.rd && b.rd == a.rd:
		if v := int64(pc) + int64(a.imm) + int64(b.imm); v == int64(int32(v)) && v <= math.MaxInt32 {
			if len(in) > 2 && in[2].op == load && in[2].rs1 == a.rd && in[2].rd == a.rd && in[2].imm == 0 {
				return inst{op: load, n: 3, rd: a.rd, imm: int32(v)}
			}
			return inst{op: opADDI, n: 2, rd: a.rd, imm: int32(v)}
		}
	case a.op == opBNE && a.imm == 8 && b.op == opJAL && b.rd == sink && b.imm&3 == 0:
		return inst{op: opBEQ, n: 2, rs1: a.rs1, rs2: a.rs2, imm: b.imm + 4}
	case a.op == opBEQ && a.imm == 8 && b.op == opJAL && b.rd == sink && b.imm&3 == 0:
		return inst{op: opBNE, n: 2, rs1: a.rs1, rs2: a.rs2, imm: b.imm + 4}
	}
	return a
}

// A joint is two ops of which one can be made.
type joint struct{ first, second, both op }

var joints = []joint{
	{opADDI, opPUSH, opADDIPUSH},
	{opADDIW, opPUSH32, opADDIPUSH32},
	{opLD, opPUSH, opLDPUSH},
	{opLW, opPUSH32, opLWPUSH32},
	{opPUSH, opPUSH, opPUSH2},
	{opPUSH32, opPUSH32, opPUSH2x32},
	{opPOP, opPOP, opPOP2},
	{opPOP32, opPOP32, opPOP2x32},
	{opPOP, opADD, opPOPADD},
	{opPOP, opSUB, opPOPSUB},
	{opPOP32, opADDW, opPOPADD32},
	{opPOP32, opSUBW, opPOPSUB32},
}

// join makes one of a and b. What the second one reads must be what the first
// one writes, or be independent of it, as both expects: the cases below.
func join(a, b inst) (inst, bool) {
	for _, j := range joints {
		if a.op != j.first || b.op != j.second {
			continue
		}
		c := inst{op: j.both, n: a.n + b.n, rd: a.rd, rs1: a.rs1, rs2: a.rs2, imm: a.imm}
		switch b.op {
		case opPUSH, opPUSH32:
			if a.op == opPUSH || a.op == opPUSH32 {
				c.r2 = b.rs2
				return c, true
			}
			return c, b.rs2 == a.rd && a.rd != sp // it pushes what was computed
		case opPOP, opPOP32:
			c.r2 = b.rd
			return c, true
		default: // arithmetic on what was popped
			c.r2, c.rs1, c.rs2 = b.rd, b.rs1, b.rs2
			return c, b.rd != sp && b.rs1 != sp && b.rs2 != sp
		}
	}
	return inst{}, false
}
