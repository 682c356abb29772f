package prove

import (
	"errors"
	"fmt"
	"slices"

	"stage0/hex0"
)

// A node is a state in which a program makes a system call, with the states of its
// world and of the contract.
type node struct {
	state    []byte // of the machine
	call     call
	world    worldState
	contract contract

	from  int   // the node before; -1 for the first
	input input // what was read on the way from there
}

// A departure is where the program leaves a node, but does not reach another.
type departure struct {
	from  int // the node
	input input
	made  call  // exit, or a call that the contract does not allow, or the world does not know
	want  call  // what the contract asks for
	err   error // in place of made: a *cpu.Fault, or errRuns
}

// An ending is a way in which a program ends.
type ending struct {
	status int32
	kept   bool   // the contract was kept
	other  string // in place of an exit: the error, or the unknown call
}

// An exploration visits all nodes that a program can reach in a world.
type exploration struct {
	*machine
	world  *world
	text   hex0.Options // the variant of hex0 that the program should be
	strict bool         // end at the first call that the contract does not allow
	most   int          // how many nodes there may be
	record bool         // note the ways

	nodes       []node
	numbers     map[string]int       // of nodes, by key
	now, later  []int                // nodes not visited yet: those that need no more input than the last one, and the others
	quiet       [][]int              // of each node: those reached from it without input
	ways        [][]way              // of each node, if record: in the order of the answers
	reads       int                  // nodes at a read
	transitions int                  // answers to them
	difference  *departure           // if strict
	endings     map[ending]departure // with the first place of each
	key         []byte
}

// A way leads on from a node.
type way struct {
	input  input
	to     int   // the node; -1: the program exits
	status int32 // with this status
}

// mostStates is how many nodes an exploration may have; a seed has fewer than 1,000.
const mostStates = 20_000

// newExploration loads a program, to prove that it is the hex0 of its architecture. Its
// owner must close it.
func newExploration(file []byte, most int) (*exploration, error) {
	return newExplorationAt(file, most, 0)
}

// newExplorationAt is newExploration with a stack that is lower than usual by a number of
// bytes.
func newExplorationAt(file []byte, most int, lower uint64) (*exploration, error) {
	m, err := newMachine(file, normal.args, lower)
	if err != nil {
		return nil, err
	}
	return &exploration{machine: m, world: &normal, text: hex0.ForArch(m.Arch), strict: true, most: most}, nil
}

// errDifference is returned by prove for a program that is not hex0; its difference
// says why.
var errDifference = errors.New("the program is not hex0")

// errNames is returned by prove for a program that is hex0 if its files have the names
// that they have here.
var errNames = errors.New("the program loads or changes the names of its files itself, so that it may depend on them")

// prove visits all nodes. The error is why that proves nothing.
func (e *exploration) prove() error {
	err := e.explore()
	addr, modified := e.modified()
	switch {
	case modified && !e.fetches: // it may have been set to code that it no longer has
		return fmt.Errorf("the program changes its own code, at %#x", addr)
	case e.difference != nil:
		return errDifference
	case err == nil && e.looksAtNames():
		return errNames
	case err == nil && e.looksPastArguments():
		return errors.New("the program loads more of its stack than its arguments, so that it may depend on its environment")
	}
	return err
}

// explore visits all nodes, those that need less input first.
func (e *exploration) explore() error {
	for {
		e.nodes, e.quiet, e.ways, e.now, e.later = nil, nil, nil, nil, nil
		e.numbers, e.endings = map[string]int{}, map[ending]departure{}
		e.reads, e.transitions, e.difference = 0, 0, nil
		err := e.visit()
		if !e.grown {
			return err
		}
	}
}

// visit visits all nodes, unless a byte of memory turns out to be live.
func (e *exploration) visit() error {
	e.restart()
	if err := e.follow(node{contract: atStart, from: -1, input: nothing}); err != nil {
		return err
	}
	for len(e.now)+len(e.later) > 0 {
		if len(e.now) == 0 {
			e.now, e.later = e.later, nil
		}
		i := e.now[0]
		e.now = e.now[1:]
		n := e.nodes[i]
		for _, a := range e.world.answers(n.world, n.call) {
			if n.call.name == "read" {
				e.transitions++
			}
			e.set(n.state)
			e.answer(n.call, a)
			err := e.follow(node{world: a.next, contract: n.contract.after(n.call, a, e.text), from: i, input: a.input})
			if err != nil || e.grown || e.difference != nil {
				return err
			}
		}
	}
	return nil
}

// assembles reports whether the program keeps the contract for the input text. If not, err
// is the error of run, or nil if it makes a call that the contract does not allow.
func (e *exploration) assembles(text []byte) (err error, ok bool) {
	e.restart()
	c, w := atStart, worldState{}
	for {
		made, err := e.run()
		if err != nil || !c.allows(made) {
			return err, false
		}
		if made.name == "exit" {
			return nil, true
		}
		var a answer
		switch {
		case made.name != "read":
			a = e.world.answers(w, made)[0]
		case len(text) > 0:
			a = answer{1, input(text[0]), w}
			text = text[1:]
		default:
			a = answer{0, endOfFile, w}
		}
		e.answer(made, a)
		c, w = c.after(made, a, e.text), a.next
	}
}

// answer gives the program what a world answers to its system call.
func (e *exploration) answer(c call, a answer) {
	if a.input >= 0 && a.input < endOfFile {
		e.Memory.Write(c.addr, []byte{byte(a.input)})
	}
	e.CPU.SetResult(int64(a.result))
}

// follow runs the program to its next system call, and notes where that is. n has what
// is known of the node there.
func (e *exploration) follow(n node) error {
	made, err := e.run()
	leaves := departure{from: n.from, input: n.input, made: made, err: err}
	if e.strict && (err != nil || !n.contract.allows(made)) {
		leaves.want = n.contract.expected()
		e.difference = &leaves
		return nil
	}
	end := ending{status: made.status, kept: n.contract.kept()}
	switch {
	case err != nil:
		end = ending{other: err.Error()}
	case made.known():
		n.call = made
		return e.reach(n)
	case made.name != "exit":
		end = ending{other: "it makes " + made.String()}
	}
	if e.record && n.from >= 0 {
		e.ways[n.from] = append(e.ways[n.from], way{n.input, -1, made.status})
	}
	if _, found := e.endings[end]; !found && (n.world.failed || !e.world.mayFail()) {
		e.endings[end] = leaves
	}
	return nil
}

// reach notes that the program has reached n.
func (e *exploration) reach(n node) error {
	e.key = e.append(e.key[:0])
	size := len(e.key)
	e.key = n.call.append(n.contract.append(n.world.append(e.key)))
	i, found := e.numbers[string(e.key)]
	if !found {
		n.state = slices.Clone(e.key[:size])
		if i = len(e.nodes); i == e.most {
			return fmt.Errorf("more than %d states", e.most)
		}
		e.numbers[string(e.key)] = i
		e.nodes, e.quiet, e.ways = append(e.nodes, n), append(e.quiet, nil), append(e.ways, nil)
		if n.call.name == "read" {
			e.reads++
		}
		if n.input >= 0 {
			e.later = append(e.later, i)
		} else {
			e.now = append(e.now, i)
		}
	}
	if e.record && n.from >= 0 {
		e.ways[n.from] = append(e.ways[n.from], way{input: n.input, to: i})
	}
	if n.input < 0 && n.from >= 0 {
		e.quiet[n.from] = append(e.quiet[n.from], i)
	}
	return nil
}

// inputTo returns what was read on the way to a departure: the bytes, and whether
// the end of the input was read.
func (e *exploration) inputTo(d departure) (text []byte, end bool) {
	add := func(in input) {
		if in == endOfFile {
			end = true
		} else if in >= 0 {
			text = append(text, byte(in))
		}
	}
	add(d.input)
	for i := d.from; i >= 0; i = e.nodes[i].from {
		add(e.nodes[i].input)
	}
	slices.Reverse(text)
	return text, end
}
