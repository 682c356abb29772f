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
	"time"

	"stage0/arch"
	"stage0/source"
	"stage0/tool"
)

const (
	// maxSteps is how many commands a ladder may have. Those of release 1.9.1
	// have about 150.
	maxSteps = 10_000

	// maxMessages is how much is kept of what a step prints on standard error:
	// its end, in bytes.
	maxMessages = 4 << 10
)

// A replay is a ladder being replayed.
type replay struct {
	arch       arch.Arch
	standAlone bool // see Reference
	engine     string
	ledger     *Ledger
	files      *overlay
	Options
	cancel context.CancelCauseFunc
}

// run runs the ladder's script, as the README of stage0-posix says to.
func (r *replay) run(ctx context.Context) {
	start := time.Now()
	defer func() { r.ledger.Duration = time.Since(start) }()
	switch r.engine {
	case EngineEmu:
		r.ledger.Err = r.emulate(ctx)
		return
	case EngineHost:
		r.ledger.Err = r.host(ctx)
		return
	}
	ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	seed := "./" + seeds(r.arch) + "/kaem-optional-seed"
	env := &tool.Env{
		Dir:     mount,
		Stdin:   bytes.NewReader(nil),
		Stdout:  io.Discard,
		Machine: tool.Machine{System: "Linux", Name: r.arch.Name},
	}
	r.step(ctx, -1, env, tool.Command{Path: seed, Args: []string{seed, script(r.arch)}})
	r.ledger.Err = context.Cause(ctx)
}

// step runs a command as a child of the step parent. Its results are those of
// tool.Env.Exec; a step that is skipped has status 0, so that those that do not
// need it are run.
func (r *replay) step(ctx context.Context, parent int, env *tool.Env, cmd tool.Command) (int, error) {
	n := len(r.ledger.Steps)
	if n == maxSteps {
		r.cancel(fmt.Errorf("the scripts run more than %d commands", maxSteps))
	}
	if ctx.Err() != nil {
		return 1, context.Cause(ctx)
	}
	step := &Step{Parent: parent, At: r.position(parent, cmd.At), Vars: env.Vars, Args: cmd.Args, Engine: EngineGo}
	r.ledger.Steps = append(r.ledger.Steps, step) // before those that it runs
	files := &stepFiles{overlay: r.files, step: n}
	run, err := r.prepare(step, env.Dir, cmd)
	if err != nil {
		step.Status, step.Exit, step.Reason = Failed, 1, err.Error()
		return 1, err
	}
	if step.Status != Skipped {
		r.call(ctx, step, run, files, env)
	}
	for _, in := range files.inputs {
		step.Inputs = append(step.Inputs, fileOf(in.name, in.version))
	}
	if files.lacks != "" {
		step.Status, step.Exit, step.Reason = Skipped, 0, r.lacks(files.lacks)
	}
	if step.Status == Skipped {
		names := r.absent(env.Dir, cmd.Args[1:])
		for _, out := range files.outputs {
			names = append(names, out.name)
		}
		r.files.lose(n, names)
		return 0, nil
	}
	for _, out := range files.outputs {
		step.Outputs = append(step.Outputs, fileOf(out.name, out.version))
	}
	return step.Exit, nil
}

// A program is one of package tool with all its arguments.
type program struct {
	run  tool.Func
	args []string
}

// prepare finds what stands for a command's program, and fills in what step
// says of that. A step that cannot be run yet is skipped.
func (r *replay) prepare(step *Step, dir string, cmd tool.Command) (p program, err error) {
	if step.Dir, err = rel(dir); err != nil {
		return p, err
	}
	name, err := rel(abs(dir, cmd.Path))
	if err != nil {
		return p, fmt.Errorf("%s: %w", cmd.Path, tool.Cause(err))
	}
	step.File.Path = name
	v, err := r.files.open(name)
	switch {
	case errors.Is(err, errLost):
		step.Status, step.Reason = Skipped, r.lacks(name)
		return p, nil
	case err == nil && v.step >= 0 && v.perm&0o100 == 0:
		return p, fmt.Errorf("%s: not executable, its permissions are %04o", name, v.perm)
	case err == nil:
		step.File = fileOf(name, v)
	case !r.standAlone || !errors.Is(err, fs.ErrNotExist):
		return p, fmt.Errorf("%s: %w", name, tool.Cause(err))
	}
	stands, args, err := r.standIn(name)
	if err != nil {
		step.Status, step.Reason = Skipped, err.Error()
		return p, nil
	}
	step.Program = strings.Join(append([]string{stands.Name}, args...), " ")
	return program{stands.Run, slices.Concat(cmd.Args[:1], args, cmd.Args[1:])}, nil
}

// standIn returns the program that stands for the file at name, and its first
// arguments. An error says why a step that runs the file is skipped.
func (r *replay) standIn(name string) (p tool.Program, args []string, err error) {
	program, args, ok := findStandIn(r.arch, name)
	if !ok {
		return p, nil, fmt.Errorf("no program of ours stands for %s", name)
	}
	if p, ok = tool.Lookup(program); !ok {
		return p, nil, fmt.Errorf("there is no program %s yet", program)
	}
	return p, args, nil
}

// call runs a step's program, and fills in what step says of that. A panic is
// a failure.
func (r *replay) call(ctx context.Context, step *Step, p program, files *stepFiles, env *tool.Env) {
	var messages tail
	child := *env
	child.FS, child.Stderr = files, &messages
	child.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
		return r.step(ctx, files.step, env, cmd)
	}
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			step.Exit = 2
			fmt.Fprintf(&messages, "panic: %v\n", p)
		}
		step.Duration = time.Since(start)
		step.Messages = messages.String()
		if step.Exit != 0 {
			step.Status, step.Reason = Failed, messages.last(step.Exit)
		}
	}()
	step.Exit = p.run(ctx, &child, p.args)
}

// position returns at with the name of the script as a path of the tree. The
// script's own name is as it was given to the step that runs it. A step that
// no script asks for is where its parent is.
func (r *replay) position(parent int, at source.Position) source.Position {
	switch {
	case parent < 0:
	case at == source.Position{}:
		return r.ledger.Steps[parent].At
	case !path.IsAbs(at.Name):
		at.Name = path.Join(r.ledger.Steps[parent].Dir, at.Name)
	}
	return at
}

// lacks says why a step that needs the lost file called name is skipped.
func (r *replay) lacks(name string) string {
	by := r.ledger.Steps[r.files.lost[name]]
	return fmt.Sprintf("%s is not made: %s:%d is skipped", name, by.At.Name, by.At.Line)
}

// absent returns which of a step's arguments could name files that it would
// make: those that are not there.
func (r *replay) absent(dir string, args []string) []string {
	var names []string
	for _, arg := range args {
		name, err := rel(abs(dir, arg))
		if err != nil || !r.files.isDir(path.Dir(name)) {
			continue
		}
		if _, err := r.files.stat(name); errors.Is(err, fs.ErrNotExist) {
			names = append(names, name)
		}
	}
	return names
}

// fileOf returns what the ledger says of a file.
func fileOf(name string, v *version) File {
	return File{Path: name, Perm: v.perm, Size: int64(len(v.data)), Digest: v.digest()}
}

// A tail keeps the end of what is written to it.
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
