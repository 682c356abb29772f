package m2planet

import "strings"

// maxZeroBytes is the size of the largest global variable. Upstream has no
// limit.
const maxZeroBytes = 1 << 26

// globalVariables compiles the declaration of global variables of type t.
func (c *compiler) globalVariables(t *ctype) {
	c.declarators(t, func(name *token, own *ctype) {
		s := &symbol{name: name.Text, typ: own, kind: globalVariable, elements: 1}
		c.variables[s.name] = s
		s.elements = c.globalVariable(s.name, own)
	})
	c.expect(";", "after the declaration of variables")
}

// data emits text to the global variables.
func (c *compiler) data(text ...string) {
	for _, s := range text {
		c.globals = append(c.globals, s...)
	}
	c.checkOutput()
}

// globalVariable emits a variable of type t with its initial value, and returns
// its number of elements, or 0 if it is no array.
// upstream: global_static_array
func (c *compiler) globalVariable(name string, t *ctype) (elements int64) {
	c.data(":GLOBAL_", name, "\n")
	switch c.first() {
	case ';', ',':
		c.zeroes(t.size)
		return 0
	case '=':
		c.skip()
		c.initializer(t)
		c.pad(t.size)
		return 0
	}
	c.notInBootstrap("a global array")
	if c.first() != '[' {
		c.report(c.at, "found %s, expected one of [ = , ; after a variable; M2-Planet takes it for [", c.at.Show())
	}
	c.data("&GLOBAL_STORAGE_", name)
	if c.target.WordSize == 8 {
		c.data(" %0")
	}
	c.data("\n:GLOBAL_STORAGE_", name, "\n")
	c.skip()
	var size int64
	if c.first() != ']' {
		elements = c.constant()
		size = c.build.Wrap(elements * t.size)
		if elements < 0 || size <= 0 || size > maxElements {
			c.here().Fail("the array has %d elements of %d bytes, expected 1 to %d bytes", elements, t.size, maxElements)
		}
	}
	c.expect("]", "after the size of an array")
	if c.first() != '=' {
		if size == 0 {
			c.here().Fail("an array without a size needs initial values")
		}
		c.zeroes(size)
		return elements
	}
	c.skip()
	c.expect("{", "before the initial values of an array")
	elements = c.arrayInitializer(t, elements)
	c.pad(c.build.Wrap(elements * t.size))
	return elements
}

// zeroes emits the words that hold size bytes.
// upstream: global_variable_zero_initialize
func (c *compiler) zeroes(size int64) {
	size = c.roundUp(size)
	if size < 0 || size > maxZeroBytes {
		c.here().Fail("the variable has %d bytes; at most %d are supported", size, maxZeroBytes)
	}
	c.data(strings.Repeat("NULL\n", int(size/c.target.WordSize)))
}

// pad fills the last word after size bytes.
// upstream: global_pad_to_register_size
func (c *compiler) pad(size int64) {
	word := c.target.WordSize
	if rest := size % word; rest != 0 {
		c.data(strings.Repeat("'00' ", int(word-rest)))
	}
	c.data("\n")
}

// initializer reads and emits the initial value of a variable of type t.
// upstream: global_value_selection
func (c *compiler) initializer(t *ctype) {
	switch {
	case t.isPointer():
		c.pointerInitializer()
	case t.members != nil:
		c.structInitializer(t)
	default:
		at := c.here()
		value := c.constant()
		if t.size == 1 && (value < 0 || value > 127) {
			at.Fail("the value is %d, expected 0 to 127 for a byte", value)
		}
		c.checkSign(at, value)
		c.value(value, t.size)
	}
}

// pointerInitializer emits a string literal, 0, or the address of a variable
// or function.
func (c *compiler) pointerInitializer() {
	switch {
	case c.first() == '"':
		text := c.text()
		c.data("&GLOBAL_", text[1:], "_contents ")
		if c.target.WordSize == 8 {
			c.value(0, 4)
		}
		for _, s := range []string{":GLOBAL_", text[1:], "_contents\n", c.stringData(c.at, text)} {
			c.strings = append(c.strings, s...)
		}
	case c.is("0"):
		c.value(0, c.target.WordSize)
	case c.first() == '&':
		c.skip()
		switch name := c.text(); {
		case c.functions[name]:
			c.data("&FUNCTION_", name, " ")
		case c.variables[name] != nil:
			c.data("&GLOBAL_", name, " ")
		default:
			c.at.Fail("%s is not defined", name)
		}
		if c.target.WordSize == 8 {
			c.data("%0 ")
		}
	default:
		c.here().Fail("found %s, expected a string literal, 0 or & for a pointer", c.at.Show())
	}
	c.skip()
}

// structInitializer emits the initial values in braces of a struct.
// upstream: global_struct_initializer_list
func (c *compiler) structInitializer(t *ctype) {
	c.nest()
	c.expect("{", "before the initial values of a struct")
	rest := t.members.list
	for {
		if len(rest) == 0 {
			c.here().Fail("there are more initial values than members")
		}
		c.initializer(rest[0].typ)
		rest = rest[1:]
		c.separator('}')
		if c.first() == '}' {
			break
		}
	}
	for _, m := range rest {
		c.value(0, m.size)
	}
	c.data("\n")
	c.expect("}", "after the initial values of a struct")
	c.here()
	c.unnest()
}

// arrayInitializer emits the initial values in braces of an array of type t,
// after the brace. The number of elements is 0 if it is to be counted.
// upstream: global_array_initializer_list
func (c *compiler) arrayInitializer(t *ctype, elements int64) int64 {
	var n int64
	for {
		if n >= elements && elements != 0 {
			c.here().Fail("there are more initial values than the %d elements", elements)
		}
		c.initializer(t)
		n++
		c.separator('}')
		if c.first() == '}' {
			break
		}
	}
	c.skip()
	for ; n < elements; n++ {
		c.zeroElement(t.size)
	}
	return n
}

// zeroElement emits an element of an array that has no initial value.
func (c *compiler) zeroElement(size int64) {
	if size == 1 || size == 4 || size == 8 {
		c.value(0, size)
		return
	}
	for ; size >= 4; size -= 4 {
		c.value(0, 4)
	}
	for ; size > 0; size-- {
		c.value(0, 1)
	}
	c.data("\n")
}

// value emits a number of size bytes. If size is above 4 but not 8, upstream
// emits only four bytes.
// upstream: global_value_output
func (c *compiler) value(value, size int64) {
	switch {
	case size == 1:
		c.data(rawByte(value))
	case size == 2:
		sigil := "$"
		if value < 0 {
			sigil = string(c.target.NegativeHalf)
		}
		c.data(sigil, c.build.unsigned(value), " ")
	case size >= 4:
		c.data("%", c.build.unsigned(value), " ")
		if size == 8 && value < 0 {
			c.data("%0xffffffff ")
		} else if size == 8 {
			c.data("%0 ")
		}
	}
}

// checkSign rejects a negative value if the build cannot write it in decimal.
func (c *compiler) checkSign(at *token, value int64) {
	if value < 0 && c.build.SignedDigits {
		at.Fail("the value is %d, expected at least 0; M2-Planet built by %s for %s reads out of bounds", value, c.build.By, c.build.Host)
	}
}
