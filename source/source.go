// Package source has what all tools share about their input: named texts,
// windows to read them through, positions, and errors and warnings with
// positions.
//
// Positions are written file:line:col. Lines and columns count from 1, columns
// count bytes, and only LF ends a line.
package source

import (
	"bytes"
	"fmt"
	"io"
)

// A Source is an input text. It is read through an io.ReaderAt, so a tool that
// makes two passes over 400 MB of assembly need not hold it in memory.
type Source struct {
	Name string      // as shown in messages, usually the path the user typed
	Text io.ReaderAt // must return the same bytes on every read
	Size int64       // length of Text in bytes
}

// Bytes returns a Source for a text in memory. The text must not change while
// the Source is in use.
func Bytes(name string, text []byte) Source {
	return Source{Name: name, Text: memory(text), Size: int64(len(text))}
}

// String returns a Source for a text in memory.
func String(name, text string) Source { return Bytes(name, []byte(text)) }

// memory is a text in memory. A Window shows it without copying.
type memory []byte

func (m memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m).ReadAt(p, off)
}

// ReadAll returns the whole text. The caller must not modify it.
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

// Position returns the line and column of the byte at offset off, or of the end
// of the text if off is past it. It rereads the text to count lines, so use it
// for messages, not in loops.
func (s Source) Position(off int64) Position {
	p := Position{Name: s.Name, Line: 1, Col: 1}
	off = min(off, s.Size)
	buf := make([]byte, 8<<10) // small, since each of up to twenty warnings allocates one
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

// An Error is a fault in a text, with its position.
type Error struct {
	Position
	Msg string // lower case, one line
}

func (e *Error) Error() string { return e.Position.String() + ": " + e.Msg }

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

// Report reports one such place. A non-nil error ends the run. Finding the
// position of a warning costs a pass over the text, so a caller whose input may
// be 100 MB of noise should set Full.
func (d Diagnostics) Report(s Source, off int64, format string, args ...any) error {
	switch {
	case d.Strict:
		return s.Errorf(off, format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(s.Errorf(off, format, args...))
	}
	return nil
}

// ReportAt is Report for callers that track lines and columns themselves.
func (d Diagnostics) ReportAt(p Position, format string, args ...any) error {
	switch {
	case d.Strict:
		return &Error{p, fmt.Sprintf(format, args...)}
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(&Error{p, fmt.Sprintf(format, args...)})
	}
	return nil
}
