package prove

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stage0/hex0"
)

// faultyWorlds are the worlds in which something fails. They have the arguments of the
// normal world unless they have others.
var faultyWorlds = []world{
	{name: "the input does not exist", openIn: noEntry},
	{name: "the input is a directory", read: fault{always, isDirectory}},
	{name: "reading fails from some byte on", read: fault{forGood, ioError}},
	{name: "reads are interrupted", read: fault{atTimes, interrupted}},
	{name: "the output cannot be created", openOut: noAccess},
	{name: "the disk is full from some byte on", write: fault{forGood, diskFull}},
	{name: "writes return 0 from some byte on", write: fault{forGood, 0}},
	{name: "writes are interrupted", write: fault{atTimes, interrupted}},
	{name: "there are no arguments", args: normal.args[:1]},
	{name: "there is no second argument", args: normal.args[:2]},
	{name: "standard input and output are closed", closed: true},
}

// A Fact is what a seed does in a world, for all inputs that consist of the bytes that
// classes returns.
type Fact struct {
	World string   `json:"world"`
	Ends  []string `json:"ends"` // the ways in which it ends, or does not
}

// factsOf returns what the seed does in the faulty worlds.
func factsOf(seed []byte, text hex0.Options) ([]Fact, error) {
	var facts []Fact
	letters := classes(text)
	for _, w := range faultyWorlds {
		if w.args == nil {
			w.args = normal.args
		}
		w.bytes = letters
		m, err := newMachine(seed, w.args, 0)
		if err != nil {
			return nil, err
		}
		e := &exploration{machine: m, world: &w, text: text, most: mostStates}
		err = e.explore()
		m.close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		facts = append(facts, Fact{w.name, e.outcomes()})
	}
	return facts, nil
}

// classes returns one byte of each class: two bytes are of the same class if hex0 does
// the same with them, whatever came before.
func classes(text hex0.Options) []byte {
	type effect struct {
		next hex0.State
		out  byte
		ok   bool
	}
	states := []hex0.State{{}, {Comment: true}, {Half: true}, {Half: true, Comment: true}}
	seen := map[string]bool{}
	var list []byte
	for _, b := range allBytes() {
		var all []effect
		for _, s := range states {
			var e effect
			e.next, e.out, e.ok = text.Step(s, b)
			all = append(all, e)
		}
		if key := fmt.Sprint(all); !seen[key] {
			seen[key] = true
			list = append(list, b)
		}
	}
	return list
}

// outcomes returns the ways in which the program may end, or not end.
func (e *exploration) outcomes() []string {
	var all []string
	for end := range e.endings {
		switch {
		case end.other != "":
			all = append(all, end.other)
		case end.kept:
			all = append(all, fmt.Sprintf("exits %d, all written", end.status))
		default:
			all = append(all, fmt.Sprintf("exits %d, not all written", end.status))
		}
	}
	for _, calls := range e.cycles() {
		if e.world.read.when == atTimes || e.world.write.when == atTimes {
			all = append(all, "retries "+calls)
		} else {
			all = append(all, "hangs in "+calls)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// cycles returns, for each loop of calls that the program may repeat without ever
// reading a byte, the calls' names.
func (e *exploration) cycles() []string {
	const (
		unseen = iota
		open   // on the path
		closed
	)
	mark := make([]int, len(e.nodes))
	var path []int
	var found []string
	var visit func(i int)
	visit = func(i int) {
		mark[i] = open
		path = append(path, i)
		for _, j := range e.quiet[i] {
			switch mark[j] {
			case unseen:
				visit(j)
			case open:
				var names []string
				for _, k := range path[slices.Index(path, j):] {
					names = append(names, cmp.Or(e.nodes[k].call.name, "an unknown system call"))
				}
				slices.SortFunc(names, cmp.Compare)
				found = append(found, strings.Join(slices.Compact(names), " and "))
			}
		}
		path = path[:len(path)-1]
		mark[i] = closed
	}
	for i := range e.nodes {
		if mark[i] == unseen {
			visit(i)
		}
	}
	return found
}
