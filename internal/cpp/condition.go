package cpp

import (
	"slices"

	"stage0/source"
)

// MaxNesting is the maximum nesting depth of conditions, and of #ifs that are
// left out.
const MaxNesting = 100_000

// A stream is the tokens of a preprocessor.
type stream interface {
	// Here returns the current token. At the end of the program the run fails;
	// wanted is what was expected.
	Here(wanted string) *Token

	// Eat removes the current token.
	Eat()

	// Macro returns the first token and the number of tokens of the macro that
	// the current token names. ok is false if it names none.
	Macro() (first string, n int, ok bool)
}

// Ifs are the conditionals around the current token.
type Ifs struct {
	Stream stream
	Tool   string // upstream's program, in messages
	Build  *Build
	source.Diagnostics

	open []If // the innermost last
}

// An If is a conditional.
type If struct {
	at      Token // its directive
	Include bool  // this part is not left out
	Matched bool  // this part, or one before, is not
}

// Open starts a conditional.
func (c *Ifs) Open(directive *Token, include bool) {
	c.open = append(c.open, If{*directive, include, include})
}

// Innermost returns the conditional that a directive belongs to.
func (c *Ifs) Innermost(directive *Token) *If {
	if len(c.open) == 0 {
		directive.Fail("%s without #if", directive.Text)
	}
	return &c.open[len(c.open)-1]
}

// Close ends the conditional that an #endif belongs to.
func (c *Ifs) Close(directive *Token) {
	c.Innermost(directive)
	c.open = c.open[:len(c.open)-1]
}

// LeftOut reports whether the innermost conditional leaves out the current token.
func (c *Ifs) LeftOut() bool { return len(c.open) > 0 && !c.open[len(c.open)-1].Include }

// End reports a conditional without #endif at the end of the program.
func (c *Ifs) End() {
	if n := len(c.open); n > 0 {
		t := &c.open[n-1].at
		t.Report(c.Diagnostics, "%s has no #endif", t.Text)
	}
}

// endOfIf names #endif in messages.
const endOfIf = "#endif"

// Skip removes a part that is left out, up to #elif, #else or #endif.
// upstream: eat_block
func (c *Ifs) Skip() { c.skip(0) }

// skip is Skip at depth 0. At other depths, in an #if that is left out, it stops
// only at #endif.
// upstream: eat_until_endif
func (c *Ifs) skip(depth int) {
	if depth > MaxNesting {
		c.Stream.Here(endOfIf).Fail("#if is nested more than %d deep", MaxNesting)
	}
	for {
		switch c.Stream.Here(endOfIf).Text {
		case "#if", "#ifdef", "#ifndef":
			c.Stream.Eat()
			c.skip(depth + 1)
		}
		c.Stream.Eat()
		switch t := c.Stream.Here(endOfIf); {
		case t.Text == "#endif", depth == 0 && (t.Text == "#elif" || t.Text == "#else"):
			return
		}
	}
}

// operators has the operators of each precedence, the lowest first. All are
// right-associative: 8-4-2 is 6.
var operators = [...][]string{
	{"&", "&&", "|", "||", "^"},           // upstream: macro_bitwise_expr
	{"<", "<=", ">=", ">", "==", "!="},    // upstream: macro_relational_expr
	{"+", "-", "*", "/", "%", ">>", "<<"}, // upstream: macro_additive_expr
}

// Condition reads a condition and returns its value.
// upstream: macro_expression
func (c *Ifs) Condition() int64 { return c.expression(0, 0) }

func (c *Ifs) expression(precedence, depth int) int64 {
	if precedence == len(operators) {
		return c.primary(depth)
	}
	left := c.expression(precedence+1, depth)
	operator := *c.Stream.Here("the end of the line after a condition")
	if !slices.Contains(operators[precedence], operator.Text) {
		return left
	}
	c.Stream.Eat()
	return c.apply(&operator, left, c.expression(precedence, depth+1))
}

func (c *Ifs) apply(operator *Token, left, right int64) int64 {
	switch b := c.Build; operator.Text {
	case "&":
		return left & right
	case "&&":
		value := b.And(left, right)
		if (value != 0) != (left != 0 && right != 0) {
			operator.Report(c.Diagnostics, "%d && %d is %d; %s takes && for &", left, right, value, c.Tool)
		}
		return value
	case "|":
		return left | right
	case "||":
		return b.or(left, right)
	case "^":
		return left ^ right
	case "<":
		return truth(left < right)
	case "<=":
		return truth(left <= right)
	case ">=":
		return truth(left >= right)
	case ">":
		return truth(left > right)
	case "==":
		return truth(left == right)
	case "!=":
		return truth(left != right)
	case "+":
		return b.Wrap(left + right)
	case "-":
		return b.Wrap(left - right)
	case "*":
		return b.Wrap(left * right)
	case ">>":
		return b.ShiftRight(left, right)
	case "<<":
		return b.shiftLeft(left, right)
	}
	if right == 0 {
		operator.Fail("division by zero in a condition")
	}
	quotient, remainder, ok := c.Build.divide(left, right)
	switch {
	case !ok:
		operator.Fail("%d divided by -1 is out of range", left)
	case operator.Text == "/":
		return quotient
	}
	return remainder
}

// upstream: macro_primary_expr
func (c *Ifs) primary(depth int) int64 {
	t := *c.Stream.Here("an expression")
	if depth > MaxNesting {
		t.Fail("the condition nests more than %d deep", MaxNesting)
	}
	switch ch := t.First(); {
	case ch == '-' || ch == '!':
		if len(t.Text) > 1 {
			t.Report(c.Diagnostics, "%s takes %s for a single %c", c.Tool, t.Text, ch)
		}
		c.Stream.Eat()
		value := c.primary(depth + 1)
		if ch == '!' {
			return truth(value == 0)
		}
		return c.Build.Wrap(-value)
	case ch == '(':
		c.Stream.Eat()
		value := c.expression(0, depth+1)
		c.closeParen()
		return value
	case t.Text == "defined":
		return c.defined()
	case Letter.Has(ch):
		value := c.variable(&t)
		c.Stream.Eat()
		return value
	case Digit.Has(ch):
		c.Stream.Eat()
		return c.number(&t, t.Text)
	}
	t.Report(c.Diagnostics, "found %s, expected an expression; %s takes it for 0", t.Show(), c.Tool)
	return 0
}

func (c *Ifs) closeParen() {
	if t := c.Stream.Here(")"); t.First() != ')' {
		t.Fail("found %s, expected )", t.Show())
	}
	c.Stream.Eat()
}

func (c *Ifs) defined() int64 {
	const wanted = "the name of a macro after defined"
	c.Stream.Eat()
	paren := c.Stream.Here(wanted).First() == '('
	if paren {
		c.Stream.Eat()
	}
	c.Stream.Here(wanted).CheckName(c.Diagnostics, wanted)
	_, _, ok := c.Stream.Macro()
	c.Stream.Eat()
	if paren {
		c.closeParen()
	}
	return truth(ok)
}

// variable returns the value of the name t, the current token.
// upstream: macro_variable
func (c *Ifs) variable(t *Token) int64 {
	first, n, ok := c.Stream.Macro()
	switch {
	case !ok:
		return 0
	case n == 0:
		t.Fail("macro %s is empty, expected a number", t.Text)
	case n > 1:
		t.Report(c.Diagnostics, "macro %s has more than one token; %s uses only %q", t.Text, c.Tool, first)
	}
	return c.number(t, first)
}

// number returns the value of the number text at t.
func (c *Ifs) number(t *Token, text string) int64 {
	value, problem := c.Build.Number(text)
	if problem != "" {
		t.Report(c.Diagnostics, "%q %s; %s takes it for %d", text, problem, c.Tool, value)
	}
	return value
}
