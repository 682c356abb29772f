package prove

import (
	"bytes"
	"math/bits"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// A liveness finds which bits of registers are live at each site, as package comment
// says of bytes of memory. A program that carries the past of its input in bits that it
// never looks at has few states then, and too many otherwise.
//
// It follows each stretch back from its end, by the micro-operations of its
// instructions: what an instruction sets is live before it only as far as it is
// needed to set what is live after it, to choose an address or a way, or for a call.
// An instruction that has none needs all registers.
type liveness struct {
	trace    []executed
	accesses []cpu.Access // of the instructions in trace
	answered []cpu.Access // the world's stores before
	lowered  map[uint64]*lowered

	regs  [micro.T0 + 32]uint64 // live bits of registers and temporaries, at some place in the trace
	flags bool                  // the flags are live there
	need  map[int]bool          // bytes of memory that are live there, by index
}

// An executed is an instruction in a trace.
type executed struct {
	pc    uint64
	first int // its first access
	in    *lowered
}

// A lowered is an instruction in micro-operations, with the code from which it was made.
type lowered struct {
	micro.Instruction
	code, literal []byte // code is empty if there is no such instruction
	opaque        bool   // it has no operations, or may not obey them
}

// A liveSet says which bits of registers are live.
type liveSet struct {
	regs  []uint64 // by number
	flags bool
}

func newLiveness() *liveness { return &liveness{lowered: map[uint64]*lowered{}} }

// begin begins a stretch. The accesses since the state was set are stores of the answer.
func (l *liveness) begin() {
	l.answered = append(l.answered[:0], l.accesses...)
	l.trace, l.accesses = l.trace[:0], l.accesses[:0]
}

// all makes all registers live.
func (l *liveness) all(regs int) {
	for r := range regs {
		l.regs[r] = ^uint64(0)
	}
	l.flags = true
}

// finish goes back over the stretch that has just ended, with a call if c is not nil, and
// adds what is live at its beginning to its site.
func (m *machine) finish(c *call) {
	l := m.liveness
	target := m.CPU.Target()
	clear(l.regs[:])
	l.flags, l.need = false, map[int]bool{}
	if c != nil {
		if c.name != "exit" {
			end := m.at(m.CPU.PC())
			copy(l.regs[:], end.bits.regs)
			l.regs[target.Result] = 0 // the answer is put there
			l.flags = end.bits.flags
			for _, i := range end.live {
				l.need[i] = true
			}
		}
		m.argumentsOf(c)
	}
	for i := len(l.trace) - 1; i >= 0; i-- {
		accesses := l.accesses[l.trace[i].first:]
		if i+1 < len(l.trace) {
			accesses = l.accesses[l.trace[i].first:l.trace[i+1].first]
		}
		m.before(&l.trace[i], accesses, c == nil && i == len(l.trace)-1)
	}
	for r := range m.site.bits.regs {
		if l.regs[r]&^m.site.bits.regs[r] != 0 && micro.Reg(r) != target.Result {
			m.site.bits.regs[r] |= l.regs[r]
			m.grown = true
		}
	}
	for _, a := range l.answered {
		for j := range a.Size {
			delete(l.need, m.index(a.Addr)+j)
		}
	}
	for i := range l.need {
		m.makeLive(i)
	}
	if l.flags && !m.site.bits.flags {
		m.site.bits.flags, m.grown = true, true
	}
}

// needs makes bytes of memory live.
func (l *liveness) needs(m *machine, addr uint64, size int) {
	for j := range size {
		l.need[m.index(addr)+j] = true
	}
}

// argumentsOf makes the arguments of a call live. What they point to is in accesses.
func (m *machine) argumentsOf(c *call) {
	l := m.liveness
	t := m.CPU.Target()
	l.regs[t.Number] = ^uint64(0)
	if c.known() && c.name == "" {
		return // it is answered by its number
	}
	used := t.Args
	switch c.name { // openat has one more argument before these
	case "exit":
		used = used[:1]
	case "open", "read", "write":
		used = used[:4]
	}
	for _, r := range used {
		l.regs[r] = ^uint64(0)
	}
	l.needs(m, c.from, c.size)
}

// lower returns the instruction at pc.
func (m *machine) lower(pc uint64) *lowered {
	t := m.CPU.Target()
	code := m.Memory.Fetch(pc, t.MaxLength)
	if in, found := m.liveness.lowered[pc]; found && len(in.code) > 0 && bytes.HasPrefix(code, in.code) {
		if at := int(in.Literal); at == 0 || bytes.Equal(in.literal, m.Memory.Fetch(in.LiteralAt, at)) {
			return in
		}
	}
	in, ok := t.Lower(pc, code, m.Memory.Fetch)
	low := &lowered{Instruction: in}
	low.opaque = in.Step || in.Flow == micro.Stop || len(in.After) > 0 || t.Big
	for _, op := range in.Ops {
		low.opaque = low.opaque || op.Code == micro.Guard
	}
	if ok {
		low.code = bytes.Clone(code[:in.Length])
		low.literal = bytes.Clone(m.Memory.Fetch(in.LiteralAt, int(in.Literal)))
	}
	m.liveness.lowered[pc] = low
	return low
}

// before goes back over an instruction, which had these accesses. If it may have faulted,
// it may lack the last of them.
func (m *machine) before(e *executed, accesses []cpu.Access, faulted bool) {
	l, in := m.liveness, e.in
	var loads, stores []cpu.Access
	for _, a := range accesses {
		switch {
		case a.Store:
			stores = append(stores, a)
		case in.Literal > 0 && a.Addr == in.LiteralAt:
		default:
			loads = append(loads, a)
		}
	}
	if in.opaque || !faulted && !m.match(in, loads, stores) {
		l.all(m.CPU.Target().Regs)
		for _, a := range accesses {
			l.needs(m, a.Addr, a.Size)
		}
	} else {
		if faulted {
			loads, stores = nil, nil
		}
		m.operations(in, loads, stores)
	}
	if m.fetches {
		l.needs(m, e.pc, len(m.Memory.Fetch(e.pc, m.CPU.Target().MaxLength)))
	}
	l.needs(m, in.LiteralAt, int(in.Literal))
}

// match reports whether the accesses are those of the instruction's operations.
func (m *machine) match(in *lowered, loads, stores []cpu.Access) bool {
	for _, op := range in.Ops {
		var from *[]cpu.Access
		switch op.Code {
		case micro.Load, micro.LoadSigned:
			from = &loads
		case micro.Store:
			from = &stores
		default:
			continue
		}
		if len(*from) == 0 || (*from)[0].Size != int(op.Size) {
			return false
		}
		*from = (*from)[1:]
	}
	return len(loads) == 0 && len(stores) == 0
}

// operations goes back over the operations of an instruction, with its accesses, or with
// none if it faulted.
func (m *machine) operations(in *lowered, loads, stores []cpu.Access) {
	l := m.liveness
	word := ^uint64(0) >> (64 - m.CPU.Target().Bits)
	l.use(in.To, word)
	l.use(in.If, word)
	for i := len(in.Ops) - 1; i >= 0; i-- {
		op := &in.Ops[i]
		switch op.Code {
		case micro.Store:
			l.use(op.A, word)
			if len(stores) == 0 {
				continue
			}
			a := stores[len(stores)-1]
			stores = stores[:len(stores)-1]
			var value uint64
			first := m.index(a.Addr)
			for j := range a.Size {
				if l.need[first+j] {
					value |= 0xFF << (8 * j)
					delete(l.need, first+j)
				}
			}
			l.use(op.B, value)
			continue
		case micro.SetFlags:
			if l.flags {
				l.flags = false
				for _, a := range [...]micro.Arg{op.A, op.B, op.C} {
					l.use(a, ones(8*int(op.Size)))
				}
			}
			continue
		}
		want := l.regs[op.To] & word
		l.regs[op.To] = 0
		switch op.Code {
		case micro.Load, micro.LoadSigned:
			l.use(op.A, word)
			if len(loads) == 0 {
				continue
			}
			a := loads[len(loads)-1]
			loads = loads[:len(loads)-1]
			if want>>(8*a.Size-1)>>1 != 0 {
				want |= 1 << (8*a.Size - 1) // the sign
			}
			first := m.index(a.Addr)
			for j := range a.Size {
				if byte(want>>(8*j)) != 0 {
					l.need[first+j] = true
				}
			}
			continue
		}
		if want == 0 {
			continue
		}
		l.operands(op, in.same(op), want, word)
	}
}

// same reports whether the operands of an operation have the same value: they are the
// same, or the same part of a register.
func (in *lowered) same(op *micro.Op) bool {
	a, b := in.definition(op.A), in.definition(op.B)
	return op.A == op.B || a != nil && b != nil && a.Code == micro.ZeroExtend && b.Code == micro.ZeroExtend && a.A == b.A && a.Size == b.Size
}

// definition returns the operation that sets a temporary. Registers are set after it.
func (in *lowered) definition(a micro.Arg) *micro.Op {
	if a.Reg < micro.T0 || a.Reg == micro.None || a.Const != 0 {
		return nil
	}
	for i := range in.Ops {
		if in.Ops[i].To == a.Reg {
			return &in.Ops[i]
		}
	}
	return nil
}

// operands makes those bits of an operation's operands live that set the bits want of its
// result, which are not all 0.
func (l *liveness) operands(op *micro.Op, same bool, want, word uint64) {
	low := ones(bits.Len64(want)) // carries go up only
	size := ones(8 * int(op.Size))
	switch op.Code {
	case micro.Set:
		l.use(op.A, want)
	case micro.Add, micro.Mul:
		l.use(op.A, low)
		l.use(op.B, low)
	case micro.Sub:
		if !same {
			l.use(op.A, low)
			l.use(op.B, low)
		}
	case micro.Xor:
		if !same {
			l.use(op.A, want)
			l.use(op.B, want)
		}
	case micro.And, micro.Or:
		a, b := want, want
		keep := func(c uint64) uint64 {
			if op.Code == micro.And {
				return c
			}
			return ^c
		}
		if op.B.Reg == micro.None {
			a &= keep(op.B.Const)
		}
		if op.A.Reg == micro.None {
			b &= keep(op.A.Const)
		}
		l.use(op.A, a)
		l.use(op.B, b)
	case micro.Shl:
		if op.B.Reg == micro.None {
			l.use(op.A, want>>op.B.Const)
		} else {
			l.use(op.A, low)
			l.use(op.B, word)
		}
	case micro.ShrU, micro.ShrS:
		if op.B.Reg == micro.None {
			bits := want << op.B.Const & word
			if op.Code == micro.ShrS {
				bits |= word &^ (word >> 1)
			}
			l.use(op.A, bits)
		} else {
			l.use(op.A, word)
			l.use(op.B, word)
		}
	case micro.ZeroExtend:
		l.use(op.A, want&size)
	case micro.SignExtend:
		if want&^size != 0 {
			want |= size &^ (size >> 1)
		}
		l.use(op.A, want&size)
	case micro.InsertByte:
		l.use(op.A, want&0xFF)
		l.use(op.B, want&^0xFF)
	case micro.Select:
		l.use(op.A, word)
		l.use(op.B, want)
		l.use(op.C, want)
	case micro.Condition, micro.FlagsWord:
		l.flags = true
	case micro.Equal, micro.NotEqual, micro.LessU, micro.LessS, micro.LessEqualU, micro.LessEqualS:
		if !same {
			l.use(op.A, word)
			l.use(op.B, word)
		}
	default: // the upper half of a product, and division
		l.use(op.A, word)
		l.use(op.B, word)
	}
}

// use makes those bits of an operand's register live that set the bits want of the
// operand.
func (l *liveness) use(a micro.Arg, want uint64) {
	if a.Reg == micro.None {
		return
	}
	if a.Const != 0 {
		want = ones(bits.Len64(want)) // a sum
	}
	l.regs[a.Reg] |= want
}

// ones returns a number whose lowest n bits are set.
func ones(n int) uint64 {
	if n >= 64 {
		return ^uint64(0)
	}
	return 1<<n - 1
}
