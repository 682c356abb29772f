package mesoplanet

import (
	"strings"

	"stage0/source"
)

// A scanner cuts a text into tokens.
type scanner struct {
	file      *file
	text      string
	pos       int
	maxString int
	hold      *hold
	diag      source.Diagnostics

	included int // how many files it has included
	lines    int // line ends in the text up to counted
	counted  int
}

// classes of characters
const (
	wordChar     = 1 << iota // in words, which are names and numbers
	tailChar                 // after the first character of a word
	operatorChar             // in operators of any length, like <<= and &&
	letterChar
	digitChar
)

var charClass = func() (class [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		class[c] = wordChar | tailChar | letterChar
		class[c-'a'+'A'] = wordChar | tailChar | letterChar
	}
	class['_'] = wordChar | tailChar | letterChar
	for c := '0'; c <= '9'; c++ {
		class[c] = wordChar | tailChar | digitChar
	}
	class[':'] = tailChar
	for _, c := range "<=>|&!^%" {
		class[c] = operatorChar
	}
	return class
}()

func isClass(c, class uint8) bool { return charClass[c]&class != 0 }

// is reports whether the byte at i is c.
func (s *scanner) is(i int, c byte) bool { return i < len(s.text) && s.text[i] == c }

// scan moves past a token, which there must be, and returns it.
// upstream: get_token
func (s *scanner) scan() token {
	start := s.pos
	s.pos = s.tokenEnd(start)
	return s.token(start, s.pos)
}

// token returns the token from start to end.
func (s *scanner) token(start, end int) token {
	text := s.text[start:end]
	if len(text) >= s.maxString {
		s.file.fail(start, "the token is %d bytes long; --max-string allows %d", len(text), s.maxString-1)
	}
	t := token{text: s.hold.token(text), file: s.file, off: int32(start)}
	if t.text == text {
		return t
	}
	switch i := strings.IndexByte(text, 0); {
	case text == "\x00" && t.text == "":
		report(s.diag, &t, "byte 0x00 is dropped")
	case i >= 0:
		nul := t
		nul.off += int32(i)
		report(s.diag, &nul, "byte 0x00 ends the token for M2-Mesoplanet; what is after it may come up again")
	case len(t.text) > len(text)+1:
		fail(&t, "upstream appends %q to the token, which is left of something before, and overruns its memory", t.text[len(text):])
	default:
		report(s.diag, &t, "M2-Mesoplanet appends %q to the token, which is left of something before", t.text[len(text):])
	}
	return t
}

// classEnd returns the end of the characters of a class that start at i.
func (s *scanner) classEnd(i int, class uint8) int {
	for i < len(s.text) && isClass(s.text[i], class) {
		i++
	}
	return i
}

// signs lists the characters that may follow one in the same token, each at
// most once and in this order.
var signs = [256]string{'/': "=", '*': "=", '+': "=+", '-': "=>-"}

// tokenEnd returns the end of the token at start.
func (s *scanner) tokenEnd(start int) int {
	end := start + 1
	switch c := s.text[start]; {
	case c == '#':
		return s.classEnd(end, wordChar)
	case isClass(c, wordChar):
		return s.classEnd(end, tailChar)
	case isClass(c, operatorChar):
		return s.classEnd(end, operatorChar)
	case c == '"' || c == '\'':
		return s.quoteEnd(start)
	case c == '/' && s.is(end, '*'):
		return s.commentEnd(start)
	case c == '/' && s.is(end, '/'):
		i := strings.IndexByte(s.text[start:], '\n')
		if i < 0 {
			s.file.fail(start, "the comment has no end of line")
		}
		return start + i + 1
	}
	for _, c := range []byte(signs[s.text[start]]) {
		if s.is(end, c) {
			end++
		}
	}
	return end
}

// upstream: preserve_string
func (s *scanner) quoteEnd(start int) int {
	for i := start + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case s.text[start]:
			return i + 1
		}
	}
	s.file.fail(start, "the literal has no closing %c", s.text[start])
	panic("unreachable")
}

// commentEnd returns the end of a block comment. To upstream "/*/" is one.
func (s *scanner) commentEnd(start int) int {
	if s.is(start+2, '/') {
		return start + 3
	}
	i := strings.Index(s.text[start+2:], "*/")
	if i < 0 {
		s.file.fail(start, "the comment has no end")
	}
	return start + 2 + i + 2
}
