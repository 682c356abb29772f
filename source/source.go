// Package source has what all tools share about their input: named texts,
// positions, and errors and warnings with positions.
//
// Positions are written file:line:col. Lines and columns count from 1, columns
// count bytes, and only LF ends a line.
package source

import (
	"bytes"
	"fmt"
)

// A Source is an input text.
type Source struct {
	Name string // as shown in messages, usually the path the user typed
	Text []byte // must not change while the Source is in use
}

// Bytes returns a Source for a text.
func Bytes(name string, text []byte) Source { return Source{name, text} }

// String returns a Source for a text.
func String(name, text string) Source { return Source{name, []byte(text)} }

// A Position is a place in a text, as messages show it.
type Position struct {
	Name string `json:"file"`
	Line int    `json:"line"` // from 1
	Col  int    `json:"col"`  // in bytes, from 1
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.Name, p.Line, p.Col) }

// Position returns p, which is a Place too.
func (p Position) Position() Position { return p }

// Position returns the line and column of the byte at offset off, or of the end
// of the text if off is past it. It counts lines from the start of the text.
func (s Source) Position(off int) Position {
	before := s.Text[:min(off, len(s.Text))]
	return Position{
		Name: s.Name,
		Line: 1 + bytes.Count(before, []byte{'\n'}),
		Col:  len(before) - bytes.LastIndexByte(before, '\n'),
	}
}

// A Place is where something is in a text. Position computes its line and
// column, which takes a pass over the text.
type Place interface{ Position() Position }

// An offset is the Place of a byte.
type offset struct {
	src Source
	off int
}

func (o offset) Position() Position { return o.src.Position(o.off) }
func (o offset) String() string     { return o.Position().String() }

// At returns the Place of the byte at offset off. Messages show it as its
// Position.
func (s Source) At(off int) Place { return offset{s, off} }

// Errorf returns an Error at offset off of s.
func (s Source) Errorf(off int, format string, args ...any) *Error {
	return &Error{s.At(off), fmt.Sprintf(format, args...)}
}

// An Error is a fault in a text. Its Position is computed when it is asked for.
type Error struct {
	Place
	Msg string // lower case, one line
}

func (e *Error) Error() string { return e.Position().String() + ": " + e.Msg }

// A Char is a byte of a text as messages show it: 'x', or byte 0x80. It is
// formatted only when the message is: 100 MB of noise give 100 million
// warnings, most of which nobody sees.
type Char byte

func (c Char) String() string {
	if c < ' ' || c > '~' {
		return fmt.Sprintf("byte 0x%02X", byte(c))
	}
	return "'" + string(rune(c)) + "'"
}

// Diagnostics determines what happens to input that upstream's tool accepts but
// silently drops or mangles. The zero value also accepts it silently.
type Diagnostics struct {
	Strict bool         // make such input an error
	Warn   func(*Error) // called for each such place, unless Strict; may be nil
	Full   func() bool  // reports whether Warn wants no more; nil means never
}

// Report reports one such place. A non-nil error ends the run.
func (d Diagnostics) Report(s Source, off int, format string, args ...any) error {
	switch {
	case d.Strict:
		return s.Errorf(off, format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(s.Errorf(off, format, args...))
	}
	return nil
}
