package bootstrap

import (
	"io/fs"
	"path"
	"slices"
	"time"

	"stage0/arch"
	"stage0/source"
)

// A Ledger is all that happened when one ladder was replayed, and how what it
// made compares with what is known. Reports are made from it alone.
//
// Paths in it are relative to the tree.
type Ledger struct {
	Arch     arch.Arch
	Steps    []*Step // in the order in which they were started
	Duration time.Duration

	// Release is the release that the ladder belongs to: each file that the
	// ladder reads is as in it. Empty if there is none.
	Release string

	Artefacts []Artefact // in the order of their paths
	Sources   []File     // the tree's files that were compared with a release, in the order of their paths
	Foreign   []Foreign  // those that are not as in Revision.Nearest, or missing, in the same order

	// Texts are what the tree's files that are assembled hold, of those that the
	// steps read: those whose names end as HandWritten says, by path.
	Texts map[string][]byte

	// Divergence is the first artefact that differs from what it should be, in
	// the order of the steps; nil if there is none.
	Divergence *Divergence

	// Err is what kept the ladder from being replayed to its end, or from being
	// compared; nil if nothing did. A step that failed is no such error.
	Err error
}

// HandWritten reports whether a file is in one of the languages whose lines are
// bytes, or instructions: hex0, hex1, hex2 and M1. Its name says so.
func HandWritten(name string) bool {
	return slices.Contains([]string{".hex0", ".hex1", ".hex2", ".M1"}, path.Ext(name))
}

// An engine is how the steps of a ladder are run.
const (
	// EngineGo runs a step with a program of package tool if the step's program
	// is a known one (see Programs), and executes its bytes in package emu if not.
	EngineGo = "go"

	// EngineEmu executes all bytes in package emu, beginning with the seeds.
	EngineEmu = "emu"

	// EngineHost executes all bytes on the host's processor.
	EngineHost = "host"
)

// A Step is a command of a script.
type Step struct {
	Parent   int             // the step that ran it, an index in Ledger.Steps; -1 for the first
	At       source.Position // where its script has it; zero for the first
	Dir      string          // working directory
	Vars     []string        // environment variables as NAME=VALUE, in order
	Args     []string
	Engine   string // who did it: EngineGo if Program did, else who executed the bytes of File
	Program  string // the program of package tool that did it, and its first arguments
	File     File   // the program's file; only its path if there is none
	Inputs   []File // that were opened, in the order of that, each once
	Outputs  []File // that were written
	Status   Status
	Exit     int
	Reason   string        // why it was not OK; one line
	Messages string        // the end of what it printed on standard error; if it failed and printed nothing there, on standard output
	Duration time.Duration // steps that it ran included
	Recalled bool          // it was not run: a Cache has what came of it when it was

	// Origins are the places in files made by other steps that the Messages of a
	// failed step name, followed to the files of the tree that they were copied from.
	Origins []Origin
}

// An Origin is a place in a text that was made, and in the text it was copied from.
type Origin struct{ At, From source.Position }

// Status is what became of a step.
type Status int

// What can become of a step.
const (
	OK Status = iota
	Failed
)

func (s Status) String() string { return [...]string{"OK", "FAIL"}[s] }

// A File is a file as it was at some time.
type File struct {
	Path   string
	Perm   fs.FileMode
	Size   int64 // in bytes
	Digest Digest
	From   int // the step that wrote it, an index in Ledger.Steps; -1 if none did: it is a file of the tree, or there is none
}

// An Artefact is a file that a ladder made, or should have made.
type Artefact struct {
	File      // From is -1 if it was not made
	Witnesses []Witness
}

// A Witness says what an artefact should be.
type Witness struct {
	Kind   WitnessKind
	Name   string // who says so: a release, a file of the tree, or an engine
	Digest Digest
}

// A WitnessKind is what kind of witness says something.
type WitnessKind int

// The kinds of witnesses.
const (
	ByRelease WitnessKind = iota // the Reference of the release that the ladder belongs to
	ByAnswers                    // the ARCH.answers of the tree
	BySeed                       // a seed of the tree, which the ladder makes again
	ByEngine                     // another engine, which made the artefact too
)

// Verdict is how an artefact compares with what its witnesses say.
type Verdict int

// The verdicts.
const (
	Matches     Verdict = iota // it is what a reference of this revision says: the release, the tree's answers or a seed
	Agreed                     // no reference says what it should be, but two engines made the same bytes
	Unconfirmed                // no reference says what it should be, and one engine made it
	Differs                    // it is not what some witness says
	Missing                    // it was not made
)

func (v Verdict) String() string {
	return [...]string{"matches", "agreed", "unconfirmed", "differs", "missing"}[v]
}

// Verdict compares the artefact with what its witnesses say. A release knows
// better than its seeds: hex0-seed of x86 in Release_1.7.0 is not the hex0 that
// its source makes, and neither is kaem-optional-seed in Release_1.5.0.
func (a Artefact) Verdict() Verdict {
	if a.From < 0 {
		return Missing
	}
	v := Unconfirmed
	ofRelease := slices.ContainsFunc(a.Witnesses, func(w Witness) bool { return w.Kind == ByRelease && w.Digest == a.Digest })
	for _, w := range a.Witnesses {
		switch {
		case w.Kind == BySeed && ofRelease:
			v = Matches
		case w.Digest != a.Digest:
			return Differs
		case w.Kind != ByEngine:
			v = Matches
		case v == Unconfirmed:
			v = Agreed
		}
	}
	return v
}

// A Foreign is a file of the tree that is not as in a release.
type Foreign struct {
	Path       string
	Reason     string // one line
	Have, Want Digest // zero where there is none
}

// A Divergence is where an artefact is not what it should be.
type Divergence struct {
	Artefact int     // index in Ledger.Artefacts
	Witness  Witness // that it contradicts

	// The first byte in which they differ, and what it is in the artefact and
	// in what the witness says, -1 for the end of the file. Offset is -1 if
	// only the digest of the latter is known.
	Offset     int64
	Have, Want int

	// Sources is where the artefact's byte comes from, as far as that is
	// known: the place in the text that it was assembled from, then, if that
	// text was made by a step, the place that this comes from, and so on.
	Sources []source.Position
}

// Script returns the file that asks for step i, if a script does; else the program
// of its parent runs it of itself.
func (l *Ledger) Script(i int) (f File, ok bool) {
	s := l.Steps[i]
	if s.Parent < 0 || s.At == (source.Position{}) || s.At == l.Steps[s.Parent].At {
		return f, false
	}
	for _, in := range l.Steps[s.Parent].Inputs {
		if in.Path == s.At.Name {
			return in, true
		}
	}
	return f, false
}

// Count returns how many artefacts have the verdict v.
func (l *Ledger) Count(v Verdict) int {
	n := 0
	for _, a := range l.Artefacts {
		if a.Verdict() == v {
			n++
		}
	}
	return n
}

// By returns how many steps an engine did.
func (l *Ledger) By(engine string) int {
	n := 0
	for _, step := range l.Steps {
		if step.Engine == engine {
			n++
		}
	}
	return n
}

// Recalled returns how many steps came from a Cache.
func (l *Ledger) Recalled() int {
	n := 0
	for _, step := range l.Steps {
		if step.Recalled {
			n++
		}
	}
	return n
}

// Verdict is the worst verdict of the ladder's artefacts. It is Missing, too, if
// the ladder was not run to its end. A ladder that belongs to no release is at
// best Agreed: its answers and seeds are only what the tree says of itself, and
// whoever changes a source can change them, too.
func (l *Ledger) Verdict() Verdict {
	if l.Err != nil || l.Failure() >= 0 || len(l.Artefacts) == 0 {
		return Missing
	}
	worst := Matches
	for _, a := range l.Artefacts {
		v := a.Verdict()
		if l.Release == "" && v == Matches {
			v = a.besidesTree()
		}
		worst = max(worst, v)
	}
	return worst
}

// besidesTree is the verdict on an artefact that matches, without what the tree
// says of itself.
func (a Artefact) besidesTree() Verdict {
	a.Witnesses = slices.DeleteFunc(slices.Clone(a.Witnesses), func(w Witness) bool { return w.Kind == ByAnswers || w.Kind == BySeed })
	return a.Verdict()
}

// Good reports whether the ladder was run to its end, and all that it made is
// confirmed: it is what a reference says, or what two engines made.
func (l *Ledger) Good() bool { return l.Verdict() <= Agreed }

// Failure returns the step whose failure ended the ladder, or -1 if none did: the
// first one that failed and is the last one that its script ran. What its script
// then reports does not matter: kaem-0 of aarch64 exits 0 whatever fails.
func (l *Ledger) Failure() int {
	last := make([]int, len(l.Steps)) // of the steps that each ran
	for i := range last {
		last[i] = -1
	}
	for i, step := range l.Steps {
		if step.Parent >= 0 {
			last[step.Parent] = i
		}
	}
	for i, step := range l.Steps {
		if step.Status != Failed || step.Parent >= 0 && last[step.Parent] != i {
			continue
		}
		if below := last[i]; below < 0 || l.Steps[below].Status != Failed {
			return i
		}
	}
	return -1
}
