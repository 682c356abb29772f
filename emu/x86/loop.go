package x86

import (
	"encoding/binary"

	"stage0/emu/cpu"
)

// is64 reports whether a word has 64 bits. It is a constant to the compiler.
func is64[W word]() bool { return ^W(0)>>31>>1 != 0 }

// get loads the word at an offset into b, if all of it is inside.
func get[W word](b []byte, off uint64) (W, bool) {
	if is64[W]() {
		if int64(off) >= 0 && int64(off) < int64(len(b))-7 {
			return W(binary.LittleEndian.Uint64(b[off:])), true
		}
	} else if int64(off) >= 0 && int64(off) < int64(len(b))-3 {
		return W(binary.LittleEndian.Uint32(b[off:])), true
	}
	return 0, false
}

// put stores a word at an offset into b, if all of it is inside.
func put[W word](b []byte, off uint64, v W) bool {
	if is64[W]() {
		if int64(off) >= 0 && int64(off) < int64(len(b))-7 {
			binary.LittleEndian.PutUint64(b[off:], uint64(v))
			return true
		}
	} else if int64(off) >= 0 && int64(off) < int64(len(b))-3 {
		binary.LittleEndian.PutUint32(b[off:], uint32(v))
		return true
	}
	return false
}

// outcome returns the outcome of comparing a with b.
func outcome[W word](a, b W) uint8 {
	sign := W(1) << 31
	if is64[W]() {
		sign = sign << 31 << 1
	}
	return number(a == b)*equal | number(a < b)*below | number(a^sign < b^sign)*less
}

// number returns 1 if b, else 0.
func number(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// An exit says why loop returned.
type exit uint8

const (
	atBudget  exit = iota // c.pc is where to go on
	atSyscall             // the instruction at ip calls the system
	atSlow                // the instruction at ip is for exec
	atStep                // the instruction at ip is for step
	atJump                // the op at ip jumps, and is not linked yet
	atAddress             // c.pc is an address with no known block
)

// loop executes the ops from index ip on, until something happens that it
// leaves to run. It returns the index where that was, and how many instructions
// it has executed in all, up to the last jump.
//
// An op whose operands are not where it looks for them goes to slow as long as
// it has done nothing, and exec does its first instruction; or it goes on with
// the op of the instruction it cannot do. There are no function calls in here,
// so that what is in the processor's registers can stay there.
func (c *machine[W]) loop(ip int, executed, budget uint64) (int, uint64, exit) {
	size := uint8(4) // of a register, in bytes
	if is64[W]() {
		size = 8
	}
	wide := W(size)
	ops, m, r := c.ops, c.mem, &c.r
	low, stack := m.Stack.Base, m.Stack.Bytes
	var (
		o          *op
		a, b, v, w W
		s          W // sp
		to         W
		ok         bool
	)
	for {
		o = &ops[ip]
		switch o.do {
		case opSlow:
			return ip, executed, atSlow
		case opStep:
			return ip, executed, atStep
		case opSyscall:
			return ip, executed + uint64(o.count), atSyscall

		case opJmp:
			goto jump
		case opJe:
			if c.z() != (o.jump == ifZero) {
				ip++
				continue
			}
			goto jump
		case opJmpTo:
			to = r[o.dst&31]
			goto indirect
		case opCall:
			if !put(stack, uint64(r[sp]-wide)-low, W(o.x)) {
				return ip, executed, atStep
			}
			r[sp] -= wide
			goto jump
		case opCallTo:
			to = r[o.dst&31]
			if !put(stack, uint64(r[sp]-wide)-low, W(o.x)) {
				return ip, executed, atStep
			}
			r[sp] -= wide
			goto indirect
		case opRet:
			if to, ok = get[W](stack, uint64(r[sp])-low); !ok {
				return ip, executed, atStep
			}
			r[sp] += wide + W(o.x)
			goto indirect

		case opMov:
			r[o.dst&31] = r[o.base&31] + W(o.x)
			ip++
			continue
		case opMov4:
			r[o.dst&31] = W(uint32(r[o.base&31]))
			ip++
			continue
		case opMovSet:
			r[o.dst&31] = r[o.dst&31]&^0xFF | r[o.base&31]&0xFF
			ip++
			continue
		case opZero1:
			r[o.dst&31] = r[o.src&31] & 0xFF
			ip++
			continue
		case opSwap:
			r[o.dst&31], r[o.src&31] = r[o.src&31], r[o.dst&31]
			ip++
			continue

		case opLoad:
			a = r[o.base&31] + W(o.x)
			if v, ok = get[W](stack, uint64(a)-low); !ok {
				if v, ok = get[W](m.Load.Bytes, uint64(a)-m.Load.Base); !ok {
					return ip, executed, atSlow
				}
			}
			r[o.dst&31] = v
			ip += int(o.n)
			continue
		case opLoad1, opLoadS1, opLoadL1:
			a = r[o.base&31] + W(o.x)
			if off := uint64(a) - m.Load.Base; off < uint64(len(m.Load.Bytes)) {
				v = W(m.Load.Bytes[off])
			} else if off := uint64(a) - low; off < uint64(len(stack)) {
				v = W(stack[off])
			} else {
				return ip, executed, atSlow
			}
			switch o.do {
			case opLoadS1:
				v = W(int64(int8(v)))
			case opLoadL1:
				v |= r[o.dst&31] &^ 0xFF
			}
			r[o.dst&31] = v
			ip += int(o.n)
			continue
		case opStore:
			a = r[o.base&31] + W(o.x)
			v = r[o.src&31]
			if !put(stack, uint64(a)-low, v) && !put(m.Store.Bytes, uint64(a)-m.Store.Base, v) {
				return ip, executed, atSlow
			}
			ip++
			continue
		case opStore1:
			a = r[o.base&31] + W(o.x)
			if off := uint64(a) - m.Store.Base; off < uint64(len(m.Store.Bytes)) {
				m.Store.Bytes[off] = uint8(r[o.src&31])
			} else if off := uint64(a) - low; off < uint64(len(stack)) {
				stack[off] = uint8(r[o.src&31])
			} else {
				return ip, executed, atSlow
			}
			ip++
			continue
		case opPush:
			if !put(stack, uint64(r[sp]-wide)-low, r[o.src&31]+W(o.x)) {
				return ip, executed, atSlow
			}
			r[sp] -= wide
			ip++
			continue
		case opPush2:
			if !put(stack, uint64(r[sp]-wide)-low, r[o.src&31]) {
				return ip, executed, atSlow
			}
			r[sp] -= wide
			ip++
			if put(stack, uint64(r[sp]-wide)-low, r[o.dst&31]) {
				r[sp] -= wide
				ip++
			}
			continue
		case opPop:
			if v, ok = get[W](stack, uint64(r[sp])-low); !ok {
				return ip, executed, atSlow
			}
			r[sp] += wide
			r[o.dst&31] = v
			ip++
			continue
		case opPop2:
			if v, ok = get[W](stack, uint64(r[sp])-low); !ok {
				return ip, executed, atSlow
			}
			r[sp] += wide
			r[o.dst&31] = v
			ip++
			if v, ok = get[W](stack, uint64(r[sp])-low); ok {
				r[sp] += wide
				r[o.src&31] = v
				ip++
			}
			continue

		case opAdd:
			a, b = r[o.dst&31], r[o.src&31]+W(o.x)
			r[o.dst&31] = a + b
			c.set(sum, size, uint64(a), uint64(b), uint64(a+b))
			ip++
			continue
		case opSub:
			a, b = r[o.dst&31], r[o.src&31]+W(o.x)
			r[o.dst&31] = a - b
			c.set(diff, size, uint64(a), uint64(b), uint64(a-b))
			ip++
			continue
		case opAnd:
			v = r[o.dst&31] & (r[o.src&31] + W(o.x))
			r[o.dst&31] = v
			c.setLogical(size, uint64(v))
			ip++
			continue
		case opOr:
			v = r[o.dst&31] | (r[o.src&31] + W(o.x))
			r[o.dst&31] = v
			c.setLogical(size, uint64(v))
			ip++
			continue
		case opXor:
			v = r[o.dst&31] ^ (r[o.src&31] + W(o.x))
			r[o.dst&31] = v
			c.setLogical(size, uint64(v))
			ip++
			continue
		case opCmp, opCmpJcc:
			a, b = r[o.dst&31], r[o.src&31]+W(o.x)
			c.set(diff, size, uint64(a), uint64(b), uint64(a-b))
			if o.do == opCmp {
				ip++
				continue
			}
			goto compare
		case opCmp1, opCmp1Jcc:
			a, b = r[o.dst&31]&0xFF, (r[o.src&31]+W(o.x))&0xFF
			c.set(diff, 1, uint64(a), uint64(b), uint64((a-b)&0xFF))
			if o.do == opCmp1 {
				ip++
				continue
			}
			a, b = a<<(8*size-8), b<<(8*size-8) // signed, the highest bits count
			goto compare
		case opTest, opTestJcc:
			a, b = r[o.dst&31], 0
			c.setLogical(size, uint64(a))
			if o.do == opTest {
				ip++
				continue
			}
			goto compare

		case opExpression:
			s = r[sp]
			if o.first != nothing {
				switch v = r[o.src&31] + W(o.x); o.first {
				case keep:
					v = r[ax]
				case load:
					a = v
					if v, ok = get[W](stack, uint64(a)-low); !ok {
						if v, ok = get[W](m.Load.Bytes, uint64(a)-m.Load.Base); !ok {
							return ip, executed, atSlow
						}
					}
				}
				s -= wide
				if !put(stack, uint64(s)-low, v) {
					return ip, executed, atSlow
				}
				if o.first == zero {
					c.setLogical(size, 0)
				}
				r[ax] = v
				w = v // what pop will find
			}
			switch v = r[o.base&31] + W(o.y); o.second {
			case keep:
				v = r[ax]
			case load:
				a = v
				if v, ok = get[W](stack, uint64(a)-low); !ok {
					if v, ok = get[W](m.Load.Bytes, uint64(a)-m.Load.Base); !ok {
						goto second
					}
				}
			case zero:
				c.setLogical(size, 0)
			}
			if o.use < useStore {
				r[ax] = v
				if o.use == usePush {
					goto push
				}
				c.setLogical(size, uint64(v))
				goto test
			}
			if o.first == nothing {
				if w, ok = get[W](stack, uint64(s)-low); !ok {
					return ip, executed, atSlow
				}
				r[sp] = s + wide
			}
			s += wide
			r[ax], r[bx] = v, w
			switch o.use {
			case useStore:
				goto store
			case useStore1:
				if off := uint64(w) - m.Store.Base; off < uint64(len(m.Store.Bytes)) {
					m.Store.Bytes[off] = uint8(v)
				} else if off := uint64(w) - low; off < uint64(len(stack)) {
					stack[off] = uint8(v)
				} else {
					goto last
				}
			case useAdd, useAddPush, useAddLoadS1, useAddStore:
				a = v + w
				r[ax] = a
				c.set(sum, size, uint64(v), uint64(w), uint64(a))
				v = a
				switch o.use {
				case useAddPush:
					goto push
				case useAddStore:
					goto assign
				case useAddLoadS1:
					if off := uint64(a) - m.Load.Base; off < uint64(len(m.Load.Bytes)) {
						r[ax] = W(int64(int8(m.Load.Bytes[off])))
					} else if off := uint64(a) - low; off < uint64(len(stack)) {
						r[ax] = W(int64(int8(stack[off])))
					} else {
						goto last
					}
				}
			case useSub, useSubPush, useSubStore:
				a = w - v
				r[ax], r[bx] = a, a
				c.set(diff, size, uint64(w), uint64(v), uint64(a))
				v = a
				switch o.use {
				case useSubPush:
					goto push
				case useSubStore:
					goto assign
				}
			case useAnd:
				v &= w
				r[ax] = v
				c.setLogical(size, uint64(v))
			case useSet:
				c.set(diff, size, uint64(w), uint64(v), uint64(w-v))
				r[ax] = W(o.holds >> outcome(w, v) & 1)
			case useBranch:
				v = W(o.holds >> outcome(w, v) & 1)
				r[ax] = v
				c.setLogical(size, uint64(v))
				goto test
			}
			goto next

		case opIncrement:
			s = r[sp] - wide
			a = r[o.src&31] + W(o.x)
			if !put(stack, uint64(s)-low, a) {
				return ip, executed, atSlow
			}
			if v, ok = get[W](stack, uint64(a)-low); !ok {
				if v, ok = get[W](m.Load.Bytes, uint64(a)-m.Load.Base); !ok {
					r[ax] = a
					goto second
				}
			}
			if !put(stack, uint64(s-wide)-low, v) {
				r[ax] = a
				goto second
			}
			w = W(o.y)
			if o.use == useAddStore {
				c.set(sum, size, uint64(w), uint64(v), uint64(v+w))
				v += w
			} else {
				c.set(diff, size, uint64(v), uint64(w), uint64(v-w))
				v -= w
			}
			r[ax], r[bx] = v, a
			w = a
			goto store
		}
		return ip, executed, atSlow

	compare: // and jump if it holds
		if o.holds>>outcome(a, b)&1 == 0 {
			goto next
		}
		goto jump

	test: // and jump if v is zero, or is not
		if v == 0 != (o.jump == ifZero) {
			goto next
		}

	jump:
		executed += uint64(o.count)
		if executed < budget && o.target != 0 {
			ip = int(o.target)
			continue
		}
		return ip, executed, atJump

	indirect: // jump to the address to
		executed += uint64(o.count)
		if off := uint64(to) - c.base; executed < budget && off>>12 < uint64(len(c.pages)) {
			if page := c.pages[off>>12]; page != nil && page[off&4095] != 0 {
				ip = int(page[off&4095])
				continue
			}
		}
		c.pc = to
		return ip, executed, atAddress

	push: // v, to below s; the last instruction of o
		s -= wide
		if !put(stack, uint64(s)-low, v) {
			r[sp] = s + wide
			goto last
		}
		r[sp] = s
		goto next

	assign: // pop bx; mov [bx], ax; the last instructions of o
		if w, ok = get[W](stack, uint64(s)-low); !ok {
			ip += int(o.n) - 2
			continue
		}
		r[sp] = s + wide
		r[bx] = w

	store: // v at w, the last instruction of o, but for a jump
		if !put(stack, uint64(w)-low, v) && !put(m.Store.Bytes, uint64(w)-m.Store.Base, v) {
			goto last
		}
		if o.jump == andJump {
			goto jump
		}

	next:
		ip += int(o.n)
		continue

	second: // o can do what is before its second value
		if o.first == nothing {
			return ip, executed, atSlow
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

// run executes blocks until it has executed budget instructions, one fails,
// or one calls the system.
func (c *machine[W]) run(budget uint64) (executed uint64, fault *cpu.Fault, calls bool) {
	ip, fault := c.find()
	for fault == nil {
		var why exit
		ip, executed, why = c.loop(ip, executed, budget)
		o, in := &c.ops[ip], &c.code[ip]
		switch why {
		case atSyscall:
			c.pc = W(in.next())
			c.afterSyscall(in)
			return executed, nil, true
		case atJump:
			c.pc = W(c.code[ip+int(o.n)-1].imm)
			if executed >= budget {
				return executed, nil, false
			}
			known := len(c.code)
			to, fault := c.find()
			if fault != nil {
				return executed, fault, false
			}
			if len(c.code) >= known { // none were dropped
				c.ops[ip].target = int32(to)
			}
			ip = to
			continue
		case atSlow:
			if !c.exec(in) {
				c.pc = W(in.pc)
				return executed + uint64(c.before(ip)), c.fault, false
			}
			if !c.mem.Modified {
				ip++
				continue
			}
			c.pc = W(in.next())
			executed += uint64(c.before(ip)) + 1
		case atStep:
			c.pc = W(in.pc)
			if _, err := c.step(1); err != nil {
				return executed + uint64(c.before(ip)), c.fault, false
			}
			executed += uint64(c.before(ip)) + 1
		}
		if c.mem.Modified {
			c.drop()
		}
		if executed >= budget {
			return executed, nil, false
		}
		ip, fault = c.find()
	}
	return executed, fault, false
}

// before returns how many instructions are before the one at ip in its block.
func (c *machine[W]) before(ip int) uint8 { return c.ops[ip].count - c.ops[ip].n }
