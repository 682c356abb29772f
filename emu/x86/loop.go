package x86

import "math/bits"

// loop executes the ops from index ip on, until something happens that it
// leaves to run. It returns the index where that was, and how many instructions
// are left of budget, counted up to the last jump.
//
// An op whose operands are not where it looks for them returns atSlow as long
// as it has done nothing, and exec does its first instruction; or it goes on
// with the op of the instruction that it cannot do. There are no function calls
// in here, so that what is in the processor's registers can stay there.
func (c *machine[W]) loop(ip int, left int64) (int, int64, exit) {
	is64 := ^W(0)>>31>>1 != 0
	size := uint8(4) // of a register, in bytes
	if is64 {
		size = 8
	}
	word, wide := int64(size), W(size)
	ops, m, r := c.ops, c.mem, &c.r
	low, stack := m.Stack.Base, m.Stack.Bytes
	var (
		o    *op
		a, b W // what is compared
		v, w W // values; of an expression the right one and the left one
		s    W // sp
		to   W
	)
	for {
		o = &ops[ip]
		switch o.do {
		case opStep:
			return ip, left, atStep
		case opSyscall:
			return ip, left - int64(o.count), atSyscall
		case opJmp:
			goto jump
		case opJe:
			if c.z() != (o.jump == ifZero) {
				goto next
			}
			goto jump
		case opJmpTo:
			to = r[o.dst]
			goto indirect
		case opCall, opCallTo, opMovCall:
			if o.do == opMovCall {
				r[o.dst] = r[o.base]
			}
			s = r[sp] - wide
			to = r[o.dst]
			if off := uint64(s) - low; inside(stack, off, word) {
				put(stack, off, o.x, is64)
			} else {
				return ip + int(o.n) - 1, left, atStep
			}
			r[sp] = s
			if o.do != opCallTo {
				goto jump
			}
			goto indirect
		case opRet, opMovRet:
			if o.do == opMovRet {
				r[o.dst] = r[o.base]
			}
			s = r[sp]
			if off := uint64(s) - low; inside(stack, off, word) {
				to = W(get(stack, off, is64))
			} else {
				return ip + int(o.n) - 1, left, atStep
			}
			r[sp] = s + wide + W(o.x)
			goto indirect

		case opMov:
			r[o.dst] = r[o.base] + W(o.x)
			goto next
		case opZero1:
			r[o.dst] = r[o.src] & 0xFF
			goto next

		case opLoad, opLoadAdd:
			v = r[o.base] + W(o.x)
			if off := uint64(v) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else if off := uint64(v) - m.Load.Base; inside(m.Load.Bytes, off, word) {
				v = W(get(m.Load.Bytes, off, is64))
			} else {
				return ip, left, atSlow
			}
			if o.do == opLoadAdd {
				w = W(o.y)
				c.set(sum, size, uint64(v), uint64(w), uint64(v+w))
				r[o.src] = w
				v += w
			}
			r[o.dst] = v
			goto next
		case opLoad1, opLoadS1, opLoadL1:
			v = r[o.base] + W(o.x)
			if off := uint64(v) - m.Load.Base; off < uint64(len(m.Load.Bytes)) {
				v = W(m.Load.Bytes[off])
			} else if off := uint64(v) - low; off < uint64(len(stack)) {
				v = W(stack[off])
			} else {
				return ip, left, atSlow
			}
			switch o.do {
			case opLoadS1:
				v = W(int64(int8(v)))
			case opLoadL1:
				v |= r[o.dst] &^ 0xFF
			}
			r[o.dst] = v
			goto next
		case opStore, opMovStore:
			w = r[o.base] + W(o.x)
			v = r[o.src]
			if off := uint64(w) - low; inside(stack, off, word) {
				put(stack, off, uint64(v), is64)
			} else if off := uint64(w) - m.Store.Base; inside(m.Store.Bytes, off, word) {
				put(m.Store.Bytes, off, uint64(v), is64)
			} else {
				return ip, left, atSlow
			}
			if o.do == opMovStore {
				r[o.dst] = w
			}
			goto next
		case opStore1:
			w = r[o.base] + W(o.x)
			if off := uint64(w) - m.Store.Base; off < uint64(len(m.Store.Bytes)) {
				m.Store.Bytes[off] = uint8(r[o.src])
			} else if off := uint64(w) - low; off < uint64(len(stack)) {
				stack[off] = uint8(r[o.src])
			} else {
				return ip, left, atSlow
			}
			goto next
		case opPush, opPush2, opPushMov:
			s = r[sp] - wide
			v = r[o.src]
			if o.do == opPush {
				v += W(o.x)
			}
			if off := uint64(s) - low; inside(stack, off, word) {
				put(stack, off, uint64(v), is64)
			} else {
				return ip, left, atSlow
			}
			r[sp] = s
			switch o.do {
			case opPushMov:
				r[o.dst] = r[o.base] + W(o.x)
			case opPush2:
				v = r[o.dst]
				goto push
			}
			goto next
		case opPop, opPop2, opMovPop2:
			s = r[sp]
			if o.do == opMovPop2 {
				s = r[o.base]
			}
			if off := uint64(s) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else {
				return ip, left, atSlow
			}
			r[sp] = s + wide
			r[o.dst] = v
			if o.do == opPop {
				goto next
			}
			s = r[sp]
			if off := uint64(s) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else {
				goto last
			}
			r[sp] = s + wide
			r[o.src] = v
			goto next

		case opAdd:
			a, b = r[o.dst], r[o.src]+W(o.x)
			r[o.dst] = a + b
			c.set(sum, size, uint64(a), uint64(b), uint64(a+b))
			goto next
		case opMovAdd:
			r[o.src] = W(o.x)
			a, b = r[o.dst], W(o.x)
			r[o.dst] = a + b
			c.set(sum, size, uint64(a), uint64(b), uint64(a+b))
			goto next
		case opSub:
			a, b = r[o.dst], r[o.src]+W(o.x)
			r[o.dst] = a - b
			c.set(diff, size, uint64(a), uint64(b), uint64(a-b))
			goto next
		case opAnd, opOr, opXor:
			v, w = r[o.dst], r[o.src]+W(o.x)
			switch o.do {
			case opAnd:
				v &= w
			case opOr:
				v |= w
			case opXor:
				v ^= w
			}
			r[o.dst] = v
			c.setLogical(size, uint64(v))
			goto next
		case opCmp, opCmpJcc:
			a, b = r[o.dst], r[o.src]+W(o.x)
			c.set(diff, size, uint64(a), uint64(b), uint64(a-b))
			if o.do == opCmp {
				goto next
			}
			goto compare
		case opCmp1, opCmp1Jcc:
			a, b = r[o.dst]&0xFF, (r[o.src]+W(o.x))&0xFF
			c.set(diff, 1, uint64(a), uint64(b), uint64((a-b)&0xFF))
			if o.do == opCmp1 {
				goto next
			}
			a, b = a<<(8*size-8), b<<(8*size-8) // signed, the highest bits count
			goto compare
		case opTest, opTestJcc:
			a, b = r[o.dst], 0
			c.setLogical(size, uint64(a))
			if o.do == opTest {
				goto next
			}
			goto compare

		case opMul:
			{
				hi, lo := bits.Mul64(uint64(r[ax]), uint64(r[o.dst]))
				if !is64 {
					hi = lo >> 32
				}
				r[ax], r[dx] = W(lo), W(hi)
				c.setResult(size, uint64(W(lo)), bit(hi != 0, flagC|flagO))
			}
			goto next
		case opShl: // by zero changes nothing
			if v, w = r[o.dst], (r[o.src]+W(o.x))&W(8*size-1); w == 0 {
				goto next
			}
			r[o.dst] = v << w
			a = v >> (W(8*size) - w) & 1 // carry
			c.setResult(size, uint64(v<<w), uint64(a)*flagC|uint64(v<<w>>(8*size-1)^a)*flagO)
			goto next
		case opShr:
			if v, w = r[o.dst], (r[o.src]+W(o.x))&W(8*size-1); w == 0 {
				goto next
			}
			r[o.dst] = v >> w
			c.setResult(size, uint64(v>>w), uint64(v>>(w-1)&1)*flagC|uint64(v>>(8*size-1))*flagO)
			goto next

		case opAddressPush:
			v = r[o.base] + W(o.y)
			s = r[sp]
			r[ax] = v
			goto pushZero
		case opLoadPush:
			v = r[o.base] + W(o.y)
			s = r[sp]
			if off := uint64(v) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else if off := uint64(v) - m.Load.Base; inside(m.Load.Bytes, off, word) {
				v = W(get(m.Load.Bytes, off, is64))
			} else {
				return ip, left, atSlow
			}
			r[ax] = v
			goto push
		case opAddress:
			v = r[o.base] + W(o.y)
			goto pop
		case opLoaded:
			v = r[o.base] + W(o.y)
			if off := uint64(v) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else if off := uint64(v) - m.Load.Base; inside(m.Load.Bytes, off, word) {
				v = W(get(m.Load.Bytes, off, is64))
			} else {
				return ip, left, atSlow
			}
			goto pop
		case opAddressAddress, opAddressLoad:
			w = r[o.src] + W(o.x)
			s = r[sp]
			if off := uint64(s-wide) - low; inside(stack, off, word) {
				put(stack, off, uint64(w), is64)
			} else {
				return ip, left, atSlow
			}
			r[ax] = w
			v = r[o.base] + W(o.y)
			if o.do == opAddressAddress {
				goto use
			}
			goto useLoaded
		case opLoadAddress, opLoadLoad:
			w = r[o.src] + W(o.x)
			s = r[sp]
			if off := uint64(w) - low; inside(stack, off, word) {
				w = W(get(stack, off, is64))
			} else if off := uint64(w) - m.Load.Base; inside(m.Load.Bytes, off, word) {
				w = W(get(m.Load.Bytes, off, is64))
			} else {
				return ip, left, atSlow
			}
			if off := uint64(s-wide) - low; inside(stack, off, word) {
				put(stack, off, uint64(w), is64)
			} else {
				return ip, left, atSlow
			}
			r[ax] = w
			v = r[o.base] + W(o.y)
			if o.do == opLoadAddress {
				goto use
			}
			goto useLoaded

		case opIncrement:
			s = r[sp] - wide
			w = r[o.src] + W(o.x)
			if off := uint64(s) - low; inside(stack, off, word) {
				put(stack, off, uint64(w), is64)
			} else {
				return ip, left, atSlow
			}
			if off := uint64(w) - low; inside(stack, off, word) {
				v = W(get(stack, off, is64))
			} else if off := uint64(w) - m.Load.Base; inside(m.Load.Bytes, off, word) {
				v = W(get(m.Load.Bytes, off, is64))
			} else {
				r[ax] = w
				goto second
			}
			if off := uint64(s-wide) - low; inside(stack, off, word) {
				put(stack, off, uint64(v), is64)
			} else {
				r[ax] = w
				goto second
			}
			if o.use == useAddStore {
				c.set(sum, size, uint64(W(o.y)), uint64(v), uint64(v+W(o.y)))
				v += W(o.y)
			} else {
				c.set(diff, size, uint64(v), uint64(W(o.y)), uint64(v-W(o.y)))
				v -= W(o.y)
			}
			r[ax], r[bx] = v, w
			goto store
		}
		return ip, left, atSlow // opSlow

	compare: // and jump if it holds
		{
			sign := W(1) << (8*size - 1)
			i := number(a == b)*equal | number(a < b)*below | number(a^sign < b^sign)*less
			if o.holds>>i&1 == 0 {
				goto next
			}
		}

	jump:
		left -= int64(o.count)
		if left > 0 && o.target > 0 {
			ip = int(o.target)
			continue
		}
		return ip, left, atJump

	indirect: // jump to the address to
		left -= int64(o.count)
		if off := uint64(to) - c.base; left > 0 && off>>12 < uint64(len(c.pages)) {
			if page := c.pages[off>>12]; page != nil && page[off&4095] != 0 {
				ip = int(page[off&4095])
				continue
			}
		}
		c.pc = to
		return ip, left, atAddress

	useLoaded: // the word at v
		if off := uint64(v) - low; inside(stack, off, word) {
			v = W(get(stack, off, is64))
		} else if off := uint64(v) - m.Load.Base; inside(m.Load.Bytes, off, word) {
			v = W(get(m.Load.Bytes, off, is64))
		} else {
			s -= wide
			goto second
		}
		goto use

	pop: // w
		s = r[sp]
		if off := uint64(s) - low; inside(stack, off, word) {
			w = W(get(stack, off, is64))
		} else {
			return ip, left, atSlow
		}
		s += wide
		r[sp] = s

	use: // v and w
		r[ax], r[bx] = v, w
		if o.use == useBranch {
			goto set
		}
		switch o.use {
		case useStore:
			if o.zero {
				c.setLogical(size, 0)
			}
			goto store
		case useStore1:
			if o.zero {
				c.setLogical(size, 0)
			}
			goto store1
		case useAdd, useAddPush, useAddLoadS1, useAddStore, useAddSet1:
			c.set(sum, size, uint64(v), uint64(w), uint64(v+w))
			v += w
			r[ax] = v
			switch o.use {
			case useAddPush:
				goto push
			case useAddStore:
				goto assign
			case useAdd:
				goto next
			case useAddSet1:
				if off := uint64(s-wide) - low; inside(stack, off, word) { // always: w was there
					put(stack, off, uint64(v), is64)
				}
				w, v = v, W(int64(o.target))
				r[ax], r[bx] = v, w
				if o.holds != 0 {
					c.setLogical(size, 0)
				}
				goto store1
			}
			if off := uint64(v) - m.Load.Base; off < uint64(len(m.Load.Bytes)) {
				r[ax] = W(int64(int8(m.Load.Bytes[off])))
			} else if off := uint64(v) - low; off < uint64(len(stack)) {
				r[ax] = W(int64(int8(stack[off])))
			} else if o.jump == never {
				goto last
			} else {
				ip += int(o.n) - compareLength - 1
				continue
			}
			if o.jump == never {
				goto next
			}
			v = r[ax]
			if off := uint64(s) - low; inside(stack, off, word) {
				w = W(get(stack, off, is64))
			} else {
				ip += int(o.n) - compareLength
				continue
			}
			r[sp] = s + wide
			r[bx] = w
			goto set
		case useSub, useSubPush, useSubStore:
			c.set(diff, size, uint64(w), uint64(v), uint64(w-v))
			v = w - v
			r[ax], r[bx] = v, v
			switch o.use {
			case useSubPush:
				goto push
			case useSubStore:
				goto assign
			}
			goto next
		case useAnd, useOr, useXor:
			switch o.use {
			case useAnd:
				v &= w
			case useOr:
				v |= w
			case useXor:
				v ^= w
			}
			r[ax] = v
			c.setLogical(size, uint64(v))
			goto next
		case useCount:
			r[ax], r[cx] = w, v
			if o.zero {
				c.setLogical(size, 0)
			}
			goto next
		case useIndex:
			{
				hi, lo := bits.Mul64(uint64(v), uint64(o.target))
				if !is64 {
					hi = lo >> 32
				}
				a = W(lo)
				r[o.holds], r[dx], r[ax] = W(o.target), W(hi), a+w
				c.set(sum, size, uint64(a), uint64(w), uint64(a+w))
			}
			goto next
		}

	set: // and perhaps branch
		{
			sign := W(1) << (8*size - 1)
			i := number(w == v)*equal | number(w < v)*below | number(w^sign < v^sign)*less
			i = o.holds >> i & 1
			r[ax] = W(i)
			if o.use == useSet {
				c.set(diff, size, uint64(w), uint64(v), uint64(w-v))
				goto next
			}
			c.setLogical(size, uint64(i))
			if i == 0 == (o.jump == ifZero) {
				goto jump
			}
		}

	next:
		ip += int(o.n)
		continue

	pushZero: // and v
		if o.zero {
			c.setLogical(size, 0)
		}

	push: // v, below s: the last instruction of o
		s -= wide
		if off := uint64(s) - low; inside(stack, off, word) {
			put(stack, off, uint64(v), is64)
		} else {
			goto last
		}
		r[sp] = s
		ip += int(o.n)
		continue

	assign: // pop bx; mov [bx], ax: the last instructions of o, but for a jump
		if off := uint64(s) - low; inside(stack, off, word) {
			w = W(get(stack, off, is64))
		} else {
			ip--
			goto last
		}
		r[sp] = s + wide
		r[bx] = w

	store: // v at w: the last instruction of o, but for a jump
		if off := uint64(w) - low; inside(stack, off, word) {
			put(stack, off, uint64(v), is64)
		} else if off := uint64(w) - m.Store.Base; inside(m.Store.Bytes, off, word) {
			put(m.Store.Bytes, off, uint64(v), is64)
		} else {
			goto last
		}
		if o.jump == andJump {
			goto jump
		}
		ip += int(o.n)
		continue

	store1: // the lowest byte of v at w: the last instruction of o
		if off := uint64(w) - m.Store.Base; off < uint64(len(m.Store.Bytes)) {
			m.Store.Bytes[off] = uint8(v)
		} else if off := uint64(w) - low; off < uint64(len(stack)) {
			stack[off] = uint8(v)
		} else {
			goto last
		}
		ip += int(o.n)
		continue

	second: // o can do what is before its second value: s is what sp is then
		if o.zero {
			c.setLogical(size, 0)
		}
		r[sp] = s
		ip += int(o.pushed)
		continue

	last: // o can do all but its last instruction, and the jump after it
		ip += int(o.n) - 1
		if o.jump == andJump {
			ip--
		}
	}
}
