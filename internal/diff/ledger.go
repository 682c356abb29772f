package diff

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/source"
)

// Ledgers is how two ledgers of a ladder differ.
type Ledgers struct {
	arch      string
	Artefacts int      // that both have
	differ    []string // those that are not the same
	onlyA     []string // artefacts that only A has
	onlyB     []string
	Sources   []change // files of the tree that the ladders read, and that are not the same
	First     *step    // the first step that did something else; nil if there is none
}

// A step is a step whose results differ.
type step struct {
	a, b    *bootstrap.Step // the other is nil if only one has it
	Outputs []change        // that differ
	Inputs  []change        // that differ, the program's file among them
}

// A change is a file that is not the same in both.
type change struct {
	path string
	a, b *bootstrap.File // the other is nil if only one has it
}

// CompareLedgers compares two replays of a ladder. Two steps correspond if they
// write the same files.
func CompareLedgers(a, b *bootstrap.Ledger) *Ledgers {
	d := &Ledgers{arch: a.Arch.Name}
	made := func(l *bootstrap.Ledger) (list []bootstrap.File) {
		for _, artefact := range l.Artefacts {
			if artefact.From >= 0 {
				list = append(list, artefact.File)
			}
		}
		return list
	}
	madeA, madeB := made(a), made(b)
	for _, c := range changes(madeA, madeB) {
		switch {
		case c.a == nil:
			d.onlyB = append(d.onlyB, c.path)
		case c.b == nil:
			d.onlyA = append(d.onlyA, c.path)
		default:
			d.differ = append(d.differ, c.path)
		}
	}
	d.Artefacts = len(madeA) - len(d.onlyA)
	d.Sources = changes(a.Sources, b.Sources)
	d.First = first(a, b)
	return d
}

// Same reports whether the ladders made the same.
func (d *Ledgers) Same() bool {
	return d.First == nil && len(d.differ)+len(d.onlyA)+len(d.onlyB) == 0
}

// changes returns the files that are not the same in two lists, in which a
// path may come several times: the last one counts.
func changes(a, b []bootstrap.File) (list []change) {
	if len(a) == 1 && len(b) == 1 && a[0].Path == b[0].Path && a[0].Digest == b[0].Digest {
		return nil // as most steps have it
	}
	lastA, lastB := byPath(a), byPath(b)
	for _, f := range slices.Concat(a, b) {
		c := change{f.Path, lastA[f.Path], lastB[f.Path]}
		if c.a == nil && c.b == nil { // it has had its turn
			continue
		}
		if c.a == nil || c.b == nil || c.a.Digest != c.b.Digest {
			list = append(list, c)
		}
		delete(lastA, f.Path)
		delete(lastB, f.Path)
	}
	return list
}

// byPath returns the last file of each path.
func byPath(files []bootstrap.File) map[string]*bootstrap.File {
	last := make(map[string]*bootstrap.File, len(files))
	for i := range files {
		last[files[i].Path] = &files[i]
	}
	return last
}

// An event is what identifies a step in both ledgers: what it wrote, and for
// how many steps before it the same is true.
type event struct {
	writes string
	n      int
}

// events returns the steps of a ledger that wrote something or did not end
// well, in their order, by what they are known by.
func events(l *bootstrap.Ledger) (order []event, steps map[event]int) {
	steps = map[event]int{}
	seen := map[string]int{}
	for i, s := range l.Steps {
		var writes []string
		for _, out := range s.Outputs {
			writes = append(writes, out.Path)
		}
		if len(writes) == 0 && s.Status == bootstrap.OK {
			continue
		}
		if len(writes) == 0 { // it is known by what it was asked for
			writes = append([]string{s.Dir}, s.Args...)
		}
		e := event{writes: strings.Join(writes, "\x00")}
		e.n = seen[e.writes]
		seen[e.writes]++
		order, steps[e] = append(order, e), i
	}
	return order, steps
}

// first returns the first step, in the order of A, whose results differ.
func first(a, b *bootstrap.Ledger) *step {
	orderA, stepsA := events(a)
	orderB, stepsB := events(b)
	for _, e := range orderA {
		i := stepsA[e]
		sa := a.Steps[i]
		j, ok := stepsB[e]
		if !ok {
			j = asked(b, sa)
		}
		if j < 0 {
			return &step{a: sa, Outputs: changes(sa.Outputs, nil)}
		}
		sb := b.Steps[j]
		outputs := changes(sa.Outputs, sb.Outputs)
		if len(outputs) > 0 || sa.Exit != sb.Exit {
			return &step{sa, sb, outputs, changes(reads(a, i), reads(b, j))}
		}
	}
	for _, e := range orderB {
		if _, ok := stepsA[e]; !ok {
			s := b.Steps[stepsB[e]]
			return &step{b: s, Outputs: changes(nil, s.Outputs)}
		}
	}
	return nil
}

// reads returns the files that step i of a ledger uses, but for those that it wrote
// itself.
func reads(l *bootstrap.Ledger, i int) []bootstrap.File {
	all := append([]bootstrap.File{l.Steps[i].File}, l.Steps[i].Inputs...)
	return slices.DeleteFunc(all, func(f bootstrap.File) bool { return f.From == i })
}

// asked returns the step of a ledger that was asked for the same as s, though
// but one of the two wrote something; -1 if there is none.
func asked(l *bootstrap.Ledger, s *bootstrap.Step) int {
	return slices.IndexFunc(l.Steps, func(other *bootstrap.Step) bool {
		return other.Dir == s.Dir && slices.Equal(other.Args, s.Args) && (len(other.Outputs) == 0) != (len(s.Outputs) == 0)
	})
}

// Print writes how the ledgers differ. The names are those of A and B.
func (d *Ledgers) Print(w io.Writer, a, b string) error {
	p := clean.NewPrinter(w)
	p.Line("A  %s", a)
	p.Line("B  %s", b)
	if d.Same() {
		p.Line("%s: the same %s", d.arch, clean.Count(d.Artefacts, "artefact"))
	} else {
		p.Line("%s: of %s in both, %d differ", d.arch, clean.Count(d.Artefacts, "artefact"), len(d.differ))
	}
	for _, group := range []struct {
		name string
		list []string
	}{{"A", d.onlyA}, {"B", d.onlyB}} {
		if len(group.list) > 0 {
			p.Line("only %s made %s", group.name, few(group.list))
		}
	}
	for i, c := range d.Sources {
		if i == names {
			p.Line("and %d more files of the tree", len(d.Sources)-i)
			break
		}
		p.Line("the tree is not the same: %s", c)
	}
	if d.First != nil {
		d.First.print(p)
	}
	return p.Flush()
}

func (s *step) print(p clean.Printer) {
	p.Line("")
	switch {
	case s.b == nil:
		p.Line("first difference: only A has the step at %s", at(s.a))
	case s.a == nil:
		p.Line("first difference: only B has the step at %s", at(s.b))
	case at(s.a) == at(s.b):
		p.Line("first difference: %s", at(s.a))
	default:
		p.Line("first difference: %s (B: %s)", at(s.a), at(s.b))
	}
	for _, side := range []struct {
		name string
		step *bootstrap.Step
	}{{"A", s.a}, {"B", s.b}} {
		if step := side.step; step != nil {
			p.Line("  %s  %s, in %s: %s", side.name, engine(step), step.Dir, strings.Join(step.Args, " "))
			if step.Status != bootstrap.OK {
				p.Line("     %s, exit status %d: %s", step.Status, step.Exit, step.Reason)
			}
		}
	}
	for _, c := range s.Outputs {
		p.Line("  wrote  %s", c)
	}
	for _, c := range s.Inputs {
		p.Line("  read   %s", c)
	}
	if s.a != nil && s.b != nil {
		p.Line("  %s", s.verdict())
	}
}

// verdict says what the difference comes from.
func (s *step) verdict() string {
	switch {
	case len(s.Inputs) > 0 && slices.Equal(s.a.Args, s.b.Args):
		return "it was given the same arguments, but what it read is not the same: look there"
	case len(s.Inputs) > 0:
		return "it was given other arguments, and what it read is not the same"
	case !slices.Equal(s.a.Args, s.b.Args):
		return "all that it read is the same, but it was given other arguments"
	case !slices.Equal(s.a.Vars, s.b.Vars):
		return "all that it read is the same, and so are the arguments, but not its environment"
	}
	return "all that it read is the same, and so are the arguments and the environment: it was not run alike"
}

func engine(s *bootstrap.Step) string {
	if s.Program == "" {
		return "engine " + s.Engine
	}
	return "engine " + s.Engine + " with " + s.Program
}

func at(s *bootstrap.Step) string {
	if s.At == (source.Position{}) {
		return "the start of the ladder"
	}
	return fmt.Sprintf("%s:%d", s.At.Name, s.At.Line)
}

// String says what has changed.
func (c change) String() string {
	switch {
	case c.a == nil:
		return fmt.Sprintf("%s: only B, sha256 %s", c.path, c.b.Digest)
	case c.b == nil:
		return fmt.Sprintf("%s: only A, sha256 %s", c.path, c.a.Digest)
	}
	return fmt.Sprintf("%s: %d and %d bytes, sha256 %s and %s", c.path, c.a.Size, c.b.Size, c.a.Digest, c.b.Digest)
}
