package arm

import "slices"

const (
	maxPath  = 512 // instructions of a loop's path
	maxSlots = 250
	maxExits = 64
)

// A step is an instruction of a path.
type step struct {
	in   inst
	pc   uint64
	next uint64 // where it went
}

// A trace is a path being followed with names for values instead of values.
type trace struct {
	c     *core
	path  []step
	t     translation // for constants
	i     int         // the step at hand
	bases [64]bool    // registers that are the base of a frame
	used  [64]bool    // those that were needed

	slots  int
	origin [256]mark      // what a slot holds when an iteration begins
	made   [256]int       // how many ops there were before the one that computes a slot; 0 if none does
	in     map[mark]uint8 // slots of what an iteration begins with
	now    map[mark]value // what has been changed
	order  []mark         // the keys of now, in order
	ops    []loopOp
	exits  []traceExit
}

// A mark is a register, or the word on the stack at a distance from one.
type mark struct {
	cell bool
	reg  uint8
	off  uint64
}

// A traceExit is an exit in the making.
type traceExit struct {
	exit
	ops int            // that come before it
	now map[mark]value // what has been changed by then
}

// record executes single instructions from the block b on, and makes a loop of
// them if they lead back to it.
func (c *core) record(b *block) (executed uint64, err error) {
	var path []step
	for len(path) < maxPath {
		in, err := c.decodeAt(c.pc)
		if err != nil {
			return executed, err
		}
		at := c.pc
		n, err := c.step()
		executed += n
		if err != nil || c.mem.Modified {
			return executed, err
		}
		path = append(path, step{in, at, c.pc})
		if c.pc == b.pc {
			if b.loop = c.newLoop(path); b.loop != nil {
				c.insts += b.loop.size()
			}
			break
		}
	}
	return executed, nil
}

// newLoop returns the loop of a path, or nil if there is none. Registers that
// are on the stack now are taken for bases of frames, unless it turns out that
// the path changes them.
func (c *core) newLoop(path []step) *loop {
	var bases [64]bool
	for r := range bases[:zero] {
		bases[r] = c.x[r]-c.mem.Stack.Base < uint64(len(c.mem.Stack.Bytes))
	}
	for {
		t := &trace{c: c, path: path, t: translation{c: c}, bases: bases, slots: 1, in: map[mark]uint8{}, now: map[mark]value{}}
		t.exit(path[0].pc, 0)
		for i := range path {
			t.i = i
			if !t.follow(&path[i]) || t.slots > maxSlots || len(t.exits) > maxExits {
				return nil
			}
		}
		again := false
		for r := range bases {
			if t.used[r] && t.get(mark{reg: uint8(r)}) != (value{t.in[mark{reg: uint8(r)}], 0}) {
				bases[r], again = false, true
			}
		}
		if !again {
			return t.finish()
		}
	}
}

// slot returns a new slot.
func (t *trace) slot() uint8 {
	t.slots++
	return uint8(min(t.slots, 255) - 1)
}

// input returns the slot with what an iteration begins with.
func (t *trace) input(m mark) uint8 {
	s, ok := t.in[m]
	if !ok {
		s = t.slot()
		t.in[m], t.origin[s] = s, m
	}
	return s
}

func (t *trace) get(m mark) value {
	if v, ok := t.now[m]; ok {
		return v
	}
	return value{t.input(m), 0}
}

func (t *trace) set(m mark, v value) {
	if _, ok := t.now[m]; !ok {
		t.order = append(t.order, m)
	}
	t.now[m] = v
}

func (t *trace) reg(r uint8) value {
	if r == zero {
		return value{}
	}
	return t.get(mark{reg: r})
}

func (t *trace) setReg(r uint8, v value) {
	if r != sink {
		t.set(mark{reg: r}, v)
	}
}

// exit adds an exit with what has been changed now.
func (t *trace) exit(pc uint64, before int) uint8 {
	now := map[mark]value{}
	for m, v := range t.now {
		now[m] = v
	}
	t.exits = append(t.exits, traceExit{exit{pc: pc, before: uint64(before)}, len(t.ops), now})
	return uint8(len(t.exits) - 1)
}

// op adds an op and returns its value.
func (t *trace) op(do loopDo, a, b value) value {
	switch {
	case do == loopAdd && b.slot == 0:
		return value{a.slot, a.add + b.add}
	case do == loopAdd && a.slot == 0:
		return value{b.slot, a.add + b.add}
	case do == loopSub && b.slot == 0:
		return value{a.slot, a.add - b.add}
	}
	i := t.add(do, a, b, t.path[t.i].pc, t.i)
	to := t.ops[i].to
	if to == 0 {
		to = t.slot()
		t.ops[i].to, t.made[to] = to, i+1
	}
	return value{to, 0}
}

// add adds an op that leaves the loop for pc, and returns its index. An op that
// is there already is not added again, unless it loads and a store is between.
func (t *trace) add(do loopDo, a, b value, pc uint64, before int) int {
	isLoad := do >= loopLoad8 && do <= loopLoad1Signed
	isStore := do >= loopStore8 && do <= loopStore1
	for i := len(t.ops) - 1; i >= 0 && !isStore; i-- {
		op := &t.ops[i]
		if op.do == do && op.a == a && op.b == b {
			return i
		}
		if isLoad && op.do >= loopStore8 && op.do <= loopStore1 {
			break
		}
	}
	op := loopOp{do: do, a: a, b: b}
	if do >= loopLoad8 {
		op.exit = t.exit(pc, before)
	}
	t.ops = append(t.ops, op)
	return len(t.ops) - 1
}

// follow adds what an instruction does. It reports whether a loop can do it.
func (t *trace) follow(s *step) bool {
	in, pc := s.in, s.pc
	var do loopDo
	switch in.op {
	case opB, opNOP:
		return true
	case opBR, opRET:
		return t.goTo(in.rn, s)
	case opBL, opBLR:
		ok := in.op == opBL || t.goTo(in.rn, s)
		t.setReg(lr, value{0, pc + 4})
		t.t.known[lr] = false
		return ok
	case opBcond:
		a, ok := t.now[mark{reg: flagsA}]
		if !ok {
			return false
		}
		return t.branch(in.how, a, t.now[mark{reg: flagsB}], s)
	case opCBZ:
		return in.wide && t.branch(condEQ, t.reg(in.rm), value{}, s)
	case opCBNZ:
		return in.wide && t.branch(condNE, t.reg(in.rm), value{}, s)
	}
	t.t.simplify(&in, pc)
	switch in.do {
	case runSet:
		t.setReg(in.rd, value{0, in.imm})
	case runMove:
		t.setReg(in.rd, t.reg(in.rn))
	case runAddImm:
		t.setReg(in.rd, t.op(loopAdd, t.reg(in.rn), value{0, in.imm}))
	case runSubImm:
		t.setReg(in.rd, t.op(loopSub, t.reg(in.rn), value{0, in.imm}))
	case runNot:
		t.setReg(in.rd, t.op(loopXor, t.reg(in.rm), value{0, ^uint64(0)}))
	case runAdd:
		do = loopAdd
	case runSub:
		do = loopSub
	case runAnd:
		do = loopAnd
	case runOr:
		do = loopOr
	case runXor:
		do = loopXor
	case runMul:
		do = loopMul
	case runCompare:
		t.set(mark{reg: flagsA}, t.reg(in.rn))
		t.set(mark{reg: flagsB}, t.reg(in.rm))
	case runCompareImm:
		t.set(mark{reg: flagsA}, t.reg(in.rn))
		t.set(mark{reg: flagsB}, value{0, in.imm})
	case runLoad8, runLoad4, runLoad1, runLoad1Signed, opLDR:
		return t.load(&in, t.op(loopAdd, t.reg(in.rn), value{0, in.imm}))
	case runPop, runLoad1Next, opLDRpost:
		from := t.reg(in.rn)
		ok := t.load(&in, from)
		t.setReg(in.ra, value{from.slot, from.add + in.imm})
		return ok
	case runStore8, runStore4, runStore1:
		return t.store(&in, t.op(loopAdd, t.reg(in.rn), value{0, in.imm}))
	case runPush:
		to := t.op(loopAdd, t.reg(in.rn), value{0, in.imm})
		ok := t.store(&in, to)
		t.setReg(in.ra, to)
		return ok
	default:
		switch {
		case in.op == opLSLV && in.wide:
			do = loopShiftLeft
		case in.op == opLSRV && in.wide:
			do = loopShiftRight
		case in.op == opASRV && in.wide:
			do = loopShiftSigned
		case in.op == opANDimm && in.wide && !in.flags:
			t.setReg(in.rd, t.op(loopAnd, t.reg(in.rn), value{0, in.imm}))
		default:
			return false
		}
	}
	switch in.do {
	case runAdd, runSub, runAnd, runOr, runXor, runMul, opLSLV, opLSRV, opASRV:
		t.setReg(in.rd, t.op(do, t.reg(in.rn), t.reg(in.rm)))
	}
	return true
}

// cell returns the cell at an address, if it is one.
func (t *trace) cell(a value) (mark, bool) {
	m := t.origin[a.slot]
	if a.slot == 0 || t.made[a.slot] != 0 || m.cell || !t.bases[m.reg] {
		return mark{}, false
	}
	t.used[m.reg] = true
	return mark{true, m.reg, a.add}, true
}

// Options of extend that a load is, by its size.
var extensions = map[uint8]uint64{1: 0, 2: 1, 4: 2, 8: 3}

func (t *trace) load(in *inst, a value) bool {
	if in.signed && !in.wide {
		return false
	}
	var v value
	extension := extensions[in.how]
	if m, ok := t.cell(a); ok {
		v = t.get(m)
	} else {
		do, ok := map[uint8]loopDo{8: loopLoad8, 4: loopLoad4, 1: loopLoad1}[in.how]
		if !ok {
			return false
		}
		if do == loopLoad1 && in.signed {
			do = loopLoad1Signed
		}
		v = t.op(do, a, value{})
		if do == loopLoad1Signed || !in.signed {
			extension = 3
		}
	}
	if in.signed && extension != 3 {
		extension |= 4
	}
	if extension&3 != 3 {
		v = t.op(loopExtend, v, value{0, extension})
	}
	t.setReg(in.rd, v)
	return true
}

func (t *trace) store(in *inst, a value) bool {
	v := t.reg(in.rd)
	if m, ok := t.cell(a); ok {
		t.set(m, v)
		return in.how == 8
	}
	do := map[uint8]loopDo{8: loopStore8, 4: loopStore4, 1: loopStore1}[in.how]
	t.add(do, a, v, t.path[t.i].pc, t.i)
	return true
}

// goTo adds that a register holds where the path goes.
func (t *trace) goTo(r uint8, s *step) bool {
	a := t.reg(r)
	if a.slot == 0 {
		return a.add == s.next
	}
	// Elsewhere it is in front of the jump.
	t.add(loopIfEqual, a, value{0, s.next}, s.pc, t.i)
	return true
}

// conditions are the ops that go on under a condition; some have their operands
// the other way round.
var conditions = map[uint8]struct {
	do      loopDo
	swapped bool
}{
	condEQ: {loopIfEqual, false},
	condNE: {loopIfNot, false},
	condCC: {loopIfBelow, false},
	condLS: {loopIfBelowEqual, false},
	condHI: {loopIfBelow, true},
	condCS: {loopIfBelowEqual, true},
	condLT: {loopIfLess, false},
	condLE: {loopIfLessEqual, false},
	condGT: {loopIfLess, true},
	condGE: {loopIfLessEqual, true},
}

// branch adds that a conditional branch on a compared with b goes where it
// went.
func (t *trace) branch(cond uint8, a, b value, s *step) bool {
	elsewhere := s.pc + s.in.imm
	if s.next == elsewhere {
		elsewhere = s.pc + 4
	} else {
		cond ^= 1
	}
	if s.in.imm == 4 {
		return true // there is nowhere else
	}
	if a.slot == 0 && b.slot == 0 {
		return holdsFor(cond, a.add, b.add)
	}
	row, ok := conditions[cond]
	if !ok {
		return false
	}
	if row.swapped {
		a, b = b, a
	}
	t.add(row.do, a, b, elsewhere, t.i+1)
	return true
}

// finish makes the loop, at the path's end.
func (t *trace) finish() *loop {
	t.order = slices.DeleteFunc(t.order, func(m mark) bool {
		s, ok := t.in[m]
		return ok && t.now[m] == value{s, 0} && t.neverElse(m, value{s, 0})
	})
	moves, ok := t.moves()
	if !ok || t.slots > maxSlots {
		return nil
	}
	frames, ok := t.framesOf()
	if !ok {
		return nil
	}
	l := &loop{count: uint64(len(t.path)), ops: t.ops, moves: moves, frames: frames}
	where := func(m mark) place {
		if !m.cell {
			return place{reg: m.reg}
		}
		i := slices.IndexFunc(l.frames, func(f frame) bool { return f.reg == m.reg })
		return place{true, uint8(i), m.off - l.frames[i].low}
	}
	for s := 1; s < t.slots; s++ {
		if m := t.origin[s]; t.made[s] == 0 {
			l.inputs = append(l.inputs, input{uint8(s), where(m)})
		}
	}
	for _, e := range t.exits {
		x := e.exit
		for _, m := range t.order {
			if v, ok := e.now[m]; ok {
				x.changed = append(x.changed, change{where(m), v})
			} else {
				v, _ := t.before(m, moves)
				x.later = append(x.later, change{where(m), v})
			}
		}
		l.exits = append(l.exits, x)
	}
	_, l.compares = t.now[mark{reg: flagsA}]
	l.fill = newFill(l)
	return l
}

// neverElse reports whether a mark has no other value at any exit.
func (t *trace) neverElse(m mark, v value) bool {
	for _, e := range t.exits {
		if now, ok := e.now[m]; ok && now != v {
			return false
		}
	}
	return true
}

// moves returns the moves at the end of an iteration, ordered so that none
// overwrites what a later one needs. What the path reads before it sets it has
// a slot to begin with, and a move. What it does not read has a move if its
// value could not be known otherwise.
func (t *trace) moves() (moves []move, ok bool) {
	for {
		moves = moves[:0]
		for _, m := range t.order {
			if s, ok := t.in[m]; ok && t.now[m] != (value{s, 0}) {
				moves = append(moves, move{s, t.now[m]})
			}
		}
		i := slices.IndexFunc(t.order, func(m mark) bool {
			_, ok := t.before(m, moves)
			return !ok
		})
		if i < 0 {
			break
		}
		t.input(t.order[i])
	}
	var ordered []move
	for len(moves) > 0 {
		i := slices.IndexFunc(moves, func(m move) bool {
			return !slices.ContainsFunc(moves, func(o move) bool { return o.from.slot == m.to && o.to != m.to })
		})
		if i < 0 {
			return nil, false
		}
		ordered = append(ordered, moves[i])
		moves = slices.Delete(moves, i, i+1)
	}
	return ordered, true
}

// before returns the value that a mark has before the path changes it, in any
// iteration but the first.
func (t *trace) before(m mark, moves []move) (value, bool) {
	if s, ok := t.in[m]; ok {
		return value{s, 0}, true
	}
	v := t.now[m]
	if v.slot == 0 {
		return v, true
	}
	moved := false
	for _, o := range moves {
		if o.from.slot == v.slot {
			return value{o.to, v.add - o.from.add}, true
		}
		moved = moved || o.to == v.slot
	}
	if t.made[v.slot] == 0 {
		return v, !moved
	}
	// The iteration before this one has computed it; it is there until this
	// one does.
	for _, e := range t.exits {
		if _, ok := e.now[m]; !ok && e.ops >= t.made[v.slot] {
			return value{}, false
		}
	}
	return v, true
}

// framesOf returns the frames of all cells, if no two cells overlap.
func (t *trace) framesOf() ([]frame, bool) {
	var frames []frame
	for r := range t.used {
		var offs []uint64
		add := func(m mark) {
			if m.cell && int(m.reg) == r {
				offs = append(offs, m.off)
			}
		}
		for m := range t.in {
			add(m)
		}
		for m := range t.now {
			add(m)
		}
		if len(offs) == 0 {
			continue
		}
		slices.SortFunc(offs, func(a, b uint64) int { return int(int64(a) - int64(b)) })
		offs = slices.Compact(offs)
		for i := 1; i < len(offs); i++ {
			if offs[i]-offs[i-1] < 8 {
				return nil, false
			}
		}
		frames = append(frames, frame{uint8(r), offs[0], offs[len(offs)-1] + 8 - offs[0]})
	}
	return frames, len(frames) <= maxFrames
}

const (
	firstHeat = 256 // core.heat
	worth     = 100 // instructions that a loop is to execute each time it is entered, on average
	trial     = 32  // times before it is judged
)

// hot runs the loop that begins with the block b, or looks for one. It is called
// when b has cooled down, and says how often b is to be entered before it is
// called again.
func (c *core) hot(b *block, budget uint64) (executed uint64, err error) {
	c.pc = b.pc
	if b.loop == nil {
		if c.insts > maxInsts {
			c.forget()
			return 0, nil
		}
		b.tries++
		executed, err = c.record(b)
		b.heat = c.cooled(b)
		if b.loop != nil {
			b.heat = 1
		}
		return executed, err
	}
	executed = c.runLoop(b.loop, budget)
	b.heat = 1
	switch l := b.loop; {
	case l.entries >= trial && l.executed < l.entries*worth:
		b.loop, b.heat = nil, c.cooled(b)
	case executed == 0:
		b.heat = 2 // the block itself comes first
	}
	return executed, nil
}

// cooled returns how often a block at which there is no loop is to be entered
// before the next try: 16 times as often as before the last one.
func (c *core) cooled(b *block) uint32 { return c.heat << (4 * min(b.tries, 5)) }
