package m2planet

// The conditions of #if and #elif. All operators take what is to their right
// first: 8-4-2 is 6. Arithmetic and shifts have one order of precedence, and
// so have comparisons, and so have the bitwise and logical operators.

// maxNesting is how deep expressions, conditions and statements may nest.
const maxNesting = 100_000

// afterIf is what the end of a line is asked for with.
const afterIf = "the end of the line after #if"

// condition returns the value of the condition at hand.
// upstream: macro_expression
func (p *preprocessor) condition() int64 { return p.bitwise(0) }

// upstream: macro_bitwise_expr
func (p *preprocessor) bitwise(depth int) int64 {
	left := p.relational(depth)
	switch p.here(afterIf).text {
	case "&":
		p.eat("")
		return left & p.bitwise(depth+1)
	case "&&":
		p.eat("")
		return p.build.and(left, p.bitwise(depth+1))
	case "|":
		p.eat("")
		return left | p.bitwise(depth+1)
	case "||":
		p.eat("")
		return p.build.or(left, p.bitwise(depth+1))
	case "^":
		p.eat("")
		return left ^ p.bitwise(depth+1)
	}
	return left
}

// upstream: macro_relational_expr
func (p *preprocessor) relational(depth int) int64 {
	left := p.additive(depth)
	switch p.here(afterIf).text {
	case "<":
		p.eat("")
		return truth(left < p.relational(depth+1))
	case "<=":
		p.eat("")
		return truth(left <= p.relational(depth+1))
	case ">=":
		p.eat("")
		return truth(left >= p.relational(depth+1))
	case ">":
		p.eat("")
		return truth(left > p.relational(depth+1))
	case "==":
		p.eat("")
		return truth(left == p.relational(depth+1))
	case "!=":
		p.eat("")
		return truth(left != p.relational(depth+1))
	}
	return left
}

// upstream: macro_additive_expr
func (p *preprocessor) additive(depth int) int64 {
	left := p.primary(depth)
	switch p.here(afterIf).text {
	case "+":
		p.eat("")
		return p.build.wrap(left + p.additive(depth+1))
	case "-":
		p.eat("")
		return p.build.wrap(left - p.additive(depth+1))
	case "*":
		p.eat("")
		return p.build.wrap(left * p.additive(depth+1))
	case "/":
		quotient, _ := p.divide(left, depth)
		return quotient
	case "%":
		_, remainder := p.divide(left, depth)
		return remainder
	case ">>":
		p.eat("")
		return p.build.shiftRight(left, p.additive(depth+1))
	case "<<":
		p.eat("")
		return p.build.shiftLeft(left, p.additive(depth+1))
	}
	return left
}

func (p *preprocessor) divide(left int64, depth int) (quotient, remainder int64) {
	operator := p.at
	p.eat("")
	right := p.additive(depth + 1)
	if right == 0 {
		fail(operator, "division by zero in #if")
	}
	quotient, remainder, ok := p.build.divide(left, right)
	if !ok {
		fail(operator, "%d divided by -1 is out of range", left)
	}
	return quotient, remainder
}

// upstream: macro_primary_expr
func (p *preprocessor) primary(depth int) int64 {
	t := p.here("an expression")
	if depth > maxNesting {
		fail(t, "the condition nests more than %d deep", maxNesting)
	}
	switch c := t.first(); {
	case c == '-':
		p.single(t)
		p.eat("")
		return p.build.wrap(-p.primary(depth + 1))
	case c == '!':
		p.single(t)
		p.eat("")
		return truth(p.primary(depth+1) == 0)
	case c == '(':
		p.eat("")
		value := p.bitwise(depth + 1)
		p.closeParen()
		return value
	case t.text == "defined":
		return p.defined()
	case isClass(c, letterChar):
		return p.variable()
	case isClass(c, digitChar):
		value := p.number(t, t.text)
		p.eat("")
		return value
	}
	p.report(t, "found %s, expected an expression; M2-Planet takes it for 0", t.show())
	return 0
}

// single reports a token that upstream takes for its first character, as !! is.
func (p *preprocessor) single(t *token) {
	if len(t.text) > 1 {
		p.report(t, "M2-Planet takes %s for a single %c", t.text, t.text[0])
	}
}

func (p *preprocessor) closeParen() {
	if t := p.here(")"); t.first() != ')' {
		fail(t, "found %s, expected )", t.show())
	}
	p.eat("")
}

func (p *preprocessor) defined() int64 {
	const wanted = "the name of a macro after defined"
	p.eat("")
	paren := p.here(wanted).first() == '('
	if paren {
		p.eat("")
	}
	value := truth(p.lookup(p.here(wanted)) != nil)
	p.eat("")
	if paren {
		p.closeParen()
	}
	return value
}

// upstream: macro_variable
func (p *preprocessor) variable() int64 {
	t := p.at
	var value int64
	if m := p.lookup(t); m != nil {
		if m.body == nil {
			fail(t, "macro %s stands for nothing, expected a number", m.name)
		}
		value = p.number(t, m.body[0].text) // the rest does not count
	}
	p.eat("")
	return value
}

// number returns the value of a number that stands at t.
func (p *preprocessor) number(t *token, text string) int64 {
	value, problem := p.build.number(text)
	if problem != "" {
		p.report(t, "%s %s; M2-Planet takes it for %d", text, problem, value)
	}
	return value
}
