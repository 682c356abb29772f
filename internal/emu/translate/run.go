package translate

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// A system is the operating system of a Guest.
type system interface {
	// Call makes a system call; pc is the address after its instruction. made is
	// false if Call did not make it: then Run returns cpu.ErrSyscall, and Run's
	// caller makes the call. Call must not make calls that change which program the
	// Guest runs.
	Call(pc, number uint64, args [6]uint64) (result int64, made bool)

	// Tick is called with the number of instructions that Run has executed. It
	// returns how many more Run may execute before it calls Tick again; if it returns
	// 0, Run returns.
	Tick(executed uint64) (more uint64)
}

// A Guest is a running program.
type Guest struct {
	t   *Translator
	cpu cpu.CPU
	mem *cpu.Memory
	sys system

	entry  uint64
	before func() (*cpu.Memory, error)

	ctx      context.Context
	kept     *translation
	program  *program
	module   api.Module
	dispatch api.Function
	globals  []api.MutableGlobal
	stack    []uint64
	limit    uint64 // cpu.Memory.Break, as set in the globals
	size     int    // of Linear, as known to the module

	executed uint64    // instructions of this Run, up to the last Tick
	granted  int64     // how many more Tick granted
	patience int       // steps before the program is translated
	steps    int       // consecutive single steps
	modified bool      // do not translate: code was overwritten, or could not be translated
	complete bool      // no further entry can be added to the program
	lost     uint64    // lost flags (see lost.go), a subset of micro.AllFlags
	lostIn   micro.Reg // the register that lost flags were copied to, or micro.None
}

// forkPatience is how many steps a child executes before its program is translated:
// most children soon execute another program.
const forkPatience = 1000

// Guest returns a Guest for the program that c runs in mem. The program starts at
// entry; before returns its memory as it was at the start.
//
// If t is nil, the Guest only takes single steps.
func (t *Translator) Guest(c cpu.CPU, mem *cpu.Memory, entry uint64, before func() (*cpu.Memory, error)) *Guest {
	return &Guest{t: t, cpu: c, mem: mem, entry: entry, before: before, lostIn: micro.None}
}

// Fork returns a Guest for a copy of the program, which c runs in mem.
func (g *Guest) Fork(c cpu.CPU, mem *cpu.Memory) *Guest {
	if g.kept != nil {
		g.kept.use(1)
	}
	return &Guest{t: g.t, cpu: c, mem: mem, entry: g.entry, before: g.before, kept: g.kept, modified: g.modified, lost: g.lost, lostIn: g.lostIn, patience: forkPatience}
}

// Close releases the program's translation.
func (g *Guest) Close() {
	g.leave()
	if g.kept != nil {
		g.kept.use(-1)
		g.kept = nil
	}
}

// leave closes the Guest's instance of the module.
func (g *Guest) leave() {
	if g.module != nil {
		g.module.Close(g.ctx)
		g.module = nil
	}
}

// Run executes the program until sys does not make a system call, an instruction
// cannot be executed (as for cpu.CPU.Step), or sys.Tick returns 0; in the last case
// err is nil. It returns the number of executed instructions.
func (g *Guest) Run(ctx context.Context, sys system) (executed uint64, err error) {
	g.sys, g.executed, g.granted = sys, 0, 0
	g.ctx = context.WithValue(ctx, guestKey{}, g)
	left := int64(0)
	total := func() uint64 { return g.executed + uint64(g.granted-left) }
	mayEnter := true
	if g.mem.Modified { // by the system call that Run's caller made
		g.drop()
	}
	for {
		if left <= 0 {
			if left = g.more(left); left <= 0 {
				return total(), nil
			}
		}
		if mayEnter && g.canEnter() {
			left, err = g.enter(left)
			if err != nil {
				return total(), err
			}
			mayEnter, g.steps = false, 0
			continue
		}
		if g.lost != 0 || g.lostIn != micro.None {
			if err := g.lose(); err != nil {
				return total(), err
			}
		}
		err := g.cpu.Step()
		if err == nil || err == cpu.ErrSyscall {
			left--
		}
		if err != nil {
			return total(), err
		}
		if g.mem.Modified {
			g.drop()
		}
		mayEnter = true
		g.patience--
		g.steps++
	}
}

// more calls Tick, and returns how many more steps it grants.
func (g *Guest) more(left int64) int64 {
	g.executed += uint64(g.granted - left)
	g.granted = int64(min(g.sys.Tick(g.executed), 1<<62))
	return g.granted
}

// canEnter reports whether there is translated code for the program counter. If the
// program was left inside a loop, as it is by a fork, canEnter translates it again
// with the loop as an entry.
func (g *Guest) canEnter() bool {
	if g.module == nil {
		if g.t == nil || g.patience > 0 || g.modified || g.cpu.Target() == nil {
			return false
		}
		g.prepare(0)
	}
	if g.modified {
		return false
	}
	pc := g.cpu.PC()
	flags, ok := g.program.starts[pc]
	if !ok && g.steps > loopPatience && !g.complete && g.program.headers[pc] {
		if g.prepare(pc); g.modified {
			return false
		}
		flags, ok = g.program.starts[pc]
		g.complete = !ok
	}
	return ok && !(flags && g.lost != 0) && g.lostIn == micro.None
}

// loopPatience is how many consecutive single steps are taken before a loop becomes
// an entry.
const loopPatience = 1000

// prepare translates the program, with an additional entry at more if that is not
// zero. If the program cannot be translated, it runs in single steps.
func (g *Guest) prepare(more uint64) {
	if err := g.instantiate(more); err != nil {
		g.leave()
		g.modified = true
	}
}

// errChanged is the error if a program's code has changed since it started.
var errChanged = errors.New("the code has been overwritten")

func (g *Guest) instantiate(more uint64) error {
	mem, err := g.before()
	if err != nil {
		return err
	}
	defer mem.Free()
	if g.kept == nil {
		g.kept = g.t.translation(g.cpu.Target(), mem, g.entry)
	}
	p, module, err := g.kept.get(g.ctx, g.cpu.Target(), mem, g.entry, more)
	if err != nil {
		return err
	}
	if p == g.program && g.module != nil {
		return nil
	}
	if !p.same(mem, g.mem) {
		return errChanged
	}
	g.leave()
	g.program = p
	ctx := experimental.WithMemoryAllocator(g.ctx, experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
		return linear{g.mem}
	}))
	g.mem.Note(g.program.bytes)
	m, err := g.t.runtime.InstantiateModule(ctx, module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return err
	}
	g.module, g.dispatch = m, m.ExportedFunction("dispatch")
	g.globals = make([]api.MutableGlobal, g.program.globals())
	for i := range g.globals {
		g.globals[i] = m.ExportedGlobal(globalName(i)).(api.MutableGlobal)
	}
	g.stack = make([]uint64, len(g.program.hot)+2)
	g.limit, g.size = 0, 0
	g.grown()
	return nil
}

// same reports whether the program's code is the same in two memories.
func (p *program) same(a, b *cpu.Memory) bool {
	base, size := a.CodeRange()
	if base2, size2 := b.CodeRange(); base != base2 || size != size2 {
		return false
	}
	x, y := a.Fetch(base, size), b.Fetch(base, size)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && p.bytes.Has(base+uint64(i), 1) {
			return false
		}
	}
	return true
}

// linear is a program's memory as wazero's LinearMemory.
type linear struct{ mem *cpu.Memory }

func (l linear) Reallocate(n uint64) []byte {
	l.mem.Extend(n)
	return l.mem.Linear()
}

func (l linear) Free() {}

// grown tells the module the current size of memory.
func (g *Guest) grown() {
	if g.limit == g.mem.Break() && g.size == len(g.mem.Linear()) { // Linear does not shrink with the heap
		return
	}
	g.limit, g.size = g.mem.Break(), len(g.mem.Linear())
	m := g.module.Memory()
	if n, have := uint64(len(g.mem.Linear())), uint64(m.Size()); n > have {
		m.Grow(uint32((n - have) / cpu.Block))
	}
	_, load, store := g.mem.Windows()
	for global, w := range map[int]cpu.Window{globalLoad: load, globalStore: store} {
		g.globals[global].Set(w.Size - min(w.Size, roughly))
		g.globals[global+1].Set(w.Size)
	}
}

// drop stops using the translation, because the code has changed.
func (g *Guest) drop() {
	g.leave()
	g.mem.Note(nil)
	g.modified = true
}

// enter runs translated code from the program counter until it leaves for an address
// that is not the start of a translated function.
func (g *Guest) enter(left int64) (int64, error) {
	p := g.program
	g.grown()
	g.globals[globalDepth].Set(0)
	g.globals[globalTails].Set(0)
	g.storeFlags()
	for _, r := range p.cold {
		g.globals[p.place[r].n].Set(g.cpu.Register(r))
	}
	for i, r := range p.hot {
		g.stack[i] = g.cpu.Register(r)
	}
	n := len(p.hot)
	g.stack[n] = uint64(left)
	g.stack[n+1] = g.cpu.PC()
	if err := g.dispatch.CallWithStack(g.ctx, g.stack); err != nil {
		return left, fmt.Errorf("in translated code: %w", err)
	}
	for _, r := range p.cold {
		g.cpu.SetRegister(r, g.globals[p.place[r].n].Get())
	}
	for i, r := range p.hot {
		g.cpu.SetRegister(r, g.stack[i])
	}
	g.cpu.SetPC(word(g.stack[n+1], p.target.Bits))
	g.loadFlags()
	if g.mem.Modified {
		g.drop()
	}
	return int64(g.stack[n]), nil
}

// storeFlags and loadFlags move the flags to the globals and back.
func (g *Guest) storeFlags() {
	if f := g.cpu.Flags(); f != nil {
		kind := uint64(f.Kind)
		if g.lost != 0 {
			kind = lostKind
		}
		g.globals[globalFlags].Set(kind | uint64(f.Size)<<8)
		for i, v := range []uint64{f.A, f.B, f.R} {
			g.globals[globalFlags+1+i].Set(v)
		}
	}
}

func (g *Guest) loadFlags() {
	f := g.cpu.Flags()
	if f == nil {
		return
	}
	g.lost = 0
	if *f = g.flags(); f.Kind == lostKind {
		*f, g.lost = micro.Flags{}, micro.AllFlags
	}
}

func (g *Guest) flags() micro.Flags {
	kind := g.globals[globalFlags].Get()
	v := func(i int) uint64 { return word(g.globals[globalFlags+i].Get(), g.program.target.Bits) }
	return micro.Flags{Kind: micro.FlagKind(kind), Size: uint8(kind >> 8), A: v(1), B: v(2), R: v(3)}
}

// Host functions that translated code calls.

func (g *Guest) call(stack []uint64) {
	result, made := g.sys.Call(stack[callArgs], stack[0], [6]uint64(stack[1:callArgs]))
	stack[0], stack[1] = uint64(result), callMade
	switch {
	case !made:
		stack[1] = callNotMade
	case g.mem.Modified:
		stack[1] = callLeaves
	default:
		g.grown()
	}
}

func (g *Guest) tick(stack []uint64) {
	left := g.more(int64(stack[0]))
	if left == 0 { // not yet negative, which is when translated code leaves
		left, g.granted = -1, -1
	}
	stack[0] = uint64(left)
}

func (g *Guest) condition(stack []uint64) {
	f := g.flags()
	holds := f.Holds(micro.Cond(stack[0]))
	stack[0] = 0
	if holds {
		stack[0] = 1
	}
}

func (g *Guest) flagsWord(stack []uint64) {
	f := g.flags()
	stack[0] = g.program.target.FlagsWord(&f)
}

// step executes one instruction in the executor.
func (g *Guest) step(stack []uint64) {
	n := g.program.target.Regs
	for r := range n {
		g.cpu.SetRegister(micro.Reg(r), stack[r])
	}
	g.cpu.SetPC(stack[n])
	g.loadFlags()
	err := g.cpu.Step()
	g.storeFlags()
	for r := range n {
		stack[r] = g.cpu.Register(micro.Reg(r))
	}
	stack[n] = callMade
	switch {
	case err != nil:
		stack[n] = callNotMade
	case g.mem.Modified:
		stack[n] = callLeaves
	}
}
