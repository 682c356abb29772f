package report

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

// Sizes of the drawing of a ladder, in pixels.
const (
	boxWidth   = 148
	boxHeight  = 42
	boxSpace   = 14 // between boxes of a row
	trackSpace = 6  // between lines side by side
	edgeSpace  = 12 // between lines and boxes
	rowLength  = 4  // how many boxes a row has at most

	maxLabel = 20 // how many letters fit in a box

	// minGroup is how many programs that are made with the same others, and
	// make none, share a box.
	minGroup = 3
)

// A graph is a drawing of which programs of a ladder make which.
type graph struct {
	Width, Height int
	Boxes         []box
	Nets          []net
}

// A box is a program, or several that are made alike.
type box struct {
	X, Y        int
	Name, From  string // as they fit
	Title       string
	Link        string // to the step that makes it; empty for a seed
	Seed, Wrong bool
	absent      bool // there is no such file
	step        int  // that makes it; -1 for a seed
	row, column int
	rank        int
	with        []int // the boxes of the programs that it is made with, sorted
}

// Where the texts of a box stand.
func (b box) TextX() int { return b.X + 8 }
func (b box) NameY() int { return b.Y + 17 }
func (b box) FromY() int { return b.Y + 33 }

// A net is the line from a program to all that it makes.
type net struct {
	Path, Arrows string // as SVG has paths
	Color        int
	Title        string
}

// colors is how many colours there are for nets.
const colors = 6

// graphOf draws a ladder: the programs that its steps run, and those that it
// makes.
func graphOf(o *origins) graph {
	g := graph{Boxes: o.programs()}
	g.group()
	g.rank()
	g.place()
	g.route()
	return g
}

// made is a file as a step made it, or as the tree has it.
type made struct {
	path string
	from int
}

// programs returns a box for each program of a ladder: what is run, and what is
// made to be.
func (o *origins) programs() []box {
	var boxes []box
	index := map[made]int{}
	wrong := map[string]bool{}
	for _, a := range o.Artefacts {
		wrong[a.Path] = a.Verdict() > bootstrap.Unconfirmed
	}
	add := func(f bootstrap.File) {
		id := made{f.Path, f.From}
		if _, ok := index[id]; ok {
			return
		}
		index[id] = len(boxes)
		boxes = append(boxes, box{Name: path.Base(f.Path), Title: f.Path, step: f.From, Seed: f.From < 0, absent: f.Digest == (bootstrap.Digest{}), Wrong: f.From >= 0 && wrong[f.Path]})
	}
	for _, s := range o.Steps {
		if s.Status == bootstrap.OK || s.File.Digest != (bootstrap.Digest{}) {
			add(s.File)
		}
		for _, f := range s.Outputs {
			if f.Perm&0o100 != 0 {
				add(f)
			}
		}
	}
	for n := range boxes {
		if b := &boxes[n]; b.step >= 0 {
			b.Link = o.id(b.step)
			o.trace(b, index)
		} else {
			b.From = "of the tree"
			if b.absent {
				b.From = "not in the tree"
			}
		}
	}
	return boxes
}

// trace fills in what a program is made with: the programs that are run on the
// way to it, back to other programs, and the tree's files that are read there.
func (o *origins) trace(b *box, index map[made]int) {
	var texts []string
	seen := map[int]bool{b.step: true}
	todo := []int{b.step}
	for len(todo) > 0 {
		i := todo[0]
		todo = todo[1:]
		s := o.Steps[i]
		if n, ok := index[made{s.File.Path, s.File.From}]; ok {
			b.with = append(b.with, n)
		}
		next := []int{}
		for _, f := range s.Inputs {
			if f.From >= 0 {
				next = append(next, f.From)
			} else {
				texts = append(texts, path.Base(f.Path))
			}
		}
		if slices.Contains(o.deps[i], s.Parent) {
			next = append(next, s.Parent)
		}
		for _, d := range next {
			if !seen[d] {
				seen[d] = true
				todo = append(todo, d)
			}
		}
	}
	slices.Sort(b.with)
	b.with = slices.Compact(b.with)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	switch {
	case len(texts) == 1:
		b.From = texts[0]
	case len(texts) > 1:
		b.From = clean.Count(len(texts), "file")
	}
	if len(texts) > 0 {
		b.Title += ", from " + strings.Join(texts, ", ")
	}
}

// group puts programs that are made alike, and make none, into one box.
func (g *graph) group() {
	makes := map[int]bool{}
	for _, b := range g.Boxes {
		for _, w := range b.with {
			makes[w] = true
		}
	}
	alike := map[string][]int{}
	for i, b := range g.Boxes {
		if !makes[i] && !b.Seed {
			key := fmt.Sprint(b.with, b.Wrong)
			alike[key] = append(alike[key], i)
		}
	}
	number := make([]int, len(g.Boxes)) // of each box, among those that are left
	var left []box
	for i, b := range g.Boxes {
		group := alike[fmt.Sprint(b.with, b.Wrong)]
		if makes[i] || b.Seed {
			group = nil
		}
		if len(group) >= minGroup {
			if group[0] != i {
				continue
			}
			var names, titles []string
			for _, other := range group {
				names = append(names, g.Boxes[other].Name)
				titles = append(titles, g.Boxes[other].Title)
			}
			b.Name, b.From, b.Title = clean.Count(len(group), "program"), strings.Join(names, ", "), strings.Join(titles, "; ")
		}
		number[i] = len(left)
		left = append(left, b)
	}
	for i := range left {
		for n, w := range left[i].with {
			left[i].with[n] = number[w]
		}
	}
	g.Boxes = left
}

// rank puts each program below all that it is made with.
func (g *graph) rank() {
	for changed, rounds := true, 0; changed && rounds < len(g.Boxes); rounds++ {
		changed = false
		for i := range g.Boxes {
			for _, w := range g.Boxes[i].with {
				if r := g.Boxes[w].rank + 1; w != i && r > g.Boxes[i].rank {
					g.Boxes[i].rank, changed = r, true
				}
			}
		}
	}
}

// place gives each program its row and column. A rank with many has several
// rows.
func (g *graph) place() {
	order := make([]int, len(g.Boxes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.Boxes[a].rank, g.Boxes[b].rank) })
	row, column, rank := 0, 0, 0
	for _, i := range order {
		b := &g.Boxes[i]
		if b.rank != rank || column == rowLength {
			row, column, rank = row+1, 0, b.rank
		}
		b.row, b.column = row, column
		column++
	}
	for i := range g.Boxes {
		b := &g.Boxes[i]
		b.Name, b.From = fit(b.Name), fit(b.From)
	}
}

func fit(label string) string {
	if letters := []rune(label); len(letters) > maxLabel {
		return string(letters[:maxLabel-1]) + "…"
	}
	return label
}

// route draws a line from each program to those that are made with it: down
// from its box, to the right into a lane of its own beside the boxes, down
// there, and to the left and down again into each box. Where all of them are in
// the next row, it needs no lane.
func (g *graph) route() {
	rows, columns := 0, 0
	for _, b := range g.Boxes {
		rows, columns = max(rows, b.row+1), max(columns, b.column+1)
	}
	users := make([][]int, len(g.Boxes))
	for i, b := range g.Boxes {
		for _, w := range b.with {
			if g.Boxes[w].row < b.row {
				users[w] = append(users[w], i)
			}
		}
	}
	lane, lanes := g.lanes(users)
	tracks := g.tracks(users, rows)

	// Where rows start.
	top := make([]int, rows+1)
	for r := range rows {
		above := 0
		if r > 0 {
			above = 2*edgeSpace + trackSpace*max(len(tracks[r-1])-1, 0)
		}
		top[r] = above
		if r > 0 {
			top[r] += top[r-1] + boxHeight
		}
	}
	left := columns*(boxWidth+boxSpace) - boxSpace + edgeSpace // where lanes start
	g.Width = left + lanes*trackSpace + 2
	if rows > 0 {
		g.Height = top[rows-1] + boxHeight + 2
	}
	for i := range g.Boxes {
		g.Boxes[i].X = 1 + g.Boxes[i].column*(boxWidth+boxSpace)
		g.Boxes[i].Y = 1 + top[g.Boxes[i].row]
	}
	trackY := func(gap, i int) int {
		return 1 + top[gap] + boxHeight + edgeSpace + trackSpace*slices.Index(tracks[gap], i)
	}
	for i, b := range g.Boxes {
		if len(users[i]) == 0 {
			continue
		}
		n := net{Color: i % colors}
		var line, arrows strings.Builder
		x := b.X + boxWidth/2 + trackSpace // ports are elsewhere, mostly
		laneX := left + lane[i]*trackSpace
		fmt.Fprintf(&line, "M%d %dV%d", x, b.Y+boxHeight, trackY(b.row, i))
		last := b.row
		var names []string
		for _, u := range users[i] {
			to := g.Boxes[u]
			names = append(names, to.Name)
			port := to.X + (slices.Index(to.with, i)+1)*boxWidth/(len(to.with)+1)
			gap := to.row - 1
			from := laneX
			if gap == b.row {
				from = x
			}
			fmt.Fprintf(&line, "M%d %dH%dV%d", from, trackY(gap, i), port, to.Y-4)
			fmt.Fprintf(&arrows, "M%d %dl-3 -5h6z", port, to.Y)
			last = max(last, gap)
		}
		if last > b.row {
			fmt.Fprintf(&line, "M%d %dH%dV%d", x, trackY(b.row, i), laneX, trackY(last, i))
		}
		n.Path, n.Arrows = line.String(), arrows.String()
		n.Title = b.Name + " makes " + strings.Join(names, ", ")
		g.Nets = append(g.Nets, n)
	}
}

// lanes gives each program that makes others further down a lane, which it
// shares with those that need it elsewhere.
func (g *graph) lanes(users [][]int) (lane []int, n int) {
	lane = make([]int, len(g.Boxes))
	var until []int // the row to which each lane is taken
	for _, i := range g.byRow() {
		last := g.Boxes[i].row
		for _, u := range users[i] {
			last = max(last, g.Boxes[u].row-1)
		}
		if last == g.Boxes[i].row {
			continue
		}
		free := slices.IndexFunc(until, func(row int) bool { return row < g.Boxes[i].row })
		if free < 0 {
			free = len(until)
			until = append(until, 0)
		}
		lane[i], until[free] = free, last
	}
	return lane, len(until)
}

// tracks returns which programs have a line in the gap below each row.
func (g *graph) tracks(users [][]int, rows int) [][]int {
	tracks := make([][]int, rows)
	add := func(gap, i int) {
		if !slices.Contains(tracks[gap], i) {
			tracks[gap] = append(tracks[gap], i)
		}
	}
	for _, i := range g.byRow() {
		for _, u := range users[i] {
			add(g.Boxes[i].row, i)
			add(g.Boxes[u].row-1, i)
		}
	}
	return tracks
}

// byRow returns the numbers of the boxes in the order of their rows.
func (g *graph) byRow() []int {
	order := make([]int, len(g.Boxes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.Boxes[a].row, g.Boxes[b].row), cmp.Compare(g.Boxes[a].column, g.Boxes[b].column))
	})
	return order
}
