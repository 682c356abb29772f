package ccseed

// A function is the function being compiled.
type function struct {
	name      string
	arguments map[string]variable
	locals    []local
	byName    map[string]int // index in locals of the variable that a name refers to
	lastDepth int64          // of the last argument; 0 if there are none
}

// A variable is a local or an argument.
type variable struct {
	*ctype       // nil if the declaration defined a structure
	depth  int64 // in bytes
}

// A local is a variable, and the one it hides.
type local struct {
	variable
	name   string
	hidden int // index of the local of the same name that it hides, or -1
}

// declare adds a local.
func (f *function) declare(name string, v variable) {
	hidden, ok := f.byName[name]
	if !ok {
		hidden = -1
	}
	f.byName[name] = len(f.locals)
	f.locals = append(f.locals, local{v, name, hidden})
}

// truncate drops all locals but the first n.
func (f *function) truncate(n int) {
	for i := len(f.locals) - 1; i >= n; i-- {
		if l := f.locals[i]; l.hidden < 0 {
			delete(f.byName, l.name)
		} else {
			f.byName[l.name] = l.hidden
		}
	}
	f.locals = f.locals[:n]
}

// program compiles the whole source.
//
// upstream: program
func (c *compiler) program() {
	for !c.tok.eof {
		switch {
		case c.enums && c.is("enum"):
			c.enum()
			continue
		case !c.enums && c.is("CONSTANT"):
			c.constant()
			continue
		}
		t := c.typeName()
		if t == nil {
			continue
		}
		name := c.word()
		at := c.tok.off
		c.variables[name] = t
		c.next()
		switch {
		case c.is(";"):
			c.checkSize(at, name, t)
			c.globals.WriteString(":GLOBAL_" + name + "\nNULL\n")
			c.next()
		case c.is("("):
			c.declareFunction(name)
		default:
			c.warn(c.tok.off, "found %s, expected \";\" or \"(\" after the name of a global; the rest of the file is dropped", c.tok)
			for !c.tok.eof {
				c.next()
			}
		}
	}
}

// checkSize warns if a variable is larger than the word it gets.
func (c *compiler) checkSize(off int, name string, t *ctype) {
	if t != nil && t.size > c.Word {
		c.warn(off, "found %q of %d bytes, which gets one word; expected a pointer to it", name, t.size)
	}
}

// enum compiles the definition of enumeration constants.
//
// upstream: enumerator
func (c *compiler) enum() {
	c.next()
	c.expect("{", "after enum")
	for {
		name := c.word()
		c.next()
		c.expect("=", "after the name of an enumeration constant")
		c.define(name)
		if !c.is(",") {
			break
		}
		if c.next(); c.is("}") {
			break
		}
	}
	c.expect("}", "after the last enumeration constant")
	c.expect(";", "after the definition of enumeration constants")
}

// constant compiles CONSTANT NAME VALUE.
//
// upstream: program, the part before program_else
func (c *compiler) constant() {
	c.next()
	name := c.word()
	c.next()
	c.define(name)
}

// define reads the value of the constant called name.
func (c *compiler) define(name string) {
	value := c.word()
	if !isNumber(value) {
		c.warn(c.tok.off, "found %s for the value of %q, expected a number; it is copied as it is", c.tok, name)
	}
	c.constants[name] = value
	c.next()
}

// declareFunction compiles a function from its arguments on.
//
// upstream: declare_function
func (c *compiler) declareFunction(name string) {
	c.functions[name] = true
	c.function = &function{name: name, arguments: map[string]variable{}, byName: map[string]int{}}
	c.count = 0
	c.collectArguments()
	if c.is(";") {
		c.next()
	} else {
		c.write("# Defining function " + name + "\n:FUNCTION_" + name + "\n")
		c.statement()
		if !c.returned {
			c.write(c.Return)
		}
	}
	c.function = nil
}

// collectArguments reads the parameters of a function.
//
// upstream: collect_arguments
func (c *compiler) collectArguments() {
	f := c.function
	for c.next(); !c.is(")"); {
		t := c.typeName()
		if !c.is(")") && !c.is(",") {
			f.lastDepth += c.SlotStep
			c.checkSize(c.tok.off, c.word(), t)
			f.arguments[c.word()] = variable{t, f.lastDepth}
			c.next()
		}
		switch {
		case c.is(","):
			c.next()
		case !c.is(")"):
			c.warn(c.tok.off, "found %s, expected \",\" or \")\" after an argument; a comma is assumed", c.tok)
		}
	}
	c.next()
}

// collectLocal compiles the declaration of a local.
//
// upstream: collect_local
func (c *compiler) collectLocal() {
	f := c.function
	t := c.typeName()
	name := c.word()
	depth := f.lastDepth + c.FirstLocal
	switch n := len(f.locals); {
	case n > 0:
		depth = f.locals[n-1].depth + c.SlotStep
	case f.name == "main":
		depth = c.MainLocal
	}
	c.checkSize(c.tok.off, name, t)
	f.declare(name, variable{t, depth})
	c.write("# Defining local " + name + "\n")
	if c.next(); c.is("=") {
		c.next()
		c.expression()
	}
	c.expect(";", "after the declaration of a local")
	c.emit(c.Push, name)
}
