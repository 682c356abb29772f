package translate

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Functions of a module that do not come from the program: imports from the host, the
// dispatcher, and a multiplication.
const (
	hostCall = iota
	hostTick
	hostCondition
	hostFlags
	hostStep
	funcDispatch
	funcMulHigh
	firstFunction
)

// The names of the host's functions.
var hostNames = [...]string{hostCall: "call", hostTick: "tick", hostCondition: "condition", hostFlags: "flags", hostStep: "step"}

// The globals of a module.
const (
	globalDepth = iota            // depth of calls of functions that may be recursive, 32 bits
	globalTails                   // how often functions continued with others, 32 bits
	globalFlags                   // micro.Flags: kind and size in 32 bits, A, B, R
	globalLoad  = globalFlags + 4 // for loads: the size of the window minus roughly, and its size
	globalStore = globalLoad + 2  // for stores: the same
	globalCold  = globalStore + 2 // registers in globals
)

// maxDepth bounds the depth of calls of functions that may be recursive.
// WebAssembly's stack allows much more: 2,000 calls in wazero's interpreter.
const maxDepth = 1000

// maxTails bounds how often functions continue with others before Run enters the
// program again. wazero (v1.12.0) makes a tail call with more parameters than fit in
// registers, such as one of the dispatcher, like any other call, so that its stack
// grows.
const maxTails = 20_000

// globalType returns the type of a global.
func (p *program) globalType(i int) byte {
	if i <= globalFlags {
		return typeI32
	}
	return p.word()
}

func (p *program) word() byte {
	if p.target.Bits == 32 {
		return typeI32
	}
	return typeI64
}

func (p *program) globals() int { return globalCold + len(p.cold) }

// maxHot is how many registers are passed to functions: wazero keeps the first few
// parameters and results of a function in registers.
const maxHot = 6

// chooseRegisters puts the registers that are named most often in hot.
func (p *program) chooseRegisters() {
	n := make([]int, 256)
	for _, in := range p.code {
		for i := range in.Ops {
			op := &in.Ops[i]
			n[op.To]++
			n[op.A.Reg]++
			n[op.B.Reg]++
			n[op.C.Reg]++
		}
		n[in.To.Reg]++
	}
	regs := make([]micro.Reg, p.target.Regs)
	for i := range regs {
		regs[i] = micro.Reg(i)
	}
	n[p.target.Stack[0]] = math.MaxInt
	slices.SortStableFunc(regs, func(a, b micro.Reg) int { return cmp.Compare(n[b], n[a]) })
	hot := 0
	for hot < min(maxHot, len(regs)) && n[regs[hot]] > 0 {
		hot++
	}
	p.hot, p.cold = regs[:hot], regs[hot:]
	for i, r := range p.hot {
		p.place[r] = localOf(i)
	}
	for i, r := range p.cold {
		p.place[r] = value{kind: aGlobal, n: globalCold + i}
	}
	for i := 1; i < micro.StackRegs; i++ {
		p.framed[i] = true
		for _, in := range p.code {
			p.framed[i] = p.framed[i] && !breaksFrame(in, p.target.Stack[i])
		}
	}
}

// breaksFrame reports whether an instruction may set r to something that does not
// point to the stack: anything but another register, a register plus or minus a
// constant, or a loaded value.
func breaksFrame(in *micro.Instruction, r micro.Reg) bool {
	return slices.ContainsFunc(in.Ops, func(op micro.Op) bool {
		if op.To != r {
			return false
		}
		switch op.Code {
		case micro.Store, micro.Guard, micro.SetFlags, micro.Load:
			return false
		case micro.Set:
			return op.A.Reg == micro.None
		case micro.Add, micro.Sub:
			return op.A.Reg == micro.None || op.B.Reg != micro.None
		}
		return true
	})
}

// newProgram translates the program in mem, which starts at the first address of at;
// the others become entries of functions too. It returns the program and its module,
// or an error if ctx is done first.
func newProgram(ctx context.Context, target *micro.Target, mem *cpu.Memory, at []uint64) (*program, []byte, error) {
	p := &program{target: target, mem: mem}
	p.discover(at)
	p.chooseRegisters()
	base, size := mem.CodeRange()
	p.bytes = cpu.NewCode(base, size)
	for _, in := range p.code {
		p.bytes.Add(in.PC, int(in.Length))
		p.bytes.Add(in.LiteralAt, int(in.Literal))
	}
	mem.Note(p.bytes)
	p.stack, p.load, p.store = mem.Windows()
	entries := make([]uint64, 0, len(p.entries))
	for pc := range p.entries {
		if in := p.code[pc]; in != nil && in.Flow != micro.Stop {
			entries = append(entries, pc)
		}
	}
	slices.Sort(entries)
	for { // until all remaining functions translate
		p.functions, p.byEntry = nil, map[uint64]*function{}
		n := 0
		for i, pc := range entries {
			f := p.build(pc)
			if n += f.size(); n > maxInstructions { // functions may share code
				entries = entries[:i]
				break
			}
			f.index = firstFunction + len(p.functions)
			p.functions = append(p.functions, f)
			p.byEntry[pc] = f
		}
		p.callGraph()
		var good []uint64
		for _, f := range p.functions {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if f.translate() == nil {
				good = append(good, f.entry)
			}
		}
		if len(good) == len(entries) {
			text := p.module()
			p.forget()
			return p, text, nil
		}
		entries = good
	}
}

// forget records where functions and loops begin, and drops everything that is no
// longer needed: a program may be kept for a long time.
func (p *program) forget() {
	p.starts, p.headers = map[uint64]bool{}, map[uint64]bool{}
	for _, f := range p.functions {
		p.starts[f.entry] = f.blocks[0].flagsIn
		for _, b := range f.blocks {
			if b.header {
				p.headers[b.pc] = true
			}
		}
	}
	p.mem, p.code, p.entries, p.functions, p.byEntry, p.jumps, p.labels = nil, nil, nil, nil, nil, nil, nil
}

// module returns the module: section 5.5 of the specification.
func (p *program) module() []byte {
	w := writer{[]byte("\x00asm\x01\x00\x00\x00")}
	t := p.word()
	registers := func(w *writer, more ...byte) {
		w.unsigned(uint64(len(p.hot) + 1 + len(more)))
		w.repeat(len(p.hot), t)
		w.op(typeI64)
		w.op(more...)
	}
	regs := p.target.Regs
	types := []func(w *writer){
		hostCall: func(w *writer) {
			w.unsigned(callArgs + 1)
			w.repeat(callArgs+1, typeI64)
			w.op(2, typeI64, typeI32)
		},
		hostTick:      func(w *writer) { w.op(1, typeI64, 1, typeI64) },
		hostCondition: func(w *writer) { w.op(1, typeI32, 1, typeI32) },
		hostFlags:     func(w *writer) { w.op(0, 1, typeI64) },
		hostStep: func(w *writer) {
			w.unsigned(uint64(regs + 1))
			w.repeat(regs+1, typeI64)
			w.unsigned(uint64(regs + 1))
			w.repeat(regs, typeI64)
			w.op(typeI32)
		},
		funcDispatch:  func(w *writer) { registers(w, t); registers(w, t) },
		funcMulHigh:   func(w *writer) { w.op(2, typeI64, typeI64, 1, typeI64) },
		firstFunction: func(w *writer) { registers(w); registers(w, t) },
	}
	w.section(1, func(w *writer) {
		w.unsigned(uint64(len(types)))
		for _, f := range types {
			w.op(0x60)
			f(w)
		}
	})
	w.section(2, func(w *writer) {
		w.unsigned(uint64(len(hostNames)))
		for i, name := range hostNames {
			w.name(hostModule(p.target))
			w.name(name)
			w.op(0, byte(i))
		}
	})
	w.section(3, func(w *writer) {
		w.unsigned(uint64(2 + len(p.functions)))
		w.op(funcDispatch, funcMulHigh)
		w.repeat(len(p.functions), firstFunction)
	})
	w.section(5, func(w *writer) { // memory, up to its maximum size
		w.op(1, 1)
		w.unsigned(uint64(len(p.mem.Linear())) / cpu.Block)
		w.unsigned(p.mem.MaxLinear() / cpu.Block)
	})
	w.section(6, func(w *writer) {
		w.unsigned(uint64(p.globals()))
		for i := range p.globals() {
			t := p.globalType(i)
			w.op(t, 1, opI32Const+typeI32-t, 0, opEnd)
		}
	})
	w.section(7, func(w *writer) {
		w.unsigned(uint64(2 + p.globals()))
		w.name("dispatch")
		w.op(0, funcDispatch)
		w.name("memory")
		w.op(2, 0)
		for i := range p.globals() {
			w.name(globalName(i))
			w.op(3)
			w.unsigned(uint64(i))
		}
	})
	w.section(10, func(w *writer) {
		w.unsigned(uint64(2 + len(p.functions)))
		w.sized(p.dispatcher)
		w.sized(mulHigh)
		for _, f := range p.functions {
			w.sized(func(w *writer) { w.op(f.code...) })
		}
	})
	return w.b
}

// hostModule returns the name of the module with the host's functions.
func hostModule(t *micro.Target) string { return "host" + strconv.Itoa(t.Regs) }

func globalName(i int) string { return "g" + strconv.Itoa(i) }

// dispatcher writes the body of the function that calls the function at an address,
// or returns the address if there is none.
func (p *program) dispatcher(w *writer) {
	w.op(0)
	e := &emitter{p: p, bits: p.target.Bits, ops: &words64, compare: &compare64}
	if e.bits == 32 {
		e.ops, e.compare = &words32, &compare32
	}
	n := e.params()
	test := func(how comparison, c uint64) {
		w.index(opLocalGet, n)
		e.w.b = nil
		e.constant(c)
		w.op(e.w.b...)
		w.op(e.compare[how][0], opIf, typeVoid)
	}
	var find func(fs []*function)
	find = func(fs []*function) {
		if len(fs) == 1 {
			test(equal, fs[0].entry)
			for i := range n {
				w.index(opLocalGet, i)
			}
			w.index(opReturnCall, fs[0].index)
			w.op(opEnd)
			return
		}
		half := len(fs) / 2
		test(lessU, fs[half].entry)
		find(fs[:half])
		w.op(opElse)
		find(fs[half:])
		w.op(opEnd)
	}
	if len(p.functions) > 0 {
		find(p.functions)
	}
	for i := range n + 1 {
		w.index(opLocalGet, i)
	}
	w.op(opEnd)
}

// mulHigh writes the body of the function that returns the upper word of the
// unsigned product of two 64-bit words, with the halves a1:a0 and b1:b0:
//
//	t = a1*b0 + a0*b0>>32;  a1*b1 + t>>32 + (a0*b1 + t%2^32)>>32
func mulHigh(w *writer) {
	const a, b, t = 0, 1, 2
	high := func(i int) { w.index(opLocalGet, i); w.i64(32); w.op(opI64ShrU) }
	low := func(i int) { w.index(opLocalGet, i); w.i64(0xFFFFFFFF); w.op(opI64And) }
	w.op(1, 1, typeI64)
	high(a)
	low(b)
	w.op(opI64Mul)
	low(a)
	low(b)
	w.op(opI64Mul)
	w.i64(32)
	w.op(opI64ShrU, opI64Add)
	w.index(opLocalSet, t)
	high(a)
	high(b)
	w.op(opI64Mul)
	high(t)
	w.op(opI64Add)
	low(a)
	high(b)
	w.op(opI64Mul)
	low(t)
	w.op(opI64Add)
	w.i64(32)
	w.op(opI64ShrU, opI64Add)
	w.op(opEnd)
}
