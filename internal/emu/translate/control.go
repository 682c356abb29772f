package translate

import (
	"slices"

	"stage0/internal/emu/micro"
)

// Structured control flow is built as in Ramsey, "Beyond Relooper: Recursive
// Translation of Unstructured Control Flow to Structured Control Flow" (2022). A
// block with one predecessor is emitted where the predecessor jumps to it, and
// starts with the predecessor's state.

// label returns the relative depth of a label.
func (e *emitter) label(kind labelKind, b *block) int {
	for i, l := range slices.Backward(e.labels) {
		if l.kind == kind && l.b == b {
			return len(e.labels) - 1 - i
		}
	}
	panic("no such label")
}

// tree emits a block and the blocks that it dominates.
func (e *emitter) tree(b *block) {
	if b.header {
		e.w.op(opLoop, typeVoid)
		e.labels = append(e.labels, label{atLoop, b})
		defer func() {
			e.labels = e.labels[:len(e.labels)-1]
			e.w.op(opEnd)
		}()
	}
	var merges []*block
	for _, k := range b.kids {
		if k.merge {
			merges = append(merges, k)
		}
	}
	slices.SortFunc(merges, func(x, y *block) int { return y.order - x.order })
	e.within(b, merges)
}

// within emits b inside nested WebAssembly blocks, one for each merge block that b
// dominates; each merge block follows the end of its WebAssembly block.
func (e *emitter) within(b *block, merges []*block) {
	if len(merges) == 0 {
		e.block(b)
		return
	}
	e.w.op(opBlock, typeVoid)
	e.labels = append(e.labels, label{atBlock, merges[0]})
	e.within(b, merges[1:])
	e.labels = e.labels[:len(e.labels)-1]
	e.w.op(opEnd)
	e.tree(merges[0])
}

// table emits the blocks of an irreducible function as a loop around a br_table, with
// a local that selects the next block.
func (e *emitter) table() {
	for i := range e.frames { // no register is known to keep its value
		for _, b := range e.f.blocks {
			b.entry[i].state = varies
		}
	}
	e.flush(all)
	e.w.i32(0)
	e.w.index(opLocalSet, e.local(localSelect))
	e.w.op(opLoop, typeVoid)
	e.labels = append(e.labels, label{kind: atTable})
	for _, b := range slices.Backward(e.f.blocks) {
		e.w.op(opBlock, typeVoid)
		e.labels = append(e.labels, label{atBlock, b})
	}
	e.w.index(opLocalGet, e.local(localSelect))
	e.w.index(opBrTable, len(e.f.blocks)-1)
	for i := range e.f.blocks {
		e.w.unsigned(uint64(i))
	}
	for _, b := range e.f.blocks {
		e.labels = e.labels[:len(e.labels)-1]
		e.w.op(opEnd)
		e.block(b)
	}
	e.labels = e.labels[:len(e.labels)-1]
	e.w.op(opEnd)
}

// begin sets the state to the one at the start of a block.
func (e *emitter) begin(b *block) {
	e.b, e.i = b, 0
	if !e.f.meets(b) {
		return
	}
	if b == e.f.blocks[0] && !e.f.irreducible {
		e.toMeeting(b) // from the function's entry
	}
	e.reset()
	e.s.flags.lost = !b.flagsIn && e.p.target.FlagsWord != nil
	e.used = map[byte]int{}
	for i := range b.entry {
		if r := e.tracked(i); b.entry[i].state == always {
			e.s.regs[r], e.s.home[r] = b.entry[i].v, nowhere
		}
	}
	if b.header {
		e.tick(b.pc)
	}
}

// nowhere equals no register's place.
var nowhere = value{n: -1}

// toMeeting moves registers to where a block with several predecessors expects them.
func (e *emitter) toMeeting(b *block) {
	e.counted()
	if b.flagsIn {
		e.publish()
	}
	var fixed [micro.MaxRegs]bool
	for i := range b.entry {
		r := e.tracked(i)
		if !e.hasRoot(i) {
			continue
		}
		m := &b.entry[i]
		v := e.read(r)
		switch {
		case m.state == unmet && e.root(v) >= 0:
			*m = meeting{always, v}
		case m.state == unmet || m.state == always && m.v != v:
			*m = meeting{state: varies}
			e.changed = true
		}
		fixed[r] = m.state == always
	}
	e.flush(func(r micro.Reg) bool { return !fixed[r] })
}

// block emits a block.
func (e *emitter) block(b *block) {
	e.begin(b)
	for i, in := range b.ins {
		e.i, e.nCheck = i, 0
		if e.instruction(in) {
			return
		}
	}
	e.i = len(b.ins)
	switch b.end {
	case endFall, endJump:
		e.to(b.succ[0])
	case endTail:
		e.tail(b.next)
	default:
		e.leave(constantOf(b.next))
	}
}

// instruction emits an instruction. It reports whether the instruction ends the
// block.
func (e *emitter) instruction(in instruction) bool {
	if in.Step {
		e.step(in)
		return false
	}
	before := e.s.regs[e.tracked(0)]
	e.do(in.Ops)
	e.s.count++
	e.restored(in)
	switch in.Flow {
	case micro.Branch:
		e.branch(e.arg(in.If), in)
		return true
	case micro.Jump:
		to := e.arg(in.To)
		if e.b.end == endJump {
			e.expect(to, e.b.succ[0].pc)
			return false
		}
		if to.isConstant() {
			e.tail(to.c)
		} else {
			e.dispatch(to)
		}
		return true
	case micro.Return:
		e.leave(e.arg(in.To))
		return true
	case micro.Call:
		e.call(in, before)
	case micro.Syscall:
		e.syscall(in)
	}
	return false
}

// expect jumps to the address in to if it is not pc, the expected one.
func (e *emitter) expect(to value, pc uint64) {
	if to != constantOf(pc) {
		e.push(to)
		e.constant(pc)
		e.w.op(e.ops.ne)
		e.ifRarely(func() { e.dispatch(to) })
	}
}

// to continues with a block of the function.
func (e *emitter) to(b *block) {
	if !e.f.meets(b) {
		e.tree(b)
		return
	}
	e.toMeeting(b)
	e.jump(b)
}

// jump continues with a block whose registers are in their places.
func (e *emitter) jump(b *block) {
	switch {
	case e.f.irreducible:
		e.w.i32(int32(b.order))
		e.w.index(opLocalSet, e.local(localSelect))
		e.w.index(opBr, e.label(atTable, nil))
	case b.order <= e.b.order:
		e.w.index(opBr, e.label(atLoop, b))
	case b.merge:
		e.w.index(opBr, e.label(atBlock, b))
	default:
		e.tree(b)
	}
}

// branch emits a conditional branch.
func (e *emitter) branch(cond value, in instruction) {
	b := e.b
	way := func(pc uint64) {
		if e.f.has(pc) {
			e.to(e.f.at[pc])
		} else {
			e.tail(pc)
		}
	}
	if cond.isConstant() || b.to == b.next {
		pc := b.next
		if cond.isConstant() && cond.c != 0 {
			pc = b.to
		}
		way(pc)
		return
	}
	e.pushTest(e.testOf(equal, cond, constantOf(0)))
	e.unless(func() { way(b.to) })
	e.b = b
	way(b.next)
}

// tail continues with another function.
func (e *emitter) tail(pc uint64) {
	g := e.p.byEntry[pc]
	if g == nil {
		e.leave(constantOf(pc))
		return
	}
	e.another(constantOf(pc))
	e.arguments()
	if e.f.recursive {
		e.deeper(-1)
	}
	e.w.index(opReturnCall, g.index)
}

// another counts a tail call to pc. If there were too many, the function leaves
// instead.
func (e *emitter) another(pc value) {
	e.add(globalTails, 1)
	e.w.index(opGlobalGet, globalTails)
	e.w.i32(maxTails)
	e.w.op(opI32GeU)
	e.ifRarely(func() { e.leave(pc) })
}

// dispatch continues at an address that is not constant.
func (e *emitter) dispatch(pc value) {
	pc = e.settled(pc)
	e.another(pc)
	e.arguments(pc)
	if e.f.recursive {
		e.deeper(-1)
	}
	e.w.index(opReturnCall, funcDispatch)
}

// arguments pushes the parameters of functions, and writes changed globals back.
func (e *emitter) arguments(more ...value) {
	e.counted()
	e.publish()
	for _, r := range e.p.hot {
		e.push(e.read(r))
	}
	e.w.index(opLocalGet, e.steps())
	for _, v := range more {
		e.push(v)
	}
	e.flush(e.isCold)
}

// call calls the address in in.To. Execution continues after the call if the callee
// returns to there with the stack pointer unchanged, that is equal to sp; otherwise
// the function leaves. The other registers that point to the stack must be unchanged
// too, if the block reads them.
func (e *emitter) call(in instruction, sp value) {
	next := in.Next()
	to := e.arg(in.To)
	was := [micro.StackRegs]value{sp}
	for i := 1; i < len(was); i++ {
		was[i] = e.s.regs[e.tracked(i)]
	}
	if in.known && to != constantOf(in.to) { // discover and emitter track constants the same way
		e.fail("the call target differs from the one that discover found")
	}
	g := e.p.called(in)
	switch {
	case in.known && g == nil:
		e.leave(constantOf(in.to))
		e.w.op(opUnreachable)
		e.reset()
		return
	case g != nil:
		e.arguments()
		e.w.index(opCall, g.index)
	default:
		e.arguments(e.settled(to))
		e.w.index(opCall, funcDispatch)
	}
	e.w.index(opLocalSet, e.local(localPC))
	for i := range slices.Backward(make([]struct{}, e.params())) {
		e.w.index(opLocalSet, i)
	}
	saved := e.s.saved
	e.reset()
	for _, k := range saved {
		if e.root(k.at) >= 0 {
			e.s.saved = append(e.s.saved, k)
		}
	}
	e.w.index(opLocalGet, e.local(localPC))
	e.constant(next)
	e.w.op(e.ops.ne)
	e.w.index(opBrIf, len(e.labels)-1)
	for i, v := range was {
		r := e.tracked(i)
		if !e.hasRoot(i) || e.root(v) < 0 || i > 0 && !e.readNext(r) {
			continue
		}
		e.push(e.p.place[r])
		e.push(v)
		e.w.op(e.ops.ne)
		e.w.index(opBrIf, len(e.labels)-1)
		e.s.regs[r], e.s.home[r] = v, v
	}
}

// readNext reports whether a register is read before it is set, between the current
// instruction and the end of the block.
func (e *emitter) readNext(r micro.Reg) bool {
	for _, in := range e.b.ins[e.i+1:] {
		if in.Step {
			return true
		}
		for i := range in.Ops {
			op := &in.Ops[i]
			if op.A.Reg == r || op.B.Reg == r || op.C.Reg == r {
				return true
			}
		}
		for i := range in.Ops {
			if op := &in.Ops[i]; op.To == r && sets(op) {
				return false
			}
		}
		if in.Flow == micro.Call {
			return false
		}
	}
	return false
}

// syscall makes a system call. If the host does not make the call, the executor does;
// if the call has overwritten code, the function leaves after it.
func (e *emitter) syscall(in instruction) {
	e.s.count--
	t := e.p.target
	e.counted()
	for i := range callArgs {
		r := t.Number
		if i > 0 {
			r = t.Args[i-1]
		}
		e.push64(e.read(r))
	}
	e.push64(constantOf(in.Next()))
	e.w.index(opCall, hostCall)
	outcome := e.temp(typeI32)
	e.w.index(opLocalSet, outcome)
	e.from64()
	v := e.define()
	e.came(outcome, callNotMade)
	e.stepIf()
	e.s.count++
	// The call may have changed memory and its size.
	e.s.memory, e.s.checked = nil, nil
	e.write(t.Result, v)
	e.do(in.After)
	e.came(outcome, callLeaves)
	e.ifRarely(func() { e.leave(constantOf(in.Next())) })
}

// callArgs is how many words are passed to a system call: the number and the
// arguments.
const callArgs = 7

// Outcomes of a system call, or of a step of the executor.
const (
	callMade    = iota
	callNotMade // or the step not done
	callLeaves  // made, but it has changed the code
)

// came pushes whether the outcome is what.
func (e *emitter) came(outcome int, what int32) {
	e.w.index(opLocalGet, outcome)
	e.w.i32(what)
	e.w.op(opI32Eq)
}

// push64 pushes a word as 64 bits.
func (e *emitter) push64(v value) {
	e.push(v)
	if e.bits == 32 {
		e.w.op(opExtendU)
	}
}

// from64 converts the 64 bits on the stack to a word.
func (e *emitter) from64() {
	if e.bits == 32 {
		e.w.op(opWrap)
	}
}

// step calls the executor for one instruction.
func (e *emitter) step(in instruction) {
	e.counted()
	e.publish()
	for r := range micro.Reg(e.p.target.Regs) {
		e.push64(e.read(r))
	}
	e.push64(constantOf(in.PC))
	e.w.index(opCall, hostStep)
	outcome := e.temp(typeI32)
	e.w.index(opLocalSet, outcome)
	for r := micro.Reg(e.p.target.Regs); r > 0; r-- {
		e.from64()
		e.set(e.p.place[r-1])
	}
	e.reset()
	e.came(outcome, callNotMade)
	e.stepIf()
	e.s.count++
	e.came(outcome, callLeaves)
	e.ifRarely(func() { e.leave(constantOf(in.Next())) })
}
