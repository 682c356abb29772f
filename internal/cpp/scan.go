package cpp

import "strings"

// A class is a set of characters.
type class uint8

const (
	Word     class = 1 << iota // in identifiers and numbers
	Tail                       // Word and the colon
	operator                   // in operators of any length, like <<= and &&
	Letter                     // starts an identifier
	Digit
)

var classes = func() (class [256]class) {
	for c := 'a'; c <= 'z'; c++ {
		class[c] = Word | Tail | Letter
		class[c-'a'+'A'] = Word | Tail | Letter
	}
	class['_'] = Word | Tail | Letter
	for c := '0'; c <= '9'; c++ {
		class[c] = Word | Tail | Digit
	}
	class[':'] = Tail
	for _, c := range "<=>|&!^%" {
		class[c] = operator
	}
	return class
}()

// Has reports whether c is in the class.
func (k class) Has(c byte) bool { return classes[c]&k != 0 }

// Is reports whether the byte at i is c.
func (f *File) Is(i int, c byte) bool { return i < len(f.Text) && f.Text[i] == c }

// ClassEnd returns the end of the characters of a class that start at i.
func (f *File) ClassEnd(i int, class class) int {
	text := f.Text
	for i < len(text) && class.Has(text[i]) {
		i++
	}
	return i
}

// signs lists the characters that may follow a character in the same token, each
// at most once and in this order.
var signs = [256]string{'/': "=", '*': "=", '+': "=+", '-': "=>-"}

// TokenEnd returns the end of the token at start: a word, which continues with
// characters of tail; # and a word; operators; a literal; a comment, with its
// line end if it starts with //; or a sign.
// upstream: get_token
func (f *File) TokenEnd(start int, tail class) int {
	end := start + 1
	switch c := f.Text[start]; {
	case c == '#':
		return f.ClassEnd(end, Word)
	case Word.Has(c):
		return f.ClassEnd(end, tail)
	case operator.Has(c):
		return f.ClassEnd(end, operator)
	case c == '"' || c == '\'':
		return f.literalEnd(start)
	case c == '/' && f.Is(end, '*'):
		return f.commentEnd(start)
	case c == '/' && f.Is(end, '/'):
		i := strings.IndexByte(f.Text[start:], '\n')
		if i < 0 {
			f.Fail(start, "the comment has no end of line")
		}
		return start + i + 1
	}
	for _, c := range []byte(signs[f.Text[start]]) {
		if f.Is(end, c) {
			end++
		}
	}
	return end
}

// upstream: preserve_string
func (f *File) literalEnd(start int) int {
	for i := start + 1; i < len(f.Text); i++ {
		switch f.Text[i] {
		case '\\':
			i++
		case f.Text[start]:
			return i + 1
		}
	}
	f.FailLiteral(start)
	panic("unreachable")
}

// commentEnd returns the end of a block comment. To upstream "/*/" is one.
func (f *File) commentEnd(start int) int {
	if f.Is(start+2, '/') {
		return start + 3
	}
	i := strings.Index(f.Text[start+2:], "*/")
	if i < 0 {
		f.FailComment(start)
	}
	return start + 2 + i + 2
}

// FailLiteral ends the run with the error that a literal has no end.
func (f *File) FailLiteral(start int) {
	f.Fail(start, "the literal has no closing %c", f.Text[start])
}

// FailComment ends the run with the error that a block comment has no end.
func (f *File) FailComment(start int) { f.Fail(start, "the comment has no end") }
