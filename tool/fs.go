package tool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Perm is a file's permission bits.
type Perm = fs.FileMode

// An FS is the files that programs see. Names are absolute and clean, with
// slashes. Errors are *fs.PathError or wrap one.
type FS interface {
	// ReadFile returns the content of a file, which must not be changed.
	// Directories are refused.
	ReadFile(name string) ([]byte, error)

	// Create starts a file that takes the place of name once it is
	// committed. A new file has the permissions perm, as far as the file
	// system's umask allows; one that is there keeps its own.
	Create(name string, perm Perm) (Output, error)

	Stat(name string) (fs.FileInfo, error)

	// Chmod sets permissions, whatever the umask.
	Chmod(name string, perm Perm) error

	// Remove removes a file. Directories are refused.
	Remove(name string) error

	// Mkdir makes a directory, with the permissions perm as far as the file
	// system's umask allows. That anything is there is fs.ErrExist.
	Mkdir(name string, perm Perm) error

	// Symlink makes name a symbolic link to target, which may be anything.
	// That anything is there is fs.ErrExist.
	Symlink(target, name string) error
}

// An Output is a file being written. Nothing is seen of it until Commit;
// after Commit, Discard does nothing.
type Output interface {
	io.Writer
	Commit() error
	Discard()
}

// Cause strips the operation and the path from an error, where the message
// gives its own.
func Cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// PermOf returns the permissions that Unix writes as mode.
func PermOf(mode uint32) Perm {
	perm := Perm(mode & 0o777)
	for bit, name := range map[uint32]Perm{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&bit != 0 {
			perm |= name
		}
	}
	return perm
}

// IsDir reports whether name is a directory.
func (env *Env) IsDir(name string) bool {
	info, err := env.FS.Stat(env.Path(name))
	return err == nil && info.IsDir()
}

// maxPath is how long the name of a directory may be, in bytes.
const maxPath = 4095

// Mkdir makes a directory.
func (env *Env) Mkdir(name string, perm Perm) error {
	err := error(fs.ErrNotExist)
	if name != "" {
		err = env.FS.Mkdir(env.Path(name[:1]+strings.TrimRight(name[1:], "/")), perm)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot make directory: %w", name, Cause(err))
	}
	return nil
}

// MkdirAll makes a directory, unless it is there, and those that it is in.
func (env *Env) MkdirAll(name string, perm, parents Perm) error {
	if len(name) > maxPath {
		return fmt.Errorf("%.20s...: cannot make directory: the name is longer than %d bytes", name, maxPath)
	}
	err := env.Mkdir(name, perm)
	if dir := path.Dir(strings.TrimRight(name, "/")); errors.Is(err, fs.ErrNotExist) && dir != "." && dir != "/" {
		if err := env.MkdirAll(dir, parents, parents); err != nil {
			return err
		}
		err = env.Mkdir(name, perm)
	}
	if errors.Is(err, fs.ErrExist) && env.IsDir(name) {
		return nil
	}
	return err
}
