package bootstrap

import (
	"io/fs"
	"path"
	"slices"
	"time"

	"stage0/arch"
	"stage0/source"
)

// A Ledger records the replay of one ladder, and how the files that it made
// compare with what they should be. Reports are made from it alone.
//
// Paths in it are relative to the tree.
type Ledger struct {
	Arch arch.Arch `json:"arch"`

	// Release is the release that the ladder belongs to: each file that the
	// ladder reads is as in it. Empty if there is none.
	Release string `json:"release,omitempty"`

	Steps     []*Step    `json:"steps"`     // in the order of their start
	Artefacts []Artefact `json:"artefacts"` // in the order of their paths
	Sources   []File     `json:"sources"`   // the tree's files that were compared with a release, in the order of their paths
	Foreign   []Foreign  `json:"foreign"`   // those that are not as in Revision.Nearest, or missing, in the same order

	// Divergence is the first artefact that differs from what it should be, in
	// the order of the steps; nil if there is none.
	Divergence *Divergence `json:"divergence,omitempty"`

	// Texts has the contents of the tree's files that the steps read and that
	// are HandWritten, by path.
	Texts map[string][]byte `json:"-"`

	// Err is the error that ended the replay, or the comparison, early; nil if
	// there is none. A step that failed is no such error.
	Err error `json:"-"`

	Duration time.Duration `json:"-"`
}

// HandWritten reports whether the name of a file ends in .hex0, .hex1, .hex2 or
// .M1: the languages whose lines are bytes or instructions.
func HandWritten(name string) bool {
	return slices.Contains([]string{".hex0", ".hex1", ".hex2", ".M1"}, path.Ext(name))
}

// The engines: the ways to run the steps of a ladder.
const (
	// EngineGo runs a program of package tool in place of a known program (see
	// Programs), and executes any other program in package emu.
	EngineGo = "go"

	// EngineEmu executes all programs in package emu, from the seeds on.
	EngineEmu = "emu"

	// EngineHost executes all programs on the host's processor.
	EngineHost = "host"
)

// A Step is a command of a script.
type Step struct {
	Parent   int             `json:"parent"`             // the step that ran it, an index in Ledger.Steps; -1 for the first
	Script   int             `json:"script"`             // the script that has it, an index in Inputs of Parent; -1 if the program of Parent runs it by itself
	At       source.Position `json:"at,omitzero"`        // where the script has it; that of Parent if there is none
	Dir      string          `json:"dir"`                // working directory
	Vars     []string        `json:"vars"`               // environment variables as NAME=VALUE, in order
	Args     []string        `json:"args"`               // the program's name first
	Engine   string          `json:"engine"`             // EngineGo if Program ran, else the engine that executed File
	Program  string          `json:"program,omitempty"`  // the program of package tool that ran, and its first arguments
	File     File            `json:"file"`               // the program's file; only its path if there is none
	Inputs   []File          `json:"inputs"`             // that were opened, in the order of that, each once
	Outputs  []File          `json:"outputs"`            // that were written
	Status   Status          `json:"status"`             // OK if Exit is 0
	Exit     int             `json:"exit"`               // exit status
	Reason   string          `json:"reason,omitempty"`   // why it failed; one line
	Messages string          `json:"messages,omitempty"` // the end of what it printed on standard error; if it failed and printed nothing there, on standard output
	Recalled bool            `json:"recalled,omitempty"` // it was not run: its results are from a Cache

	// Origins are the places in files made by other steps that the Messages of a
	// failed step name, followed to the files of the tree that they were copied from.
	Origins []Origin `json:"origins,omitempty"`

	Duration time.Duration `json:"-"` // including the steps that it ran
}

// An Origin is a place in a text that was made, and in the text that it was copied from.
type Origin struct {
	At   source.Position `json:"at"`
	From source.Position `json:"from"`
}

// Status says whether a step succeeded.
type Status int

// The statuses of a step.
const (
	OK Status = iota
	Failed
)

// A File is a version of a file.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`            // in bytes
	Digest Digest `json:"sha256,omitzero"` // zero if there is no such file
	Perm   Perm   `json:"perm,omitzero"`   // 0 for a file of the tree: its permissions depend on how the tree was unpacked
	From   int    `json:"from"`            // the step that wrote it, an index in Ledger.Steps; -1 for a file of the tree, or if there is no such file
}

// Perm are the permissions of a file.
type Perm fs.FileMode

// An Artefact is a file that a ladder made, or should have made.
type Artefact struct {
	File                // From is -1 if it was not made
	Witnesses []Witness `json:"witnesses"`
}

// A Witness says what an artefact should be.
type Witness struct {
	Kind   WitnessKind `json:"kind"`
	Name   string      `json:"name"` // of the release, the file of the tree, or the engine
	Digest Digest      `json:"sha256"`
}

// A WitnessKind is a kind of witness.
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

// Verdict compares the artefact with its witnesses. A release takes precedence
// over its seeds: hex0-seed of x86 in Release_1.7.0 is not the hex0 that its
// source makes, and neither is kaem-optional-seed in Release_1.5.0 the kaem-0.
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
	Path   string `json:"path"`
	Reason string `json:"reason"`        // one line
	Have   Digest `json:"have,omitzero"` // zero if the tree has no such file
	Want   Digest `json:"want,omitzero"` // zero if the release has no such file, or if Have is
}

// A Divergence is where an artefact is not what it should be.
type Divergence struct {
	Artefact int     `json:"artefact"` // index in Ledger.Artefacts
	Witness  Witness `json:"witness"`  // that it contradicts

	// Offset is that of the first byte that differs; -1 if only the digest of
	// what the artefact should be is known. Have is that byte in the artefact,
	// Want the byte in what it should be; -1 for the end of the file.
	Offset int64 `json:"offset"`
	Have   int   `json:"have"`
	Want   int   `json:"want"`

	// Sources is where the artefact's byte comes from, as far as that is
	// known: the place in the text that it was assembled from, then, if that
	// text was made by a step, the place that this comes from, and so on.
	Sources []source.Position `json:"sources"`
}

// Script returns the script that has the command of step i. It is not ok if the
// program of the step's parent runs the command by itself.
func (l *Ledger) Script(i int) (f File, ok bool) {
	s := l.Steps[i]
	if s.Script < 0 {
		return f, false
	}
	return l.Steps[s.Parent].Inputs[s.Script], true
}

// Count returns the number of artefacts with the verdict v.
func (l *Ledger) Count(v Verdict) int {
	n := 0
	for _, a := range l.Artefacts {
		if a.Verdict() == v {
			n++
		}
	}
	return n
}

// By returns the number of steps that an engine ran.
func (l *Ledger) By(engine string) int {
	n := 0
	for _, step := range l.Steps {
		if step.Engine == engine {
			n++
		}
	}
	return n
}

// Recalled returns the number of steps that came from a Cache.
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
// best Agreed: its answers and seeds are files of the same tree as its sources,
// and can be changed together with them.
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

// besidesTree is the verdict without the witnesses that are files of the tree.
func (a Artefact) besidesTree() Verdict {
	a.Witnesses = slices.DeleteFunc(slices.Clone(a.Witnesses), func(w Witness) bool { return w.Kind == ByAnswers || w.Kind == BySeed })
	return a.Verdict()
}

// Good reports whether the ladder was run to its end, and a reference or a second
// engine confirms every artefact.
func (l *Ledger) Good() bool { return l.Verdict() <= Agreed }

// Failure returns the index of the step whose failure ended the ladder, or -1 if
// there is none: the first step that failed and that is the last one that its
// script ran. The exit status of the script's kaem does not matter: kaem-0 of
// aarch64 exits with 0 after any failure.
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
