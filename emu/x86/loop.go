package x86

import "stage0/emu/cpu"

// run executes blocks until it has executed budget instructions, one fails,
// or one calls the system.
//
// A case that has done its work goes on with the instruction at ip, or breaks
// out of the switch to jump where in, the one before ip, says. One whose
// operands are not where it looks for them goes to slow, where exec does the
// first of its instructions, or lets the loop go on with the second.
func (c *machine[W]) run(budget uint64) (executed uint64, fault *cpu.Fault, calls bool) {
	size := uint8(4) // of a register, in bytes
	if ^W(0)>>31>>1 != 0 {
		size = 8
	}
	wide := W(size)
	m, r := c.mem, &c.r
	var to W
	ip, fault := c.find()
	if fault != nil {
		return 0, fault, false
	}
	code := c.code
	for {
		in := &code[ip]
		ip++
		switch in.fast {
		case fastExec:
			goto slow

		case fastGo, fastJmp:
		case fastJcc:
			if !c.cond(in.aux) {
				continue
			}
		case fastJe:
			if !c.z() {
				continue
			}
		case fastJne:
			if c.z() {
				continue
			}
		case fastJmpTo:
			if in.dst >= highByte {
				goto single
			}
			to = r[in.dst&31]
			goto indirect
		case fastCallTo:
			if in.dst >= highByte {
				goto single
			}
			to = r[in.dst&31]
			if !put(&m.Stack, r[sp]-wide, W(in.next())) {
				goto single
			}
			r[sp] -= wide
			goto indirect
		case fastCall:
			if !put(&m.Stack, r[sp]-wide, W(in.next())) {
				goto single
			}
			r[sp] -= wide
		case fastRet:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto single
			}
			r[sp] += wide + W(in.imm)
			to = v
			goto indirect
		case fastSyscall:
			executed += uint64(in.count)
			c.pc = W(in.next())
			c.afterSyscall(in)
			return executed, nil, true

		case fastMovRR:
			r[in.dst&31] = r[in.src&31]
			continue
		case fastMovRI:
			r[in.dst&31] = W(in.imm)
			continue
		case fastMov4:
			r[in.dst&31] = W(uint32(r[in.src&31]))
			continue
		case fastLea:
			r[in.dst&31] = r[in.base&31] + W(in.disp)
			continue
		case fastLoad:
			v, ok := get(&m.Load, r[in.base&31]+W(in.disp))
			if !ok {
				if v, ok = get(&m.Stack, r[in.base&31]+W(in.disp)); !ok {
					goto slow
				}
			}
			r[in.dst&31] = v
			continue
		case fastLoadStack:
			v, ok := get(&m.Stack, r[in.base&31]+W(in.disp))
			if !ok {
				goto slow
			}
			r[in.dst&31] = v
			continue
		case fastStore:
			if a := r[in.base&31] + W(in.disp); !put(&m.Store, a, r[in.src&31]) && !put(&m.Stack, a, r[in.src&31]) {
				goto slow
			}
			continue
		case fastStoreStack:
			if !put(&m.Stack, r[in.base&31]+W(in.disp), r[in.src&31]) {
				goto slow
			}
			continue
		case fastPush:
			if !put(&m.Stack, r[sp]-wide, r[in.dst&31]) {
				goto slow
			}
			r[sp] -= wide
			continue
		case fastPushI:
			if !put(&m.Stack, r[sp]-wide, W(in.imm)) {
				goto slow
			}
			r[sp] -= wide
			continue
		case fastPop:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			continue

		case fastAddRR:
			c.add(in.dst, r[in.src&31], size)
			continue
		case fastAddRI:
			c.add(in.dst, W(in.imm), size)
			continue
		case fastSubRR:
			c.subtract(in.dst, r[in.src&31], size)
			continue
		case fastSubRI:
			c.subtract(in.dst, W(in.imm), size)
			continue
		case fastAndRR:
			c.logic(in.dst, r[in.dst&31]&r[in.src&31], size)
			continue
		case fastAndRI:
			c.logic(in.dst, r[in.dst&31]&W(in.imm), size)
			continue
		case fastOrRR:
			c.logic(in.dst, r[in.dst&31]|r[in.src&31], size)
			continue
		case fastXorRR:
			c.logic(in.dst, r[in.dst&31]^r[in.src&31], size)
			continue
		case fastZero:
			c.logic(in.dst, 0, size)
			continue
		case fastCmpRR:
			c.compare(r[in.dst&31], r[in.src&31], size)
			continue
		case fastCmpRI:
			c.compare(r[in.dst&31], W(in.imm), size)
			continue
		case fastCmp1:
			c.compare(r[in.dst&31]&0xFF, W(uint8(in.imm)), 1)
			continue
		case fastTest:
			c.set(logical, size, 0, 0, uint64(r[in.dst&31]))
			continue
		case fastInc:
			c.step1(up, in.dst, 1, size)
			continue
		case fastDec:
			c.step1(down, in.dst, ^W(0), size)
			continue
		case fastShlI, fastShrI, fastImul:
			goto slow

		case fastLoad1, fastLoadS1, fastLoadL1:
			a := r[in.base&31] + W(in.disp)
			p := at(&m.Load, a)
			if p == nil {
				if p = at(&m.Stack, a); p == nil {
					goto slow
				}
			}
			switch in.fast {
			case fastLoad1:
				r[in.dst&31] = W(*p)
			case fastLoadS1:
				r[in.dst&31] = W(int64(int8(*p)))
			case fastLoadL1:
				r[in.dst&31] = r[in.dst&31]&^0xFF | W(*p)
			}
			continue
		case fastStore1:
			a := r[in.base&31] + W(in.disp)
			p := at(&m.Store, a)
			if p == nil {
				if p = at(&m.Stack, a); p == nil {
					goto slow
				}
			}
			*p = uint8(r[in.src&31])
			continue
		case fastZero1:
			r[in.dst&31] = r[in.src&31] & 0xFF
			continue
		case fastSet:
			r[in.dst&31] = r[in.dst&31]&^0xFF | W(bit(c.cond(in.aux), 1))
			continue
		case fastSwap:
			r[in.dst&31], r[in.src&31] = r[in.src&31], r[in.dst&31]
			continue

		case fastLeaLoad, fastLeaLoadPush, fastMovLoad, fastMovLoadPush:
			a := r[in.base&31] + W(in.disp)
			if in.fast >= fastMovLoad {
				a = W(in.imm)
			}
			r[in.dst&31] = a
			v, ok := get(&m.Stack, a)
			if !ok {
				if v, ok = get(&m.Load, a); !ok {
					continue
				}
			}
			r[in.dst&31] = v
			ip++
			if (in.fast == fastLeaLoadPush || in.fast == fastMovLoadPush) && put(&m.Stack, r[sp]-wide, v) {
				r[sp] -= wide
				ip++
			}
			continue
		case fastLeaPush:
			r[in.dst&31] = r[in.base&31] + W(in.disp)
			if put(&m.Stack, r[sp]-wide, r[in.dst&31]) {
				r[sp] -= wide
				ip++
			}
			continue
		case fastLoadPush:
			v, ok := get(&m.Load, r[in.base&31]+W(in.disp))
			if !ok {
				if v, ok = get(&m.Stack, r[in.base&31]+W(in.disp)); !ok {
					goto slow
				}
			}
			r[in.dst&31] = v
			if put(&m.Stack, r[sp]-wide, v) {
				r[sp] -= wide
				ip++
			}
			continue
		case fastMovAdd:
			r[in.dst&31] = W(in.imm)
			c.add(code[ip].dst, W(in.imm), size)
			ip++
			continue
		case fastMovPush:
			r[in.dst&31] = W(in.imm)
			if put(&m.Stack, r[sp]-wide, W(in.imm)) {
				r[sp] -= wide
				ip++
			}
			continue
		case fastMovPop:
			r[in.dst&31] = r[in.src&31]
			if v, ok := get(&m.Stack, r[sp]); ok {
				r[sp] += wide
				r[code[ip].dst&31] = v
				ip++
			}
			continue
		case fastMovCall:
			r[in.dst&31] = r[in.src&31]
			in = &code[ip]
			ip++
			if !put(&m.Stack, r[sp]-wide, W(in.next())) {
				goto single
			}
			r[sp] -= wide
		case fastMovRet:
			r[in.dst&31] = r[in.src&31]
			in = &code[ip]
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto single
			}
			r[sp] += wide + W(in.imm)
			to = v
			goto indirect
		case fastPushPush:
			if !put(&m.Stack, r[sp]-wide, r[in.dst&31]) {
				goto slow
			}
			r[sp] -= wide
			if put(&m.Stack, r[sp]-wide, r[code[ip].dst&31]) {
				r[sp] -= wide
				ip++
			}
			continue
		case fastPopPop:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			if v, ok = get(&m.Stack, r[sp]); ok {
				r[sp] += wide
				r[code[ip].dst&31] = v
				ip++
			}
			continue
		case fastPopStore:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			if x := r[code[ip].src&31]; put(&m.Stack, v, x) || put(&m.Store, v, x) {
				ip++
			}
			continue
		case fastPopAdd:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			c.add(code[ip].dst, v, size)
			ip++
			continue
		case fastPopCmpSet:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			c.compare(v, r[code[ip].src&31], size)
			set, extend := &code[ip+1], &code[ip+2]
			v = W(bit(c.cond(set.aux), 1))
			r[set.dst&31] = r[set.dst&31]&^0xFF | v
			r[extend.dst&31] = v
			ip += 3
			continue
		case fastPopRet:
			v, ok := get(&m.Stack, r[sp])
			if !ok {
				goto slow
			}
			r[sp] += wide
			r[in.dst&31] = v
			in = &code[ip]
			if v, ok = get(&m.Stack, r[sp]); !ok {
				goto single
			}
			r[sp] += wide + W(in.imm)
			to = v
			goto indirect
		case fastCmpRRJe, fastCmpRIJe, fastCmp1Je:
			a, b := r[in.dst&31], W(in.imm)
			n := size
			switch in.fast {
			case fastCmpRRJe:
				b = r[in.src&31]
			case fastCmp1Je:
				a, b, n = a&0xFF, b&0xFF, 1
			}
			c.compare(a, b, n)
			in = &code[ip]
			ip++
			if (a == b) != (in.aux == 4) {
				continue
			}
		case fastCmpRRJcc, fastCmpRIJcc:
			b := W(in.imm)
			if in.fast == fastCmpRRJcc {
				b = r[in.src&31]
			}
			c.compare(r[in.dst&31], b, size)
			in = &code[ip]
			ip++
			if !c.cond(in.aux) {
				continue
			}
		case fastTestJe, fastZero1TestJe:
			if in.fast == fastZero1TestJe {
				r[in.dst&31] = r[in.src&31] & 0xFF
				ip++
			}
			v := r[in.dst&31]
			c.set(logical, size, 0, 0, uint64(v))
			in = &code[ip]
			ip++
			if (v == 0) != (in.aux == 4) {
				continue
			}
		}

		// Jump.
		executed += uint64(in.count)
		if executed < budget && in.target != 0 {
			ip = int(in.target)
			continue
		}
		c.pc = W(in.imm)
		if executed >= budget {
			return executed, nil, false
		}
		{
			next, fault := c.find()
			if fault != nil {
				return executed, fault, false
			}
			if len(c.code) >= len(code) { // none were dropped
				c.code[ip-1].target = int32(next)
			}
			ip, code = next, c.code
		}
		continue

	slow:
		if !c.exec(in) {
			c.pc = W(in.pc)
			return executed + uint64(in.count) - 1, c.fault, false
		}
		if !m.Modified {
			continue
		}
		to = W(in.next())
		goto indirect

	single: // a jump that is not where it is fast
		c.pc = W(in.pc)
		if _, err := c.step(1); err != nil {
			return executed + uint64(in.count) - 1, c.fault, false
		}
		to = c.pc

	indirect:
		executed += uint64(in.count)
		c.pc = to
		if m.Modified {
			c.drop()
		}
		if executed >= budget {
			return executed, nil, false
		}
		if off := uint64(to) - c.base; off>>12 < uint64(len(c.pages)) {
			if page := c.pages[off>>12]; page != nil && page[off&4095] != 0 {
				ip, code = int(page[off&4095]), c.code
				continue
			}
		}
		if ip, fault = c.find(); fault != nil {
			return executed, fault, false
		}
		code = c.code
	}
}

// The operations of run's cases, on registers of size bytes.

func (c *machine[W]) add(dst operand, b W, size uint8) {
	a := c.r[dst&31]
	c.r[dst&31] = a + b
	c.set(sum, size, uint64(a), uint64(b), uint64(a+b))
}

func (c *machine[W]) subtract(dst operand, b W, size uint8) {
	a := c.r[dst&31]
	c.r[dst&31] = a - b
	c.set(diff, size, uint64(a), uint64(b), uint64(a-b))
}

func (c *machine[W]) compare(a, b W, size uint8) {
	c.set(diff, size, uint64(a), uint64(b), truncate(uint64(a-b), size))
}

func (c *machine[W]) logic(dst operand, v W, size uint8) {
	c.r[dst&31] = v
	c.set(logical, size, 0, 0, uint64(v))
}

// step1 adds v, which is one or minus one, and leaves the carry flag alone.
func (c *machine[W]) step1(kind flagKind, dst operand, v W, size uint8) {
	carry := c.c()
	a := c.r[dst&31]
	c.r[dst&31] = a + v
	c.set(kind, size, uint64(a), 1, uint64(a+v))
	c.carry = carry
}
