package bootstrap

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"stage0/internal/emu"
	"stage0/tool"
)

const (
	// mount is the directory of the tree in the file system of a replay, which
	// has no other files.
	mount = "/tree"

	// umask is the umask of a replay: upstream's own fopen creates files with
	// mode 0600, GCC's with 0666.
	umask = 0o077

	// kept are the permission bits that a replay keeps. Others, such as setuid,
	// appear only in the command of the step.
	kept = fs.ModePerm

	// maxWritten is the maximum total size of what the steps of a ladder write, in
	// bytes. The ladders of release 1.9.1 write less than 70 MB.
	maxWritten = 256 << 20

	// pieceSize is how much memory is added to a file being written at a time, in
	// bytes.
	pieceSize = 64 << 10
)

var (
	errOutside = errors.New("outside of the tree")
	errNoLinks = errors.New("there are no links in a replay")
)

// An overlay is the file system that the steps of a ladder see: the tree, and in
// memory the files that the steps have written. Paths are relative to the tree.
//
// One goroutine uses it, until another one calls close.
type overlay struct {
	tree   *Tree
	hidden []string     // directories of which the tree's files are not seen
	left   atomic.Int64 // how many bytes may still be written

	mu      sync.Mutex
	closed  bool
	made    map[string]*version    // what has been written, or given other permissions
	dirs    map[string]fs.FileMode // directories that have been made
	removed map[string]bool        // what has been removed since
	read    map[string]bool        // the tree's files that have been opened
}

func newOverlay(tree *Tree, hidden ...string) *overlay {
	o := &overlay{
		tree:    tree,
		hidden:  hidden,
		made:    map[string]*version{},
		dirs:    map[string]fs.FileMode{},
		removed: map[string]bool{},
		read:    map[string]bool{},
	}
	o.left.Store(maxWritten)
	return o
}

// lock locks the overlay. It fails if the ladder has ended: then the overlay must
// not be used any more.
func (o *overlay) lock() error {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return errAbandoned
	}
	return nil
}

// close makes the overlay unusable for all but the caller.
func (o *overlay) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// written returns the last version that was written of a file, or nil.
func (o *overlay) written(name string) *version {
	if o.lock() != nil {
		return nil
	}
	defer o.mu.Unlock()
	return o.made[name]
}

// rel returns the path, relative to mount, of an absolute name.
func rel(name string) (string, error) {
	if name == mount {
		return ".", nil
	}
	below, ok := strings.CutPrefix(name, mount+"/")
	switch {
	case !ok || path.Clean(name) != name:
		return "", &fs.PathError{Op: "find", Path: name, Err: errOutside}
	case !fs.ValidPath(below): // it is not UTF-8
		return "", &fs.PathError{Op: "find", Path: name, Err: fs.ErrInvalid}
	}
	return below, nil
}

// abs is the inverse of rel. A relative name is relative to dir.
func abs(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// open returns the current version of a file, for a step.
func (o *overlay) open(name string) (*version, error) {
	if err := o.lock(); err != nil {
		return nil, err
	}
	v, err := o.look(name)
	o.mu.Unlock()
	if v != nil || err != nil {
		return v, err
	}
	if v, err = o.tree.read(name); err != nil { // which may take long
		return nil, err
	}
	if err := o.lock(); err != nil {
		return nil, err
	}
	defer o.mu.Unlock()
	o.read[name] = true
	return v, nil
}

// peek is open, but does not count. The overlay is closed, or locked.
func (o *overlay) peek(name string) (*version, error) {
	if v, err := o.look(name); v != nil || err != nil {
		return v, err
	}
	return o.tree.read(name)
}

// look returns the version that was written of a file, or an error if there is no
// such file. If it returns neither, the file is the tree's.
func (o *overlay) look(name string) (*version, error) {
	if v := o.made[name]; v != nil {
		return v, nil
	}
	if _, ok := o.dirs[name]; ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	if o.hides(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return nil, nil
}

// placeholder is the name of the tree's file that keeps DIR/bin in git: the
// answers of Release_1.5.0 name it.
const placeholder = "placeholder"

// hides reports whether steps must not see the tree's file called name.
func (o *overlay) hides(name string) bool {
	return o.removed[name] || slices.Contains(o.hidden, path.Dir(name)) && path.Base(name) != placeholder
}

// stat describes a file.
func (o *overlay) stat(name string) (fs.FileInfo, error) {
	if v := o.made[name]; v != nil {
		return emu.FileInfo(name, int64(len(v.data)), v.perm), nil
	}
	if perm, ok := o.dirs[name]; ok {
		return emu.FileInfo(name, 0, fs.ModeDir|perm), nil
	}
	if o.hides(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return fs.Stat(o.tree.fsys, name)
}

// stepFiles is the overlay as one step sees it: a tool.FS that records what the
// step reads and writes.
type stepFiles struct {
	*overlay
	step    int
	inputs  []stepFile
	outputs []stepFile

	program string // of package tool, which reads
	limit   int64  // how many bytes it may read; 0 if there is no limit
	opened  int64  // how many bytes there are in inputs
}

type stepFile struct {
	name string
	*version
}

// ReadFile returns the content of a file.
func (f *stepFiles) ReadFile(name string) ([]byte, error) {
	name, err := rel(name)
	if err != nil {
		return nil, err
	}
	v, err := f.open(name)
	if err != nil {
		return nil, err
	}
	if in := (stepFile{name, v}); !slices.Contains(f.inputs, in) {
		f.inputs = append(f.inputs, in)
		if f.opened += int64(len(v.data)); f.limit > 0 && f.opened > f.limit {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("%s may not read more than %d MiB in a step", f.program, f.limit>>20)}
		}
	}
	return v.data, nil
}

// Create creates a file in memory.
func (f *stepFiles) Create(name string, perm tool.Perm) (tool.Output, error) {
	name, err := rel(name)
	if err != nil {
		return nil, err
	}
	if err := f.lock(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	perm &= kept &^ umask
	info, err := f.stat(name)
	switch {
	case err == nil && info.IsDir():
		err = syscall.EISDIR
	case err == nil:
		perm = info.Mode().Perm()
	case errors.Is(err, fs.ErrNotExist):
		err = f.parent(name)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: tool.Cause(err)}
	}
	return &output{files: f, name: name, perm: perm}, nil
}

// parent returns an error if name is not in a directory.
func (o *overlay) parent(name string) error {
	info, err := o.stat(path.Dir(name))
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	return err
}

// Mkdir creates a directory in memory.
func (f *stepFiles) Mkdir(name string, perm tool.Perm) error {
	name, err := rel(name)
	if err != nil {
		return err
	}
	if err := f.lock(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	if _, err = f.stat(name); err == nil {
		err = fs.ErrExist
	} else if errors.Is(err, fs.ErrNotExist) {
		err = f.parent(name)
	}
	if err == nil {
		err = f.spend(name, int64(len(name)))
	}
	if err != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: tool.Cause(err)}
	}
	f.dirs[name] = perm & kept &^ umask
	return nil
}

// Symlink fails: a replay has no links.
func (f *stepFiles) Symlink(target, name string) error {
	return &fs.PathError{Op: "symlink", Path: name, Err: errNoLinks}
}

// Stat describes a file or a directory.
func (f *stepFiles) Stat(name string) (fs.FileInfo, error) {
	name, err := rel(name)
	if err != nil {
		return nil, err
	}
	if err := f.lock(); err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	return f.stat(name)
}

// Chmod sets the permissions of a file, as far as they are kept.
func (f *stepFiles) Chmod(name string, perm tool.Perm) error {
	name, err := rel(name)
	if err != nil {
		return err
	}
	v, err := f.open(name)
	if err != nil {
		return err
	}
	if err := f.lock(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	changed := *v
	changed.perm = perm & kept
	f.made[name] = &changed
	if i := f.output(name); i >= 0 {
		f.outputs[i].version = &changed
	}
	return nil
}

// Remove removes a file. It stays among the outputs of the step that wrote it.
func (f *stepFiles) Remove(name string) error {
	name, err := rel(name)
	if err != nil {
		return err
	}
	if err := f.lock(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	info, err := f.stat(name)
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "remove", Path: name, Err: syscall.EISDIR}
	}
	if err != nil {
		return err
	}
	delete(f.made, name)
	f.removed[name] = true
	return nil
}

// output returns the index in f.outputs of the file called name, or -1.
func (f *stepFiles) output(name string) int {
	return slices.IndexFunc(f.outputs, func(out stepFile) bool { return out.name == name })
}

// spend counts n bytes as written, and fails if that is more than maxWritten.
func (o *overlay) spend(name string, n int64) error {
	if o.left.Add(-n) < 0 {
		return &fs.PathError{Op: "write", Path: name, Err: fmt.Errorf("the ladder writes more than %d MiB", maxWritten>>20)}
	}
	return nil
}

// wrote records that the step wrote a file.
func (f *stepFiles) wrote(name string, v *version) error {
	if err := f.lock(); err != nil {
		return err
	}
	defer f.mu.Unlock()
	f.made[name] = v
	if i := f.output(name); i >= 0 {
		f.outputs[i].version = v
	} else {
		f.outputs = append(f.outputs, stepFile{name, v})
	}
	return nil
}

// An output is a file that a step is writing.
type output struct {
	files *stepFiles
	name  string
	perm  fs.FileMode
	data  [][]byte // in pieces: growing one would copy it time and again
	done  bool
}

func (o *output) Write(p []byte) (int, error) {
	if err := o.files.spend(o.name, int64(len(p))); err != nil {
		return 0, err
	}
	last := len(o.data) - 1
	if last < 0 || len(p) > cap(o.data[last])-len(o.data[last]) {
		o.data = append(o.data, make([]byte, 0, max(len(p), pieceSize)))
		last++
	}
	o.data[last] = append(o.data[last], p...)
	return len(p), nil
}

func (o *output) Commit() error {
	if o.done {
		return nil
	}
	o.done = true
	return o.files.wrote(o.name, newVersion(bytes.Join(o.data, nil), o.perm, o.files.step))
}

func (o *output) Discard() { o.done, o.data = true, nil }
