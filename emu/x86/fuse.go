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
	var c, d op
	if len(block) > 3 {
		c, d = single(&block[2], size), single(&block[3], size)
	}
	copied := a.do == opMov && a.x == 0 // from register to register
	switch {
	case a.do == opMov && b.do == opLoad && b.base == a.dst && b.x == 0 && b.dst == a.dst:
		b.base, b.x, b.n = a.base, a.x, 2
		return withAdd(b, c, d)
	case a.do == opLoad:
		return withAdd(a, b, c)
	case isMovAdd(a, b):
		b.do, b.x, b.n = opMovAdd, a.x, 2
		return b
	case a.do == opMov && b.do == opStore && b.base == a.dst && b.x == 0 && b.src != a.dst:
		a.do, a.src, a.n = opMovStore, b.src, 2
	case copied && b.do == opCall:
		b.do, b.dst, b.base, b.n = opMovCall, a.dst, a.base, 2
		return b
	case copied && b.do == opRet:
		b.do, b.dst, b.base, b.n = opMovRet, a.dst, a.base, 2
		return b
	case copied && a.dst == sp && b.do == opPop && c.do == opPop:
		b.do, b.base, b.src, b.n = opMovPop2, a.base, c.dst, 3
		return b
	case a.do == opLoadL1 && b.do == opZero1 && b.src == a.dst && b.dst == a.dst:
		a.do, a.n = opLoad1, 2
	case a.do == opPush && b.do == opPush && a.x == 0 && b.x == 0:
		a.do, a.dst, a.n = opPush2, b.src, 2
	case a.do == opPush && b.do == opMov && a.x == 0:
		b.do, b.src, b.n = opPushMov, a.src, 2
		return b
	case a.do == opPop && b.do == opPop:
		a.do, a.src, a.n = opPop2, b.dst, 2
	case a.do == opCmp || a.do == opCmp1 || a.do == opTest:
		if holds := conditions[next.aux]; next.kind == jcc && holds != 0 {
			a.do, a.holds, a.n = opCmpJcc+a.do-opCmp, holds, 2
		}
	}
	return a
}

// isMovAdd reports whether a is a constant for another register, which b adds.
func isMovAdd(a, b op) bool {
	return a.do == opMov && a.base == noReg && b.do == opAdd && b.src == a.dst && b.dst != a.dst
}

// withAdd returns load with b and c, if they add a constant to what is loaded.
func withAdd(load, b, c op) op {
	if isMovAdd(b, c) && c.dst == load.dst {
		load.do, load.src, load.y, load.n = opLoadAdd, b.dst, b.x, load.n+2
	}
	return load
}
