package x86

import (
	"math/bits"

	"stage0/emu/cpu"
)

// address returns the address of in's operand in memory.
func (c *machine[W]) address(in *inst) W {
	a := c.r[in.base] + c.r[in.index]<<in.scale + W(in.disp)
	if in.narrow {
		return W(uint32(a))
	}
	return a
}

// fail sets c.fault, and returns false.
func (c *machine[W]) fail(in *inst, k cpu.FaultKind, addr W) bool {
	c.fault = &cpu.Fault{Kind: k, PC: in.pc, Bytes: c.mem.Fetch(in.pc, int(in.length)), Addr: uint64(addr)}
	return false
}

func (c *machine[W]) load(in *inst, addr W, size uint8) (uint64, bool) {
	v, ok := c.mem.LoadSlow(uint64(addr), int(size))
	return v, ok || c.fail(in, cpu.BadLoad, addr)
}

func (c *machine[W]) store(in *inst, addr W, size uint8, v uint64) bool {
	return c.mem.StoreSlow(uint64(addr), int(size), v) || c.fail(in, cpu.BadStore, addr)
}

// register returns a register's low bytes, zero-extended.
func (c *machine[W]) register(r operand, size uint8) uint64 {
	if r >= highByte {
		return uint64(c.r[r-highByte]) >> 8 & 0xFF
	}
	return truncate(uint64(c.r[r]), size)
}

// setRegister sets a register's low bytes. What 4 bytes leave of the register
// is zero, what fewer bytes leave is as it was.
func (c *machine[W]) setRegister(r operand, size uint8, v uint64) {
	switch {
	case size >= 4:
		c.r[r] = W(truncate(v, size))
	case r >= highByte:
		p := &c.r[r-highByte]
		*p = *p&^0xFF00 | W(uint8(v))<<8
	case size == 2:
		c.r[r] = c.r[r]&^0xFFFF | W(uint16(v))
	default:
		c.r[r] = c.r[r]&^0xFF | W(uint8(v))
	}
}

// truncate returns the size low bytes of v.
func truncate(v uint64, size uint8) uint64 {
	return v & (^uint64(0) >> (64 - 8*size))
}

// read returns an operand's value, zero-extended.
func (c *machine[W]) read(in *inst, o operand, size uint8) (uint64, bool) {
	switch o {
	case memory:
		return c.load(in, c.address(in), size)
	case immediate:
		return truncate(in.imm, size), true
	}
	return c.register(o, size), true
}

// write sets an operand.
func (c *machine[W]) write(in *inst, o operand, size uint8, v uint64) bool {
	if o == memory {
		return c.store(in, c.address(in), size, v)
	}
	c.setRegister(o, size, v)
	return true
}

// exec executes an instruction that does not jump. It reports whether it
// could; c.fault says why not.
func (c *machine[W]) exec(in *inst) bool {
	switch in.kind {
	case add, or, adc, sbb, and, sub, xor, cmp, test:
		return c.arithmetic(in)
	case rol, ror, rcl, rcr, shl, shr, sal, sar:
		return c.rotate(in)
	case not, neg, inc, dec:
		return c.unary(in)
	case mul, imul, div, idiv:
		return c.wide(in)
	case push, pop, pushf, popf, leave:
		return c.stack(in)
	case mov, movzx, movsx, xchg, setcc, cmovcc:
		return c.move(in)
	case imul2:
		b, ok := c.read(in, in.src, in.size)
		if ok {
			c.multiply(in, c.register(in.dst, in.size), b)
		}
		return ok
	case imul3:
		a, ok := c.read(in, in.src, in.size)
		if ok {
			c.multiply(in, a, truncate(in.imm, in.size))
		}
		return ok
	case lea:
		c.setRegister(in.dst, in.size, uint64(c.address(in)))
	case cbw:
		c.setRegister(ax, in.size, extend(uint64(c.r[ax]), in.size/2))
	case cwd:
		c.setRegister(dx, in.size, uint64(int64(extend(uint64(c.r[ax]), in.size))>>63))
	case bswap:
		c.setRegister(in.dst, in.size, bits.ReverseBytes64(uint64(c.r[in.dst]))>>(64-8*in.size))
	case clc:
		c.setLiteral(c.all() &^ flagC)
	case stc:
		c.setLiteral(c.all() | flagC)
	case cmc:
		c.setLiteral(c.all() ^ flagC)
	case nop:
	case breakpoint:
		return c.fail(in, cpu.Breakpoint, 0)
	default:
		return c.fail(in, cpu.Undefined, 0)
	}
	return true
}

func (c *machine[W]) arithmetic(in *inst) bool {
	a, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	b, ok := c.read(in, in.src, in.size)
	if !ok {
		return false
	}
	var r uint64
	how := logical
	switch in.kind {
	case add:
		r, how = a+b, sum
	case adc:
		r, how = a+b+bit(c.c(), 1), sum
	case sub, cmp:
		r, how = a-b, diff
	case sbb:
		r, how = a-b-bit(c.c(), 1), diff
	case and, test:
		r = a & b
	case or:
		r = a | b
	case xor:
		r = a ^ b
	}
	r = truncate(r, in.size)
	if in.kind != cmp && in.kind != test && !c.write(in, in.dst, in.size, r) {
		return false
	}
	c.set(how, in.size, a, b, r)
	return true
}

func (c *machine[W]) unary(in *inst) bool {
	a, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	var r uint64
	switch in.kind {
	case not:
		return c.write(in, in.dst, in.size, ^a)
	case neg:
		r = -a
	case inc:
		r = a + 1
	case dec:
		r = a - 1
	}
	r = truncate(r, in.size)
	if !c.write(in, in.dst, in.size, r) {
		return false
	}
	carry := c.c()
	switch in.kind {
	case neg:
		c.set(diff, in.size, 0, a, r)
	case inc:
		c.set(up, in.size, a, 1, r)
	case dec:
		c.set(down, in.size, a, 1, r)
	}
	c.carry = carry
	return true
}

// rotate executes the instructions of group 2.
func (c *machine[W]) rotate(in *inst) bool {
	a, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	count := uint8(in.imm)
	if in.src == cx {
		count = uint8(c.r[cx])
	}
	if in.size == 8 {
		count &= 63
	} else {
		count &= 31
	}
	width := 8 * in.size
	if count == 0 {
		return c.write(in, in.dst, in.size, a)
	}
	flags := c.all()
	carry, overflow := false, false
	r := a
	top := func(v uint64) bool { return v>>(width-1)&1 != 0 }
	switch in.kind {
	case rol:
		n := count % width
		r = truncate(a<<n|a>>(width-n), in.size)
		carry = r&1 != 0
		overflow = top(r) != carry
	case ror:
		n := count % width
		r = truncate(a>>n|a<<(width-n), in.size)
		carry = top(r)
		overflow = carry != top(r<<1)
	case rcl:
		carry = flags&flagC != 0
		for ; count > 0; count-- {
			in := bit(carry, 1)
			carry = top(r)
			r = truncate(r<<1, width/8) | in
		}
		overflow = top(r) != carry
	case rcr:
		carry = flags&flagC != 0
		for ; count > 0; count-- {
			in := bit(carry, 1)
			carry = r&1 != 0
			r = r>>1 | in<<(width-1)
		}
		overflow = top(r) != top(r<<1)
	case shl, sal:
		r = truncate(a<<count, in.size)
		carry = count <= width && a>>(width-count)&1 != 0
		overflow = top(r) != carry
	case shr:
		r = a >> count
		carry = a>>(count-1)&1 != 0
		overflow = top(a)
	case sar:
		s := int64(extend(a, in.size))
		r = truncate(uint64(s>>count), in.size)
		carry = s>>(count-1)&1 != 0
	}
	if !c.write(in, in.dst, in.size, r) {
		return false
	}
	co := bit(carry, flagC) | bit(overflow, flagO)
	if in.kind >= shl {
		c.setResult(in.size, r, co)
	} else {
		c.setLiteral(flags&^(flagC|flagO) | co)
	}
	return true
}

// multiply sets in.dst to the product of a and b, signed.
func (c *machine[W]) multiply(in *inst, a, b uint64) {
	hi, lo := product(extend(a, in.size), extend(b, in.size))
	c.setProduct(in.size, lo, hi != uint64(int64(lo)>>63) || extend(lo, in.size) != lo)
	c.setRegister(in.dst, in.size, lo)
}

// setProduct sets the flags after a multiplication; over says that the product
// is wider than its operands.
func (c *machine[W]) setProduct(size uint8, lo uint64, over bool) {
	c.setResult(size, truncate(lo, size), bit(over, flagC|flagO))
}

// product returns the signed product of a and b.
func product(a, b uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(a, b)
	hi -= uint64(int64(a)>>63)&b + uint64(int64(b)>>63)&a
	return hi, lo
}

// wide executes the multiplications and divisions whose product or dividend is
// in ax, or in dx and ax.
func (c *machine[W]) wide(in *inst) bool {
	b, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	size := in.size
	width := 8 * size
	a := truncate(uint64(c.r[ax]), size)
	switch in.kind {
	case mul:
		hi, lo := bits.Mul64(a, b)
		if size < 8 {
			hi = lo >> width
		}
		c.setPair(size, hi, lo)
		c.setProduct(size, lo, hi != 0)
		return true
	case imul:
		hi, lo := product(extend(a, size), extend(b, size))
		c.setProduct(size, lo, hi != uint64(int64(lo)>>63) || extend(lo, size) != lo)
		if size < 8 {
			hi = lo >> width
		}
		c.setPair(size, hi, lo)
		return true
	}
	hi, lo := truncate(uint64(c.r[dx]), size), a
	switch {
	case size == 1:
		hi, lo = 0, uint64(uint16(c.r[ax]))
	case size < 8:
		hi, lo = 0, hi<<width|lo
	}
	var quotient, remainder uint64
	if in.kind == div {
		quotient, remainder, ok = divide(hi, lo, b)
		ok = ok && truncate(quotient, size) == quotient
	} else {
		if size < 8 {
			lo = extend(lo, 2*size)
			hi = uint64(int64(lo) >> 63)
		}
		quotient, remainder, ok = divideSigned(hi, lo, extend(b, size))
		ok = ok && extend(quotient, size) == quotient
	}
	if !ok {
		return c.fail(in, cpu.DivideError, 0)
	}
	c.setPair(size, remainder, quotient)
	return true
}

// setPair sets dx and ax, or ah and al.
func (c *machine[W]) setPair(size uint8, hi, lo uint64) {
	c.setRegister(ax, size, lo)
	if size == 1 {
		c.setRegister(highByte, size, hi)
	} else {
		c.setRegister(dx, size, hi)
	}
}

// divide divides hi:lo by b. It reports whether there is a quotient of 64 bits.
func divide(hi, lo, b uint64) (quotient, remainder uint64, ok bool) {
	if b <= hi {
		return 0, 0, false
	}
	quotient, remainder = bits.Div64(hi, lo, b)
	return quotient, remainder, true
}

// divideSigned is divide for signed numbers; the quotient is truncated towards
// zero.
func divideSigned(hi, lo, b uint64) (quotient, remainder uint64, ok bool) {
	minus := int64(hi) < 0
	opposite := minus != (int64(b) < 0)
	if minus {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	if int64(b) < 0 {
		b = -b
	}
	quotient, remainder, ok = divide(hi, lo, b)
	ok = ok && quotient <= 1<<63-1+bit(opposite, 1)
	if opposite {
		quotient = -quotient
	}
	if minus {
		remainder = -remainder
	}
	return quotient, remainder, ok
}

// stack executes what works on the stack.
func (c *machine[W]) stack(in *inst) bool {
	size := W(in.size)
	switch in.kind {
	case push, pushf:
		v, ok := c.all(), true
		if in.kind == push {
			v, ok = c.read(in, in.dst, in.size)
		}
		if !ok || !c.store(in, c.r[sp]-size, in.size, v) {
			return false
		}
		c.r[sp] -= size
	case pop:
		v, ok := c.load(in, c.r[sp], in.size)
		if !ok {
			return false
		}
		c.r[sp] += size // before the address of an operand in memory
		if !c.write(in, in.dst, in.size, v) {
			c.r[sp] -= size
			return false
		}
	case popf:
		v, ok := c.load(in, c.r[sp], in.size)
		if !ok {
			return false
		}
		const others = 1<<8 | 1<<10 | 1<<14 | 1<<18 | 1<<21 // trap, direction, NT, AC, ID
		if v&others != 0 {
			return c.fail(in, cpu.Undefined, 0)
		}
		c.r[sp] += size
		c.setLiteral(v & arithmetic)
	case leave:
		v, ok := c.load(in, c.r[bp], in.size)
		if !ok {
			return false
		}
		c.r[sp] = c.r[bp] + size
		c.setRegister(bp, in.size, v)
	}
	return true
}

// move executes what copies operands.
func (c *machine[W]) move(in *inst) bool {
	switch in.kind {
	case setcc:
		return c.write(in, in.dst, 1, bit(c.cond(in.aux), 1))
	case movzx, movsx:
		v, ok := c.read(in, in.src, in.aux)
		if in.kind == movsx {
			v = extend(v, in.aux)
		}
		return ok && c.write(in, in.dst, in.size, v)
	}
	v, ok := c.read(in, in.src, in.size)
	if !ok {
		return false
	}
	switch in.kind {
	case xchg:
		old, ok := c.read(in, in.dst, in.size)
		if !ok || !c.write(in, in.dst, in.size, v) {
			return false
		}
		c.setRegister(in.src, in.size, old)
		return true
	case cmovcc:
		if !c.cond(in.aux) {
			v = c.register(in.dst, in.size)
		}
	}
	return c.write(in, in.dst, in.size, v)
}
