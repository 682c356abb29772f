package check

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"

	"stage0/bootstrap"
)

// Limits on what is read, in bytes. The largest artefact has 3 MB.
const (
	maxFile = 64 << 20
	maxRead = 16 << 30
)

var (
	errLarge   = fmt.Errorf("larger than %d MiB, as no artefact is", maxFile>>20)
	errChanged = errors.New("it changes while it is read")
	errKind    = errors.New("not a file")
)

// Walk returns the files below a directory. It does not follow links to
// directories, nor, unless fsys does, links out of the directory. It opens
// nothing but regular files. If a file cannot be read, the reason is in its
// File.
func Walk(ctx context.Context, fsys fs.FS) ([]File, error) {
	var files []File
	left := int64(maxRead)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && name == ".":
			return err
		case err == nil && d.IsDir():
			return nil
		case len(files) == maxFiles:
			return fmt.Errorf("%s: more than %d files", name, maxFiles)
		}
		f := File{name: name, err: cause(err)}
		if err == nil {
			f = load(fsys, name)
		}
		if errors.Is(f.err, errDirectory) {
			return nil
		}
		files = append(files, f)
		if f.disk != nil {
			left -= f.disk.size
		}
		if left < 0 {
			return fmt.Errorf("%s: there are more than %d GiB", name, maxRead>>30)
		}
		return nil
	})
	return files, err
}

var errDirectory = errors.New("a link to a directory")

// cause returns the error in a PathError, without the path.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// load reads the file called name to compute its digest.
func load(fsys fs.FS, name string) File {
	f := File{name: name}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		f.err = cause(err)
		return f
	case info.IsDir():
		f.err = errDirectory
		return f
	case !info.Mode().IsRegular(): // opening a pipe would block
		f.err = errKind
		return f
	case info.Size() > maxFile:
		f.err = errLarge
		return f
	}
	file, err := fsys.Open(name)
	if err != nil {
		f.err = cause(err)
		return f
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		f.err = cause(err)
		return f
	case n > maxFile:
		f.err = errLarge
		return f
	}
	digest := bootstrap.Digest(h.Sum(nil))
	f.digest = &digest
	f.disk = &disk{n, modeOf(info), func() ([]byte, error) { return read(fsys, name, digest) }}
	return f
}

// Bytes returns a File with the given name and contents.
func Bytes(name string, data []byte, info fs.FileInfo) File {
	digest := bootstrap.Digest(sha256.Sum256(data))
	return File{name: name, digest: &digest, disk: &disk{int64(len(data)), modeOf(info), func() ([]byte, error) { return data, nil }}}
}

// modeOf returns the mode of a file, without permissions on systems where they
// mean nothing.
func modeOf(info fs.FileInfo) fs.FileMode {
	if runtime.GOOS == "windows" {
		return info.Mode().Type()
	}
	return info.Mode()
}

// read returns the contents of a file, which must have the digest want.
func read(fsys fs.FS, name string, want bootstrap.Digest) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	if sha256.Sum256(data) != want {
		return nil, errChanged
	}
	return data, nil
}
