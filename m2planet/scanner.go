package m2planet

import (
	"strings"

	"stage0/source"
)

// A scanner cuts texts into tokens and lines them up.
type scanner struct {
	tokenPool
	build     *build
	maxString int

	head, last *token // of the list

	file *file
	text string
	pos  int   // of the byte that upstream has read ahead
	line int32 // upstream's line number, that byte included

	newlines int // the same without regard to #FILENAME

	// defining is set between #define and the next word, after which upstream
	// needs to know whether a '(' follows at once.
	defining bool
}

// classes of characters
const (
	wordChar     = 1 << iota // in identifiers and numbers
	operatorChar             // in operators of any length, like <<= and &&
	letterChar               // starts an identifier
	digitChar
)

var charClass = func() (class [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		class[c] = wordChar | letterChar
		class[c-'a'+'A'] = wordChar | letterChar
	}
	class['_'] = wordChar | letterChar
	for c := '0'; c <= '9'; c++ {
		class[c] = wordChar | digitChar
	}
	for _, c := range "<=>|&!^%" {
		class[c] = operatorChar
	}
	return class
}()

func isClass(c, class uint8) bool { return charClass[c]&class != 0 }

// maxText is the length of the longest text, in bytes.
const maxText = 1 << 30

// read appends the tokens of src, which is known as name, to the list.
// upstream: read_all_tokens
func (s *scanner) read(src source.Source, name string, depth int) {
	text, err := src.ReadAll()
	if err != nil {
		panic(abort{err})
	}
	s.file = &file{src: src, name: name, depth: depth}
	if len(text) > maxText {
		s.file.fail(maxText, "the text is longer than %d bytes", maxText)
	}
	s.text = string(text)
	s.pos, s.line, s.newlines, s.defining = -1, 1, 1, false
	s.moveTo(0)
	for !s.ends(s.pos) {
		start, text, ok := s.scan()
		switch {
		case !ok && s.last == nil:
			s.file.fail(0, "there is nothing to compile in this file")
		case !ok:
			return
		case text == "#FILENAME":
			s.changeFile(start)
			continue
		}
		s.append(start, text)
		if text == "#define" {
			s.defining = true
		} else if s.defining && isClass(s.text[start], wordChar) {
			s.defining = false
			if s.ends(s.pos) || s.text[s.pos] != '(' {
				s.append(start, " ") // tells #define F (x) from #define F(x)
			}
		}
	}
}

// upstream: new_token
func (s *scanner) append(start int, text string) {
	t := s.get()
	*t = token{text: text, prev: s.last, file: s.file, off: int32(start), line: s.line, id: s.newID()}
	if s.last == nil {
		s.head = t
	} else {
		s.last.next = t
	}
	s.last = t
}

// ends reports whether upstream finds the end of the text at i.
func (s *scanner) ends(i int) bool {
	return i >= len(s.text) || s.text[i] == 0xFF && s.build.EndsAt0xFF
}

// is reports whether the byte at i is c.
func (s *scanner) is(i int, c byte) bool { return i < len(s.text) && s.text[i] == c }

func (s *scanner) isBlank(i int) bool { return s.is(i, ' ') || s.is(i, '\t') }

// moveTo moves on to the byte at i.
func (s *scanner) moveTo(i int) {
	for _, c := range []byte(s.text[min(s.pos+1, len(s.text)):min(i+1, len(s.text))]) {
		if c == '\n' {
			s.line++
			s.newlines++
		}
	}
	s.pos = i
}

// classEnd returns the end of the characters of a class that start at i.
func (s *scanner) classEnd(i int, class uint8) int {
	for i < len(s.text) && isClass(s.text[i], class) {
		i++
	}
	return i
}

// scan moves past a token and returns its offset and text. At the end of the
// text ok is false.
// upstream: get_token
func (s *scanner) scan() (start int, text string, ok bool) {
	for {
		for s.isBlank(s.pos) {
			s.moveTo(s.pos + 1)
		}
		start = s.pos
		if s.ends(start) {
			return start, "", false
		}
		end := s.tokenEnd(start)
		if end > start {
			return start, s.cut(start, end), true
		}
	}
}

// cut moves past the token from start to end and returns its text.
func (s *scanner) cut(start, end int) string {
	text := s.text[start:end]
	switch c := text[0]; {
	case c == '#' && end > start+1 && !isClass(text[1], wordChar):
		text = "#" + strings.TrimLeft(text[1:], " \t")
	case c == '"' || c == '\'':
		end++ // the closing quote is not part of it
	}
	if len(text) >= s.maxString {
		s.file.fail(start, "the token is %d bytes long; --max-string allows %d", len(text), s.maxString-1)
	}
	text, _, _ = strings.Cut(text, "\x00")
	s.moveTo(end)
	return text
}

// tokenEnd returns the end of the token at start; if that is a comment or a
// joined line, it moves past that and returns start.
func (s *scanner) tokenEnd(start int) int {
	next := start + 1
	switch c := s.text[start]; {
	case isClass(c, wordChar):
		return s.classEnd(start, wordChar)
	case isClass(c, operatorChar):
		return s.classEnd(start, operatorChar)
	case c == '#':
		for s.isBlank(next) {
			next++
		}
		return s.classEnd(next, wordChar)
	case c == '"' || c == '\'':
		return s.quoteEnd(start)
	case c == '/' && s.is(next, '*'):
		s.moveTo(s.commentEnd(start))
		return start
	case c == '/' && s.is(next, '/'):
		end := strings.IndexByte(s.text[start:], '\n')
		if end < 0 {
			s.file.fail(start, "the comment has no end of line")
		}
		s.moveTo(start + end)
		return start
	case c == '\\' && s.is(next, '\n'):
		s.moveTo(next + 1)
		return start
	}
	return s.signEnd(start)
}

// signs lists the characters that may follow one in the same token, each at
// most once and in this order.
var signs = map[byte]string{'/': "=", '*': "=", '+': "=+", '-': "=>-"}

func (s *scanner) signEnd(start int) int {
	end := start + 1
	for _, c := range []byte(signs[s.text[start]]) {
		if s.is(end, c) {
			end++
		}
	}
	return end
}

// upstream: preserve_string
func (s *scanner) quoteEnd(start int) int {
	escape := false
	for i := start; ; {
		escape = !escape && s.text[i] == '\\'
		if i++; s.ends(i) {
			s.file.fail(start, "the literal has no closing %c", s.text[start])
		}
		if !escape && s.text[i] == s.text[start] {
			return i
		}
	}
}

// commentEnd returns the end of a block comment. To upstream "/*/" is one.
func (s *scanner) commentEnd(start int) int {
	i := start + 2
	advance := func() {
		if i++; s.ends(i) {
			s.file.fail(start, "the comment has no end")
		}
	}
	for !s.is(i, '/') {
		for !s.is(i, '*') {
			advance()
		}
		advance()
	}
	return i + 1
}

// changeFile acts on #FILENAME name line: what follows is line of name.
// upstream: change_filename
func (s *scanner) changeFile(start int) {
	i := s.pos
	for s.isBlank(i) || s.is(i, '\n') {
		i++
	}
	nameStart := i
	for !s.ends(i) && !s.isBlank(i) && !s.is(i, '\n') {
		i++
	}
	switch {
	case s.ends(i):
		s.file.fail(start, "#FILENAME needs a file name and a line number")
	case i-nameStart >= s.maxString:
		s.file.fail(start, "the file name is %d bytes long; --max-string allows %d", i-nameStart, s.maxString-1)
	}
	name, _, _ := strings.Cut(s.text[nameStart:i], "\x00")
	s.moveTo(i)
	s.defining = false
	at, text, ok := s.scan()
	if !ok {
		s.file.fail(start, "#FILENAME needs a line number")
	}
	line, _ := s.build.number(text)
	if line == 0 && !strings.HasPrefix(text, "0") {
		s.file.fail(at, "found %q, expected the line number of #FILENAME", text)
	}
	s.line = int32(line)
	s.file = &file{src: s.file.src, name: name, shift: int(s.line) - s.newlines, depth: s.file.depth}
}
