package m2planet

import (
	"fmt"
	"strconv"
	"strings"

	"stage0/source"
)

// A token is a word of the program. Tokens form a doubly linked list, which
// the preprocessor edits.
//
// A string or character literal has its opening quote and not its closing
// one; escapes stand as they were written.
type token struct {
	text       string
	next, prev *token
	file       *file
	off        int32 // where it stands in the file's text
	line       int32 // what __LINE__ gives for it
	id         int32 // shared by the copies of a token; upstream compares some texts by address
	made       *expansion
}

// A file is a text that tokens come from; #FILENAME starts another one.
type file struct {
	src   source.Source // none if it is the command line
	name  string        // what __FILE__ gives
	shift int           // what to add to a line of src for a line of name
	depth int           // of #include
}

// An expansion is a use of a macro.
type expansion struct {
	macro string
	at    *token
}

// first returns the first byte of the token's text, or 0.
func (t *token) first() byte {
	if t.text == "" {
		return 0
	}
	return t.text[0]
}

// show returns the token as a message shows it: in one line, and a literal
// with its closing quote.
func (t *token) show() string {
	quoted := strconv.Quote(t.text)
	switch c := t.first(); {
	case c == '\n':
		return "the end of the line"
	case c == '\'' && quoted == `"`+t.text+`"`, c == '"' && quoted == `"\`+t.text+`"`:
		return t.text + string(c)
	}
	return quoted
}

// unlink takes t out of its list and returns the token after it. t's own
// links stay.
// upstream: eat_token
func (t *token) unlink() *token {
	if t.prev != nil {
		t.prev.next = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	return t.next
}

// insertBefore links t in before point.
func (t *token) insertBefore(point *token) {
	t.next = point
	t.prev = point.prev
	if point.prev != nil {
		point.prev.next = t
	}
	point.prev = t
}

// position returns the place that t was read from, if there is one.
func (t *token) position() (p source.Position, ok bool) {
	if t.file.src.Text == nil {
		return source.Position{Name: t.file.name, Line: int(t.line), Col: 1}, false
	}
	return t.file.position(int64(t.off)), true
}

func (f *file) position(off int64) source.Position {
	p := f.src.Position(off)
	p.Name = f.name
	p.Line += f.shift
	return p
}

// An abort ends the run; Compile recovers it and returns err.
type abort struct{ err error }

// fail ends the run with an error at t.
func fail(t *token, format string, args ...any) {
	panic(abort{errorAt(t, format, args...)})
}

// fail ends the run with an error at an offset of f.
func (f *file) fail(off int, format string, args ...any) {
	panic(abort{&source.Error{Position: f.position(int64(off)), Msg: oneLine(fmt.Sprintf(format, args...))}})
}

// oneLine returns a message with escapes for what a terminal should not see.
func oneLine(msg string) string {
	msg = strconv.Quote(msg)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(msg[1 : len(msg)-1])
}

// maxUses is how many nested uses of macros a message lists, from the inside,
// besides the outermost one.
const maxUses = 3

// errorAt returns the error of which t is the place. For a token that a macro
// made, the message tells where the macro was used.
func errorAt(t *token, format string, args ...any) *source.Error {
	e := &source.Error{Msg: oneLine(fmt.Sprintf(format, args...))}
	known := false
	e.Position, known = t.position()
	for n := 0; t.made != nil; n++ {
		use := t.made
		t = use.at
		if n >= maxUses && t.made != nil {
			continue
		}
		at, ok := t.position()
		if !known {
			e.Position, known = at, ok
		}
		if n > maxUses {
			e.Msg += "; and so on"
		}
		e.Msg += fmt.Sprintf("; in macro %s, used at %s", use.macro, at)
	}
	return e
}

// A tokenPool makes tokens, many at a time.
type tokenPool struct {
	free []token
	ids  int32
}

// get returns a zero token.
func (p *tokenPool) get() *token {
	if len(p.free) == 0 {
		p.free = make([]token, 512)
	}
	t := &p.free[0]
	p.free = p.free[1:]
	return t
}

// newID returns the id of a text that is no copy.
func (p *tokenPool) newID() int32 {
	p.ids++
	return p.ids
}
