package m2planet

import (
	"strings"

	"stage0/internal/cpp"
)

// Limits of the preprocessor. Without limits, upstream runs out of memory.
const (
	maxMade     = 1 << 20 // tokens made by macros and #include in a run,
	madePerByte = 8       // and so many more for each byte of the sources
	maxIncluded = 1 << 30 // bytes read by #include in a run
	maxSearched = 1 << 26 // tokens searched for parameters in a run
)

// A Define is a macro without parameters; see Options.
type Define struct{ Name, Value string }

// A macro is a definition of a macro.
type macro struct {
	name     string
	body     []*token
	params   []param // of a function-like macro, which has at least one
	shadowed *macro  // an older one of the same name
}

// A param is a parameter of a function-like macro. M() has one without a name.
type param struct {
	name  string
	named bool
}

// A preprocessor edits the list of tokens: it acts on directives and expands
// macros.
type preprocessor struct {
	*scanner
	opt *Options

	at       *token // the current token; nil at the end
	macros   map[string]*macro
	ifs      cpp.Ifs
	made     int // tokens made so far
	mostMade int // limit of made
	included int // bytes that #include has read
	searched int // tokens searched for parameters so far
}

func (p *preprocessor) define(m *macro) {
	m.shadowed = p.macros[m.name]
	p.macros[m.name] = m
}

// predefine defines a macro of upstream or of an option.
// upstream: init_macro_env
func (p *preprocessor) predefine(d Define, from string) {
	t := p.get()
	*t = token{Token: cpp.Token{Text: d.Value, File: &cpp.File{Name: from}}, id: p.newID()}
	p.define(&macro{name: d.Name, body: []*token{t}})
}

// end returns the position for messages about the end of the program.
func (p *preprocessor) end() *token {
	end := &token{Token: p.last.Token}
	end.Off += int32(len(end.Text))
	return end
}

// here returns the current token. At the end of the program it fails; wanted is
// what was expected.
func (p *preprocessor) here(wanted string) *token {
	if p.at == nil {
		p.end().Fail("the program ends here; expected %s", wanted)
	}
	return p.at
}

// Here, Eat and Macro implement cpp.Stream.
func (p *preprocessor) Here(wanted string) *cpp.Token { return &p.here(wanted).Token }

// Eat removes the current token.
func (p *preprocessor) Eat() { p.eat("") }

// Macro returns the body of the macro that the current token names.
func (p *preprocessor) Macro() (first string, n int, ok bool) {
	m := p.lookup(p.at)
	if m == nil || m.body == nil {
		return "", 0, m != nil
	}
	return m.body[0].Text, len(m.body), true
}

// eat removes the current token from the program.
// upstream: eat_current_token
func (p *preprocessor) eat(wanted string) {
	t := p.here(wanted)
	p.at = t.unlink()
	if t == p.head {
		p.head = p.at
	}
}

// stripDirectives removes every directive.
// upstream: remove_preprocessor_directives
func (p *preprocessor) stripDirectives() {
	var first *token
	for t := p.head; t != nil; {
		if t.First() == '#' {
			for t != nil && t.First() != '\n' {
				t = t.unlink()
			}
			continue
		}
		if first == nil {
			first = t
		}
		t = t.next
	}
	p.head = first
}

// stripNewlines removes the line ends, which only the preprocessor needs.
// upstream: eat_newline_tokens
func (p *preprocessor) stripNewlines() {
	for p.at = p.head; p.at != nil; {
		if p.at.Text == "\n" {
			p.eat("")
		} else {
			p.at = p.at.next
		}
	}
}

// run preprocesses the program.
// upstream: preprocess
func (p *preprocessor) run() {
	startOfLine := true
	for p.at = p.head; p.at != nil; {
		switch c := p.at.First(); {
		case startOfLine && c == '#':
			directive := p.at
			p.directive()
			if p.at != nil && p.at.First() != '\n' {
				p.at.Fail("found %s, expected the end of the line after %s", p.at.Show(), directive.Text)
			}
		case c == '\n':
			startOfLine = true
			p.at = p.at.next
		default:
			startOfLine = false
			p.expand()
		}
	}
	p.ifs.End()
}

// upstream: macro_directive
func (p *preprocessor) directive() {
	d := p.at
	switch d.Text {
	case "#if":
		p.eat("")
		p.openIf(d, p.ifs.Condition() != 0)
	case "#ifdef", "#ifndef":
		p.eat("")
		name := p.name(d)
		include := (p.lookup(name) != nil) == (d.Text == "#ifdef")
		if include {
			p.eat("")
		}
		p.openIf(d, include)
	case "#elif":
		p.eat("")
		p.here("a condition")
		include := p.ifs.Condition() != 0
		c := p.ifs.Innermost(&d.Token)
		if !include || c.Matched {
			p.skipBlock()
		} else {
			c.Matched = true
		}
	case "#else":
		p.eat("")
		p.here("the end of the line")
		if p.ifs.Innermost(&d.Token).Matched {
			p.skipBlock()
		}
	case "#endif":
		p.ifs.Close(&d.Token)
		p.eat("")
	case "#define":
		p.handleDefine()
	case "#undef":
		p.eat("")
		name := p.name(d)
		if m := p.macros[name.Text]; m != nil {
			p.macros[name.Text] = m.shadowed
		}
		p.eat("")
	case "#error", "#warning":
		p.message()
	case "#include":
		if p.opt.ExpandIncludes {
			p.include()
		}
		p.eatLine()
	default:
		p.report(d, "M2-Planet does not know %s; the line is ignored", d.Text)
		p.eatLine()
	}
}

// report reports input that upstream silently accepts.
func (p *preprocessor) report(t *token, format string, args ...any) {
	t.Report(p.opt.Diagnostics, format, args...)
}

// name returns the current token, which should be a name after directive d.
func (p *preprocessor) name(d *token) *token {
	wanted := "the name of a macro after " + d.Text
	name := p.here(wanted)
	if d.Text == "#define" && name.First() == '\n' {
		name.Fail("found %s, expected %s", name.Show(), wanted)
	}
	name.CheckName(p.opt.Diagnostics, wanted)
	return name
}

// eatLine removes the tokens up to the end of the line.
func (p *preprocessor) eatLine() {
	for p.at != nil && p.at.First() != '\n' {
		p.eat("")
	}
}

// openIf acts on #if, #ifdef and #ifndef.
func (p *preprocessor) openIf(d *token, include bool) {
	p.ifs.Open(&d.Token, include)
	if !include {
		p.skipBlock()
	}
}

// skipBlock removes a branch that is not taken. It stops at the newline before
// #elif, #else or #endif, because directives start a line.
func (p *preprocessor) skipBlock() {
	p.ifs.Skip()
	if t := p.at; t.prev == nil {
		newline := p.get()
		*newline = token{Token: cpp.Token{Text: "\n", File: t.File}, next: t, line: t.line}
		p.at = newline
	} else if t.prev.Text == "\n" {
		p.at = t.prev
	}
}

// handleDefine acts on #define. It removes the macro's body from the program.
// upstream: handle_define
func (p *preprocessor) handleDefine() {
	d := p.at
	p.eat("")
	name := p.name(d)
	m := &macro{name: name.Text}
	p.eat("")
	switch p.here("the end of the line").First() {
	case ' ':
		p.eat("")
	case '(':
		p.parameters(m)
	}
	for {
		t := p.here("the end of the line")
		if t.First() == '\n' {
			break
		}
		m.body = append(m.body, t)
		p.eat("")
	}
	p.define(m)
}

// parameters reads the parameters of a function-like macro. Of several names
// without a comma between them the last one counts.
// upstream: handle_function_like_macro
func (p *preprocessor) parameters(m *macro) {
	const wanted = "a parameter or ) in #define"
	p.eat(wanted)
	last := param{}
	for {
		switch t := p.here(wanted); t.First() {
		case ')':
			m.params = append(m.params, last)
			p.eat(wanted)
			return
		case '.':
			t.Fail("macros with a variable number of arguments are not supported")
		default:
			if last.named {
				p.report(t, "found %s, expected , or ); M2-Planet drops the parameter %s", t.Show(), last.name)
			}
			last = param{t.Text, true}
			p.eat(wanted)
		}
		if p.here(wanted).First() == ',' {
			m.params = append(m.params, last)
			last = param{}
			p.eat(wanted)
		}
	}
}

// message acts on #error and #warning. The words after #warning are compiled.
// upstream: handle_error
func (p *preprocessor) message() {
	d := p.at
	words := []string{d.Text}
	for p.eat(""); p.here("the end of the line").First() != '\n'; p.at = p.at.next {
		words = append(words, p.at.Text)
	}
	text := strings.Join(words, " ")
	switch {
	case d.Text == "#error":
		d.Fail("%s", text)
	case len(words) == 1:
		p.report(d, "%s", text)
	default:
		p.report(d, "%s; M2-Planet compiles these words", text)
	}
}
