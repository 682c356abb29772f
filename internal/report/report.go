// Package report writes reports on a replay, from its ledgers, for people and for
// programs.
//
// Text is for a terminal, and HTML, one page, for all who want to look closer.
// JSON has all of it, for programs:
//
//	{"version": 2, "status": "match", "verdict": "match: ...", "revision": {...},
//	 "runs": [{                                  one an engine
//	  "engine": "go",
//	  "ladders": [{
//	    "arch": "x86", "release": "Release_1.9.1", "good": true, "matches": 73, ...
//	    "steps": [{"parent": 0, "script": 0, "at": {"file": "kaem.x86", "line": 30, "col": 1}, "args": [...],
//	               "file": {...}, "inputs": [{"path", "size", "sha256", "from"}, ...], "outputs": [...], ...}],
//	    "artefacts": [{"path", "size", "sha256", "perm", "from", "verdict", "witnesses": [...]}],
//	    "sources": [...], "foreign": [...], "divergence": {...}}]}],
//	 "seeds": [{"path", "proved", ...}],         what became of their proofs, see package prove
//	 "against": {...}}                           what the tree changes, see package bump
//
// Schema has every field, and ReadJSON turns it into runs again. Attest makes an
// in-toto statement if everything was confirmed. Explain says of one file
// where it comes from.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/source"
)

// width is how many columns Text uses.
const width = 80

// maxListed is how many files of a kind Text lists.
const maxListed = 10

// A Report is what there is to report of a tree.
type Report struct {
	Tree    string           // what to call it in a command
	Runs    []*bootstrap.Run // of its ladders, one an engine
	Seeds   []Seed           // of its ladders, if they are proved
	Against *Against         // an older tree that it is compared with, or nil
}

// Text writes what came of the runs: what the tree is; for each run a table with a row
// for each ladder, and what went wrong; who agrees with how much; which seeds are not
// proved; how what the tree makes differs from what the older one does; and in the last
// line the verdict, as Conclude has it. Apart from the seconds the text is the same
// whenever the same tree is replayed.
func (r *Report) Text(w io.Writer) error {
	runs := r.Runs
	t := newText(w)
	if len(runs) > 0 {
		t.revision(runs[0].Revision)
	}
	for _, run := range runs {
		t.Line("")
		t.Line("engine %s: %s", run.Engine, manner[run.Engine])
		t.Line("")
		t.table(run)
		for _, l := range run.Ledgers {
			t.ladder(l)
		}
	}
	t.missing(runs)
	t.seeds(r.Seeds)
	t.summary(runs)
	if r.Against != nil {
		t.against(r.Against)
	}
	c := r.Conclude()
	if c.Status == Unconfirmed && len(runs) == 1 {
		t.Line("")
		t.Line("to confirm what one engine made: %s", confirm(runs[0], r.Tree))
	}
	t.Line("")
	t.Line("%s", c.Text)
	return t.Flush()
}

// confirm returns the command that confirms what one engine made.
func confirm(run *bootstrap.Run, tree string) string {
	command := fmt.Sprintf("stage0 verify %s --engine go,emu", quote(tree))
	if len(run.Ledgers) < len(arch.Ladders()) {
		names := mapped(run.Ledgers, func(l *bootstrap.Ledger) string { return l.Arch.Name })
		command += " --arch " + strings.Join(names, ",")
	}
	return command
}

// manner is how an engine climbs a ladder.
var manner = map[string]string{
	bootstrap.EngineGo:   "known programs in Go, all others executed in the emulator",
	bootstrap.EngineEmu:  "all programs executed in the emulator, from the seeds on",
	bootstrap.EngineHost: "all programs executed by this machine, from the seeds on",
}

type text struct{ clean.Printer }

func newText(w io.Writer) text { return text{clean.NewPrinter(w)} }

// revision says what the tree is.
func (t text) revision(v bootstrap.Revision) {
	if v.Release != "" {
		t.Line("%s", v.Release)
		return
	}
	t.Line("no known release; the nearest is %s, from which %s", v.Nearest, differ(len(v.Different)))
	t.Line("")
	t.Line("%-20s%8s%9s  %s", "component", "files", "differ", "is that of")
	for _, c := range v.Components {
		t.Line("%-20s%8d%9d  %s", nameOf(c), c.Files, c.Different, releases(c.Releases))
	}
	t.foreign(v.Different)
}

// nameOf returns what to call a component.
func nameOf(c bootstrap.Component) string {
	if c.Path == "." {
		return "stage0-posix itself"
	}
	return c.Path
}

// releases names releases, oldest first, those that follow each other as a range.
func releases(names []string) string {
	if len(names) == 0 {
		return "no release"
	}
	known := bootstrap.Releases()
	var all []string
	for i := 0; i < len(names); {
		j := i
		for at := slices.Index(known, names[i]); j+1 < len(names) && at >= 0 && at+j-i+1 < len(known) && known[at+j-i+1] == names[j+1]; {
			j++
		}
		if j > i+1 {
			all = append(all, bootstrap.Version(names[i])+" to "+bootstrap.Version(names[j]))
		} else {
			for _, name := range names[i : j+1] {
				all = append(all, bootstrap.Version(name))
			}
		}
		i = j + 1
	}
	return strings.Join(all, ", ")
}

func differ(files int) string {
	if files == 1 {
		return "1 file differs"
	}
	return fmt.Sprintf("%d files differ", files)
}

func (t text) table(run *bootstrap.Run) {
	t.Line("%-13s%6s%9s%8s%7s%12s%8s%8s%9s", "architecture", "in Go", "executed", "matches", "agreed", "unconfirmed", "differs", "missing", "seconds")
	row := func(name string, ledgers []*bootstrap.Ledger, seconds float64) {
		inGo, steps := 0, 0
		var counts [bootstrap.Missing + 1]int
		for _, l := range ledgers {
			inGo += l.By(bootstrap.EngineGo)
			steps += len(l.Steps)
			for v := range counts {
				counts[v] += l.Count(bootstrap.Verdict(v))
			}
		}
		t.Line("%-13s%6d%9d%8d%7d%12d%8d%8d%9.2f", name, inGo, steps-inGo, counts[bootstrap.Matches], counts[bootstrap.Agreed],
			counts[bootstrap.Unconfirmed], counts[bootstrap.Differs], counts[bootstrap.Missing], seconds)
	}
	for _, l := range run.Ledgers {
		row(l.Arch.Name, []*bootstrap.Ledger{l}, l.Duration.Seconds())
	}
	row("total", run.Ledgers, run.Duration.Seconds())
}

// missing lists the ladders that the tree does not have.
func (t text) missing(runs []*bootstrap.Run) {
	if len(runs) == 0 {
		return
	}
	names := mapped(runs[0].Missing, func(a arch.Arch) string { return a.Name })
	if len(names) == 0 {
		return
	}
	t.head("MISSING  " + ladders(names))
	for _, name := range names {
		t.line("there is no kaem." + name)
	}
	t.line("--arch says which ladders to replay")
}

// summary writes how much was compared with what.
func (t text) summary(runs []*bootstrap.Run) {
	compared, foreign := map[string]bool{}, map[string]bool{}
	recalled, steps := 0, 0
	for _, run := range runs {
		for _, l := range run.Ledgers {
			recalled += l.Recalled()
			steps += len(l.Steps)
			for _, f := range l.Sources {
				compared[f.Path] = true
			}
			for _, f := range l.Foreign {
				foreign[f.Path], compared[f.Path] = true, true
			}
		}
	}
	t.Line("")
	for _, g := range agreements(runs...) {
		t.Line("%-20s%d of %d agree", g.Witness, g.Agree, g.Of)
	}
	if len(compared) > 0 {
		t.Line("%-20s%d of %d files are as in %s", "the tree", len(compared)-len(foreign), len(compared), runs[0].Revision.Nearest)
	}
	if recalled > 0 {
		t.Line("%-20s%d of %d steps taken from it", "the cache", recalled, steps)
	}
}

// witness says what kind of witness w is.
func witness(w bootstrap.Witness) string {
	switch w.Kind {
	case bootstrap.ByAnswers:
		return "upstream's answers"
	case bootstrap.BySeed:
		return "the seeds"
	}
	return called(w)
}

// called returns what to call a witness.
func called(w bootstrap.Witness) string {
	if w.Kind == bootstrap.ByEngine {
		return "engine " + w.Name
	}
	return w.Name
}

// foreign lists the files of the tree that are not as in a release.
func (t text) foreign(files []bootstrap.Foreign) {
	for i, f := range files {
		if i == maxListed {
			t.head(fmt.Sprintf("TREE  %d more such files", len(files)-i))
			return
		}
		t.head("TREE  " + f.Path)
		t.line(f.Reason)
		if f.Have != f.Want && f.Want != (bootstrap.Digest{}) {
			t.line("have " + f.Have.String())
			t.line("want " + f.Want.String())
		}
	}
}

// ladder writes what went wrong in one ladder.
func (t text) ladder(l *bootstrap.Ledger) {
	if l.Err != nil {
		t.head("STOP  " + l.Arch.Name)
		t.line(l.Err.Error())
	}
	t.divergence(l)
	failure := l.Failure()
	if failure >= 0 {
		t.failure(l, failure)
	}
	if failure >= 0 || l.Err != nil { // what is missing comes of that
		return
	}
	n := 0
	for _, a := range l.Artefacts {
		if a.Verdict() != bootstrap.Missing {
			continue
		}
		if n++; n <= maxListed {
			t.head("MISSING  " + l.Arch.Name + "  " + a.Path)
			t.line("no step makes it")
		}
	}
	if n > maxListed {
		t.head(fmt.Sprintf("MISSING  %s  %d more such files", l.Arch.Name, n-maxListed))
	}
}

// failure describes the step that ended a ladder.
func (t text) failure(l *bootstrap.Ledger, step int) {
	s := l.Steps[step]
	t.head("FAIL  " + l.Arch.Name + "  " + where(l, step))
	if s.Dir != "." && s.Dir != "" {
		t.line("in " + s.Dir)
	}
	t.line("$ " + strings.Join(mapped(s.Args, quote), " "))
	t.line(s.Reason)
	messages := slices.DeleteFunc(strings.Split(strings.TrimSpace(s.Messages), "\n"), func(m string) bool {
		return strings.HasSuffix(m, ": OK") // of sha256sum -c: the others matter
	})
	if len(messages) > 1 || len(messages) == 1 && messages[0] != s.Reason && messages[0] != "" {
		for _, m := range messages[max(0, len(messages)-maxListed):] {
			t.line("| " + m)
		}
	}
	for _, o := range s.Origins {
		t.line(placeText(o.At) + " is " + placeText(o.From))
	}
}

// divergence writes where a ladder first made what it should not.
func (t text) divergence(l *bootstrap.Ledger) {
	d := l.Divergence
	if d == nil {
		return
	}
	a := l.Artefacts[d.Artefact]
	t.head("DIFF  " + l.Arch.Name + "  " + a.Path + more(l.Count(bootstrap.Differs)-1))
	t.line(fmt.Sprintf("made by %s (%s)", where(l, a.From), by(l.Steps[a.From])))
	switch {
	case d.Offset < 0:
		t.line("have " + a.Digest.String())
		t.line("want " + d.Witness.Digest.String())
		t.line("according to " + called(d.Witness))
	default:
		t.line(fmt.Sprintf("at offset %d (0x%X) have %s, expected %s, according to %s", d.Offset, d.Offset, char(d.Have), char(d.Want), called(d.Witness)))
		for _, at := range d.Sources {
			t.line("from " + at.String())
		}
	}
}

// more says that there are n others, if there are.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// char shows a byte of a file, or its end.
func char(c int) string {
	if c < 0 {
		return "the end"
	}
	return fmt.Sprintf("%02X", c)
}

// where returns the place of a step in its script.
func where(l *bootstrap.Ledger, step int) string {
	at := l.Steps[step].At
	if at.Name == "" {
		return strings.Join(l.Steps[step].Args, " ")
	}
	return fmt.Sprintf("%s:%d", at.Name, at.Line)
}

// placeText returns a place in a text; the column may not be known.
func placeText(at source.Position) string {
	if at.Col == 0 {
		return fmt.Sprintf("%s:%d", at.Name, at.Line)
	}
	return at.String()
}

// head starts an entry below the table.
func (t text) head(title string) {
	t.Line("")
	t.wrap("", title)
}

// line writes a line of an entry.
func (t text) line(s string) { t.wrap("      ", s) }

// wrap writes s, and breaks what does not fit the width between two words. A
// word that is longer than a line is left whole, so that it can be copied.
func (t text) wrap(indent, s string) {
	line := indent
	for i, word := range strings.Split(s, " ") {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line+" "+word) > width:
			t.Line("%s", line)
			line = "        " + word
		default:
			line += " " + word
		}
	}
	t.Line("%s", line)
}

// mapped returns f of each element, and an empty list, not nil, for none.
func mapped[A, B any](list []A, f func(A) B) []B {
	all := make([]B, 0, len(list))
	for _, a := range list {
		all = append(all, f(a))
	}
	return all
}
