package x86

// Most of what a ladder executes is the code of M2-Planet, and of the compilers
// before it, which work out everything in ax, with the operand on the left on
// the stack:
//
//	ax = a value; push ax; ax = another; pop bx; ax = bx + ax
//
// An opExpression is a part of that: the first value and its push, if there is
// one, the second value, and what is done with it. An opIncrement is the whole
// of "variable = variable + constant".

// A value is how an expression's value gets into ax.
type value uint8

const (
	nothing value = iota // there is no first value
	keep                 // it is there
	zero                 // xor ax, ax
	address              // lea ax, [r+x], or mov ax, x
	load                 // the same, and mov ax, [ax]; or mov ax, [r+x]
)

// A use is what is done with an expression's value.
type use uint8

const (
	usePush      use = iota // push ax
	useTest                 // test ax, ax; je or jne
	useStore                // pop bx; mov [bx], ax
	useStore1               // pop bx; mov [bx], al
	useAdd                  // pop bx; add ax, bx
	useAddPush              // and push ax
	useAddLoadS1            // and movsx ax, byte [ax]
	useAddStore             // and pop bx; mov [bx], ax
	useSub                  // pop bx; sub bx, ax; mov ax, bx
	useSubPush              // and push ax
	useSubStore             // and pop bx; mov [bx], ax
	useAnd                  // pop bx; and ax, bx
	useSet                  // pop bx; cmp bx, ax; setcc al; movzx ax, al
	useBranch               // and test ax, ax; je or jne
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
		if o == memory && in.index == noReg && in.disp == 0 && in.base < 8 {
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

// value takes a value, and says what it is: its kind, base and displacement.
func (m *matcher) value() (v value, base uint8, x uint64) {
	if m.n == len(m.block) {
		return keep, noReg, 0
	}
	in := &m.block[m.n]
	switch o := single(in, m.size); {
	case in.dst != ax:
		return keep, noReg, 0
	case isZero(in):
		m.n++
		return zero, noReg, 0
	case o.do == opLoad:
		m.n++
		return load, o.base, o.x
	case o.do == opMov && in.kind != mov || o.do == opMov && in.src == immediate:
		m.n++
		if m.next(mov, ax, inMemory+ax) {
			return load, o.base, o.x
		}
		return address, o.base, o.x
	}
	return keep, noReg, 0
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
	case m.push():
		return usePush, true
	case m.test(o):
		return useTest, true
	case m.store():
		m.jump(o)
		return useStore, true
	case !m.pop():
		return 0, false
	case m.next(mov, inMemory+bx, ax, 1):
		return useStore1, true
	case m.next(and, ax, bx):
		return useAnd, true
	case m.next(add, ax, bx):
		return useAdd + m.after(o, true), true
	case m.all(func() bool { return m.next(sub, bx, ax) }, func() bool { return m.next(mov, ax, bx) }):
		return useSub + m.after(o, false), true
	case m.next(cmp, bx, ax) && m.set(o):
		if m.test(o) {
			return useBranch, true
		}
		return useSet, true
	}
	m.n = begin
	return 0, false
}

// after takes what may follow a sum or a difference, and returns what that adds
// to its use.
func (m *matcher) after(o *op, sum bool) use {
	switch {
	case m.push():
		return useAddPush - useAdd
	case m.store():
		m.jump(o)
		if sum {
			return useAddStore - useAdd
		}
		return useSubStore - useSub
	case sum && m.n < len(m.block) && m.block[m.n].aux == 1 && m.next(movsx, ax, inMemory+ax):
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

// set takes what makes a number of a comparison, if it has outcomes.
func (m *matcher) set(o *op) bool {
	if m.n+1 < len(m.block) {
		set, extend := &m.block[m.n], &m.block[m.n+1]
		o.holds = conditions[set.aux]
		if o.holds != 0 && extend.aux == 1 && m.next(setcc, ax, none, 1) && m.next(movzx, ax, ax) {
			return true
		}
	}
	return false
}

// expression returns the op of an expression that block begins with. It reports
// whether there is one.
func expression(block []inst, size uint8) (o op, ok bool) {
	m := matcher{block: block, size: size}
	o.do = opExpression
	o.second, o.base, o.y = m.value()
	if !m.push() {
		o.use, ok = m.use(&o)
		o.n = uint8(m.n)
		return o, ok && m.n > 1
	}
	short := o
	short.n = uint8(m.n) // and its use is usePush
	o.first, o.src, o.x, o.pushed = o.second, o.base, o.y, short.n
	o.second, o.base, o.y = m.value()
	o.use, ok = m.use(&o)
	switch {
	case !ok || o.use == useTest:
		return short, short.n > 1
	case o.use == usePush:
		m.increment(&o)
	}
	o.n = uint8(m.n)
	return o, true
}

// increment takes the rest of an increment, and makes one of o, if o is its
// begin.
func (m *matcher) increment(o *op) {
	if o.first != address || o.second != load || o.src != o.base || o.x != o.y || m.n != 5 {
		return
	}
	n, inc := m.n, *o
	if v, base, x := m.value(); v == address && base == noReg {
		inc.y = x
		if inc.use, _ = m.use(&inc); inc.use == useAddStore || inc.use == useSubStore {
			inc.do = opIncrement
			*o = inc
			return
		}
	}
	m.n = n
}
