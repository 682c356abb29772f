package x86

// Most of what a ladder executes is the code of M2-Planet, and of the compilers
// before it, which work out everything in ax, with the operand on the left on
// the stack:
//
//	ax = a value; push ax; ax = another; pop bx; ax = bx + ax
//
// An op of an expression is a part of that: a first value and its push, a second
// value, and what is done with it. A value is an address, r[base] + x, or what is
// loaded from there; numbers, and ax itself, are addresses here. The op has the
// first one's address in src and x, the second one's in base and y.
//
//	opAddressPush     the second value, and push ax
//	opAddress         the second value, and its use
//	opAddressAddress  the first value, push ax, the second value, and its use
//	opIncrement       the whole of "variable = variable + constant"
//
// With Load in place of Address a value is loaded.

// A use is what is done with an expression's value.
type use uint8

const (
	useStore     use = iota // pop bx; mov [bx], ax
	useStore1               // pop bx; mov [bx], al
	useAdd                  // pop bx; add ax, bx
	useAddPush              // and push ax
	useAddLoadS1            // and movsx ax, byte [ax]; and perhaps useBranch
	useAddStore             // and pop bx; mov [bx], ax
	useAddSet1              // and push ax; ax = target, by xor if holds is 1; pop bx; mov [bx], al
	useSub                  // pop bx; sub bx, ax; mov ax, bx
	useSubPush              // and push ax
	useSubStore             // and pop bx; mov [bx], ax
	useAnd                  // pop bx; and ax, bx
	useOr
	useXor
	useCount  // pop bx; mov cx, ax; mov ax, bx: before a shift
	useIndex  // pop bx; mov r, target; mul r; add ax, bx; r is holds
	useSet    // pop bx; cmp bx, ax; setcc al; movzx ax, al
	useBranch // and test ax, ax; je or jne
)

// A matcher looks for instructions one after another.
type matcher struct {
	block []inst
	size  uint8 // of a register, in bytes
	n     int   // how many were found
}

// inMemory plus a register is the operand in memory at that register's address.
const inMemory operand = 0x80

// next takes the next instruction if it is a certain one, of operands of a
// register's size, or of size bytes.
func (m *matcher) next(k kind, dst, src operand, size ...uint8) bool {
	if m.n == len(m.block) {
		return false
	}
	in := &m.block[m.n]
	place := func(o operand) operand {
		if o == memory && in.plain() && in.disp == 0 && in.base < 8 {
			return inMemory + operand(in.base)
		}
		return o
	}
	want := m.size
	if len(size) > 0 {
		want = size[0]
	}
	if in.kind != k || in.size != want || place(in.dst) != dst || place(in.src) != src {
		return false
	}
	m.n++
	return true
}

// all takes the next instructions if all of the steps, in turn, do.
func (m *matcher) all(steps ...func() bool) bool {
	n := m.n
	for _, step := range steps {
		if !step() {
			m.n = n
			return false
		}
	}
	return true
}

// A value is where an expression's value comes from.
type value struct {
	base   uint8
	x      uint64
	loaded opKind // 1 if it is loaded
	zero   bool   // it is set by an instruction that sets flags
}

// value takes a value. That takes nothing if ax has it.
func (m *matcher) value() value {
	v := value{base: ax}
	if m.n == len(m.block) || m.block[m.n].dst != ax {
		return v
	}
	in := &m.block[m.n]
	switch o := single(in, m.size); {
	case isZero(in):
		m.n++
		return value{base: noReg, zero: true}
	case o.do == opLoad:
		m.n++
		return value{base: o.base, x: o.x, loaded: 1}
	case o.do == opMov && (in.kind == lea || in.src == immediate):
		m.n++
		v = value{base: o.base, x: o.x}
		if m.next(mov, ax, inMemory+ax) {
			v.loaded = 1
		}
	}
	return v
}

func (m *matcher) push() bool { return m.next(push, ax, none) }
func (m *matcher) pop() bool  { return m.next(pop, bx, none) }

// store takes what ends an assignment.
func (m *matcher) store() bool {
	return m.all(m.pop, func() bool { return m.next(mov, inMemory+bx, ax) })
}

// test takes a test of ax, and the jump after it, whose condition o gets.
func (m *matcher) test(o *op) bool {
	return m.all(func() bool { return m.next(test, ax, ax) }, func() bool {
		if m.n == len(m.block) || ifEqual(&m.block[m.n]) == never {
			return false
		}
		o.jump = ifEqual(&m.block[m.n])
		m.n++
		return true
	})
}

// use takes a use. It reports whether there is one; o gets the condition.
func (m *matcher) use(o *op) (use, bool) {
	begin := m.n
	switch {
	case m.store():
		m.jump(o)
		return useStore, true
	case !m.pop():
		return 0, false
	case m.next(mov, inMemory+bx, ax, 1):
		return useStore1, true
	case m.next(and, ax, bx):
		return useAnd, true
	case m.next(or, ax, bx):
		return useOr, true
	case m.next(xor, ax, bx):
		return useXor, true
	case m.all(func() bool { return m.next(mov, cx, ax) }, func() bool { return m.next(mov, ax, bx) }):
		return useCount, true
	case m.index(o):
		return useIndex, true
	case m.next(add, ax, bx):
		return useAdd + m.after(o, true), true
	case m.all(func() bool { return m.next(sub, bx, ax) }, func() bool { return m.next(mov, ax, bx) }):
		return useSub + m.after(o, false), true
	case m.compare(o):
		if m.test(o) {
			return useBranch, true
		}
		return useSet, true
	}
	m.n = begin
	return 0, false
}

// index takes what adds an index, in units of a constant size, to an address.
func (m *matcher) index(o *op) bool {
	if m.n+2 >= len(m.block) {
		return false
	}
	set, r := &m.block[m.n], m.block[m.n].dst
	if set.kind != mov || set.size != m.size || set.src != immediate || set.imm>>31 != 0 ||
		r >= highByte || r == ax || r == bx || r == dx || r == sp {
		return false
	}
	if !m.all(
		func() bool { m.n++; return m.next(mul, r, none) },
		func() bool { return m.next(add, ax, bx) },
	) {
		return false
	}
	o.target, o.holds = int32(set.imm), uint8(r)
	return true
}

// after takes what may follow a sum or a difference, and returns what that adds
// to its use.
func (m *matcher) after(o *op, sum bool) use {
	switch {
	case sum && m.set1(o):
		return useAddSet1 - useAdd
	case m.push():
		return useAddPush - useAdd
	case m.store():
		m.jump(o)
		if sum {
			return useAddStore - useAdd
		}
		return useSubStore - useSub
	case sum && m.n < len(m.block) && m.block[m.n].aux == 1 && m.next(movsx, ax, inMemory+ax):
		m.all(m.pop, func() bool { return m.compare(o) && m.test(o) })
		return useAddLoadS1 - useAdd
	}
	return 0
}

// jump takes the jump that a loop's body ends with, if there is one.
func (m *matcher) jump(o *op) {
	if m.n < len(m.block) && m.block[m.n].kind == jmp && m.block[m.n].length > 0 {
		o.jump = andJump
		m.n++
	}
}

// set1 takes what sets the byte, whose address was computed, to a constant,
// which o gets.
func (m *matcher) set1(o *op) bool {
	begin := m.n
	if m.push() {
		v := m.value()
		constant := v.base == noReg && v.loaded == 0 && uint64(int64(int32(v.x))) == v.x
		if constant && m.pop() && m.next(mov, inMemory+bx, ax, 1) {
			o.target, o.holds = int32(v.x), number(v.zero)
			return true
		}
	}
	m.n = begin
	return false
}

// compareLength is how many instructions useBranch has.
const compareLength = 6

// compare takes a comparison, and what makes a number of it, if it has outcomes.
func (m *matcher) compare(o *op) bool {
	if m.n+2 >= len(m.block) {
		return false
	}
	set, extend := &m.block[m.n+1], &m.block[m.n+2]
	holds := conditions[set.aux]
	if holds == 0 || extend.aux != 1 || !m.all(
		func() bool { return m.next(cmp, bx, ax) },
		func() bool { return m.next(setcc, ax, none, 1) },
		func() bool { return m.next(movzx, ax, ax) },
	) {
		return false
	}
	o.holds = holds
	return true
}

// expression returns the op of an expression that block begins with. It reports
// whether there is one.
func expression(block []inst, size uint8) (o op, ok bool) {
	m := matcher{block: block, size: size}
	v := m.value()
	o = op{base: v.base, y: v.x, zero: v.zero}
	if !m.push() {
		o.do = opAddress + v.loaded
		o.use, ok = m.use(&o)
		o.n = uint8(m.n)
		return o, ok
	}
	o.do, o.n = opAddressPush+v.loaded, uint8(m.n)
	first, short := v, o
	switch v = m.value(); {
	case m.increment(&o, first, v):
		return o, true
	case v.base == sp: // which the loop sets only when all is done
		return short, short.n > 1
	}
	o = op{
		do:     opAddressAddress + 2*first.loaded + v.loaded,
		src:    first.base,
		x:      first.x,
		base:   v.base,
		y:      v.x,
		pushed: o.n,
		zero:   first.zero || v.zero,
	}
	if o.use, ok = m.use(&o); !ok {
		return short, short.n > 1
	}
	o.n = uint8(m.n)
	return o, true
}

// increment makes o an increment, if that follows on its first two values.
func (m *matcher) increment(o *op, first, v value) bool {
	begin := m.n
	same := first.base == v.base && first.x == v.x && v.base != ax && v.base != sp
	if first.loaded == 0 && v.loaded == 1 && same && begin == 4 && m.push() {
		inc := op{do: opIncrement, src: v.base, x: v.x, pushed: o.n}
		if c := m.value(); c.base == noReg && c.loaded == 0 {
			inc.y = c.x
			if inc.use, _ = m.use(&inc); inc.use == useAddStore || inc.use == useSubStore {
				inc.n = uint8(m.n)
				*o = inc
				return true
			}
		}
	}
	m.n = begin
	return false
}
