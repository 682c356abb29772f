package cgen

import (
	"fmt"
	"slices"
	"strings"
)

// expressions returns the rules for expressions; those without operands come
// first.
func expressions() []rule {
	return append([]rule{
		{4, 0, func(g *generator) { g.emit(g.number()) }},
		{6, 0, (*generator).variable},
		{2, 0, (*generator).constant},
		{2, 0, func(g *generator) { g.emit("'" + g.character() + "'") }},
		{2, 0, (*generator).stringLiteral},
		{1, 0, (*generator).sizeof},
		{1, 0, (*generator).functionName},
		{8, 0, (*generator).binary},
		{3, 0, func(g *generator) { g.emit(g.oneOf("- ! ~")); g.operand() }},
		{3, 0, func(g *generator) { g.condition() }},
		{4, 0, (*generator).postfix},
		{3, 0, (*generator).call},
		{1, 0, func(g *generator) { g.emit("("); g.assignment(); g.emit(")") }},
		{1, 0, (*generator).assignment},
	}, m2Expressions()...)
}

// simple is the number of expressions without operands.
const simple = 7

func (g *generator) expression() {
	if g.depth++; g.depth > maxDepth {
		g.pick(expressions()[:simple])
	} else {
		g.pick(expressions())
	}
	g.depth--
}

// operand emits an expression, in parentheses unless it binds tightly.
func (g *generator) operand() {
	switch g.IntN(4) {
	case 0:
		g.condition()
	case 1:
		g.postfix()
	default:
		g.pick(expressions()[:simple])
	}
}

func (g *generator) binary() {
	g.operand()
	for range 1 + g.IntN(3) {
		g.emit(g.oneOf("+ + - - * / % << >> < <= > >= == != & && | || ^"))
		g.operand()
	}
}

// anyVariable returns one that is visible.
func (g *generator) anyVariable() (v variable, ok bool) {
	n := len(g.visible) + len(g.globals)
	if n == 0 {
		return variable{}, false
	}
	if i := g.IntN(n); i < len(g.visible) {
		v = g.visible[i]
	} else {
		v = g.globals[i-len(g.visible)]
	}
	return v, true
}

func (g *generator) variable() {
	if v, ok := g.anyVariable(); ok {
		g.emit(v.name)
	} else {
		g.emit(g.number())
	}
}

func (g *generator) constant() {
	if len(g.constants) == 0 {
		g.emit(g.number())
		return
	}
	g.emit(g.constants[g.IntN(len(g.constants))])
}

func (g *generator) functionName() { g.emit(g.functions[g.IntN(len(g.functions))]) }

func (g *generator) sizeof() {
	g.emit("sizeof", "(")
	g.typeOf(g.newVariable("t"))
	g.emit(")")
}

// postfix emits a variable with indices and members.
func (g *generator) postfix() {
	v, ok := g.anyVariable()
	if !ok {
		g.emit(g.number())
		return
	}
	g.emit(v.name)
	for range 1 + g.IntN(3) {
		switch {
		case v.base == "struct" && v.stars <= 1 && len(v.stru.members) > 0 && !g.oneIn(6):
			v = v.stru.members[g.IntN(len(v.stru.members))]
			g.emit("->", v.name)
		case v.stars > 0 || g.oneIn(6):
			g.emit("[")
			g.expression()
			g.emit("]")
		}
	}
}

// assignment emits one to a variable, an element or a member.
func (g *generator) assignment() {
	if g.oneIn(2) {
		g.variable()
	} else {
		g.postfix()
	}
	g.emit("=")
	g.expression()
}

// call emits a call of a function, or of a variable that points to one.
func (g *generator) call() {
	v, ok := g.anyVariable()
	switch {
	case !ok || v.base != "FUNCTION", g.features&CallGlobals == 0 && !slices.Contains(g.visible, v):
		g.functionName()
	default:
		g.emit(v.name)
	}
	g.emit("(")
	for i := range g.IntN(4) {
		if i > 0 {
			g.emit(",")
		}
		g.expression()
	}
	g.emit(")")
}

// stringLiteral emits a string, sometimes of about the maximum length.
func (g *generator) stringLiteral() {
	text := g.characters(g.IntN(20))
	if g.oneIn(60) {
		text += strings.Repeat("x", 240+g.IntN(18)-len(text))
	}
	g.emit(`"` + text + `"`)
}

// characters returns n characters of a string.
func (g *generator) characters(n int) string {
	var b strings.Builder
	plain := g.oneIn(2)
	for range n {
		if plain || g.oneIn(2) {
			b.WriteByte("abcxyzSQRTU 0129.,%!*"[g.IntN(21)])
		} else {
			b.WriteString(g.character())
		}
	}
	return b.String()
}

// character returns a character or an escape of a string.
func (g *generator) character() string {
	switch g.IntN(8) {
	case 0:
		return `\` + string(`nt\'"r`[g.IntN(6)])
	case 1:
		return fmt.Sprintf(`\x%02d`, g.IntN(100))
	case 2:
		if g.features&HexLetters != 0 {
			return fmt.Sprintf([]string{`\x%02x`, `\x%02X`}[g.IntN(2)], g.IntN(256))
		}
		return ":"
	case 3:
		return ":#/*"[g.IntN(4):][:1]
	case 4:
		return []string{"\t", "\n", "\r", "\x7f", "\x80", "\xff", "\xc3\xa9"}[g.IntN(7)]
	}
	return string(rune('A' + g.IntN(26)))
}
