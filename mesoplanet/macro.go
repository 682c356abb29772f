package mesoplanet

import (
	"slices"
)

// A Define is a macro without parameters; see Options.
type Define struct{ Name, Value string }

// A macro is what #define made.
type macro struct {
	name     string
	params   []param
	index    map[string]int // in params, of the first one of a name
	body     []token
	shadowed *macro // an older one of the same name
}

// A param is a parameter. Upstream does not clear what it stood for.
type param struct {
	name     string
	argument []token
}

func (p *preprocessor) add(m *macro) {
	m.shadowed = p.macros[m.name]
	p.macros[m.name] = m
	p.defined++
}

// predefine defines a macro that upstream has, or that an option defines.
// upstream: init_macro_env
func (p *preprocessor) predefine(d Define, from string) {
	p.add(&macro{name: d.Name, body: []token{{text: d.Value, file: &file{name: from}}}})
}

// name returns the token at hand, which is to be a name.
func (p *preprocessor) name(wanted string) token {
	t := *p.at()
	if !isClass(t.first(), letterChar) {
		p.report(&t, "found %q, expected %s", t.text, wanted)
	}
	return t
}

// lookup returns the macro that is named after the directive at hand, if there
// is one, and removes both.
func (p *preprocessor) lookup() *macro {
	wanted := "the name of a macro after " + p.at().text
	p.eat(wanted)
	m := p.macros[p.name(wanted).text]
	p.eat(lineEnd)
	return m
}

// define acts on #define. A macro's body is taken out of the program. In a
// part that is left out it has no effect.
// upstream: handle_define
func (p *preprocessor) define() {
	const wanted = "the name of a macro after #define"
	p.eat(wanted)
	if t := p.at(); t.first() == '\n' {
		fail(t, "found the end of the line, expected %s", wanted)
	}
	m := &macro{name: p.name(wanted).text}
	p.drop()
	switch p.here(lineEnd).first() {
	case '(':
		p.parameters(m)
	case ' ':
		p.eat(lineEnd)
	}
	for p.here(lineEnd).first() != '\n' {
		if t := p.at(); t.isLineComment() {
			t.text = "\n"
			break
		}
		m.body = append(m.body, *p.at())
		p.drop()
	}
	for len(m.body) > 0 && m.body[0].isGap() {
		m.body = m.body[1:]
	}
	for n := len(m.body); n > 0 && m.body[n-1].isGap(); n = len(m.body) {
		m.body = m.body[:n-1]
	}
	if !p.leftOut() {
		p.add(m)
	}
}

func (t *token) isLineComment() bool { return len(t.text) > 1 && t.text[:2] == "//" }

// isGap reports whether t does not belong to a macro's body if it stands
// before or after it.
func (t *token) isGap() bool { return t.first() == ' ' || len(t.text) > 1 && t.text[:2] == "/*" }

// parameters reads those of a macro. What stands in the place of the ')' is
// taken for it.
func (p *preprocessor) parameters(m *macro) {
	const wanted = ") or a parameter in #define"
	open := *p.at()
	m.index = map[string]int{}
	p.eat(wanted)
	if p.at().first() == ')' {
		p.report(&open, "M2-Mesoplanet takes a macro without parameters for one without parentheses")
	} else {
		for {
			name := p.at().text
			if _, ok := m.index[name]; !ok {
				m.index[name] = len(m.params)
			}
			m.params = append(m.params, param{name: name})
			p.eat(wanted)
			if p.at().first() != ',' {
				break
			}
			p.eat(wanted)
		}
	}
	if t := p.at(); t.first() != ')' {
		p.report(t, "found %q, expected a comma or ) in #define; M2-Mesoplanet drops it", t.text)
	}
	p.eat(lineEnd)
}

// undefine acts on #undef, in a part that is left out, too.
// upstream: handle_undef
func (p *preprocessor) undefine(d *token) {
	if p.leftOut() {
		p.report(d, "#undef comes first in a part that is left out; M2-Mesoplanet does not leave it out")
	}
	if p.defined == 0 {
		fail(d, "upstream crashes on #undef where no macro is left")
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

// expand moves on by a token, or replaces it if it is a macro. What it stands
// for is expanded in turn.
// upstream: maybe_expand
func (p *preprocessor) expand() {
	name := *p.at()
	p.drop()
	if p.at() == nil {
		fail(&name, "the program ends in %q, expected the end of a line", name.text)
	}
	m := p.macros[name.text]
	switch {
	case m == nil || name.text == "__M2__":
		p.program.append(&name)
		return
	case len(m.body) == 0:
		if next := p.at(); p.macros[next.text] != nil {
			p.report(next, "M2-Mesoplanet does not expand the token after %s, which stands for nothing", name.text)
		} else if len(m.params) > 0 {
			p.report(&name, "M2-Mesoplanet leaves the arguments of %s, which stands for nothing", name.text)
		}
		p.keep()
		return
	case len(m.params) > 0:
		p.arguments(m, &name)
	}
	use := &expansion{macro: name.text, at: name, depth: 1}
	if name.made != nil {
		use.depth += name.made.depth
	}
	if use.depth > maxExpansions {
		fail(&name, "macros use each other more than %d deep", maxExpansions)
	}
	p.in = append(p.in, p.substitute(m, use))
}

// arguments takes the arguments of a macro out of the program. They are put
// after those of its uses before this one, in reverse order.
func (p *preprocessor) arguments(m *macro, name *token) {
	wanted := "the arguments of macro " + m.name
	if p.here(wanted).first() == ' ' {
		p.drop()
	}
	if t := p.here(wanted); t.first() != '(' {
		fail(t, "found %q, expected the ( of %s", t.text, wanted)
	}
	p.drop()
	n := 0
	if len(m.params[0].argument) > 0 {
		p.report(name, "M2-Mesoplanet puts the arguments of earlier uses of %s before those of this one", m.name)
	}
	slices.Reverse(m.params[0].argument)
	for t := p.here(wanted); ; {
		if c := t.first(); c == '(' || c == ')' || c == ',' {
			p.report(t, "%q stands in an argument of macro %s; M2-Mesoplanet ends it at the next comma or )", t.text, m.name)
		}
		m.params[n].argument = append(m.params[n].argument, *t)
		p.drop()
		t = p.here(wanted)
		if t.first() == ',' {
			if n++; n == len(m.params) {
				fail(t, "macro %s has only %d parameters", m.name, n)
			}
			slices.Reverse(m.params[n].argument)
			p.drop()
			t = p.here(wanted)
		}
		if t.first() == ')' {
			break
		}
	}
	for _, param := range m.params[n:] {
		if len(param.argument) == 0 {
			p.report(p.at(), "M2-Mesoplanet leaves the parameter %s of macro %s, which has no argument, as it is", param.name, m.name)
		}
	}
	p.drop()
	p.here(lineEnd)
}

// substitute returns the tokens that a use of a macro stands for.
// upstream: expand_macro_functions
func (p *preprocessor) substitute(m *macro, use *expansion) []token {
	tokens := make([]token, 0, len(m.body))
	for _, t := range m.body {
		if i, ok := m.index[t.text]; ok && len(m.params[i].argument) > 0 {
			tokens = append(tokens, m.params[i].argument...)
		} else {
			tokens = append(tokens, t)
		}
		if p.made+len(tokens) > maxMade {
			fail(&use.at, "macros make more than %d tokens", maxMade)
		}
	}
	p.made += len(tokens)
	for i := range tokens {
		tokens[i].made = use
	}
	return tokens
}
