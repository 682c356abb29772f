// Package tool is the one place where a program's name becomes a Go function,
// and the one layer where files, the environment and exit codes appear.
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

// Programs is the registry: the programs by name. It is no variable, which
// M2-Mesoplanet could not both stand in and look at.
func Programs() []Program {
	return []Program{
		{"blood-elf", runBloodElf},
		{"catm", runCatm},
		{"catm-0", runCatm0},
		{"cc-0", runCC},
		{"chmod", runChmod},
		{"cp", runCp},
		{"get_machine", runGetMachine},
		{"hex0", runHex0},
		{"hex1", runHex1},
		{"hex2", runHex2},
		{"hex2-0", runHex2Seed},
		{"kaem", runKaem},
		{"kaem-0", runKaem0},
		{"M0", runM0},
		{"M1", runM1},
		{"M2-Mesoplanet", runMesoplanet},
		{"M2-Planet", runM2Planet},
		{"match", runMatch},
		{"mkdir", runMkdir},
		{"replace", runReplace},
		{"rm", runRm},
		{"sha256sum", runSHA256Sum},
		{"sha3sum", runSHA3Sum},
		{"unbz2", runUnbz2},
		{"ungz", runUngz},
		{"untar", runUntar},
		{"unxz", runUnxz},
		{"wrap", runWrap},
	}
}

// Lookup returns the program called name.
func Lookup(name string) (Program, bool) {
	for _, p := range Programs() {
		if p.Name == name {
			return p, true
		}
	}
	return Program{}, false
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
	// run. Programs call it through exec.
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

// path makes name absolute and clean. Where the file system has links, what ..
// is, depends on them. The empty name is that of no file, and so is one that
// ends in a slash, unless it is a directory's.
func (env *Env) path(name string) string {
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

// open opens the file called name as an input text. The caller closes it.
func (env *Env) open(name string) (source.Source, io.Closer, error) {
	path := env.path(name)
	if path == "" {
		return source.Source{}, nil, fmt.Errorf("%s: cannot open: %w", name, syscall.ENOENT)
	}
	f, err := env.FS.Open(path)
	if err != nil {
		return source.Source{}, nil, fmt.Errorf("%s: cannot open: %w", name, Cause(err))
	}
	src := source.Source{Name: name, Text: f, Size: f.Size()}
	if m, ok := f.(interface{ Bytes() []byte }); ok {
		src = source.Bytes(name, m.Bytes())
	}
	return src, f, nil
}

// openAll opens the files called names as input texts, of which none may be the
// file called output. The caller calls closeAll when it has done with them.
func (env *Env) openAll(names []string, output string) (srcs []source.Source, closeAll func(), err error) {
	if err := env.notInput(output, names...); err != nil {
		return nil, nil, err
	}
	var open []io.Closer
	closeAll = func() {
		for _, c := range open {
			c.Close()
		}
	}
	for _, name := range names {
		src, closer, err := env.open(name)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		open = append(open, closer)
		srcs = append(srcs, src)
	}
	return srcs, closeAll, nil
}

// notInput returns an error if output is one of inputs, which it would take the
// place of. Upstream's programs empty it, most of them before they read it.
func (env *Env) notInput(output string, inputs ...string) error {
	out, err := env.FS.Stat(env.path(output))
	if err != nil || !out.Mode().IsRegular() {
		return nil
	}
	for _, name := range inputs {
		in, err := env.FS.Stat(env.path(name))
		if env.path(name) == env.path(output) || err == nil && os.SameFile(in, out) {
			return fmt.Errorf("%s: is both the output and an input", output)
		}
	}
	return nil
}

// write makes the file called name with permissions perm (which the file
// system may narrow) from what produce writes. If produce fails there is no
// file, or the old one is still there.
func (env *Env) write(name string, perm Perm, produce func(io.Writer) error) error {
	path := env.path(name)
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

// writeOrPrint is write, or prints on standard output if name is empty.
func (env *Env) writeOrPrint(name string, perm Perm, produce func(io.Writer) error) error {
	if name == "" {
		return produce(env.Stdout)
	}
	return env.write(name, perm, produce)
}

// fail prints err and returns the exit status for it. Errors that have a
// position say where they come from; the others are given the program's name.
func (env *Env) fail(program string, err error) int {
	if _, ok := err.(*source.Error); ok {
		env.say("%v", err)
	} else {
		env.say("%s: %v", program, err)
	}
	return 1
}

// warn prints a warning of the program.
func (env *Env) warn(program, format string, args ...any) {
	env.say("%s: warning: %s", program, fmt.Sprintf(format, args...))
}

// say prints a line on standard error: all errors and warnings of the tools.
// They quote names of files and what those hold, which is not for a terminal as
// it stands.
func (env *Env) say(format string, args ...any) {
	fmt.Fprintln(env.Stderr, clean.String(fmt.Sprintf(format, args...)))
}

// maxWarnings is how many warnings one run prints.
const maxWarnings = 20

// diagnostics returns what prints warnings on env's standard error.
func (env *Env) diagnostics(strict bool) source.Diagnostics {
	n := 0
	return source.Diagnostics{
		Strict: strict,
		Warn: func(e *source.Error) {
			switch n++; {
			case n <= maxWarnings:
				env.say("%s: warning: %s", e.Position, e.Msg)
			case n == maxWarnings+1:
				env.say("%s: warning: more of the like, not shown", e.Position)
			}
		},
		Full: func() bool { return n > maxWarnings },
	}
}
