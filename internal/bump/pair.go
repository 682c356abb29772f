package bump

import (
	"strings"

	"stage0/bootstrap"
)

// pair returns which step of b each step of a corresponds to, and the reverse, -1
// for none. Each step has one partner at most.
//
// The first steps are partners. Of the steps that two partners run, those are
// that have the same command, then those that make the same file, then those that
// run the same program and make nothing, as scripts do. What is left may have
// moved to another script: those are partners that make the same file. A command
// or a file that comes several times is taken in order.
func pair(a, b *bootstrap.Ledger) (ofA, ofB []int) {
	p := &pairing{a: childrenOf(a), b: childrenOf(b), stepsA: a.Steps, stepsB: b.Steps}
	p.ofA, p.ofB = none(len(a.Steps)), none(len(b.Steps))
	p.below(p.a[-1], p.b[-1])
	for { // a pair may have steps below it
		n := p.pairs
		p.match(p.left(p.ofA), p.left(p.ofB), writes)
		if p.pairs == n {
			return p.ofA, p.ofB
		}
	}
}

type pairing struct {
	a, b           map[int][]int // the steps that each step runs
	stepsA, stepsB []*bootstrap.Step
	ofA, ofB       []int
	pairs          int
}

// childrenOf returns the steps that each step runs; -1 runs the first.
func childrenOf(l *bootstrap.Ledger) map[int][]int {
	children := map[int][]int{}
	for i, s := range l.Steps {
		children[s.Parent] = append(children[s.Parent], i)
	}
	return children
}

func none(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// left returns the steps that have no partner.
func (p *pairing) left(of []int) []int {
	var all []int
	for i, partner := range of {
		if partner < 0 {
			all = append(all, i)
		}
	}
	return all
}

// below pairs the steps that two partners run.
func (p *pairing) below(a, b []int) {
	for _, key := range []func(*bootstrap.Step) string{command, writes, runs} {
		p.match(a, b, key)
	}
}

// match pairs those steps without a partner that have the same key, which is
// empty for those that have none, in order.
func (p *pairing) match(a, b []int, key func(*bootstrap.Step) string) {
	waiting := map[string][]int{}
	for _, j := range b {
		if k := key(p.stepsB[j]); k != "" && p.ofB[j] < 0 {
			waiting[k] = append(waiting[k], j)
		}
	}
	for _, i := range a {
		k := key(p.stepsA[i])
		if k == "" || p.ofA[i] >= 0 || len(waiting[k]) == 0 {
			continue
		}
		j := waiting[k][0]
		waiting[k] = waiting[k][1:]
		p.ofA[i], p.ofB[j] = j, i
		p.pairs++
		p.below(p.a[i], p.b[j])
	}
}

func command(s *bootstrap.Step) string {
	return strings.Join(append([]string{s.Dir}, s.Args...), "\x00")
}

// writes is by what else a step is known: the last file that it makes.
func writes(s *bootstrap.Step) string {
	if len(s.Outputs) == 0 {
		return ""
	}
	return s.Outputs[len(s.Outputs)-1].Path
}

func runs(s *bootstrap.Step) string {
	if len(s.Outputs) > 0 {
		return ""
	}
	return s.File.Path
}
