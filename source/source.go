// Package source is what every tool shares about its input: a text with a
// name, a window through which it is read, a position in it, and an error or
// a warning at such a position.
//
// Positions are written file:line:col. Lines and columns count from 1; a
// column is a byte, and only LF ends a line.
package source

import (
	"bytes"
	"fmt"
	"io"
)

// A Source is one input text. The text is read through an io.ReaderAt, so that
// a tool that makes two passes over 400 MB of assembly need not hold it.
type Source struct {
	Name string      // as it stands in messages, usually the path the user typed
	Text io.ReaderAt // must give the same bytes whenever it is read
	Size int64       // length of Text in bytes
}

// Bytes returns a Source for a text in memory. The text must not change while
// the Source is in use.
func Bytes(name string, text []byte) Source {
	return Source{Name: name, Text: memory(text), Size: int64(len(text))}
}

// String returns a Source for a text in memory.
func String(name, text string) Source { return Bytes(name, []byte(text)) }

// memory is a text in memory; a Window shows it without copying.
type memory []byte

func (m memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m).ReadAt(p, off)
}

// ReadAll returns the whole text. The caller must not write to it.
func (s Source) ReadAll() ([]byte, error) {
	if m, ok := s.Text.(memory); ok {
		return m, nil
	}
	text := make([]byte, s.Size)
	n, err := s.Text.ReadAt(text, 0)
	if n == len(text) {
		return text, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("%s: %w", s.Name, err)
}

// A Position is a place in a text.
type Position struct {
	Name string
	Line int // from 1
	Col  int // in bytes, from 1
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.Name, p.Line, p.Col) }

// Position returns the line and column of the byte at offset off, or of the
// end of the text if that comes first. It counts the lines by reading the text
// again, so it is for messages, not for loops.
func (s Source) Position(off int64) Position {
	p := Position{Name: s.Name, Line: 1, Col: 1}
	off = min(off, s.Size)
	buf := make([]byte, 8<<10) // small, as twenty warnings make twenty of them
	for at := int64(0); at < off; {
		n, _ := s.Text.ReadAt(buf[:min(int64(len(buf)), off-at)], at)
		if n == 0 {
			break
		}
		at += int64(n)
		chunk := buf[:n]
		if last := bytes.LastIndexByte(chunk, '\n'); last >= 0 {
			p.Line += bytes.Count(chunk, []byte{'\n'})
			p.Col = 1
			chunk = chunk[last+1:]
		}
		p.Col += len(chunk)
	}
	return p
}

// Errorf returns an Error at offset off of s.
func (s Source) Errorf(off int64, format string, args ...any) *Error {
	return &Error{Position: s.Position(off), Msg: fmt.Sprintf(format, args...)}
}

// An Error is what is wrong with a text, and where.
type Error struct {
	Position
	Msg string // lower case, one line
}

func (e *Error) Error() string { return e.Position.String() + ": " + e.Msg }

// A Char is a byte of a text, as messages show it: 'x', or byte 0x80. It is
// formatted only if the message is: 100 MB of noise are 100 million warnings,
// most of which nobody sees.
type Char byte

func (c Char) String() string {
	if c < ' ' || c > '~' {
		return fmt.Sprintf("byte 0x%02X", byte(c))
	}
	return "'" + string(rune(c)) + "'"
}

// Diagnostics says what becomes of input that upstream's tool accepts and
// silently drops or mangles. The zero value accepts it as silently.
type Diagnostics struct {
	Strict bool         // refuse such input
	Warn   func(*Error) // told about each such place, unless Strict; may be nil
	Full   func() bool  // says when Warn wants no more; nil if it always does
}

// Report is called with each such place. The error it returns, if any, ends
// the run. A warning costs a pass over the text, for its position: a caller
// whose input may be 100 MB of noise sets Full.
func (d Diagnostics) Report(s Source, off int64, format string, args ...any) error {
	switch {
	case d.Strict:
		return s.Errorf(off, format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(s.Errorf(off, format, args...))
	}
	return nil
}

// ReportAt is Report for who keeps count of lines and columns.
func (d Diagnostics) ReportAt(p Position, format string, args ...any) error {
	switch {
	case d.Strict:
		return &Error{p, fmt.Sprintf(format, args...)}
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(&Error{p, fmt.Sprintf(format, args...)})
	}
	return nil
}
