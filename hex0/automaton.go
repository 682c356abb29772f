package hex0

import "stage0/strtoint"

// A State is what hex0 remembers of the part of a text that it has read. The
// zero State is the one at the start of a text.
type State struct {
	Comment bool // the text so far ends in a comment
	Half    bool // one digit of a byte has been read
	High    byte // its value, if Half
}

// Step is the specification of hex0. It returns the state after c, the next byte
// of the text, and the byte of output that c completes, if ok. What is left at
// the end of the text, half a byte or a comment, has no effect.
func (opt Options) Step(s State, c byte) (next State, out byte, ok bool) {
	value, digit := opt.digit(c)
	switch {
	case c == '\n', c == '\r' && opt.CommentEndsAtCR:
		s.Comment = false
	case s.Comment:
		// the comment goes on
	case startsComment(c):
		s.Comment = true
	case digit && s.Half:
		return State{}, s.High<<4 + value, true
	case digit:
		return State{Half: true, High: value}, 0, false
	}
	return s, 0, false
}

func startsComment(c byte) bool { return c == '#' || c == ';' }

// digit returns the value of a digit.
func (opt Options) digit(c byte) (value byte, ok bool) {
	if opt.DigitG && (c == 'g' || c == 'G') {
		return 16, true
	}
	v := strtoint.Digit(c)
	return byte(v), v < 16
}
