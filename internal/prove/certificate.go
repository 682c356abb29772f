package prove

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteCertificate writes the proof of a program, for a checker that need not search:
// the states that the program can be in when it makes a system call, and the ways on
// from each. Package recheck checks it. The error is why the program is not proved, or one
// of w.
//
// A certificate is lines of words that are separated by a space. Numbers are
// hexadecimal, but for the numbers of states.
//
//	stage0-hex0-proof 1                the version of the format
//	program ARCH SHA256                the program's architecture, and its file's digest
//	registers NAME...                  all registers, in the order of all states
//	site ADDR START+LENGTH...          the memory that is live where the program counter is ADDR
//	state NUMBER ADDR REGISTERS MEMORY CALL
//	    a state: its site, values of registers and of live memory (or -), separated by
//	    commas; and the system call that it makes: start (none), open:PATH:FLAGS:MODE,
//	    read:FD:ADDRESS:COUNT, write:FD:BYTES
//	edge FROM ANSWERS TO
//	    the way on from a state, to another or to exit:STATUS. ANSWERS are the bytes
//	    that read returns, such as 00-09,0b,end (end is the end of the input), and * for
//	    other calls
//
// State 0 is the start of the program.
func WriteCertificate(w io.Writer, file []byte) error {
	e, err := newExploration(file, mostStates)
	if err != nil {
		return err
	}
	defer e.close()
	e.record = true
	if err := e.prove(); err != nil {
		return err
	}
	c := certifier{bufio.NewWriter(w), e}
	fmt.Fprintf(c, "stage0-hex0-proof 1\nprogram %s %x\nregisters", e.Arch, sha256.Sum256(file))
	for _, r := range e.CPU.Registers(nil) {
		fmt.Fprintf(c, " %s", r.Name)
	}
	fmt.Fprintln(c)
	for _, pc := range slices.Sorted(maps.Keys(e.sites)) {
		fmt.Fprintf(c, "site %x", pc)
		c.ranges(e.sites[pc].live)
		fmt.Fprintln(c)
	}
	e.restart()
	c.state(0, "start")
	fmt.Fprintln(c, "edge 0 * 1")
	for i, n := range e.nodes {
		e.set(n.state)
		c.state(i+1, n.call.certified())
		c.edges(i)
	}
	return c.Flush()
}

// A certifier writes the certificate of an exploration.
type certifier struct {
	*bufio.Writer
	*exploration
}

// ranges writes indices in memory as ranges of addresses.
func (c certifier) ranges(live []int) {
	for i := 0; i < len(live); {
		n := 1
		for i+n < len(live) && live[i+n] == live[i]+n {
			n++
		}
		w := c.stack
		if uint64(live[i]) >= c.image.Offset {
			w = c.image
		}
		fmt.Fprintf(c, " %x+%x", w.Base+uint64(live[i])-w.Offset, n)
		i += n
	}
}

// state writes the state that the machine is in.
func (c certifier) state(number int, call string) {
	fmt.Fprintf(c, "state %d %x ", number, c.CPU.PC())
	for i, r := range c.CPU.Registers(nil) {
		if i > 0 {
			c.WriteByte(',')
		}
		fmt.Fprintf(c, "%x", r.Value)
	}
	c.WriteByte(' ')
	if len(c.site.live) == 0 {
		c.WriteByte('-')
	}
	for _, i := range c.site.live {
		fmt.Fprintf(c, "%02x", c.memory[i])
	}
	fmt.Fprintf(c, " %s\n", call)
}

// edges writes the ways on from a node.
func (c certifier) edges(i int) {
	answers := map[string][]input{} // by where they lead to
	var order []string
	for _, w := range c.ways[i] {
		to := fmt.Sprint(w.to + 1)
		if w.to < 0 {
			to = fmt.Sprintf("exit:%d", w.status)
		}
		if answers[to] == nil {
			order = append(order, to)
		}
		answers[to] = append(answers[to], w.input)
	}
	for _, to := range order {
		fmt.Fprintf(c, "edge %d %s %s\n", i+1, inputs(answers[to]), to)
	}
}

// inputs returns what read returns, in the notation of a certificate.
func inputs(list []input) string {
	var words []string
	for i := 0; i < len(list); {
		first := list[i]
		for i++; i < len(list) && list[i] == list[i-1]+1 && list[i] < endOfFile; i++ {
		}
		switch last := list[i-1]; {
		case first == nothing:
			words = append(words, "*")
		case first == endOfFile:
			words = append(words, "end")
		case first == last:
			words = append(words, fmt.Sprintf("%02x", int(first)))
		default:
			words = append(words, fmt.Sprintf("%02x-%02x", int(first), int(last)))
		}
	}
	return strings.Join(words, ",")
}

// certified returns the call in the notation of a certificate.
func (c call) certified() string {
	switch c.name {
	case "open":
		return fmt.Sprintf("open:%s:%x:%x", c.path, c.flags, c.mode)
	case "read":
		return fmt.Sprintf("read:%x:%x:%x", c.fd, c.addr, c.count)
	}
	return fmt.Sprintf("write:%x:%x", c.fd, c.data)
}
