package emu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"stage0/internal/elffile"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/translate"
)

// Limits bound what a run may use. Unless noted, reaching a limit ends the run with
// an error.
type Limits struct {
	Steps     uint64 // instructions, by all processes
	Memory    uint64 // bytes of image and heap, of each process and of all existing processes together
	Stack     uint64 // bytes of stack, for each process
	Processes int    // existing at the same time, each forked by the one before
	Forks     int    // total
	Programs  int    // executed, total
	Files     int    // open in a process; opening more fails with EMFILE
	Output    uint64 // bytes written, to files and streams
	Arguments int    // bytes of a program's arguments and environment
	Failures  int    // consecutive system calls that fail
}

// DefaultLimits are several times what a ladder of release 1.9.1 uses. Programs there
// do not close all files that they open; they rely on Linux's limit of 1024 files.
var DefaultLimits = Limits{
	Steps:     1000e9,
	Memory:    1 << 30,
	Stack:     8 << 20,
	Processes: 32,
	Forks:     10000,
	Programs:  10000,
	Files:     1024,
	Output:    1 << 30,
	Arguments: 128 << 10,
	Failures:  1e5,
}

// Config holds everything that a run depends on.
type Config struct {
	FS     FS
	Dir    string   // working directory, absolute in FS
	Args   []string // of the first program; Args[0] is its name
	Env    []string // environment variables, as NAME=VALUE
	Umask  fs.FileMode
	Stdin  io.Reader // nil: empty
	Stdout io.Writer // nil: discarded
	Stderr io.Writer // nil: discarded
	Limits Limits

	// Knight makes the machine run files that are not ELF files as programs of
	// knight-posix: memory images, which have no magic number.
	Knight bool

	// Exec, if not nil, is called for every program before it runs. It returns the
	// files that the program sees from then on. Exit is called when the program has
	// ended.
	Exec func(Exec) (FS, error)
	Exit func(Exit)

	// Instead, if not nil, is called for every program after Exec. It may do the
	// program's work itself; then the program does not run, and ends with the status
	// of the Outcome.
	Instead func(Exec) (Outcome, error)

	// Translator, if not nil, makes the run fast: it translates programs to
	// WebAssembly, and keeps the translations for this run and others. Without it,
	// the run takes single steps.
	Translator *translate.Translator

	// Trace, if not nil, is called before every instruction, and before and after
	// every system call. The run then takes single steps.
	Trace func(Event)

	// Call, if not nil, is called before and after every system call. It hardly slows
	// the run down. CPU and Steps of the Event are not up to date.
	Call func(Event)

	// Step, if not nil, is called before instructions, and may change the program's
	// registers and memory. It returns the number of instructions after which to call
	// it again; the next call may come earlier and, unless the number is 1, slightly
	// later. An error ends the run. The run takes single steps.
	Step func(Event) (uint64, error)

	// Progress, if not nil, is called at the start of the run and from time to time.
	Progress func(Statistics)
}

// An Exec is a program that is about to run. Programs are numbered from 1.
type Exec struct {
	PID     int
	Program int
	Parent  int // the program that executes it, possibly in its own process; 0 for the first program
	Path    string
	Args    []string
	Env     []string
	Dir     string
	Umask   fs.FileMode

	Descriptors string // the kind of each descriptor: "in", "out", "err", "file", "dir", or "-" if it is not open

	// Open are the files that some process has open; Written are those of them with
	// contents that FS does not have yet. Both are sorted.
	Open, Written []string
}

// An Outcome is the result of Config.Instead.
type Outcome struct {
	Done   bool // Instead did the program's work; if false, the other fields are ignored
	Status int  // exit status

	// Changed holds the new contents of files in Exec.Open that Instead changed.
	Changed map[string][]byte
}

// An Exit is the end of a program: the end of its process, or the execution of
// another program in the same process. The status of a program that could not be run
// is 126.
type Exit struct {
	PID     int
	Program int
	Status  int
	Steps   uint64 // instructions
	Calls   uint64 // system calls

	// Alone reports whether the program and those that it ran depended only on the
	// Exec and on the files they saw, and had no effect but to change files and to
	// write to standard output and standard error. It is false if a program shares a
	// file with an older program that has it open (unless it only reads the file, and
	// the file was not written to), if it reads standard input, or if it executes
	// another program in its own process.
	Alone bool
}

// notRun is the status of a program that could not be run, as in shells.
const notRun = 126

// An Event is passed to Config.Trace, Call and Step.
type Event struct {
	Kind    eventKind
	PID     int
	Program int
	CPU     cpu.CPU
	Memory  *cpu.Memory
	Arch    string
	Steps   uint64 // instructions executed so far, by all processes

	// For system calls.
	Call   string
	Args   [6]uint64
	Result int64 // for CallEnd; a negative result is an errno
}

// An eventKind is the kind of an Event.
type eventKind int

// The kinds of events.
const (
	Instruction eventKind = iota // an instruction is about to be executed
	CallBegin                    // a system call is about to be made
	CallEnd                      // a system call has returned
	CallGone                     // a system call does not return: it ended the process or its program
)

// Statistics are the resources that a run used.
type Statistics struct {
	Steps    uint64            // instructions
	Calls    uint64            // system calls
	ByName   map[string]uint64 // by name; set at the end of the run
	forks    int
	Programs int    // executed, including failures
	Memory   uint64 // maximum, in bytes
}

// A machine is the state of a run.
type machine struct {
	*Config
	Statistics
	processes []*process // each forked by the one before; the last one runs
	inodes    map[string]*inode
	tables    map[*processor][]systemCall
	last      *stream
	output    uint64
	failures  int // system calls that failed since the last success
	ended     bool
	status    int
	due       uint64 // Steps at which Progress is called next
}

// A process is a process of the run.
type process struct {
	pid    int
	number int  // of the program; the parent's until it executes one
	own    bool // it has executed a program
	cpu    cpu.CPU
	mem    *cpu.Memory
	on     *processor
	guest  *translate.Guest
	calls  []systemCall // by number
	brk    uint64
	fsys   FS
	dir    string
	umask  fs.FileMode
	files  []*description // by descriptor
	ended  []zombie       // children that have ended and have not been waited for
	steps  uint64         // since the program started
	ncalls uint64

	// oldest is the number of the oldest program that affected what this program, and
	// those that it ran, did. It is the program's own number if it was alone (see
	// Exit.Alone), and 0 if it depended on more than programs and files. before is
	// the same for what the process did before it executed the program.
	oldest, before int
}

// shares records that a program affects what p does.
func (p *process) shares(program int) { p.oldest = min(p.oldest, program) }

// A zombie is a child that has ended and has not been waited for.
type zombie struct{ pid, status int }

// slice is how many instructions run between checks of the context.
const slice = 1 << 19

// Run runs the program in the file called name, and all that it starts, to the end,
// and returns its exit status. If a program does something wrong, or something that
// the machine does not support, Run returns an error that says which program and
// where.
//
// A forked child runs to its end before its parent continues. That is one of the
// orders that are possible on Linux, unless the parent communicates with the child
// after the fork.
func Run(ctx context.Context, name string, cfg Config) (status int, stats Statistics, err error) {
	m := &machine{Config: &cfg, inodes: map[string]*inode{}, tables: map[*processor][]systemCall{}}
	p := &process{pid: 1, fsys: cfg.FS, dir: cfg.Dir, umask: cfg.Umask}
	in := cfg.Stdin
	if in == nil {
		in = io.MultiReader()
	}
	p.files = []*description{
		{in: in, canRead: true, refs: 1},
		{out: &stream{name: "out", w: cfg.Stdout}, canWrite: true, refs: 1},
		{out: &stream{name: "err", w: cfg.Stderr}, canWrite: true, refs: 1},
	}
	m.processes = []*process{p}
	if err := m.exec(p, p.path(name), cfg.Args, cfg.Env); err != nil {
		if p, ok := err.(*fs.PathError); ok {
			err = p.Err // the name is already in the message
		}
		return 0, m.Statistics, fmt.Errorf("%s: cannot run: %w", name, err)
	}
	err = m.run(ctx)
	for _, p := range m.processes {
		if m.Step != nil { // the caller of Step may still look at the memory
			p.mem.Keep()
		} else {
			p.free(p.mem)
		}
	}
	if ferr := m.flush(); err == nil {
		err = ferr
	}
	m.ByName = map[string]uint64{}
	for _, table := range m.tables {
		for _, c := range table {
			if c.count > 0 {
				m.ByName[c.name] += c.count
			}
		}
	}
	return m.status, m.Statistics, err
}

// run runs the last process until none is left.
func (m *machine) run(ctx context.Context) error {
	for !m.ended {
		p := m.processes[len(m.processes)-1]
		s := &system{machine: m, process: p, ctx: ctx}
		var n uint64
		var err error
		if m.Trace == nil && m.Step == nil {
			n, err = p.guest.Run(ctx, s)
		} else if budget := s.Tick(0); budget > 0 {
			if m.Step != nil {
				again, err := m.Step(m.event(p, Event{Kind: Instruction}))
				if err != nil {
					return err
				}
				budget = min(budget, again)
			}
			if m.Trace != nil {
				budget = 1
				m.Trace(m.event(p, Event{Kind: Instruction}))
			}
			n, err = p.stepUpTo(budget)
		}
		m.Steps += n
		p.steps += n
		switch {
		case s.failed != nil:
			err = s.failed
		case err == cpu.ErrSyscall:
			err = m.call(p)
		}
		if err == nil && m.Steps >= m.Limits.Steps {
			err = limitError("Steps", "stopped after %d instructions, the limit", m.Limits.Steps)
		}
		if err != nil && err != context.Cause(ctx) {
			err = m.explain(p, err)
			return fmt.Errorf("process %d, %s: %w", p.pid, p.on.arch, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// call makes the system call that p stopped for.
func (m *machine) call(p *process) error {
	n, args := p.cpu.Syscall()
	if n >= uint64(len(p.calls)) || p.calls[n].do == nil {
		return fmt.Errorf("%#x: unknown system call %d", p.cpu.PC(), n)
	}
	call := &p.calls[n]
	result, err := m.make(p, call, p.cpu.PC(), args)
	if err == errNoResult {
		return nil
	}
	if err != nil {
		return err
	}
	p.cpu.SetResult(result)
	return nil
}

// make makes a system call, and returns its result, which is a value or a negative
// errno.
func (m *machine) make(p *process, call *systemCall, pc uint64, args [6]uint64) (int64, error) {
	m.Calls++
	p.ncalls++
	call.count++
	told := m.Call != nil || m.Trace != nil
	if told {
		m.tellCall(p, Event{Kind: CallBegin, Call: call.name, Args: args})
	}
	result, err := call.do(m, p, args)
	if err == errNoResult {
		if told {
			m.tellCall(p, Event{Kind: CallGone, Call: call.name, Args: args})
		}
		return 0, err
	}
	if err != nil {
		var e errno
		if e, err = number(err); err != nil {
			return 0, fmt.Errorf("%#x: system call %s: %w", pc, call.name, err)
		}
		result = -int64(e)
	}
	if told {
		m.tellCall(p, Event{Kind: CallEnd, Call: call.name, Args: args, Result: result})
	}
	return result, m.countFailure(result)
}

// errNoResult is returned by system calls that do not return to their caller, or have
// already set their result.
var errNoResult = errors.New("no result")

// checkMemory checks the memory of all processes together against the limit, after
// adding more bytes.
func (m *machine) checkMemory(more uint64) error {
	for _, p := range m.processes {
		if p.mem != nil {
			more += p.mem.Size()
		}
	}
	m.Memory = max(m.Memory, more)
	if more > m.Limits.Memory {
		return limitError("Memory", "the programs take more than %s of memory", bytesText(m.Limits.Memory))
	}
	return nil
}

// exec executes the program in the file called name in p.
func (m *machine) exec(p *process, name string, args, env []string) error {
	if m.Programs++; m.Programs > m.Limits.Programs {
		return limitError("Programs", "more than %d programs run", m.Limits.Programs)
	}
	program := m.Programs
	total := 0
	for _, s := range slices.Concat(args, env) {
		total += len(s) + 1 + 8
	}
	if total > m.Limits.Arguments {
		return errno(e2BIG)
	}
	info, err := p.fsys.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir() || info.Mode()&0o111 == 0:
		return fs.ErrPermission
	}
	if i := m.inodes[name]; i != nil && i.writers > 0 {
		p.shares(i.program)
		return errno(eTXTBSY)
	}
	if err := m.flush(); err != nil {
		return err
	}
	files := p.fsys
	if m.Exec != nil {
		x := Exec{
			PID: p.pid, Program: program, Parent: p.number,
			Path: name, Args: args, Env: env, Dir: p.dir, Umask: p.umask,
			Descriptors: p.descriptors(),
		}
		x.Open, x.Written = m.openFiles()
		if files, err = m.Exec(x); err != nil {
			return err
		}
		if m.Instead != nil {
			outcome, err := m.Instead(x)
			switch {
			case err != nil:
				return err
			case outcome.Done:
				for name, data := range outcome.Changed {
					m.inodes[name].data, m.inodes[name].borrow = data, true
				}
				m.begin(p, program)
				return m.exit(p, outcome.Status<<8)
			}
		}
	}
	prog, err := m.load(p, files, name, args, env)
	if err != nil {
		p.shares(0)
		if m.Exit != nil {
			m.Exit(Exit{PID: p.pid, Program: program, Status: notRun})
		}
		return err
	}
	m.begin(p, program)
	p.fsys, p.on, p.calls = files, prog.processor, m.callTable(prog.processor)
	p.brk = p.mem.HeapBase()
	return nil
}

// begin records that p now runs the program with a number.
func (m *machine) begin(p *process, number int) {
	p.before = min(p.before, p.oldest)
	if p.own {
		p.shares(0)
		m.tell(p, 0)
	}
	p.number, p.own = number, true
	p.steps, p.ncalls = 0, 0
	p.oldest = number
	if len(p.ended) > 0 { // another program's children can be waited for
		p.shares(0)
	}
}

// load loads the program in the file called name into p.
func (m *machine) load(p *process, files FS, name string, args, env []string) (*program, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	prog, err := parseELF(text, m.Limits)
	if err == elffile.ErrNotELF && m.Knight {
		prog, err = parseImage(text, m.Limits)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errno(eNOEXEC), err)
	}
	old := p.mem
	p.mem = nil
	err = m.checkMemory(uint64(len(prog.perms)) * cpu.PageSize)
	p.mem = old
	if err != nil {
		return nil, err
	}
	c, mem, err := prog.load(args, env, m.Limits)
	if err != nil {
		return nil, err
	}
	p.free(old)
	p.cpu, p.mem = c, mem
	p.guest = m.Translator.Guest(c, mem, prog.entry, func() (*cpu.Memory, error) { return prog.memory(m.Limits) })
	return prog, nil
}

// free releases the memory of a program that p no longer runs.
func (p *process) free(mem *cpu.Memory) {
	if p.guest != nil {
		p.guest.Close()
	}
	if mem != nil {
		mem.Free()
	}
}

// fork makes a copy of p, which runs next, and returns its process number. To be
// reproducible, that is the lowest number above those of p and its children.
func (m *machine) fork(p *process) (int, error) {
	if len(m.processes) >= m.Limits.Processes {
		return 0, limitError("Processes", "more than %d processes at a time", m.Limits.Processes)
	}
	if m.forks++; m.forks > m.Limits.Forks {
		return 0, limitError("Forks", "more than %d forks", m.Limits.Forks)
	}
	if err := m.checkMemory(p.mem.Size()); err != nil {
		return 0, err
	}
	child := *p
	child.pid = p.pid + 1
	for _, z := range p.ended {
		child.pid = max(child.pid, z.pid+1)
	}
	child.mem = p.mem.Clone()
	child.cpu = p.cpu.Clone(child.mem)
	child.guest = p.guest.Fork(child.cpu, child.mem)
	child.files = slices.Clone(p.files)
	child.ended = nil
	child.own, child.oldest, child.before = false, p.number, p.number
	child.steps, child.ncalls = 0, 0
	for _, d := range child.files {
		if d != nil {
			d.refs++
		}
	}
	child.cpu.SetResult(0)
	m.processes = append(m.processes, &child)
	return child.pid, nil
}

// exit ends p with a status as wait returns it.
func (m *machine) exit(p *process, status int) error {
	first := m.checkMemory(0)
	for fd, d := range p.files {
		if d == nil {
			continue
		}
		p.files[fd] = nil
		if err := m.release(d); first == nil {
			first = err
		}
	}
	if err := m.flush(); first == nil {
		first = err
	}
	if p.own {
		m.tell(p, status>>8)
	}
	p.free(p.mem)
	p.mem = nil
	m.processes = m.processes[:len(m.processes)-1]
	if n := len(m.processes); n > 0 {
		parent := m.processes[n-1]
		parent.ended = append(parent.ended, zombie{p.pid, status})
		parent.shares(min(p.before, p.oldest))
	} else {
		m.ended, m.status = true, status>>8
	}
	return first
}

// tell reports the end of p's program.
func (m *machine) tell(p *process, status int) {
	if m.Exit != nil {
		m.Exit(Exit{p.pid, p.number, status, p.steps, p.ncalls, p.oldest == p.number})
	}
}
