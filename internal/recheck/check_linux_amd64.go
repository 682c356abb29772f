package recheck

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"stage0/hex0"
)

// Check checks the certificate of a program. The error says what is wrong with it, or is
// a *MachineError.
func Check(program []byte, r io.Reader) (*Result, error) {
	c := checker{lines: bufio.NewScanner(r), sites: map[uint64][]span{}, states: []*state{{}}, numbers: map[place]int{}}
	c.lines.Buffer(nil, 1<<20)
	err := c.check(program)
	if c.tracee != nil {
		c.tracee.end()
	}
	if machine := (*MachineError)(nil); err != nil && !errors.As(err, &machine) {
		err = fmt.Errorf("line %d: %w", c.line, err)
	}
	if err != nil {
		return nil, err
	}
	return &Result{c.arch, len(c.states) - 1, c.transitions, c.steps}, nil
}

// A checker reads a certificate, and executes a program.
type checker struct {
	*tracee
	arch        string
	lines       *bufio.Scanner
	line        int
	sites       map[uint64][]span // the bytes that are live there, in ascending order
	states      []*state          // in the order in which they are found: the start, and those of the certificate
	numbers     map[place]int
	transitions int
}

// A span is a range of bytes on the stack.
type span struct{ first, size uint64 }

// A state is the program's start, or a state in which it makes a system call.
type state struct {
	text   string // in the certificate: all of the following
	pc     uint64
	regs   []uint64
	live   []uint64 // addresses of bytes of memory
	memory []byte   // their values
	call   string
	spec   spec
}

// A place is where the program is and where hex0 is: two states of hex0 may be one of
// the program.
type place struct {
	text string
	spec spec
}

// next reads a line.
func (c *checker) next() string {
	c.line++
	c.lines.Scan() // at the end, and after an error, a line is empty
	return c.lines.Text()
}

// expect reads a line, which must be as given.
func (c *checker) expect(format string, args ...any) error {
	if want, got := fmt.Sprintf(format, args...), c.next(); got != want {
		return fmt.Errorf("expected %q, have %.300q", want, got)
	}
	return nil
}

// check checks the certificate.
func (c *checker) check(program []byte) (err error) {
	if err := c.expect("stage0-hex0-proof 2"); err != nil {
		return err
	}
	fmt.Sscanf(c.next(), "program %s", &c.arch)
	if want := fmt.Sprintf("program %s %x", c.arch, sha256.Sum256(program)); c.lines.Text() != want {
		return fmt.Errorf("expected %.300q, have %.300q", want, c.lines.Text())
	}
	begin := c.states[0]
	if c.tracee, err = start(c.arch, program, begin); err != nil {
		return &MachineError{err}
	}
	if err := errors.Join(c.expect("registers %s", c.order), c.expect("start %x %x", begin.live[0], begin.memory)); err != nil {
		return err
	}
	text := c.next()
	for ; strings.HasPrefix(text, "site "); text = c.next() {
		if err := c.site(strings.Split(text, " ")[1:]); err != nil {
			return err
		}
	}
	for i := 0; i < len(c.states); i++ {
		if want := fmt.Sprintf("state %d %s", i-1, c.states[i].text); i > 0 && text != want {
			return fmt.Errorf("expected %q, have %.300q", want, text)
		}
		if err := c.follow(i); err != nil {
			return err
		}
		if i > 0 {
			text = c.next()
		}
	}
	if text != "" {
		return fmt.Errorf("expected the end, have %.300q", text)
	}
	return c.lines.Err()
}

// site reads an address, and the ranges of bytes that are live there.
func (c *checker) site(words []string) error {
	pc, err := strconv.ParseUint(words[0], 16, 64)
	if err != nil {
		return fmt.Errorf("%.300q is not an address", words[0])
	}
	for _, word := range words[1:] {
		first, size, _ := strings.Cut(word, "+")
		a, e := strconv.ParseUint(first, 16, 64)
		n, e2 := strconv.ParseUint(size, 16, 16)
		if e != nil || e2 != nil || n == 0 || !c.onStack(a, n) {
			return fmt.Errorf("%.300q is not a range on the stack", word)
		}
		if all := c.sites[pc]; len(all) > 0 && a < all[len(all)-1].first+all[len(all)-1].size {
			return fmt.Errorf("%.300q is not after the ranges before it", word)
		}
		c.sites[pc] = append(c.sites[pc], span{a, n})
	}
	return nil
}

// follow lets the program go on from state i for each answer, and compares with the
// certificate where it comes to.
func (c *checker) follow(i int) error {
	s, name, answers := c.states[i], "the start", 1
	if i > 0 {
		name = fmt.Sprintf("state %d", i-1)
	}
	if strings.HasPrefix(s.call, "read:") {
		answers = endOfFile + 1
	}
	first, to := 0, ""
	for a := range answers + 1 {
		next := ""
		if a < answers {
			var err error
			if next, err = c.reach(s, a); err != nil {
				return fmt.Errorf("from %s with answer %x: %w", name, a, err)
			}
		}
		if a > 0 && next != to && i > 0 {
			if err := c.expect("edge %x-%x %s", first, a-1, to); err != nil {
				return err
			}
			first = a
		}
		to = next
	}
	return nil
}

// reach executes the program from a state, with an answer to its system call, and
// returns where it comes to: the number of a state, or exit.
func (c *checker) reach(from *state, answer int) (string, error) {
	c.transitions++
	call, err := c.run(from, answer)
	if err != nil {
		return "", err
	}
	spec := from.spec.after(from.call, answer, hex0.ForArch(c.arch))
	if !spec.makes(call) {
		return "", fmt.Errorf("the program calls %s, which hex0 does not", call)
	}
	if spec.atEnd {
		return "exit", nil
	}
	s, err := c.now(call, c.sites[c.regs.Rip])
	if err != nil {
		return "", err
	}
	n, found := c.numbers[place{s.text, spec}]
	if !found {
		s.spec, n = spec, len(c.states)-1
		c.states, c.numbers[place{s.text, spec}] = append(c.states, s), n
	}
	return strconv.Itoa(n), nil
}

// A spec is where hex0 is when it makes a system call.
type spec struct {
	opened  int // files
	text    hex0.State
	writes  bool
	pending byte // to be written
	atEnd   bool
}

// endOfFile is the answer to a read at the end of the input.
const endOfFile = 0x100

// after returns where hex0 is after a call has been answered.
func (s spec) after(call string, answer int, opt hex0.Options) spec {
	name, _, _ := strings.Cut(call, ":")
	switch {
	case name == "open":
		s.opened++
	case name == "write":
		s.writes, s.pending = false, 0
	case name == "read" && answer == endOfFile:
		s.atEnd = true
	case name == "read":
		var out byte
		if s.text, out, s.writes = opt.Step(s.text, byte(answer)); s.writes {
			s.pending = out
		}
	}
	return s
}

// makes reports whether hex0 makes a system call there. Open's mode is not used for the
// input, and read may use any address.
func (s spec) makes(call string) bool {
	switch {
	case s.opened == 0:
		return strings.HasPrefix(call, "open:in:0:")
	case s.opened == 1:
		return call == "open:out:241:1c0"
	case s.writes:
		return call == fmt.Sprintf("write:4:%02x", s.pending)
	case s.atEnd:
		return call == "exit:0"
	}
	return strings.HasPrefix(call, "read:3:") && strings.HasSuffix(call, ":1")
}
