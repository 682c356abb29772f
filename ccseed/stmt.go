package ccseed

import "strconv"

// A loop records where a break goes.
type loop struct {
	label  string // label at its end; empty outside loops
	locals int    // number of locals at its beginning
}

// statement compiles a statement.
//
// upstream: statement
func (c *compiler) statement() {
	c.enter()
	word := c.word()
	t := c.types[word]
	switch {
	case word == "{":
		c.recursiveStatement()
	case c.first() == ':':
		c.write(word + "\t#C goto label\n")
		c.next()
	case t != nil && t.order < numBasic, word == "struct":
		c.collectLocal()
	case word == "if":
		c.processIf()
	case word == "do":
		c.processDo()
	case word == "while":
		c.processWhile()
	case word == "for":
		c.processFor()
	case word == "asm":
		c.processAsm()
	case word == "goto":
		c.next()
		c.emit(c.Goto, c.word())
		c.next()
		c.expect(";", "after goto")
	case word == "return":
		c.returnResult()
	case word == "break":
		c.processBreak()
	case word == "continue":
		c.warn(c.tok.off, "found continue, which does nothing")
		c.next()
		c.write("\n#continue statement\n")
		c.expect(";", "after continue")
	default:
		c.expression()
		c.expect(";", "after an expression")
	}
	c.leave()
}

// recursiveStatement compiles a block.
//
// upstream: recursive_statement
func (c *compiler) recursiveStatement() {
	f := c.function
	before := len(f.locals)
	for c.next(); !c.is("}"); {
		c.statement()
	}
	c.next()
	if !c.returned {
		for range len(f.locals) - before {
			c.write(c.DropBlock)
		}
	}
	f.truncate(before)
}

// unique returns the part of a label that is unique to a statement or string.
//
// upstream: uniqueID
func (c *compiler) unique() string {
	id := c.function.name + "_" + strconv.FormatInt(c.count, 10)
	c.count++
	return id
}

// processIf compiles an if statement.
//
// upstream: process_if
func (c *compiler) processIf() {
	id := c.unique()
	c.write("# IF_" + id + "\n")
	c.next()
	c.expect("(", "after if")
	c.expression()
	c.emit(c.JumpIfZero, "ELSE_"+id)
	c.expect(")", "after the condition of an if")
	c.statement()
	c.emit(c.Jump, "_END_IF_"+id)
	c.write(":ELSE_" + id + "\n")
	if c.is("else") {
		c.next()
		c.statement()
	}
	c.write(":_END_IF_" + id + "\n")
}

// enterLoop begins a loop with the label end at its end, and returns the
// enclosing loop.
//
// upstream: save_break_frame, set_break_frame
func (c *compiler) enterLoop(end string) (outer loop) {
	outer = c.loop
	c.loop = loop{label: end, locals: len(c.function.locals)}
	return outer
}

// processDo compiles a do statement.
//
// upstream: process_do
func (c *compiler) processDo() {
	id := c.unique()
	outer := c.enterLoop("DO_END_" + id)
	c.write(":DO_" + id + "\n")
	c.next()
	c.statement()
	c.expect("while", "after the body of a do")
	c.expect("(", "after the while of a do")
	c.expression()
	c.expect(")", "after the condition of a do")
	c.expect(";", "after a do")
	c.emit(c.DoWhile, id)
	c.write(":DO_END_" + id + "\n")
	c.loop = outer
}

// processWhile compiles a while statement.
//
// upstream: process_while
func (c *compiler) processWhile() {
	id := c.unique()
	outer := c.enterLoop("END_WHILE_" + id)
	c.write(":WHILE_" + id + "\n")
	c.next()
	c.expect("(", "after while")
	c.expression()
	c.emit(c.JumpIfZero, "END_WHILE_"+id)
	c.write("# THEN_while_" + id + "\n")
	c.expect(")", "after the condition of a while")
	c.statement()
	c.emit(c.Jump, "WHILE_"+id)
	c.write(":END_WHILE_" + id + "\n")
	c.loop = outer
}

// processFor compiles a for statement. Only the first of its expressions may be
// empty.
//
// upstream: process_for
func (c *compiler) processFor() {
	id := c.unique()
	outer := c.enterLoop("FOR_END_" + id)
	c.write("# FOR_initialization_" + id + "\n")
	c.next()
	c.expect("(", "after for")
	if !c.is(";") {
		c.expression()
	}
	c.write(":FOR_" + id + "\n")
	c.expect(";", "after the first expression of a for")
	c.expression()
	c.emit(c.JumpIfZero, "FOR_END_"+id)
	c.emit(c.Jump, "FOR_THEN_"+id)
	c.write(":FOR_ITER_" + id + "\n")
	c.expect(";", "after the second expression of a for")
	c.expression()
	c.emit(c.Jump, "FOR_"+id)
	c.write(":FOR_THEN_" + id + "\n")
	c.expect(")", "after the third expression of a for")
	c.statement()
	c.emit(c.Jump, "FOR_ITER_"+id)
	c.write(":FOR_END_" + id + "\n")
	c.loop = outer
}

// processAsm compiles an asm statement. Its strings are copied as in the
// source, including escapes.
//
// upstream: process_asm
func (c *compiler) processAsm() {
	c.next()
	c.expect("(", "after asm")
	for ; c.first() == '"'; c.next() {
		c.write(c.tok.text[1:] + "\n")
	}
	c.expect(")", "after the strings of an asm")
	c.expect(";", "after an asm")
}

// returnResult compiles a return statement.
//
// upstream: return_result
func (c *compiler) returnResult() {
	if c.next(); c.first() != ';' {
		c.expression()
	}
	c.expect(";", "after return")
	for range c.function.locals {
		c.write(c.DropReturn)
	}
	c.write(c.Return)
	c.returned = true
}

// processBreak compiles a break statement.
//
// upstream: process_break
func (c *compiler) processBreak() {
	if c.loop.label == "" {
		c.fail("found break outside a loop")
	}
	for range len(c.function.locals) - c.loop.locals {
		c.emit(c.Drop, "break_cleanup_locals")
	}
	c.next()
	c.emit(c.Goto, c.loop.label)
	c.expect(";", "after break")
}
