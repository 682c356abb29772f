package translate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/translate"
)

// trials returns how many random programs a test has for each processor.
func trials(t testing.TB, usual int) int {
	s := os.Getenv("STAGE0_TRIALS")
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// firstSeed returns the seed of the first program.
func firstSeed(t testing.TB) uint64 {
	s := os.Getenv("STAGE0_SEED")
	if s == "" {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRandom runs random programs, translated and in single steps: at every system
// call, and wherever the translated program stops, the states must be equal.
func TestRandom(t *testing.T) {
	for _, mode := range []struct {
		name      string
		interpret bool
		trials    int
	}{{"compiled", false, 60}, {"interpreted", true, 150}} {
		for _, isa := range isas() {
			t.Run(isa.name+"/"+mode.name, func(t *testing.T) {
				t.Parallel()
				var s summary
				var translator *translate.Translator
				for i := range trials(t, mode.trials) {
					if i%200 == 0 { // the Translator keeps its translations
						translator = translate.New(mode.interpret)
					}
					seed := firstSeed(t) + uint64(i)
					p := isa.programOf(seed)
					if err := p.compare(translator, seed, &s); err != nil {
						p.shrink(func() bool { return p.compare(translate.New(mode.interpret), seed, &summary{}) != nil })
						less := p.compare(translate.New(mode.interpret), seed, &summary{})
						t.Fatalf("STAGE0_SEED=%d: %v\nwith less code: %v\n%s", seed, err, less, p)
					}
				}
				t.Logf("%+v", s)
				if s.Translated < s.Steps/10 {
					t.Errorf("%d of %d instructions are translated", s.Translated, s.Steps)
				}
			})
		}
	}
}

// TestSeeds runs random programs that once behaved differently when translated.
func TestSeeds(t *testing.T) {
	for _, test := range []struct {
		isa  string
		seed uint64
	}{
		{"x86", 304012}, {"x86", 30245286}, {"amd64", 20117645}, // changed code reads flags
		{"aarch64", 40128185},  // flags after a jump to an unexpected address
		{"riscv64", 30328302},  // moved memory
		{"aarch64", 550066981}, // a leaf function that jumps to an unexpected address: to itself
		{"armv7l", 500449580},  // code that is overwritten by a call which Run's caller makes
	} {
		p := isaNamed(test.isa).programOf(test.seed)
		assert.NoError(t, p.compare(translate.New(false), test.seed, &summary{}), "%s, %d", test.isa, test.seed)
	}
}

// TestPermissions runs programs that differ only in whether their code is writable.
// The second one once got the translation of the first.
func TestPermissions(t *testing.T) {
	for _, isa := range isas() {
		p := generate(isa, rand.New(rand.NewPCG(1, 1)))
		pointer, r := isa.pointers[0], rand.New(rand.NewPCG(1, 2))
		code := slices.Concat(
			isa.set(r, pointer)(isa.base+8),
			isa.store(isa.scratch[0], pointer),
			isa.system(p.new(nil).Target().Exits[0]),
		)
		p.entry, p.size = p.begin, len(code)
		copy(p.image[p.begin-isa.base:], code)
		translator := translate.New(false)
		for faults, perm := range []cpu.Perm{cpu.Read | cpu.Write | cpu.Exec, cpu.Read | cpu.Exec} {
			const rw = cpu.Read | cpu.Write
			p.layout.Perms = []cpu.Perm{perm, perm, cpu.Read, rw, rw}
			var s summary
			err := p.compare(translator, 1, &s)
			require.NoError(t, err, "%v %v", isa.name, perm)
			assert.Equal(t, faults, s.Faults, "%v %v", isa.name, perm)
		}
	}
}

// A summary adds up the results of many runs.
type summary struct {
	Programs, Steps, Translated, Calls, Faults, Exits, Limits, Lost int
}

// A program is a random program.
type program struct {
	*isa
	layout cpu.Layout
	image  []byte // from layout.Base
	begin  uint64 // start of the code
	size   int    // of the code
	entry  uint64
	regs   []uint64
}

// Pages of a program's image.
const (
	codePages  = 2
	constPages = 1
	dataPages  = 2
	stackSize  = 4 * cpu.PageSize
)

func (p *program) memory() *cpu.Memory {
	mem := cpu.NewMemory(p.layout)
	if err := mem.Init(p.layout.Base, p.image); err != nil {
		panic(err)
	}
	return mem
}

func (p *program) start(mem *cpu.Memory) cpu.CPU {
	c := p.new(mem)
	for r, v := range p.regs {
		c.SetRegister(micro.Reg(r), v)
	}
	c.SetPC(p.entry)
	return c
}

// String lists the code.
func (p *program) String() string {
	var s strings.Builder
	mem := p.memory()
	defer mem.Free()
	t := p.new(mem).Target()
	fmt.Fprintf(&s, "entry %#x, permissions %v\n", p.entry, p.layout.Perms)
	for pc := p.begin; pc < p.begin+uint64(p.size); {
		in, ok := t.Lower(pc, mem.Fetch(pc, t.MaxLength), mem.Fetch)
		n := max(int(in.Length), t.Align)
		fmt.Fprintf(&s, "%#x: % x", pc, mem.Bytes(pc, n, 0))
		if ok && bytes.Equal(mem.Bytes(pc, n, 0), bytes.Repeat(p.nothing, n/len(p.nothing))) {
			s.WriteString("\tnothing")
		} else if ok {
			fmt.Fprintf(&s, "\t%v", in)
		}
		s.WriteByte('\n')
		pc += uint64(n)
	}
	return s.String()
}

// overshoot is how many more instructions than granted may be executed: functions
// that return from a deep recursion do not check the limit.
const overshoot = 50000

// shrink replaces instructions by no-ops for as long as the program fails.
func (p *program) shrink(fails func() bool) {
	code := p.image[p.begin-p.layout.Base:][:p.size]
	target := p.new(nil).Target()
	for at, n := 0, 0; at < len(code); at += n {
		mem := p.memory()
		pc := p.begin + uint64(at)
		in, ok := target.Lower(pc, mem.Fetch(pc, target.MaxLength), mem.Fetch)
		mem.Free()
		n = max(int(in.Length), target.Align)
		old := slices.Clone(code[at:min(at+n, len(code))])
		if !ok || n%len(p.nothing) != 0 {
			continue
		}
		copy(code[at:], bytes.Repeat(p.nothing, n/len(p.nothing)))
		if !fails() {
			copy(code[at:], old)
		}
	}
}

// A call is a system call.
type call struct {
	number uint64
	args   [6]uint64
	memory uint32 // checksum
	end    uint64 // of the heap
}

// A system is the operating system of a program. The effects of its calls depend only
// on their arguments.
type system struct {
	*isa
	mem    *cpu.Memory
	target *micro.Target
	calls  []call

	r     *rand.Rand
	limit uint64 // on steps
	slice uint64
}

// Tick implements translate.System.
func (s *system) Tick(executed uint64) uint64 {
	if executed >= s.limit {
		return 0
	}
	return min(s.limit-executed, 1+s.r.Uint64N(s.slice))
}

// Call implements translate.System. It does not make every call, so that Run returns.
func (s *system) Call(_, number uint64, args [6]uint64) (int64, bool) {
	if slices.Contains(s.target.Exits, number) || len(s.calls)%5 == 4 {
		return 0, false
	}
	return s.do(number, args), true
}

// do makes a call.
func (s *system) do(number uint64, args [6]uint64) int64 {
	sum := crc32.ChecksumIEEE(s.mem.Linear())
	s.calls = append(s.calls, call{number, args, sum, s.mem.Break()})
	switch number % 8 {
	case 1: // like read
		data := []byte{1, 2, 3, 4, 5, 6, 7, byte(sum)}
		if !s.mem.Write(args[1], data[:1+args[2]%8]) {
			return -14
		}
		return int64(1 + args[2]%8)
	case 2: // like brk
		s.mem.SetBreak(s.mem.HeapBase() + args[0]%(8*cpu.PageSize))
		return int64(s.mem.Break())
	case 3:
		return -int64(args[0] % 256)
	}
	return int64(sum / 2) // Knight has no negative results
}

// finish makes the call that the processor stopped for. It reports whether the
// program continues.
func (s *system) finish(c cpu.CPU) bool {
	number, args := c.Syscall()
	if slices.Contains(s.target.Exits, number) {
		s.calls = append(s.calls, call{number, args, crc32.ChecksumIEEE(s.mem.Linear()), s.mem.Break()})
		return false
	}
	c.SetResult(s.do(number, args))
	return true
}

// A counted CPU counts single steps.
type counted struct {
	cpu.CPU
	n int
}

func (c *counted) Step() error { c.n++; return c.CPU.Step() }

// compare runs the program both ways.
func (p *program) compare(t *translate.Translator, seed uint64, sum *summary) error {
	r := rand.New(rand.NewPCG(seed, 0))
	mem, want := p.memory(), p.memory()
	defer func() { mem.Free(); want.Free() }()
	fast, slow := &counted{CPU: p.start(mem)}, p.start(want)
	before := func() (*cpu.Memory, error) { return p.memory(), nil }
	guest := t.Guest(fast, mem, p.entry, before)
	defer func() { guest.Close() }()
	target := slow.Target()
	s := &system{isa: p.isa, mem: mem, target: target, r: r}
	w := &system{isa: p.isa, mem: want, target: target}
	sum.Programs++
	total := uint64(1000 + r.IntN(3000))
	executed := uint64(0)
	for executed < total {
		s.limit = pick(r, 1+r.Uint64N(20), 1+r.Uint64N(200), total)
		s.slice = pick[uint64](r, 2, 50, 5000)
		if r.IntN(20) == 0 {
			copied := mem.Clone()
			fast = &counted{CPU: fast.Clone(copied), n: fast.n}
			forked := guest.Fork(fast, copied)
			guest.Close()
			mem.Free()
			guest, mem, s.mem = forked, copied, copied
		}
		n, err := guest.Run(context.Background(), s)
		executed += n
		sum.Steps += int(n)
		if n > s.limit+overshoot {
			return fmt.Errorf("%d instructions, the limit was %d", n, s.limit)
		}
		on := true
		if err == cpu.ErrSyscall {
			on = s.finish(fast)
		}
		for i := range n {
			werr := slow.Step()
			if werr == cpu.ErrSyscall && w.finish(slow) || werr == nil {
				continue
			}
			if werr == cpu.ErrSyscall && i == n-1 && !on {
				break
			}
			return fmt.Errorf("%v after %d instructions at %#x; in single steps %v after %d", err, executed, fast.PC(), werr, executed-n+i)
		}
		if r := guest.LostIn(); r != micro.None {
			fast.SetRegister(r, slow.Register(r))
		}
		if err := same(fast, slow, mem, want); err != nil {
			return fmt.Errorf("%w, after %d instructions, and %d, at %#x", err, executed-n, n, slow.PC())
		}
		if i := slices.IndexFunc(s.calls, func(c call) bool { return len(w.calls) == 0 || c != w.calls[0] || shift(&w.calls) }); i >= 0 {
			return fmt.Errorf("call %d of %+v; in single steps %+v", i, s.calls, w.calls)
		}
		sum.Calls += len(s.calls)
		s.calls = nil
		var fault *cpu.Fault
		var lost *translate.LostFlags
		switch {
		case !on:
			sum.Exits++
			sum.Translated += int(executed) - fast.n
			return nil
		case err == nil || err == cpu.ErrSyscall:
		case errors.As(err, &lost):
			sum.Lost++
			return nil
		case errors.As(err, &fault):
			sum.Faults++
			sum.Translated += int(executed) - fast.n
			if werr := slow.Step(); werr == nil || werr.Error() != err.Error() {
				return fmt.Errorf("%v; in single steps %v", err, werr)
			}
			return nil
		default:
			return err
		}
	}
	sum.Limits++
	sum.Translated += int(executed) - fast.n
	return nil
}

// shift drops the first call.
func shift(calls *[]call) bool { *calls = (*calls)[1:]; return false }

// same compares two processors and their memories, except for flags.
func same(fast, slow cpu.CPU, mem, want *cpu.Memory) error {
	if fast.PC() != slow.PC() {
		return fmt.Errorf("the next instruction is at %#x; in single steps %#x", fast.PC(), slow.PC())
	}
	// A system call that was not made may have set its registers.
	t := slow.Target()
	in, _ := t.Lower(slow.PC(), want.Fetch(slow.PC(), t.MaxLength), want.Fetch)
	for r := range micro.Reg(t.Regs) {
		if in.Flow == micro.Syscall && slices.ContainsFunc(in.Ops, func(op micro.Op) bool { return op.To == r }) {
			continue
		}
		if x, y := fast.Register(r), slow.Register(r); x != y {
			return fmt.Errorf("register %d is %#x; in single steps %#x", r, x, y)
		}
	}
	if mem.Break() != want.Break() {
		return fmt.Errorf("the heap ends at %#x; in single steps %#x", mem.Break(), want.Break())
	}
	x, y := mem.Linear(), want.Linear()
	if n := min(len(x), len(y)); !bytes.Equal(x[:n], y[:n]) {
		for i := range n {
			if x[i] != y[i] {
				return fmt.Errorf("the byte at %#x of memory is %#x; in single steps %#x", i, x[i], y[i])
			}
		}
	}
	return nil
}
