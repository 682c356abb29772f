// Package microtest interprets micro-operations one after the other, in the
// plainest way. Tests use it to compare a processor's micro-operations with its
// single-step executor.
//
// It panics if an instruction breaks a rule of package micro, for example if it
// sets a register before a guard, or divides by zero.
package microtest

import (
	"fmt"
	"math"
	"math/bits"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Do executes an instruction, except for After, and returns the address of the next
// one. left is true if the instruction is left to the single-step executor because of
// a Guard, Step, Stop, or an access that is not allowed; then nothing has changed.
// regs holds t.Regs registers, zero-extended. flags is nil if the processor has none.
func Do(t *micro.Target, in micro.Instruction, regs []uint64, flags *micro.Flags, mem *cpu.Memory) (next uint64, left bool) {
	if in.Step || in.Flow == micro.Stop {
		must(len(in.Ops) == 0, "operations in an instruction that is left to the executor")
		return in.PC, true
	}
	m := machine{Target: t, mem: mem}
	copy(m.regs[:t.Regs], regs)
	for i := range t.Regs {
		m.known[i] = true
	}
	if flags != nil {
		m.flags = *flags
	}
	for _, op := range in.Ops {
		if !m.do(op) {
			return in.PC, true
		}
	}
	next = m.next(&in)
	for _, s := range m.stores {
		mem.Store(s.at, s.size, s.value)
	}
	copy(regs, m.regs[:t.Regs])
	if flags != nil {
		*flags = m.flags
	}
	return next, false
}

// must panics with a message if ok is false.
func must(ok bool, wrong string, args ...any) {
	if !ok {
		panic("micro-operations: " + fmt.Sprintf(wrong, args...))
	}
}

// A machine is the state within an instruction. Stores are done at its end.
type machine struct {
	*micro.Target
	regs   [256]uint64 // followed by the temporaries
	known  [256]bool   // the register exists, or the temporary has been set
	flags  micro.Flags
	mem    *cpu.Memory
	stores []store
	set    bool // a register or the flags have been set
}

// A store is a pending store of size bytes.
type store struct {
	at    uint64
	size  int
	value uint64
}

// cut truncates v to a word.
func (m *machine) cut(v uint64) uint64 { return zeroExtend(v, m.Bits) }

func zeroExtend(v uint64, bits int) uint64 { return v << (64 - bits) >> (64 - bits) }
func signExtend(v uint64, bits int) int64  { return int64(v<<(64-bits)) >> (64 - bits) }

// arg returns the value of an operand.
func (m *machine) arg(a micro.Arg) uint64 {
	if a.Reg == micro.None {
		return m.cut(a.Const)
	}
	must(m.known[a.Reg], "register %d has no value", a.Reg)
	return m.cut(m.regs[a.Reg] + a.Const)
}

// next returns the address of the next instruction.
func (m *machine) next(in *micro.Instruction) uint64 {
	switch in.Flow {
	case micro.Next, micro.Syscall:
		return m.cut(in.Next())
	case micro.Branch:
		must(in.To.Reg == micro.None, "a branch to an address that is not constant")
		if m.arg(in.If) == 0 {
			return m.cut(in.Next())
		}
	}
	return m.arg(in.To)
}

// do executes an operation. It reports whether the instruction continues.
func (m *machine) do(op micro.Op) bool {
	size := 8 * int(op.Size)
	switch op.Code {
	case micro.Load, micro.LoadSigned, micro.Store:
		must(size > 0 && size <= m.Bits, "%d bytes of memory", op.Size)
		must(!m.set, "an access to memory after something is set")
	case micro.ZeroExtend, micro.SignExtend, micro.SetFlags:
		must(size > 0 && size <= m.Bits, "operands of %d bytes", op.Size)
	}
	switch op.Code {
	case micro.Guard:
		must(!m.set && len(m.stores) == 0, "a guard after something is set or stored")
		return m.arg(op.A) != 0
	case micro.Load, micro.LoadSigned:
		must(len(m.stores) == 0, "a load after a store")
		v, ok := m.mem.Load(m.arg(op.A), int(op.Size))
		if op.Code == micro.LoadSigned {
			v = uint64(signExtend(v, size))
		}
		if ok {
			m.to(op.To, v)
		}
		return ok
	case micro.Store:
		s := store{m.arg(op.A), int(op.Size), m.arg(op.B)}
		m.stores = append(m.stores, s)
		return m.mem.Bytes(s.at, s.size, cpu.Write) != nil
	case micro.SetFlags:
		m.setFlags(op, size)
	case micro.Condition:
		m.to(op.To, truth(m.flags.Holds(op.Cond)))
	case micro.FlagsWord:
		m.to(op.To, m.FlagsWord(&m.flags))
	case micro.Set:
		m.to(op.To, m.arg(op.A))
	case micro.ZeroExtend:
		m.to(op.To, zeroExtend(m.arg(op.A), size))
	case micro.SignExtend:
		m.to(op.To, uint64(signExtend(m.arg(op.A), size)))
	case micro.Select:
		if m.arg(op.A) != 0 {
			m.to(op.To, m.arg(op.B))
		} else {
			m.to(op.To, m.arg(op.C))
		}
	default:
		m.to(op.To, calculate(op.Code, m.arg(op.A), m.arg(op.B), m.Bits))
	}
	return true
}

// to sets a register or temporary to v, truncated to a word.
func (m *machine) to(r micro.Reg, v uint64) {
	if r < micro.T0 {
		must(int(r) < m.Regs, "there is no register %d", r)
		m.set = true
	}
	must(r < micro.T0+32, "there is no temporary %d", r)
	m.regs[r], m.known[r] = m.cut(v), true
}

// setFlags sets the flags, and checks their operands, which have size bits.
func (m *machine) setFlags(op micro.Op, size int) {
	f := micro.Flags{Kind: op.Kind, Size: op.Size}
	fits := func(a micro.Arg) uint64 {
		v := m.arg(a)
		must(v == zeroExtend(v, size), "%#x of flags of %d bytes", v, op.Size)
		return v
	}
	switch op.Kind {
	case micro.Literal:
		f.A = m.arg(op.A)
	case micro.Logic:
		f.R = fits(op.C)
	case micro.Result:
		f.A, f.R = m.arg(op.A), fits(op.C)
	default:
		f.A, f.B, f.R = fits(op.A), fits(op.B), fits(op.C)
		want := map[micro.FlagKind]uint64{
			micro.Sum: f.A + f.B, micro.Difference: f.A - f.B, micro.Comparison: f.A - f.B,
			micro.Increment: f.A + 1, micro.Decrement: f.A - 1,
		}[op.Kind]
		must(f.R == zeroExtend(want, size), "flags of %#x and %#x with the result %#x", f.A, f.B, f.R)
	}
	m.flags, m.set = f, true
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// calculate returns the result of an operation on two words of n bits that has no
// other effect. Only the low n bits of the result count.
func calculate(code micro.Code, a, b uint64, n int) uint64 {
	sa, sb := signExtend(a, n), signExtend(b, n)
	switch code {
	case micro.Shl, micro.ShrU, micro.ShrS:
		must(b < uint64(n), "a shift by %d", b)
	case micro.DivU, micro.DivS, micro.RemU, micro.RemS:
		must(b != 0, "a division by zero")
	}
	if code == micro.DivS || code == micro.RemS {
		must(sb != -1 || sa != math.MinInt64>>(64-n), "a division that overflows")
	}
	switch code {
	case micro.Add:
		return a + b
	case micro.Sub:
		return a - b
	case micro.Mul:
		return a * b
	case micro.MulHighU:
		high, low := bits.Mul64(a, b)
		return high<<(64-n) | low>>(n-1)>>1
	case micro.MulHighS:
		high, low := bits.Mul64(uint64(sa), uint64(sb))
		high -= uint64(sa>>63)&uint64(sb) + uint64(sb>>63)&uint64(sa) // a negative number is its bits minus 1<<64
		return high<<(64-n) | low>>(n-1)>>1
	case micro.DivU:
		return a / b
	case micro.DivS:
		return uint64(sa / sb)
	case micro.RemU:
		return a % b
	case micro.RemS:
		return uint64(sa % sb)
	case micro.And:
		return a & b
	case micro.Or:
		return a | b
	case micro.Xor:
		return a ^ b
	case micro.Shl:
		return a << b
	case micro.ShrU:
		return a >> b
	case micro.ShrS:
		return uint64(sa >> b)
	case micro.Equal:
		return truth(a == b)
	case micro.NotEqual:
		return truth(a != b)
	case micro.LessU:
		return truth(a < b)
	case micro.LessS:
		return truth(sa < sb)
	case micro.LessEqualU:
		return truth(a <= b)
	case micro.LessEqualS:
		return truth(sa <= sb)
	case micro.InsertByte:
		return b&^0xFF | a&0xFF
	}
	panic(fmt.Sprintf("micro-operations: there is no code %d", code))
}
