package report

import (
	"fmt"
	"slices"
	"strings"

	"stage0/internal/prove"
)

// A Seed is a hex0-seed of a tree, with what became of its proof.
type Seed struct {
	Path string `json:"path"` // in the tree
	*prove.Proof
}

// notProved returns the seeds that are not proved.
func notProved(seeds []Seed) (names []string) {
	for _, s := range seeds {
		if !s.Proved {
			names = append(names, s.Arch)
		}
	}
	return names
}

// Conclude judges the report: the runs, as the function Conclude does, and the seeds.
func (r *Report) Conclude() Conclusion {
	c := Conclude(r.Runs)
	bad := notProved(r.Seeds)
	switch {
	case len(r.Seeds) == 0 || c.Status == Stopped:
		return c
	case len(bad) == 0 && c.Status <= Agreed:
		c.Text += fmt.Sprintf(", and %s proved", verb(len(r.Seeds), "the hex0-seed is", fmt.Sprintf("all %d hex0-seeds are", len(r.Seeds))))
		return c
	case len(bad) == 0:
		return c
	}
	what := fmt.Sprintf("%s of %s %s not proved", verb(len(bad), "the hex0-seed", "the hex0-seeds"), strings.Join(bad, ", "), verb(len(bad), "is", "are"))
	if c.Status == NoMatch {
		c.Text += ", " + what
		return c
	}
	return Conclusion{NoMatch, NoMatch.String() + ": " + what + "; otherwise " + c.Text}
}

// outcome says what became of the proof of a seed.
func (s Seed) outcome() string {
	switch {
	case s.Proved:
		return "proved"
	case s.Difference != nil:
		return "refuted " + s.Difference.String()
	}
	return "not proved: " + s.Reason
}

// seeds lists the seeds that are not proved.
func (t text) seeds(seeds []Seed) {
	for _, s := range seeds {
		if s.Proved {
			continue
		}
		t.head("SEED  " + s.Path)
		t.line(s.outcome())
		if d := s.Difference; d != nil {
			t.line("expected " + d.Expected)
			t.line("got " + d.Call)
		}
	}
}

type (
	// A seedsPage is what the page says of the proofs.
	seedsPage struct {
		State, Sign string
		Heading     string
		Seeds       []provedPage
		Worlds      []worldRow // what the proved seeds do when calls fail
	}

	provedPage struct {
		Seed
		State, Sign, Outcome string
	}

	worldRow struct {
		World string
		Ends  []worldEnds
	}

	// worldEnds are the ways in which some seeds end.
	worldEnds struct {
		Archs []string // of the seeds
		Ends  string
	}
)

func seedsPageOf(seeds []Seed) *seedsPage {
	p := &seedsPage{State: "good", Heading: "proved for every input"}
	if n := len(notProved(seeds)); n > 0 {
		p.State, p.Heading = "bad", fmt.Sprintf("%d of %d not proved", n, len(seeds))
	}
	p.Sign = signs[p.State]
	for _, s := range seeds {
		state := "good"
		if !s.Proved {
			state = "bad"
		}
		p.Seeds = append(p.Seeds, provedPage{s, state, signs[state], s.outcome()})
		for i, f := range s.Facts {
			if i == len(p.Worlds) {
				p.Worlds = append(p.Worlds, worldRow{World: f.World})
			}
			p.Worlds[i].add(s.Arch, strings.Join(f.Ends, "; or "))
		}
	}
	return p
}

// add adds the ways in which the seed of an architecture ends.
func (r *worldRow) add(arch, ends string) {
	i := slices.IndexFunc(r.Ends, func(e worldEnds) bool { return e.Ends == ends })
	if i < 0 {
		i = len(r.Ends)
		r.Ends = append(r.Ends, worldEnds{Ends: ends})
	}
	r.Ends[i].Archs = append(r.Ends[i].Archs, arch)
}
