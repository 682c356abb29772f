// Package nix implements how Nix and Guix identify a file: their spellings of a
// SHA-256 digest, and their archive format, whose digest they use where a
// file's mode counts (outputHashMode "recursive" of Nix, (recursive? #t) of
// Guix).
//
// # Digests
//
// SRI is "sha256-" and the base64 of the digest, with padding.
//
// Nix-base32 reads the digest as a 256-bit little-endian number, and writes it
// with 52 digits of five bits, the highest first. The digits are those of
// "0123456789abcdfghijklmnpqrsvwxyz".
//
// # Archives
//
// A NAR is
//
//	archive   = str("nix-archive-1") node
//	node      = str("(") str("type") (file | directory) str(")")
//	file      = str("regular") [str("executable") str("")] str("contents") str(DATA)
//	directory = str("directory") {entry}
//	entry     = str("entry") str("(") str("name") str(NAME) str("node") node str(")")
//	str(S)    = the length of S in bytes, as 8 bytes, little-endian; S; zeros up to a multiple of 8
//
// The entries of a directory are sorted by the bytes of their names. A file is
// executable if its owner may execute it. The rest of the mode, the owner and
// the times are not part of an archive.
//
// Archives can also hold symbolic links. No artefact of a ladder is one, so
// they are an error here, like anything else that is neither a file nor a
// directory.
package nix

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// HashFile returns the SHA-256 of the archive of a file.
func HashFile(data []byte, executable bool) Digest {
	h := sha256.New()
	WriteFile(h, data, executable) // a hash accepts all writes
	return Digest(h.Sum(nil))
}

// HashFS returns the SHA-256 of the archive of name in fsys, a file or a
// directory.
func HashFS(fsys fs.FS, name string) (Digest, error) {
	h := sha256.New()
	if err := WriteFS(h, fsys, name); err != nil {
		return Digest{}, err
	}
	return Digest(h.Sum(nil)), nil
}

// WriteFile writes the archive of a file.
func WriteFile(w io.Writer, data []byte, executable bool) error {
	a := archive{w: w}
	a.strings("nix-archive-1")
	a.file(bytes.NewReader(data), int64(len(data)), executable)
	return a.err
}

// WriteFS writes the archive of name in fsys, a file or a directory.
func WriteFS(w io.Writer, fsys fs.FS, name string) error {
	info, err := fs.Lstat(fsys, name)
	if err != nil {
		return err
	}
	a := archive{w: w, fsys: fsys}
	a.strings("nix-archive-1")
	a.node(name, info.Mode())
	return a.err
}

// An archive is a NAR being written. After an error it ignores writes.
type archive struct {
	w    io.Writer
	fsys fs.FS
	err  error
}

var (
	errKind    = errors.New("neither a file nor a directory, and nothing else is archived")
	errChanged = errors.New("its size changes while it is read")
)

// node writes the file or directory called name, which has the given mode.
func (a *archive) node(name string, mode fs.FileMode) {
	switch {
	case a.err != nil:
	case mode.IsDir():
		a.directory(name)
	case mode.IsRegular():
		a.open(name)
	default:
		a.err = &fs.PathError{Op: "archive", Path: name, Err: errKind}
	}
}

func (a *archive) directory(name string) {
	entries, err := fs.ReadDir(a.fsys, name) // sorted by the bytes of their names
	if err != nil {
		a.err = err
		return
	}
	a.strings("(", "type", "directory")
	for _, e := range entries {
		a.strings("entry", "(", "name", e.Name(), "node")
		a.node(path.Join(name, e.Name()), e.Type())
		a.strings(")")
	}
	a.strings(")")
}

func (a *archive) open(name string) {
	f, err := a.fsys.Open(name)
	if err != nil {
		a.err = err
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		a.err = err
		return
	}
	a.file(f, info.Size(), info.Mode()&0o100 != 0)
	if a.err == nil {
		if n, err := f.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			a.err = errors.Join(err, errChanged)
		}
	}
	if a.err != nil {
		a.err = &fs.PathError{Op: "archive", Path: name, Err: a.err}
	}
}

// file writes a file with size bytes of data.
func (a *archive) file(data io.Reader, size int64, executable bool) {
	a.strings("(", "type", "regular")
	if executable {
		a.strings("executable", "")
	}
	a.strings("contents")
	a.write(binary.LittleEndian.AppendUint64(nil, uint64(size)))
	if a.err == nil {
		n, err := io.CopyN(a.w, data, size)
		if err == io.EOF {
			err = fmt.Errorf("%d of %d bytes: %w", n, size, errChanged)
		}
		a.err = err
	}
	a.pad(size)
	a.strings(")")
}

func (a *archive) strings(list ...string) {
	for _, s := range list {
		a.write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		a.write([]byte(s))
		a.pad(int64(len(s)))
	}
}

// pad writes zeros from n bytes up to a multiple of 8.
func (a *archive) pad(n int64) { a.write(make([]byte, -n&7)) }

func (a *archive) write(data []byte) {
	if a.err == nil {
		_, a.err = a.w.Write(data)
	}
}
