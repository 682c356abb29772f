package bootstrap

import (
	"context"
	"io/fs"
	"strings"

	"stage0/internal/emu"
	"stage0/tool"
)

// execute executes a step's program in package emu, and the programs that it runs,
// except known ones, and ends the step. A fault of a program, or something that the
// emulator does not support, ends the ladder.
func (r *replay) execute(ctx context.Context, s *running, env *tool.Env) (int, error) {
	e := &execution{replay: r, ctx: ctx, env: env, first: s, steps: map[int]*running{}}
	defer e.closeLocksteps()
	cfg := emu.Config{
		FS:     executedFiles{s.files},
		Dir:    env.Dir,
		Args:   s.Args,
		Env:    env.Vars,
		Umask:  umask,
		Stdin:  env.Stdin,
		Stdout: &e.output,
		Stderr: &e.messages,
		Limits: emu.DefaultLimits,

		Translator: r.translator,
		Exec:       e.exec,
		Exit:       e.exit,
		Instead:    e.instead,
	}
	cfg.Limits.Steps -= min(r.executed, cfg.Limits.Steps-1)
	if r.Progress != nil {
		cfg.Progress = e.progress
	}
	status, used, err := emu.Run(ctx, mount+"/"+s.File.Path, cfg)
	r.executed += used.Steps
	switch {
	case err == nil:
		return status, nil
	case !r.refused(s, err):
		r.stop(err)
	}
	return 1, err
}

// refused reports whether a step ended because its program could not be executed,
// and records the reason.
func (r *replay) refused(s *running, why error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.abandoned || s.Status == unfinished {
		return false
	}
	s.Reason = strings.ReplaceAll(why.Error(), mount+"/", "")
	return true
}

// An execution is a program that package emu executes, with those that it runs.
type execution struct {
	*replay
	ctx       context.Context
	env       *tool.Env
	first     *running
	steps     map[int]*running // by the number of the program
	locksteps []*lockstep      // that have been begun
	messages  tail             // on standard error since a program began or ended
	output    tail             // on standard output
}

// exec begins the step for a program that is about to run.
func (e *execution) exec(x emu.Exec) (emu.FS, error) {
	s, parent := e.first, e.steps[x.Parent]
	if parent != nil {
		var err error
		s, err = e.begin(parent, command{path: x.Path, args: x.Args, vars: x.Env, dir: x.Dir, at: e.position(parent, x.Dir, x.Args), execute: !usual(x)})
		if err != nil {
			return nil, err
		}
	}
	e.steps[x.Program] = s
	e.messages, e.output = tail{}, tail{}
	var notes *recorder
	if parent != nil {
		notes = parent.notes
	}
	if s.program != nil {
		if notes != nil {
			notes.fail() // what package tool does is not noted
		}
		return executedFiles{s.files}, nil
	}
	cache := e.Cache()
	if cache == nil {
		return executedFiles{s.files}, nil
	}
	s.notes, s.key = newRecorder(executedFiles{s.files}, notes, x), keyOf(cache.emulator, s.File.Digest, x)
	return s.notes, nil
}

// usual reports whether a program starts as the programs of package tool expect:
// with the standard streams, the usual umask, and no file that is being written.
func usual(x emu.Exec) bool {
	return strings.HasPrefix(x.Descriptors+" ", "in out err ") && x.Umask == umask && len(x.Written) == 0
}

// instead does the work of a program with package tool or the cache, if possible.
func (e *execution) instead(x emu.Exec) (emu.Outcome, error) {
	s := e.steps[x.Program]
	if s.program != nil {
		return e.tool(s, x), nil
	}
	cache := e.Cache()
	if cache == nil {
		return emu.Outcome{}, nil
	}
	r, ok := find(cache, s.key, executedFiles{s.files}, x)
	if !ok {
		return emu.Outcome{}, nil
	}
	return emu.Outcome{Done: true}, e.redo(s, r)
}

// tool runs a step that an executed program started with package tool.
func (e *execution) tool(s *running, x emu.Exec) emu.Outcome {
	before := map[string]*version{}
	for _, name := range x.Open {
		before[name] = e.files.written(below(name))
	}
	env := *e.env
	env.Dir, env.Vars = x.Dir, x.Env
	outcome := emu.Outcome{Done: true, Status: e.call(e.ctx, s, &env), Changed: map[string][]byte{}}
	for name, was := range before {
		if v := e.files.written(below(name)); v != was && v != nil {
			outcome.Changed[name] = v.data
		}
	}
	return outcome
}

// exit ends the step of a program that has ended.
func (e *execution) exit(x emu.Exit) {
	s := e.steps[x.Program]
	if s.program != nil { // call has ended it
		return
	}
	s.messages, s.output = e.messages, e.output
	e.messages, e.output = tail{}, tail{}
	if s.recalled { // redo has ended it
		return
	}
	e.end(s, x.Status)
	if s.notes != nil && x.Alone && x.Status == 0 {
		cache := e.Cache()
		cache.failed(s.notes.keep(cache, s.key, e.ledger.Steps[s.index:]))
	}
}

// progress reports how far the ladder is.
func (e *execution) progress(used emu.Statistics) {
	last := e.ledger.Steps[len(e.ledger.Steps)-1]
	e.Progress(Progress{Arch: e.arch, Steps: len(e.ledger.Steps), File: last.File.Path, Instructions: e.executed + used.Steps})
}

// executedFiles is a step's files as an emu.FS.
type executedFiles struct{ *stepFiles }

func (f executedFiles) WriteFile(name string, data []byte, perm fs.FileMode) error {
	out, err := f.Create(name, perm)
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := out.Write(data); err != nil {
		return err
	}
	return out.Commit()
}

// Stat makes the files of the tree executable: not every archive keeps their
// permissions.
func (f executedFiles) Stat(name string) (fs.FileInfo, error) {
	info, err := f.stepFiles.Stat(name)
	if err != nil || info.IsDir() {
		return info, err
	}
	if inTree, err := rel(name); err == nil && f.written(inTree) == nil {
		return emu.FileInfo(name, info.Size(), info.Mode()|0o500), nil
	}
	return info, nil
}
