package translate

import (
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// A program is the code of a guest program as far as it can be found by following
// jumps and calls from its entry. A function begins at the target of a call, or at an
// address that occurs in the code as a constant and looks like a function.
type program struct {
	target  *micro.Target
	mem     *cpu.Memory // only read
	code    map[uint64]*micro.Instruction
	entries map[uint64]bool // of functions
	low     uint64          // address of the first instruction
	high    uint64          // address after the last instruction

	functions []*function
	starts    map[uint64]bool // by address of a function that was translated: whether it may read the flags it is entered with
	headers   map[uint64]bool // addresses where loops begin

	// jumps maps the address of an indirect jump to its target, if the register held
	// a constant on the first path found to the jump.
	jumps  map[uint64]uint64
	labels map[uint64]bool // the targets in jumps

	byEntry map[uint64]*function // translated functions
	bytes   *cpu.Code            // of all instructions and literals

	hot, cold []micro.Reg // registers passed as parameters, and registers in globals
	place     [micro.MaxRegs]value
	framed    [micro.StackRegs]bool // stack registers that are tracked through functions

	// Windows of Linear.
	stack, load, store cpu.Window
}

// maxInstructions is how many instructions of a program are decoded, and how many are
// translated, counted in every function that contains them. Otherwise a hostile
// program could use up all memory. M2-Planet has 60,000.
const maxInstructions = 1 << 18

// decode decodes the instruction at pc.
func (p *program) decode(pc uint64) (*micro.Instruction, bool) {
	if pc%uint64(p.target.Align) != 0 {
		return nil, false
	}
	bytes := p.mem.Fetch(pc, p.target.MaxLength)
	if len(bytes) == 0 {
		return nil, false
	}
	in, ok := p.target.Lower(pc, bytes, p.mem.Fetch)
	return &in, ok
}

// discover finds the program's code, starting at entries[0].
func (p *program) discover(entries []uint64) {
	p.code = map[uint64]*micro.Instruction{}
	p.entries, p.labels, p.jumps = map[uint64]bool{}, map[uint64]bool{}, map[uint64]uint64{}
	for _, pc := range entries {
		p.entries[pc] = true
	}
	p.low, p.high = ^uint64(0), 0
	s := p.search(entries[0])
	p.accept(s)
	// Constants that are addresses in the code may be addresses of functions.
	candidates := s.constants
	tried := map[uint64]bool{}
	for again := true; again; {
		again = false
		for _, a := range candidates {
			if tried[a] || p.entries[a] || a < p.low || a >= p.high || p.labels[a] {
				continue
			}
			tried[a] = true
			if s := p.search(a); s.sound && s.inside(p.low, p.high) {
				p.accept(s)
				p.entries[a] = true
				candidates = append(candidates, s.constants...)
				again = true
			}
		}
	}
}

// jumpsTo returns the target of a jump, if it is known or expected.
func (p *program) jumpsTo(in *micro.Instruction) (uint64, bool) {
	if in.To.Reg == micro.None {
		return in.To.Const, true
	}
	to, ok := p.jumps[in.PC]
	return to, ok
}

// A search is the code that is reachable from an address.
type search struct {
	code      map[uint64]*micro.Instruction
	calls     []uint64
	constants []uint64
	sound     bool // every path decodes
}

func (s *search) inside(low, high uint64) bool {
	for pc, in := range s.code {
		if pc < low || in.Next() > high {
			return false
		}
	}
	return true
}

func (p *program) accept(s *search) {
	for pc, in := range s.code {
		p.code[pc] = in
		p.low, p.high = min(p.low, pc), max(p.high, in.Next())
	}
	for _, pc := range s.calls {
		p.entries[pc] = true
	}
}

// search follows the code from pc until it reaches code that is already known.
func (p *program) search(pc uint64) *search {
	s := &search{code: map[uint64]*micro.Instruction{}, sound: true}
	queue := []uint64{pc}
	for len(queue) > 0 {
		pc := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		known := constants{}
	line:
		for s.code[pc] == nil && p.code[pc] == nil {
			in, ok := p.decode(pc)
			if !ok || len(p.code)+len(s.code) >= maxInstructions {
				s.sound = false
				break
			}
			s.code[pc] = in
			found := known.follow(in, p.target, nil)
			if in.Flow != micro.Call && in.Flow != micro.Syscall { // their constant is the return address
				s.constants = append(s.constants, found...)
			}
			to, constant := known.of(in.To)
			switch in.Flow {
			case micro.Jump:
				if !constant {
					break line
				}
				if in.To.Reg != micro.None {
					p.jumps[in.PC], p.labels[to] = to, true
				}
				pc = to
				continue
			case micro.Branch:
				queue = append(queue, to)
			case micro.Call:
				if constant {
					s.calls = append(s.calls, to)
					queue = append(queue, to)
				}
				known = constants{}
			case micro.Return, micro.Stop:
				break line
			case micro.Syscall:
				if n, ok := known[p.target.Number]; ok && slices.Contains(p.target.Exits, n) {
					break line
				}
				delete(known, p.target.Result)
			}
			pc = in.Next()
		}
	}
	return s
}

// constants are the registers whose values are known in a straight line of code.
type constants map[micro.Reg]uint64

// of returns the value of an operand, if it is known.
func (c constants) of(a micro.Arg) (uint64, bool) {
	if a.Reg == micro.None {
		return a.Const, true
	}
	v, ok := c[a.Reg]
	return v + a.Const, ok
}

// follow applies an instruction to the known constants and appends the constants that
// it computes to found.
func (c constants) follow(in *micro.Instruction, t *micro.Target, found []uint64) []uint64 {
	if in.Step {
		clear(c)
	}
	for i := range in.Ops {
		op := &in.Ops[i]
		switch op.Code {
		case micro.Store, micro.Guard, micro.SetFlags:
			continue
		}
		a, okA := c.of(op.A)
		b, okB := c.of(op.B)
		v, ok := uint64(0), false
		switch op.Code {
		case micro.Set, micro.ZeroExtend, micro.SignExtend:
			ok = okA
		case micro.Add, micro.Sub, micro.And, micro.Or, micro.Xor, micro.Shl, micro.ShrU, micro.ShrS, micro.Mul:
			ok = okA && okB
		}
		if ok {
			v, ok = fold(op, a, b, t.Bits)
		}
		if !ok {
			delete(c, op.To)
			continue
		}
		c[op.To] = v
		found = append(found, v)
	}
	return found
}

// fold returns the result of an operation on constant words of the given number of
// bits. ok is false if fold does not handle the operation.
func fold(op *micro.Op, a, b uint64, bits int) (v uint64, ok bool) {
	a, b = word(a, bits), word(b, bits)
	switch op.Code {
	case micro.Set:
		v = a
	case micro.Add:
		v = a + b
	case micro.Sub:
		v = a - b
	case micro.Mul:
		v = a * b
	case micro.And:
		v = a & b
	case micro.Or:
		v = a | b
	case micro.Xor:
		v = a ^ b
	case micro.Shl:
		v = a << b
	case micro.ShrU:
		v = a >> b
	case micro.ShrS:
		v = uint64(int64(a<<(64-bits)) >> (64 - bits) >> b)
	case micro.ZeroExtend:
		v = word(a, 8*int(op.Size))
	case micro.SignExtend:
		shift := 64 - 8*int(op.Size)
		v = uint64(int64(a<<shift) >> shift)
	default:
		return 0, false
	}
	return word(v, bits), true
}

// word truncates a number to the given number of bits.
func word(v uint64, bits int) uint64 { return v << (64 - bits) >> (64 - bits) }
