package x86

// fuse returns the ops of a block, each with those instructions after its own
// that have an op together with it.
func fuse(block []inst, size uint8) []op {
	ops := make([]op, len(block))
	for i := range block {
		ops[i] = fused(block[i:], size)
		ops[i].count = uint8(i) + ops[i].n
	}
	return ops
}

// fused returns the op that does most of what block begins with.
func fused(block []inst, size uint8) op {
	if o, ok := expression(block, size); ok {
		return o
	}
	a := single(&block[0], size)
	if len(block) == 1 {
		return a
	}
	next := &block[1]
	b := single(next, size)
	switch a.do {
	case opMov: // an address, or where it is known
		if b.do == opLoad && b.base == a.dst && b.x == 0 && b.dst == a.dst {
			b.base, b.x, b.n = a.base, a.x, 2
			return b
		}
		if b.do == opAdd && b.src == a.dst && b.dst != a.dst && a.base == noReg {
			b.do, b.x, b.n = opMovAdd, a.x, 2
			return b
		}
	case opLoadL1:
		if b.do == opZero1 && b.src == a.dst && b.dst == a.dst {
			a.do, a.n = opLoad1, 2
		}
	case opPush:
		if b.do == opPush && a.x == 0 && b.x == 0 {
			a.do, a.dst, a.n = opPush2, b.src, 2
		}
	case opPop:
		if b.do == opPop {
			a.do, a.src, a.n = opPop2, b.dst, 2
		}
	case opCmp, opCmp1, opTest:
		if holds := conditions[next.aux]; next.kind == jcc && holds != 0 {
			a.do, a.holds, a.n = opCmpJcc+a.do-opCmp, holds, 2
		}
	}
	return a
}
