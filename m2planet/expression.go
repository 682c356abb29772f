package m2planet

// Operators of one level are left-associative. The left operand is on the stack
// while the right one is computed in regZero.

// expression compiles an expression with its assignments.
// upstream: expression
func (c *compiler) expression() {
	c.nest()
	c.bitwise()
	if c.is("=") {
		c.assign()
	} else if isCompound(c.text()) {
		c.compoundAssign()
	}
	c.unnest()
}

// assign compiles = and its right operand.
func (c *compiler) assign() {
	size := c.current.size
	if c.previous(1).Text == "]" {
		size = c.current.elem.size
	}
	store := c.store(size)
	c.operand((*compiler).expression)
	c.out(store)
	c.current = c.builtin["int"]
}

// compoundAssign compiles an operator such as += and its right operand.
func (c *compiler) compoundAssign() {
	c.notInBootstrap("compound assignment")
	operator := c.text()
	indexed := c.previous(1).Text == "]"
	load, size := c.target.LoadOne, c.current.size
	if indexed {
		size = c.current.elem.size
		if c.current.name.text == "char*" {
			load = c.target.LoadOneByte
			if c.target.ShortLoad {
				c.report(c.at, "found %s after an element of a char*; M2-Planet's code for it on %s has half a byte too little", operator, c.target.Name)
			}
		}
	}
	store := c.store(size)
	scaled := c.current.isPointer() && !indexed
	scale := c.current.elem.size

	c.operand((*compiler).expression)
	c.push(regOne, "compound operator")
	c.out(load)
	// The factor is not scale: upstream uses the type of the right operand.
	if scaled && !c.opt.BootstrapMode && scale != 1 {
		c.scale(c.current.elem.size, "pointer arithmetic")
	}
	c.out(c.compoundOp(operator).of(c.current))
	c.pop(regOne, "compound operator")
	c.out(store)
	c.current = c.builtin["int"]
}

// upstream: is_compound_assignment
func isCompound(operator string) bool {
	switch operator {
	case "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=":
		return true
	}
	return false
}

// upstream: compound_operation
func (c *compiler) compoundOp(operator string) op {
	switch t := c.target; operator {
	case "+=":
		return t.PlusAssign
	case "-=":
		return t.Minus
	case "*=":
		return t.TimesAssign
	case "/=":
		return t.Divide
	case "%=":
		return t.Modulo
	case "<<=":
		return t.ShiftLeft
	case ">>=":
		return t.ShiftRight
	case "&=":
		return t.And
	case "^=":
		return t.Xor
	default:
		return t.Or
	}
}

// of returns the template for operands of type t.
func (o op) of(t *ctype) string {
	if t.signed {
		return o.Signed
	}
	return o.Unsigned
}

// operand compiles the right operand of the current operator to regZero, and
// moves the left one to regOne.
// upstream: common_recursion
func (c *compiler) operand(compile func(*compiler)) {
	c.push(regZero, "_common_recursion")
	left := c.current
	operator := c.here()
	c.skip()
	compile(c)
	t := c.promote(c.current, left)
	if t == nil {
		operator.Fail("the operands of %s have no common type", operator.Text)
	}
	c.current = t
	c.pop(regOne, "_common_recursion")
}

// binary compiles the current operator and its right operand.
// upstream: arithmetic_recursion and general_recursion
func (c *compiler) binary(o op, right func(*compiler)) {
	c.operand(right)
	c.out(o.of(c.current))
}

// upstream: bitwise_expr
func (c *compiler) bitwise() {
	c.relational()
	for {
		switch c.text() {
		case "&", "&&":
			c.binary(c.target.And, (*compiler).relational)
		case "|", "||":
			c.binary(c.target.Or, (*compiler).relational)
		case "^":
			c.binary(c.target.Xor, (*compiler).relational)
		default:
			return
		}
	}
}

// upstream: relational_expr
func (c *compiler) relational() {
	c.shift()
	for {
		switch c.text() {
		case "<":
			c.binary(c.target.Less, (*compiler).shift)
		case "<=":
			c.binary(c.target.LessEqual, (*compiler).shift)
		case ">=":
			c.binary(c.target.GreaterEqual, (*compiler).shift)
		case ">":
			c.binary(c.target.Greater, (*compiler).shift)
		case "==":
			c.binary(c.target.Equal, (*compiler).shift)
		case "!=":
			c.binary(c.target.NotEqual, (*compiler).shift)
		default:
			return
		}
	}
}

// upstream: additive_expr_c
func (c *compiler) shift() {
	c.sum()
	for {
		switch c.text() {
		case "<<":
			c.binary(c.target.ShiftLeft, (*compiler).sum)
		case ">>":
			c.binary(c.target.ShiftRight, (*compiler).sum)
		default:
			return
		}
	}
}

// upstream: additive_expr_b
func (c *compiler) sum() {
	c.product()
	for {
		switch c.text() {
		case "+":
			c.binary(c.target.Plus, (*compiler).product)
		case "-":
			c.binary(c.target.Minus, (*compiler).product)
		default:
			return
		}
	}
}

// upstream: additive_expr_a
func (c *compiler) product() {
	c.postfix()
	for {
		switch c.text() {
		case "*":
			c.binary(c.target.Multiply, (*compiler).postfix)
		case "/":
			c.binary(c.target.Divide, (*compiler).postfix)
		case "%":
			c.binary(c.target.Modulo, (*compiler).postfix)
		default:
			return
		}
	}
}

// load returns the instructions that load an object of size bytes.
func (c *compiler) load(size int64, signed bool) string {
	load := c.target.load(size, signed)
	if load == "" {
		c.here().Fail("cannot load an object of %d bytes", size)
	}
	return load
}

// store returns the instructions that store an object of size bytes.
func (c *compiler) store(size int64) string {
	store := c.target.store(size)
	if store == "" {
		c.here().Fail("cannot store an object of %d bytes", size)
	}
	return store
}
