package m2planet

import "stage0/internal/cpp"

// primary compiles an operand with the operators before it.
// upstream: primary_expr
func (c *compiler) primary() {
	c.nest()
	c.addressOf = c.is("&")
	if c.addressOf {
		c.skip()
	}
	switch ch := c.first(); {
	case c.is("sizeof"):
		c.loadImmediate(regZero, c.sizeof(), "load sizeof")
	case c.is("-"):
		if c.target.SubtractsZero {
			c.loadImmediate(regZero, 0, "primary expr")
		}
		c.operand((*compiler).primary)
		c.out(c.target.Negate)
	case ch == '!':
		c.single()
		if c.target.ComparesOne {
			c.loadImmediate(regZero, 1, "primary expr")
		}
		c.operand((*compiler).postfix)
		c.out(c.target.Not)
	case ch == '~':
		c.operand((*compiler).postfix)
		c.out(c.target.Complement)
	case c.is("--") || c.is("++"):
		c.preIncrement()
	case ch == '(':
		c.parenthesised()
	case ch == '\'':
		value, _ := c.build.escape(c.at, c.text()[1:])
		c.loadImmediate(regZero, value, "primary expr char")
		c.skip()
	case ch == '"':
		c.stringLiteral()
	case cpp.Letter.Has(ch):
		if name := c.text(); c.functions[name] && c.nextIs("(") {
			c.skip()
			c.call(name, false)
		} else {
			c.variable()
		}
	case ch == '*':
		c.variable()
	case cpp.Digit.Has(ch):
		c.loadImmediate(regZero, c.number(c.at), "primary expr number")
		c.skip()
	default:
		c.here().Fail("found %s, expected an expression", c.at.Show())
	}
	c.unnest()
}

// parenthesised compiles a cast or an expression in parentheses.
func (c *compiler) parenthesised() {
	c.skip()
	t := c.maybeTypeName()
	if t == nil {
		c.expression()
		c.expect(")", "after an expression")
		return
	}
	if c.first() == '(' {
		c.functionPointer()
		t = c.builtin["FUNCTION"]
	}
	c.expect(")", "after the type of a cast")
	c.primary()
	c.current = t
}

// stringLiteral compiles adjacent string literals as one.
// upstream: primary_expr_string
func (c *compiler) stringLiteral() {
	label := c.concat("STRING_", c.function.name, "_", c.newLabel())
	c.loadLabel(regZero, "", label, "primary expr string")
	literal := c.at
	text := literal.Text
	for c.skip(); c.first() == '"'; c.skip() {
		c.notInBootstrap("joining string literals")
		text += c.text()[1:]
		c.checkLength(c.at, len(text), "string")
	}
	c.strings = append(c.strings, ':')
	c.strings = append(c.strings, label...)
	c.strings = append(c.strings, '\n')
	c.strings = append(c.strings, c.stringData(literal, text)...)
}

// loadAddress loads the address of the variable called name into reg, or that of
// the function called name into regZero.
// upstream: load_address_of_variable_into_register
func (c *compiler) loadAddress(reg register, name *token) *symbol {
	s := c.statics[name.Text]
	if s == nil {
		s = c.function.find(name.Text)
	}
	if s == nil && c.functions[name.Text] {
		c.loadLabel(regZero, "FUNCTION_", name.Text, "function load")
		return &symbol{name: name.Text, kind: functionName}
	}
	if s == nil {
		s = c.variables[name.Text]
	}
	if s == nil {
		name.Fail("%s is not defined", name.Text)
	}
	c.current = s.typ
	switch s.kind {
	case localVariable:
		c.loadRelative(reg, regLocals, s.depth, "local variable load")
	case argument:
		c.loadRelative(reg, regBase, s.depth, "function argument load")
	default:
		c.loadLabel(reg, "GLOBAL_", s.name, "global load")
	}
	return s
}

// variable compiles a name, with stars and a cast before it.
// upstream: primary_expr_variable
func (c *compiler) variable() {
	stars := 0
	for ; c.first() == '*'; c.skip() {
		stars++
	}
	c.dereferences = stars
	var cast *ctype
	if c.first() == '(' {
		c.skip()
		cast = c.typeName()
		c.expect(")", "after the type of a cast")
	}
	name := c.here()
	c.skip()
	switch name.Text {
	case "__va_start":
		c.vaStart()
		return
	case "__va_arg":
		c.vaArg()
		return
	case "__va_end", "__va_copy":
		c.vaEnd()
		return
	}
	if s := c.constants[name.Text]; s != nil {
		c.loadImmediate(regZero, c.enumerator(s), "constant load")
		return
	}
	s := c.loadAddress(regZero, name)
	if cast != nil {
		c.current = cast
	}
	if c.addressOf {
		return
	}
	if c.is(".") {
		c.postfixes()
		return
	}
	if c.wantsAddress(s) {
		return
	}
	if c.is("=") {
		for range stars {
			c.out(c.load(c.current.size, c.current.signed))
			c.current = c.current.elem
		}
		return
	}
	if !isCompound(c.text()) {
		size := c.target.WordSize
		if (s.kind == localVariable || s.kind == argument) && !s.array {
			size = c.current.size
		}
		c.out(c.load(size, c.current.signed))
	}
	for range stars {
		elem := c.current.elem
		if elem == elem.elem && elem.function {
			continue // * of a pointer to a function is the pointer itself
		}
		c.current = elem
		c.out(c.load(elem.size, elem.signed))
	}
}

// wantsAddress reports whether the operators around the variable s need its
// address. As in upstream, ++ and -- of a global variable do not.
func (c *compiler) wantsAddress(s *symbol) bool {
	before := c.previous(2).Text
	local := s.kind != staticVariable && s.kind != globalVariable
	return local && (before == "++" || before == "--" || c.is("++") || c.is("--")) ||
		c.is("[") && s.array ||
		s.kind == functionName
}

// vaStart compiles __va_start(list, last argument).
// upstream: emit_va_start_intrinsic
func (c *compiler) vaStart() {
	c.out("# __va_start intrinsic\n")
	c.expect("(", "after __va_start")
	list := c.here()
	c.skip()
	c.expect(",", "in __va_start")
	last := c.here()
	c.skip()
	c.expect(")", "after __va_start")
	s := c.loadAddress(regZero, last)
	if s.typ == nil {
		last.Fail("%s is a function, expected an argument", last.Text)
	}
	c.addUp(regZero, s.typ.size, "Add size of variable", "Subtract size of variable")
	c.loadAddress(regOne, list)
	c.out(c.store(c.target.WordSize))
	c.out("# __va_start intrinsic end\n")
}

// vaArg compiles __va_arg(list, type).
// upstream: emit_va_arg_intrinsic
func (c *compiler) vaArg() {
	c.out("# __va_arg intrinsic\n")
	c.expect("(", "after __va_arg")
	list := c.here()
	c.skip()
	c.expect(",", "in __va_arg")
	t := c.typeName()
	c.expect(")", "after __va_arg")
	c.out("# REGISTER_ZERO = *ap\n")
	c.loadAddress(regZero, list)
	c.dereference(regZero, "Deref ap")
	c.dereference(regZero, "Deref ap")
	c.push(regZero, "Dereffed va_arg")
	c.out("# ap = ap - sizeof(ty)\n")
	c.loadAddress(regZero, list)
	c.push(regZero, "Push ap address")
	c.dereference(regZero, "Deref ap for pointer to va_arg")
	c.addUp(regZero, t.size, "Add size of variable", "Subtract size of variable")
	c.pop(regOne, "Pop AP address")
	c.out(c.store(t.size))
	c.pop(regZero, "Dereffed va_arg")
	c.out("# __va_arg intrinsic end\n")
}

// vaEnd reads __va_end(list), which has no code.
// upstream: emit_va_end_intrinsic
func (c *compiler) vaEnd() {
	c.expect("(", "after __va_end")
	c.skip()
	c.expect(")", "after __va_end")
}
