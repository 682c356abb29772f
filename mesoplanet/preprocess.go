package mesoplanet

import (
	"strings"
)

// Limits of the preprocessor. Upstream has none, and runs out of memory.
const (
	maxMade       = 1 << 22 // tokens that macros make in a run
	maxExpansions = 10_000  // macros used by macros
	maxNesting    = 20_000  // nested conditions, and #ifs in a part that is left out
)

// A preprocessor acts on directives and expands macros. Tokens move from the
// reader to the program, are dropped, or are replaced.
type preprocessor struct {
	opt     *Options
	build   *build
	reader  *reader
	program *Program

	in   [][]token // what macros made and is to come, the last list first; none is empty
	head token     // of the reader, after in
	more bool      // whether there is a head
	last token     // the last head before

	macros  map[string]*macro
	defined int // how many macros there are, with those that others hide
	ifs     []conditional
	made    int // tokens made so far
}

// A conditional is an #if.
type conditional struct {
	at      token
	include bool // this part is not left out
	matched bool // this part, or one before, is not
}

// at returns the token at hand, or nil at the end.
func (p *preprocessor) at() *token {
	if n := len(p.in); n > 0 {
		return &p.in[n-1][0]
	}
	if p.more {
		return &p.head
	}
	return nil
}

// drop removes the token at hand.
func (p *preprocessor) drop() {
	i := len(p.in) - 1
	if i < 0 {
		p.last = p.head
		p.head, p.more = p.reader.next()
		return
	}
	if p.in[i] = p.in[i][1:]; len(p.in[i]) == 0 {
		p.in = p.in[:i]
	}
}

// keep moves the token at hand to the program.
func (p *preprocessor) keep() {
	p.program.append(p.at())
	p.drop()
}

// here returns the token at hand; wanted says what for, should there be none.
func (p *preprocessor) here(wanted string) *token {
	t := p.at()
	if t == nil {
		end := p.last
		end.off += int32(len(end.text))
		fail(&end, "the program ends here; expected %s", wanted)
	}
	return t
}

// eat removes the token at hand, and the spaces after it.
// upstream: eat_current_token
func (p *preprocessor) eat(wanted string) {
	p.drop()
	for p.here(wanted).first() == ' ' {
		p.drop()
	}
}

// lineEnd is what the end of a directive is asked for with.
const lineEnd = "the end of the line"

// run preprocesses the program.
// upstream: preprocess
func (p *preprocessor) run() {
	p.head, p.more = p.reader.next()
	startOfLine := true
	for t := p.at(); t != nil; t = p.at() {
		switch c := t.first(); {
		case startOfLine && c == '#':
			directive := *t
			p.directive(directive)
			if t := p.here(lineEnd); t.first() != '\n' {
				fail(t, "found %q, expected the end of the line after %s", t.text, directive.text)
			}
		case c == '\n':
			startOfLine = true
			p.keep()
		case p.leftOut():
			p.skipBlock()
			startOfLine = true
		default:
			startOfLine = false
			p.expand()
		}
	}
	if n := len(p.ifs); n > 0 {
		t := &p.ifs[n-1].at
		p.report(t, "%s has no #endif", t.text)
	}
}

// leftOut reports whether an #if leaves out what is at hand.
func (p *preprocessor) leftOut() bool { return len(p.ifs) > 0 && !p.ifs[len(p.ifs)-1].include }

// upstream: macro_directive
func (p *preprocessor) directive(d token) {
	switch d.text {
	case "#if":
		p.eat("a condition")
		p.openIf(d, p.condition() != 0)
	case "#ifdef", "#ifndef":
		found := p.lookup() != nil
		p.openIf(d, found == (d.text == "#ifdef"))
	case "#elif":
		p.eat("a condition")
		value := p.condition()
		c := p.innermostIf(&d)
		if !p.build.logical && value&1 == 0 && value != 0 && !c.matched {
			p.report(&d, "the condition is %d; M2-Mesoplanet takes an even one for 0 here", value)
		}
		c.include = p.build.and(value, truth(!c.matched)) != 0
		c.matched = c.matched || c.include
	case "#else":
		p.eat(lineEnd)
		c := p.innermostIf(&d)
		c.include = !c.matched
	case "#endif":
		p.innermostIf(&d)
		p.eat(lineEnd)
		p.ifs = p.ifs[:len(p.ifs)-1]
	case "#define":
		p.define()
	case "#undef":
		p.undefine(&d)
	case "#error", "#warning":
		p.message(d)
	case "#FILENAME":
		p.dropLine()
	default:
		p.report(&d, "M2-Mesoplanet does not know %s; the line is dropped", d.text)
		p.dropLine()
	}
}

// dropLine removes what is up to the end of the line.
func (p *preprocessor) dropLine() {
	for p.at().first() != '\n' {
		p.eat(lineEnd)
	}
}

// innermostIf returns the #if that directive d belongs to.
func (p *preprocessor) innermostIf(d *token) *conditional {
	if len(p.ifs) == 0 {
		fail(d, "%s without #if", d.text)
	}
	return &p.ifs[len(p.ifs)-1]
}

func (p *preprocessor) openIf(d token, include bool) {
	if p.leftOut() {
		p.report(&d, "%s comes first in a part that is left out; M2-Mesoplanet does not leave it out", d.text)
	}
	p.ifs = append(p.ifs, conditional{d, include, include})
}

// endOfIf is what a missing #endif is asked for with.
const endOfIf = "#endif"

func (p *preprocessor) atIf() bool {
	switch p.at().text {
	case "#if", "#ifdef", "#ifndef":
		return true
	}
	return false
}

// skipBlock removes what is left out, up to #elif, #else or #endif.
// upstream: eat_block
func (p *preprocessor) skipBlock() {
	for {
		if p.atIf() {
			p.eat(endOfIf)
			p.skipToEndif(1)
		}
		p.eat(endOfIf)
		switch p.at().text {
		case "#elif", "#else", "#endif":
			return
		}
	}
}

// skipToEndif removes what is up to the #endif of an #if in a part that is
// left out.
// upstream: eat_until_endif
func (p *preprocessor) skipToEndif(depth int) {
	if depth > maxNesting {
		fail(p.at(), "#if is nested more than %d deep", maxNesting)
	}
	for {
		if p.atIf() {
			p.eat(endOfIf)
			p.skipToEndif(depth + 1)
		}
		p.eat(endOfIf)
		if p.at().text == "#endif" {
			return
		}
	}
}

// message acts on #error and #warning.
// upstream: handle_error
func (p *preprocessor) message(d token) {
	p.eat(lineEnd)
	if p.leftOut() {
		p.dropLine()
		return
	}
	var words strings.Builder
	for p.here(lineEnd).first() != '\n' {
		words.WriteString(p.at().text)
		p.keep()
	}
	text := strings.TrimSpace(d.text + " " + words.String())
	if d.text == "#error" {
		fail(&d, "%s", text)
	}
	if p.opt.Warn != nil {
		p.opt.Warn(errorAt(&d, "%s", text))
	}
	if words.Len() > 0 {
		p.report(&d, "M2-Mesoplanet leaves the words after #warning in the program")
	}
}

// report tells of what upstream takes in silence.
func (p *preprocessor) report(t *token, format string, args ...any) {
	report(p.opt.Diagnostics, t, format, args...)
}
