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

// A record is the entry of a Cache for a program that succeeded without other
// programs running beside it (emu.Exit.Alone): its effects, including those of the
// programs that it ran, and the files that they depended on.
//
// Which files a program looks at is known only when it has run. So the key of
// a record is what is known before, and what was then seen is in the record: it
// holds if those files are the same again.
type record struct {
	Seen    []seenFile `json:"seen"`    // names that were asked for, as they were before they were changed
	Changes []change   `json:"changes"` // of those, in the end
	Steps   []*Step    `json:"steps"`   // of the ledger, from the program's on; Parent and From are relative to it, -1 for earlier steps and the tree
}

// A seenFile is the state of a name that was asked for: a file, a directory
// (which has no digest), or nothing.
type seenFile struct {
	Name   string      `json:"name"` // absolute
	Absent bool        `json:"absent,omitempty"`
	Mode   fs.FileMode `json:"mode,omitempty"`
	Digest Digest      `json:"sha256,omitzero"`
}

// A change is a name that is not what it was.
type change struct {
	seenFile
	From int    `json:"from"` // the step that wrote the file; -1 if none did: it has other permissions
	data []byte // that the file holds
}

// keyOf returns the key of the program in a file with the digest program.
func keyOf(emulator string, program Digest, x emu.Exec) Digest {
	h := sha256.New()
	fmt.Fprintf(h, "stage0 run 3\n%q\n%x\n%d\n%q\n%q\n%q\n%o\n%q\n%q\n",
		emulator, program, x.PID, x.Path, x.Args, x.Env, x.Umask, x.Dir, x.Descriptors)
	return Digest(h.Sum(nil))
}

// A recorder is a step's files. It notes what the step and those that it runs see.
type recorder struct {
	executedFiles
	parent *recorder // of the step that runs this one, or nil
	seen   []seenFile
	asked  map[string]bool // names that have been asked for, as all are that are changed
	failed bool            // something went wrong, which is not recorded
}

// newRecorder returns the recorder of a step that the one of parent runs.
func newRecorder(files executedFiles, parent *recorder, x emu.Exec) *recorder {
	r := &recorder{executedFiles: files, parent: parent, asked: map[string]bool{}}
	r.text(slices.Concat(x.Args, x.Env)...)
	return r
}

// text gives up recording what is not UTF-8, which JSON would not keep.
func (r *recorder) text(all ...string) {
	for _, s := range all {
		if !utf8.ValidString(s) {
			r.fail()
		}
	}
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
			state, _, err := r.look(name)
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

// look returns the state of a name, and, if it is a file, what that holds. The
// file does not count as being read.
func (f executedFiles) look(name string) (seenFile, *version, error) {
	s := seenFile{Name: name}
	info, err := f.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Absent = true
		return s, nil, nil
	case err != nil:
		return s, nil, err
	}
	s.Mode = info.Mode()
	if info.IsDir() {
		return s, nil, nil
	}
	below, err := rel(name)
	if err != nil {
		return s, nil, err
	}
	if err := f.lock(); err != nil {
		return s, nil, err
	}
	defer f.mu.Unlock()
	v, err := f.peek(below)
	if err != nil {
		return s, nil, err
	}
	s.Digest = v.digest()
	return s, v, nil
}

// done takes note of the error of an act. What was seen before it says whether it
// fails, as a rule.
func (r *recorder) done(err error) error {
	if err != nil && !slices.ContainsFunc(expected, func(e error) bool { return errors.Is(err, e) }) {
		r.fail()
	}
	return err
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
	return data, r.done(err)
}

func (r *recorder) WriteFile(name string, data []byte, perm fs.FileMode) error {
	r.see(name)
	r.see(path.Dir(name))
	return r.done(r.executedFiles.WriteFile(name, data, perm))
}

func (r *recorder) Chmod(name string, perm fs.FileMode) error {
	r.see(name)
	return r.done(r.executedFiles.Chmod(name, perm))
}

func (r *recorder) Remove(name string) error {
	r.see(name)
	return r.done(r.executedFiles.Remove(name))
}

func (r *recorder) Mkdir(name string, perm fs.FileMode) error {
	r.see(name)
	r.see(path.Dir(name))
	return r.done(r.executedFiles.Mkdir(name, perm))
}

// keep keeps what was recorded in a cache. steps are those of the ledger from the
// recorder's on.
func (r *recorder) keep(c *Cache, key Digest, steps []*Step) error {
	for i, s := range steps {
		r.text(s.Reason, s.Messages)
		if s.Status == unfinished || i > 0 && s.Parent < r.step { // another program goes on meanwhile
			r.fail()
		}
	}
	if r.failed {
		return nil
	}
	before := func(string) (int, Perm) { return -1, 0 }
	rec := record{Seen: r.seen, Steps: renumber(steps, r.step, 0, before)}
	for _, was := range r.seen {
		is, v, err := r.look(was.Name)
		if err != nil {
			return err
		}
		ch := change{seenFile: is, From: -1}
		if v != nil && v.step >= r.step {
			ch.From = v.step - r.step
		}
		if is == was && ch.From < 0 {
			continue
		}
		if v != nil {
			if err := c.keepBlob(v.digest(), v.data); err != nil {
				return err
			}
		}
		rec.Changes = append(rec.Changes, ch)
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	return c.keepRecord(key, data)
}

// renumber returns copies of steps whose numbers begin with the number to, not
// from. before returns From and Perm of a file that none of them wrote.
func renumber(steps []*Step, from, to int, before func(path string) (int, Perm)) []*Step {
	move := func(f *File) {
		switch {
		case f.From >= from:
			f.From += to - from
		case f.Digest != Digest{}: // there is such a file
			f.From, f.Perm = before(f.Path)
		}
	}
	var all []*Step
	for _, s := range steps {
		s := *s
		if s.Parent += to - from; s.Parent < 0 {
			s.Parent, s.Script = -1, -1
		}
		s.Inputs, s.Outputs = slices.Clone(s.Inputs), slices.Clone(s.Outputs)
		move(&s.File)
		for i := range s.Inputs {
			move(&s.Inputs[i])
		}
		for i := range s.Outputs {
			move(&s.Outputs[i])
		}
		all = append(all, &s)
	}
	return all
}

// find returns a record of a key that holds for files as they are, with what
// is to be written, for the program of x.
func find(c *Cache, key Digest, files executedFiles, x emu.Exec) (*record, bool) {
	for _, data := range c.records(key) {
		r := new(record)
		if json.Unmarshal(data, r) == nil && r.valid() && r.holds(files, x) && r.load(c) {
			return r, true
		}
	}
	return nil, false
}

// valid reports whether the numbers and names in the record are possible.
func (r *record) valid() bool {
	if len(r.Steps) == 0 || checkSteps(r.Steps) != nil || slices.ContainsFunc(r.Steps[1:], func(s *Step) bool { return s.Parent < 0 }) {
		return false
	}
	return !slices.ContainsFunc(r.Changes, func(ch change) bool {
		_, err := rel(ch.Name)
		return err != nil || ch.From < -1 || ch.From >= len(r.Steps)
	})
}

// holds reports whether what was seen is there.
func (r *record) holds(files executedFiles, x emu.Exec) bool {
	for _, want := range r.Seen {
		if s, _, err := files.look(want.Name); err != nil || s != want {
			return false
		}
	}
	return !r.shares(x)
}

// shares reports whether the program or those that it runs change a file that
// is open when x begins, or read one that has been written to.
func (r *record) shares(x emu.Exec) bool {
	in := func(list []string) func(f File) bool {
		return func(f File) bool { return slices.Contains(list, path.Join(mount, f.Path)) }
	}
	return slices.ContainsFunc(r.Changes, func(ch change) bool { return slices.Contains(x.Open, ch.Name) }) ||
		slices.ContainsFunc(r.Steps, func(s *Step) bool {
			return in(x.Written)(s.File) || slices.ContainsFunc(s.Inputs, in(x.Written)) || slices.ContainsFunc(s.Outputs, in(x.Open))
		})
}

// load gets what is to be written.
func (r *record) load(c *Cache) bool {
	for i := range r.Changes {
		ch := &r.Changes[i]
		if ch.Absent || ch.Mode.IsDir() {
			continue
		}
		var ok bool
		if ch.data, ok = c.blob(ch.Digest); !ok {
			return false
		}
	}
	return true
}

// redo does what the program of s did, and those that it ran, which become steps as
// well. It ends the step.
func (e *execution) redo(s *running, r *record) error {
	for _, seen := range r.Seen {
		s.notes.see(seen.Name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.files.lock(); err != nil {
		return err
	}
	defer e.files.mu.Unlock()
	before := func(path string) (int, Perm) {
		if v := e.files.made[path]; v != nil && v.step >= 0 {
			return v.step, Perm(v.perm.Perm())
		}
		return -1, 0
	}
	steps := renumber(r.Steps, 0, s.index, before)
	for _, ch := range r.Changes {
		if err := e.files.spend(ch.Name, int64(len(ch.data))); err != nil {
			return err
		}
		name := below(ch.Name)
		switch {
		case ch.Absent:
			delete(e.files.made, name)
			e.files.removed[name] = true
		case ch.Mode.IsDir():
			e.files.dirs[name] = ch.Mode.Perm()
		default:
			from, _ := before(name)
			if ch.From >= 0 {
				from = s.index + ch.From
			}
			e.files.made[name] = newVersion(ch.data, ch.Mode.Perm(), from)
		}
	}
	for i, step := range steps {
		step.Recalled = true
		if i == 0 {
			step.Parent, step.Script, step.At = s.Parent, s.Script, s.At
		} else if step.Script < 0 {
			step.At = e.ledger.Steps[step.Parent].At
		}
		for _, f := range append(step.Inputs, step.File) {
			if f.From < 0 && f.Digest != (Digest{}) {
				e.files.read[f.Path] = true
			}
		}
		if i == 0 {
			*s.Step = *step
		} else {
			e.ledger.Steps = append(e.ledger.Steps, step)
		}
	}
	s.recalled = true
	return nil
}
