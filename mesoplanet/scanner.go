package mesoplanet

import (
	"strings"

	"stage0/internal/cpp"
	"stage0/source"
)

// A scanner splits a text into tokens.
type scanner struct {
	file      *cpp.File
	name      string // in #FILENAME; that of an included file has quotes
	pos       int
	maxString int
	hold      *hold
	diag      source.Diagnostics

	included int // number of files that it has included
	lines    int // line ends in the text up to counted
	counted  int
}

// scan returns the next token, which must exist.
// upstream: get_token
func (s *scanner) scan() cpp.Token {
	start := s.pos
	s.pos = s.file.TokenEnd(start, cpp.Tail)
	return s.token(start, s.pos)
}

// token returns the token from start to end.
func (s *scanner) token(start, end int) cpp.Token {
	text := s.file.Text[start:end]
	if len(text) >= s.maxString {
		s.file.Fail(start, "the token is %d bytes long; --max-string allows %d", len(text), s.maxString-1)
	}
	if i := strings.IndexByte(text, 0); i >= 0 && len(text) > 1 {
		s.file.Fail(start+i, "found byte 0x00 in a token")
	}
	t := cpp.Token{Text: text, File: s.file, Off: int32(start)}
	switch {
	case text == "\x00":
		t.Report(s.diag, "byte 0x00 is dropped")
		t.Text = ""
	case !s.hold.put(len(text)):
		t.Fail("upstream appends the end of a file name to this token")
	}
	return t
}
