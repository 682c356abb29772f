package ccseed

// The code for an expression uses two registers: the accumulator holds the
// value computed last, and the operand register gets the previous value, popped
// from the stack, when an operator needs both.

// expression compiles an expression: operators, and perhaps an assignment.
//
// upstream: expression
func (c *compiler) expression() {
	c.enter()
	c.binary(0)
	if c.is("=") {
		store := c.Store
		if c.prev.text == "]" {
			if c.current == nil {
				c.fail("found an assignment to an element of an array of unknown type")
			}
			if c.current.name == "char*" {
				store = c.StoreByte
			}
		}
		left := c.pushOperand()
		c.expression()
		c.popOperand(left)
		c.write(store)
		c.current = nil
	}
	c.leave()
}

// pushOperand saves the accumulator, skips the operator, and returns the type
// of its left operand.
//
// upstream: common_recursion, the part before the other operand
func (c *compiler) pushOperand() (left *ctype) {
	c.write(c.PushOperand)
	c.next()
	return c.current
}

// popOperand restores the saved value to the operand register, once the other
// operand has been compiled.
//
// upstream: common_recursion, the part after it
func (c *compiler) popOperand(left *ctype) {
	c.current = promote(c.current, left)
	c.write(c.PopOperand)
}

// binary compiles operators of a level and of those that bind tighter.
//
// upstream: bitwise_expr, relational_expr, additive_expr and their stubs;
// general_recursion
func (c *compiler) binary(level int) {
	if level == len(c.operators) {
		c.postfix()
		return
	}
	c.binary(level + 1)
	for {
		code, ok := c.operators[level][c.word()]
		if !ok {
			return
		}
		left := c.pushOperand()
		c.binary(level + 1)
		c.popOperand(left)
		c.write(code)
	}
}

// postfix compiles a primary expression and the operators after it.
//
// upstream: postfix_expr, postfix_expr_stub
func (c *compiler) postfix() {
	c.primary()
	for {
		switch c.word() {
		case "[":
			c.array()
		case "->":
			c.arrow()
		default:
			return
		}
	}
}

// array compiles an index. The type remains that of the array, so a second
// index is scaled like the first.
//
// upstream: postfix_expr_array
func (c *compiler) array() {
	bracket := c.tok.off
	array := c.current
	left := c.pushOperand()
	c.expression()
	c.popOperand(left)
	if c.current = array; array == nil {
		c.failAt(bracket, "found an index into a value of unknown type")
	}
	load := c.LoadByte
	if array.name != "char*" {
		load = c.Load
		if array.name == "char" {
			c.warn(bracket, "found an index into a char, or into the result of an operator; its elements are taken for pointers")
		}
		size := array.indirect.size
		log := ceilLog2(size)
		if size&(size-1) != 0 && !c.OddElements {
			c.failAt(bracket, "found elements of %d bytes in an array; upstream's compiler for %s takes powers of two only", size, c.Name)
		}
		if log < 0 || log > 62 || size != 1<<log {
			c.warn(bracket, "found elements of %d bytes in an array; the index is shifted by %d bits", size, log)
		}
		c.emit(c.ScaleIndex, c.number(log))
	}
	c.write(c.Add)
	c.expect("]", "after an index")
	if !c.is("=") {
		c.write(load)
	}
}

// ceilLog2 returns the binary logarithm of n, rounded up, or -1 for 0.
//
// upstream: ceil_log2
func ceilLog2(n int64) int64 {
	log := int64(0)
	if n&(n-1) == 0 {
		log = -1
	}
	for ; n > 0; n >>= 1 {
		log++
	}
	return log
}

// arrow compiles the access to a member.
//
// upstream: postfix_expr_arrow, lookup_member
func (c *compiler) arrow() {
	c.write("# looking up offset\n")
	arrow := c.tok.off
	c.next()
	name, at := c.word(), c.tok.off
	if c.current == nil {
		c.failAt(arrow, "found -> after a value of unknown type")
	}
	m, ok := c.current.members[name]
	if !ok {
		c.fail("found %s, which is not a member of %q", c.tok, c.current.name)
	}
	c.current = m.ctype
	c.next()
	if m.offset != 0 {
		c.write("# -> offset calculation\n")
		c.emit(c.MemberOffset, c.number(m.offset))
		c.write(c.Add)
	}
	// Any member of at least four bytes is loaded.
	load := m.size >= 4 && !c.is("=")
	if load {
		c.write(c.Load)
	}
	switch {
	case m.array && load:
		c.warn(at, "found the array %q, which is loaded as one word", name)
	case !m.array && m.size < 4 && c.is("="):
		c.warn(at, "found an assignment to %q, which is smaller than a word; a whole word is stored", name)
	case !m.array && m.size < 4:
		c.warn(at, "found %q, which is smaller than a word and left as an address", name)
	}
}

// primary compiles a primary expression. Usually its first character decides
// what it is.
//
// upstream: primary_expr
func (c *compiler) primary() {
	switch first := c.first(); {
	case c.is("sizeof"):
		c.sizeof()
	case first == '-':
		c.write(c.NegateFirst)
		c.unary("-")
		c.write(c.Subtract)
	case first == '!':
		c.write(c.NotFirst)
		c.unary("!")
		c.write(c.Not)
	case first == '~':
		c.unary("~")
		c.write(c.Complement)
	case first == '(':
		c.next()
		c.expression()
		c.expect(")", "after an expression in parentheses")
	case first == '\'':
		c.charLiteral()
	case first == '"':
		c.stringLiteral()
	case '0' <= first && first <= '9':
		if !isNumber(c.tok.text) {
			c.warn(c.tok.off, "found %s, expected a number; it is copied as it is", c.tok)
		}
		c.emit(c.LoadNumber, c.tok.text)
		c.next()
	case kinds[first]&alpha != 0:
		c.variable()
	default:
		c.fail("found %s, expected an expression", c.tok)
	}
}

// unary compiles the operand of a unary operator. A longer word that begins
// with the operator counts as the operator.
func (c *compiler) unary(operator string) {
	if c.tok.text != operator {
		c.warn(c.tok.off, "found %s, which is taken for %s", c.tok, operator)
	}
	c.enter()
	left := c.pushOperand()
	c.postfix()
	c.popOperand(left)
	c.leave()
}

// sizeof reads a type and loads its size.
//
// upstream: unary_expr_sizeof
func (c *compiler) sizeof() {
	c.next()
	c.expect("(", "after sizeof")
	start := c.tok.off
	t := c.typeName()
	if t == nil {
		c.failAt(start, "found the definition of a structure, expected a type for sizeof")
	}
	c.expect(")", "after the type of a sizeof")
	c.emit(c.LoadSmall, c.number(t.size))
}

// variable compiles a name.
//
// upstream: primary_expr_variable
func (c *compiler) variable() {
	name := c.tok
	c.next()
	f := c.function
	if value, ok := c.constants[name.text]; ok {
		c.emit(c.LoadNumber, value)
	} else if i, ok := f.byName[name.text]; ok {
		c.variableLoad(f.locals[i].variable)
	} else if v, ok := f.arguments[name.text]; ok {
		c.variableLoad(v)
	} else if c.functions[name.text] {
		c.functionLoad(name.text)
	} else if t, ok := c.variables[name.text]; ok {
		c.current = t
		c.loadFrom(c.LoadGlobal, name.text) // upstream: global_load
	} else {
		c.failAt(name.off, "found %s, which has not been declared", name)
	}
}

// loadFrom loads an address and, unless it is assigned to, the value there.
func (c *compiler) loadFrom(address, x string) {
	c.emit(address, x)
	if !c.is("=") {
		c.write(c.Load)
	}
}

// variableLoad loads a local or an argument, or calls the function that it
// points to.
//
// upstream: variable_load
func (c *compiler) variableLoad(v variable) {
	if c.is("(") {
		if v.ctype == nil {
			c.fail("found a call of a value of unknown type")
		}
		if v.name == "FUNCTION" {
			c.call(c.CallPointer, c.number(v.depth))
			return
		}
	}
	c.current = v.ctype
	c.loadFrom(c.LocalAddress, c.number(v.depth))
}

// functionLoad calls a function or loads its address.
//
// upstream: function_load
func (c *compiler) functionLoad(name string) {
	if c.is("(") {
		c.call(c.CallFunction, name)
	} else {
		c.emit(c.LoadFunction, name)
	}
}

// call compiles the arguments of a call. The type afterwards is that of the
// last argument that has one.
//
// upstream: function_call
func (c *compiler) call(code, x string) {
	c.next()
	c.write(c.CallFirst)
	passed := 0
	if c.first() != ')' {
		c.expression()
		c.emit(c.Push, "_process_expression1")
		for passed = 1; c.first() == ','; passed++ {
			c.next()
			c.expression()
			c.emit(c.Push, "_process_expression2")
		}
	}
	c.expect(")", "after the arguments of a call")
	c.emit(code, x)
	for range passed {
		c.emit(c.Drop, "_process_expression_locals")
	}
	c.write(c.CallLast)
}
