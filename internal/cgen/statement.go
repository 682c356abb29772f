package cgen

// maxDepth is the nesting depth of statements and expressions.
const maxDepth = 6

// statements returns the rules for statements.
func statements() []rule {
	return append([]rule{
		{4, 0, (*generator).local},
		{6, 0, func(g *generator) { g.assignment(); g.emit(";") }},
		{3, 0, func(g *generator) { g.call(); g.emit(";") }},
		{1, 0, func(g *generator) { g.expression(); g.emit(";") }},
		{4, 0, (*generator).ifElse},
		{2, 0, func(g *generator) { g.emit("while"); g.condition(); g.body() }},
		{1, 0, (*generator).doWhile},
		{2, 0, (*generator).forLoop},
		{2, 0, (*generator).returns},
		{2, 0, (*generator).leave},
		{1, 0, (*generator).gotoOrLabel},
		{1, 0, (*generator).asm},
		{1, 0, func(g *generator) { g.block(g.IntN(3)) }},
	}, m2Statements()...)
}

func (g *generator) statement() {
	if g.depth++; g.depth > maxDepth {
		g.assignment()
		g.emit(";")
	} else {
		g.pick(statements())
	}
	g.depth--
}

// block emits a block of n statements.
func (g *generator) block(n int) {
	before := len(g.visible)
	g.emit("{")
	for range n {
		g.statement()
	}
	g.emit("}")
	g.visible = g.visible[:before]
}

func (g *generator) local() {
	v := g.newVariable("v")
	if v.stars == 0 && v.base == "struct" {
		v.stars = 1
	}
	g.typeOf(v)
	g.emit(v.name)
	g.visible = append(g.visible, v)
	if g.oneIn(2) {
		g.emit("=")
		g.expression()
	}
	g.emit(";")
}

// condition emits an expression in parentheses.
func (g *generator) condition() {
	g.emit("(")
	g.expression()
	g.emit(")")
}

// body emits the body of a loop.
func (g *generator) body() {
	g.loops++
	if g.oneIn(4) {
		g.statement()
	} else {
		g.block(g.IntN(4))
	}
	g.loops--
}

func (g *generator) ifElse() {
	g.emit("if")
	g.condition()
	g.statement()
	if g.oneIn(2) {
		g.emit("else")
		g.statement()
	}
}

func (g *generator) doWhile() {
	g.emit("do")
	g.body()
	g.emit("while")
	g.condition()
	g.emit(";")
}

func (g *generator) forLoop() {
	g.emit("for", "(")
	if !g.oneIn(4) {
		g.assignment()
	}
	g.emit(";")
	g.expression()
	g.emit(";")
	g.assignment()
	g.emit(")")
	g.body()
}

func (g *generator) returns() {
	g.emit("return")
	if !g.oneIn(4) {
		g.expression()
	}
	g.emit(";")
}

// leave emits break or continue.
func (g *generator) leave() {
	switch {
	case g.loops == 0:
		g.returns()
	case g.oneIn(4) && g.switches == 0:
		g.emit("continue", ";")
	default:
		g.emit("break", ";")
	}
}

func (g *generator) gotoOrLabel() {
	if len(g.labels) > 0 && g.oneIn(2) {
		g.emit("goto", g.labels[g.IntN(len(g.labels))], ";")
		return
	}
	label := g.newName("L")
	g.labels = append(g.labels, label)
	g.emit(label + ":")
}

func (g *generator) asm() {
	g.emit("asm", "(")
	for range g.IntN(4) {
		g.emit(`"` + g.characters(g.IntN(12)) + `"`)
	}
	g.emit(")", ";")
}
