package translate

import (
	"fmt"
	"maps"
	"slices"

	"stage0/internal/emu/micro"
)

// An emitter makes the WebAssembly of one function. It does so until it learns
// nothing more of what registers are where blocks meet, and how far apart the
// addresses are that one check is for: what it writes then is the code.
type emitter struct {
	f       *function
	p       *program
	ops     *wordOps
	compare *[5][2]byte
	bits    int
	w       writer
	changed bool // what registers are where blocks meet

	labels   []label
	frames   [micro.StackRegs]frame // around what the registers that point to the stack are at the function's begin
	imageEnd int64                  // of what is accessed at constant addresses, as an offset in Linear
	checks   map[checkPlace]*check
	nCheck   int // of the instruction at hand
	rare     int // uses of ifRarely

	// Temporaries: the locals of each type, of which so many are in use.
	types []byte // of all locals behind the parameters
	pool  map[byte][]int
	used  map[byte]int

	b *block
	i int
	s state
}

// A label is what a branch of WebAssembly leads to.
type label struct {
	kind labelKind
	b    *block
}

type labelKind uint8

const (
	atExit  labelKind = iota // of the function
	atBlock                  // behind which b follows
	atLoop                   // which b heads
	atTable                  // the loop around all blocks of an irreducible function
	inIf
)

// A frame is the stack around what a register is at the function's begin.
type frame struct {
	used     bool
	min, max int64 // from the register
}

// Locals behind the parameters. Those of a frame are what the register was, and
// of 32 bits the offset in Linear of the frame's min.
const (
	localPC = iota
	localSelect
	localRoot  // of each register that points to the stack
	localFrame = localRoot + micro.StackRegs
	localZero  = localFrame + micro.StackRegs // is zero
)

func (e *emitter) params() int     { return len(e.p.hot) + 1 }
func (e *emitter) steps() int      { return len(e.p.hot) }
func (e *emitter) local(i int) int { return e.params() + i }
func (e *emitter) tracked(i int) micro.Reg {
	return e.p.target.Stack[i]
}

// translate makes the function's code.
func (f *function) translate() (err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bad)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%#x: %s", f.entry, string(b))
		}
	}()
	if len(f.blocks) > maxBlocks {
		return fmt.Errorf("%#x: it has %d blocks", f.entry, len(f.blocks))
	}
	e := &emitter{
		f: f, p: f.p, bits: f.p.target.Bits, ops: &words64, compare: &compare64,
		checks: map[checkPlace]*check{}, pool: map[byte][]int{},
	}
	if e.bits == 32 {
		e.ops, e.compare = &words32, &compare32
	}
	t := e.ops.typ
	e.types = []byte{t, typeI32, t, t, t, typeI32, typeI32, typeI32, typeI32}
	for _, b := range f.blocks {
		b.entry = [micro.StackRegs]meeting{}
	}
	const enough = 30
	for range enough {
		if e.emit(); !e.changed {
			f.code = e.body()
			return nil
		}
	}
	return fmt.Errorf("%#x: its registers do not settle", f.entry)
}

// bad is what keeps a function from being translated.
type bad string

func (e *emitter) fail(format string, args ...any) { panic(bad(fmt.Sprintf(format, args...))) }

// body returns the function's body: its locals, and its code (section 5.4.9 of
// the specification).
func (e *emitter) body() []byte {
	var w writer
	var runs [][2]int // how many, of which type
	for _, t := range e.types {
		if n := len(runs); n > 0 && runs[n-1][1] == int(t) {
			runs[n-1][0]++
		} else {
			runs = append(runs, [2]int{1, int(t)})
		}
	}
	w.unsigned(uint64(len(runs)))
	for _, r := range runs {
		w.unsigned(uint64(r[0]))
		w.op(byte(r[1]))
	}
	return append(w.b, e.w.b...)
}

// emit makes the code once.
func (e *emitter) emit() {
	e.w.b, e.changed = e.w.b[:0], false
	e.used, e.s, e.rare = map[byte]int{}, state{}, 0
	e.labels = []label{{kind: atExit}}
	e.w.op(opBlock, typeVoid)
	e.enter()
	if e.f.irreducible {
		e.table()
	} else {
		e.tree(e.f.blocks[0])
	}
	e.w.op(opEnd)
	if e.f.recursive {
		e.deeper(-1)
	}
	for i := range e.params() {
		e.w.index(opLocalGet, i)
	}
	e.w.index(opLocalGet, e.local(localPC))
	e.w.op(opEnd)
}

// enter is what a function begins with: it looks whether the run is to stop, how
// deep calls are, and whether the stack is where it is expected.
func (e *emitter) enter() {
	e.reset()
	if e.f.recursive {
		e.deeper(1)
		e.w.index(opGlobalGet, globalDepth)
		e.w.i32(maxDepth)
		e.w.op(opI32GeU)
		e.ifRarely(func() { e.leave(constantOf(e.f.entry)) })
	}
	if !e.f.leaf {
		e.tick(e.f.entry)
	}
	for i := range e.frames {
		if !e.hasRoot(i) {
			continue
		}
		r := e.p.place[e.tracked(i)]
		e.push(r)
		root := localOf(e.local(localRoot + i))
		e.w.index(opLocalSet, root.n)
		e.s.regs[e.tracked(i)], e.s.home[e.tracked(i)] = root, root
		fr := &e.frames[i]
		if !fr.used {
			continue
		}
		stack := e.p.stack
		e.push(value{kind: aLocal, n: root.n, c: e.word(uint64(fr.min) - stack.Base)})
		d := e.define()
		e.push(d)
		e.constant(stack.Size + 1 - min(uint64(fr.max-fr.min), stack.Size+1))
		e.w.op(e.ops.geU)
		e.ifRarely(func() { e.leave(constantOf(e.f.entry)) })
		e.push(d)
		e.wrap()
		e.w.index(opLocalSet, e.local(localFrame+i))
	}
}

// hasRoot reports whether one of the registers that point to the stack is followed
// on its way through the function.
func (e *emitter) hasRoot(i int) bool {
	return i == 0 || e.p.framed[i]
}

// root returns the index of the frame whose root is v's local, or -1.
func (e *emitter) root(v value) int {
	for i := range e.frames {
		if v.kind == aLocal && v.n == e.local(localRoot+i) {
			return i
		}
	}
	return -1
}

// deeper adds to the depth of calls.
func (e *emitter) deeper(n int32) {
	e.w.index(opGlobalGet, globalDepth)
	e.w.i32(n)
	e.w.op(opI32Add)
	e.w.index(opGlobalSet, globalDepth)
}

// tick asks whether the run is to go on if all steps are used up. At pc, all
// registers are in their places.
func (e *emitter) tick(pc uint64) {
	steps := e.steps()
	left := func() { // whether there are steps left
		e.w.i64(0)
		e.w.op(opI64GeS)
	}
	e.w.index(opLocalGet, steps)
	left()
	e.unless(func() {
		e.w.index(opLocalGet, steps)
		e.w.index(opCall, hostTick)
		e.w.index(opLocalTee, steps)
		left()
		e.unless(func() { e.leave(constantOf(pc)) })
	})
}

// Temporaries and what is on WebAssembly's stack.

// temp returns a local of a type that is not in use.
func (e *emitter) temp(t byte) int {
	k := e.used[t]
	e.used[t]++
	if k == len(e.pool[t]) {
		e.pool[t] = append(e.pool[t], e.local(len(e.types)))
		e.types = append(e.types, t)
	}
	return e.pool[t][k]
}

// define takes the word on the stack into a temporary.
func (e *emitter) define() value {
	n := e.temp(e.ops.typ)
	e.w.index(opLocalSet, n)
	return localOf(n)
}

func (e *emitter) word(v uint64) uint64 { return word(v, e.bits) }

func (e *emitter) constant(c uint64) {
	if e.bits == 32 {
		e.w.i32(int32(c))
	} else {
		e.w.i64(int64(c))
	}
}

// push puts a word on the stack.
func (e *emitter) push(v value) {
	switch v.kind {
	case aConstant:
		e.constant(v.c)
		return
	case aTest:
		e.pushTest(v)
		if e.bits == 64 {
			e.w.op(opExtendU)
		}
		return
	case aLocal:
		e.w.index(opLocalGet, v.n)
	case aGlobal:
		e.w.index(opGlobalGet, v.n)
	}
	switch c := v.c; {
	case c == 0:
	case c > e.word(-c): // wazero makes better code of a small constant
		e.constant(e.word(-c))
		e.w.op(e.ops.sub)
	default:
		e.constant(c)
		e.w.op(e.ops.add)
	}
}

// pushTest puts on the stack, as 32 bits, whether v is not zero.
func (e *emitter) pushTest(v value) {
	if v.kind != aTest {
		v = opposite(testOf(equal, v, constantOf(0)))
	}
	t := v.test
	n := 0
	if t.not {
		n = 1
	}
	if t.how == equal && t.y == constantOf(0) && !t.not {
		e.push(t.x)
		e.w.op(e.ops.eqz)
		return
	}
	for _, v := range [...][2]value{{t.x, t.y}, {t.y, t.x}} {
		e.push(v[0])
		if t.how != equal && v[0].plain() && v[0].masked && v[1].plain() && v[1].n < e.params() {
			// wazero (v1.12.0, tryLowerBandToFlag for amd64) compares the result of
			// an "and" with zero wrongly if zero is the first operand, or the
			// comparison is unsigned. A register may be a zero that it knows of.
			e.constant(0)
			e.w.op(e.ops.or)
		}
	}
	e.w.op(e.compare[t.how][n])
}

// wrap makes 32 bits of the word on the stack.
func (e *emitter) wrap() {
	if e.bits == 64 {
		e.w.op(opWrap)
	}
}

// unless does then if what is on the stack is zero. The state is afterwards what it
// was before. There is no if: behind that, wazero forgets which accesses it has
// checked. Nor is it a branch to the end of then: where another way leads to, too,
// wazero makes a comparison and a test of its result for it, and not a comparison
// alone.
func (e *emitter) unless(then func()) {
	test := e.temp(typeI32)
	e.w.index(opLocalSet, test)
	e.w.op(opBlock, typeVoid, opBlock, typeVoid)
	e.w.index(opLocalGet, test)
	e.w.index(opBrIf, 0)
	e.aside(2, then)
	e.w.index(opBr, 1)
	e.w.op(opEnd, opEnd)
}

// maxBlocks and maxRare are how many blocks and checks a function may have: the time
// and memory that wazero takes for a function grow with their square. Those of the
// ladders have at most 1015 blocks and 300 checks.
const (
	maxBlocks = 5000
	maxRare   = 1000
)

// ifRarely does then if what is on the stack is not zero, which is rare. It does not
// come back: wazero puts such code behind the rest.
func (e *emitter) ifRarely(then func()) {
	if e.rare++; e.rare > maxRare {
		e.fail("it has more than %d checks", maxRare)
	}
	test := e.temp(typeI32)
	e.w.index(opLocalSet, test)
	e.w.op(opBlock, typeVoid, opBlock, typeVoid)
	e.w.index(opLocalGet, test)
	e.w.index(opBrIf, 0)
	e.w.index(opBr, 1)
	e.w.op(opEnd)
	e.aside(1, then)
	e.w.op(opEnd)
}

// aside does something within so many more labels, and restores the state.
func (e *emitter) aside(labels int, do func()) {
	s, used := e.s.copy(), maps.Clone(e.used)
	for range labels {
		e.labels = append(e.labels, label{kind: inIf})
	}
	do()
	e.labels = e.labels[:len(e.labels)-labels]
	e.s, e.used = s, used
}

// Registers.

// reset makes the registers known to be in their places, and nothing else known.
func (e *emitter) reset() {
	e.s = state{count: e.s.count}
	for r := range e.p.target.Regs {
		e.s.regs[r], e.s.home[r] = e.p.place[r], e.p.place[r]
	}
}

// read returns a register's value.
func (e *emitter) read(r micro.Reg) value {
	if r == micro.None {
		return constantOf(0)
	}
	v := &e.s.regs[r]
	if r >= micro.T0 {
		return *v
	}
	if v.kind == aGlobal {
		e.push(*v)
		was := *v
		*v = e.define()
		if e.s.home[r] == was {
			e.s.home[r] = *v
		}
	}
	low := e.s.low[r]
	if low == nil {
		return *v
	}
	e.s.low[r] = nil
	switch {
	case v.isConstant() && low.isConstant():
		*v = constantOf(v.c&^0xFF | low.c)
	case v.isConstant() && v.c&^0xFF == 0 || e.bytes(*v) == 1:
		*v = *low
	default:
		*v = e.withLow(*v, *low)
	}
	return *v
}

// arg returns an operand's value.
func (e *emitter) arg(a micro.Arg) value {
	v := e.read(a.Reg)
	switch {
	case a.Const == 0:
		return v
	case v.kind == aTest:
		e.push(v)
		v = e.define()
	}
	v.c = e.word(v.c + a.Const)
	return v
}

// write sets a register.
func (e *emitter) write(r micro.Reg, v value) {
	e.s.regs[r] = v
	if r < micro.T0 {
		e.s.low[r] = nil
	}
}

// bytes returns how many low bytes of v may be other than zero.
func (e *emitter) bytes(v value) uint8 {
	switch {
	case v.kind == aTest:
		return 1
	case v.plain() && v.width > 0:
		return v.width
	case v.isConstant():
		n := uint8(1)
		for c := v.c >> 8; c != 0; c >>= 8 {
			n++
		}
		return n
	}
	return uint8(e.bits / 8)
}

// flush puts those registers where others find them that are not there, and that
// which asks for. What is known of registers is void afterwards.
func (e *emitter) flush(which func(r micro.Reg) bool) {
	var places []value
	for r := range micro.Reg(e.p.target.Regs) {
		if e.s.low[r] == nil && e.s.regs[r] == e.s.home[r] || !which(r) {
			continue
		}
		e.push(e.read(r))
		places = append(places, e.p.place[r])
	}
	for _, place := range slices.Backward(places) {
		e.set(place)
	}
}

// set takes the word on the stack into a register's place.
func (e *emitter) set(place value) {
	if place.kind == aLocal {
		e.w.index(opLocalSet, place.n)
	} else {
		e.w.index(opGlobalSet, place.n)
	}
}

func all(micro.Reg) bool { return true }

func (e *emitter) isCold(r micro.Reg) bool { return e.p.place[r].kind == aGlobal }

// counted subtracts the instructions that have been executed from the steps that
// are left.
func (e *emitter) counted() {
	if e.s.count == 0 {
		return
	}
	e.w.index(opLocalGet, e.steps())
	e.w.i64(int64(e.s.count))
	e.w.op(opI64Sub)
	e.w.index(opLocalSet, e.steps())
	e.s.count = 0
}

// leave leaves the function for an address. The caller goes on if it expects it, or
// else leaves too. Flags go with it even where the code does not read them any more:
// it may be changed.
func (e *emitter) leave(pc value) {
	e.counted()
	e.publish()
	e.push(pc) // which flush may change
	e.flush(all)
	e.w.index(opLocalSet, e.local(localPC))
	e.w.index(opBr, len(e.labels)-1)
}

// stepIf leaves before the instruction at hand, for the executor to do it, if
// what is on the stack is not zero.
func (e *emitter) stepIf() {
	e.ifRarely(func() { e.leave(constantOf(e.b.ins[e.i].PC)) })
}
