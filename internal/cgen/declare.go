package cgen

import "strconv"

// declarations returns the rules for declarations outside of functions.
func declarations() []rule {
	return append([]rule{
		{2, 0, (*generator).enum},
		{3, 0, (*generator).structure},
		{3, 0, (*generator).global},
		{1, 0, (*generator).prototype},
		{4, 0, func(g *generator) { g.function(g.newName("f")) }},
	}, m2Declarations()...)
}

func (g *generator) enum() {
	if g.features&Constants != 0 {
		for range 1 + g.IntN(4) {
			name := g.newName("K")
			g.emit("CONSTANT", name, g.number())
			g.constants = append(g.constants, name)
		}
		return
	}
	g.emit("enum", "{")
	for i := range 1 + g.IntN(4) {
		if i > 0 {
			g.emit(",")
		}
		name := g.newName("K")
		g.emit(name, "=", g.number())
		g.constants = append(g.constants, name)
	}
	if g.oneIn(4) {
		g.emit(",")
	}
	g.emit("}", ";")
}

func (g *generator) structure() {
	s := structure{name: g.newName("s")}
	g.emit("struct", s.name, "{")
	itself := structure{name: s.name}
	unions := g.features&Unions != 0
	inUnion := false
	for i := range 1 + g.IntN(5) {
		if unions && !inUnion && g.oneIn(4) {
			g.emit("union", "{")
			inUnion = true
		}
		m := g.newVariable("m")
		switch {
		case m.base == "struct" && m.stars == 0, i == 0 && g.features&StructArrays == 0:
			m = variable{name: m.name, base: "int", stars: g.IntN(2)}
		case g.oneIn(5):
			m.base, m.stru, m.stars = "struct", &itself, 1
		}
		g.typeOf(m)
		g.emit(m.name)
		if g.features&StructArrays != 0 && m.base != "struct" && g.oneIn(4) {
			g.emit("[", g.oneOf("1 2 3 8 100 0x10"), "]")
		}
		g.emit(";")
		s.members = append(s.members, m)
		if inUnion && g.oneIn(3) {
			g.emit("}", ";")
			inUnion = false
		}
	}
	if inUnion {
		g.emit("}", ";")
	}
	g.emit("}", ";")
	itself.members = s.members
	g.structs = append(g.structs, s)
}

func (g *generator) global() {
	v := g.newVariable("g")
	g.typeOf(v)
	g.emit(v.name, ";")
	g.globals = append(g.globals, v)
}

// newVariable returns a new variable with a name and a type.
func (g *generator) newVariable(prefix string) variable {
	v := variable{name: g.newName(prefix)}
	switch n := g.IntN(12); {
	case n < 4:
		v.base = "int"
	case n < 7:
		v.base, v.stars = "char", g.IntN(4)
	case n < 10 && len(g.structs) > 0:
		s := g.structs[g.IntN(len(g.structs))]
		v.base, v.stru, v.stars = "struct", &s, 1
		if g.oneIn(8) {
			v.stars = g.IntN(3)
		}
	default:
		v.base = g.oneOf("int void char FILE FUNCTION FUNCTION unsigned long")
		v.stars = g.IntN(2)
	}
	return v
}

// typeOf emits the type of a variable.
func (g *generator) typeOf(v variable) {
	if v.base == "struct" {
		g.emit(v.stru.kind(), v.stru.name)
	} else {
		g.emit(v.base)
	}
	for range v.stars {
		g.emit("*")
	}
}

// arguments emits the arguments of a function and returns them.
func (g *generator) arguments() (args []variable) {
	g.emit("(")
	for i := range g.IntN(4) {
		if i > 0 {
			g.emit(",")
		}
		v := g.newVariable("a")
		g.typeOf(v)
		if g.oneIn(12) {
			continue // only its type
		}
		g.emit(v.name)
		args = append(args, v)
	}
	g.emit(")")
	return args
}

func (g *generator) prototype() {
	name := g.newName("p")
	g.emit(g.oneOf("void int char"), name)
	g.arguments()
	g.emit(";")
	g.functions = append(g.functions, name)
}

func (g *generator) function(name string) {
	g.emit(g.oneOf("void int char long"))
	if g.oneIn(4) {
		g.emit("*")
	}
	g.emit(name)
	g.functions = append(g.functions, name)
	g.visible = g.arguments()
	g.labels, g.loops, g.depth = nil, 0, 0
	if g.oneIn(10) {
		g.statement()
	} else {
		g.block(2 + g.IntN(6))
	}
	g.visible = nil
}

// number returns a number.
func (g *generator) number() string {
	switch g.IntN(6) {
	case 0:
		return "0x" + strconv.FormatUint(g.Uint64N(1<<g.IntN(33)), 16)
	case 1:
		return g.oneOf("0 1 010 0x7FFFFFFF 0X1F 2147483648 4294967295 99999999999 12ab")
	}
	return strconv.FormatUint(g.Uint64N(1<<g.IntN(20)), 10)
}
