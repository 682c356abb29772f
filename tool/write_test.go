package tool

import (
	"io"
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fullDisk is a file system in which nothing fits.
type fullDisk struct{ FS }

func (fullDisk) Create(string, Perm) (Output, error) { return fullFile{}, nil }

type fullFile struct{}

func (fullFile) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: ".stage0-1-0", Err: syscall.ENOSPC}
}
func (fullFile) Commit() error { return nil }
func (fullFile) Discard()      {}

// A disk that is full is said of the output, not of a temporary file.
func TestWriteFullDisk(t *testing.T) {
	env := &Env{FS: fullDisk{}, Dir: "/"}
	err := env.Write("out", 0o666, func(w io.Writer) error {
		_, err := w.Write([]byte("text"))
		return err
	})
	assert.EqualError(t, err, "out: cannot write: no space left on device")
}
