package report

import (
	"fmt"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/bump"
	"stage0/internal/clean"
)

type (
	// An againstPage is what a bump changes.
	againstPage struct {
		Name, Revision, Verdict string
		Seeds                   []seedPage
		Archs                   []string
		Rows                    []causeRow
		Idle                    string // sources from which nothing follows
		Ladders                 []bumpPage
		Only                    []string
	}

	seedPage struct{ Path, Kind, Old, New string }

	// A causeRow has the sources from which the same follows.
	causeRow struct {
		Sources, Components []string
		Cells               []int
	}

	bumpPage struct {
		Arch, Tally, Failure string
		First                []string
		Groups               []changesPage
	}

	changesPage struct {
		Title, Because string
		Unexplained    bool
		Files          []filePage
	}
)

func againstPageOf(old *Against) *againstPage {
	p := &againstPage{Name: old.Name, Revision: old.revision(), Verdict: old.verdict(), Only: old.only()}
	for _, l := range old.Ladders {
		p.Archs = append(p.Archs, l.Arch.Name)
	}
	for _, s := range old.Sources {
		if s.Seed() {
			p.Seeds = append(p.Seeds, seedPage{s.Path, s.Kind().String(), digestOrNone(s.Old), digestOrNone(s.New)})
		}
	}
	p.Idle = strings.Join(sourceNames(old.Bump, old.Idle()), ", ")
	for _, group := range old.Groups() {
		row := causeRow{Cells: mapped(old.Sources[group[0]].Reach, func(r bump.Reach) int { return r.Artefacts })}
		row.Sources = sourceNames(old.Bump, group)
		for _, s := range group {
			row.Components = append(row.Components, old.Sources[s].Component())
		}
		p.Rows = append(p.Rows, row)
	}
	for i := range old.Ladders {
		p.Ladders = append(p.Ladders, bumpPageOf(old.Bump, &old.Ladders[i]))
	}
	return p
}

func bumpPageOf(b *bump.Bump, l *bump.Ladder) bumpPage {
	p := bumpPage{Arch: l.Arch.Name, Tally: tally(l)}
	if f := l.Failure; f != nil {
		p.Failure = "The ladder failed at " + where(l.New, f.Step) + because(b, f.Causes)
	}
	if l.First != nil {
		p.First = firstLines(l)
	}
	o := origins{Ledger: l.New}
	for _, group := range l.ByCause() {
		causes := l.Changes[group[0]].Causes
		g := changesPage{Title: clean.Count(len(group), "artefact"), Because: since(l, group[0]) + because(b, causes), Unexplained: len(causes) == 0}
		for _, i := range group {
			c := l.Changes[i]
			f := filePage{Use: c.Kind().String(), Path: c.Path, Digest: c.New.String()}
			switch {
			case c.New == bootstrap.Digest{}:
				f.Digest = "was " + c.Old.String()
			case c.Old != bootstrap.Digest{}:
				f.Digest = fmt.Sprintf("%v, was %v", c.New, c.Old)
			}
			if c.Kind() != bump.Removed {
				f.Link = o.id(c.Step)
			}
			g.Files = append(g.Files, f)
		}
		p.Groups = append(p.Groups, g)
	}
	return p
}
