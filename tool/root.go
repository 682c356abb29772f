package tool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Confine returns env with a file system in which nothing is outside of the
// working directory, wherever names and links lead, and what closes it. A file
// system that is not the host's has no links, and names are checked where they
// come from.
func (env *Env) Confine() (*Env, func() error, error) {
	inside := *env
	host, ok := env.FS.(Host)
	if !ok {
		return &inside, func() error { return nil }, nil
	}
	root, err := os.OpenRoot(filepath.FromSlash(env.Dir))
	if err != nil {
		return nil, nil, err
	}
	inside.FS = rootFS{root, env.Dir, host.temps}
	return &inside, root.Close, nil
}

// Escapes reports whether err says that a name or a link leads out of what Confine
// has confined a program to. Package os does not export the error.
func Escapes(err error) bool {
	return err != nil && strings.HasSuffix(err.Error(), "path escapes from parent")
}

// Local reports whether a name found in a file stays below the directory it
// is used in.
func Local(name string) bool { return filepath.IsLocal(filepath.FromSlash(name)) }

// rootFS is a directory of the host.
type rootFS struct {
	root  *os.Root
	dir   string // where it is in the FS that it is a part of
	temps *temporaries
}

// rel returns the name below the directory.
func (r rootFS) rel(name string) string {
	if name == r.dir {
		return "."
	}
	if below, ok := strings.CutPrefix(name, strings.TrimSuffix(r.dir, "/")+"/"); ok {
		return filepath.FromSlash(below)
	}
	return name // which the root refuses
}

// ReadFile reads a file.
func (r rootFS) ReadFile(name string) ([]byte, error) {
	f, err := r.root.Open(r.rel(name))
	if err != nil {
		return nil, err
	}
	return readAll(f, name)
}

// Create writes beside name and renames when the output is committed. A link
// is replaced, not followed.
func (r rootFS) Create(name string, perm Perm) (Output, error) {
	name = r.rel(name)
	info, err := r.root.Lstat(name)
	switch {
	case err == nil && info.IsDir():
		return nil, &fs.PathError{Op: "create", Path: name, Err: syscall.EISDIR}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	out, createErr := r.temps.create(r.root, name, perm)
	if createErr != nil {
		return nil, createErr
	}
	if err == nil && info.Mode().IsRegular() {
		if err := out.file.Chmod(info.Mode().Perm()); err != nil {
			out.Discard()
			return nil, err
		}
	}
	return out, nil
}

// Stat describes a file.
func (r rootFS) Stat(name string) (fs.FileInfo, error) { return r.root.Stat(r.rel(name)) }

// Chmod sets permissions.
func (r rootFS) Chmod(name string, perm Perm) error { return r.root.Chmod(r.rel(name), perm) }

// Remove removes a file, or a link.
func (r rootFS) Remove(name string) error {
	info, err := r.root.Lstat(r.rel(name))
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "remove", Path: name, Err: syscall.EISDIR}
	}
	if err != nil {
		return err
	}
	return r.root.Remove(r.rel(name))
}

// Mkdir makes a directory.
func (r rootFS) Mkdir(name string, perm Perm) error { return r.root.Mkdir(r.rel(name), perm) }

// Symlink makes a link. It may lead anywhere, but is not followed outside.
func (r rootFS) Symlink(target, name string) error {
	return linkError(r.root.Symlink(target, r.rel(name)))
}
