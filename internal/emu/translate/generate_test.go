package translate_test

import (
	"bytes"
	"math/rand/v2"
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// A generator generates a random program. It executes the code it generates, once and
// from the first instruction of a function to the last, so that most instructions can
// be executed.
type generator struct {
	*program
	r      *rand.Rand
	code   []byte
	cpu    cpu.CPU
	mem    *cpu.Memory
	target *micro.Target
	sys    *system

	functions []uint64
	labels    []uint64 // addresses of instructions
	pending   []fixup
	loops     int // nesting depth of loops
	depth     int
}

// A fixup is a forward branch whose target is not known yet.
type fixup struct {
	at     uint64
	encode func(d int64) []byte
}

// generate generates a program.
func generate(i *isa, r *rand.Rand) *program {
	const rwx, rx, rw = cpu.Read | cpu.Write | cpu.Exec, cpu.Read | cpu.Exec, cpu.Read | cpu.Write
	code, constant := rwx, rwx
	data := pick(r, rwx, rw)
	if !i.big && r.IntN(3) == 0 {
		code, constant, data = pick(r, rwx, rx), pick[cpu.Perm](r, cpu.Read, 0, rx), rw
	}
	var perms []cpu.Perm
	for _, x := range []struct {
		perm cpu.Perm
		n    int
	}{{code, codePages}, {constant, constPages}, {data, dataPages}} {
		perms = append(perms, slices.Repeat([]cpu.Perm{x.perm}, x.n)...)
	}
	p := &program{isa: i, layout: cpu.Layout{
		Base: i.base, Perms: perms, MaxImage: 16 * cpu.PageSize, StackTop: i.stackTop, StackSize: stackSize, Big: i.big,
	}}
	if i.stackTop == 0 {
		p.layout.StackSize = 0
	}
	p.image = make([]byte, len(perms)*cpu.PageSize)
	for i := range p.image {
		if r.IntN(2) == 0 {
			p.image[i] = byte(r.Uint32())
		}
	}
	copy(p.image[:codePages*cpu.PageSize], bytes.Repeat([]byte{0xF1}, codePages*cpu.PageSize)) // not an instruction
	p.begin = i.base + pick[uint64](r, 0x100, cpu.PageSize-0x40)
	g := &generator{program: p, r: r, mem: p.memory()}
	defer g.mem.Free()
	g.cpu = i.new(g.mem)
	g.target = g.cpu.Target()
	g.sys = &system{isa: i, mem: g.mem, target: g.target}
	p.regs = make([]uint64, g.target.Regs)
	for k := range p.regs {
		p.regs[k] = word(pick(r, r.Uint64(), r.Uint64N(100), -r.Uint64N(100), g.address()), g.target.Bits)
	}
	for _, reg := range i.pointers {
		p.regs[reg] = g.address()
	}
	sp := i.stackTop - 0x800
	if i.stackTop == 0 {
		sp = i.base + uint64(len(p.image)) - 0x800
	}
	p.regs[g.target.Stack[0]], p.regs[g.target.Stack[1]] = sp, sp+16*r.Uint64N(8)
	for k, v := range p.regs {
		g.cpu.SetRegister(micro.Reg(k), v)
		p.regs[k] = g.cpu.Register(micro.Reg(k)) // some are always zero
	}
	for range r.IntN(4) {
		g.function()
	}
	p.entry = g.here()
	if r.IntN(4) > 0 {
		g.snippets(4 + r.IntN(8))
		g.resolve()
		g.emit(g.system(g.target.Exits[0]), false)
	} else { // falls through to the last function, or runs off the end
		g.snippets(2)
	}
	g.resolve()
	p.size = len(g.code)
	if r.IntN(20) == 0 { // the code ends in an executable page
		copy(p.image[codePages*cpu.PageSize-len(g.code):], g.code)
	}
	copy(p.image[p.begin-i.base:], g.code)
	return p
}

func word(v uint64, bits int) uint64 { return v << (64 - bits) >> (64 - bits) }

func (g *generator) here() uint64 { return g.begin + uint64(len(g.code)) }

// address returns an address, usually a valid one.
func (g *generator) address() uint64 {
	end := g.base + uint64(len(g.image))
	switch g.r.IntN(20) {
	case 0:
		return uint64(g.r.IntN(1 << 16)) // unmapped
	case 1:
		return g.begin + 4*g.r.Uint64N(1+uint64(len(g.code)/4))
	case 2:
		return g.base + codePages*cpu.PageSize + g.r.Uint64N(constPages*cpu.PageSize)
	case 3, 4:
		return end - g.r.Uint64N(32)
	case 5:
		return end - 4096 - uint64(g.r.IntN(64)) + 32
	}
	return end - dataPages*cpu.PageSize + 4*g.r.Uint64N(dataPages*cpu.PageSize/4)
}

// emit appends code, and executes it if execute is set.
func (g *generator) emit(code []byte, execute bool) {
	at := g.here()
	g.labels = append(g.labels, at)
	g.code = append(g.code, code...)
	g.mem.Init(at, code)
	if execute {
		g.execute(at, 8)
	}
}

// execute executes from an address to the end of the code. It reports whether it got
// there within the given number of steps.
func (g *generator) execute(at uint64, steps int) bool {
	g.cpu.SetPC(at)
	for range steps {
		err := g.cpu.Step()
		if err == cpu.ErrSyscall && !g.sys.finish(g.cpu) || err != nil && err != cpu.ErrSyscall {
			return false
		}
		if g.cpu.PC() == g.here() {
			return true
		}
	}
	return false
}

// full reports whether the program is long enough.
func (g *generator) full() bool { return len(g.code) > 1200 }

// plain adds a random instruction that continues with the next one.
func (g *generator) plain() {
	at := g.here()
	for range 60 {
		candidate := g.random(g.r)
		g.mem.Init(at, candidate)
		in, ok := g.target.Lower(at, g.mem.Fetch(at, g.target.MaxLength), g.mem.Fetch)
		if !ok || !g.suits(&in) && g.r.IntN(300) > 0 {
			continue
		}
		candidate = candidate[:min(int(in.Length), len(candidate))]
		g.cpu.SetPC(at)
		if err := g.cpu.Step(); err != nil && g.r.IntN(500) > 0 {
			continue
		}
		g.emit(candidate, false)
		return
	}
}

// suits reports whether an instruction continues with the next one and does not set
// reserved registers.
func (g *generator) suits(in *micro.Instruction) bool {
	switch in.Flow {
	case micro.Next:
	case micro.Branch:
		return in.To.Const > in.PC && in.To.Const-in.PC < 16
	default:
		return false
	}
	if in.Step && g.r.IntN(4) > 0 {
		return false
	}
	for _, op := range in.Ops {
		if op.To >= micro.T0 || op.Code == micro.Store || op.Code == micro.Guard || op.Code == micro.SetFlags {
			continue
		}
		if g.needed(op.To) && g.r.IntN(20) > 0 {
			return false
		}
	}
	return true
}

func (g *generator) needed(r micro.Reg) bool {
	return r == g.target.Stack[0] || r == g.target.Stack[1] || r == g.link || slices.Contains(g.pointers, r) || slices.Contains(g.counters, r)
}

// snippets adds pieces of code.
func (g *generator) snippets(n int) {
	for range n {
		if g.full() {
			return
		}
		g.snippet()
	}
}

func (g *generator) snippet() {
	r := g.r
	if r.IntN(3) == 0 {
		g.resolve()
	}
	if g.depth > 4 {
		g.plain()
		return
	}
	g.depth++
	defer func() { g.depth-- }()
	switch r.IntN(20) {
	case 0, 1, 2, 3, 4:
		for range 1 + r.IntN(8) {
			g.plain()
		}
	case 5, 6: // a pointer
		reg := pick(r, g.pointers...)
		if r.IntN(4) == 0 {
			g.emit(g.move(reg, pick(r, g.target.Stack[0], g.target.Stack[1])), true)
		} else {
			g.emit(g.set(r, reg)(g.address()), true)
		}
		for range r.IntN(5) {
			g.plain()
		}
	case 7:
		g.emit(g.set(r, pick(r, g.scratch...))(pick(r, r.Uint64(), r.Uint64N(256), -r.Uint64N(256))), true)
	case 8, 9, 10: // a branch over something
		g.fix(g.branch(r))
		g.snippets(r.IntN(3))
	case 11, 12:
		g.loop()
	case 13, 14:
		g.calling()
	case 15: // push and pop
		reg := pick(r, append(g.scratch, g.pointers...)...)
		g.emit(g.push(reg), true)
		g.snippets(r.IntN(3))
		g.emit(g.pop(pick(r, reg, pick(r, g.scratch...))), true)
	case 16:
		g.framed()
	case 17:
		g.systemCall()
	case 18:
		g.odd()
	case 19:
		g.modify()
	}
}

// fix adds a branch to a later instruction.
func (g *generator) fix(encode func(int64) []byte) {
	g.pending = append(g.pending, fixup{g.here(), encode})
	g.emit(encode(64), false)
}

// resolve makes pending branches lead to the current address.
func (g *generator) resolve() {
	for _, f := range g.pending {
		copy(g.code[f.at-g.begin:], f.encode(int64(g.here()-f.at)))
		g.mem.Init(f.at, f.encode(int64(g.here()-f.at)))
	}
	g.pending = nil
}

// loop adds a loop that is executed a few times.
func (g *generator) loop() {
	if g.loops == len(g.counters) {
		return
	}
	c := g.counters[g.loops]
	g.loops++
	g.emit(g.set(g.r, c)(1+g.r.Uint64N(12)), true)
	head := g.here()
	g.snippets(1 + g.r.IntN(3))
	if g.r.IntN(6) == 0 { // a second back edge
		branch := g.branch(g.r)
		g.emit(branch(int64(head-g.here())), false)
	}
	g.emit(g.less(c), true)
	to := head
	if g.r.IntN(8) == 0 { // a branch into the middle
		to = pick(g.r, g.labels...)
	}
	g.emit(g.unless0(c, int64(to-g.here())), false)
	g.loops--
}

// calling adds a call.
func (g *generator) calling() {
	if len(g.functions) == 0 {
		return
	}
	f := pick(g.r, g.functions...)
	if len(g.labels) > 0 && g.r.IntN(20) == 0 {
		f = pick(g.r, g.labels...)
	}
	at := g.here()
	saved := g.link != micro.None && g.r.IntN(8) > 0
	if saved {
		g.emit(g.push(g.link), true)
	}
	var code []byte
	if g.r.IntN(4) == 0 {
		reg := pick(g.r, g.scratch...)
		code = g.set(g.r, reg)(f)
		code = append(code, pick(g.r, g.callTo, g.callTo, g.callTo, g.callTo, g.jumpTo)(reg)...)
		g.emit(code, false)
	} else {
		code = g.call(int64(f - g.here()))
		g.emit(code, false)
	}
	if !g.execute(g.here()-uint64(len(code)), 1000) && g.r.IntN(10) > 0 {
		g.code = g.code[:at-g.begin]
		g.labels = slices.DeleteFunc(g.labels, func(l uint64) bool { return l >= g.here() })
		for r, v := range g.regs {
			g.cpu.SetRegister(micro.Reg(r), v)
		}
		return
	}
	if saved {
		g.emit(g.pop(g.link), true)
	}
}

// framed adds the code that compilers generate for a call, or for a block with
// variables.
func (g *generator) framed() {
	fp, sp := g.target.Stack[1], g.target.Stack[0]
	g.emit(g.push(fp), true)
	n := g.r.IntN(3)
	for range n {
		g.emit(g.push(pick(g.r, g.scratch...)), true)
	}
	g.emit(g.move(fp, sp), true)
	if g.r.IntN(2) == 0 {
		g.calling()
	} else {
		g.snippets(1 + g.r.IntN(3))
	}
	for range n {
		g.emit(g.pop(pick(g.r, g.scratch...)), true)
	}
	g.emit(g.pop(fp), true)
}

// function adds a function.
func (g *generator) function() {
	entry := g.here()
	recursive := g.r.IntN(4) == 0
	if !recursive {
		g.functions = append(g.functions, entry)
	}
	leaf := g.r.IntN(2) == 0
	if g.link != micro.None && (!leaf || recursive) {
		g.emit(g.push(g.link), true)
	}
	g.snippets(1 + g.r.IntN(4))
	if recursive {
		c := g.counters[len(g.counters)-1]
		g.emit(g.less(c), true)
		g.fix(func(d int64) []byte { return g.if0(c, d) })
		g.emit(g.call(int64(entry-g.here())), false)
		g.snippets(g.r.IntN(3))
		g.resolve()
		g.functions = append(g.functions, entry)
	}
	if g.r.IntN(8) > 0 {
		g.resolve()
	}
	if g.link != micro.None && (!leaf || recursive) {
		g.emit(g.pop(g.link), true)
	}
	switch {
	case g.r.IntN(10) == 0 && len(g.functions) > 0: // tail call
		g.emit(g.jump(int64(pick(g.r, g.functions...)-g.here())), false)
	case g.r.IntN(20) > 0:
		g.emit(g.ret(g.r), false)
	}
}

// systemCall adds a system call.
func (g *generator) systemCall() {
	for range g.r.IntN(3) {
		reg := pick(g.r, g.target.Args...)
		if slices.Contains(g.pointers, reg) || !g.needed(reg) {
			g.emit(g.set(g.r, reg)(pick(g.r, g.address(), g.r.Uint64N(100), g.r.Uint64())), true)
		}
	}
	n := 16 + g.r.Uint64N(8)
	if g.r.IntN(8) == 0 {
		n = g.r.Uint64N(128)
	}
	if slices.Contains(g.target.Exits, n) {
		return
	}
	g.emit(g.system(n), true)
}

// odd adds a return to an address that is not behind a call.
func (g *generator) odd() {
	reg, ret := g.link, g.ret(g.r)
	if reg == micro.None {
		reg = pick(g.r, g.scratch...)
		ret = append(g.push(reg), ret...)
	}
	set := g.set(g.r, reg)
	n := len(set(0)) + len(ret)
	at := g.here()
	to := at + uint64(n)
	g.emit(append(set(to), ret...), false)
	for range g.r.IntN(3) {
		g.plain()
	}
	to = g.here()
	copy(g.code[at-g.begin:], set(to))
	g.mem.Init(at, set(to))
}

// modify adds code that copies code over code.
func (g *generator) modify() {
	if g.r.IntN(3) > 0 || len(g.labels) == 0 {
		return
	}
	reg, p := pick(g.r, g.scratch...), pick(g.r, g.pointers...)
	g.emit(g.set(g.r, p)(pick(g.r, g.labels...)), true)
	g.emit(g.load(reg, p), true)
	g.emit(g.set(g.r, p)(pick(g.r, pick(g.r, g.labels...), g.here()+g.r.Uint64N(64)&^3)), true)
	g.emit(g.store(reg, p), true)
}
