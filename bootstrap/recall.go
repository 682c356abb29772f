package bootstrap

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"syscall"
	"unicode/utf8"

	"stage0/internal/emu"
)

// A record is what a program did, with those that it ran, if it was alone
// (emu.Exit.Alone) and succeeded, and of what that depended: it is what a Cache
// keeps.
//
// Which files a program looks at is known only when it has run. So the key of
// a record is what is known before, and what was then seen is in the record: it
// holds if those files are the same again.
type record struct {
	Seen []seenFile `json:"seen"` // files as they were before they were changed
	ran
}

// A seenFile is the state of a name that was asked for: a file, a directory
// (which has no digest), or nothing.
type seenFile struct {
	Name   string      `json:"name"` // absolute
	Absent bool        `json:"absent,omitempty"`
	Mode   fs.FileMode `json:"mode,omitempty"`
	Digest string      `json:"sha256,omitempty"`
}

// A ran is a run of a program.
type ran struct {
	Path     string   `json:"path"`
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Dir      string   `json:"dir"`
	Acts     []act    `json:"acts"` // what it did, in order
	Messages []byte   `json:"messages,omitempty"`
	Status   int      `json:"status,omitempty"`
}

// An act is something that a program does.
type act struct {
	Op     string      `json:"op"` // read, write, chmod, remove, mkdir or run
	Name   string      `json:"name,omitempty"`
	Perm   fs.FileMode `json:"perm,omitempty"`
	Digest string      `json:"sha256,omitempty"` // of what is written
	Run    *ran        `json:"run,omitempty"`

	version *version // what is written, when it is recorded
	data    []byte   // the same, when it is recalled
}

// keyOf returns the key of the program in a file with the digest program.
func keyOf(emulator string, program Digest, x emu.Exec) Digest {
	h := sha256.New()
	fmt.Fprintf(h, "stage0 run 1\n%q\n%x\n%d\n%q\n%q\n%q\n%o\n%q\n%q\n",
		emulator, program, x.PID, x.Path, x.Args, x.Env, x.Umask, x.Dir, x.Descriptors)
	return Digest(h.Sum(nil))
}

// A recorder is a step's files. It notes what the step sees and does, and
// what those do that the step runs.
type recorder struct {
	executedFiles
	parent *recorder // of the step that runs this one, or nil
	seen   []seenFile
	asked  map[string]bool // names that have been asked for, as all are that are changed
	run    *ran
	failed bool // something went wrong, which is not recorded
}

// newRecorder returns the recorder of a step that the one of parent runs.
func newRecorder(files executedFiles, parent *recorder, x emu.Exec) *recorder {
	r := &recorder{
		executedFiles: files, parent: parent, asked: map[string]bool{},
		run: &ran{Path: x.Path, Args: x.Args, Env: x.Env, Dir: x.Dir},
	}
	if parent != nil {
		parent.run.Acts = append(parent.run.Acts, act{Op: "run", Run: r.run})
	}
	for _, s := range slices.Concat(x.Args, x.Env) {
		if !utf8.ValidString(s) { // JSON would not keep it
			r.fail()
		}
	}
	return r
}

// see notes the state of a name. Each name that is changed is seen before, so
// that what is seen the first time is how it was.
func (r *recorder) see(name string) {
	var s *seenFile
	for at := r; at != nil; at = at.parent {
		if at.asked[name] {
			continue
		}
		at.asked[name] = true
		if s == nil {
			state, err := r.look(name)
			if errors.Is(err, errOutside) { // as it always is
				return
			}
			if err != nil {
				at.fail()
			}
			s = &state
		}
		at.seen = append(at.seen, *s)
	}
}

// expected are the errors of names that are not what an act needs.
var expected = []error{fs.ErrNotExist, fs.ErrExist, syscall.EISDIR, syscall.ENOTDIR, errOutside}

// fail gives up recording.
func (r *recorder) fail() {
	for at := r; at != nil; at = at.parent {
		at.failed = true
	}
}

// look returns the state of a name. The file does not count as being read.
func (f executedFiles) look(name string) (seenFile, error) {
	s := seenFile{Name: name}
	info, err := f.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Absent = true
		return s, nil
	case err != nil:
		return s, err
	}
	s.Mode = info.Mode()
	if info.IsDir() {
		return s, nil
	}
	below, err := rel(name)
	if err != nil {
		return s, err
	}
	if err := f.lock(); err != nil {
		return s, err
	}
	defer f.mu.Unlock()
	v, err := f.peek(below)
	if err != nil {
		return s, err
	}
	s.Digest = v.digest().String()
	return s, nil
}

// done notes an act that had the result err. What was seen before it says
// whether it fails, as a rule.
func (r *recorder) done(a act, err error) error {
	if err != nil {
		if !slices.ContainsFunc(expected, func(e error) bool { return errors.Is(err, e) }) {
			r.fail()
		}
		return err
	}
	if a.Op == "write" {
		a.version = r.written(below(a.Name))
	}
	// A new file is written empty, and again when it is closed.
	if n := len(r.run.Acts) - 1; a.Op == "write" && n >= 0 && r.run.Acts[n].Op == "write" && r.run.Acts[n].Name == a.Name {
		a.Perm = r.run.Acts[n].Perm
		r.run.Acts = r.run.Acts[:n]
	}
	r.run.Acts = append(r.run.Acts, a)
	return nil
}

// again notes what is recalled of the step and of those that it runs. Nothing
// of that has been done yet.
func (r *recorder) again(of *record) {
	for _, s := range of.Seen {
		r.see(s.Name)
	}
	*r.run = of.ran
}

// below is rel of a name that has one.
func below(name string) string {
	name, _ = rel(name)
	return name
}

// Stat is emu.FS's, as are the others.
func (r *recorder) Stat(name string) (fs.FileInfo, error) {
	r.see(name)
	return r.executedFiles.Stat(name)
}

func (r *recorder) ReadFile(name string) ([]byte, error) {
	r.see(name)
	data, err := r.executedFiles.ReadFile(name)
	return data, r.done(act{Op: "read", Name: name}, err)
}

func (r *recorder) WriteFile(name string, data []byte, perm fs.FileMode) error {
	r.see(name)
	r.see(path.Dir(name))
	return r.done(act{Op: "write", Name: name, Perm: perm}, r.executedFiles.WriteFile(name, data, perm))
}

func (r *recorder) Chmod(name string, perm fs.FileMode) error {
	r.see(name)
	return r.done(act{Op: "chmod", Name: name, Perm: perm}, r.executedFiles.Chmod(name, perm))
}

func (r *recorder) Remove(name string) error {
	r.see(name)
	return r.done(act{Op: "remove", Name: name}, r.executedFiles.Remove(name))
}

func (r *recorder) Mkdir(name string, perm fs.FileMode) error {
	r.see(name)
	r.see(path.Dir(name))
	return r.done(act{Op: "mkdir", Name: name, Perm: perm}, r.executedFiles.Mkdir(name, perm))
}

// keep keeps what was recorded in a cache.
func (r *recorder) keep(c *Cache, key Digest) error {
	if err := r.run.keep(c); err != nil {
		return err
	}
	data, err := json.Marshal(record{r.seen, *r.run})
	if err != nil {
		return err
	}
	return c.keepRecord(key, data)
}

// keep keeps what was written.
func (r *ran) keep(c *Cache) error {
	for i := range r.Acts {
		a := &r.Acts[i]
		switch a.Op {
		case "run":
			if err := a.Run.keep(c); err != nil {
				return err
			}
		case "write":
			if a.version == nil { // it is from there
				continue
			}
			a.Digest = a.version.digest().String()
			if err := c.keepBlob(a.version.digest(), a.version.data); err != nil {
				return err
			}
		}
	}
	return nil
}

// find returns a record of a key that holds for files as they are, with what
// is to be written, for the program of x.
func find(c *Cache, key Digest, files executedFiles, x emu.Exec) (*record, bool) {
	for _, data := range c.records(key) {
		r := new(record)
		if json.Unmarshal(data, r) == nil && r.holds(files, x) && r.load(c) {
			return r, true
		}
	}
	return nil, false
}

// holds reports whether what was seen is there.
func (r *record) holds(files executedFiles, x emu.Exec) bool {
	for _, want := range r.Seen {
		if s, err := files.look(want.Name); err != nil || s != want {
			return false
		}
	}
	return !r.shares(x)
}

// shares reports whether the program or those that it runs change a file that
// is open when x begins, or read one that has been written to.
func (r *ran) shares(x emu.Exec) bool {
	return slices.ContainsFunc(r.Acts, func(a act) bool {
		switch a.Op {
		case "run":
			return a.Run != nil && a.Run.shares(x)
		case "read":
			return slices.Contains(x.Written, a.Name)
		default:
			return slices.Contains(x.Open, a.Name)
		}
	})
}

// load gets what is to be written.
func (r *ran) load(c *Cache) bool {
	for i := range r.Acts {
		a := &r.Acts[i]
		switch a.Op {
		case "run":
			if a.Run == nil || !a.Run.load(c) {
				return false
			}
		case "write":
			d, err := ParseDigest(a.Digest)
			if err != nil {
				return false
			}
			var ok bool
			if a.data, ok = c.blob(d); !ok {
				return false
			}
		}
	}
	return true
}
