package x86

import (
	"math/bits"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// address returns the address of in's operand in memory.
func (c *machine) address(in *inst) uint64 {
	a := c.r[in.base] + c.r[in.index]<<in.scale + in.disp
	if in.narrow {
		return truncate(a, 4)
	}
	return c.cut(a)
}

// fail sets c.fault and returns false.
func (c *machine) fail(in *inst, k cpu.FaultKind, addr uint64) bool {
	c.fault = &cpu.Fault{Kind: k, PC: in.pc, Bytes: c.mem.Fetch(in.pc, int(in.length)), Addr: addr}
	return false
}

func (c *machine) load(in *inst, addr uint64, size uint8) (uint64, bool) {
	v, ok := c.mem.Load(addr, int(size))
	return v, ok || c.fail(in, cpu.BadLoad, addr)
}

func (c *machine) store(in *inst, addr uint64, size uint8, v uint64) bool {
	return c.mem.Store(addr, int(size), v) || c.fail(in, cpu.BadStore, addr)
}

// push pushes v, which has the size of in's operands.
func (c *machine) push(in *inst, v uint64) bool {
	to := c.cut(c.r[sp] - uint64(in.size))
	if !c.store(in, to, in.size, v) {
		return false
	}
	c.r[sp] = to
	return true
}

// register returns the low bytes of a register, zero-extended.
func (c *machine) register(r operand, size uint8) uint64 {
	if r >= highByte {
		return c.r[r-highByte] >> 8 & 0xFF
	}
	return truncate(c.r[r], size)
}

// setRegister sets the low bytes of a register. A size of 4 clears the upper bytes;
// smaller sizes preserve them.
func (c *machine) setRegister(r operand, size uint8, v uint64) {
	switch {
	case size >= 4:
		c.r[r] = truncate(v, size)
	case r >= highByte:
		p := &c.r[r-highByte]
		*p = *p&^0xFF00 | v&0xFF<<8
	case size == 2:
		c.r[r] = c.r[r]&^0xFFFF | v&0xFFFF
	default:
		c.r[r] = c.r[r]&^0xFF | v&0xFF
	}
}

// bit returns flag if on is set, else 0.
func bit(on bool, flag uint64) uint64 {
	if on {
		return flag
	}
	return 0
}

// read returns an operand's value, zero-extended.
func (c *machine) read(in *inst, o operand, size uint8) (uint64, bool) {
	switch o {
	case memory:
		return c.load(in, c.address(in), size)
	case immediate:
		return truncate(in.imm, size), true
	}
	return c.register(o, size), true
}

// write sets an operand.
func (c *machine) write(in *inst, o operand, size uint8, v uint64) bool {
	if o == memory {
		return c.store(in, c.address(in), size, v)
	}
	c.setRegister(o, size, v)
	return true
}

// exec executes an instruction that does not jump. If it cannot, it sets c.fault and
// returns false.
func (c *machine) exec(in *inst) bool {
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
		c.setRegister(in.dst, in.size, c.address(in))
	case cbw:
		c.setRegister(ax, in.size, extend(c.r[ax], in.size/2))
	case cwd:
		c.setRegister(dx, in.size, uint64(int64(extend(c.r[ax], in.size))>>63))
	case bswap:
		c.setRegister(in.dst, in.size, bits.ReverseBytes64(c.r[in.dst])>>(64-8*in.size))
	case clc:
		c.setLiteral(c.flags.All() &^ micro.FlagC)
	case stc:
		c.setLiteral(c.flags.All() | micro.FlagC)
	case cmc:
		c.setLiteral(c.flags.All() ^ micro.FlagC)
	case nop:
	case breakpoint:
		return c.fail(in, cpu.Breakpoint, 0)
	default:
		return c.fail(in, cpu.Undefined, 0)
	}
	return true
}

// setLiteral sets the flags to the bits v.
func (c *machine) setLiteral(v uint64) { c.flags = micro.Flags{Kind: micro.Literal, A: v} }

func (c *machine) arithmetic(in *inst) bool {
	a, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	b, ok := c.read(in, in.src, in.size)
	if !ok {
		return false
	}
	var r uint64
	how := micro.Logic
	switch in.kind {
	case add:
		r, how = a+b, micro.Sum
	case adc:
		r, how = a+b+bit(c.flags.C(), 1), micro.Sum
	case sub, cmp:
		r, how = a-b, micro.Difference
	case sbb:
		r, how = a-b-bit(c.flags.C(), 1), micro.Difference
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
	c.flags = micro.Flags{Kind: how, Size: in.size, A: a, B: b, R: r}
	return true
}

func (c *machine) unary(in *inst) bool {
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
	switch in.kind {
	case neg:
		c.flags = micro.Flags{Kind: micro.Difference, Size: in.size, A: 0, B: a, R: r}
	case inc:
		c.flags = micro.Flags{Kind: micro.Increment, Size: in.size, A: a, B: bit(c.flags.C(), 1), R: r}
	case dec:
		c.flags = micro.Flags{Kind: micro.Decrement, Size: in.size, A: a, B: bit(c.flags.C(), 1), R: r}
	}
	return true
}

// rotate executes the rotates and shifts of group 2.
func (c *machine) rotate(in *inst) bool {
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
	flags := c.flags.All()
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
		carry = flags&micro.FlagC != 0
		for ; count > 0; count-- {
			in := bit(carry, 1)
			carry = top(r)
			r = truncate(r<<1, width/8) | in
		}
		overflow = top(r) != carry
	case rcr:
		carry = flags&micro.FlagC != 0
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
	co := bit(carry, micro.FlagC) | bit(overflow, micro.FlagV)
	if in.kind >= shl {
		c.flags = micro.Flags{Kind: micro.Result, Size: in.size, A: co, R: r}
	} else {
		c.setLiteral(flags&^(micro.FlagC|micro.FlagV) | co)
	}
	return true
}

// multiply sets in.dst to the signed product of a and b.
func (c *machine) multiply(in *inst, a, b uint64) {
	hi, lo := product(extend(a, in.size), extend(b, in.size))
	c.setProduct(in.size, lo, hi != uint64(int64(lo)>>63) || extend(lo, in.size) != lo)
	c.setRegister(in.dst, in.size, lo)
}

// setProduct sets the flags after a multiplication. over means that the product does
// not fit in its operands' size.
func (c *machine) setProduct(size uint8, lo uint64, over bool) {
	c.flags = micro.Flags{Kind: micro.Result, Size: size, A: bit(over, micro.FlagC|micro.FlagV), R: truncate(lo, size)}
}

// product returns the signed product of a and b.
func product(a, b uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(a, b)
	hi -= uint64(int64(a)>>63)&b + uint64(int64(b)>>63)&a
	return hi, lo
}

// wide executes multiplications and divisions whose product or dividend is in ax or
// in dx and ax.
func (c *machine) wide(in *inst) bool {
	b, ok := c.read(in, in.dst, in.size)
	if !ok {
		return false
	}
	size := in.size
	width := 8 * size
	a := truncate(c.r[ax], size)
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
	hi, lo := truncate(c.r[dx], size), a
	switch {
	case size == 1:
		hi, lo = 0, truncate(c.r[ax], 2)
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
func (c *machine) setPair(size uint8, hi, lo uint64) {
	c.setRegister(ax, size, lo)
	if size == 1 {
		c.setRegister(highByte, size, hi)
	} else {
		c.setRegister(dx, size, hi)
	}
}

// divide divides hi:lo by b. ok is false if the quotient does not fit in 64 bits.
func divide(hi, lo, b uint64) (quotient, remainder uint64, ok bool) {
	if b <= hi {
		return 0, 0, false
	}
	quotient, remainder = bits.Div64(hi, lo, b)
	return quotient, remainder, true
}

// divideSigned is divide for signed numbers. The quotient is truncated toward zero.
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

// otherFlags are flags that popf sets on a real processor and that are not
// implemented: trap, direction, NT, AC and ID.
const otherFlags = 1<<8 | 1<<10 | 1<<14 | 1<<18 | 1<<21

// stack executes stack instructions.
func (c *machine) stack(in *inst) bool {
	size := uint64(in.size)
	switch in.kind {
	case push:
		v, ok := c.read(in, in.dst, in.size)
		return ok && c.push(in, v)
	case pushf:
		return c.push(in, flagsWord(&c.flags))
	case pop:
		v, ok := c.load(in, c.r[sp], in.size)
		if !ok {
			return false
		}
		old := c.r[sp]
		c.r[sp] = c.cut(old + size) // before the address of an operand in memory is computed
		if !c.write(in, in.dst, in.size, v) {
			c.r[sp] = old
			return false
		}
	case popf:
		v, ok := c.load(in, c.r[sp], in.size)
		if !ok {
			return false
		}
		if v&otherFlags != 0 {
			return c.fail(in, cpu.Undefined, 0)
		}
		c.r[sp] = c.cut(c.r[sp] + size)
		c.setLiteral(v & micro.AllFlags)
	case leave:
		v, ok := c.load(in, c.r[bp], in.size)
		if !ok {
			return false
		}
		c.r[sp] = c.cut(c.r[bp] + size)
		c.setRegister(bp, in.size, v)
	}
	return true
}

// move executes instructions that copy operands.
func (c *machine) move(in *inst) bool {
	switch in.kind {
	case setcc:
		return c.write(in, in.dst, 1, bit(c.flags.Holds(in.cond), 1))
	case movzx, movsx:
		v, ok := c.read(in, in.src, in.from)
		if in.kind == movsx {
			v = extend(v, in.from)
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
		if !c.flags.Holds(in.cond) {
			v = c.register(in.dst, in.size)
		}
	}
	return c.write(in, in.dst, in.size, v)
}
