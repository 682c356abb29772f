package tool

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"stage0/source"
)

// Locate returns the place in the program's inputs from which the byte at
// offset of its output comes, when it is run with env and args. Nothing is
// written. That the program cannot say so, or not of this byte, is an error.
func (p Program) Locate(ctx context.Context, env *Env, args []string, offset int64) (source.Position, error) {
	asked := location{offset: offset, err: errors.New(p.Name + " cannot say where its output comes from")}
	child := *env
	child.FS = readOnly{env.FS}
	child.Stdout, child.Stderr = io.Discard, io.Discard
	child.Exec = nil
	child.location = &asked
	p.Run(ctx, &child, args)
	return asked.at, asked.err
}

// A location is the question, and the answer.
type location struct {
	offset int64
	at     source.Position
	err    error
}

// Located reports whether env asks where a byte of the output comes from, and
// if so answers with find. A program calls it in the place of writing.
func (env *Env) Located(find func(offset int64) (source.Position, error)) bool {
	if env.location == nil {
		return false
	}
	env.location.at, env.location.err = find(env.location.offset)
	return true
}

// readOnly is a file system in which nothing can be changed.
type readOnly struct{ fsys FS }

func (r readOnly) ReadFile(name string) ([]byte, error)  { return r.fsys.ReadFile(name) }
func (r readOnly) Stat(name string) (fs.FileInfo, error) { return r.fsys.Stat(name) }

func (readOnly) Create(name string, perm Perm) (Output, error) {
	return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrPermission}
}

func (readOnly) Chmod(name string, perm Perm) error {
	return &fs.PathError{Op: "chmod", Path: name, Err: fs.ErrPermission}
}

func (readOnly) Remove(name string) error {
	return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrPermission}
}

func (readOnly) Mkdir(name string, perm Perm) error {
	return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrPermission}
}

func (readOnly) Symlink(target, name string) error {
	return &fs.PathError{Op: "symlink", Path: name, Err: fs.ErrPermission}
}
