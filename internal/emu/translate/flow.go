package translate

import (
	"maps"
	"slices"

	"stage0/internal/emu/micro"
)

// A block is a basic block of a function.
type block struct {
	pc   uint64
	ins  []instruction
	end  endKind
	next uint64 // address of the next block, for endFall, endTail and endUnknown, and of a branch that is not taken
	to   uint64 // target of a branch that is taken, or of a jump to a constant address

	succ, pred []*block
	order      int // in reverse postorder
	idom       *block
	kids       []*block // blocks whose immediate dominator it is
	merge      bool     // more than one earlier block leads to it
	header     bool     // a later block leads to it: it begins a loop

	// Whether flags are live at its start and at its end.
	flagsIn, flagsOut bool

	// What is known about the registers that point to the stack at its start.
	entry [micro.StackRegs]meeting
}

// An instruction is an instruction of a block. If known is set, it jumps to or calls
// the address to, which follows from constants in the block.
type instruction struct {
	*micro.Instruction
	to    uint64
	known bool
}

// An endKind says how a block ends.
type endKind uint8

const (
	endFall    endKind = iota // continues with the next block
	endJump                   // jumps to a block
	endBranch                 // ends with a branch
	endTail                   // continues with the function at next
	endLeave                  // ends with a return, or a jump to an address that is not in a block
	endDead                   // never continues
	endUnknown                // continues at next in the single-step executor
)

// A function is the code from an entry to where it leaves.
type function struct {
	p           *program
	entry       uint64
	index       int
	blocks      []*block // in reverse postorder
	at          map[uint64]*block
	irreducible bool
	calls       []*function // direct calls
	indirect    bool        // calls or jumps to an address that is not known
	leaf        bool        // neither calls a function nor continues with one
	recursive   bool        // may call itself, directly or indirectly
	code        []byte
}

// size returns the number of instructions in the function.
func (f *function) size() int {
	n := 0
	for _, b := range f.blocks {
		n += len(b.ins)
	}
	return n
}

// build builds the function at entry from basic blocks.
func (p *program) build(entry uint64) *function {
	f := &function{p: p, entry: entry, at: map[uint64]*block{}, leaf: true}
	leaders := f.leaders()
	var start func(pc uint64) *block
	start = func(pc uint64) *block {
		if b := f.at[pc]; b != nil {
			return b
		}
		b := &block{pc: pc}
		f.at[pc] = b
		follow := func(pc uint64) {
			if s := start(pc); !slices.Contains(b.succ, s) {
				b.succ = append(b.succ, s)
			}
		}
		for {
			in := p.code[pc]
			if in == nil || in.Flow == micro.Stop {
				b.end, b.next = endUnknown, pc
				return b
			}
			b.ins = append(b.ins, instruction{Instruction: in})
			next := in.Next()
			b.next = next
			switch in.Flow {
			case micro.Branch:
				b.end, b.to = endBranch, in.To.Const
				for _, pc := range []uint64{b.to, next} {
					if f.has(pc) {
						follow(pc)
					} else {
						f.leaf = false
					}
				}
				return b
			case micro.Jump:
				if to, ok := p.jumpsTo(in); ok && f.has(to) {
					b.end = endJump
					follow(to)
				} else {
					b.end, f.leaf = endLeave, false
				}
				return b
			case micro.Return:
				b.end = endLeave
				return b
			case micro.Call:
				f.leaf = false
			case micro.Syscall:
				if p.code[next] == nil && !p.entries[next] {
					b.end = endDead
					return b
				}
			}
			switch {
			case next != entry && p.entries[next]:
				b.end, f.leaf = endTail, false
				return b
			case leaders[next]:
				b.end = endFall
				follow(next)
				return b
			}
			pc = next
		}
	}
	f.sort(start(entry))
	f.dominators()
	f.resolve()
	f.liveness()
	return f
}

// meets reports whether more than one block leads to b, or b may be executed again.
func (f *function) meets(b *block) bool { return b.merge || b.header || f.irreducible }

// resolve determines the targets of indirect jumps and calls whose register holds a
// constant.
func (f *function) resolve() {
	ends := map[*block]constants{}
	for _, b := range f.blocks {
		known := constants{}
		if !f.meets(b) && len(b.pred) == 1 {
			maps.Copy(known, ends[b.pred[0]])
		}
		for i := range b.ins {
			in := &b.ins[i]
			known.follow(in.Instruction, f.p.target, nil)
			in.to, in.known = known.of(in.To)
			if in.Flow == micro.Call || in.Flow == micro.Syscall {
				clear(known)
			}
		}
		ends[b] = known
		if b.end == endJump {
			if last := b.ins[len(b.ins)-1]; !last.known || last.to != b.succ[0].pc {
				f.leaf = false // it may lead elsewhere than expected, by way of dispatch
			}
		}
	}
}

// has reports whether the code at pc belongs to the function. Code of other functions
// does not.
func (f *function) has(pc uint64) bool {
	return f.p.code[pc] != nil && (pc == f.entry || !f.p.entries[pc])
}

// leaders returns the addresses where blocks begin.
func (f *function) leaders() map[uint64]bool {
	leaders := map[uint64]bool{f.entry: true}
	seen := map[uint64]bool{}
	queue := []uint64{f.entry}
	add := func(pc uint64) {
		if f.has(pc) {
			leaders[pc] = true
			queue = append(queue, pc)
		}
	}
	for len(queue) > 0 {
		pc := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for !seen[pc] && f.has(pc) {
			seen[pc] = true
			in := f.p.code[pc]
			if in.Flow == micro.Branch || in.Flow == micro.Jump {
				if to, ok := f.p.jumpsTo(in); ok {
					add(to)
				}
			}
			if in.Flow == micro.Branch {
				leaders[in.Next()] = true
			}
			if in.Flow == micro.Jump || in.Flow == micro.Return || in.Flow == micro.Stop {
				break
			}
			pc = in.Next()
		}
	}
	return leaders
}

// sort puts the blocks into reverse postorder.
func (f *function) sort(first *block) {
	seen := map[*block]bool{}
	var visit func(b *block)
	visit = func(b *block) {
		seen[b] = true
		for _, s := range slices.Backward(b.succ) {
			if !seen[s] {
				visit(s)
			}
		}
		f.blocks = append(f.blocks, b)
	}
	visit(first)
	slices.Reverse(f.blocks)
	for i, b := range f.blocks {
		b.order = i
		for _, s := range b.succ {
			s.pred = append(s.pred, b)
		}
	}
}

// dominators computes immediate dominators (Cooper, Harvey and Kennedy, "A Simple,
// Fast Dominance Algorithm") and, from those, where paths merge and where loops
// begin.
func (f *function) dominators() {
	first := f.blocks[0]
	first.idom = first
	for changed := true; changed; {
		changed = false
		for _, b := range f.blocks[1:] {
			var d *block
			for _, q := range b.pred {
				switch {
				case q.idom == nil:
				case d == nil:
					d = q
				default:
					d = meet(d, q)
				}
			}
			if b.idom != d {
				b.idom, changed = d, true
			}
		}
	}
	for _, b := range f.blocks[1:] {
		b.idom.kids = append(b.idom.kids, b)
	}
	for _, b := range f.blocks {
		forward := 0
		for _, q := range b.pred {
			if q.order < b.order {
				forward++
				continue
			}
			b.header = true
			if meet(b, q) != b {
				f.irreducible = true
			}
		}
		b.merge = forward > 1 || b == first && len(b.pred) > 0
	}
}

// meet returns the nearest common dominator of two blocks.
func meet(x, y *block) *block {
	for x != y {
		for x.order > y.order {
			x = x.idom
		}
		for y.order > x.order {
			y = y.idom
		}
	}
	return x
}

// readsFlags reports whether an instruction may read flags. An instruction that is
// left to the executor may.
func readsFlags(in instruction) bool {
	reads := func(ops []micro.Op) bool {
		for i := range ops {
			switch ops[i].Code {
			case micro.SetFlags:
				return false
			case micro.Condition, micro.FlagsWord:
				return true
			}
		}
		return false
	}
	return in.Step || reads(in.Ops) || reads(in.After)
}

// setsFlags reports whether an instruction always sets flags. One with a guard may
// not: an x86 shift by zero does not set them.
func setsFlags(in instruction) bool {
	has := func(code micro.Code) bool {
		return slices.ContainsFunc(in.Ops, func(op micro.Op) bool { return op.Code == code })
	}
	return has(micro.SetFlags) && !has(micro.Guard)
}

// flagsBefore reports whether flags are live before instruction i of a block: whether
// they may be read before they are set. Called functions may read them.
func flagsBefore(b *block, i int) bool {
	for _, in := range b.ins[i:] {
		switch {
		case readsFlags(in), in.Flow == micro.Call:
			return true
		case setsFlags(in):
			return false
		}
	}
	return b.flagsOut
}

// liveness determines where flags are live.
func (f *function) liveness() {
	for _, b := range f.blocks {
		// Where the block leaves the function, or may leave it.
		switch b.end {
		case endLeave, endTail, endUnknown:
			b.flagsOut = true
		case endBranch:
			b.flagsOut = !f.has(b.to) || !f.has(b.next)
		case endJump: // the register may hold another address than expected
			b.flagsOut = !b.ins[len(b.ins)-1].known
		}
	}
	for changed := true; changed; {
		changed = false
		for _, b := range slices.Backward(f.blocks) {
			in, out := b.flagsIn, b.flagsOut
			for _, s := range b.succ {
				b.flagsOut = b.flagsOut || s.flagsIn
			}
			b.flagsIn = flagsBefore(b, 0)
			changed = changed || b.flagsIn != in || b.flagsOut != out
		}
	}
}

// called returns the function that an instruction calls, if it is known.
func (p *program) called(in instruction) *function {
	if !in.known {
		return nil
	}
	return p.byEntry[in.to]
}

// callGraph determines which functions call which, and which may be recursive.
// Recursive functions, and functions with indirect calls, count the depth of calls.
func (p *program) callGraph() {
	for _, f := range p.functions {
		for _, b := range f.blocks {
			for _, in := range b.ins {
				switch {
				case in.Flow != micro.Call && in.Flow != micro.Jump && in.Flow != micro.Branch:
				case !in.known:
					f.indirect = true
				case p.byEntry[in.to] != nil && (in.Flow == micro.Call || !f.has(in.to)):
					f.calls = append(f.calls, p.byEntry[in.to])
				}
			}
			if b.end == endTail || b.end == endBranch {
				if g := p.byEntry[b.next]; g != nil && !f.has(b.next) {
					f.calls = append(f.calls, g)
				}
			}
		}
	}
	// Tarjan's strongly connected components.
	index, low := map[*function]int{}, map[*function]int{}
	on := map[*function]bool{}
	var stack []*function
	var visit func(f *function)
	visit = func(f *function) {
		index[f] = len(index) + 1
		low[f] = index[f]
		stack, on[f] = append(stack, f), true
		for _, g := range f.calls {
			switch {
			case index[g] == 0:
				visit(g)
				low[f] = min(low[f], low[g])
			case on[g]:
				low[f] = min(low[f], index[g])
			}
		}
		if low[f] != index[f] {
			return
		}
		i := slices.Index(stack, f)
		for _, g := range stack[i:] {
			on[g] = false
			g.recursive = len(stack)-i > 1 || slices.Contains(g.calls, g) || g.indirect
		}
		stack = stack[:i]
	}
	for _, f := range p.functions {
		if index[f] == 0 {
			visit(f)
		}
	}
}
