package bootstrap

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"stage0/emu"
	"stage0/source"
)

// emulate runs the ladder from the seeds' own bytes: what a step runs is what
// its program's file holds, in package emu.
func (r *replay) emulate(ctx context.Context) error {
	e := &emulation{replay: r, steps: map[int]*emulatedStep{}}
	seed := "./" + seeds(r.arch) + "/kaem-optional-seed"
	cfg := emu.Config{
		FS:     emulatedFiles{&stepFiles{overlay: r.files, step: -1}},
		Dir:    mount,
		Args:   []string{seed, script(r.arch)},
		Umask:  umask,
		Stderr: &e.messages,
		Limits: emu.DefaultLimits,
		Exec:   e.exec,
		Exit:   e.exit,
		Recall: e.recall,
	}
	if r.Progress != nil {
		cfg.Progress = e.progress
	}
	_, _, err := emu.Run(ctx, seed, cfg)
	e.endUnfinished()
	return err
}

// endUnfinished says of the steps that did not come to their end that they
// failed, and takes away what they have written: it is not what they make.
func (e *emulation) endUnfinished() {
	for _, s := range e.steps {
		if s.ended {
			continue
		}
		s.Status, s.Reason = Failed, "did not come to its end"
		for name, v := range e.files.made {
			if v.step == s.index {
				delete(e.files.made, name)
			}
		}
	}
}

// An emulation is a ladder being emulated.
type emulation struct {
	*replay
	steps    map[int]*emulatedStep // by the number of the program
	messages tail                  // on standard error since a program began or ended
}

// An emulatedStep is a step that runs.
type emulatedStep struct {
	*Step
	index int
	files *stepFiles
	start time.Time
	ended bool
	line  int       // of its script, if it has one: the last one that a step was found on
	notes *recorder // nil if there is no cache
	key   Digest    // in it
}

// inputs returns the files that the step has opened, without the program's own,
// which is opened to run it.
func (s *emulatedStep) inputs() []stepFile {
	return slices.DeleteFunc(slices.Clone(s.files.inputs), func(in stepFile) bool { return in.name == s.File.Path })
}

// exec begins the step that a program is.
func (e *emulation) exec(x emu.Exec) (emu.FS, error) {
	parent := e.steps[x.Parent]
	s, err := e.begin(parent, x)
	if err != nil {
		return nil, err
	}
	e.steps[x.Program] = s
	if e.Cache == nil {
		return emulatedFiles{s.files}, nil
	}
	var notes *recorder
	if parent != nil {
		notes = parent.notes
	}
	s.notes, s.key = newRecorder(emulatedFiles{s.files}, notes, x), keyOf(e.Cache.emulator, s.File.Digest, x)
	return s.notes, nil
}

// begin begins a step that parent, or nobody if it is nil, runs.
func (e *emulation) begin(parent *emulatedStep, x emu.Exec) (*emulatedStep, error) {
	n := len(e.ledger.Steps)
	if n == maxSteps {
		return nil, fmt.Errorf("the scripts run more than %d commands", maxSteps)
	}
	step := &Step{Parent: -1, Vars: x.Env, Args: x.Args, Engine: EngineEmu}
	if parent != nil {
		step.Parent, step.At = parent.index, e.find(parent, x.Args)
	}
	var err error
	if step.Dir, err = rel(x.Dir); err != nil {
		return nil, err
	}
	name, err := rel(x.Path)
	if err != nil {
		return nil, err
	}
	v, err := e.files.open(name)
	if err != nil {
		return nil, err
	}
	step.File = fileOf(name, v)
	e.ledger.Steps = append(e.ledger.Steps, step)
	e.messages = tail{}
	return &emulatedStep{Step: step, index: n, files: &stepFiles{overlay: e.files, step: n}, start: time.Now()}, nil
}

// recall does what a program did before, if the cache has it.
func (e *emulation) recall(x emu.Exec) (bool, error) {
	s := e.steps[x.Program]
	if e.Cache == nil {
		return false, nil
	}
	r, ok := find(e.Cache, s.key, emulatedFiles{s.files}, x)
	if !ok {
		return false, nil
	}
	s.notes.again(r)
	return true, e.redo(s, &r.ran)
}

// exit ends the step that a program is.
func (e *emulation) exit(x emu.Exit) {
	s := e.steps[x.Program]
	e.end(s, x.Status)
	if s.notes == nil {
		return
	}
	s.notes.run.Status, s.notes.run.Messages = x.Status, []byte(s.Messages)
	if x.Alone && x.Status == 0 && !s.notes.failed && !s.Recalled {
		e.Cache.failed(s.notes.keep(e.Cache, s.key))
	}
}

// end ends a step.
func (e *emulation) end(s *emulatedStep, status int) {
	s.ended = true
	s.Exit = status
	s.Duration = time.Since(s.start)
	s.Inputs, s.Outputs = nil, nil
	for _, in := range s.inputs() {
		s.Inputs = append(s.Inputs, fileOf(in.name, in.version))
	}
	for _, out := range s.files.outputs {
		s.Outputs = append(s.Outputs, fileOf(out.name, out.version))
	}
	if s.Exit != 0 {
		s.Status, s.Reason = Failed, e.messages.last(s.Exit)
	}
	s.Messages = e.messages.String()
	e.messages = tail{}
}

// progress tells how far the ladder is.
func (e *emulation) progress(used emu.Statistics) {
	last := e.ledger.Steps[len(e.ledger.Steps)-1]
	e.Progress(Progress{Arch: e.arch, Steps: len(e.ledger.Steps), File: last.File.Path, Instructions: used.Steps})
}

// find returns where the script of the step parent has the command args. Only
// the script's name is known, as the first file that the step opened: the line
// is the next one that begins with the program's name. A step that no script
// asks for is where its parent is.
func (e *emulation) find(parent *emulatedStep, args []string) source.Position {
	inputs := parent.inputs()
	if len(inputs) == 0 || len(args) == 0 {
		return parent.At
	}
	text := inputs[0]
	for i, line := range strings.Split(string(text.data), "\n") {
		words := strings.Fields(line)
		if i+1 > parent.line && len(words) > 0 && path.Base(words[0]) == path.Base(args[0]) {
			parent.line = i + 1
			return source.Position{Name: text.name, Line: i + 1, Col: strings.Index(line, words[0]) + 1}
		}
	}
	return parent.At
}

// emulatedFiles are a step's files as package emu asks for them.
type emulatedFiles struct{ *stepFiles }

func (f emulatedFiles) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return file.(interface{ Bytes() []byte }).Bytes(), nil // it is in memory
}

func (f emulatedFiles) WriteFile(name string, data []byte, perm fs.FileMode) error {
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

// Stat lets the files of the tree be executed: their permissions do not
// survive every way of packing it.
func (f emulatedFiles) Stat(name string) (fs.FileInfo, error) {
	info, err := f.stepFiles.Stat(name)
	if err != nil || info.IsDir() {
		return info, err
	}
	if inTree, err := rel(name); err == nil && f.made[inTree] == nil {
		return fileInfo{info.Name(), info.Size(), info.Mode() | 0o500}, nil
	}
	return info, nil
}
