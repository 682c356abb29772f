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
	Arch      arch.Arch
	Steps     []*Step    // in the order in which they were started
	Artefacts []Artefact // in the order of their paths
	Sources   []File     // the tree's files that were compared with the release, in the order of their paths
	Foreign   []Foreign  // those that are not as in the release, or missing, in the same order
	Duration  time.Duration

	// Texts are what the tree's files that are assembled hold, of those that the
	// steps read: those whose names end as HandWritten says, by path.
	Texts map[string][]byte

	// Divergence is the first artefact that is not what it should be, in the
	// order of the steps; nil if there is none.
	Divergence *Divergence

	// Err is what kept the ladder from being replayed; nil if nothing did.
	Err error
}

// HandWritten reports whether a file is in one of the languages whose lines are
// bytes, or instructions: hex0, hex1, hex2 and M1. Its name says so.
func HandWritten(name string) bool {
	return slices.Contains([]string{".hex0", ".hex1", ".hex2", ".M1"}, path.Ext(name))
}

// An engine is how the steps of a ladder are run.
const (
	EngineGo   = "go"   // by the programs of package tool
	EngineEmu  = "emu"  // by the files' own bytes, which package emu executes
	EngineHost = "host" // by the files' own bytes, which the host's processor executes
)

// A Step is a command of a script.
type Step struct {
	Parent   int             // the step that ran it, an index in Ledger.Steps; -1 for the first
	At       source.Position // where its script has it; zero for the first
	Dir      string          // working directory
	Vars     []string        // environment variables as NAME=VALUE, in order
	Args     []string
	Engine   string
	Program  string // what stands for the program, as package tool calls it, and its first arguments
	File     File   // the program's file; only its path if programs stand for themselves
	Inputs   []File // that were opened, in the order of that, each once
	Outputs  []File // that were written
	Status   Status
	Exit     int
	Reason   string        // why it was not OK; one line
	Messages string        // what it printed on standard error, as far as it was kept
	Duration time.Duration // steps that it ran included
	Recalled bool          // it was not run: a Cache has what came of it when it was
}

// Status is what became of a step.
type Status int

const (
	OK Status = iota
	Failed
	Skipped // it was not run, or in vain; never a success
)

func (s Status) String() string { return [...]string{"OK", "FAIL", "SKIP"}[s] }

// A File is a file as it was at some time.
type File struct {
	Path   string
	Perm   fs.FileMode
	Size   int64 // in bytes
	Digest Digest
}

// An Artefact is a file that a ladder made, or is known to make.
type Artefact struct {
	File
	Step      int // that made it; -1 if it was not made
	Witnesses []Witness
}

// A Witness says what an artefact should be.
type Witness struct {
	Name   string // who says so: a file of the tree, or NativeRun
	Digest Digest
}

// NativeRun is the name of the witness that is part of this program: the
// digests of a run of the ladder on a processor.
const NativeRun = "native run"

// Verdict is how an artefact compares with what its witnesses say.
type Verdict int

const (
	Matched    Verdict = iota // it is what each of its witnesses says, and there is one
	Mismatched                // it is not
	NotMade
)

// Verdict compares the artefact with what its witnesses say.
func (a Artefact) Verdict() Verdict {
	if a.Step < 0 {
		return NotMade
	}
	for _, w := range a.Witnesses {
		if w.Digest != a.Digest {
			return Mismatched
		}
	}
	if len(a.Witnesses) == 0 {
		return Mismatched
	}
	return Matched
}

// A Foreign is a file of the tree that is not as in the release.
type Foreign struct {
	Path       string
	Reason     string // one line
	Have, Want Digest // zero where there is none
}

// A Divergence is where an artefact is not what it should be.
type Divergence struct {
	Artefact int     // index in Ledger.Artefacts
	Witness  Witness // that it contradicts; zero if there is none

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

// With returns the indexes of the steps with the status s.
func (l *Ledger) With(s Status) []int {
	var steps []int
	for i, step := range l.Steps {
		if step.Status == s {
			steps = append(steps, i)
		}
	}
	return steps
}

// Good reports whether the ladder was run to its end, with nothing skipped,
// and made all that it should, as it should be, from the release's tree. A
// step that failed is none of that if its script went on: it may have been
// meant to.
func (l *Ledger) Good() bool {
	return l.Err == nil && l.Failure() < 0 && len(l.With(Skipped)) == 0 && len(l.Foreign) == 0 &&
		len(l.Artefacts) > 0 && l.Count(Matched) == len(l.Artefacts)
}

// Failure returns the step whose failure ended the ladder, or -1 if none did.
// A script fails with the last step that it runs, or by itself.
func (l *Ledger) Failure() int {
	failure := -1
	for {
		last := -1
		for i, step := range l.Steps {
			if step.Parent == failure {
				last = i
			}
		}
		if last < 0 || l.Steps[last].Status != Failed {
			return failure
		}
		failure = last
	}
}
