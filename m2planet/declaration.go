package m2planet

import "strings"

// maxElements is the size of the largest array: a local one in elements, a
// global one in bytes.
const maxElements = 0x100000

// upstream: iskeywordp
var keywords = map[string]bool{
	"auto": true, "_Bool": true, "break": true, "case": true, "char": true,
	"const": true, "continue": true, "default": true, "do": true,
	"double": true, "else": true, "enum": true, "extern": true, "float": true,
	"for": true, "goto": true, "if": true, "int": true, "long": true,
	"_Noreturn": true, "register": true, "restrict": true, "return": true,
	"short": true, "signed": true, "sizeof": true, "static": true,
	"struct": true, "switch": true, "typedef": true, "union": true,
	"unsigned": true, "void": true, "volatile": true, "while": true,
}

// checkName rejects a keyword or a sign as the name of a variable.
func (c *compiler) checkName(at *token, name string) {
	if name != "" && strings.IndexByte("[{(<=>)}]|&!^%;:'\"", name[0]) >= 0 || keywords[name] {
		at.Fail("found %s, expected the name of a variable", at.Show())
	}
}

// program compiles declarations to the end.
// upstream: program
func (c *compiler) program() {
	for c.at != nil {
		c.declaration()
	}
}

func (c *compiler) declaration() {
	if c.first() == '#' {
		c.at.Fail("found %s, expected a declaration", c.at.Show())
	}
	if c.is("typedef") {
		c.typedef()
		return
	}
	for c.is("inline") || c.is("static") || c.is("_Noreturn") {
		c.skip()
	}
	t := c.typeName()
	if c.first() == ';' {
		c.advance()
		return
	}
	if c.at.next == nil {
		c.end().Fail("the program ends here, in the middle of a declaration")
	}
	switch c.at.next.First() {
	case ',', ';', '=', '[':
		c.globalVariables(t)
		return
	}
	if c.first() == '(' {
		c.globalVariables(t)
		return
	}
	c.skip()
	if !c.is("(") {
		c.at.Fail("found %s, expected ( or ; or , or = or [ after a name", c.at.Show())
	}
	c.functionDeclaration()
}

// upstream: global_typedef
func (c *compiler) typedef() {
	c.skip()
	t := c.typeName()
	if c.first() == '(' {
		// upstream: typedef_function_pointer
		if name := c.functionPointer(); name.id == 0 || name.text != "FUNCTION" {
			function := newPrimitive(name, name, name, c.target.WordSize, c.target.WordSize, false)
			function.function, function.pointer.function = true, true
			c.addPrimitive(function)
		}
	} else {
		old := c.primitiveType()
		c.mirror(old, c.at.typeName(), t)
		c.advance()
	}
	c.expect(";", "after typedef")
}

// declarators calls declare for each name of a declaration of type t.
func (c *compiler) declarators(t *ctype, declare func(name *token, t *ctype)) {
	base := t.elem.elem
	for {
		at := c.here()
		name := at
		if c.first() == '(' {
			pointer := c.functionPointer()
			if pointer.id == 0 {
				at.Fail("the pointer to a function has no name")
			}
			name = &token{Token: at.Token, line: at.line}
			name.Text = pointer.text
			t = c.builtin["FUNCTION"]
		} else {
			c.skip()
		}
		declare(name, t)
		if c.first() == ',' {
			c.skip()
			t = c.stars(base)
		} else if c.first() != ';' {
			c.report(c.at, "found %s, expected , or ; after a variable; M2-Planet assumes a comma", c.at.Show())
		}
		if c.first() == ';' {
			return
		}
	}
}

// upstream: collect_arguments
func (c *compiler) arguments() {
	c.skip()
	f := c.function
	for !c.is(")") {
		if c.first() == '.' {
			for range 3 {
				c.expect(".", "of ...")
			}
			c.notInBootstrap("a variable number of arguments")
			break
		}
		t := c.typeName()
		if c.first() == ')' {
			break
		}
		if c.first() != ',' {
			c.checkName(c.at, c.text())
			if len(f.arguments) == 0 {
				f.depth = c.target.FirstArgument
			} else {
				f.depth += c.target.NextArgument
			}
			s := &symbol{name: c.text(), typ: t, kind: argument, elements: 1, depth: f.depth}
			c.skip()
			f.arguments[s.name] = s
			for c.first() == '[' {
				c.skip()
				if c.first() != ']' {
					c.constant()
				}
				c.expect("]", "after the size of an array")
				s.typ = s.typ.pointer
			}
		}
		c.separator(')')
	}
	c.skip()
}

// functionDeclaration compiles the arguments of a function and its body, if it
// has one.
// upstream: declare_function
func (c *compiler) functionDeclaration() {
	name := c.previous(1)
	c.labels = 0
	c.function = &function{name: name.Text, local: map[string]*symbol{}, arguments: map[string]*symbol{}}
	c.functions[name.Text] = true
	if c.target.NoArguments && name.Text == "main" {
		c.expect("(", "after main")
		c.expect(")", "as main has no arguments on this architecture")
	} else {
		c.arguments()
	}
	if c.first() == ';' {
		if c.at.next == nil {
			c.at.Fail("the program ends in a prototype, expected another declaration")
		}
		c.skip()
		return
	}
	c.beginFunction(name.Text)
	c.reserved = 0
	c.statement()
	clear(c.statics)
	if !c.returned {
		if name.Text == "main" {
			c.loadImmediate(regZero, 0, "declare function")
		}
		c.ret()
	}
	c.endFunction(c.reserved)
	if c.negative {
		name.Fail("an offset or a size in the function is negative, expected at least 0")
	}
	if c.longest >= c.opt.MaxString {
		name.Fail("an instruction is %d bytes long; --max-string allows %d", c.longest, c.opt.MaxString-1)
	}
}

// localVariables compiles the declaration of local variables.
// upstream: collect_local
func (c *compiler) localVariables() {
	if c.loop.function != "" {
		c.notInBootstrap("a variable in a loop")
	}
	t := c.typeName()
	if t.size == 0 {
		c.here().Fail("%s is declared but not defined", t.name.text)
	}
	c.declarators(t, func(name *token, own *ctype) { c.localVariable(name, own, t) })
	c.expect(";", "after the declaration of variables")
}

// localVariable declares a variable of type own. Its initial value is stored with
// the size of first, the type of the first variable of the declaration.
func (c *compiler) localVariable(name *token, own, first *ctype) {
	c.checkName(name, name.Text)
	s := &symbol{name: name.Text, typ: own, kind: localVariable, elements: 1}
	c.comment("Defining local ", s.name)
	if c.is("[") {
		c.notInBootstrap("a local array")
		s.array = true
		c.skip()
		if s.elements = c.constant(); s.elements <= 0 || s.elements > maxElements {
			c.here().Fail("the array has %d elements, expected 1 to %d", s.elements, maxElements)
		}
		c.expect("]", "after the size of an array")
	}
	size := c.roundUp(c.build.Wrap(own.size * s.elements))
	s.depth = size
	if !c.target.StackUp {
		s.depth = -size
	}
	if n := len(c.function.locals); n > 0 {
		s.depth += c.function.locals[n-1].depth
	}
	s.depth = c.build.Wrap(s.depth)
	c.reserved = c.build.Wrap(c.reserved + size)
	c.function.push(s)
	if c.is("=") {
		if s.elements != 1 {
			c.at.Fail("a local array cannot be initialised")
		}
		c.skip()
		c.expression()
		c.loadAddress(regOne, name)
		c.out(c.store(first.size))
	}
	if c.first() == ',' {
		c.notInBootstrap("more than one variable in a declaration")
	}
}

// roundUp returns the size of the words that hold size bytes.
func (c *compiler) roundUp(size int64) int64 {
	word := c.target.WordSize
	return c.build.Wrap((size + word - 1) &^ (word - 1))
}

// staticVariable compiles the declaration of a static variable of a function.
// upstream: process_static_variable
func (c *compiler) staticVariable() {
	c.notInBootstrap("a static variable in a function")
	t := c.typeName()
	name := c.text()
	s := &symbol{name: c.concat(c.function.name, "_", name), typ: t, kind: staticVariable, elements: 1}
	c.statics[name] = s
	c.skip()
	s.elements = c.globalVariable(s.name, t)
	c.expect(";", "after the declaration of a static variable")
}
