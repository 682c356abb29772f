package x86

// Most of what M2-Planet executes is the loop of cpu.Memory.Fill, a block of
// three ops.

// link returns the target of the op at ip, if it jumps to the block at to: the
// index of that, and less than zero, its negative, if they are such a loop.
func (c *machine[W]) link(ip, to int) int32 {
	test, next := &c.ops[to], &c.ops[ip]
	set := &c.ops[min(to+int(test.n), ip)]
	if to+int(test.n)+int(set.n) != ip {
		return int32(to)
	}
	base, x := next.src, next.x // of i's address
	if test.do == opAddressLoad && test.src == noReg && test.x == 0 && test.base == base && test.y == x &&
		test.use == useBranch && test.holds == conditions[0xE] && test.jump == ifZero &&
		set.do == opLoadLoad && set.src == noReg && set.base == base && set.y == x && set.use == useAddSet1 &&
		next.do == opIncrement && next.use == useSubStore && next.y == 1 && base != bx {
		return int32(-to)
	}
	return int32(to)
}

// fill does iterations of a loop whose last op, at ip, has jumped to its begin.
// It returns how many instructions they have, less than left. The loop goes on
// with at least one iteration that does not have to stop in between.
func (c *machine[W]) fill(ip int, left int64) int64 {
	next := &c.ops[ip]
	test := int(-next.target)
	set := &c.ops[test+int(c.ops[test].n)]
	variable := uint64(c.r[next.src] + W(next.x))
	if variable < uint64(c.r[sp]) { // and may be overwritten by what is pushed
		return 0
	}
	count := int64(next.count)
	return count * int64(c.mem.Fill(variable, uint64(W(set.x)), c.bits/8, byte(set.target), uint64(left-1)/uint64(count)))
}
