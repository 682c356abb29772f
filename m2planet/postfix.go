package m2planet

// upstream: postfix_expr
func (c *compiler) postfix() {
	c.primary()
	c.postfixes()
}

// postfixes compiles the postfix operators of an operand. As in upstream, a call
// may be followed by another one only once for each postfix of another kind
// before it.
// upstream: postfix_expr_stub
func (c *compiler) postfixes() {
	c.nest()
	if c.is("[") {
		c.index()
		c.postfixes()
	}
	if c.is("->") {
		c.arrow()
		c.postfixes()
	}
	if c.is(".") {
		c.dot()
		c.postfixes()
	}
	if c.is("++") || c.is("--") {
		c.postIncrement()
		c.postfixes()
	}
	if c.first() == '(' {
		if !c.current.function {
			c.here().Fail("found ( after an expression that is not a function")
		}
		c.call("", true)
	}
	c.unnest()
}

// isAssigned reports whether the operand is assigned to, and so must remain an
// address.
func (c *compiler) isAssigned() bool { return c.is("=") || isCompound(c.text()) }

// upstream: postfix_expr_array
func (c *compiler) index() {
	prefix := c.previous(2).Text
	array := c.current
	c.operand((*compiler).expression)
	c.current = array

	load := c.load(c.target.WordSize, array.signed)
	if array.name.text == "char*" {
		load = c.load(1, true)
	} else {
		c.scale(array.elem.size, "primary expr array")
	}
	c.add(regZero, regOne, "primary expr array")
	c.expect("]", "after an index")
	if c.isAssigned() || c.is(".") || prefix == "++" || prefix == "--" || c.is("++") || c.is("--") {
		load = ""
	}
	if c.is("[") {
		c.current = array.elem
	}
	c.out(load)
}

// selectMember reads . or -> and the name of a member, and computes its address.
func (c *compiler) selectMember(note string) *member {
	c.out("# looking up offset\n")
	c.skip()
	m := c.current.members.find(c.text())
	if m == nil {
		c.here().Fail("%s has no member %s", c.current.name.text, c.text())
	}
	c.current = m.typ
	c.skip()
	if m.offset != 0 {
		c.addImmediate(regZero, m.offset, note)
	}
	return m
}

// upstream: postfix_expr_arrow
func (c *compiler) arrow() {
	m := c.selectMember("-> offset calculation")
	if c.first() == '.' || c.isAssigned() || m.size > c.target.WordSize {
		return
	}
	c.out(c.load(m.size, false)) // whatever its sign
}

// upstream: postfix_expr_dot
func (c *compiler) dot() {
	c.notInBootstrap("the operator .")
	c.selectMember(". offset calculation")
	if c.isAssigned() || c.is("[") || c.is(".") {
		return
	}
	c.out(c.load(c.current.size, c.current.signed))
}

// step returns the number that ++ and -- add or subtract.
func (c *compiler) step() int64 {
	if c.current.isPointer() {
		return c.current.elem.size
	}
	return 1
}

// upstream: postfix_expr_inc_or_dec
func (c *compiler) postIncrement() {
	decrement := c.first() == '-'
	c.skip()
	c.out("# postfix inc/dec\n")
	c.push(regOne, "Old register one value")
	c.push(regZero, "Address of variable")
	c.dereference(regZero, "Get value")
	c.pop(regOne, "Address of variable")
	c.push(regZero, "Value before postfix operator")
	c.push(regOne, "Address of variable")
	if decrement {
		c.subtractImmediate(regZero, c.step(), "Subtract offset")
	} else {
		c.addImmediate(regZero, c.step(), "Add offset")
	}
	c.pop(regOne, "Address of variable")
	c.out(c.store(c.current.size))
	c.pop(regZero, "Value before postfix operator")
	c.pop(regOne, "Previous value")
	for ; c.dereferences > 0; c.dereferences-- {
		c.current = c.current.elem
		c.out(c.load(c.current.size, c.current.signed))
	}
	c.out("# postfix inc/dec end\n")
}

// preIncrement compiles ++ or -- and the operand after it.
func (c *compiler) preIncrement() {
	decrement := c.first() == '-'
	c.notInBootstrap("++ or -- before an operand")
	c.out("# prefix inc/dec\n")
	c.push(regZero, "Previous value")
	c.skip()
	c.postfix()
	c.pop(regOne, "Restore previous value")
	c.push(regOne, "Previous value")
	c.push(regZero, "Address of variable")
	c.dereference(regZero, "Deref to get value")
	if decrement {
		c.subtractImmediate(regZero, c.step(), "Sub prefix from deref value")
	} else {
		c.addImmediate(regZero, c.step(), "Add prefix to deref value")
	}
	c.pop(regOne, "Address of variable")
	c.out(c.store(c.current.size))
	c.pop(regOne, "Previous value")
	c.out("# prefix inc/dec end\n")
}

// call compiles the arguments and the call of the function called name, or of the
// pointer in regZero.
// upstream: function_call
func (c *compiler) call(name string, pointer bool) {
	c.expect("(", "of a call")
	c.push(regTemp, "Protect temp register we are going to use")
	if c.target.Link == linkInFrame {
		c.push(regReturn, "Protect the old return pointer (link)")
	}
	c.push(regBase, "Protect the old base pointer")
	c.push(regLocals, "Protect the old locals pointer")
	c.move(regTemp, regStack, "Copy new base pointer")
	if pointer {
		c.move(regTemp2, regZero, "Save function pointer address")
	}
	passed := false
	for c.first() != ')' {
		c.expression()
		c.push(regZero, "function argument")
		passed = true
		c.separator(')')
	}
	c.expect(")", "after the arguments")
	if c.target.Link == linkAtCall {
		c.push(regReturn, "Protect the old link register")
	}
	c.move(regBase, regTemp, "Set new base pointer")
	if pointer {
		c.move(regZero, regTemp2, "Restore function pointer")
		c.out(c.target.CallPointer)
	} else {
		c.emit(c.target.Call, operands{label: name})
	}
	if passed {
		c.move(regStack, regBase, "Clean up function arguments")
	}
	c.pop(regLocals, "Restore old locals pointer")
	c.pop(regBase, "Restore old base pointer")
	if c.target.Link == linkInFrame {
		c.pop(regReturn, "Restore old return pointer (link)")
	}
	c.pop(regTemp, "Restore temp register")
}
