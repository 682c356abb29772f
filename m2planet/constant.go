package m2planet

import (
	"strings"

	"stage0/internal/cpp"
)

// Constant expressions are sums and differences. The operators are
// right-associative: 8-4-2 is 6.

// constant reads a constant expression and returns its value.
// upstream: constant_expression
func (c *compiler) constant() int64 {
	c.nest()
	defer c.unnest()
	left := c.constantUnary()
	switch c.first() {
	case '+':
		c.single()
		c.skip()
		return c.build.Wrap(left + c.constant())
	case '-':
		c.single()
		c.skip()
		return c.build.Wrap(left - c.constant())
	case ',', ']', ';', '}', ':':
		return left
	}
	c.here().Fail("found %s, expected + or - or the end of a constant expression", c.at.Show())
	return 0
}

// upstream: constant_unary_expression
func (c *compiler) constantUnary() int64 {
	c.nest()
	defer c.unnest()
	switch ch := c.first(); {
	case ch == '-':
		c.single()
		c.skip()
		return c.build.Wrap(-c.constantUnary())
	case ch == '+':
		c.single()
		c.skip()
		return c.constantUnary()
	case c.is("sizeof"):
		return c.sizeof()
	case ch == '\'':
		value, _ := c.build.escape(c.at, c.text()[1:])
		c.advance()
		return value
	case cpp.Letter.Has(ch):
		s := c.constants[c.text()]
		if s == nil {
			c.here().Fail("found %s, expected a number or an enumerator", c.at.Show())
		}
		value := c.enumerator(s)
		c.skip()
		return value
	case cpp.Digit.Has(ch):
		c.skip()
		return c.number(c.previous(1))
	}
	c.here().Fail("found %s, expected a constant expression", c.at.Show())
	return 0
}

// enumerator returns the value of an enumerator.
func (c *compiler) enumerator(s *symbol) int64 {
	if s.value == "" {
		c.here().Fail("enumerator %s has no value yet", s.name)
	}
	value, _ := c.build.Number(s.value)
	return value
}

// declareConstant declares an enumerator without its value.
func (c *compiler) declareConstant(name string) {
	c.lastConstant = &symbol{name: name, typ: c.builtin["int"], kind: enumerator, elements: 1}
	c.constants[name] = c.lastConstant
}

// sizeof reads a sizeof with its operand in parentheses and returns the size.
// upstream: unary_expr_sizeof
func (c *compiler) sizeof() int64 {
	c.skip()
	c.expect("(", "after sizeof")
	stars := 0
	var s *symbol
	if !c.opt.BootstrapMode {
		if c.first() == '"' {
			size := int64(len(c.text())) // the quote stands for the NUL
			if strings.Contains(c.text(), "\\") {
				c.report(c.at, "M2-Planet counts the escapes of a string as they are written")
			}
			c.skip()
			c.expect(")", "after sizeof")
			return size
		}
		for ; c.first() == '*'; c.skip() {
			stars++
		}
		s = c.sized(c.text())
	}
	var size int64
	switch {
	case s != nil:
		c.skip()
		t := s.typ
		for range stars {
			t = t.elem
		}
		size = t.size
		if s.elements != 0 {
			size = c.build.Wrap(size * s.elements)
		}
	case stars > 0:
		c.here().Fail("sizeof cannot dereference %q", c.text())
	default:
		size = c.typeName().size
	}
	c.expect(")", "after sizeof")
	return size
}

// sized returns the variable or enumerator called name. After a function it still
// finds the arguments.
func (c *compiler) sized(name string) *symbol {
	if s := c.statics[name]; s != nil {
		return s
	}
	if s := c.constants[name]; s != nil {
		return s
	}
	if s := c.function.find(name); s != nil {
		return s
	}
	return c.variables[name]
}
