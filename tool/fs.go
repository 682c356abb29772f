package tool

import (
	"errors"
	"io"
	"io/fs"
)

// Perm is a file's permission bits.
type Perm = fs.FileMode

// An FS is the files that programs see. Names are absolute and clean, with
// slashes. Errors are *fs.PathError or wrap one.
type FS interface {
	// Open opens a file for reading. Directories are refused.
	Open(name string) (File, error)

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

// A File is open for reading. One that is in memory also has a method
// Bytes() []byte, and one whose digest is known SHA256() [32]byte.
type File interface {
	io.ReaderAt
	io.Closer
	Size() int64
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
