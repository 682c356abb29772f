package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"stage0/arch"
	"stage0/internal/emu/translate"
	"stage0/source"
	"stage0/tool"
	"stage0/tool/registry"
)

const (
	// maxSteps is how many commands a ladder may have. Those of release 1.9.1
	// have about 150.
	maxSteps = 10_000

	// maxMessages is the maximum size of Step.Messages, in bytes.
	maxMessages = 4 << 10

	// maxRead is the maximum that a program of package tool may read in a step, in bytes.
	// In release 1.9.1 none reads more than 5 MB.
	maxRead = 64 << 20

	// patience is the time that a canceled run waits for a step of package tool
	// before it abandons the step; hostPatience is the time that it waits for the
	// host's programs to be killed and their directory to be removed.
	patience     = 250 * time.Millisecond
	hostPatience = 30 * time.Second
)

// maxCompiled is maxRead for the compilers, which use up to 130 times as much memory
// as their input has bytes. In release 1.9.1 none reads more than 254 KB.
var maxCompiled = map[string]int64{"cc-0": 4 << 20, "M2-Planet": 4 << 20, "M2-Mesoplanet": 4 << 20}

// A replay is a ladder being replayed. Whatever the engine, a step begins with
// begin and ends with end, and its files are those of begin.
type replay struct {
	arch   arch.Arch
	ledger *Ledger
	files  *overlay
	Options
	translator *translate.Translator   // nil: single steps
	stop       context.CancelCauseFunc // ends the ladder
	executed   uint64                  // instructions

	mu        sync.Mutex
	abandoned bool // the ledger belongs to run's caller now
}

func newReplay(a arch.Arch, tree *Tree, opt Options) *replay {
	return &replay{
		arch:    a,
		ledger:  &Ledger{Arch: a},
		files:   newOverlay(tree, a.Dir+"/artifact", a.Dir+"/bin"),
		Options: opt,
	}
}

// run runs the ladder's script, as the README of stage0-posix says to. It
// returns soon after ctx is done: a step that does not end by then is abandoned.
func (r *replay) run(ctx context.Context) {
	start := time.Now()
	ctx, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v", p)
			}
		}()
		if r.Engine == EngineHost {
			done <- r.host(ctx)
			return
		}
		seed := "./" + seeds(r.arch) + "/kaem-optional-seed"
		env := &tool.Env{
			Dir:     mount,
			Stdin:   bytes.NewReader(nil),
			Stdout:  io.Discard,
			Machine: tool.Machine{System: "Linux", Name: r.arch.Name},
		}
		r.spawn(ctx, nil, env, tool.Command{Path: seed, Args: []string{seed, script(r.arch)}})
		done <- context.Cause(ctx)
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		wait := patience
		if r.Engine == EngineHost {
			wait = hostPatience
		}
		select {
		case err = <-done:
		case <-time.After(wait):
			err = context.Cause(ctx)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.abandoned = true
	r.files.close()
	r.ledger.Err = err
	r.ledger.Duration = time.Since(start)
	r.endUnfinished()
}

// endUnfinished marks unfinished steps as failed, and removes the files that they
// have not finished writing.
func (r *replay) endUnfinished() {
	for i, s := range r.ledger.Steps {
		if s.Parent >= 0 && s.Script >= len(r.ledger.Steps[s.Parent].Inputs) {
			s.Script = -1 // the inputs of an unfinished step are not known
		}
		if s.Status != unfinished {
			continue
		}
		s.Status, s.Reason = Failed, "did not come to its end"
		for name, v := range r.files.made {
			if v.step == i {
				delete(r.files.made, name)
			}
		}
	}
}

// unfinished is the status of a step before its end.
const unfinished Status = -1

// errAbandoned is the error of a step that continues after its ladder has ended.
var errAbandoned = errors.New("the ladder has ended")

// A command is a request to run a program as a step.
type command struct {
	path string // of the program's file, as it was asked for
	args []string
	vars []string
	dir  string          // absolute in the replay
	at   source.Position // in the parent's script; zero if the parent's program runs it by itself

	execute bool // its bytes, though package tool may know them
}

// A running is a step that runs.
type running struct {
	*Step
	index    int
	files    *stepFiles
	start    time.Time
	messages tail     // on standard error
	output   tail     // on standard output
	program  *Program // of package tool that does it; nil if its bytes are executed

	// Of a step whose bytes are executed:
	locksteps []*lockstep // that have asked for all that it ran; nil before it runs a step
	last      *Step       // that it ran
	notes     *recorder   // nil if there is no cache
	key       Digest      // in it
	recalled  bool        // from it
}

// begin begins a step. parent is the step that runs it, nil for the first. A step
// that cannot be run is recorded as failed.
func (r *replay) begin(parent *running, cmd command) (*running, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.ledger.Steps)
	switch {
	case r.abandoned:
		return nil, errAbandoned
	case n >= maxSteps:
		err := fmt.Errorf("the scripts run more than %d commands", maxSteps)
		r.stop(err)
		return nil, err
	}
	step := &Step{Parent: -1, Script: -1, Vars: cmd.vars, Args: cmd.args, File: File{From: -1}, Status: unfinished}
	if parent != nil {
		step.Parent, parent.last = parent.index, step
		step.Script, step.At = parent.script(cmd.at)
	}
	s := &running{Step: step, index: n, files: &stepFiles{overlay: r.files, step: n}, start: time.Now()}
	r.ledger.Steps = append(r.ledger.Steps, step)
	if err := r.choose(s, cmd); err != nil {
		step.Status, step.Exit, step.Reason = Failed, 1, err.Error()
		return nil, err
	}
	return s, nil
}

// choose finds the program of a step, and the engine that runs it: package tool for
// a known program, else the engine that executes its bytes.
func (r *replay) choose(s *running, cmd command) (err error) {
	if s.Dir, err = rel(cmd.dir); err != nil {
		return err
	}
	name, err := rel(abs(cmd.dir, cmd.path))
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.path, tool.Cause(err))
	}
	s.File.Path, s.Engine = name, EngineGo
	v, err := r.files.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if p, ok := r.byPath(name); ok {
			s.program, s.Program = &p, p.String()
			return nil
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, tool.Cause(err))
	case v.step >= 0 && v.perm&0o100 == 0:
		return fmt.Errorf("%s: not executable, its permissions are %04o", name, v.perm)
	}
	s.File = fileOf(name, v)
	if r.Engine == EngineGo && !cmd.execute {
		if p, ok := r.Programs[v.digest()]; ok {
			s.program, s.Program = &p, p.String()
			return nil
		}
	}
	s.Engine = EngineEmu
	if r.Engine == EngineHost {
		s.Engine = EngineHost
	}
	return nil
}

// end ends a step that has the exit status exit.
func (r *replay) end(s *running, exit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.abandoned {
		return
	}
	s.Duration = time.Since(s.start)
	s.Status, s.Exit = OK, exit
	if exit != 0 {
		s.Status, s.Reason = Failed, s.messages.last(exit)
		if len(s.messages.kept) == 0 { // as of sha256sum -c, which says what failed
			s.messages = s.output
		}
	}
	s.Messages = s.messages.String()
	for _, in := range s.inputs() {
		s.Inputs = append(s.Inputs, fileOf(in.name, in.version))
	}
	for _, out := range s.files.outputs {
		s.Outputs = append(s.Outputs, fileOf(out.name, out.version))
	}
}

// spawn runs a command as a child of the step parent, a program of package tool, or
// as the first step if parent is nil. It returns what tool.Env.Exec returns.
func (r *replay) spawn(ctx context.Context, parent *running, env *tool.Env, cmd tool.Command) (int, error) {
	if ctx.Err() != nil {
		return 1, context.Cause(ctx)
	}
	s, err := r.begin(parent, command{path: cmd.Path, args: cmd.Args, vars: env.Vars, dir: env.Dir, at: cmd.At})
	if err != nil {
		return 1, err
	}
	if s.program == nil {
		return r.execute(ctx, s, env)
	}
	return r.call(ctx, s, env), nil
}

// script returns Step.Script and Step.At of a command that a script of s has at a
// position, whose Name is relative to the directory of s.
func (s *running) script(at source.Position) (int, source.Position) {
	if name, err := rel(abs(path.Join(mount, s.Dir), at.Name)); err == nil {
		at.Name = name
	}
	i := slices.IndexFunc(s.inputs(), func(in stepFile) bool { return in.name == at.Name })
	if i < 0 {
		return -1, s.At
	}
	return i, at
}

// inputs returns the files that the step has opened, without its program, which
// was opened to be executed.
func (s *running) inputs() []stepFile {
	return slices.DeleteFunc(slices.Clone(s.files.inputs), func(in stepFile) bool {
		return s.program == nil && in.name == s.File.Path
	})
}

// call runs a step's program of package tool, and ends the step. A panic makes the
// step fail.
func (r *replay) call(ctx context.Context, s *running, env *tool.Env) (exit int) {
	child := *env
	child.FS, child.Stdout, child.Stderr = s.files, &s.output, &s.messages
	child.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
		return r.spawn(ctx, s, env, cmd)
	}
	defer func() {
		if p := recover(); p != nil {
			exit = 2
			fmt.Fprintf(&s.messages, "panic: %v\n", p)
		}
		r.end(s, exit)
	}()
	s.files.program, s.files.limit = s.program.Name, maxRead
	if n, ok := maxCompiled[s.program.Name]; ok {
		s.files.limit = n
	}
	p, ok := registry.Lookup(s.program.Name)
	if !ok {
		panic("no program " + s.program.Name)
	}
	return p.Run(ctx, &child, slices.Concat(s.Args[:1], s.program.Args, s.Args[1:]))
}

// fileOf returns the ledger's record of a file.
func fileOf(name string, v *version) File {
	f := File{Path: name, Size: int64(len(v.data)), Digest: v.digest(), From: v.step}
	if v.step >= 0 {
		f.Perm = Perm(v.perm.Perm())
	}
	return f
}

// A tail is a writer that keeps the last bytes.
type tail struct {
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - maxMessages; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.kept) }

// last returns the last line, or, if there is none, the exit status.
func (t *tail) last(exit int) string {
	lines := strings.Split(strings.TrimSpace(t.String()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return fmt.Sprintf("exit status %d", exit)
}
