// Package tool is what the programs share that are commands: files, the
// environment, options, messages and exit codes. The programs are in the
// packages below it, each beside its own code alone; package registry has them
// all by name.
//
// The same function serves the command in cmd/, a command inside a kaem
// script, and a step of a replay; what differs is the Env it is given.
package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"stage0/internal/clean"
	"stage0/source"
)

// A Func runs a program: args[0] is the name it was called by, the rest are
// its arguments. It returns the exit status.
type Func func(ctx context.Context, env *Env, args []string) int

// A Program is a Func with its name, as upstream spells it.
type Program struct {
	Name string
	Run  Func
}

// A Machine is what a program can learn of the machine it runs on. The zero
// Machine is an unknown one.
type Machine struct {
	System string // the operating system, as uname -s says: Linux
	Name   string // the processor, as uname -m says: x86_64
}

// An Env is everything that a program sees besides its arguments.
type Env struct {
	FS     FS
	Dir    string   // working directory, absolute in FS
	Vars   []string // environment variables as NAME=VALUE, in order
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	Machine Machine // which get_machine says it is

	location *location // what Program.Locate asks; nil in a normal run

	// Exec runs another program as a child process, which sees env. It
	// returns the exit status, or, if signal N ended the child, -N (-N-128 if
	// there was a core dump too). An error means that the program could not be
	// run. Programs call it through RunChild.
	Exec func(ctx context.Context, env *Env, cmd Command) (status int, err error)
}

// A Command is a child process to be.
type Command struct {
	Path string          // the program's file; relative to Env.Dir unless absolute
	Args []string        // Args[0] is the name it is called by
	At   source.Position // the script's line that asked for it, if one did
}

// A realPather is a file system with links.
type realPather interface {
	// RealPath returns name, which may have .. after links, without links.
	RealPath(name string) (string, error)
}

// Path makes name absolute and clean. Where the file system has links, what ..
// is, depends on them. The empty name is that of no file, and so is one that
// ends in a slash, unless it is a directory's.
func (env *Env) Path(name string) string {
	if name == "" {
		return ""
	}
	if !path.IsAbs(name) {
		name = env.Dir + "/" + name
	}
	links, ok := env.FS.(realPather)
	if ok && strings.Contains(name+"/", "/../") {
		dir, base := path.Split(name)
		real, err := links.RealPath(dir)
		if err != nil {
			return name // which is not there either
		}
		name = real + "/" + base
	}
	clean := path.Clean(name)
	if !strings.HasSuffix(name, "/") && !strings.HasSuffix(name, "/.") {
		return clean
	}
	if info, err := env.FS.Stat(clean); err != nil || !info.IsDir() {
		return ""
	}
	if ok {
		if real, err := links.RealPath(clean); err == nil { // the slash follows a link
			return real
		}
	}
	return clean
}

// Read reads the file called name as an input text.
func (env *Env) Read(name string) (source.Source, error) {
	path := env.Path(name)
	if path == "" {
		return source.Source{}, fmt.Errorf("%s: cannot open: %w", name, syscall.ENOENT)
	}
	text, err := env.FS.ReadFile(path)
	if err != nil {
		return source.Source{}, fmt.Errorf("%s: cannot open: %w", name, Cause(err))
	}
	return source.Bytes(name, text), nil
}

// ReadInputs reads the files called names as input texts, of which none may be
// the file called output.
func (env *Env) ReadInputs(names []string, output string) (srcs []source.Source, err error) {
	if err := env.NotInput(output, names...); err != nil {
		return nil, err
	}
	for _, name := range names {
		src, err := env.Read(name)
		if err != nil {
			return nil, err
		}
		srcs = append(srcs, src)
	}
	return srcs, nil
}

// NotInput returns an error if output is one of inputs, which it would take the
// place of. Upstream's programs empty it, most of them before they read it.
func (env *Env) NotInput(output string, inputs ...string) error {
	out, err := env.FS.Stat(env.Path(output))
	if err != nil || !out.Mode().IsRegular() {
		return nil
	}
	for _, name := range inputs {
		in, err := env.FS.Stat(env.Path(name))
		if env.Path(name) == env.Path(output) || err == nil && os.SameFile(in, out) {
			return fmt.Errorf("%s: is both the output and an input", output)
		}
	}
	return nil
}

// Write makes the file called name with permissions perm (which the file
// system may narrow) from what produce writes. If produce fails there is no
// file, or the old one is still there.
func (env *Env) Write(name string, perm Perm, produce func(io.Writer) error) error {
	path := env.Path(name)
	if path == "" {
		return fmt.Errorf("%s: cannot create: %w", name, syscall.ENOENT)
	}
	out, err := env.FS.Create(path, perm)
	if err != nil {
		return fmt.Errorf("%s: cannot create: %w", name, Cause(err))
	}
	defer out.Discard()
	if err := produce(out); err != nil {
		if p := new(fs.PathError); errors.As(err, &p) && p.Op == "write" { // p has the name of a temporary file
			return fmt.Errorf("%s: cannot write: %w", name, p.Err)
		}
		return err
	}
	if err := out.Commit(); err != nil {
		return fmt.Errorf("%s: cannot write: %w", name, Cause(err))
	}
	return nil
}

// WriteOrPrint is write, or prints on standard output if name is empty.
func (env *Env) WriteOrPrint(name string, perm Perm, produce func(io.Writer) error) error {
	if name == "" {
		return produce(env.Stdout)
	}
	return env.Write(name, perm, produce)
}

// Fail prints err and returns the exit status for it. Errors that have a
// position say where they come from; the others are given the program's name.
func (env *Env) Fail(program string, err error) int {
	if _, ok := err.(*source.Error); ok {
		env.Say("%v", err)
	} else {
		env.Say("%s: %v", program, err)
	}
	return 1
}

// Warn prints a warning of the program.
func (env *Env) Warn(program, format string, args ...any) {
	env.Say("%s: warning: %s", program, fmt.Sprintf(format, args...))
}

// Say prints a line on standard error: all errors and warnings of the tools.
// They quote names of files and what those hold, which is not for a terminal as
// it stands.
func (env *Env) Say(format string, args ...any) {
	fmt.Fprintln(env.Stderr, clean.String(fmt.Sprintf(format, args...)))
}

// Doubt reports err where upstream says nothing, or goes on: as a warning, or,
// if it is to be strict, by returning it.
func (env *Env) Doubt(program string, strict bool, err error) error {
	if strict {
		return err
	}
	env.Warn(program, "%v", err)
	return nil
}

// maxWarnings is how many warnings one run prints.
const maxWarnings = 20

// Diagnostics returns what prints warnings on env's standard error.
func (env *Env) Diagnostics(strict bool) source.Diagnostics {
	n := 0
	return source.Diagnostics{
		Strict: strict,
		Warn: func(e *source.Error) {
			switch n++; {
			case n <= maxWarnings:
				env.Say("%s: warning: %s", e.Position(), e.Msg)
			case n == maxWarnings+1:
				env.Say("%s: warning: more of the like, not shown", e.Position())
			}
		},
		Full: func() bool { return n > maxWarnings },
	}
}

// Chdir returns what directory name is, seen from dir. Where the file system
// has links, it is the name without them, as getcwd has it.
func (env *Env) Chdir(dir, name string) (string, error) {
	if name == "" {
		return "", syscall.ENOENT
	}
	if !path.IsAbs(name) {
		name = dir + "/" + name // not cleaned: what .. is, depends on links
	}
	if links, ok := env.FS.(realPather); ok {
		real, err := links.RealPath(name)
		if err != nil {
			return "", Cause(err)
		}
		name = real
	}
	name = path.Clean(name)
	info, err := env.FS.Stat(name)
	if err != nil {
		return "", Cause(err)
	}
	if !info.IsDir() {
		return "", syscall.ENOTDIR
	}
	return name, nil
}

// Exists reports whether there is a file called name, seen from dir.
func (env *Env) Exists(dir, name string) bool {
	seen := *env
	seen.Dir = dir
	_, err := env.FS.Stat(seen.Path(name))
	return err == nil
}

// Lookup returns a variable of the environment; of several the last one.
func (env *Env) Lookup(name string) (value string, ok bool) {
	for _, v := range env.Vars {
		if n, x, isVar := strings.Cut(v, "="); isVar && n == name {
			value, ok = x, true
		}
	}
	return value, ok
}
