// Package translate runs guest programs fast: it translates their functions to
// WebAssembly, which wazero compiles and runs. Everything it does not translate,
// and every unusual case, is left to the processor's executor, which executes one
// instruction at a time. The result is the same.
//
// # From guest functions to WebAssembly functions
//
//	discover.go  finds the instructions and functions of a program
//	flow.go      builds a function's basic blocks; finds loops and live flags
//	emit.go      emits a function: registers in locals, entry and exit
//	ops.go       micro-operations
//	memory.go    loads and stores, and the checks of their addresses
//	control.go   jumps between blocks, calls, and system calls
//	module.go    the module that contains all functions
//	wasm.go      WebAssembly's binary format
//	run.go       runs a module: enters it, and steps in between
//	lost.go      flags that were not kept when the code changes
//
// A guest function begins at the target of a call, and becomes a WebAssembly
// function. Its parameters are the registers that the program uses most, and the
// number of steps left; all other registers are globals. It returns its parameters
// and the address where execution continues. If that is the address after the call,
// the caller continues there; otherwise the caller returns it to its own caller, and
// so on down to Run, which finds functions by address. So a WebAssembly frame holds
// nothing that is not also in registers or memory, and can be left at any
// instruction.
//
// # What is the same as in single steps
//
// Some instructions cannot be completed: an access that is not allowed (memory.go),
// a division that traps, an unknown instruction. Translated code leaves them to the
// executor before they have any effect. It treats stores to translated code as
// accesses that are not allowed: the executor does them, and from then on no
// translated code is used.
//
// Instructions are counted at the end of each piece of code without branches. The
// count is exact at every system call and whenever execution leaves the translated
// code.
//
// Flags are represented by the operation that set them. They are written to
// globals only where other code may read them: where a function calls, returns or
// leaves.
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

// A Translator keeps translations, for programs that run more than once. It is safe
// for concurrent use.
type Translator struct {
	interpret bool

	mu       sync.Mutex
	runtime  wazero.Runtime // nil until first used
	programs map[[32]byte]*translation
	size     int // of the modules kept, in bytes
	hosts    map[string]error
}

// maxSize bounds the total size, in bytes, of the modules that a Translator keeps.
// The code that wazero compiles from them is several times as large.
const maxSize = 32 << 20

// A translation is a translated program. It is translated again, with more entries,
// when a Guest asks for them.
type translation struct {
	t       *Translator
	mu      sync.Mutex
	users   int      // number of Guests
	kept    bool     // in Translator.programs
	entries []uint64 // in addition to those found in the program
	err     error
	module  wazero.CompiledModule
	*program
}

// maxEntries is how many entries may be added to a program.
const maxEntries = 16

// compilers is how many functions are compiled at the same time.
const compilers = 2

// New returns a Translator. If interpret is set, wazero interprets the modules, as it
// does on host processors for which it has no compiler.
func New(interpret bool) *Translator {
	return &Translator{interpret: interpret, programs: map[[32]byte]*translation{}, hosts: map[string]error{}}
}

// translation returns the translation of the program that starts at entry in mem. mem
// must be as it is before the program runs.
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
	p.use(1) // not under t.mu: get locks t.mu while it holds p.mu
	return p
}

// use adds n to the number of users. A translation that is not kept is closed with
// its last user.
func (p *translation) use(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users += n
	if p.users == 0 && !p.kept && p.module != nil {
		p.module.Close(context.Background())
		p.module = nil
	}
}

// get returns the program and its module, and translates the program if necessary. If
// more is not zero, it becomes an entry of the program.
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
	// With several workers wazero checks ctx between functions.
	module, err := p.t.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, compilers), text)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err() // not kept in p.err: other runs may have more time
	}
	if p.module != nil {
		p.module.Close(ctx) // instances of it stay usable
	}
	p.program, p.module, p.entries, p.err = program, module, entries, err
	if p.kept {
		p.t.mu.Lock()
		p.t.size += len(text)
		p.t.mu.Unlock()
	}
	return p.program, p.module, p.err
}

// host instantiates the module of host functions for a target.
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
