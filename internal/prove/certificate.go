package prove

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
)

// WriteCertificate writes the proof of a program, for a checker that need not search:
// the states that the program can be in when it makes a system call, and the ways on
// from each. Package recheck checks it. The program must be the variant of hex0 that is
// its architecture's. The error is why that is not proved, or one of w. Certify also
// returns the proof.
//
// A certificate is lines of words that are separated by a space. Numbers are
// hexadecimal, but for the numbers of states.
//
//	stage0-hex0-proof 2              the version of the format
//	program ARCH SHA256              the program's architecture, and its file's digest
//	registers NAME...                all registers, in the order of all states
//	start ADDR MEMORY                the stack pointer and the stack at the start; all other registers are zero
//	site ADDR FIRST+LENGTH...        the memory that is live where the program counter is ADDR
//	state NUMBER ADDR REGISTERS MEMORY CALL
//	    a state in which the program makes a system call: its site, the values of
//	    registers, separated by commas, and of the site's memory (or -); and the call:
//	    open:PATH:FLAGS:MODE, read:FD:ADDRESS:COUNT or write:FD:BYTES
//	edge FIRST-LAST TO               where the answers from FIRST to LAST lead from the last state: to a state, or to exit
//
// The answers to a read are 0 to ff, the byte that it returns, and 100, the end of the
// input. Other calls have the one answer 0. The program starts in state 0.
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
	return e.certify(w, file)
}

// certify writes the certificate of a proof that has succeeded, with its ways recorded.
func (e *exploration) certify(w io.Writer, file []byte) error {
	c := certifier{bufio.NewWriter(w), e}
	fmt.Fprintf(c, "stage0-hex0-proof 2\nprogram %s %x\nregisters", e.Arch, sha256.Sum256(file))
	for _, r := range e.CPU.Registers(nil) {
		fmt.Fprintf(c, " %s", r.Name)
	}
	fmt.Fprintln(c)
	e.restart()
	fmt.Fprintf(c, "start %x %x\n", e.sp, e.memory[e.index(e.sp):][:e.stack.Base+e.stack.Size-e.sp])
	for _, pc := range slices.Sorted(maps.Keys(e.sites)) {
		fmt.Fprintf(c, "site %x", pc)
		c.ranges(e.sites[pc].live)
		fmt.Fprintln(c)
	}
	for i, n := range e.nodes {
		e.set(n.state)
		c.state(i, n.call.certified())
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
	ways := c.ways[i]
	for len(ways) > 0 {
		n := 1
		for n < len(ways) && ways[n].to == ways[0].to {
			n++
		}
		to := "exit"
		if ways[0].to >= 0 {
			to = fmt.Sprint(ways[0].to)
		}
		fmt.Fprintf(c, "edge %x-%x %s\n", max(ways[0].input, 0), max(ways[n-1].input, 0), to)
		ways = ways[n:]
	}
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
