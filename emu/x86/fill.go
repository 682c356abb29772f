package x86

// Most of what M2-Planet executes is one loop, with which it clears the buffer
// for a token, whose address is in a global variable:
//
//	while(0 <= i) { buffer[i] = 0; i = i - 1; }
//
// That is a block of three ops. As an iteration computes everything from i, what
// is left of those before the last one is the bytes, and i: fill does them at
// once.

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
	m, word, is64 := c.mem, int64(c.bits/8), c.bits == 64

	variable, pointer := uint64(c.r[next.src]+W(next.x)), uint64(W(set.x))
	offI, offPointer := variable-m.Stack.Base, pointer-m.Load.Base
	if !inside(m.Stack.Bytes, offI, word) || !inside(m.Load.Bytes, offPointer, word) ||
		variable < uint64(c.r[sp]) { // and may be overwritten by what is pushed
		return 0
	}
	i := get(m.Stack.Bytes, offI, is64) // unsigned, too large if it is less than zero
	buffer := get(m.Load.Bytes, offPointer, is64)
	off, size := buffer-m.Store.Base, uint64(len(m.Store.Bytes))
	if i >= size || off >= size-i || // not all bytes are inside
		buffer < pointer+uint64(word) && pointer <= buffer+i { // one is the pointer's
		return 0
	}
	n := min(i, uint64(left-1)/uint64(next.count))
	bytes := m.Store.Bytes[off+i-n+1:][:n]
	for j := range bytes {
		bytes[j] = byte(set.target)
	}
	put(m.Stack.Bytes, offI, i-n, is64)
	return int64(n) * int64(next.count)
}
