package m2planet

import (
	"strings"

	"stage0/internal/cpp"
)

// A compiler translates a program in one pass: it emits code as it reads.
type compiler struct {
	*types
	*emitter
	opt *Options

	at   *token // the current one; nil at the end
	last *token // of the program's text

	constants    map[string]*symbol // enumerators
	lastConstant *symbol
	variables    map[string]*symbol // global ones
	functions    map[string]bool    // declared ones
	statics      map[string]*symbol // static variables of the function, whatever their block
	function     *function          // the current one; between functions the previous one
	loop         loop

	// current is the type of the current expression. Numbers and calls do not
	// change it.
	// upstream: current_target
	current *ctype

	addressOf    bool  // the operator & is before the operand
	dereferences int   // number of * before the last variable
	labels       int   // number of labels in the function
	reserved     int64 // bytes of the function's locals
	depth        int   // of nesting
}

// A symbol is a variable, an enumerator or a function.
type symbol struct {
	name     string
	typ      *ctype
	kind     kind
	array    bool  // a local array
	elements int64 // of an array; 1 for other locals, 0 for other globals
	depth    int64 // offset from the base or locals pointer, in bytes

	value string // of an enumerator, in decimal; empty before it has one

	shadowed *symbol // a local of the same name in an outer block
}

// upstream: the TLO_ constants
type kind int

const (
	localVariable kind = iota
	argument
	globalVariable
	staticVariable
	functionName
	enumerator
)

// A function is a declared or defined function.
type function struct {
	name      string
	locals    []*symbol // in scope
	local     map[string]*symbol
	arguments map[string]*symbol
	depth     int64 // of the last argument
}

// A loop holds the labels that break and continue jump to.
type loop struct {
	breakLabel    string // start of the label; empty outside of loops and switch
	continueLabel string // the same; empty in a switch
	function      string
	number        string
}

// end returns the position for messages about the end of the program.
func (c *compiler) end() *token { return c.last }

// here returns the current token. At the end of the program it fails.
func (c *compiler) here() *token {
	if c.at == nil {
		c.end().Fail("the program ends here, in the middle of a declaration")
	}
	return c.at
}

// place returns the current token, or at the end of the program the last one.
func (c *compiler) place() *token {
	if c.at == nil {
		return c.end()
	}
	return c.at
}

func (c *compiler) text() string        { return c.here().Text }
func (c *compiler) first() byte         { return c.here().First() }
func (c *compiler) is(text string) bool { return c.here().Text == text }

// nextIs reports whether the token after the current one is text.
func (c *compiler) nextIs(text string) bool {
	next := c.here().next
	if next == nil {
		c.end().Fail("the program ends here; expected %q or more", text)
	}
	return next.Text == text
}

// previous returns the n-th token before the current one.
func (c *compiler) previous(n int) *token {
	t := c.here()
	for range n {
		if t = t.prev; t == nil {
			c.at.Fail("upstream crashes on an expression at the start of a program")
		}
	}
	return t
}

// advance moves to the next token or the end.
func (c *compiler) advance() { c.at = c.here().next }

// skip moves to the next token, which must exist.
// upstream: require_extra_token
func (c *compiler) skip() {
	c.advance()
	c.here()
}

// expect moves past the token text, which must be the current one.
// upstream: require_match
func (c *compiler) expect(text, where string) {
	if c.at == nil {
		c.end().Fail("the program ends here; expected %s %s", text, where)
	}
	if c.at.Text != text {
		c.at.Fail("found %s, expected %s %s", c.at.Show(), text, where)
	}
	c.at = c.at.next
}

// notInBootstrap rejects a feature that the seed's compiler lacks.
// upstream: maybe_bootstrap_error
func (c *compiler) notInBootstrap(feature string) {
	if c.opt.BootstrapMode {
		c.here().Fail("%s is not supported in bootstrap mode", feature)
	}
}

// nest and unnest enforce cpp.MaxNesting; nest also enforces maxOutput.
func (c *compiler) nest() {
	if c.depth++; c.depth > cpp.MaxNesting {
		c.here().Fail("nested more than %d deep", cpp.MaxNesting)
	}
	c.checkOutput()
}

func (c *compiler) checkOutput() {
	if len(c.code)+len(c.body)+len(c.globals)+len(c.strings) > maxOutput {
		c.place().Fail("the output is longer than %d bytes", maxOutput)
	}
}

func (c *compiler) unnest() { c.depth-- }

// checkLength rejects a text of n bytes that upstream's buffer is too small for.
func (c *compiler) checkLength(at *token, n int, what string) {
	if n >= c.opt.MaxString {
		at.Fail("the %s is %d bytes long; --max-string allows %d", what, n, c.opt.MaxString-1)
	}
}

// concat joins names of labels.
// upstream: concat_strings3 and concat_strings4
func (c *compiler) concat(parts ...string) string {
	text := strings.Join(parts, "")
	c.checkLength(c.place(), len(text), "label")
	return text
}

// report reports input that upstream silently accepts.
func (c *compiler) report(t *token, format string, args ...any) {
	t.Report(c.opt.Diagnostics, format, args...)
}

// single reports a token, such as !!, that upstream takes for its first character.
func (c *compiler) single() {
	if t := c.here(); len(t.Text) > 1 {
		c.report(t, "M2-Planet takes %s for a single %c", t.Text, t.Text[0])
	}
}

// separator moves past the comma in a list that end closes. Upstream does not
// notice if it is missing.
func (c *compiler) separator(end byte) {
	switch c.first() {
	case ',':
		c.skip()
	case end:
	default:
		c.report(c.at, "found %s, expected , or %c; M2-Planet assumes a comma", c.at.Show(), end)
	}
}

// newLabel returns the number of the next statement or string that has labels.
func (c *compiler) newLabel() (number string) {
	number = c.build.signed(int64(c.labels))
	c.labels++
	return number
}

// number returns the value of the number t.
func (c *compiler) number(t *token) int64 {
	value, problem := c.build.Number(t.Text)
	if problem != "" {
		c.report(t, "%s %s; M2-Planet takes it for %d", t.Text, problem, value)
	}
	return value
}

// find returns the variable called name, or nil.
func (f *function) find(name string) *symbol {
	if f == nil {
		return nil
	}
	if s := f.local[name]; s != nil {
		return s
	}
	return f.arguments[name]
}

// push adds a local variable, which hides others of its name.
func (f *function) push(s *symbol) {
	s.shadowed = f.local[s.name]
	f.local[s.name] = s
	f.locals = append(f.locals, s)
}

// popTo drops all local variables but the first n.
func (f *function) popTo(n int) {
	for i := len(f.locals) - 1; i >= n; i-- {
		f.local[f.locals[i].name] = f.locals[i].shadowed
	}
	f.locals = f.locals[:n]
}
