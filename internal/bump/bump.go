// Package bump compares what the ladders of two trees make, and finds the changed
// sources that are the first causes of each difference.
//
// Two trees are replayed, with the same engine. A step of one corresponds to a
// step of the other that was asked to do the same by the same script, or that
// makes the same file (see pair). An artefact that is not the same is followed
// back: to the step that made it, from there to the program and the inputs that
// are not those of the corresponding step, to the steps that made these, and so
// on to files of the tree that are not the same in both trees. A step that was
// asked to do something else is followed to its script, too.
//
// What this cannot tell apart: sources that are joined in one file, as catm joins
// those of M2-Planet, are all causes of what is made from it.
package bump

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/source"
)

// A Bump is how what two trees make differs.
type Bump struct {
	Sources []Source    `json:"sources"` // that are not the same in both trees: the seeds first, then those that reach most
	Ladders []Ladder    `json:"ladders"` // that both trees have
	OnlyOld []arch.Arch `json:"onlyOld"` // whose ladders only the old tree has
	OnlyNew []arch.Arch `json:"onlyNew"` // whose ladders only the new tree has
}

// A Source is a file that a ladder reads and that is not the same in both trees.
type Source struct {
	Path  string           `json:"path"`
	Old   bootstrap.Digest `json:"old,omitzero"` // zero if the old tree does not have it
	New   bootstrap.Digest `json:"new,omitzero"` // zero if the new tree does not have it
	Reach []Reach          `json:"reach"`        // for each of Bump.Ladders

	lists []int // indexes in causes.lists of those that have it
}

// Reach says of what a source is a first cause in a ladder.
type Reach struct {
	Arch      arch.Arch `json:"arch"`      // of the ladder
	Artefacts int       `json:"artefacts"` // how many follow from the source
	First     int       `json:"first"`     // the first of them, an index in Ladder.Changes; -1 if there is none
}

// Component is the part of the tree that the source belongs to: a submodule, or
// "." for what is in none.
func (s *Source) Component() string { return bootstrap.ComponentOf(s.Path) }

// Seed reports whether the source is one of the programs that ladders start with,
// or belongs to them.
func (s *Source) Seed() bool { return s.Component() == "bootstrap-seeds" }

// total is how many artefacts of all ladders the source is a first cause of.
func (s *Source) total() int {
	n := 0
	for _, r := range s.Reach {
		n += r.Artefacts
	}
	return n
}

// Kind says how the source changed.
func (s *Source) Kind() Kind { return kindOf(s.Old, s.New) }

// MarshalJSON adds what the methods of the source return. Ladders in which it
// reaches nothing are left out.
func (s Source) MarshalJSON() ([]byte, error) {
	type plain Source
	s.Reach = slices.DeleteFunc(slices.Clone(s.Reach), func(r Reach) bool { return r.Artefacts == 0 })
	return json.Marshal(struct {
		plain
		Component string `json:"component"`
		Kind      Kind   `json:"kind"`
		Seed      bool   `json:"seed,omitempty"`
	}{plain(s), s.Component(), s.Kind(), s.Seed()})
}

// A Kind says how a file changed.
type Kind int

// The kinds.
const (
	Changed Kind = iota
	Added        // only the new tree has it, or makes it
	Removed      // only the old tree has it, or makes it
)

func (k Kind) String() string { return [...]string{"changed", "added", "removed"}[k] }

// MarshalText returns what String does.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func kindOf(old, new bootstrap.Digest) Kind {
	switch (bootstrap.Digest{}) {
	case old:
		return Added
	case new:
		return Removed
	}
	return Changed
}

// A Ladder is how what a ladder makes differs.
type Ladder struct {
	Arch    arch.Arch         `json:"arch"`
	Old     *bootstrap.Ledger `json:"-"`
	New     *bootstrap.Ledger `json:"-"`
	Same    int               `json:"same"`    // number of artefacts that are the same
	Changes []Change          `json:"changes"` // the others: in the order of the new steps that made them, and then those that were removed

	// First is where the first artefact that both have and that is not the same
	// differs; nil if there is none.
	First *difference `json:"first,omitempty"`

	Failure *failure `json:"failure,omitempty"` // nil if the new ladder did not fail
}

// A failure is the step whose failure ended the new ladder.
type failure struct {
	Step   int   `json:"step"`   // index in New.Steps
	Causes []int `json:"causes"` // the first causes: indexes in Bump.Sources

	list int // index in causes.lists
}

// A Change is an artefact that is not the same.
type Change struct {
	Path string           `json:"path"`
	Old  bootstrap.Digest `json:"old,omitzero"` // zero if the old ladder did not make it
	New  bootstrap.Digest `json:"new,omitzero"` // zero if the new ladder did not make it
	Step int              `json:"-"`            // that made it: in the new ledger, or, if it was removed, in the old one

	// Causes are the first causes: indexes in Bump.Sources. Without any, the
	// artefact differs although nothing that it is made from does, or it is not
	// known why: the same bytes did not do the same.
	Causes []int `json:"causes"`

	list int // index in causes.lists
}

// Kind says how the artefact changed.
func (c *Change) Kind() Kind { return kindOf(c.Old, c.New) }

// MarshalJSON adds the kind, and the step if it is one of the new ladder.
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change
	doc := struct {
		plain
		Kind Kind `json:"kind"`
		Step *int `json:"step,omitempty"`
	}{plain: plain(c), Kind: c.Kind()}
	if doc.Kind != Removed {
		doc.Step = &c.Step
	}
	return json.Marshal(doc)
}

// A difference is where an artefact differs.
type difference struct {
	Change int   `json:"change"` // an index in Ladder.Changes
	Offset int64 `json:"offset"` // of the first byte that differs
	Old    int   `json:"old"`    // that byte in the old artefact; -1 for its end
	New    int   `json:"new"`    // that byte in the new artefact; -1 for its end

	// OldAt and NewAt are where the byte comes from in each tree, as in
	// bootstrap.Divergence.
	OldAt []source.Position `json:"oldAt"`
	NewAt []source.Position `json:"newAt"`
}

// Count returns how many artefacts have changed so.
func (l *Ladder) Count(k Kind) int {
	n := 0
	for i := range l.Changes {
		if l.Changes[i].Kind() == k {
			n++
		}
	}
	return n
}

// Compare says how what the ladders of two trees made differs, and why. Both have
// been replayed with the same engine, which must be one that sees each step, and
// bootstrap.Compare has been called for both.
func Compare(old, new *bootstrap.Run) *Bump {
	b := &Bump{}
	var pairs []*comparison
	for _, l := range new.Ledgers {
		if was := ledgerOf(old, l.Arch); was != nil {
			pairs = append(pairs, newComparison(side{old, was}, side{new, l}))
		} else {
			b.OnlyNew = append(b.OnlyNew, l.Arch)
		}
	}
	for _, l := range old.Ledgers {
		if ledgerOf(new, l.Arch) == nil {
			b.OnlyOld = append(b.OnlyOld, l.Arch)
		}
	}
	changed := map[string]Source{}
	for _, c := range pairs {
		maps.Copy(changed, c.sources)
	}
	b.Sources = slices.Collect(maps.Values(changed))
	causes := newCauses()
	for _, c := range pairs {
		l := Ladder{Arch: c.new.Arch, Old: c.old.Ledger, New: c.new.Ledger}
		l.Same, l.Changes = c.changes()
		l.First = c.difference(l.Changes)
		if step := c.new.Failure(); step >= 0 {
			l.Failure = &failure{Step: step, list: causes.add(c.walk(step))}
		}
		for i := range l.Changes {
			l.Changes[i].list = causes.add(c.causes(l.Changes[i]))
		}
		b.Ladders = append(b.Ladders, l)
	}
	b.reach(causes)
	return b
}

func ledgerOf(run *bootstrap.Run, a arch.Arch) *bootstrap.Ledger {
	for _, l := range run.Ledgers {
		if l.Arch == a {
			return l
		}
	}
	return nil
}

// causes are the lists of paths that are the first causes of something, each
// once: most artefacts have the same as others.
type causes struct {
	lists [][]string
	of    map[string]int
}

func newCauses() *causes { return &causes{of: map[string]int{}} }

// add returns the index of a list.
func (c *causes) add(paths []string) int {
	key := strings.Join(paths, "\x00")
	i, ok := c.of[key]
	if !ok {
		i = len(c.lists)
		c.of[key], c.lists = i, append(c.lists, paths)
	}
	return i
}

// reach fills in what the sources reach, and puts them in order.
func (b *Bump) reach(causes *causes) {
	at := map[string]*Source{}
	for i := range b.Sources {
		s := &b.Sources[i]
		s.Reach = make([]Reach, len(b.Ladders))
		for i, l := range b.Ladders {
			s.Reach[i] = Reach{Arch: l.Arch, First: -1}
		}
		at[s.Path] = s
	}
	// By list: how many artefacts of each ladder have these causes, and the first.
	lists := make([][]Reach, len(causes.lists))
	for i, l := range b.Ladders {
		for j, change := range l.Changes {
			if lists[change.list] == nil {
				lists[change.list] = make([]Reach, len(b.Ladders))
			}
			r := &lists[change.list][i]
			if r.Artefacts++; r.Artefacts == 1 {
				r.First = j
			}
		}
	}
	for list, reach := range lists {
		for _, path := range causes.lists[list] {
			s := at[path]
			for i, r := range reach {
				if r.Artefacts == 0 {
					continue
				}
				if s.Reach[i].Artefacts += r.Artefacts; s.Reach[i].First < 0 || r.First < s.Reach[i].First {
					s.Reach[i].First = r.First
				}
			}
			if reach != nil {
				s.lists = append(s.lists, list)
			}
		}
	}
	seed := func(s *Source) int {
		if s.Seed() {
			return 0
		}
		return 1
	}
	slices.SortFunc(b.Sources, func(x, y Source) int {
		return cmp.Or(cmp.Compare(seed(&x), seed(&y)), cmp.Compare(y.total(), x.total()),
			slices.Compare(x.lists, y.lists), strings.Compare(x.Path, y.Path))
	})
	index := map[string]int{}
	for i, s := range b.Sources {
		index[s.Path] = i
	}
	indexes := make([][]int, len(causes.lists))
	for i, paths := range causes.lists {
		for _, path := range paths {
			indexes[i] = append(indexes[i], index[path])
		}
		slices.Sort(indexes[i])
	}
	for i := range b.Ladders {
		l := &b.Ladders[i]
		if l.Failure != nil {
			l.Failure.Causes = indexes[l.Failure.list]
		}
		for j := range l.Changes {
			l.Changes[j].Causes = indexes[l.Changes[j].list]
		}
	}
}

// Groups returns the sources that are first causes, those together that are of the
// same artefacts: indexes in Sources, in order.
func (b *Bump) Groups() [][]int {
	var groups [][]int
	for i, s := range b.Sources {
		last := len(groups) - 1
		switch {
		case len(s.lists) == 0:
		case last >= 0 && slices.Equal(b.Sources[groups[last][0]].lists, s.lists):
			groups[last] = append(groups[last], i)
		default:
			groups = append(groups, []int{i})
		}
	}
	return groups
}

// Idle returns the sources from which nothing follows, neither an artefact nor a
// failure: indexes in Sources.
func (b *Bump) Idle() []int {
	failed := map[int]bool{}
	for _, l := range b.Ladders {
		if l.Failure != nil {
			for _, s := range l.Failure.Causes {
				failed[s] = true
			}
		}
	}
	var idle []int
	for i := range b.Sources {
		if b.Sources[i].total() == 0 && !failed[i] {
			idle = append(idle, i)
		}
	}
	return idle
}

// ByCause returns the ladder's changes, those together that have the same first
// causes: indexes in Changes, in order.
func (l *Ladder) ByCause() [][]int {
	var groups [][]int
	of := map[int]int{}
	for i, c := range l.Changes {
		g, ok := of[c.list]
		if !ok {
			g = len(groups)
			of[c.list], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}
