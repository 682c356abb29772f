package mesoplanet

import (
	"strings"

	"stage0/internal/cpp"
)

// Limits of the preprocessor. Without limits, upstream runs out of memory.
const (
	maxMade       = 1 << 22 // tokens made by macros in a run
	maxMadeBytes  = 1 << 26 // bytes of these tokens
	maxExpansions = 10_000  // nested uses of macros
	maxOutput     = 1 << 30 // bytes of the program
)

// A preprocessor acts on directives and expands macros. Tokens move from the
// reader to the program, are dropped, or are replaced.
type preprocessor struct {
	opt     *Options
	reader  *reader
	program *Program

	in   [][]cpp.Token // tokens made by macros and not yet read, the last list first; none is empty
	head cpp.Token     // of the reader, after in
	more bool          // whether head is valid
	last cpp.Token     // the previous head

	macros  map[string]*macro
	defined int // number of macros, including hidden ones
	ifs     cpp.Ifs

	made, madeBytes int // tokens made so far, and bytes of them
}

// at returns the current token, or nil at the end.
func (p *preprocessor) at() *cpp.Token {
	if n := len(p.in); n > 0 {
		return &p.in[n-1][0]
	}
	if p.more {
		return &p.head
	}
	return nil
}

// drop removes the current token.
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

// keep moves the current token to the program.
func (p *preprocessor) keep() {
	p.program.append(p.at())
	p.drop()
}

// here returns the current token. At the end of the program it fails; wanted is
// what was expected.
func (p *preprocessor) here(wanted string) *cpp.Token {
	t := p.at()
	if t == nil {
		end := p.last
		end.Off += int32(len(end.Text))
		end.Fail("the program ends here; expected %s", wanted)
	}
	return t
}

// Here is here, for cpp.Stream.
func (p *preprocessor) Here(wanted string) *cpp.Token { return p.here(wanted) }

// Eat removes the current token and the spaces after it.
// upstream: eat_current_token
func (p *preprocessor) Eat() {
	p.drop()
	for t := p.at(); t != nil && t.First() == ' '; t = p.at() {
		p.drop()
	}
}

// Macro returns the body of the macro that the current token names.
func (p *preprocessor) Macro() (first string, n int, ok bool) {
	m := p.macros[p.at().Text]
	if m == nil || len(m.body) == 0 {
		return "", 0, m != nil
	}
	return m.body[0].Text, len(m.body), true
}

// eat is Eat, and fails at the end of the program; wanted is what was expected.
func (p *preprocessor) eat(wanted string) {
	p.Eat()
	p.here(wanted)
}

// lineEnd names the end of a line in messages.
const lineEnd = "the end of the line"

// run preprocesses the program.
// upstream: preprocess
func (p *preprocessor) run() {
	p.head, p.more = p.reader.next()
	startOfLine := true
	for t := p.at(); t != nil; t = p.at() {
		switch c := t.First(); {
		case startOfLine && c == '#':
			directive := *t
			p.directive(directive)
			if t := p.here(lineEnd); t.First() != '\n' {
				t.Fail("found %s, expected the end of the line after %s", t.Show(), directive.Text)
			}
		case c == '\n':
			startOfLine = true
			p.keep()
		case p.ifs.LeftOut():
			p.ifs.Skip()
			startOfLine = true
		default:
			startOfLine = false
			p.expand()
		}
	}
	p.ifs.End()
}

// upstream: macro_directive
func (p *preprocessor) directive(d cpp.Token) {
	switch d.Text {
	case "#if":
		p.eat("a condition")
		p.openIf(d, p.ifs.Condition() != 0)
	case "#ifdef", "#ifndef":
		found := p.lookup() != nil
		p.openIf(d, found == (d.Text == "#ifdef"))
	case "#elif":
		p.eat("a condition")
		value := p.ifs.Condition()
		c := p.ifs.Innermost(&d)
		c.Include = !c.Matched && p.ifs.Build.And(value, 1) != 0
		if !c.Matched && !c.Include && value != 0 {
			p.report(&d, "the condition is %d; M2-Mesoplanet takes an even value for 0 here", value)
		}
		c.Matched = c.Matched || c.Include
	case "#else":
		p.eat(lineEnd)
		c := p.ifs.Innermost(&d)
		c.Include = !c.Matched
	case "#endif":
		p.ifs.Close(&d)
		p.eat(lineEnd)
	case "#define":
		p.define()
	case "#undef":
		p.undefine(&d)
	case "#error", "#warning":
		p.message(d)
	case "#FILENAME":
		p.dropLine()
	default:
		p.report(&d, "M2-Mesoplanet does not know %s; the line is dropped", d.Text)
		p.dropLine()
	}
}

// dropLine removes the tokens up to the end of the line.
func (p *preprocessor) dropLine() {
	for p.at().First() != '\n' {
		p.eat(lineEnd)
	}
}

func (p *preprocessor) openIf(d cpp.Token, include bool) {
	if p.ifs.LeftOut() {
		p.report(&d, "%s at the start of a part that is left out; M2-Mesoplanet acts on it", d.Text)
	}
	p.ifs.Open(&d, include)
}

// message acts on #error and #warning.
// upstream: handle_error
func (p *preprocessor) message(d cpp.Token) {
	p.eat(lineEnd)
	if p.ifs.LeftOut() {
		p.dropLine()
		return
	}
	var words strings.Builder
	for p.here(lineEnd).First() != '\n' {
		words.WriteString(p.at().Text)
		p.keep()
	}
	text := strings.TrimSpace(d.Text + " " + words.String())
	if d.Text == "#error" {
		d.Fail("%s", text)
	}
	if p.opt.Warn != nil {
		p.opt.Warn(d.Errorf("%s", text))
	}
	if words.Len() > 0 {
		p.report(&d, "M2-Mesoplanet does not drop the words after #warning")
	}
}

// report reports input that upstream silently accepts.
func (p *preprocessor) report(t *cpp.Token, format string, args ...any) {
	t.Report(p.opt.Diagnostics, format, args...)
}
