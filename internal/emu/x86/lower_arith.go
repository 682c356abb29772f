package x86

import "stage0/internal/emu/micro"

const minusOne = ^uint64(0)

// arithmetic lowers the arithmetic instructions except adc and sbb.
func (l *lowering) arithmetic() {
	if l.dst == l.src && l.kind == xor {
		l.logic(micro.K(0))
		return
	}
	a := l.read(l.dst, l.size)
	if l.dst == l.src && l.kind != add && l.kind != sub && l.kind != cmp {
		l.logic(a)
		return
	}
	b := l.read(l.src, l.size)
	switch l.kind {
	case add:
		r := l.cut(l.sum(a, b), l.size)
		l.setFlags(micro.Sum, a, b, r)
		l.write(l.dst, l.size, r)
	case sub, cmp:
		r := l.cut(l.difference(a, b), l.size)
		l.setFlags(micro.Difference, a, b, r)
		if l.kind == sub {
			l.write(l.dst, l.size, r)
		}
	case and, test:
		l.logic(l.do(micro.And, a, b))
	case or:
		l.logic(l.do(micro.Or, a, b))
	case xor:
		l.logic(l.do(micro.Xor, a, b))
	}
}

// logic sets the destination and flags of a logical instruction.
func (l *lowering) logic(r micro.Arg) {
	l.setFlags(micro.Logic, micro.Arg{}, micro.Arg{}, r)
	if l.kind != test {
		l.write(l.dst, l.size, r)
	}
}

// unary lowers not and neg.
func (l *lowering) unary() {
	a := l.read(l.dst, l.size)
	if l.kind == not {
		l.write(l.dst, l.size, l.do(micro.Xor, a, micro.K(truncate(^uint64(0), l.size))))
		return
	}
	r := l.cut(l.difference(micro.K(0), a), l.size)
	l.setFlags(micro.Difference, micro.K(0), a, r)
	l.write(l.dst, l.size, r)
}

// increment lowers inc and dec, which preserve the carry flag.
func (l *lowering) increment() {
	a, carry := l.read(l.dst, l.size), l.condition(micro.IfC)
	kind, by := micro.Increment, uint64(1)
	if l.kind == dec {
		kind, by = micro.Decrement, minusOne
	}
	r := l.cut(a.Plus(by), l.size)
	l.setFlags(kind, a, carry, r)
	l.write(l.dst, l.size, r)
}

// shift lowers shl, shr and sar. A count of zero preserves the flags; if the count is
// in cl, that case is left to exec.
func (l *lowering) shift() {
	width := uint64(8 * l.size)
	mask := uint64(31)
	if l.size == 8 {
		mask = 63
	}
	var count micro.Arg
	if l.src == cx {
		count = l.do(micro.And, micro.R(cx), micro.K(mask))
		l.guard(count)
	} else {
		count = micro.K(l.imm & mask)
	}
	a := l.read(l.dst, l.size)
	if count == micro.K(0) {
		l.write(l.dst, l.size, a)
		return
	}
	// The last bit shifted out is the lowest bit of last.
	var r, last, overflow micro.Arg
	top := micro.K(width - 1)
	switch l.kind {
	case shr:
		r = l.do(micro.ShrU, a, count)
		last = l.do(micro.ShrU, a, count.Plus(minusOne))
		overflow = l.do(micro.ShrU, a, top)
	case sar:
		s := l.signed(a, l.size)
		r = l.cut(l.do(micro.ShrS, s, count), l.size)
		last = l.do(micro.ShrS, s, count.Plus(minusOne))
		overflow = micro.K(0)
	default:
		wide := l.do(micro.Shl, a, count)
		r = l.cut(wide, l.size)
		if l.size == l.word {
			last = l.do(micro.ShrU, a, l.difference(micro.K(width), count))
		} else {
			last = l.do(micro.ShrU, wide, micro.K(width))
		}
	}
	carry := l.do(micro.And, last, micro.K(1))
	if l.kind == shl || l.kind == sal {
		overflow = l.do(micro.Xor, l.do(micro.ShrU, r, top), carry)
	}
	l.setResult(carry, overflow, r)
	l.write(l.dst, l.size, r)
}

// setResult sets the flags for a result r. carry and overflow are 0 or 1.
func (l *lowering) setResult(carry, overflow, r micro.Arg) {
	const fromCtoV = 11 // distance in bits
	l.setFlags(micro.Result, l.do(micro.Or, carry, l.do(micro.Shl, overflow, micro.K(fromCtoV))), micro.Arg{}, r)
}

// multiply lowers mul and imul: with one operand, whose product is in dx and ax, with
// two, and with three.
func (l *lowering) multiply() {
	var a, b micro.Arg
	switch l.kind {
	case imul2:
		a, b = l.read(l.dst, l.size), l.read(l.src, l.size)
	case imul3:
		a, b = l.read(l.src, l.size), micro.K(truncate(l.imm, l.size))
	default:
		a, b = l.read(ax, l.size), l.read(l.dst, l.size)
	}
	var high, low, extension micro.Arg // the value of high for which the product fits in low
	if l.kind == mul {
		high, low = l.product(micro.MulHighU, a, b)
		extension = micro.K(0)
	} else {
		high, low = l.product(micro.MulHighS, l.signed(a, l.size), l.signed(b, l.size))
		extension = l.cut(l.do(micro.ShrS, l.signed(low, l.size), micro.K(uint64(8*l.word-1))), l.size)
	}
	wide := l.do(micro.NotEqual, high, extension)
	l.setResult(wide, wide, low)
	if l.kind == mul || l.kind == imul {
		l.setPair(high, low)
	} else {
		l.write(l.dst, l.size, low)
	}
}

// product returns the product of a and b in two zero-extended halves. mulHigh
// computes the high half if the operands are words.
func (l *lowering) product(mulHigh micro.Code, a, b micro.Arg) (high, low micro.Arg) {
	low = l.do(micro.Mul, a, b)
	if l.size == l.word {
		return l.do(mulHigh, a, b), low
	}
	high = l.cut(l.do(micro.ShrU, low, micro.K(uint64(8*l.size))), l.size)
	return high, l.cut(low, l.size)
}

// setPair sets dx and ax, or ah and al.
func (l *lowering) setPair(high, low micro.Arg) {
	l.write(ax, l.size, low)
	l.write(l.highHalf(), l.size, high)
}

// highHalf returns the register that holds the high half of a product or dividend.
func (l *lowering) highHalf() operand {
	if l.size == 1 {
		return highByte
	}
	return dx
}

// divide lowers div and idiv. It leaves divisions that may fault to exec, and those
// whose dividend is more than its extended low half.
func (l *lowering) divide() {
	a, high, b := l.read(ax, l.size), l.read(l.highHalf(), l.size), l.read(l.dst, l.size)
	quotient, remainder, extension := micro.DivU, micro.RemU, micro.K(0)
	if l.kind == idiv {
		quotient, remainder = micro.DivS, micro.RemS
		a, b = l.signed(a, l.size), l.signed(b, l.size)
		extension = l.cut(l.do(micro.ShrS, a, micro.K(uint64(8*l.word-1))), l.size)
		l.guard(b.Plus(1)) // a division by -1 may overflow
	}
	l.guard(b)
	l.guard(l.do(micro.Equal, high, extension))
	q := l.cut(l.do(quotient, a, b), l.size)
	r := l.cut(l.do(remainder, a, b), l.size)
	l.setPair(r, q)
}

// convert lowers cbw, which extends half of ax, and cwd, which extends ax into dx.
// Both have other names for other sizes.
func (l *lowering) convert() {
	if l.kind == cbw {
		half := l.signed(micro.R(ax), l.size/2)
		l.write(ax, l.size, l.cut(half, l.size))
		return
	}
	sign := l.do(micro.ShrS, l.signed(micro.R(ax), l.size), micro.K(uint64(8*l.word-1)))
	l.write(dx, l.size, l.cut(sign, l.size))
}
