package bump

import (
	"cmp"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/source"
)

// A side is a ladder of one of the trees.
type side struct {
	run *bootstrap.Run
	*bootstrap.Ledger
}

// A comparison compares a ladder of the two trees.
type comparison struct {
	old, new     side
	oldOf, newOf []int             // the steps that correspond: oldOf those of new, newOf those of old
	sources      map[string]Source // that are not the same, by path

	visits  []visit // of the steps of new, see walk
	visited int
	stack   []int
}

// A use is a file as it is at some time.
type use struct {
	path   string
	digest bootstrap.Digest
}

func newComparison(old, new side) *comparison {
	c := &comparison{old: old, new: new, sources: changedSources(old, new), visits: make([]visit, len(new.Steps))}
	c.oldOf, c.newOf = pair(new.Ledger, old.Ledger)
	return c
}

// changedSources returns the files that a ladder read and that are not the same in
// both trees, by path.
func changedSources(old, new side) map[string]Source {
	names := map[string]bool{}
	for _, s := range []side{old, new} {
		for _, name := range s.run.Opened(s.Ledger) {
			names[name] = true
		}
		for _, f := range s.Sources {
			names[f.Path] = true
		}
	}
	changed := map[string]Source{}
	for name := range names {
		was, _ := old.run.Source(name)
		is, _ := new.run.Source(name)
		if was.Digest != is.Digest {
			changed[name] = Source{Path: name, Old: was.Digest, New: is.Digest}
		}
	}
	return changed
}

// changes returns how many artefacts are the same, and those that are not.
func (c *comparison) changes() (same int, list []Change) {
	was := map[string]bootstrap.Artefact{}
	for _, a := range c.old.Artefacts {
		if a.From >= 0 {
			was[a.Path] = a
		}
	}
	for _, a := range c.new.Artefacts {
		if a.From < 0 {
			continue
		}
		if old := was[a.Path]; old.Digest == a.Digest {
			same++
		} else {
			list = append(list, Change{Path: a.Path, Old: old.Digest, New: a.Digest, Step: a.From})
		}
		delete(was, a.Path)
	}
	for _, a := range was {
		list = append(list, Change{Path: a.Path, Old: a.Digest, Step: a.From})
	}
	last := func(c Change) int {
		if c.Kind() == Removed {
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(x, y Change) int {
		return cmp.Or(cmp.Compare(last(x), last(y)), cmp.Compare(x.Step, y.Step), strings.Compare(x.Path, y.Path))
	})
	return same, list
}

// difference returns where the first artefact that both have differs.
func (c *comparison) difference(changes []Change) *difference {
	i := slices.IndexFunc(changes, func(ch Change) bool { return ch.Kind() == Changed })
	if i < 0 {
		return nil
	}
	name := changes[i].Path
	was, _ := c.old.run.Made(c.old.Ledger, name)
	is, _ := c.new.run.Made(c.new.Ledger, name)
	offset := 0
	for offset < min(len(was), len(is)) && was[offset] == is[offset] {
		offset++
	}
	d := &difference{Change: i, Offset: int64(offset), Old: -1, New: -1}
	if offset < len(was) {
		d.Old, d.OldAt = int(was[offset]), c.old.locate(name, d.Offset)
	}
	if offset < len(is) {
		d.New, d.NewAt = int(is[offset]), c.new.locate(name, d.Offset)
	}
	return d
}

func (s side) locate(name string, offset int64) []source.Position {
	return s.run.Locate(s.Ledger, name, offset)
}

// causes returns the first causes of a change.
func (c *comparison) causes(ch Change) []string {
	switch ch.Kind() {
	case Changed:
		if c.madeAlike(ch.Step, ch.Path) { // but another step then made it again
			return c.order(ch.Step, c.lastMaker(ch.Path))
		}
		fallthrough
	case Added:
		return c.walk(ch.Step)
	}
	if i := c.newOf[ch.Step]; i >= 0 { // it makes something else
		if found := c.walk(i); len(found) > 0 {
			return found
		}
	} else if failed := c.new.Failure(); failed >= 0 { // it did not come to that
		if found := c.walk(failed); len(found) > 0 {
			return found
		}
	}
	// A script does not ask for it any more, or has it removed.
	for j := ch.Step; j >= 0; j = c.old.Steps[j].Parent {
		if script, ok := c.old.Script(j); ok && c.differs(script.Path) {
			return []string{script.Path}
		}
		if i := c.newOf[j]; i >= 0 {
			if found := c.walk(i); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// walk returns the first causes of what step i of the new ladder did: the changed
// files of the tree from which it is reached along what has changed. They are in
// the order of their paths.
func (c *comparison) walk(i int) []string {
	if c.visits[i].order == 0 {
		c.visit(i)
	}
	return c.visits[i].found
}

// A visit is what is known of a step of the new ladder while the first causes are
// looked for, and then: they are found once for each step. Steps can be reached
// from each other, as a program that reads what another one made that it ran. Then
// they have the same causes: Tarjan's algorithm finds such circles.
type visit struct {
	order, low int // of the visit, from 1, and of the first one on the stack that is reached
	stacked    bool
	parts      [][]string // what the causes are made of, of the step alone
	found      []string   // the causes, when all are known
}

func (c *comparison) visit(i int) {
	c.visited++
	v := &c.visits[i]
	v.order, v.low, v.stacked = c.visited, c.visited, true
	c.stack = append(c.stack, i)
	files, steps := c.reasons(i)
	if len(files) > 0 {
		v.parts = append(v.parts, files)
	}
	for _, step := range steps {
		w := &c.visits[step]
		if w.order == 0 {
			c.visit(step)
			v.low = min(v.low, w.low)
		}
		switch {
		case w.stacked:
			v.low = min(v.low, w.order)
		case len(w.found) > 0:
			v.parts = append(v.parts, w.found)
		}
	}
	if v.low < v.order {
		return
	}
	at := slices.Index(c.stack, i)
	var parts [][]string
	for _, member := range c.stack[at:] {
		parts = append(parts, c.visits[member].parts...)
	}
	found := join(parts)
	for _, member := range c.stack[at:] {
		w := &c.visits[member]
		w.stacked, w.parts, w.found = false, nil, found
	}
	c.stack = c.stack[:at]
}

// join joins lists, of which one alone is in order, as most are that were found.
func join(lists [][]string) []string {
	if len(lists) == 1 && slices.IsSorted(lists[0]) {
		return slices.Compact(lists[0])
	}
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// reasons returns why step i of the new ladder does something else than the one of
// the old ladder that it corresponds to, if there is one: files of the tree that
// are not the same, and steps that made other files.
func (c *comparison) reasons(i int) (files []string, steps []int) {
	was := &bootstrap.Step{}
	old := c.oldOf[i]
	if old >= 0 {
		was = c.old.Steps[old]
	}
	is := c.new.Steps[i]
	asked := old < 0 || is.Dir != was.Dir || !slices.Equal(is.Args, was.Args) || !slices.Equal(is.Vars, was.Vars) || is.File.Path != was.File.Path
	before := map[use]bool{}
	made := map[string]int{} // what it used: by whom, or -1
	for _, f := range uses(was, old) {
		before[use{f.Path, f.Digest}], made[f.Path] = true, f.From
	}
	now := map[string]bool{}
	more := false // it uses something that is there as before, but that was not used then
	for _, f := range uses(is, i) {
		now[f.Path] = true
		m := f.From
		if before[use{f.Path, f.Digest}] {
			continue
		}
		by, used := made[f.Path]
		switch {
		case m < 0 && c.differs(f.Path):
			files = append(files, f.Path)
		case m >= 0 && !c.madeAlike(m, f.Path):
			steps = append(steps, m)
		case used: // another step changed it then, or changes it now
			files = append(files, c.order(m, by)...)
		default:
			more = true
		}
	}
	for _, f := range uses(was, old) {
		s := c.sources[f.Path]
		if s.Path != "" && s.Kind() == Removed && !now[f.Path] && made[f.Path] < 0 {
			files = append(files, f.Path)
		}
		if by := made[f.Path]; is.Status == bootstrap.Failed && !now[f.Path] && by >= 0 { // perhaps it missed it
			if m := c.newOf[by]; m >= 0 && !c.madeAlike(m, f.Path) {
				steps = append(steps, m)
			} else {
				files = append(files, c.order(-1, by)...)
			}
		}
	}
	if more && len(files)+len(steps) == 0 {
		asked = true
	}
	if !asked || is.Parent < 0 {
		return files, steps
	}
	script, ok := c.new.Script(i)
	switch {
	case ok && script.From >= 0:
		return files, append(steps, script.From)
	case ok && c.differs(script.Path):
		return append(files, script.Path), steps
	}
	return files, append(steps, is.Parent) // which was run otherwise
}

// madeAlike reports whether step m of the new ladder left at a path what the step
// that it corresponds to did.
func (c *comparison) madeAlike(m int, name string) bool {
	old := c.oldOf[m]
	if old < 0 {
		return false
	}
	return output(c.new.Steps[m], name) == output(c.old.Steps[old], name)
}

// order returns the scripts that are not the same and that ask for steps: for one
// of each ladder, or none if it is -1, that made a file which another one made in
// the other ladder.
func (c *comparison) order(new, old int) (files []string) {
	for i := new; i >= 0; i = c.new.Steps[i].Parent {
		if script, ok := c.new.Script(i); ok && c.differs(script.Path) {
			files = append(files, script.Path)
			break
		}
	}
	for i := old; i >= 0; i = c.old.Steps[i].Parent {
		if script, ok := c.old.Script(i); ok && c.differs(script.Path) {
			files = append(files, script.Path)
			break
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// lastMaker returns which step of the old ladder made an artefact.
func (c *comparison) lastMaker(name string) int {
	for _, a := range c.old.Artefacts {
		if a.Path == name {
			return a.From
		}
	}
	return -1
}

func output(s *bootstrap.Step, name string) (d bootstrap.Digest) {
	for _, out := range s.Outputs {
		if out.Path == name {
			d = out.Digest
		}
	}
	return d
}

// differs reports whether a file of the tree is not the same in both.
func (c *comparison) differs(name string) bool {
	_, ok := c.sources[name]
	return ok
}

// uses returns the files that step i uses, its program first, and none that it wrote
// itself.
func uses(s *bootstrap.Step, i int) []bootstrap.File {
	all := append([]bootstrap.File{s.File}, s.Inputs...)
	return slices.DeleteFunc(all, func(f bootstrap.File) bool { return f.From == i || f.Digest == bootstrap.Digest{} })
}
