// Package report makes what people and programs read of a replay, from its
// ledgers.
//
// Text is for a terminal, and HTML, one page, for all who want to look closer.
// JSON has all of it, for programs:
//
//	{"version": 1, "runs": [{                    one an engine
//	  "engine": "go", "reference": "stage0-posix Release_1.9.1", "repository": {...},
//	  "ladders": [{
//	    "arch": "x86", "good": true, "matched": 73, "mismatched": 0, "notMade": 0,
//	    "steps": [{"parent": 0, "at": {"file": "kaem.x86", "line": 30, "col": 1}, "args": [...],
//	               "file": {...}, "inputs": [{"path", "size", "sha256"}, ...], "outputs": [...], ...}],
//	    "artefacts": [{"path", "size", "sha256", "perm", "step", "verdict", "witnesses": [...]}],
//	    "sources": [...], "foreign": [...], "divergence": {...}}]}]}
//
// Schema has every field, and ReadJSON turns it into runs again. Attest makes an
// in-toto statement of runs in which everything matched. Explain says of one file
// where it comes from.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

// Width is how many columns Text uses.
const Width = 80

// maxListed is how many files of a kind Text lists.
const maxListed = 10

// Text writes run as a table with a row for each ladder, then what went wrong
// with them, and what was skipped. Apart from the seconds it is the same
// whenever the same tree is replayed.
func Text(w io.Writer, run *bootstrap.Run) error {
	t := newText(w)
	fmt.Fprintf(t, "%s%s\n\n", run.Reference, manner[run.Engine])
	t.table(run)
	t.foreign(run)
	for _, l := range run.Ledgers {
		t.ladder(l)
	}
	t.summary(run)
	return t.Flush()
}

// manner is how an engine climbs a ladder.
var manner = map[string]string{
	bootstrap.EngineEmu:  ", emulated from the seeds",
	bootstrap.EngineHost: ", run by this machine from the seeds",
}

type text struct{ *bufio.Writer }

func newText(w io.Writer) text { return text{bufio.NewWriter(w)} }

func (t text) table(run *bootstrap.Run) {
	fmt.Fprintf(t, "%-14s%8s%12s%12s%12s%12s\n", "architecture", "steps", "matched", "mismatched", "skipped", "seconds")
	row := func(name string, steps, matched, mismatched, skipped int, seconds float64) {
		fmt.Fprintf(t, "%-14s%8d%12d%12d%12d%12.2f\n", name, steps, matched, mismatched, skipped, seconds)
	}
	steps := 0
	for _, l := range run.Ledgers {
		row(l.Arch.Name, len(l.Steps), l.Count(bootstrap.Matched), l.Count(bootstrap.Mismatched),
			l.Count(bootstrap.NotMade), l.Duration.Seconds())
		steps += len(l.Steps)
	}
	row("total", steps, count(run, bootstrap.Matched), count(run, bootstrap.Mismatched), count(run, bootstrap.NotMade), run.Duration.Seconds())
}

func count(run *bootstrap.Run, v bootstrap.Verdict) int {
	n := 0
	for _, l := range run.Ledgers {
		n += l.Count(v)
	}
	return n
}

// summary writes the last lines: how much was compared with what.
func (t text) summary(run *bootstrap.Run) {
	compared, foreign := map[string]bool{}, map[string]bool{}
	steps, recalled, all := 0, 0, 0
	for _, l := range run.Ledgers {
		recalled += l.Recalled()
		all += len(l.Steps)
		for _, f := range l.Sources {
			compared[f.Path] = true
		}
		for _, f := range l.Foreign {
			foreign[f.Path], compared[f.Path] = true, true
		}
		steps += len(l.With(bootstrap.Skipped))
	}
	t.WriteByte('\n')
	for _, g := range agreements(run) {
		fmt.Fprintf(t, "%-20s%d of %d agree\n", clean.String(g.Witness), g.Agree, g.Of)
	}
	if len(compared) > 0 {
		fmt.Fprintf(t, "%-20s%d of %d files are as in the release\n", "the tree", len(compared)-len(foreign), len(compared))
	}
	if recalled > 0 {
		fmt.Fprintf(t, "%-20s%d of %d steps were not run: this is what came of them before\n", "the cache", recalled, all)
	}
	fmt.Fprintf(t, "\n%d matched, ", count(run, bootstrap.Matched))
	if n := count(run, bootstrap.Mismatched); n > 0 {
		fmt.Fprintf(t, "%d mismatched, ", n)
	}
	fmt.Fprintf(t, "%d skipped", count(run, bootstrap.NotMade))
	if steps > 0 {
		fmt.Fprintf(t, "; %d steps were not run", steps)
	}
	t.WriteByte('\n')
}

// witness says what kind of witness w is.
func witness(w bootstrap.Witness) string {
	switch {
	case strings.HasSuffix(w.Name, ".answers"):
		return "upstream's answers"
	case strings.HasPrefix(w.Name, "bootstrap-seeds/"):
		return "the seeds"
	case strings.HasPrefix(w.Name, "engine "):
		return "the " + w.Name
	}
	return "a " + w.Name
}

// foreign lists the files of the tree that are not as in the release, each
// once, however many ladders read it.
func (t text) foreign(run *bootstrap.Run) {
	listed := map[string]bool{}
	for _, l := range run.Ledgers {
		for _, f := range l.Foreign {
			if listed[f.Path] {
				continue
			}
			listed[f.Path] = true
			if len(listed) > maxListed {
				continue
			}
			t.head("TREE  " + f.Path)
			t.line(f.Reason)
			if f.Have != f.Want {
				t.line("have " + f.Have.String())
				t.line("want " + f.Want.String())
			}
		}
	}
	if n := len(listed) - maxListed; n > 0 {
		t.head(fmt.Sprintf("TREE  %d more such files", n))
	}
}

// ladder writes what is to be said of one ladder.
func (t text) ladder(l *bootstrap.Ledger) {
	if l.Err != nil {
		t.head("STOP  " + l.Arch.Name)
		t.line(l.Err.Error())
	}
	t.divergence(l)
	failure := l.Failure()
	if failure >= 0 {
		t.head("FAIL  " + l.Arch.Name + "  " + where(l, failure))
		t.line(l.Steps[failure].Reason)
	}
	skipped := l.With(bootstrap.Skipped)
	if len(skipped) > 0 {
		t.head("SKIP  " + l.Arch.Name + "  " + where(l, skipped[0]) + more(len(skipped)-1))
		t.line(l.Steps[skipped[0]].Reason)
	}
	if l.Err == nil && failure < 0 && len(skipped) == 0 {
		t.notMade(l)
	}
}

// notMade lists the files that were not made although nothing seems wrong.
func (t text) notMade(l *bootstrap.Ledger) {
	n := 0
	for _, a := range l.Artefacts {
		if a.Verdict() != bootstrap.NotMade {
			continue
		}
		if n++; n <= maxListed {
			t.head("SKIP  " + l.Arch.Name + "  " + a.Path)
			t.line("no step makes it")
		}
	}
	if n > maxListed {
		t.head(fmt.Sprintf("SKIP  %s  %d more such files", l.Arch.Name, n-maxListed))
	}
}

// divergence writes where a ladder first made what it should not.
func (t text) divergence(l *bootstrap.Ledger) {
	d := l.Divergence
	if d == nil {
		return
	}
	a := l.Artefacts[d.Artefact]
	t.head("DIFF  " + l.Arch.Name + "  " + a.Path + more(l.Count(bootstrap.Mismatched)-1))
	t.line(fmt.Sprintf("made by %s (%s)", where(l, a.Step), l.Steps[a.Step].Program))
	switch {
	case d.Witness.Name == "":
		t.line("nobody says what it should be")
	case d.Offset < 0:
		t.line("have " + a.Digest.String())
		t.line("want " + d.Witness.Digest.String())
		t.line("as the " + d.Witness.Name + " says")
	default:
		t.line(fmt.Sprintf("at offset %d (0x%X) have %s, want %s, as the %s says", d.Offset, d.Offset, char(d.Have), char(d.Want), d.Witness.Name))
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

// head starts an entry below the table.
func (t text) head(title string) {
	t.WriteByte('\n')
	t.wrap("", title)
}

// line writes a line of an entry.
func (t text) line(s string) { t.wrap("      ", s) }

// wrap writes s, and breaks what does not fit the width between two words. A
// word that is longer than a line is left whole, so that it can be copied.
func (t text) wrap(indent, s string) {
	t.WriteString(indent)
	column := len(indent)
	for i, word := range strings.Split(clean.String(s), " ") {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+size > Width:
			indent = "        "
			t.WriteString("\n" + indent)
			column = len(indent)
		default:
			t.WriteByte(' ')
			column++
		}
		t.WriteString(word)
		column += size
	}
	t.WriteByte('\n')
}
