// Package cpp has the common parts of the preprocessors of M2-Planet and
// M2-Mesoplanet: tokens and messages about them, the conditions of #if, and the
// arithmetic of the builds of upstream's programs. Directives and macros differ,
// and are in packages m2planet and mesoplanet.
//
// A run fails with a panic, which Recover turns into an error.
package cpp

import (
	"fmt"
	"strconv"
	"strings"

	"stage0/source"
)

// A Token is a piece of a program.
type Token struct {
	Text string
	File *File
	Off  int32      // offset in the file
	Made *Expansion // the use of a macro that made it; nil for a token of the file
}

// A File is a text that tokens come from.
type File struct {
	Name  string // in messages
	Text  string // empty if it is not a file, but the command line
	Shift int    // line of Name minus line of Text
	Depth int    // of #include
}

// Limits of the texts.
const (
	maxText     = 1 << 30 // bytes
	MaxIncludes = 200     // nested #include
)

// Read reads src; name is its name in messages.
func Read(src source.Source, name string) *File {
	f := &File{Name: name, Text: string(src.Text)}
	if len(f.Text) > maxText {
		f.Fail(maxText, "the text is longer than %d bytes", maxText)
	}
	return f
}

// Position returns the place of an offset.
func (f *File) Position(off int) source.Position {
	before := f.Text[:min(off, len(f.Text))]
	return source.Position{
		Name: f.Name,
		Line: 1 + strings.Count(before, "\n") + f.Shift,
		Col:  len(before) - strings.LastIndexByte(before, '\n'),
	}
}

// An Expansion is a use of a macro.
type Expansion struct {
	At    Token      // the name of the macro
	Outer *Expansion // the outermost use that this one is part of, or itself
	Depth int        // number of uses of macros that it is part of, including itself
}

// Expand returns the use of a macro by its name.
func Expand(name *Token) *Expansion {
	use := &Expansion{At: *name, Depth: 1}
	use.Outer = use
	if around := name.Made; around != nil {
		use.Outer, use.Depth = around.Outer, around.Depth+1
	}
	return use
}

// First returns the first byte of the token's text, or 0.
func (t *Token) First() byte {
	if t.Text == "" {
		return 0
	}
	return t.Text[0]
}

// Show returns the token as a message shows it: in one line, and a literal
// with its closing quote, which tokens of M2-Planet lack.
func (t *Token) Show() string {
	quoted := strconv.Quote(t.Text)
	switch c := t.First(); {
	case c == '\n':
		return "the end of the line"
	case c == '\'' && quoted == `"`+t.Text+`"` && strings.Count(t.Text, "'") == 1,
		c == '"' && quoted == `"\`+t.Text+`"`:
		return t.Text + string(c)
	}
	return quoted
}

// An abort ends a run.
type abort struct{ err error }

// Recover sets err if the run failed. It must be deferred.
func Recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case abort:
		*err = r.err
	default:
		panic(r)
	}
}

// Fail ends the run with an error at t.
func (t *Token) Fail(format string, args ...any) { panic(abort{t.Errorf(format, args...)}) }

// Fail ends the run with an error at an offset of f.
func (f *File) Fail(off int, format string, args ...any) {
	panic(abort{&source.Error{Place: f.Position(off), Msg: oneLine(fmt.Sprintf(format, args...))}})
}

// Report reports input that upstream silently accepts to d.
func (t *Token) Report(d source.Diagnostics, format string, args ...any) {
	switch {
	case d.Strict:
		t.Fail(format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(t.Errorf(format, args...))
	}
}

// CheckName reports a token that should be a name and is not. Upstream accepts any
// token.
func (t *Token) CheckName(d source.Diagnostics, wanted string) {
	if !Letter.Has(t.First()) {
		t.Report(d, "found %s, expected %s", t.Show(), wanted)
	}
}

// oneLine returns a message with its control characters escaped.
func oneLine(msg string) string {
	msg = strconv.Quote(msg)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(msg[1 : len(msg)-1])
}

// maxUses is the number of nested uses of macros in a message, from the inside,
// without the outermost one.
const maxUses = 3

// Errorf returns an error at t. For a token that a macro made, the message has the
// position of the use of the macro.
func (t *Token) Errorf(format string, args ...any) *source.Error {
	e := &source.Error{Place: t.position(), Msg: oneLine(fmt.Sprintf(format, args...))}
	known := t.File.Text != ""
	use := t.Made
	for n := 0; use != nil; n++ {
		if n == maxUses && use != use.Outer {
			e.Msg += "; and so on"
			use = use.Outer
		}
		at := use.At.position()
		if !known {
			e.Place, known = at, use.At.File.Text != ""
		}
		e.Msg += fmt.Sprintf("; in macro %s, used at %s", use.At.Text, at)
		use = use.At.Made
	}
	return e
}

func (t *Token) position() source.Position { return t.File.Position(int(t.Off)) }
