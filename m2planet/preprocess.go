package m2planet

import (
	"strings"

	"stage0/source"
)

// Limits of the preprocessor. Upstream has none, and runs out of memory.
const (
	maxIncludes = 200     // nested #include
	maxMade     = 1 << 20 // tokens that macros and #include make in a run,
	madePerByte = 8       // besides so many for each byte of the sources
	maxIncluded = 1 << 30 // bytes that #include reads in a run
	maxIfs      = 100_000 // nested #if in a part that is left out
	maxSearched = 1 << 26 // tokens that are searched for parameters in a run
)

// A Define is a macro without parameters; see Options.
type Define struct{ Name, Value string }

// A macro is what #define made.
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

	at       *token // where it is; nil at the end
	macros   map[string]*macro
	ifs      []bool // for each #if around: whether a branch has been taken
	made     int    // tokens made so far
	mostMade int    // that may be made
	included int    // bytes that #include has read
	searched int    // tokens that were searched for parameters
}

func (p *preprocessor) define(m *macro) {
	m.shadowed = p.macros[m.name]
	p.macros[m.name] = m
}

// predefine defines a macro that upstream has, or that an option defines.
// upstream: init_macro_env
func (p *preprocessor) predefine(d Define, from string) {
	t := p.get()
	*t = token{text: d.Value, file: &file{name: from}, id: p.newID()}
	p.define(&macro{name: d.Name, body: []*token{t}})
}

// end is a place for messages about the end of the program.
func (p *preprocessor) end() *token {
	return &token{file: p.last.file, off: p.last.off + int32(len(p.last.text)), made: p.last.made}
}

// here returns the token at hand; wanted says what for, should there be none.
func (p *preprocessor) here(wanted string) *token {
	if p.at == nil {
		fail(p.end(), "the program ends here; expected %s", wanted)
	}
	return p.at
}

// eat removes the token at hand from the program.
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
		if t.first() == '#' {
			for t != nil && t.first() != '\n' {
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

// stripNewlines removes what only the preprocessor needs.
// upstream: eat_newline_tokens
func (p *preprocessor) stripNewlines() {
	for p.at = p.head; p.at != nil; {
		if p.at.text == "\n" {
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
		switch c := p.at.first(); {
		case startOfLine && c == '#':
			directive := p.at
			p.directive()
			if p.at != nil && p.at.first() != '\n' {
				fail(p.at, "found %s, expected the end of the line after %s", p.at.show(), directive.text)
			}
		case c == '\n':
			startOfLine = true
			p.at = p.at.next
		default:
			startOfLine = false
			p.expand()
		}
	}
}

// upstream: macro_directive
func (p *preprocessor) directive() {
	d := p.at
	switch d.text {
	case "#if":
		p.eat("")
		p.openIf(p.condition() != 0)
	case "#ifdef", "#ifndef":
		p.eat("")
		name := p.here("a name")
		include := (p.lookup(name) != nil) == (d.text == "#ifdef")
		if include {
			p.eat("")
		}
		p.openIf(include)
	case "#elif":
		p.eat("")
		p.here("a condition")
		include := p.condition() != 0
		taken := p.innermostIf(d)
		if !include || *taken {
			p.skipBlock()
		} else {
			*taken = true
		}
	case "#else":
		p.eat("")
		p.here("the end of the line")
		if *p.innermostIf(d) {
			p.skipBlock()
		}
	case "#endif":
		p.innermostIf(d)
		p.eat("")
		p.ifs = p.ifs[:len(p.ifs)-1]
	case "#define":
		p.handleDefine()
	case "#undef":
		p.eat("")
		name := p.here("the name of a macro")
		if m := p.macros[name.text]; m != nil {
			p.macros[name.text] = m.shadowed
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
		p.report(d, "M2-Planet does not know %s; the line is ignored", d.text)
		p.eatLine()
	}
}

// report tells of what upstream takes in silence.
func (p *preprocessor) report(t *token, format string, args ...any) {
	report(p.opt.Diagnostics, t, format, args...)
}

func report(d source.Diagnostics, t *token, format string, args ...any) {
	switch {
	case d.Strict:
		fail(t, format, args...)
	case d.Warn != nil && (d.Full == nil || !d.Full()):
		d.Warn(errorAt(t, format, args...))
	}
}

// eatLine removes the tokens up to the end of the line.
func (p *preprocessor) eatLine() {
	for p.at != nil && p.at.first() != '\n' {
		p.eat("")
	}
}

// innermostIf returns the state of the #if that directive d belongs to.
func (p *preprocessor) innermostIf(d *token) *bool {
	if len(p.ifs) == 0 {
		fail(d, "%s without #if", d.text)
	}
	return &p.ifs[len(p.ifs)-1]
}

func (p *preprocessor) openIf(include bool) {
	p.ifs = append(p.ifs, include)
	if !include {
		p.skipBlock()
	}
}

// endOfIf is what a missing #endif is asked for with.
const endOfIf = "#endif"

func (p *preprocessor) atIf() bool {
	switch p.here(endOfIf).text {
	case "#if", "#ifdef", "#ifndef":
		return true
	}
	return false
}

// skipBlock removes a branch that is not taken, up to #elif, #else or #endif.
// It leaves off at the newline before that: directives are looked for at the
// start of a line.
// upstream: eat_block
func (p *preprocessor) skipBlock() {
	for {
		if p.atIf() {
			p.eat("")
			p.skipToEndif(1)
		}
		p.eat(endOfIf)
		t := p.here(endOfIf)
		if t.text != "#elif" && t.text != "#else" && t.text != "#endif" {
			continue
		}
		if t.prev == nil {
			newline := p.get()
			*newline = token{text: "\n", next: t, file: t.file, line: t.line}
			p.at = newline
		} else if t.prev.text == "\n" {
			p.at = t.prev
		}
		return
	}
}

// skipToEndif removes what is up to the #endif of an #if in a branch that is
// not taken.
// upstream: eat_until_endif
func (p *preprocessor) skipToEndif(depth int) {
	if depth > maxIfs {
		fail(p.here(endOfIf), "#if is nested more than %d deep", maxIfs)
	}
	for {
		if p.atIf() {
			p.eat("")
			p.skipToEndif(depth + 1)
		}
		p.eat(endOfIf)
		if p.here(endOfIf).text == "#endif" {
			return
		}
	}
}

// handleDefine acts on #define. A macro's body is taken out of the program.
// upstream: handle_define
func (p *preprocessor) handleDefine() {
	p.eat("")
	name := p.here("the name of a macro")
	if name.first() == '\n' {
		fail(name, "found the end of the line, expected the name of a macro")
	}
	m := &macro{name: name.text}
	p.eat("")
	switch p.here("the end of the line").first() {
	case ' ':
		p.eat("")
	case '(':
		p.parameters(m)
	}
	for {
		t := p.here("the end of the line")
		if t.first() == '\n' {
			break
		}
		m.body = append(m.body, t)
		p.eat("")
	}
	p.define(m)
}

// parameters reads those of a function-like macro. Of several names without
// a comma the last counts.
// upstream: handle_function_like_macro
func (p *preprocessor) parameters(m *macro) {
	const wanted = "a parameter or ) in #define"
	p.eat(wanted)
	last := param{}
	for {
		switch t := p.here(wanted); t.first() {
		case ')':
			m.params = append(m.params, last)
			p.eat(wanted)
			return
		case '.':
			fail(t, "macros with a variable number of arguments are not supported")
		default:
			if last.named {
				p.report(t, "found %s, expected , or ); M2-Planet forgets the parameter %s", t.show(), last.name)
			}
			last = param{t.text, true}
			p.eat(wanted)
		}
		if p.here(wanted).first() == ',' {
			m.params = append(m.params, last)
			last = param{}
			p.eat(wanted)
		}
	}
}

// message acts on #error and #warning. The words after the latter stay.
// upstream: handle_error
func (p *preprocessor) message() {
	d := p.at
	words := []string{d.text}
	for p.eat(""); p.here("the end of the line").first() != '\n'; p.at = p.at.next {
		words = append(words, p.at.text)
	}
	text := strings.Join(words, " ")
	switch {
	case d.text == "#error":
		fail(d, "%s", text)
	case len(words) == 1:
		p.report(d, "%s", text)
	default:
		p.report(d, "%s; M2-Planet compiles these words", text)
	}
}
