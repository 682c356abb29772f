package recheck

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"stage0/hex0"
)

// A Result is what a check found out.
type Result struct {
	Arch        string
	States      int // the program's start, and those in which it makes a system call
	Transitions int // the ways on from them, each executed
	Steps       int // instructions executed
}

// A MachineError is the reason why this machine cannot check a certificate.
type MachineError struct{ Err error }

func (e *MachineError) Error() string { return e.Err.Error() }

// Check checks the certificate of a program. The error says what is wrong with it, or is
// a *MachineError.
func Check(program []byte, r io.Reader) (*Result, error) {
	cert, err := parse(r)
	if err != nil {
		return nil, err
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(program)); got != cert.sha256 {
		return nil, fmt.Errorf("the certificate is for the program with digest %s, not %s", cert.sha256, got)
	}
	if len(cert.states) == 0 {
		return nil, fmt.Errorf("the certificate has no states")
	}
	if err := cert.checkStart(program); err != nil {
		return nil, err
	}
	t, err := start(program, cert)
	if err != nil {
		return nil, &MachineError{err}
	}
	defer t.end()
	c := checker{certificate: cert, tracee: t, text: hex0.ForArch(cert.arch), specs: make([]*spec, len(cert.states))}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Result{cert.arch, len(cert.states), c.transitions, t.steps}, nil
}

// A checker follows the edges of a certificate.
type checker struct {
	*certificate
	*tracee
	text        hex0.Options
	specs       []*spec // of each state that was reached
	queue       []int   // states that were reached, and not yet followed
	transitions int
}

// A spec is where hex0 is when it makes a system call.
type spec struct {
	calls   int // of open
	text    hex0.State
	pending int // the byte to write, or noInput
	atEnd   bool
}

// expected returns the system call that hex0 makes. Of the last words of open and read,
// some do not matter.
func (s spec) expected() string {
	switch {
	case s.calls < 2:
		return [...]string{"open:in:0:", "open:out:241:1c0"}[s.calls]
	case s.pending != noInput:
		return fmt.Sprintf("write:4:%02x", s.pending)
	case s.atEnd:
		return "exit:0"
	}
	return "read:3:"
}

// check follows all edges, from the start on.
func (c *checker) check() error {
	if first := c.states[0]; first.call != "start" {
		return fmt.Errorf("state 0 is not the start")
	}
	if err := c.reach(0, "1", spec{pending: noInput}, noInput); err != nil {
		return err
	}
	for len(c.queue) > 0 {
		from := c.queue[0]
		c.queue = c.queue[1:]
		s := *c.specs[from]
		answers := []int{noInput}
		switch call, _, _ := strings.Cut(c.states[from].call, ":"); call {
		case "open":
			s.calls++
		case "write":
			s.pending = noInput
		case "read":
			answers = nil
			for a := range endOfFile + 1 {
				answers = append(answers, a)
			}
		}
		for _, a := range answers {
			to, next := c.states[from].edges[a], s
			if a == endOfFile {
				next.atEnd = true
			} else if a != noInput {
				var out byte
				var ok bool
				if next.text, out, ok = c.text.Step(s.text, byte(a)); ok {
					next.pending = int(out)
				}
			}
			if err := c.reach(from, to, next, a); err != nil {
				return fmt.Errorf("state %d, answer %s: %w", from, answerName(a), err)
			}
		}
	}
	return c.codeChanged()
}

// answerName returns an answer in the notation of a certificate.
func answerName(answer int) string {
	switch answer {
	case noInput:
		return "*"
	case endOfFile:
		return "end"
	}
	return fmt.Sprintf("%02x", answer)
}

// reach executes the program from a state, with an answer to its system call, and checks
// that it leads to where the certificate says, and that this is as specified.
func (c *checker) reach(from int, to string, s spec, answer int) error {
	c.transitions++
	call, err := c.follow(&c.states[from], answer)
	if err != nil {
		return err
	}
	want := s.expected()
	if call != want && !(strings.HasSuffix(want, ":") && strings.HasPrefix(call, want)) || strings.HasPrefix(call, "read:") && !strings.HasSuffix(call, ":1") {
		return fmt.Errorf("the program calls %s, expected %s", call, want)
	}
	if strings.HasPrefix(call, "exit:") {
		if to != call {
			return fmt.Errorf("the program ends with %s, the certificate says %q", call, to)
		}
		return nil
	}
	if to == "" {
		return errors.New("the certificate has no edge")
	}
	n, err := strconv.Atoi(to)
	if err != nil || n < 0 || n >= len(c.states) {
		return fmt.Errorf("the program makes a call; the certificate says that it leads to %q, which is not one of its states", to)
	}
	if err := c.compare(&c.states[n], call); err != nil {
		return fmt.Errorf("not state %d: %w", n, err)
	}
	switch old := c.specs[n]; {
	case old == nil:
		c.specs[n] = &s
		c.queue = append(c.queue, n)
	case *old != s:
		return fmt.Errorf("state %d stands for two states of hex0", n)
	}
	return nil
}
