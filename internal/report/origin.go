package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"stage0/bootstrap"
)

// origins are the steps of a ladder by whose files each uses.
type origins struct {
	*bootstrap.Ledger
	deps  [][]int            // of each step: those that made what it uses, or that run it without a script; itself, if it reads what it wrote; sorted
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
	for i, s := range l.Steps {
		o.use(i, s.File)
		for _, f := range s.Inputs {
			o.use(i, f)
		}
		if script, ok := o.Script(i); ok {
			o.use(i, script)
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

// use notes that step i uses a file.
func (o *origins) use(i int, f bootstrap.File) {
	switch {
	case f.Digest == bootstrap.Digest{}: // there is none
	case f.From < 0:
		o.reads[i] = append(o.reads[i], f)
	default:
		o.deps[i] = append(o.deps[i], f.From)
	}
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
