package cgen

import (
	"fmt"
	"strconv"
	"strings"
)

// The extensions of M2-Planet to the language of the seed's compilers.

// m2Declarations returns the rules for declarations outside of functions.
func m2Declarations() []rule {
	return []rule{
		{2, M2Planet, (*generator).typedef},
		{2, M2Planet, (*generator).nestedStructure},
		{1, M2Planet, (*generator).namedEnum},
		{6, M2Planet, (*generator).initializedGlobal},
		{2, M2Planet, (*generator).globalList},
		{1, M2Planet, (*generator).variadicFunction},
		{4, M2Planet, (*generator).directive},
	}
}

// m2Statements returns the rules for statements.
func m2Statements() []rule {
	return []rule{
		{3, M2Planet, (*generator).switchCase},
		{5, M2Planet, func(g *generator) { g.compound(); g.emit(";") }},
		{3, M2Planet, func(g *generator) { g.increment(); g.emit(";") }},
		{3, M2Planet, (*generator).localArray},
		{2, M2Planet, (*generator).localList},
		{2, M2Planet, (*generator).localStructure},
		{2, M2Planet, (*generator).staticLocal},
		{2, M2Planet, (*generator).forDeclaration},
		{1, M2Planet, (*generator).directive},
	}
}

// m2Expressions returns the rules for expressions.
func m2Expressions() []rule {
	return []rule{
		{3, M2Planet, (*generator).cast},
		{3, M2Planet, (*generator).dereference},
		{2, M2Planet, (*generator).address},
		{3, M2Planet, (*generator).increment},
		{2, M2Planet, (*generator).dotted},
		{2, M2Planet, (*generator).compound},
		{2, M2Planet, (*generator).sizeofVariable},
		{1, M2Planet, func(g *generator) { g.stringLiteral(); g.stringLiteral() }},
		{4, M2Planet, (*generator).macro},
		{1, M2Planet, (*generator).variadicArgument},
	}
}

// m2Types are more names of types.
var m2Types = []string{
	"unsigned char", "signed char", "short", "unsigned short int", "unsigned int", "signed", "long long", "unsigned long long int",
	"uint8_t", "int8_t", "uint16_t", "int16_t", "uint32_t", "int32_t", "uint64_t", "int64_t", "_Bool", "SCM", "const char",
}

// simpleType returns a type without structures.
func (g *generator) simpleType() variable {
	v := variable{base: m2Types[g.IntN(len(m2Types))], stars: max(0, g.IntN(5)-2)}
	if len(g.types) > 0 && g.oneIn(3) {
		v.base = g.types[g.IntN(len(g.types))]
	}
	return v
}

func (g *generator) typedef() {
	name := g.newName("t")
	g.emit("typedef")
	switch g.IntN(4) {
	case 0:
		g.emit(g.oneOf("int void char"), "(", "*", name, ")", "(")
		if g.oneIn(2) {
			g.emit("int", g.oneOf("x y"), ",", "char", "*")
		}
		g.emit(")")
	case 1:
		g.members(g.oneOf("struct union"), "", 1)
		g.emit(name)
	case 2:
		if len(g.structs) > 0 {
			s := g.structs[g.IntN(len(g.structs))]
			g.typeOf(variable{base: "struct", stru: &s, stars: g.IntN(2)})
			g.emit(name)
			break
		}
		fallthrough
	default:
		g.typeOf(g.simpleType())
		g.emit(name)
	}
	g.emit(";")
	g.types = append(g.types, name)
}

// members emits a structure or union, with or without a name, and returns its
// members, including those of structures without a name in it.
func (g *generator) members(kind, name string, depth int) (list []variable) {
	g.emit(kind)
	if name != "" {
		g.emit(name)
	}
	g.emit("{")
	for range 1 + g.IntN(4) {
		v := g.simpleType()
		v.name = g.newName("m")
		switch {
		case depth > 0 && g.oneIn(4):
			list = append(list, g.members(g.oneOf("struct union"), "", depth-1)...)
		case depth > 0 && g.oneIn(6):
			s := structure{members: g.members("struct", "", 0)}
			g.emit(v.name)
			list = append(list, variable{name: v.name, base: "struct", stru: &s})
		case g.oneIn(8):
			g.emit(g.oneOf("int char"), "(", "*", v.name, ")", "(", "int", ")")
			list = append(list, variable{name: v.name, base: "FUNCTION"})
		default:
			g.typeOf(v)
			g.emit(v.name)
			if g.oneIn(3) {
				g.emit("[", g.oneOf("1 2 3 8 100 0x10 2+3"), "]")
				v.stars++
			}
			list = append(list, v)
		}
		g.emit(";")
	}
	g.emit("}")
	return list
}

func (g *generator) nestedStructure() {
	s := structure{name: g.newName("s"), union: g.oneIn(3)}
	if g.oneIn(4) {
		g.emit(s.kind(), s.name, ";")
	}
	s.members = g.members(s.kind(), s.name, 2)
	g.emit(";")
	g.structs = append(g.structs, s)
}

func (g *generator) namedEnum() {
	g.emit("enum", g.newName("e"), "{")
	for i := range 1 + g.IntN(4) {
		if i > 0 {
			g.emit(",")
		}
		name := g.newName("K")
		g.emit(name)
		if g.oneIn(2) {
			g.emit("=")
			g.constantExpression()
		}
		g.constants = append(g.constants, name)
	}
	g.emit("}", ";")
}

// constantExpression emits a sum of numbers, characters and enumerators.
func (g *generator) constantExpression() {
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			g.emit(g.oneOf("+ -"))
		}
		switch g.IntN(6) {
		case 0:
			g.emit("-", g.number())
		case 1:
			g.emit("'" + g.character() + "'")
		case 2:
			g.constant()
		case 3:
			g.emit("sizeof", "(")
			g.typeOf(g.simpleType())
			g.emit(")")
		default:
			g.emit(g.number())
		}
	}
}

// initialValue emits an initial value of a global variable.
func (g *generator) initialValue(v variable) {
	switch {
	case v.stars > 0 && g.oneIn(2):
		g.emit(`"` + g.characters(g.IntN(8)) + `"`)
	case v.stars > 0 && len(g.globals) > 0 && g.oneIn(2):
		g.emit("&", g.globals[g.IntN(len(g.globals))].name)
	case v.stars > 0 && len(g.functions) > 0 && g.oneIn(2):
		g.emit("&", g.functions[g.IntN(len(g.functions))])
	case v.stars > 0:
		g.emit("0")
	case v.base == "struct":
		g.emit("{")
		for i, m := range v.stru.members[:1+g.IntN(len(v.stru.members))] {
			if i > 0 {
				g.emit(",")
			}
			g.initialValue(m)
		}
		g.emit("}")
	default:
		switch v.base {
		case "char", "unsigned char", "signed char", "uint8_t", "int8_t", "_Bool", "const char":
			g.emit(strconv.Itoa(g.IntN(128)))
		default:
			g.constantExpression()
		}
	}
}

func (g *generator) initializedGlobal() {
	v := g.simpleType()
	switch {
	case g.oneIn(3):
		v = g.newVariable("g")
	case g.oneIn(4) && len(g.structs) > 0:
		s := g.structs[g.IntN(len(g.structs))]
		if len(s.members) > 0 {
			v = variable{base: "struct", stru: &s}
		}
	}
	if v.base == "FUNCTION" {
		v.stars = 1
	}
	v.name = g.newName("g")
	if g.oneIn(6) {
		g.emit("static")
	}
	g.typeOf(v)
	g.emit(v.name)
	if g.oneIn(3) {
		n := 1 + g.IntN(4)
		g.emit("[")
		if g.oneIn(2) {
			g.emit(strconv.Itoa(n + g.IntN(3)))
		}
		g.emit("]", "=", "{")
		for i := range n {
			if i > 0 {
				g.emit(",")
			}
			g.initialValue(v)
		}
		g.emit("}")
		v.stars++
	} else if !g.oneIn(4) {
		g.emit("=")
		g.initialValue(v)
	}
	g.emit(";")
	g.globals = append(g.globals, v)
}

// globalList emits a declaration of several variables.
func (g *generator) globalList() {
	v := g.simpleType()
	v.stars = 0
	g.typeOf(v)
	for i := range 2 + g.IntN(2) {
		if i > 0 {
			g.emit(",")
		}
		w := v
		if w.name = g.newName("g"); i > 0 && g.oneIn(2) {
			g.emit("*")
			w.stars = 1
		}
		g.emit(w.name)
		switch g.IntN(4) {
		case 0:
			g.emit("[", g.oneOf("1 2 5 0x10"), "]")
			w.stars++
		case 1:
			g.emit("=")
			g.initialValue(w)
		}
		g.globals = append(g.globals, w)
	}
	g.emit(";")
}

// variadicFunction emits a function that reads its variable arguments.
func (g *generator) variadicFunction() {
	name, list := g.newName("f"), g.newName("l")
	g.emit("int", name, "(", "char", "*", "format", ",", "...", ")", "{", "__va_list", list, ";")
	g.functions = append(g.functions, name)
	g.emit("__va_start", "(", list, ",", "format", ")", ";")
	g.emit("int", "x", "=", "__va_arg", "(", list, ",", g.oneOf("int char* long"), ")", ";")
	g.emit("__va_end", "(", list, ")", ";", "return", "x", ";", "}")
}

func (g *generator) variadicArgument() {
	v, ok := g.anyVariable()
	if !ok {
		g.emit(g.number())
		return
	}
	g.emit("__va_arg", "(", v.name, ",", g.oneOf("int char* long unsigned"), ")")
}

// directive emits one or more lines for the preprocessor.
func (g *generator) directive() {
	switch g.IntN(8) {
	case 0, 1:
		name := g.newName("D")
		g.emit(fmt.Sprintf("\n#define %s %s\n", name, g.oneOf("1 2 (3) (1+2) __LINE__ __FILE__ -4 'c'")))
		g.macros = append(g.macros, name)
	case 2, 3:
		name := g.newName("D")
		g.emit(fmt.Sprintf("\n#define %s(%s) %s\n", name, "x, y", g.oneOf("(x)+(y) x x*y x+1 y+x+x (x)-1 3")))
		g.macros = append(g.macros, name+"(2,")
	case 4:
		g.emit(fmt.Sprintf("\n#if %s %s %s\n", g.number(), g.oneOf("== < > && || & | ^ + - << >> * != <= >="), g.number()))
		g.emit("int", g.newName("i"), ";")
		g.emit("\n#elif " + g.oneOf("1 0 defined(X) !defined(__M2__)") + "\n")
		g.emit("int", g.newName("i"), ";")
		g.emit("\n#else\n")
		g.emit("int", g.newName("i"), ";")
		g.emit("\n#endif\n")
	case 5:
		name := "X"
		if len(g.macros) > 0 {
			name = g.macroName()
		}
		g.emit("\n" + g.oneOf("#ifdef #ifndef") + " " + name + "\n")
		g.emit("int", g.newName("i"), ";")
		g.emit("\n#endif\n")
	case 6:
		if len(g.macros) > 0 && g.oneIn(3) {
			g.emit("\n#undef " + g.macroName() + "\n")
		}
	case 7:
		g.emit("\n#FILENAME " + g.oneOf("other.c a/b.h") + " " + strconv.Itoa(g.IntN(1000)) + "\n")
	}
}

// macroName returns the name of a macro.
func (g *generator) macroName() string {
	name, _, _ := strings.Cut(g.macros[g.IntN(len(g.macros))], "(")
	return name
}

// macro emits the use of a macro, with arguments if it takes some.
func (g *generator) macro() {
	if len(g.macros) == 0 {
		g.emit(g.oneOf("__LINE__ __M2__ __STDC__ __FILE__"))
		return
	}
	name := g.macros[g.IntN(len(g.macros))]
	g.emit(name)
	if name[len(name)-1] == ',' {
		g.expression()
		g.emit(")")
	}
}

func (g *generator) switchCase() {
	g.emit("switch")
	g.condition()
	g.emit("{")
	g.switches++
	for range g.IntN(4) {
		g.emit("case")
		g.constantExpression()
		g.emit(":")
		for range g.IntN(3) {
			g.statement()
		}
		if g.oneIn(2) {
			g.emit("break", ";")
		}
	}
	if g.oneIn(2) {
		g.emit("default", ":")
		for range g.IntN(3) {
			g.statement()
		}
	}
	g.switches--
	g.emit("}")
}

// compound emits an assignment like +=.
func (g *generator) compound() {
	switch g.IntN(3) {
	case 0:
		g.postfix()
	case 1:
		g.dotted()
	default:
		g.variable()
	}
	g.emit(g.oneOf("+= -= *= /= %= <<= >>= &= ^= |="))
	g.expression()
}

func (g *generator) increment() {
	operator := g.oneOf("++ --")
	before := g.oneIn(2)
	if before {
		g.emit(operator)
	}
	if g.oneIn(2) {
		g.variable()
	} else {
		g.postfix()
	}
	if !before {
		g.emit(operator)
	}
}

func (g *generator) dereference() {
	for range 1 + g.IntN(2) {
		g.emit("*")
	}
	g.variable()
}

func (g *generator) address() {
	g.emit("&")
	if g.oneIn(3) {
		g.functionName()
	} else {
		g.variable()
	}
}

func (g *generator) cast() {
	g.emit("(")
	if g.oneIn(3) {
		g.typeOf(g.newVariable("c"))
	} else {
		g.typeOf(g.simpleType())
	}
	g.emit(")")
	g.operand()
}

// dotted emits a member of a structure, if there is a variable of one.
func (g *generator) dotted() {
	v, ok := g.anyVariable()
	if !ok || v.base != "struct" || v.stars != 0 || len(v.stru.members) == 0 {
		g.postfix()
		return
	}
	g.emit(v.name)
	for v.base == "struct" && v.stars == 0 && len(v.stru.members) > 0 {
		v = v.stru.members[g.IntN(len(v.stru.members))]
		g.emit(".", v.name)
	}
	if v.stars > 0 && g.oneIn(2) {
		g.emit("[")
		g.expression()
		g.emit("]")
	}
}

func (g *generator) sizeofVariable() {
	g.emit("sizeof", "(")
	if g.oneIn(4) {
		g.emit("*")
	}
	if g.oneIn(6) {
		g.emit(`"` + g.characters(g.IntN(8)) + `"`)
	} else {
		g.variable()
	}
	g.emit(")")
}

// declare emits a local variable with its type.
func (g *generator) declare(v variable) variable {
	v.name = g.newName("v")
	g.typeOf(v)
	g.emit(v.name)
	g.visible = append(g.visible, v)
	return v
}

func (g *generator) localArray() {
	g.declare(g.simpleType())
	g.emit("[", g.oneOf("1 2 3 7 8 100 0x20 2000 2+2"), "]", ";")
	g.visible[len(g.visible)-1].stars++
}

func (g *generator) localList() {
	g.declare(g.simpleType())
	for range 1 + g.IntN(2) {
		g.emit(",")
		for range g.IntN(3) {
			g.emit("*")
		}
		name := g.newName("v")
		g.emit(name)
		g.visible = append(g.visible, variable{name: name, base: "int"})
		if g.oneIn(2) {
			g.emit("=")
			g.expression()
		}
	}
	g.emit(";")
}

func (g *generator) localStructure() {
	if len(g.structs) == 0 {
		g.localArray()
		return
	}
	s := g.structs[g.IntN(len(g.structs))]
	g.declare(variable{base: "struct", stru: &s, stars: g.IntN(2)})
	g.emit(";")
}

func (g *generator) staticLocal() {
	g.emit("static")
	v := g.declare(g.simpleType())
	switch g.IntN(3) {
	case 0:
		g.emit("=")
		g.initialValue(v)
	case 1:
		g.emit("[", g.oneOf("1 2 5"), "]")
	}
	g.emit(";")
}

func (g *generator) forDeclaration() {
	before := len(g.visible)
	g.emit("for", "(")
	g.declare(variable{base: g.oneOf("int unsigned char")})
	g.emit("=")
	g.expression()
	g.emit(";")
	g.expression()
	g.emit(";")
	g.increment()
	g.emit(")")
	g.body()
	g.visible = g.visible[:before]
}
