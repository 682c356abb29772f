package mesoplanet

import (
	"fmt"

	"stage0/source"
)

// A token is a piece of the program: its tokens, one after the other, are all
// of its text.
type token struct {
	text string
	file *file
	off  int32      // where it stands in the file's text
	made *expansion // what made it; nil if it stands there
}

// A file is a text that tokens come from.
type file struct {
	src  source.Source // none if it is the command line
	name string        // upstream's; that of an included file has its quotes
}

// An expansion is a use of a macro.
type expansion struct {
	macro string
	at    token
	depth int
}

// first returns the first byte of the token's text, or 0.
func (t *token) first() byte {
	if t.text == "" {
		return 0
	}
	return t.text[0]
}

// position returns the place that t was read from, if there is one.
func (t *token) position() (p source.Position, ok bool) {
	if t.file.src.Text == nil {
		return source.Position{Name: t.file.name, Line: 1, Col: 1}, false
	}
	return t.file.src.Position(int64(t.off)), true
}

// An abort ends the run; Preprocess recovers it and returns err.
type abort struct{ err error }

// fail ends the run with an error at t.
func fail(t *token, format string, args ...any) {
	panic(abort{errorAt(t, format, args...)})
}

// fail ends the run with an error at an offset of f.
func (f *file) fail(off int, format string, args ...any) {
	panic(abort{f.src.Errorf(int64(off), format, args...)})
}

// maxUses is how many nested macro uses a message lists.
const maxUses = 4

// errorAt returns the error of which t is the place. For a token that a macro
// made, the message tells where the macro was used.
func errorAt(t *token, format string, args ...any) *source.Error {
	e := &source.Error{Msg: fmt.Sprintf(format, args...)}
	known := false
	e.Position, known = t.position()
	for n := 0; t.made != nil; n++ {
		use, ok := t.made.at.position()
		if !known {
			e.Position, known = use, ok
		}
		if n == maxUses {
			e.Msg += "; and so on"
			break
		}
		e.Msg += fmt.Sprintf("; in macro %s, used at %s", t.made.macro, use)
		t = &t.made.at
	}
	return e
}

// report tells d of what upstream takes in silence.
func report(d source.Diagnostics, t *token, format string, args ...any) {
	switch {
	case d.Strict:
		fail(t, format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(errorAt(t, format, args...))
	}
}
