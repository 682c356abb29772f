package bootstrap

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"

	"stage0/source"
	"stage0/tool"
	"stage0/tool/registry"
)

// A lockstep is a kaem of package tool that runs a script in step with an executed
// program: an executed kaem does not say at which line it is. In place of running a
// command it waits until the program runs one, and takes over the exit status of
// that. As long as both ask for the same commands, it knows their lines.
type lockstep struct {
	next  func() (asked, bool) // the next command, if there is one
	close func()
}

// asked is a command that a script asks for.
type asked struct {
	dir  string
	args []string
	at   source.Position
}

// position returns where the script of the step parent has the command args, which
// is to run in dir; zero if no script has it.
func (e *execution) position(parent *running, dir string, args []string) source.Position {
	if parent.locksteps == nil && len(parent.Args) > 0 {
		for _, p := range []Program{{Name: "kaem"}, {"kaem-0", []string{"-A", e.arch.Name}}} {
			s := e.lockstep(parent, p)
			parent.locksteps, e.locksteps = append(parent.locksteps, s), append(e.locksteps, s)
		}
	}
	at := source.Position{}
	parent.locksteps = slices.DeleteFunc(parent.locksteps, func(s *lockstep) bool {
		next, ok := s.next()
		if ok = ok && next.dir == dir && slices.Equal(next.args, args); ok {
			at = next.at
		}
		return !ok
	})
	return at
}

// lockstep begins the script of the step parent as the program p runs it.
func (e *execution) lockstep(parent *running, p Program) *lockstep {
	ctx, cancel := context.WithCancel(e.ctx)
	next, stop := iter.Pull(func(yield func(asked) bool) {
		env := &tool.Env{
			FS:     beside{asLeft{files: e.files}},
			Dir:    path.Join(mount, parent.Dir),
			Vars:   parent.Vars,
			Stdin:  bytes.NewReader(nil),
			Stdout: io.Discard,
			Stderr: io.Discard,
		}
		env.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
			if !yield(asked{env.Dir, cmd.Args, cmd.At}) || ctx.Err() != nil {
				return 1, errAbandoned
			}
			return parent.last.Exit, nil
		}
		kaem, _ := registry.Lookup(p.Name)
		kaem.Run(ctx, env, slices.Concat(parent.Args[:1], p.Args, parent.Args[1:]))
	})
	return &lockstep{next, func() {
		cancel()
		stop()
	}}
}

// closeLocksteps ends them all.
func (e *execution) closeLocksteps() {
	for _, s := range e.locksteps {
		s.close()
	}
}

// beside are the files of a ladder that is being replayed, to be read without the
// ledger's taking note of it.
type beside struct{ asLeft }

func (b beside) ReadFile(name string) ([]byte, error) {
	if err := b.files.lock(); err != nil {
		return nil, err
	}
	defer b.files.mu.Unlock()
	return b.asLeft.ReadFile(name)
}

func (b beside) Stat(name string) (fs.FileInfo, error) {
	if err := b.files.lock(); err != nil {
		return nil, err
	}
	defer b.files.mu.Unlock()
	return b.asLeft.Stat(name)
}
