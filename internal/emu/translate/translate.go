// Package translate runs guest programs fast: it makes WebAssembly of their
// functions, which wazero compiles and runs. What it does not translate, and
// whatever is unusual, a processor's executor does, one instruction at a time.
// The result is the same.
//
// # From a guest function to one of WebAssembly
//
//	discover.go  finds the instructions and functions of a program
//	flow.go      makes blocks of a function's instructions, finds loops, and where flags are read
//	emit.go      makes a function's code: registers in locals, the way in and out
//	ops.go       micro-operations
//	memory.go    loads and stores, and the checks of their addresses
//	control.go   the way from block to block, calls, and system calls
//	module.go    the module of all functions
//	wasm.go      WebAssembly's binary format
//	run.go       runs a module: enters it, and steps between
//	lost.go      flags that were not kept, if the code changes
//
// A function of the guest, which is what a call leads to, is a function that is
// given the registers that the program uses most and the number of steps that are
// left, and returns them with the address at which to go on. The other registers
// are globals. Whoever called it goes on itself if that is the address behind
// the call, and else returns it to its own caller: down to Run, which knows
// functions by their addresses. So a frame of WebAssembly holds nothing that
// registers and memory do not, and can be left at every instruction.
//
// # What is the same as in single steps
//
// All of it is left to the executor before it has an effect that could not be
// done: an access that is not allowed (memory.go), a division that traps, an
// instruction that is not known. Stores to translated code are such accesses:
// the executor makes them, and no translated code is used from then on.
//
// Instructions are counted when a piece of code without branches has been
// executed, and exact at every system call and whenever the program leaves.
//
// Flags are kept as the operation that set them, and put into globals only where
// somebody else may read them: where a function calls, returns or leaves.
package translate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// A Translator keeps what has been translated, for the programs that run again.
// Several goroutines may use it.
type Translator struct {
	interpret bool

	mu       sync.Mutex
	runtime  wazero.Runtime // nil until it is needed
	programs map[[32]byte]*translation
	size     int // of their modules, in bytes
	hosts    map[string]error
}

// maxSize is how large the modules of translated programs may be that are kept, all
// together, in bytes. What wazero makes of them is several times as large.
const maxSize = 32 << 20

// A translation is a program, translated: first from its beginning, and again with
// more entries when they are asked for.
type translation struct {
	t       *Translator
	mu      sync.Mutex
	users   int      // Guests
	kept    bool     // in the Translator
	entries []uint64 // besides those that the program has
	err     error
	module  wazero.CompiledModule
	*program
}

// maxEntries is how many entries may be added to a program.
const maxEntries = 16

// compilers is how many functions are compiled at a time.
const compilers = 2

// New returns a Translator. If interpret is set, wazero interprets modules, as it
// does on processors for which it has no compiler.
func New(interpret bool) *Translator {
	return &Translator{interpret: interpret, programs: map[[32]byte]*translation{}, hosts: map[string]error{}}
}

// translation returns the translation of the program that begins at entry in mem,
// which is as it is before the program runs.
func (t *Translator) translation(target *micro.Target, mem *cpu.Memory, entry uint64) *translation {
	base, size := mem.CodeRange()
	h := sha256.New()
	fmt.Fprintln(h, target.Name, base, size, entry, mem.HeapBase(), mem.MaxLinear())
	h.Write(mem.Fetch(base, size))
	stack, load, store := mem.Windows()
	binary.Write(h, binary.LittleEndian, []cpu.Window{stack, load, store})
	binary.Write(h, binary.LittleEndian, mem.Perms())
	key := [32]byte(h.Sum(nil))
	t.mu.Lock()
	p := t.programs[key]
	if p == nil {
		p = &translation{t: t, kept: t.size < maxSize}
		if p.kept {
			t.programs[key] = p
		}
	}
	t.mu.Unlock()
	p.use(1) // without t's lock, which is taken under p's
	return p
}

// use notes that there are n more users. What is not kept goes with the last one.
func (p *translation) use(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users += n
	if p.users == 0 && !p.kept && p.module != nil {
		p.module.Close(context.Background())
		p.module = nil
	}
}

// get returns the program and its module, translated if it has not been. If more
// is not zero, that is one of its entries.
func (p *translation) get(ctx context.Context, target *micro.Target, mem *cpu.Memory, entry, more uint64) (*program, wazero.CompiledModule, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add := more != 0 && !slices.Contains(p.entries, more) && len(p.entries) < maxEntries
	if p.program != nil && !add || p.err != nil {
		return p.program, p.module, p.err
	}
	entries := p.entries
	if add {
		entries = append(slices.Clone(entries), more)
	}
	if p.err = p.t.host(ctx, target); p.err != nil {
		return nil, nil, p.err
	}
	program, text, err := newProgram(ctx, target, mem, append([]uint64{entry}, entries...))
	if err != nil {
		return nil, nil, err
	}
	// With several workers wazero looks at ctx between two functions.
	module, err := p.t.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, compilers), text)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err() // others may have more time
	}
	if p.module != nil {
		p.module.Close(ctx) // those who use it may go on
	}
	p.program, p.module, p.entries, p.err = program, module, entries, err
	if p.kept {
		p.t.mu.Lock()
		p.t.size += len(text)
		p.t.mu.Unlock()
	}
	return p.program, p.module, p.err
}

// host makes the module of the functions that programs of a target call.
func (t *Translator) host(ctx context.Context, target *micro.Target) error {
	name := hostModule(target)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runtime == nil {
		config := wazero.NewRuntimeConfig()
		if t.interpret {
			config = wazero.NewRuntimeConfigInterpreter()
		}
		t.runtime = wazero.NewRuntimeWithConfig(ctx, config.WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall))
	}
	if err, ok := t.hosts[name]; ok {
		return err
	}
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	words := func(n int, more ...api.ValueType) []api.ValueType {
		var types []api.ValueType
		for range n {
			types = append(types, i64)
		}
		return append(types, more...)
	}
	b := t.runtime.NewHostModuleBuilder(name)
	for _, f := range []struct {
		name            int
		params, results []api.ValueType
		do              func(*Guest, []uint64)
	}{
		{hostCall, words(callArgs + 1), words(1, i32), (*Guest).call},
		{hostTick, words(1), words(1), (*Guest).tick},
		{hostCondition, []api.ValueType{i32}, []api.ValueType{i32}, (*Guest).condition},
		{hostFlags, nil, words(1), (*Guest).flagsWord},
		{hostStep, words(target.Regs + 1), words(target.Regs, i32), (*Guest).step},
	} {
		b = b.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(ctx context.Context, stack []uint64) {
			f.do(ctx.Value(guestKey{}).(*Guest), stack)
		}), f.params, f.results).Export(hostNames[f.name])
	}
	_, err := b.Instantiate(ctx)
	t.hosts[name] = err
	return err
}

type guestKey struct{}
