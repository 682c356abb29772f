package m2planet

// statement compiles a statement.
// upstream: statement
func (c *compiler) statement() {
	c.nest()
	c.current = c.builtin["int"]
	start := c.here()
	switch {
	case c.first() == '{':
		c.block()
	case start.next != nil && start.next.First() == ':':
		c.out(":")
		c.out(c.text())
		c.out("\t#C goto label\n")
		c.advance()
		c.skip()
	case c.startsDeclaration():
		c.at = start
		c.localVariables()
	case c.is("if"):
		c.ifStatement()
	case c.is("switch"):
		c.switchStatement()
	case c.is("do"):
		c.doStatement()
	case c.is("while"):
		c.whileStatement()
	case c.is("for"):
		c.forStatement()
	case c.is("asm"):
		c.asmStatement()
	case c.is("goto"):
		c.skip()
		c.jump("", c.text(), "Goto")
		c.skip()
		c.expect(";", "after goto")
	case c.is("return"):
		c.skip()
		if c.first() != ';' {
			c.expression()
		}
		c.expect(";", "after return")
		c.ret()
	case c.is("break"):
		c.breakStatement()
	case c.is("continue"):
		c.continueStatement()
	case c.is("static"):
		c.skip()
		c.staticVariable()
	default:
		c.expression()
		c.expect(";", "after an expression")
	}
	c.unnest()
}

// startsDeclaration reports whether the statement declares local variables. It
// may move within the name of a type.
func (c *compiler) startsDeclaration() bool {
	if c.primitiveType() != nil {
		return true
	}
	switch c.text() {
	case "enum", "struct", "union", "const":
		return true
	}
	return false
}

// upstream: recursive_statement
func (c *compiler) block() {
	c.skip()
	outer := len(c.function.locals)
	for !c.is("}") {
		c.statement()
	}
	c.advance()
	c.function.popTo(outer)
}

// upstream: process_if
func (c *compiler) ifStatement() {
	id := c.uniqueID(c.newLabel())
	c.comment("IF_", id)
	c.advance()
	c.expect("(", "after if")
	c.expression()
	c.jumpIfZero(regZero, "ELSE_", id, "Jump to else")
	c.expect(")", "after the condition of if")
	c.statement()
	hasElse := c.is("else")
	if hasElse {
		c.jump("_END_IF_", id, "Else statement")
	}
	c.label("ELSE_", id)
	if hasElse {
		c.skip()
		c.statement()
		c.here()
	}
	c.label("_END_IF_", id)
}

// uniqueID returns the end of the labels of the statement with this number.
// upstream: create_unique_id
func (c *compiler) uniqueID(number string) string {
	return c.concat(c.function.name, "_", number)
}

// beginLoop sets the starts of the labels of break and continue; the caller
// restores c.loop. It returns the end of the labels.
func (c *compiler) beginLoop(breakLabel, continueLabel string) (id string) {
	number := c.newLabel()
	c.loop = loop{breakLabel, continueLabel, c.function.name, number}
	return c.uniqueID(number)
}

// upstream: process_do
func (c *compiler) doStatement() {
	outer := c.loop
	id := c.beginLoop("DO_END_", "DO_TEST_")
	c.label("DO_", id)
	c.skip()
	c.statement()
	c.here()
	c.label("DO_TEST_", id)
	c.expect("while", "after the body of do")
	c.expect("(", "after while")
	c.expression()
	c.expect(")", "after the condition of do")
	c.expect(";", "after do")
	c.jumpIfNotZero(regZero, "DO_", id, "Rerun loop")
	c.label("DO_END_", id)
	c.loop = outer
}

// upstream: process_while
func (c *compiler) whileStatement() {
	outer := c.loop
	id := c.beginLoop("END_WHILE_", "WHILE_")
	c.label("WHILE_", id)
	c.advance()
	c.expect("(", "after while")
	c.expression()
	c.jumpIfZero(regZero, "END_WHILE_", id, "Jump to end")
	c.comment("THEN_while_", id)
	c.expect(")", "after the condition of while")
	c.statement()
	c.here()
	c.jump("WHILE_", id, "Repeat loop")
	c.label("END_WHILE_", id)
	c.loop = outer
}

// upstream: process_for
func (c *compiler) forStatement() {
	outer := c.loop
	id := c.beginLoop("FOR_END_", "FOR_ITER_")
	c.comment("FOR_initialization_", id)
	c.skip()
	c.expect("(", "after for")
	start := c.here()
	switch {
	case c.maybeTypeName() != nil:
		c.at = start // read again what may have declared a type
		c.localVariables()
	case !c.is(";"):
		c.expression()
		c.expect(";", "after the first part of for")
	default:
		c.expect(";", "in for")
	}
	c.label("FOR_", id)
	c.expression()
	c.jumpIfZero(regZero, "FOR_END_", id, "Jump to end")
	c.jump("FOR_THEN_", id, "Go to body")
	c.label("FOR_ITER_", id)
	c.expect(";", "after the condition of for")
	c.expression()
	c.jump("FOR_", id, "Check conditional")
	c.label("FOR_THEN_", id)
	c.expect(")", "after the third part of for")
	c.statement()
	c.here()
	c.jump("FOR_ITER_", id, "Repeat iteration")
	c.label("FOR_END_", id)
	c.loop = outer
}

// upstream: process_switch
func (c *compiler) switchStatement() {
	c.notInBootstrap("switch")
	outer := c.loop
	id := c.beginLoop("_SWITCH_END_", "")
	c.comment("switch_", id)
	c.advance()
	c.expect("(", "after switch")
	c.expression()
	c.expect(")", "after the value of switch")
	c.move(regOne, regZero, "process switch")
	c.jump("_SWITCH_TABLE_", id, "Jump to the switch table")
	c.expect("{", "of switch")

	var cases []string
	for c.is("case") {
		if value, ok := c.caseLabel(); ok {
			cases = append(cases, value)
			c.label("_SWITCH_CASE_", value+"_"+id)
			c.caseBody()
		}
	}
	hasDefault := c.is("default")
	if hasDefault {
		c.skip()
		c.expect(":", "after default")
		c.label("_SWITCH_DEFAULT_", id)
		for !c.is("}") {
			c.statement()
		}
		c.jump("_SWITCH_END_", id, "jump over the switch table")
	}
	c.expect("}", "or case, or default, or a break as the last statement of each, in switch")

	c.label("_SWITCH_TABLE_", id)
	for i := len(cases) - 1; i >= 0; i-- {
		value, _ := c.build.Number(cases[i])
		c.loadImmediate(regZero, value, "Load case value")
		c.jumpIfEqual(regZero, regOne, "_SWITCH_CASE_", c.concat(cases[i], "_", id), "Jump to case if equal")
	}
	if hasDefault {
		c.jump("_SWITCH_DEFAULT_", id, "Default to default:")
	}
	c.label("_SWITCH_END_", id)
	c.loop = outer
}

// caseLabel reads case and its value. Upstream drops a case without a colon.
func (c *compiler) caseLabel() (value string, ok bool) {
	start := c.at
	c.skip()
	number := c.constant()
	c.checkSign(start, number)
	value = c.build.unsigned(number)
	if c.first() != ':' {
		c.report(start, "found %s, expected : after case; M2-Planet drops the case", c.at.Show())
		return "", false
	}
	c.skip()
	return value, true
}

// caseBody compiles the statements of a case, with the first break at the end.
// upstream: process_case
func (c *compiler) caseBody() {
	for !c.is("case") && !c.is("default") && c.first() != '}' {
		last := c.is("break")
		c.statement()
		c.here()
		if last {
			return
		}
	}
}

// upstream: process_asm
func (c *compiler) asmStatement() {
	c.advance()
	c.expect("(", "after asm")
	for c.first() == '"' {
		c.out(c.text()[1:])
		c.out("\n")
		c.skip()
	}
	c.expect(")", "after the strings of asm")
	c.expect(";", "after asm")
}

// upstream: process_break
func (c *compiler) breakStatement() {
	if c.loop.breakLabel == "" {
		c.at.Fail("break outside of a loop or switch")
	}
	c.skip()
	c.jump("", c.concat(c.loop.breakLabel, c.loop.function, "_", c.loop.number), "Break statement")
	c.expect(";", "after break")
}

// upstream: process_continue
func (c *compiler) continueStatement() {
	if c.loop.continueLabel == "" {
		c.at.Fail("continue outside of a loop, or in a switch")
	}
	c.skip()
	c.jump("", c.concat(c.loop.continueLabel, c.loop.function, "_", c.loop.number), "Continue statement")
	c.expect(";", "after continue")
}
