package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"stage0/bootstrap"
	"stage0/source"
)

// origins says where the files that a ladder's steps use come from. A file is
// used as it is at that time: the same path can be made by several steps.
type origins struct {
	*bootstrap.Ledger
	deps  [][]int            // of each step: those whose outputs it uses, or that run it without a script; sorted
	users [][]int            // the reverse
	reads [][]bootstrap.File // of each step: the tree's files that it uses, its script included; sorted
}

func originsOf(l *bootstrap.Ledger) *origins {
	o := &origins{
		Ledger: l,
		deps:   make([][]int, len(l.Steps)),
		users:  make([][]int, len(l.Steps)),
		reads:  make([][]bootstrap.File, len(l.Steps)),
	}
	makers := map[madeFile][]int{}
	for i, s := range l.Steps {
		for _, out := range s.Outputs {
			f := madeFile{out.Path, out.Digest}
			makers[f] = append(makers[f], i)
		}
	}
	for i, s := range l.Steps {
		uses := slices.Clone(s.Inputs)
		if s.File.Digest != (bootstrap.Digest{}) {
			uses = append(uses, s.File)
		}
		for _, f := range uses {
			if maker := o.maker(i, makers[madeFile{f.Path, f.Digest}]); maker >= 0 {
				o.deps[i] = append(o.deps[i], maker)
			} else {
				o.reads[i] = append(o.reads[i], f)
			}
		}
		if script, ok := o.script(i); ok {
			o.reads[i] = append(o.reads[i], script)
		} else if s.Parent >= 0 {
			o.deps[i] = append(o.deps[i], s.Parent)
		}
		slices.Sort(o.deps[i])
		o.deps[i] = slices.Compact(o.deps[i])
		o.reads[i] = sortedFiles(o.reads[i])
		for _, d := range o.deps[i] {
			o.users[d] = append(o.users[d], i)
		}
	}
	return o
}

// A madeFile is a file at some time.
type madeFile struct {
	path   string
	digest bootstrap.Digest
}

// maker returns which of steps, those that make a file, made it for step i: the
// last one before it, or the first one that it ran itself; -1 if none did.
func (o *origins) maker(i int, steps []int) int {
	best := -1
	for _, m := range steps {
		switch {
		case m < i:
			best = m
		case m > i && best < 0 && o.within(m, i):
			best = m
		}
	}
	return best
}

// madeBy returns which step made a file that step i uses.
func (o *origins) madeBy(i int, f bootstrap.File) (step int, ok bool) {
	for _, d := range slices.Backward(o.deps[i]) {
		for _, out := range o.Steps[d].Outputs {
			if out.Path == f.Path && out.Digest == f.Digest {
				return d, true
			}
		}
	}
	return -1, false
}

// within reports whether step i was run by step by, or by one that it ran.
func (o *origins) within(i, by int) bool {
	for i > by {
		i = o.Steps[i].Parent
	}
	return i == by
}

// script returns the file that asks for step i, if a script does; else the
// program of its parent runs it of itself.
func (o *origins) script(i int) (f bootstrap.File, ok bool) {
	s := o.Steps[i]
	if s.Parent < 0 || s.At == (source.Position{}) || s.At == o.Steps[s.Parent].At {
		return f, false
	}
	for _, in := range o.Steps[s.Parent].Inputs {
		if in.Path == s.At.Name {
			return in, true
		}
	}
	return f, false
}

// closure returns the steps that are reached from some along edges, those
// included, in order.
func closure(from []int, edges [][]int) []int {
	seen := map[int]bool{}
	for len(from) > 0 {
		last := len(from) - 1
		i := from[last]
		from = from[:last:last]
		if !seen[i] {
			seen[i] = true
			from = append(from, edges[i]...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// sources returns the tree's files that some steps use.
func (o *origins) sources(steps []int) []bootstrap.File {
	var all []bootstrap.File
	for _, i := range steps {
		all = append(all, o.reads[i]...)
	}
	return sortedFiles(all)
}

// sortedFiles returns files in the order of their paths, each once.
func sortedFiles(files []bootstrap.File) []bootstrap.File {
	slices.SortFunc(files, func(a, b bootstrap.File) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), slices.Compare(a.Digest[:], b.Digest[:]))
	})
	return slices.CompactFunc(files, func(a, b bootstrap.File) bool { return a.Path == b.Path && a.Digest == b.Digest })
}

// all returns the numbers of all steps.
func (o *origins) all() []int {
	steps := make([]int, len(o.Steps))
	for i := range steps {
		steps[i] = i
	}
	return steps
}

// id returns the name of a step's place in the page.
func (o *origins) id(step int) string { return fmt.Sprintf("%s-%d", o.Arch.Name, step) }
