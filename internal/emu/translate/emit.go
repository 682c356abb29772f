package translate

import (
	"fmt"
	"maps"
	"slices"

	"stage0/internal/emu/micro"
)

// An emitter emits the WebAssembly of one function. It repeats this until it learns
// nothing new about the values of registers where paths merge and the ranges of
// addresses that checks must cover. The last pass is the code.
type emitter struct {
	f       *function
	p       *program
	ops     *wordOps
	compare *[5][2]byte
	bits    int
	w       writer
	changed bool // something new was learned in this pass

	labels   []label
	frames   [micro.StackRegs]frame // by register that points to the stack: the range that is accessed around its value at entry
	imageEnd int64                  // end of what is accessed at constant addresses, as an offset in Linear
	checks   map[checkPlace]*check
	nCheck   int // checks made for the current instruction
	rare     int // calls of ifRarely

	// Temporaries: the locals of each type, and how many of them are in use.
	types []byte // of all locals except the parameters
	pool  map[byte][]int
	used  map[byte]int

	b *block
	i int
	s state
}

// A label is the target of a WebAssembly branch.
type label struct {
	kind labelKind
	b    *block
}

type labelKind uint8

const (
	atExit  labelKind = iota // of the function
	atBlock                  // end of a WebAssembly block that b follows
	atLoop                   // start of the loop with header b
	atTable                  // start of the loop around all blocks of an irreducible function
	inIf
)

// A frame is a range of the stack around the value of a register at the function's
// entry.
type frame struct {
	used     bool
	min, max int64 // relative to the register
}

// Locals after the parameters. localRoot+i is the value of stack register i at entry;
// localFrame+i, of 32 bits, is the offset in Linear of its frame's min.
const (
	localPC = iota
	localSelect
	localRoot  // one for each stack register
	localFrame = localRoot + micro.StackRegs
	localZero  = localFrame + micro.StackRegs // always zero
)

func (e *emitter) params() int     { return len(e.p.hot) + 1 }
func (e *emitter) steps() int      { return len(e.p.hot) }
func (e *emitter) local(i int) int { return e.params() + i }
func (e *emitter) tracked(i int) micro.Reg {
	return e.p.target.Stack[i]
}

// translate emits the function's code.
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

// bad is the reason why a function cannot be translated.
type bad string

func (e *emitter) fail(format string, args ...any) { panic(bad(fmt.Sprintf(format, args...))) }

// body returns the function's body: its locals and its code (section 5.4.9 of the
// specification).
func (e *emitter) body() []byte {
	var w writer
	var runs [][2]int // count and type
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

// emit makes one pass.
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

// enter emits the entry of the function: it checks whether the run has to stop, how
// deep the calls are, and whether the stack is where it is expected to be.
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

// hasRoot reports whether stack register i is tracked through the function.
func (e *emitter) hasRoot(i int) bool {
	return i == 0 || e.p.framed[i]
}

// root returns the index of the stack register whose value at entry is v's local, or
// -1.
func (e *emitter) root(v value) int {
	for i := range e.frames {
		if v.kind == aLocal && v.n == e.local(localRoot+i) {
			return i
		}
	}
	return -1
}

// deeper adds n to the depth of calls.
func (e *emitter) deeper(n int32) { e.add(globalDepth, n) }

// add adds n to a global of 32 bits.
func (e *emitter) add(global int, n int32) {
	e.w.index(opGlobalGet, global)
	e.w.i32(n)
	e.w.op(opI32Add)
	e.w.index(opGlobalSet, global)
}

// tick asks the host whether to continue if all steps are used up. All registers are
// in their places, and pc is where execution would continue.
func (e *emitter) tick(pc uint64) {
	steps := e.steps()
	left := func() { // pushes whether there are steps left
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

// Temporaries and WebAssembly's stack.

// temp returns an unused local of a type.
func (e *emitter) temp(t byte) int {
	k := e.used[t]
	e.used[t]++
	if k == len(e.pool[t]) {
		e.pool[t] = append(e.pool[t], e.local(len(e.types)))
		e.types = append(e.types, t)
	}
	return e.pool[t][k]
}

// define pops a word into a temporary.
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

// push pushes a word.
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
	case c > e.word(-c): // wazero generates better code for small constants
		e.constant(e.word(-c))
		e.w.op(e.ops.sub)
	default:
		e.constant(c)
		e.w.op(e.ops.add)
	}
}

// pushTest pushes, as 32 bits, whether v is not zero.
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
			// wazero (v1.12.0, tryLowerBandToFlag for amd64) miscompiles the
			// comparison of the result of an "and" with zero if zero is the first
			// operand or the comparison is unsigned. A register may hold a zero that
			// wazero can prove.
			e.constant(0)
			e.w.op(e.ops.or)
		}
	}
	e.w.op(e.compare[t.how][n])
}

// wrap converts the word on the stack to 32 bits.
func (e *emitter) wrap() {
	if e.bits == 64 {
		e.w.op(opWrap)
	}
}

// unless emits then, which is executed if the value on the stack is zero, and
// restores the state. It does not use if: after an if, wazero forgets which accesses
// it has checked. It does not branch to the end of then either: where paths merge,
// wazero would compute the comparison's result and test it, instead of using its
// flags.
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

// maxBlocks and maxRare bound the blocks and checks of a function: the time and
// memory that wazero needs for a function grow with their square. Functions in the
// ladders have at most 1015 blocks and 300 checks.
const (
	maxBlocks = 5000
	maxRare   = 1000
)

// ifRarely emits then, which is executed if the value on the stack is not zero. This
// must be rare, and then must leave the function: wazero moves such code to the end
// of the function.
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

// aside calls do inside the given number of labels, and restores the state.
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

// reset sets the state to one where all registers are in their places and nothing
// else is known.
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

// bytes returns how many low bytes of v may be non-zero.
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

// flush writes the registers selected by which to their places, if they are not
// there. The values of registers known before are then invalid.
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

// set pops a word into a register's place.
func (e *emitter) set(place value) {
	if place.kind == aLocal {
		e.w.index(opLocalSet, place.n)
	} else {
		e.w.index(opGlobalSet, place.n)
	}
}

func all(micro.Reg) bool { return true }

func (e *emitter) isCold(r micro.Reg) bool { return e.p.place[r].kind == aGlobal }

// counted subtracts the instructions executed since the last call from the steps that
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

// leave leaves the function; execution continues at pc. If the caller does not expect
// that address, it leaves too. leave keeps flags even where no code reads them: the
// code may change.
func (e *emitter) leave(pc value) {
	e.counted()
	e.publish()
	e.push(pc) // before flush, which may change it
	e.flush(all)
	e.w.index(opLocalSet, e.local(localPC))
	e.w.index(opBr, len(e.labels)-1)
}

// stepIf leaves before the current instruction, so that the executor does it, if the
// value on the stack is not zero.
func (e *emitter) stepIf() {
	e.ifRarely(func() { e.leave(constantOf(e.b.ins[e.i].PC)) })
}
