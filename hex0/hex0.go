// Package hex0 is the first assembler of the ladder: hex digits in, bytes out.
//
// # The format
//
// A hex0 text consists of hex digits of either case and comments. Two digits
// make a byte, the high digit first. A '#' or ';' starts a comment that runs to
// the end of the line. Any other character is skipped, also between the two
// digits of a byte.
//
//	48C7C0 3C000000   # mov rax, 60
//	48C7C7 2A000000   ; mov rdi, 42
//	0F05
//
// # Upstream
//
// This package behaves like hex0-seed of stage0-posix 1.9.1, whose source is
// <ARCH>/hex0_<ARCH>.hex0. The seeds differ in small ways, which Options
// covers:
//
//   - riscv32 and riscv64 also end a comment at CR.
//   - x86 and amd64 accept g and G as digits of value 16.
//
// Input that upstream accepts silently is reported to Options.Diagnostics: an
// odd last digit (dropped), a character that is not a digit, white space or
// part of a comment (skipped), and the digit g.
package hex0

import (
	"io"
	"math"
	"slices"
	"strings"

	"stage0/source"
)

// Options selects the seed's variant and how to treat doubtful input. The zero
// value is the aarch64 seed.
type Options struct {
	CommentEndsAtCR bool // CR ends a comment, as LF does
	DigitG          bool // g and G are digits of value 16
	source.Diagnostics
}

// seeds has the options of the architectures' seeds that are not zero.
var seeds = map[string]Options{
	"x86":     {DigitG: true},
	"amd64":   {DigitG: true},
	"riscv32": {CommentEndsAtCR: true},
	"riscv64": {CommentEndsAtCR: true},
}

// ForArch returns the options of the architecture's seed.
func ForArch(name string) Options { return seeds[name] }

// Assemble writes the bytes that src encodes to w. Its errors are those of w,
// and, if opt is strict, *source.Error.
func Assemble(w io.Writer, src source.Source, opt Options) error {
	states, table := opt.table()
	text, now := src.Text, byte(0)
	out := make([]byte, 0, 32<<10)
	for i, c := range text {
		e := table[now][c]
		now = e.next
		if e.effect == 0 {
			continue
		}
		if e.effect&doubtful != 0 {
			if err := opt.Report(src, i, opt.doubt(c), source.Char(c)); err != nil {
				return err
			}
		}
		if e.effect&completes != 0 {
			if out = append(out, e.out); len(out) == cap(out) {
				if _, err := w.Write(out); err != nil {
					return err
				}
				out = out[:0]
			}
		}
	}
	if states[now].Half {
		last, _ := opt.firstDigit(text, math.MaxInt64)
		if err := opt.Report(src, last, "the last digit has no partner; dropped"); err != nil {
			return err
		}
	}
	_, err := w.Write(out)
	return err
}

// An entry is the result of Step for a State and a byte.
type entry struct {
	next   byte // number of the next State
	out    byte // if the effect completes it
	effect uint16
}

// Effects of a byte, besides the next State.
const (
	completes = 1 << iota // a byte of output
	doubtful              // it is reported
)

// table returns the States that a text can lead to, the zero State first, and for
// each what Step does. Looking that up is faster than Step.
func (opt Options) table() (states []State, table [][256]entry) {
	states = []State{{}}
	for i := 0; i < len(states); i++ {
		var row [256]entry
		for c := range row {
			next, out, ok := opt.Step(states[i], byte(c))
			n := slices.Index(states, next)
			if n < 0 {
				n = len(states)
				states = append(states, next)
			}
			e := entry{next: byte(n), out: out}
			if ok {
				e.effect |= completes
			}
			if !states[i].Comment && opt.doubt(byte(c)) != "" {
				e.effect |= doubtful
			}
			row[c] = e
		}
		table = append(table, row)
	}
	return states, table
}

// doubt returns what a warning says of a byte outside a comment, with a verb for
// the byte, or "".
func (opt Options) doubt(c byte) string {
	switch value, digit := opt.digit(c); {
	case value == 16:
		return "%s is taken for a digit of value 16"
	case digit, startsComment(c), strings.IndexByte(" \t\n\v\f\r", c) >= 0:
		return ""
	}
	return "%s is not a hex digit; skipped"
}
