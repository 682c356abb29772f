// Package recheck checks a proof of hex0 by executing the program on the processor that
// it runs on, one instruction at a time. It shares no code with package emu, so what it
// confirms does not depend on the emulator. It runs on Linux on amd64, and checks
// programs for amd64 and for x86, whose code the processor executes in a 32-bit code
// segment.
//
// A certificate lists the states in which the program makes a system call, and says
// where each answer to the call leads. The checker sets a traced process to each state,
// and follows each answer: the process must reach the state that the certificate names,
// and load no byte of memory that is neither live in the state nor stored to on the way.
// The system calls are compared with a specification of hex0. No call is ever executed.
// Package prove documents the format.
//
// State 0 must be how Linux starts the program with two arguments; all registers must be
// listed; and only bytes of the stack may be live. Otherwise a certificate could prove
// something about another program.
package recheck

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A certificate is what a proof says.
type certificate struct {
	arch, sha256 string
	registers    []string
	sites        map[uint64][]uint64 // the addresses of the bytes that are live there
	states       []state
}

// A state is a state in which the program makes a system call, or its start.
type state struct {
	pc     uint64
	regs   []uint64
	memory []byte         // the live bytes
	call   string         // as in the file
	edges  map[int]string // by answer, where they lead
}

// maxLive is how many bytes may be live at a site: a page.
const maxLive = 4096

// Answers to a call other than the bytes that read returns.
const (
	endOfFile = 256
	noInput   = -1
)

// parse reads a certificate.
func parse(r io.Reader) (*certificate, error) {
	c := &certificate{sites: map[uint64][]uint64{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 1
	for ; lines.Scan(); n++ {
		if err := c.line(n, strings.Split(lines.Text(), " ")); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if n == 1 && lines.Err() == nil {
		return nil, errors.New("the certificate is empty")
	}
	return c, lines.Err()
}

// line reads a line, which is words.
func (c *certificate) line(n int, words []string) error {
	p := parser{words: words}
	kind := p.word()
	switch {
	case n == 1:
		if version := p.word(); kind != "stage0-hex0-proof" || version != "1" {
			return errors.New("not a certificate of version 1, which begins with stage0-hex0-proof 1")
		}
	case len(c.states) > 0 && slices.Contains([]string{"program", "registers", "site"}, kind): // states depend on these lines
		return fmt.Errorf("%q after the first state", kind)
	case kind == "program":
		c.arch, c.sha256 = p.word(), p.word()
	case kind == "registers":
		c.registers, p.words = p.words, nil
	case kind == "site":
		pc, live := p.hex(), []uint64{}
		for len(p.words) > 0 {
			start, length, _ := strings.Cut(p.word(), "+")
			size := p.parse(length)
			if size > maxLive || len(live) > maxLive {
				return fmt.Errorf("more than %d live bytes", maxLive)
			}
			for i := range size {
				live = append(live, p.parse(start)+i)
			}
		}
		c.sites[pc] = live
	case kind == "state":
		if p.word() != strconv.Itoa(len(c.states)) {
			return fmt.Errorf("not state %d", len(c.states))
		}
		s := state{pc: p.hex(), edges: map[int]string{}}
		for _, v := range strings.Split(p.word(), ",") {
			s.regs = append(s.regs, p.parse(v))
		}
		memory, err := hex.DecodeString(strings.TrimPrefix(p.word(), "-"))
		if err != nil {
			return err
		}
		s.memory, s.call = memory, p.word()
		if len(s.regs) != len(c.registers) || len(s.memory) != len(c.sites[s.pc]) {
			return fmt.Errorf("%d registers and %d bytes of memory, expected %d and %d", len(s.regs), len(s.memory), len(c.registers), len(c.sites[s.pc]))
		}
		c.states = append(c.states, s)
	case kind == "edge":
		from, err := strconv.Atoi(p.word())
		if err != nil || from < 0 || from >= len(c.states) {
			return fmt.Errorf("no such state")
		}
		answers, to := p.word(), p.word()
		for _, word := range strings.Split(answers, ",") {
			first, last := noInput, noInput
			switch low, high, isRange := strings.Cut(word, "-"); {
			case word == "end":
				first, last = endOfFile, endOfFile
			case word != "*":
				first = int(p.parse(low))
				if last = first; isRange {
					last = int(p.parse(high))
				}
			}
			for a := first; a <= min(last, endOfFile); a++ {
				c.states[from].edges[a] = to
			}
		}
	default:
		return fmt.Errorf("%q is unknown", kind)
	}
	if p.err == nil && len(p.words) > 0 {
		return fmt.Errorf("more words than expected")
	}
	return p.err
}

// A parser takes words from a line. It keeps the first error.
type parser struct {
	words []string
	err   error
}

func (p *parser) word() string {
	if len(p.words) == 0 {
		if p.err == nil {
			p.err = fmt.Errorf("fewer words than expected")
		}
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *parser) hex() uint64 { return p.parse(p.word()) }

func (p *parser) parse(word string) uint64 {
	v, err := strconv.ParseUint(word, 16, 64)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("%q is not a hexadecimal number", word)
	}
	return v
}
