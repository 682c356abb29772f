package report

import (
	"fmt"
	"strings"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/bump"
	"stage0/internal/clean"
)

// An Against is an older tree that one is compared with.
type Against struct {
	Name string // of the tree
	Runs []*bootstrap.Run
	*bump.Bump
}

// against writes what a bump changes, and why.
func (t text) against(old *Against) {
	t.head("AGAINST  " + old.Name)
	t.line(old.revision())
	t.line(old.verdict())
	for _, s := range old.Sources {
		if s.Seed() {
			t.head("SEED " + strings.ToUpper(s.Kind().String()) + "  " + s.Path)
			t.line("is  " + digestOrNone(s.New))
			t.line("was " + digestOrNone(s.Old))
		}
	}
	t.Line("")
	t.causes(old.Bump)
	for i := range old.Ladders {
		t.bump(old.Bump, &old.Ladders[i])
	}
	for _, line := range old.only() {
		t.head("BUMP  " + line)
	}
}

// only names the ladders that one of the trees has.
func (old *Against) only() (lines []string) {
	for _, group := range []struct {
		name  string
		archs []arch.Arch
	}{{"the new tree", old.OnlyNew}, {"the old tree", old.OnlyOld}} {
		if len(group.archs) > 0 {
			names := mapped(group.archs, func(a arch.Arch) string { return a.Name })
			lines = append(lines, ladders(names)+" only in "+group.name)
		}
	}
	return lines
}

// revision says what the older tree is.
func (old *Against) revision() string {
	v := old.Runs[0].Revision
	if v.Release != "" {
		return "which is " + v.Release
	}
	return fmt.Sprintf("which is not a known release; the nearest is %s, from which %s", v.Nearest, differ(len(v.Different)))
}

// verdict is that on the older tree.
func (old *Against) verdict() string { return "its own verdict is " + Conclude(old.Runs).Text }

func digestOrNone(d bootstrap.Digest) string {
	if d == (bootstrap.Digest{}) {
		return "not in the tree"
	}
	return d.String()
}

// causes writes the table of first causes: how many artefacts of each ladder
// each reaches.
func (t text) causes(b *bump.Bump) {
	if groups := b.Groups(); len(groups) > 0 {
		head := ""
		for _, l := range b.Ladders {
			head += fmt.Sprintf("%8s", l.Arch.Name)
		}
		t.Line("%s  artefacts that follow from what changed", head)
		for _, group := range groups {
			for i, s := range group {
				reach, with := "", ""
				for _, r := range b.Sources[s].Reach {
					if i == 0 {
						reach += fmt.Sprintf("%8d", r.Artefacts)
					} else {
						reach += fmt.Sprintf("%8s", "")
						with = "with "
					}
				}
				t.Line("%s  %s%s", reach, with, sourceName(&b.Sources[s]))
			}
		}
	}
	switch {
	case len(b.Sources) == 0:
		t.line("the files that the ladders read are the same")
	case len(b.Idle()) > 0:
		t.line("changed, but nothing follows from it: " + few(sourceNames(b, b.Idle()), maxListed))
	}
}

// sourceName returns the path of a source, with its kind if it was added or removed.
func sourceName(s *bump.Source) string {
	if s.Kind() == bump.Changed {
		return s.Path
	}
	return fmt.Sprintf("%s (%s)", s.Path, s.Kind())
}

func sourceNames(b *bump.Bump, sources []int) []string {
	return mapped(sources, func(s int) string { return sourceName(&b.Sources[s]) })
}

// maxCauses is how many first causes are named beside what follows from them. The
// table above has them all.
const maxCauses = 3

// few lists names, the first n if there are more.
func few(names []string, n int) string {
	if len(names) > n {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
	}
	return strings.Join(names, ", ")
}

// bump writes what changed in a ladder.
func (t text) bump(b *bump.Bump, l *bump.Ladder) {
	t.head(fmt.Sprintf("BUMP  %s  %s", l.Arch.Name, tally(l)))
	if f := l.Failure; f != nil {
		t.line("the ladder failed at " + where(l.New, f.Step) + because(b, f.Causes))
	}
	if d := l.First; d != nil {
		for _, line := range firstLines(l) {
			t.line(line)
		}
	}
	groups := l.ByCause()
	for i, group := range groups {
		if i == maxListed {
			t.line(fmt.Sprintf("and %d more with other causes", len(groups)-i))
			break
		}
		causes := l.Changes[group[0]].Causes
		head := clean.Count(len(group), "artefact")
		if len(causes) == 0 {
			head = "UNEXPLAINED: " + head
		}
		names := mapped(group, func(c int) string { return changeName(&l.Changes[c]) })
		t.line(head + since(l, group[0]) + because(b, causes) + ": " + few(names, maxListed))
	}
}

// tally counts the changes of a ladder.
func tally(l *bump.Ladder) string {
	all := l.Same + len(l.Changes)
	if len(l.Changes) == 0 {
		return fmt.Sprintf("all %d artefacts are the same", all)
	}
	s := fmt.Sprintf("%d of %d artefacts are the same", l.Same, all)
	for _, k := range []bump.Kind{bump.Changed, bump.Added, bump.Removed} {
		if n := l.Count(k); n > 0 {
			s += fmt.Sprintf(", %d %s", n, k)
		}
	}
	return s
}

// because names first causes, or says that there are none.
func because(b *bump.Bump, causes []int) string {
	if len(causes) == 0 {
		return ", though nothing that it is made from differs, as far as that is known"
	}
	return ", because of " + few(sourceNames(b, causes), maxCauses)
}

// since says which step made a changed artefact, which is the first of some.
func since(l *bump.Ladder, change int) string {
	c := l.Changes[change]
	if c.Kind() == bump.Removed {
		return ", before made by " + where(l.Old, c.Step)
	}
	return ", from " + where(l.New, c.Step) + " on"
}

// changeName returns the path of an artefact, with its kind if it was added or removed.
func changeName(c *bump.Change) string {
	if c.Kind() == bump.Changed {
		return c.Path
	}
	return fmt.Sprintf("%s (%s)", c.Path, c.Kind())
}

// firstLines say where the first artefact of a ladder that is not the same
// differs.
func firstLines(l *bump.Ladder) []string {
	d := l.First
	c := l.Changes[d.Change]
	lines := []string{
		fmt.Sprintf("the first that changed is %s, made by %s (%s)", c.Path, where(l.New, c.Step), by(l.New.Steps[c.Step])),
		fmt.Sprintf("at offset %d (0x%X) it has %s, and had %s", d.Offset, d.Offset, char(d.New), char(d.Old)),
	}
	for _, at := range d.NewAt {
		lines = append(lines, "now from "+at.String())
	}
	for _, at := range d.OldAt {
		lines = append(lines, "before from "+at.String())
	}
	return lines
}

// by returns the program that ran as a step.
func by(s *bootstrap.Step) string {
	if s.Program == "" {
		return s.File.Path + ", executed"
	}
	return s.Program
}
