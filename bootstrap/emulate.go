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
	_, _, err := emu.Run(ctx, seed, emu.Config{
		FS:     emulatedFiles{&stepFiles{overlay: r.files, step: -1}},
		Dir:    mount,
		Args:   []string{seed, script(r.arch)},
		Umask:  umask,
		Stderr: &e.messages,
		Limits: emu.DefaultLimits,
		Exec:   e.exec,
		Exit:   e.exit,
	})
	return err
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
	line  int // of its script, if it has one: the last one that a step was found on
}

// inputs returns the files that the step has opened, without the program's own,
// which is opened to run it.
func (s *emulatedStep) inputs() []stepFile {
	return slices.DeleteFunc(slices.Clone(s.files.inputs), func(in stepFile) bool { return in.name == s.File.Path })
}

// exec begins the step that a program is.
func (e *emulation) exec(x emu.Exec) (emu.FS, error) {
	n := len(e.ledger.Steps)
	if n == maxSteps {
		return nil, fmt.Errorf("the scripts run more than %d commands", maxSteps)
	}
	parent := e.steps[x.Parent]
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
	files := &stepFiles{overlay: e.files, step: n}
	e.ledger.Steps = append(e.ledger.Steps, step)
	e.steps[x.Program] = &emulatedStep{Step: step, index: n, files: files, start: time.Now()}
	e.messages = tail{}
	return emulatedFiles{files}, nil
}

// exit ends it.
func (e *emulation) exit(x emu.Exit) {
	s := e.steps[x.Program]
	s.Exit = x.Status
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
