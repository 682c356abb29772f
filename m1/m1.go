// Package m1 is the macro assembler.
package m1

import (
	"fmt"
	"io"

	"stage0/source"
)

// A Radix is the form in which bytes are written.
type Radix int

// The forms of output.
const (
	Hex Radix = iota
	Octal
	Binary
)

// Options says what to assemble for, and how.
type Options struct {
	Architecture string // a name in package arch
	BigEndian    bool   // numbers are written with their high byte first
	Radix        Radix
	source.Diagnostics
}

// flushSize is how much output is collected before it is written.
const flushSize = 64 << 10

// An assembler writes the output of a run.
type assembler struct {
	*scanner
	*macros
	dialect    dialect
	immediates [256]*immediate // by sigil
	digits
	littleEndian bool

	w   io.Writer
	out []byte
}

// Assemble writes to w what srcs, one after the other, stand for.
func Assemble(w io.Writer, srcs []source.Source, opt Options) error {
	a := assembler{w: w, digits: forms[opt.Radix], littleEndian: !opt.BigEndian, out: make([]byte, 0, flushSize+flushSize/2)}
	for _, d := range dialects {
		if d.name == opt.Architecture {
			a.dialect = d
		}
	}
	if a.dialect.name == "" {
		return fmt.Errorf("unknown architecture %q", opt.Architecture)
	}
	for i := range a.dialect.immediates {
		a.immediates[a.dialect.immediates[i].sigil] = &a.dialect.immediates[i]
	}
	var err error
	if a.macros, err = collect(srcs, opt.Diagnostics); err != nil {
		return err
	}
	a.scanner = newScanner(srcs, opt.Diagnostics)
	return a.run(srcs)
}

// run writes the expression of every token, and between two of them a space,
// or a line end if there is one or a definition between them.
//
// upstream: print_hex
func (a *assembler) run(srcs []source.Source) error {
	var between []byte // the last token and the next
	for a.next() {
		switch {
		case a.kind == newline:
			between = []byte{'\n'}
			continue
		case a.isDefine():
			if _, ok := a.definition(); !ok {
				return a.err
			}
			between = []byte{'\n'}
			continue
		}
		a.out = append(a.out, between...)
		between = []byte{' '}
		if err := a.expression(); err != nil {
			return err
		}
		if len(a.out) >= flushSize {
			if _, err := a.w.Write(a.out); err != nil {
				return err
			}
			a.out = a.out[:0]
		}
	}
	switch {
	case a.err != nil:
		return a.err
	case len(srcs) == 0:
		return fmt.Errorf("no input file")
	case between == nil:
		return srcs[len(srcs)-1].Errorf(srcs[len(srcs)-1].Size, "found the end of the input, want something to assemble")
	}
	_, err := a.w.Write(append(a.out, between...))
	return err
}
