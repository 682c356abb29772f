package riscv

// A clearing is the loop of cpu.Memory.Fill: six inst and a jump back to the
// first, of which opFILL is made.
type clearing struct {
	test    *inst // opADDILD: s = 0; d = i
	leave   *inst // opIFGE: d = d >= s; leave the loop if d is zero
	address *inst // opLDLD: s = buffer; d = i; d = s + d
	value   *inst // opPUSHADDI: s = d; d = 0
	store   *inst // opSB: store the byte d at s
	step    *inst // opINC: i = i - 1
}

// clears returns the loop from the inst at begin to the jump at end, if it is
// such a one.
func (h *hart[T]) clears(begin, end uint64) (l clearing, ok bool) {
	at := begin
	for _, part := range []**inst{&l.test, &l.leave, &l.address, &l.value, &l.store, &l.step} {
		*part = &h.code[min(at, end)]
		at += uint64((*part).n)
	}
	d, s, base, x := l.test.rd, l.test.r2, l.test.rs2, l.test.imm2 // of i's address
	return l, at == end &&
		l.test.op == opADDILD && l.test.rs1 == zero && l.test.imm == 0 && l.test.how == calcNone &&
		l.leave.op == opIFGE && l.leave.rs1 == d && l.leave.rs2 == s && l.leave.rd == d &&
		l.address.op == opLDLD && l.address.rs1 == zero && l.address.how == calcADD &&
		l.address.rd == d && l.address.r2 == s && l.address.rs2 == base && l.address.imm2 == x &&
		l.value.op == opPUSHADDI && l.value.rs1 == zero && l.value.how == calcNone && l.value.rd == d && l.value.r2 == s &&
		l.store.op == opSB && l.store.rs1 == s && l.store.rs2 == d && l.store.imm == 0 &&
		l.step.op == opINC && l.step.rd == d && l.step.r2 == s && l.step.rs1 == base && l.step.imm == x && l.step.imm2 == -1
}

// fill does iterations of the loop from the inst at begin to the jump at end,
// which is about to be taken. It returns how many instructions they have, less
// than left. The loop goes on with at least one iteration.
func (h *hart[T]) fill(begin, end, left uint64) uint64 {
	l, ok := h.clears(begin, end) // an inst may have been taken apart
	if !ok {
		return 0
	}
	word, stack := uint64(bits[T]()/8), &h.mem.Stack
	variable, pushed := uint64(h.x[l.step.rs1]+T(l.step.imm)), uint64(h.x[sp])-2*word-stack.Base
	if pushed >= uint64(len(stack.Bytes)) || pushed+2*word > uint64(len(stack.Bytes)) ||
		variable < uint64(h.x[sp]) { // and may be overwritten by what is pushed
		return 0
	}
	count := end + 1 - begin - uint64(l.leave.how)
	return count * h.mem.Fill(variable, uint64(T(l.address.imm)), int(word), byte(l.value.imm), (left-1)/count)
}
