package tool

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"stage0/internal/clean"
)

// Main is the main function of a command that is one program: it runs the
// program on the host, with the process's arguments, streams and environment,
// and returns its exit status.
func Main(name string, run Func) int {
	return Program{name, run}.RunOnHost(os.Args)
}

// RunOnHost runs the program on the host, with the process's streams and
// environment, and returns its exit status. args[0] is the name it is called by.
func (p Program) RunOnHost(args []string) int {
	env, flush, err := HostEnv()
	if err != nil {
		os.Stderr.WriteString(p.Name + ": " + clean.String(err.Error()) + "\n")
		return 1
	}
	status := p.Run(context.Background(), env, args)
	if err := flush(); err != nil && status == 0 {
		return env.Fail(p.Name, fmt.Errorf("standard output: cannot write: %w", Cause(err)))
	}
	return status
}

// HostEnv returns an Env of the process's own files, streams and environment,
// and what flushes its standard output. From then on a signal that ends the
// process first removes what it has written of unfinished outputs.
func HostEnv() (env *Env, flush func() error, err error) {
	dir, err := os.Getwd()
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir) // PWD may name it by a link
	}
	if err != nil {
		return nil, nil, err
	}
	temps := &temporaries{names: map[string]bool{}}
	temps.removeOnSignal()
	stdout := &hostStdout{bufio.NewWriterSize(hostStream{os.Stdout, temps}, 64<<10), os.Stdout}
	return &Env{
		FS:     Host{temps},
		Dir:    filepath.ToSlash(dir),
		Vars:   os.Environ(),
		Stdin:  os.Stdin,
		Stdout: stdout,
		Stderr: hostStderr{hostStream{os.Stderr, temps}, stdout},

		Machine: hostMachine(),
		Exec:    hostExec,
	}, stdout.Flush, nil
}

// hostStream is a stream of the process. That nobody reads it ends the process,
// as it does where no temporary files are.
type hostStream struct {
	*os.File
	temps *temporaries
}

func (w hostStream) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		w.temps.remove()
		signal.Reset(syscall.SIGPIPE)
		w.File.Write(p[n:]) // which has the signal end the process
		os.Exit(1)
	}
	return n, err
}

// hostStdout is the process's buffered standard output.
type hostStdout struct {
	*bufio.Writer
	file *os.File
}

// hostStderr is the process's standard error. What is written there comes
// after what was printed before.
type hostStderr struct {
	hostStream
	stdout *hostStdout
}

func (w hostStderr) Write(p []byte) (int, error) {
	w.stdout.Flush() // its error stays, to be returned at the end
	return w.hostStream.Write(p)
}

// Host is the host's file system.
type Host struct {
	temps *temporaries // nil if they are not watched
}

// maxFile is the size of the largest regular file that is read, in bytes.
// Upstream's programs keep sizes in 32-bit ints.
const maxFile = 1<<31 - 1

// MaxStream is how much is read of a file that does not say its size, in
// bytes: /dev/zero has no end.
const MaxStream = 256 << 20

// ReadFile reads the file called name.
func (Host) ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name)
}

// readAll reads an open file of the host to its end, and closes it.
func readAll(f *os.File, name string) ([]byte, error) {
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	case info.Mode().IsRegular() && info.Size() > maxFile:
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("more than %d bytes", maxFile)}
	case info.Mode().IsRegular() && info.Size() > 0:
		text := make([]byte, info.Size())
		_, err := io.ReadFull(f, text)
		return text, err
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxStream+1))
	if err == nil && len(text) > MaxStream {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("no regular file, and more than %d bytes", MaxStream)}
	}
	return text, err
}

// Create writes beside name and renames when the output is committed. Links
// are followed. What is there and cannot be replaced by another file gets the
// output once it is complete: what is not a regular file, what has no name, as
// /dev/stdout leads to, and what is in a directory where nothing can be made.
func (h Host) Create(name string, perm Perm) (Output, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target, err := linkTarget(name)
		if err != nil {
			return nil, err
		}
		return h.temps.create(hostFiles{}, target, perm)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "create", Path: name, Err: syscall.EISDIR}
	case !info.Mode().IsRegular() || isStream(info):
		return &inPlaceOutput{target: name}, nil
	}
	// A file that may not be written is not replaced either.
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	f.Close()
	target, err := filepath.EvalSymlinks(name)
	if err != nil { // a link of /proc to a file that has been removed
		return &inPlaceOutput{target: name}, nil
	}
	out, err := h.temps.create(hostFiles{}, target, perm)
	if errors.Is(err, fs.ErrPermission) {
		return &inPlaceOutput{target: target}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := out.file.Chmod(info.Mode().Perm()); err != nil {
		out.Discard()
		return nil, err
	}
	return out, nil
}

// isStream reports whether a file is the process's standard output or error,
// which others write to as well: they would not see it replaced.
func isStream(info fs.FileInfo) bool {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if stream, err := f.Stat(); err == nil && os.SameFile(info, stream) {
			return true
		}
	}
	return false
}

// maxLinks is how many links that lead nowhere may follow each other.
const maxLinks = 40

// linkTarget returns where name, which is not there, is to be made: if it is a
// link, where that leads. The directory's name has no links in it.
func linkTarget(name string) (string, error) {
	for range maxLinks {
		dir, base := filepath.Split(name)
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", err
		}
		name = filepath.Join(dir, base)
		link, err := os.Readlink(name)
		if err != nil {
			return name, nil
		}
		if name = link; !filepath.IsAbs(link) {
			name = dir + string(filepath.Separator) + link // not cleaned: what .. is, depends on links
		}
	}
	return "", &fs.PathError{Op: "create", Path: name, Err: syscall.ELOOP}
}

// CreateNew makes an empty temporary file called name. That there is something
// called so is an error, fs.ErrExist, however many processes ask for it at a
// time. A signal that ends this one removes the file.
func (h Host) CreateNew(name string, perm Perm) error { return h.temps.reserve(name, perm) }

// Stat is os.Stat.
func (Host) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// RealPath returns name without links in it.
func (Host) RealPath(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	return filepath.ToSlash(real), err
}

// Chmod is os.Chmod.
func (Host) Chmod(name string, perm Perm) error { return os.Chmod(name, perm) }

// Remove removes a file, or a link.
func (h Host) Remove(name string) error {
	info, err := os.Lstat(name)
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "remove", Path: name, Err: syscall.EISDIR}
	}
	if err != nil {
		return err
	}
	return h.temps.finish(name, func() error { return os.Remove(name) })
}

// Mkdir is os.Mkdir.
func (Host) Mkdir(name string, perm Perm) error { return os.Mkdir(name, perm) }

// Symlink is os.Symlink.
func (Host) Symlink(target, name string) error { return linkError(os.Symlink(target, name)) }

// linkError makes the error of a link one of its name.
func linkError(err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		return &fs.PathError{Op: link.Op, Path: link.New, Err: link.Err}
	}
	return err
}

// An inPlaceOutput collects what goes to a file that cannot be replaced.
type inPlaceOutput struct {
	target string
	buf    bytes.Buffer
}

func (o *inPlaceOutput) Write(p []byte) (int, error) { return o.buf.Write(p) }

func (o *inPlaceOutput) Commit() error {
	f, err := os.OpenFile(o.target, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = o.buf.WriteTo(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func (o *inPlaceOutput) Discard() {}
