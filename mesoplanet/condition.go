package mesoplanet

// The conditions of #if and #elif. All operators take what is to their right
// first: 8-4-2 is 6. Arithmetic and shifts have one order of precedence, and
// so have comparisons, and so have the bitwise and logical operators.

// afterIf is what the end of a condition is asked for with.
const afterIf = "the end of the line after a condition"

// condition returns the value of the condition at hand.
// upstream: macro_expression
func (p *preprocessor) condition() int64 { return p.bitwise(0) }

// upstream: macro_bitwise_expr
func (p *preprocessor) bitwise(depth int) int64 {
	left := p.relational(depth)
	operator := *p.at()
	switch operator.text {
	case "&":
		p.eat(afterIf)
		return left & p.bitwise(depth+1)
	case "&&":
		p.eat(afterIf)
		right := p.bitwise(depth + 1)
		value := p.build.and(left, right)
		if (value != 0) != (left != 0 && right != 0) {
			p.report(&operator, "%d && %d is %d; M2-Mesoplanet takes && for &", left, right, value)
		}
		return value
	case "|":
		p.eat(afterIf)
		return left | p.bitwise(depth+1)
	case "||":
		p.eat(afterIf)
		return p.build.or(left, p.bitwise(depth+1))
	case "^":
		p.eat(afterIf)
		return left ^ p.bitwise(depth+1)
	}
	return left
}

// upstream: macro_relational_expr
func (p *preprocessor) relational(depth int) int64 {
	left := p.additive(depth)
	switch p.at().text {
	case "<":
		p.eat(afterIf)
		return truth(left < p.relational(depth+1))
	case "<=":
		p.eat(afterIf)
		return truth(left <= p.relational(depth+1))
	case ">=":
		p.eat(afterIf)
		return truth(left >= p.relational(depth+1))
	case ">":
		p.eat(afterIf)
		return truth(left > p.relational(depth+1))
	case "==":
		p.eat(afterIf)
		return truth(left == p.relational(depth+1))
	case "!=":
		p.eat(afterIf)
		return truth(left != p.relational(depth+1))
	}
	return left
}

// upstream: macro_additive_expr
func (p *preprocessor) additive(depth int) int64 {
	left := p.primary(depth)
	operator := *p.at()
	switch operator.text {
	case "+":
		p.eat(afterIf)
		return p.build.wrap(left + p.additive(depth+1))
	case "-":
		p.eat(afterIf)
		return p.build.wrap(left - p.additive(depth+1))
	case "*":
		p.eat(afterIf)
		return p.build.wrap(left * p.additive(depth+1))
	case "/":
		return p.build.wrap(left / p.divisor(left, &operator, depth))
	case "%":
		return left % p.divisor(left, &operator, depth)
	case ">>":
		p.eat(afterIf)
		return p.build.shiftRight(left, p.additive(depth+1))
	case "<<":
		p.eat(afterIf)
		return p.build.shiftLeft(left, p.additive(depth+1))
	}
	return left
}

// divisor returns what left is to be divided by.
func (p *preprocessor) divisor(left int64, operator *token, depth int) int64 {
	p.eat(afterIf)
	right := p.additive(depth + 1)
	switch {
	case right == 0:
		fail(operator, "division by zero in a condition")
	case p.build.traps && p.build.overflows(left, right):
		fail(operator, "the quotient of %d and -1 does not fit", left)
	}
	return right
}

// upstream: macro_primary_expr
func (p *preprocessor) primary(depth int) int64 {
	t := *p.here("an expression")
	if depth > maxNesting {
		fail(&t, "the condition nests more than %d deep", maxNesting)
	}
	switch c := t.first(); {
	case c == '-':
		if t.text != "-" {
			p.report(&t, "M2-Mesoplanet takes %s for a single -", t.text)
		}
		p.eat("an expression")
		return p.build.wrap(-p.primary(depth + 1))
	case c == '!':
		if t.text != "!" {
			p.report(&t, "M2-Mesoplanet takes %s for a single !", t.text)
		}
		p.eat("an expression")
		return truth(p.primary(depth+1) == 0)
	case c == '(':
		p.eat("an expression")
		value := p.bitwise(depth + 1)
		p.closeParen()
		return value
	case t.text == "defined":
		return p.definedExpression()
	case isClass(c, letterChar):
		return p.variable(&t)
	case isClass(c, digitChar):
		p.eat(afterIf)
		return p.number(&t, t.text)
	}
	p.report(&t, "found %q, expected an expression; M2-Mesoplanet takes it for 0", t.text)
	return 0
}

func (p *preprocessor) closeParen() {
	if t := p.at(); t.first() != ')' {
		fail(t, "found %q, expected )", t.text)
	}
	p.eat(afterIf)
}

func (p *preprocessor) definedExpression() int64 {
	const wanted = "the name of a macro after defined"
	p.eat(wanted)
	paren := p.at().first() == '('
	if paren {
		p.eat(wanted)
	}
	m := p.macros[p.name(wanted).text]
	p.eat(afterIf)
	if paren {
		p.closeParen()
	}
	return truth(m != nil)
}

// upstream: macro_variable
func (p *preprocessor) variable(t *token) int64 {
	p.eat(afterIf)
	m := p.macros[t.text]
	switch {
	case m == nil:
		return 0
	case len(m.body) == 0:
		fail(t, "macro %s stands for nothing, expected a number", t.text)
	case len(m.body) > 1:
		p.report(t, "macro %s stands for more than a number; M2-Mesoplanet takes only %q", t.text, m.body[0].text)
	}
	return p.number(t, m.body[0].text)
}

// number returns the value of a number that stands at t.
func (p *preprocessor) number(t *token, text string) int64 {
	value, ok := p.build.number(text)
	if !ok {
		p.report(t, "%q is not a number; M2-Mesoplanet takes it for 0", text)
	}
	return value
}
