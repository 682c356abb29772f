package emu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/translate"
)

// Limits are how much a run may use. Reaching one ends the run with an error,
// if nothing else is said.
type Limits struct {
	Steps     uint64 // instructions, of all processes together
	Memory    uint64 // bytes of the image and heap of a process, and of all processes that are there at a time
	Stack     uint64 // bytes of the stack of a process
	Processes int    // that are there at a time, each but the first one forked by the one before
	Forks     int    // in all
	Programs  int    // that are run, in all
	Files     int    // that a process has open; it is told EMFILE when it opens more
	Output    uint64 // bytes written, to files and streams
	Arguments int    // bytes of arguments and environment of a program
	Failures  int    // system calls that fail, one after the other
}

// DefaultLimits are several times what a ladder of release 1.9.1 uses. Its
// programs do not close all that they open, and rely on what Linux gives a
// process: 1024 files.
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

// Config is everything that a run depends on.
type Config struct {
	FS     FS
	Dir    string   // working directory, absolute in FS
	Args   []string // of the first program; Args[0] is the name it is called by
	Env    []string // environment variables as NAME=VALUE
	Umask  fs.FileMode
	Stdin  io.Reader // nil: empty
	Stdout io.Writer // nil: dropped
	Stderr io.Writer // nil: dropped
	Limits Limits

	// Knight makes files that are no ELF files programs of knight-posix: images
	// of memory, that have no mark by which they are known.
	Knight bool

	// Exec, if there is one, is told of every program that is about to run,
	// and returns the files that it sees from now on. Exit is told when it has
	// ended.
	Exec func(Exec) (FS, error)
	Exit func(Exit)

	// Instead, if there is one, is called for every program after Exec, and may
	// do what the program does. Then the program is not run: it ends with the
	// status that Instead returns.
	Instead func(Exec) (Outcome, error)

	// Translator, if there is one, makes the run fast: it translates programs
	// to WebAssembly, and keeps what it has translated, for this run and others.
	// Without it, every instruction is executed by itself.
	Translator *translate.Translator

	// Trace, if there is one, is called before every instruction, and before
	// and after every system call. Then every instruction is executed by itself.
	Trace func(Event)

	// Call, if there is one, is called before and after every system call. The
	// run is hardly slower. CPU and Steps are not up to date.
	Call func(Event)

	// Step, if there is one, is called before instructions, and may change what
	// the program's registers and memory hold. It returns after how many
	// instructions it is to be called again: that may happen earlier, and unless
	// it is 1, somewhat later. Its error ends the run. Then every instruction is
	// executed by itself.
	Step func(Event) (uint64, error)

	// Progress, if there is one, is told how far the run is, at its begin and now
	// and then.
	Progress func(Statistics)
}

// An Exec is a program that is about to run. Programs are numbered, from 1.
type Exec struct {
	PID     int
	Program int
	Parent  int // the program that runs it, in the place of which it may run; 0 for the first
	Path    string
	Args    []string
	Env     []string
	Dir     string
	Umask   fs.FileMode

	Descriptors string // what each descriptor that is open is of: "in", "out", "err", "file" or "dir", or "-"

	// The files that some process has open, and those of them that it has
	// written to, which FS does not know yet; in alphabetical order.
	Open, Written []string
}

// An Outcome is what Config.Instead did.
type Outcome struct {
	Done   bool // it did what the program does; if not, the rest has no meaning
	Status int  // exit status

	// Changed are the files of Exec.Open that it changed, with what they hold now.
	Changed map[string][]byte
}

// An Exit is the end of a program: of its process, or of what its process did
// before it ran another program. The status of one that could not be run is 126.
type Exit struct {
	PID     int
	Program int
	Status  int
	Steps   uint64 // instructions
	Calls   uint64 // system calls

	// Alone says that what the program and those that it ran did depends on
	// its Exec and on the files that they saw, and on nothing else, and that
	// they did nothing but change files and write to standard output and
	// error. It is not so if a program shares a file with an older one that has
	// it open, unless it only reads it and nobody has written to it; if it reads
	// standard input; or if it runs another one in its own place.
	Alone bool
}

// notRun is the status of a program that could not be run, as shells have it.
const notRun = 126

// An Event is what a trace sees.
type Event struct {
	Kind    EventKind
	PID     int
	Program int
	CPU     cpu.CPU
	Memory  *cpu.Memory
	Arch    string
	Steps   uint64 // instructions that were executed, by all processes

	// The system call, if it is one.
	Call   string
	Args   [6]uint64
	Result int64 // for CallEnd: a negative one is an errno
}

// An EventKind says what a trace sees.
type EventKind int

// The kinds of events.
const (
	Instruction EventKind = iota // it is about to be executed
	CallBegin                    // a system call is about to be made
	CallEnd                      // it was made, and has a result
	CallGone                     // it was made, and does not return: it ended the process, or its program
)

// Statistics are what a run used.
type Statistics struct {
	Steps    uint64            // instructions
	Calls    uint64            // system calls
	ByName   map[string]uint64 // system calls by name; only when the run has ended
	Forks    int
	Programs int    // that were run, or tried to
	Memory   uint64 // most bytes at a time
}

// A machine is a run.
type machine struct {
	*Config
	Statistics
	processes []*process // each forked by the one before; the last one runs
	inodes    map[string]*inode
	tables    map[*processor][]systemCall
	last      *stream
	output    uint64
	failures  int // system calls that failed since one did not
	ended     bool
	status    int
	due       uint64 // Steps at which Progress is told next
}

// A process is a program that runs.
type process struct {
	pid    int
	number int  // of the program; its parent's until it runs one
	own    bool // it has run one
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
	ended  []zombie       // children that have ended, and have not been waited for
	steps  uint64         // since the program began
	ncalls uint64

	// The oldest program that has a part in what this one, and those that it
	// ran, did: it is its own number if it was alone (see Exit.Alone), and 0
	// if more has a part than programs and files. before is the same of what
	// the process did before it ran the program.
	oldest, before int
}

// shares notes that a program has a part in what p does.
func (p *process) shares(program int) { p.oldest = min(p.oldest, program) }

// A zombie is a child that has ended.
type zombie struct{ pid, status int }

// slice is how many instructions run between looks at the context.
const slice = 1 << 19

// Run runs the program in the file called name, with all that it starts, to
// its end, and returns its exit status. What the program does wrong, and what
// the machine does not know how to do, is an error that says which program and
// where.
//
// A fork's child runs to its end before its parent goes on: that is one of the
// orders that are possible on Linux, unless the parent has something to tell
// the child after the fork.
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
			err = p.Err // the name is said already
		}
		return 0, m.Statistics, fmt.Errorf("%s: cannot run: %w", name, err)
	}
	err = m.run(ctx)
	for _, p := range m.processes {
		if m.Step != nil { // who was told of instructions may look at the memory still
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

// run runs the last process until there is none.
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

// A system is what a process's program runs on (translate.System).
type system struct {
	*machine
	process *process
	ctx     context.Context
	failed  error // why the run ends
}

// Call makes a system call, if it does not change which program runs.
func (s *system) Call(pc, number uint64, args [6]uint64) (result int64, made bool) {
	p := s.process
	if number >= uint64(len(p.calls)) || p.calls[number].do == nil || p.calls[number].leaves {
		return 0, false
	}
	result, s.failed = s.make(p, &p.calls[number], pc, args)
	return result, s.failed == nil
}

// Tick says whether the run is to go on, and how far.
func (s *system) Tick(executed uint64) uint64 {
	now := s.Statistics
	now.Steps += executed
	if err := s.ctx.Err(); err != nil {
		s.failed = context.Cause(s.ctx)
		return 0
	}
	if s.Progress != nil && now.Steps >= s.due {
		s.due = now.Steps + slice
		s.Progress(now)
	}
	return min(slice, s.Limits.Steps-min(s.Limits.Steps, now.Steps))
}

// call does the system call that p asks for.
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

// make makes a system call, and returns its result: a value, or a negative errno.
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

// errNoResult is for system calls that do not return to their caller, or have
// given it its result.
var errNoResult = errors.New("no result")

// checkMemory looks whether all processes together take more than they may, if
// more bytes are added.
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

// exec makes p run the program in the file called name.
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

// begin notes that p is now running the program with a number.
func (m *machine) begin(p *process, number int) {
	p.before = min(p.before, p.oldest)
	if p.own {
		p.shares(0)
		m.tell(p, 0)
	}
	p.number, p.own = number, true
	p.steps, p.ncalls = 0, 0
	p.oldest = number
	if len(p.ended) > 0 { // it can wait for another program's children
		p.shares(0)
	}
}

// load puts the program in the file called name into p's memory.
func (m *machine) load(p *process, files FS, name string, args, env []string) (*program, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	prog, err := parseELF(text, m.Limits)
	if err == errNotELF && m.Knight {
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

// free gives back the memory of a program that p does not run any more.
func (p *process) free(mem *cpu.Memory) {
	if p.guest != nil {
		p.guest.Close()
	}
	if mem != nil {
		mem.Free()
	}
}

// fork makes a copy of p, which runs next, and returns its process number: the
// lowest one above those of p and its children, so that it depends on nothing
// else.
func (m *machine) fork(p *process) (int, error) {
	if len(m.processes) >= m.Limits.Processes {
		return 0, limitError("Processes", "more than %d processes at a time", m.Limits.Processes)
	}
	if m.Forks++; m.Forks > m.Limits.Forks {
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

// exit ends p with a status as wait gives it.
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

// tell tells of the end of p's program.
func (m *machine) tell(p *process, status int) {
	if m.Exit != nil {
		m.Exit(Exit{p.pid, p.number, status, p.steps, p.ncalls, p.oldest == p.number})
	}
}
