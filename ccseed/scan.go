package ccseed

import (
	"strconv"
	"strings"

	"stage0/source"
)

// maxToken is the maximum length of a token in bytes: upstream's buffer has
// 256, including a NUL. A string's token includes the opening quote, but not
// the closing one.
const maxToken = 255

// A token is a word of the source.
type token struct {
	text string // compared and copied; ends at the first NUL
	raw  string // the whole token
	off  int    // offset in the source
	eof  bool   // the end of the source
}

// String returns the token as messages show it.
func (t token) String() string {
	switch {
	case t.eof:
		return "the end of the file"
	case t.text != "" && t.text[0] == '"':
		return "a string"
	case t.text != "" && t.text[0] == '\'':
		return "a character constant"
	}
	return strconv.Quote(t.text)
}

// Kinds of characters. NUL terminates upstream's sets, and so belongs to each
// of them.
const (
	alpha = 1 << iota
	symbol
)

// kinds has the set of kinds of each character.
var kinds = func() (kinds [256]byte) {
	for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz\x00") {
		kinds[c] |= alpha
	}
	for _, c := range []byte("<=>|&!-\x00") {
		kinds[c] |= symbol
	}
	return kinds
}()

// A scanner splits the source into tokens.
type scanner struct {
	src  source.Source
	text string
	pos  int // offset of the first character after tok
	diag source.Diagnostics

	lineComments bool // as in dialect

	tok  token // current token
	prev token // previous token
}

// A bailout is the panic value that ends a run.
type bailout struct{ err error }

// failAt ends the run with an error at offset off.
func (s *scanner) failAt(off int, format string, args ...any) {
	panic(bailout{s.src.Errorf(off, format, args...)})
}

// fail ends the run with an error at the current token.
func (s *scanner) fail(format string, args ...any) {
	s.failAt(s.tok.off, format, args...)
}

// warn reports input that upstream silently mangles.
func (s *scanner) warn(off int, format string, args ...any) {
	if err := s.diag.Report(s.src, off, format, args...); err != nil {
		panic(bailout{err})
	}
}

// next advances to the next token.
//
// upstream: get_token
func (s *scanner) next() {
	s.prev = s.tok
	for s.pos < len(s.text) {
		start := s.pos
		switch c := s.text[start]; {
		case c == ' ' || c == '\n' || c == '\t':
			s.pos++
		case c == '#':
			s.skipLine()
		case c == '/' && strings.HasPrefix(s.text[start:], "//"):
			s.skipSlashes()
		case c == '/' && strings.HasPrefix(s.text[start:], "/*"):
			s.skipComment()
		case c == endByte:
			s.warn(start, "found byte 0xFC, which is taken for the end of the file; the rest is dropped")
			s.pos = len(s.text)
		case kinds[c]&alpha != 0:
			s.span(alpha)
			if s.pos < len(s.text) && s.text[s.pos] == ':' {
				s.label(start)
				return
			}
			s.set(start, s.text[start:s.pos])
			return
		case kinds[c]&symbol != 0:
			s.span(symbol)
			s.set(start, s.text[start:s.pos])
			return
		case c == '"' || c == '\'':
			s.quoted(c)
			return
		default:
			s.pos++
			s.set(start, s.text[start:s.pos])
			return
		}
	}
	s.tok = token{off: len(s.text), eof: true}
}

// endByte is what upstream returns at the end of the file.
const endByte = 0xFC

// span skips the characters of a kind.
//
// upstream: preserve_keyword, preserve_symbol
func (s *scanner) span(kind byte) {
	for s.pos < len(s.text) && kinds[s.text[s.pos]]&kind != 0 {
		s.pos++
	}
}

// set makes raw, which begins at offset off, the current token.
func (s *scanner) set(off int, raw string) {
	if len(raw) > maxToken {
		s.failAt(off, "found a token of %d bytes, expected at most %d", len(raw), maxToken)
	}
	s.tok = token{text: raw, raw: raw, off: off}
	if nul := strings.IndexByte(raw, 0); nul >= 0 {
		s.warn(off+nul, "found a NUL in a token, which ends there")
		s.tok.text = raw[:nul]
	}
}

// label makes a label of the word from start and the colon after it: it moves
// the colon to the front. A NUL in the word is dropped.
//
// upstream: fixup_label
func (s *scanner) label(start int) {
	word := s.text[start:s.pos]
	s.pos++
	before, after, nul := strings.Cut(word, "\x00")
	if nul {
		s.warn(start+len(before), "found a NUL in a label, which is dropped")
	}
	s.set(start, ":"+before+after)
}

// skipSlashes skips // and, if it begins a comment, the rest of the line.
// Otherwise a constant should follow, which other compilers take for a comment.
//
// upstream: get_token_comment_line
func (s *scanner) skipSlashes() {
	if s.lineComments {
		s.skipLine()
		return
	}
	start := s.pos
	s.pos += len("//")
	if word, _, _ := strings.Cut(strings.TrimLeft(s.text[s.pos:], " \t"), " "); word != "CONSTANT" {
		s.warn(start, "found // before something other than CONSTANT; only the slashes are dropped")
	}
}

// skipLine skips to the end of the line.
//
// upstream: purge_macro
func (s *scanner) skipLine() {
	n := strings.IndexByte(s.text[s.pos:], '\n')
	if n < 0 {
		s.failAt(s.pos, "found the end of the file in a comment, expected the end of the line")
	}
	s.pos += n
}

// skipComment skips a comment. The slash that ends it follows an asterisk,
// which may be the one that began the comment.
//
// upstream: get_token_comment_block_outer
func (s *scanner) skipComment() {
	start := s.pos
	body := s.text[start+len("/*"):]
	if strings.HasPrefix(body, "/") {
		s.warn(start, "found a comment that ends with its own first slash")
		s.pos += len("/*/")
		return
	}
	n := strings.Index(body, "*/")
	if n < 0 {
		s.failAt(start, "found the end of the file in a comment, expected */")
	}
	s.pos += len("/*") + n + len("*/")
}

// quoted makes a string or a character constant the current token. The token
// has the opening quote but not the closing one.
//
// upstream: consume_word
func (s *scanner) quoted(quote byte) {
	start := s.pos
	for s.pos++; s.pos < len(s.text) && s.text[s.pos] != quote; s.pos++ {
		if s.text[s.pos] == '\\' {
			s.pos++
		}
	}
	if s.pos >= len(s.text) {
		s.failAt(start, "found the end of the file in a string, expected a closing %c", quote)
	}
	s.set(start, s.text[start:s.pos])
	s.pos++
}
