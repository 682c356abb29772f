package prove

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// limits are small: a seed needs its image and a few words of stack.
var limits = emu.Limits{Memory: 1 << 20, Stack: 8 << 10}

// A machine executes a program from one system call to the next, and can be set
// back to any state in which it made one.
//
// A state is the values of all registers and of the live bytes of memory. Which bytes
// are live depends on the site, the address where the system call is made: those that
// some stretch from there loads before it stores to them, and those that are live at
// the stretch's end and that it does not store to. So the other bytes cannot make a
// difference. The machine finds the live bytes as it runs: when one is found that was
// not known, grown is set, and what has been explored so far is void.
type machine struct {
	*emu.Process
	args   []string
	sp     uint64 // the stack pointer at the start
	start  []byte // the state at the start of the program, without memory
	memory []byte // stack and image: Memory.Linear; an index in memory is one in this
	stack  cpu.Window
	image  cpu.Window

	sites map[uint64]*site // by address, and that of the entry
	site  *site            // where the stretch began that is being executed
	grown bool             // a live byte has been found

	bytes []note         // of each byte of memory
	round uint32         // counts up when the state is set
	undo  []undo         // what was stored to since the start, or set
	code  map[uint64]int // the instructions that were executed: address and length

	fetches  bool      // the program may change its code, which is live like what it loads
	liveness *liveness // nil: all bits of registers are live
}

// A note is what is known of a byte of memory.
type note struct {
	stored uint32 // the last round in which it was stored to
	loaded bool   // at some time
	own    bool   // the program itself loaded it, stored to it or wrote it to a file at some time
}

// A site is an address where system calls are made, with the bytes that are live there.
type site struct {
	live   []int   // indices in memory, sorted
	isLive []bool  // by index in memory
	bits   liveSet // of the registers, if there is a liveness
}

// An undo is a byte of memory before it was stored to.
type undo struct {
	index int
	was   byte
}

// newMachine loads a program, with a stack that is lower than usual by a number of bytes.
// Its owner must close it.
func newMachine(file []byte, args []string, lower uint64) (*machine, error) {
	p, err := emu.LoadLower(file, args, nil, limits, lower)
	if err != nil {
		return nil, err
	}
	m := &machine{Process: p, args: args, memory: p.Memory.Linear(), code: map[uint64]int{}}
	m.stack, m.image, _ = p.Memory.Windows()
	m.bytes = make([]note, m.stack.Size+m.image.Size)
	p.Memory.Observe(m.observe)
	m.sites = map[uint64]*site{}
	m.start = m.append(nil)
	for _, r := range p.CPU.Registers(nil) {
		if strings.HasSuffix(r.Name, "sp") {
			m.sp = r.Value
		}
	}
	return m, nil
}

func (m *machine) close() { m.Memory.Free() }

// otherStack returns how much lower than the usual stack another one is whose address
// differs from it in each bit that Linux chooses at random, above those in a page.
func (m *machine) otherStack() uint64 {
	pages := uint64(0x3FFFF) // STACK_RND_MASK in arch/*/include/asm/elf.h: that the stack is lower by at most
	switch {
	case m.CPU.Target().Bits == 32:
		pages = 0x7FF
	case m.Arch == "amd64":
		pages = 0x3FFFFF
	}
	last := (m.stack.Base + m.stack.Size - 1) / cpu.PageSize & pages
	return (last - ^last&pages) * cpu.PageSize
}

// index returns the index in memory of an address that the program can use.
func (m *machine) index(addr uint64) int {
	for _, w := range [...]cpu.Window{m.stack, m.image} {
		if off := addr - w.Base; off < w.Size {
			return int(w.Offset + off)
		}
	}
	panic(fmt.Sprintf("prove: no memory at %#x", addr))
}

// observe notes an access of the program, or a store by its world.
func (m *machine) observe(a cpu.Access) {
	if m.liveness != nil {
		m.liveness.accesses = append(m.liveness.accesses, a)
	}
	first := m.index(a.Addr)
	for i := range a.Size {
		m.bytes[first+i].own = true
	}
	if !a.Store {
		m.load(a.Addr, a.Size)
		return
	}
	for i := first; i < first+a.Size; i++ {
		if m.bytes[i].stored != m.round {
			m.bytes[i].stored = m.round
			m.undo = append(m.undo, undo{i, m.memory[i]})
		}
	}
}

// load notes that the program, or its world, loads size bytes.
func (m *machine) load(addr uint64, size int) {
	if size == 0 {
		return
	}
	first := m.index(addr)
	for i := first; i < first+size; i++ {
		m.bytes[i].loaded = true
		if m.liveness == nil {
			m.live(i)
		}
	}
}

// live notes that the byte with an index in memory is live after the stretch's
// stores, so that it is at its beginning too if it was not stored to.
func (m *machine) live(i int) {
	if m.bytes[i].stored != m.round {
		m.makeLive(i)
	}
}

// makeLive makes the byte with an index in memory live at the site where the stretch
// began.
func (m *machine) makeLive(i int) {
	if !m.site.isLive[i] {
		at, _ := slices.BinarySearch(m.site.live, i)
		m.site.live, m.site.isLive[i], m.grown = slices.Insert(m.site.live, at, i), true, true
	}
}

// at returns the site with an address.
func (m *machine) at(pc uint64) *site {
	s := m.sites[pc]
	if s == nil {
		s = &site{isLive: make([]bool, len(m.bytes)), bits: liveSet{regs: make([]uint64, m.CPU.Target().Regs)}}
		m.sites[pc] = s
	}
	return s
}

// restart sets the machine to the start of the program.
func (m *machine) restart() {
	m.rewind()
	m.grown = false
	state := slices.Clone(m.start)
	for _, i := range m.at(m.entry()).live {
		state = append(state, m.memory[i])
	}
	m.set(state)
}

// entry returns the address of the program's first instruction.
func (m *machine) entry() uint64 { return binary.LittleEndian.Uint64(m.start) }

// append appends the state that the machine is in to s. Bits of registers that are not
// live are 0 in it.
func (m *machine) append(s []byte) []byte {
	site := m.at(m.CPU.PC())
	if m.liveness == nil {
		s = m.appendRegisters(s, nil)
	} else {
		s = m.appendRegisters(s, &site.bits)
	}
	for _, i := range site.live {
		s = append(s, m.memory[i])
	}
	return s
}

// appendRegisters appends the registers to s. If live is not nil, only its bits are not 0.
func (m *machine) appendRegisters(s []byte, live *liveSet) []byte {
	s = binary.LittleEndian.AppendUint64(s, m.CPU.PC())
	if f := m.CPU.Flags(); f != nil {
		var all uint64
		if live == nil || live.flags {
			all = f.All()
		}
		s = binary.LittleEndian.AppendUint16(s, uint16(all))
	}
	for r := range m.CPU.Target().Regs {
		v := m.CPU.Register(micro.Reg(r))
		if live != nil {
			v &= live.regs[r]
		}
		s = binary.LittleEndian.AppendUint64(s, v)
	}
	return s
}

// rewind sets memory to what it was at the start of the program.
func (m *machine) rewind() {
	for _, u := range slices.Backward(m.undo) {
		m.memory[u.index] = u.was
	}
	m.undo = m.undo[:0]
	m.round++
}

// set sets the machine to a state.
func (m *machine) set(s []byte) {
	m.rewind()
	if m.liveness != nil {
		m.liveness.accesses = m.liveness.accesses[:0]
	}
	pc := binary.LittleEndian.Uint64(s)
	m.CPU.SetPC(pc)
	m.site = m.at(pc)
	s = s[8:]
	if f := m.CPU.Flags(); f != nil {
		*f = micro.Flags{Kind: micro.Literal, A: uint64(binary.LittleEndian.Uint16(s))}
		s = s[2:]
	}
	for r := range m.CPU.Target().Regs {
		m.CPU.SetRegister(micro.Reg(r), binary.LittleEndian.Uint64(s))
		s = s[8:]
	}
	for at, i := range m.site.live {
		if m.memory[i] != s[at] {
			m.undo = append(m.undo, undo{i, m.memory[i]})
			m.memory[i] = s[at]
		}
	}
}

// longest is the maximum number of instructions between two system calls. A seed
// executes fewer than a hundred. A program that executes more is taken to hang.
const longest = 10_000

// errRuns is returned by run when the program does not make a system call.
var errRuns = fmt.Errorf("more than %d instructions without a system call", longest)

// errLoops is returned by run when the program comes back to a state without a system
// call, so that it never makes another.
var errLoops = errors.New("an endless loop without a system call")

// run executes the program to its next system call, and returns the call. If the
// program faults, the error is a *cpu.Fault.
func (m *machine) run() (call, error) {
	if m.liveness != nil {
		m.liveness.begin()
	}
	c, err := m.stretch()
	switch {
	case m.liveness == nil:
	case err != nil:
		m.finish(nil)
	default:
		m.finish(&c)
	}
	return c, err
}

// stretch executes the program to its next system call.
func (m *machine) stretch() (call, error) {
	var before moment
	for n := range longest {
		pc := m.CPU.PC()
		if n >= shortest && m.repeats(&before, n) {
			return call{}, errLoops
		}
		if m.liveness != nil {
			m.liveness.trace = append(m.liveness.trace, executed{pc, len(m.liveness.accesses), m.lower(pc)})
		}
		if m.fetches {
			m.fetch(pc)
		}
		var length int
		if m.code[pc] == 0 {
			length, _ = m.CPU.Length() // an error is that of Step
		}
		err := m.CPU.Step()
		if length > 0 && (err == nil || err == cpu.ErrSyscall) {
			m.code[pc] = length
		}
		if err == cpu.ErrSyscall {
			c := m.call()
			if c.name != "exit" && m.liveness == nil {
				for _, i := range m.at(m.CPU.PC()).live {
					m.live(i)
				}
			}
			return c, nil
		}
		if err != nil {
			return call{}, err
		}
	}
	return call{}, errRuns
}

// shortest is after how many instructions run begins to look for loops.
const shortest = 256

// A moment is a state between two system calls.
type moment struct {
	pc        uint64
	registers []byte
	memory    []byte // the bytes that were stored to, in the order of undo
}

// repeats reports whether the machine is in the state of a moment, with n instructions
// executed. At every power of two, it takes a new moment.
func (m *machine) repeats(before *moment, n int) bool {
	if n&(n-1) == 0 {
		*before = m.moment()
		return false
	}
	if m.CPU.PC() != before.pc {
		return false
	}
	now := m.moment()
	return bytes.Equal(now.registers, before.registers) && bytes.Equal(now.memory, before.memory)
}

func (m *machine) moment() moment {
	now := moment{pc: m.CPU.PC(), registers: m.appendRegisters(nil, nil)}
	for _, u := range m.undo {
		now.memory = append(now.memory, m.memory[u.index])
	}
	return now
}

// fetch notes that the program loads its code at pc.
func (m *machine) fetch(pc uint64) {
	n, err := m.CPU.Length()
	if err != nil {
		n = len(m.Memory.Fetch(pc, m.CPU.Target().MaxLength))
	}
	m.load(pc, n)
}

// used returns the indices in memory of the bytes that were loaded, stored to or executed.
func (m *machine) used() (list []int) {
	executed := map[int]bool{}
	for pc, n := range m.code {
		for j := range n {
			executed[m.index(pc)+j] = true
		}
	}
	for i, b := range m.bytes {
		if b.loaded || b.stored > 0 || executed[i] {
			list = append(list, i)
		}
	}
	return list
}

// looksAtNames reports whether the program itself, not a call of open, loads a byte of
// its arguments, or stores to one. Otherwise it does the same whatever its files are
// called.
func (m *machine) looksAtNames() bool {
	for a := m.nameOf(0); a < m.nameOf(len(m.args)); a++ {
		if m.bytes[m.index(a)].own {
			return true
		}
	}
	return false
}

// isName reports whether an argument is at an address.
func (m *machine) isName(addr uint64) bool {
	for i := range m.args {
		if m.nameOf(i) == addr {
			return true
		}
	}
	return false
}

// nameOf returns the address of argument i, or of the end of all arguments. They are the
// last strings on the stack, before a null word.
func (m *machine) nameOf(i int) uint64 {
	addr := m.stack.Base + m.stack.Size - uint64(m.CPU.Target().Bits/8)
	for _, arg := range m.args[i:] {
		addr -= uint64(len(arg) + 1)
	}
	return addr
}

// looksPastArguments reports whether the program needs a byte of the stack at its start
// above the pointers to its arguments, other than their names. Otherwise it does the same
// in every environment.
func (m *machine) looksPastArguments() bool {
	first := m.index(m.sp) + m.CPU.Target().Bits/8*(1+len(m.args))
	names, end := m.index(m.nameOf(0)), m.index(m.nameOf(len(m.args)))
	for _, i := range m.at(m.entry()).live {
		if onStack := uint64(i)-m.stack.Offset < m.stack.Size; onStack && i >= first && (i < names || i >= end) {
			return true
		}
	}
	return false
}

// modified returns the address of a byte of an executed instruction that was stored
// to at some time.
func (m *machine) modified() (addr uint64, found bool) {
	for pc, n := range m.code {
		for a := pc; a < pc+uint64(n); a++ {
			if m.bytes[m.index(a)].stored > 0 {
				return a, true
			}
		}
	}
	return 0, false
}
