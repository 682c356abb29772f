package arm

import (
	"encoding/binary"
)

// A loop is a path of instructions that leads back to where it begins, boiled
// down to what it does (trace.go). Compiled code works through the stack: most
// of what it stores there, and in registers, is overwritten before anybody
// looks. A loop has the values of its path in slots instead: those with which
// an iteration begins, and those that it computes. Registers and stack see
// them when the loop is left.
//
// It is left in front of an instruction, or behind a branch, where the path
// does not go on: the branch goes elsewhere, or a load or store is not wholly
// in the windows mem.Load and mem.Store. Then all is as if the instructions had
// been executed one by one, and run goes on from there.
//
// The words on the stack that it has in slots, called cells, are at known
// distances from registers that are the same in every iteration. That these
// words are on the stack, and apart from each other, is looked at before the
// loop is entered; loads and stores from elsewhere cannot meet them, as the
// windows Load and Store are not the stack.
type loop struct {
	count    uint64 // instructions of an iteration
	compares bool   // it has flags, which are those of a comparison
	ops      []loopOp
	moves    []move // at the end of an iteration, in this order
	frames   []frame
	inputs   []input
	exits    []exit // the first one is the iteration's end
	fill     *fill  // if that is what it does

	entries, executed uint64 // times, and instructions since it was made
}

// A value is what a slot holds, and a number. The slot 0 is always zero.
type value struct {
	slot uint8
	add  uint64
}

// A loopOp computes the slot to from a and b, or leaves the loop.
type loopOp struct {
	do   loopDo
	to   uint8
	exit uint8 // where it leaves the loop
	a, b value
}

type loopDo uint8

const (
	loopAdd loopDo = iota
	loopSub
	loopAnd
	loopOr
	loopXor
	loopMul
	loopShiftLeft
	loopShiftRight
	loopShiftSigned
	loopExtend // the low bits of a, as b.add says: option of extend
	loopLoad8  // at the address a
	loopLoad4
	loopLoad1
	loopLoad1Signed
	loopStore8 // b, at the address a
	loopStore4
	loopStore1
	loopIfEqual // goes on if a == b
	loopIfNot   // if a != b
	loopIfLess  // if a < b, signed
	loopIfLessEqual
	loopIfBelow // if a < b, unsigned
	loopIfBelowEqual
)

// A move sets a slot with which the next iteration begins.
type move struct {
	to   uint8
	from value
}

// A frame is where cells are: from x[reg] + low, size bytes.
type frame struct {
	reg  uint8
	low  uint64
	size uint64
}

// A place is a register, or the cell that is add bytes into a frame.
type place struct {
	cell bool
	reg  uint8 // or the frame's index
	add  uint64
}

// An input is a slot with what a place holds when the loop is entered.
type input struct {
	slot uint8
	from place
}

// An exit is how the loop is left: what has changed in the iteration, then what
// else has changed in those before, then where it goes on.
type exit struct {
	pc             uint64
	before         uint64 // instructions of the iteration that have been executed
	changed, later []change
}

// A change is a place's new value.
type change struct {
	to   place
	from value
}

// Numbers of registers in places that are the flags' comparison.
const (
	flagsA    = 62
	flagsB    = 63
	maxFrames = 4
)

// size returns how many parts a loop has, to be counted with instructions.
func (l *loop) size() int {
	n := len(l.ops) + len(l.inputs)
	for _, e := range l.exits {
		n += len(e.changed) + len(e.later)
	}
	return n
}

// runLoop runs a loop from its begin, and returns how many instructions it
// executed: none if the loop cannot be entered.
func (c *core) runLoop(l *loop, budget uint64) (executed uint64) {
	var (
		v     = &c.slots
		stack = c.mem.Stack
		base  [maxFrames]uint64 // offsets on the stack
	)
	l.entries++
	if l.compares && !c.flags.compared {
		return 0
	}
	for i, f := range l.frames {
		off := c.x[f.reg&63] + f.low - stack.Base
		if off >= uint64(len(stack.Bytes)) || uint64(len(stack.Bytes))-off < f.size {
			return 0
		}
		for j, g := range l.frames[:i] {
			if off < base[j&(maxFrames-1)]+g.size && base[j&(maxFrames-1)] < off+f.size {
				return 0
			}
		}
		base[i&(maxFrames-1)] = off
	}
	c.x[flagsA], c.x[flagsB] = c.flags.a, c.flags.b
	for _, in := range l.inputs {
		if in.from.cell {
			v[in.slot] = binary.LittleEndian.Uint64(stack.Bytes[base[in.from.reg&(maxFrames-1)]+in.from.add:])
		} else {
			v[in.slot] = c.x[in.from.reg&63]
		}
	}

	left, round := c.iterate(l, budget/l.count)
	change := func(to place, value uint64) {
		if to.cell {
			binary.LittleEndian.PutUint64(stack.Bytes[base[to.reg&(maxFrames-1)]+to.add:], value)
		} else {
			c.x[to.reg&63] = value
		}
	}
	for _, ch := range left.changed {
		change(ch.to, v[ch.from.slot]+ch.from.add)
	}
	if round > 0 {
		for _, ch := range left.later {
			change(ch.to, v[ch.from.slot]+ch.from.add)
		}
	}
	c.flags.a, c.flags.b = c.x[flagsA], c.x[flagsB]
	c.pc = left.pc
	executed = round*l.count + left.before
	l.executed += executed
	return executed
}

// iterate does a loop's iterations, at most limit and one more. It returns
// where the loop is left, and how many iterations have been done to their end.
func (c *core) iterate(l *loop, limit uint64) (left *exit, round uint64) {
	var (
		v     = &c.slots
		load  = &c.mem.Load
		store = &c.mem.Store
		ops   = l.ops
		op    *loopOp
	)
	for {
		for i := range ops {
			op = &ops[i]
			a, b := v[op.a.slot]+op.a.add, v[op.b.slot]+op.b.add
			switch op.do {
			case loopAdd:
				v[op.to] = a + b
			case loopSub:
				v[op.to] = a - b
			case loopAnd:
				v[op.to] = a & b
			case loopOr:
				v[op.to] = a | b
			case loopXor:
				v[op.to] = a ^ b
			case loopMul:
				v[op.to] = a * b
			case loopShiftLeft:
				v[op.to] = a << (b & 63)
			case loopShiftRight:
				v[op.to] = a >> (b & 63)
			case loopShiftSigned:
				v[op.to] = uint64(int64(a) >> (b & 63))
			case loopExtend:
				v[op.to] = extend(a, uint8(op.b.add))
			case loopLoad8:
				off := a - load.Base
				if off >= uint64(len(load.Bytes)) || off+8 > uint64(len(load.Bytes)) {
					goto leave
				}
				v[op.to] = binary.LittleEndian.Uint64(load.Bytes[off : off+8 : off+8])
			case loopLoad4:
				off := a - load.Base
				if off >= uint64(len(load.Bytes)) || off+4 > uint64(len(load.Bytes)) {
					goto leave
				}
				v[op.to] = uint64(binary.LittleEndian.Uint32(load.Bytes[off : off+4 : off+4]))
			case loopLoad1:
				off := a - load.Base
				if off >= uint64(len(load.Bytes)) {
					goto leave
				}
				v[op.to] = uint64(load.Bytes[off])
			case loopLoad1Signed:
				off := a - load.Base
				if off >= uint64(len(load.Bytes)) {
					goto leave
				}
				v[op.to] = uint64(int64(int8(load.Bytes[off])))
			case loopStore8:
				off := a - store.Base
				if off >= uint64(len(store.Bytes)) || off+8 > uint64(len(store.Bytes)) {
					goto leave
				}
				binary.LittleEndian.PutUint64(store.Bytes[off:off+8:off+8], b)
			case loopStore4:
				off := a - store.Base
				if off >= uint64(len(store.Bytes)) || off+4 > uint64(len(store.Bytes)) {
					goto leave
				}
				binary.LittleEndian.PutUint32(store.Bytes[off:off+4:off+4], uint32(b))
			case loopStore1:
				off := a - store.Base
				if off >= uint64(len(store.Bytes)) {
					goto leave
				}
				store.Bytes[off] = byte(b)
			case loopIfEqual:
				if a != b {
					goto leave
				}
			case loopIfNot:
				if a == b {
					goto leave
				}
			case loopIfLess:
				if int64(a) >= int64(b) {
					goto leave
				}
			case loopIfLessEqual:
				if int64(a) > int64(b) {
					goto leave
				}
			case loopIfBelow:
				if a >= b {
					goto leave
				}
			case loopIfBelowEqual:
				if a > b {
					goto leave
				}
			}
		}
		for i := range l.moves {
			m := &l.moves[i]
			v[m.to] = v[m.from.slot] + m.from.add
		}
		round++
		if round == 1 && l.fill != nil && limit > 1 {
			round += l.fill.run(v, *store, limit-1)
		}
		if round > limit {
			return &l.exits[0], round
		}
	}
leave:
	return &l.exits[op.exit], round
}
