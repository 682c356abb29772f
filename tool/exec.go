package tool

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// maxNesting is how deep programs inside this process may start each other; a
// script that runs itself ends there.
const maxNesting = 64

// nesting is the key under which a context holds how deep its program is.
type nesting struct{}

// RunChild runs a child of the program that has env. The child sees child, which
// may be env itself. For the results see Env.Exec.
func (env *Env) RunChild(ctx context.Context, child *Env, cmd Command) (status int, err error) {
	if env.Exec == nil {
		return 1, errors.New("no programs can be run here")
	}
	depth, _ := ctx.Value(nesting{}).(int)
	if depth == maxNesting {
		return 1, fmt.Errorf("programs run each other more than %d deep", maxNesting)
	}
	return env.Exec(context.WithValue(ctx, nesting{}, depth+1), child, cmd)
}

// hostExec is the Exec of the host: cmd becomes a process, with the process's
// own streams where env has them. How deep processes nest is up to the host.
func hostExec(ctx context.Context, env *Env, cmd Command) (status int, err error) {
	process := exec.CommandContext(ctx, "/")
	process.Path, process.Err = filepath.FromSlash(cmd.Path), nil // not looked up in our own PATH
	process.Args = cmd.Args
	process.Dir = env.Dir
	process.Env = append([]string{}, env.Vars...) // never nil, which would stand for ours
	process.Stdin, process.Stdout, process.Stderr = env.Stdin, env.Stdout, env.Stderr
	if w, ok := env.Stdout.(*hostStdout); ok {
		if err := w.Flush(); err != nil {
			return 1, err
		}
		process.Stdout = w.file
	}
	if w, ok := env.Stderr.(hostStderr); ok {
		process.Stderr = w.File
	}
	err = process.Run()
	switch {
	case ctx.Err() != nil:
		return 1, ctx.Err()
	case process.ProcessState == nil:
		return 1, Cause(err)
	}
	return WaitStatus(process.ProcessState), nil
}
