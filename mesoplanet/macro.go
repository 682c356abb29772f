package mesoplanet

import (
	"slices"
	"strings"

	"stage0/internal/cpp"
)

// A Define is a macro without parameters; see Options.
type Define struct{ Name, Value string }

// A macro is a definition of a macro.
type macro struct {
	name     string
	params   []param
	filled   int            // number of params, from the first, that have arguments
	index    map[string]int // in params, of the first one with a name
	body     []cpp.Token
	shadowed *macro // an older one of the same name
}

// A param is a parameter and its arguments: the tokens of before in reverse order,
// and those of after. For each use of the macro, upstream reverses the arguments
// of earlier uses, which it never clears.
type param struct {
	name          string
	before, after []cpp.Token
}

// turn reverses the arguments.
func (p *param) turn() { p.before, p.after = p.after, p.before }

// len returns the number of tokens of the arguments.
func (p *param) len() int { return len(p.before) + len(p.after) }

func (p *preprocessor) add(m *macro) {
	m.shadowed = p.macros[m.name]
	p.macros[m.name] = m
	p.defined++
}

// predefine defines a macro of upstream or of an option.
// upstream: init_macro_env
func (p *preprocessor) predefine(d Define, from string) {
	p.add(&macro{name: d.Name, body: []cpp.Token{{Text: d.Value, File: &cpp.File{Name: from}}}})
}

// name returns the current token, which should be a name.
func (p *preprocessor) name(wanted string) cpp.Token {
	t := *p.at()
	t.CheckName(p.opt.Diagnostics, wanted)
	return t
}

// lookup removes a directive and the name after it, and returns the macro of that
// name, or nil.
func (p *preprocessor) lookup() *macro {
	wanted := "the name of a macro after " + p.at().Text
	p.eat(wanted)
	m := p.macros[p.name(wanted).Text]
	p.eat(lineEnd)
	return m
}

// define acts on #define and removes the macro's body from the program. In a part
// that is left out it defines nothing.
// upstream: handle_define
func (p *preprocessor) define() {
	const wanted = "the name of a macro after #define"
	p.eat(wanted)
	if t := p.at(); t.First() == '\n' {
		t.Fail("found the end of the line, expected %s", wanted)
	}
	m := &macro{name: p.name(wanted).Text}
	p.drop()
	switch p.here(lineEnd).First() {
	case '(':
		p.parameters(m)
	case ' ':
		p.eat(lineEnd)
	}
	for p.here(lineEnd).First() != '\n' {
		if t := p.at(); strings.HasPrefix(t.Text, "//") {
			t.Text = "\n"
			break
		}
		m.body = append(m.body, *p.at())
		p.drop()
	}
	for len(m.body) > 0 && isGap(m.body[0]) {
		m.body = m.body[1:]
	}
	for n := len(m.body); n > 0 && isGap(m.body[n-1]); n = len(m.body) {
		m.body = m.body[:n-1]
	}
	if !p.ifs.LeftOut() {
		p.add(m)
	}
}

// isGap reports whether t is dropped at the start and the end of a macro's body.
func isGap(t cpp.Token) bool { return t.First() == ' ' || strings.HasPrefix(t.Text, "/*") }

// parameters reads the parameters of a macro. Any token in the place of the ')'
// is taken for it.
func (p *preprocessor) parameters(m *macro) {
	const wanted = ") or a parameter in #define"
	open := *p.at()
	m.index = map[string]int{}
	p.eat(wanted)
	if p.at().First() == ')' {
		p.report(&open, "M2-Mesoplanet takes a macro without parameters for one without parentheses")
	} else {
		for {
			name := p.at().Text
			if _, ok := m.index[name]; !ok {
				m.index[name] = len(m.params)
			}
			m.params = append(m.params, param{name: name})
			p.eat(wanted)
			if p.at().First() != ',' {
				break
			}
			p.eat(wanted)
		}
	}
	if t := p.at(); t.First() != ')' {
		p.report(t, "found %s, expected a comma or ) in #define; M2-Mesoplanet drops it", t.Show())
	}
	p.eat(lineEnd)
}

// undefine acts on #undef, also in a part that is left out.
// upstream: handle_undef
func (p *preprocessor) undefine(d *cpp.Token) {
	if p.ifs.LeftOut() {
		p.report(d, "#undef at the start of a part that is left out; M2-Mesoplanet acts on it")
	}
	if p.defined == 0 {
		d.Fail("upstream crashes on #undef if there is no macro")
	}
	m := p.lookup()
	if m == nil {
		return
	}
	p.defined--
	if m.shadowed != nil {
		p.macros[m.name] = m.shadowed
	} else {
		delete(p.macros, m.name)
	}
}

// expand moves to the next token, or replaces the current one if it is a macro.
// The replacement is expanded in turn.
// upstream: maybe_expand
func (p *preprocessor) expand() {
	name := *p.at()
	p.drop()
	if p.at() == nil {
		name.Fail("the program ends in %s, expected the end of a line", name.Show())
	}
	m := p.macros[name.Text]
	switch {
	case m == nil || name.Text == "__M2__":
		p.program.append(&name)
		return
	case len(m.body) == 0:
		if next := p.at(); p.macros[next.Text] != nil {
			p.report(next, "M2-Mesoplanet does not expand the token after %s, which is empty", name.Text)
		} else if len(m.params) > 0 {
			p.report(&name, "M2-Mesoplanet does not drop the arguments of %s, which is empty", name.Text)
		}
		p.keep()
		return
	case len(m.params) > 0:
		p.arguments(m, &name)
	}
	use := cpp.Expand(&name)
	if use.Depth > maxExpansions {
		name.Fail("macros use each other more than %d deep", maxExpansions)
	}
	p.in = append(p.in, p.substitute(m, use))
}

// arguments moves the arguments of a macro from the program to its parameters,
// after the reversed arguments of earlier uses.
func (p *preprocessor) arguments(m *macro, name *cpp.Token) {
	wanted := "the arguments of macro " + m.name
	if p.here(wanted).First() == ' ' {
		p.drop()
	}
	if t := p.here(wanted); t.First() != '(' {
		t.Fail("found %s, expected the ( of %s", t.Show(), wanted)
	}
	p.drop()
	n := 0
	if m.filled > 0 {
		p.report(name, "M2-Mesoplanet puts the arguments of earlier uses of %s before those of this one", m.name)
	}
	m.params[0].turn()
	for t := p.here(wanted); ; {
		if c := t.First(); c == '(' || c == ')' || c == ',' {
			p.report(t, "%q in an argument of macro %s; M2-Mesoplanet ends the argument at the next comma or )", t.Text, m.name)
		}
		m.params[n].after = append(m.params[n].after, *t)
		p.drop()
		t = p.here(wanted)
		if t.First() == ',' {
			if n++; n == len(m.params) {
				t.Fail("macro %s has only %d parameters", m.name, n)
			}
			m.params[n].turn()
			p.drop()
			t = p.here(wanted)
		}
		if t.First() == ')' {
			break
		}
	}
	for m.filled < len(m.params) && m.params[m.filled].len() > 0 {
		m.filled++
	}
	if m.filled < len(m.params) {
		p.report(p.at(), "M2-Mesoplanet does not replace the parameter %s of macro %s, which has no argument", m.params[m.filled].name, m.name)
	}
	p.drop()
	p.here(lineEnd)
}

// substitute returns the body of a macro with the arguments in the place of the
// parameters.
// upstream: expand_macro_functions
func (p *preprocessor) substitute(m *macro, use *cpp.Expansion) []cpp.Token {
	tokens := make([]cpp.Token, 0, len(m.body))
	for _, t := range m.body {
		if i, ok := m.index[t.Text]; ok && i < m.filled {
			for _, t := range slices.Backward(m.params[i].before) {
				tokens = append(tokens, t)
			}
			tokens = append(tokens, m.params[i].after...)
		} else {
			tokens = append(tokens, t)
		}
		if p.made+len(tokens) > maxMade {
			use.At.Fail("macros make more than %d tokens", maxMade)
		}
	}
	p.made += len(tokens)
	for i := range tokens {
		tokens[i].Made = use
		p.madeBytes += len(tokens[i].Text)
	}
	if p.madeBytes > maxMadeBytes {
		use.At.Fail("macros make more than %d bytes", maxMadeBytes)
	}
	return tokens
}
