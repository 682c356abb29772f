package m2planet

import (
	"slices"

	"stage0/internal/cpp"
)

// lookup returns the macro that t names, or nil.
// upstream: lookup_macro
func (p *preprocessor) lookup(t *token) *macro {
	text := ""
	switch t.Text {
	case "__LINE__":
		text = p.build.signed(int64(t.line))
	case "__FILE__":
		text = `"` + t.File.Name
		if len(text) >= p.maxString {
			t.Fail("the file name is %d bytes long; --max-string allows %d", len(text)-1, p.maxString-2)
		}
	default:
		return p.macros[t.Text]
	}
	value := p.get()
	*value = token{Token: cpp.Token{Text: text, File: t.File, Off: t.Off}, line: t.line, id: p.newID()}
	return &macro{name: t.Text, body: []*token{value}}
}

// expand moves to the next token, or replaces the current one if it is a macro.
// The first token of the replacement is not expanded again, nor is the token
// after an empty macro.
// upstream: maybe_expand
func (p *preprocessor) expand() {
	name := p.at
	m := p.lookup(name)
	if name.next == nil {
		name.Fail("the program ends in %s, expected a newline at the end", name.Show())
	}
	if m == nil {
		p.at = name.next
		return
	}
	if name.prev == nil {
		p.report(name, "M2-Planet does not expand a macro that is the first word of the program")
	}
	point := name.unlink()
	body := m.body
	if m.params != nil {
		point, body = p.call(m, name, point)
	}
	if m.body == nil {
		if p.macros[point.Text] != nil {
			p.report(point, "M2-Planet does not expand the macro after %s, which is empty", name.Text)
		}
		p.at = point.next
		return
	}
	use := cpp.Expand(&name.Token)
	p.count(name, len(body))
	var first *token
	for _, t := range body {
		made := p.get()
		*made = token{Token: t.Token, line: t.line, id: t.id}
		made.Made = use
		made.insertBefore(point)
		if first == nil {
			first = made
		}
	}
	p.at = first.next
}

// count counts n words more, up to the limit.
func (p *preprocessor) count(t *token, n int) {
	if p.made += n; p.made > p.mostMade {
		t.Fail("macros and #include make more than %d words", p.mostMade)
	}
}

// call removes the arguments of a function-like macro, from open on, from the
// program. It returns the token after them and the macro's body with the
// arguments in the place of the parameters.
func (p *preprocessor) call(m *macro, name, open *token) (point *token, body []*token) {
	if open.First() != '(' {
		open.Fail("found %s, expected the ( of the arguments of macro %s", open.Show(), m.name)
	}
	before := open.prev
	t := open.unlink()
	if before == nil {
		name.Fail("upstream crashes on a macro with arguments that is the first word of the program")
	}
	body = m.body
	start := t
	params := m.params
	for parens := 1; parens != 0; t = t.next {
		if t == nil {
			p.end().Fail("the program ends here; expected the ) of macro %s", m.name)
		}
		if len(params) == 0 {
			t.Fail("macro %s has only %d parameters", m.name, len(m.params))
		}
		switch t.First() {
		case '(':
			parens++
		case ')':
			parens--
		}
		if c := t.First(); c == ',' && parens == 1 || c == ')' && parens == 0 {
			body = p.substitute(m, params[0], body, start, t)
			params = params[1:]
			start = t.next
		}
	}
	if t == nil {
		p.end().Fail("the program ends here; expected a newline at the end")
	}
	before.next = t
	t.prev = before
	return t, body
}

// substitute replaces a parameter by an argument, the tokens from start up to
// end, also in the arguments already inserted. As in upstream, an empty argument
// stands for the rest of the program, from end on.
func (p *preprocessor) substitute(m *macro, param param, body []*token, start, end *token) []*token {
	if p.searched += len(body); p.searched > maxSearched {
		start.Fail("macros are searched for parameters in more than %d words", maxSearched)
	}
	if !param.named || !slices.ContainsFunc(body, func(t *token) bool { return t.Text == param.name }) {
		return body
	}
	if start == end {
		p.report(end, "the argument %s of macro %s is empty; M2-Planet puts the rest of the program in its place", param.name, m.name)
		end = nil
	}
	var argument []*token
	for t := start; t != end; t = t.next {
		argument = append(argument, t)
	}
	result := make([]*token, 0, len(body)+len(argument))
	for _, t := range body {
		if t.Text == param.name {
			p.count(start, len(argument))
			result = append(result, argument...)
		} else {
			result = append(result, t)
		}
	}
	return result
}
