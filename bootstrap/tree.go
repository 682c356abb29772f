package bootstrap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// maxTree is the maximum total size of what is read from a tree, in bytes. The five ladders
// read 3 MB.
const maxTree = 256 << 20

// A Digest is the SHA-256 of a file.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText returns what String does, for JSON.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (d *Digest) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDigest(string(text))
	return err
}

// ParseDigest is the inverse of Digest.String. It also accepts capital letters.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if len(s) != 2*len(d) {
		return d, fmt.Errorf("%q is not a SHA-256 digest", s)
	}
	if _, err := hex.Decode(d[:], []byte(s)); err != nil {
		return d, fmt.Errorf("%q is not a SHA-256 digest", s)
	}
	return d, nil
}

// A version is the content of a file at some time. It does not change.
type version struct {
	data   []byte
	perm   fs.FileMode
	step   int // that wrote it; -1 for a file of the tree
	digest func() Digest
}

func newVersion(data []byte, perm fs.FileMode, step int) *version {
	return &version{data, perm, step, sync.OnceValue(func() Digest { return sha256.Sum256(data) })}
}

// A Tree is a stage0-posix tree. It is not modified, and each file is read at most
// once, even if several ladders use it.
type Tree struct {
	fsys fs.FS
	left atomic.Int64 // how many bytes may still be read

	mu    sync.Mutex
	files map[string]*treeFile
}

type treeFile struct {
	once    sync.Once
	version *version
	err     error
}

// NewTree returns the tree whose files are those of fsys.
func NewTree(fsys fs.FS) *Tree {
	t := &Tree{fsys: fsys, files: map[string]*treeFile{}}
	t.left.Store(maxTree)
	return t
}

// OpenTree returns the tree in the directory dir. Nothing outside of it is read, not
// even through links.
func OpenTree(dir string) (*Tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return NewTree(root.FS()), nil
}

// read returns the file called name, a path as fs.ValidPath has it.
func (t *Tree) read(name string) (*version, error) {
	t.mu.Lock()
	f := t.files[name]
	if f == nil {
		f = new(treeFile)
		t.files[name] = f
	}
	t.mu.Unlock()
	f.once.Do(func() { f.version, f.err = t.load(name) })
	return f.version, f.err
}

// ReadFile returns the content of the file called name, a path as fs.ValidPath has it: that
// which the ladders read. It must not be changed.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	v, err := t.read(name)
	if err != nil {
		return nil, err
	}
	return v.data, nil
}

func (t *Tree) load(name string) (*version, error) {
	info, err := fs.Stat(t.fsys, name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	case !info.Mode().IsRegular(): // a pipe would have us wait
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := t.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	left := max(t.left.Load(), 0)
	var data bytes.Buffer
	tooMuch := info.Size() > left
	if !tooMuch {
		data.Grow(int(info.Size()) + bytes.MinRead)
		var n int64
		n, err = data.ReadFrom(io.LimitReader(f, left+1))
		if tooMuch = t.left.Add(-n) < 0; tooMuch {
			t.left.Add(n) // other files are still read
		}
	}
	if err == nil && tooMuch {
		err = fmt.Errorf("more than %d MiB are read from the tree", maxTree>>20)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return newVersion(data.Bytes(), info.Mode().Perm(), -1), nil
}
