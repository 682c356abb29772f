package mesoplanet

import (
	"strings"

	"stage0/internal/cpp"
	"stage0/source"
)

// A scanner cuts a text into tokens.
type scanner struct {
	file      *cpp.File
	name      string // upstream's; that of an included file has its quotes
	pos       int
	maxString int
	hold      *hold
	diag      source.Diagnostics

	included int // how many files it has included
	lines    int // line ends in the text up to counted
	counted  int
}

// scan moves past a token, which there must be, and returns it.
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
	t := cpp.Token{Text: s.hold.token(text), File: s.file, Off: int32(start)}
	if t.Text == text {
		return t
	}
	switch i := strings.IndexByte(text, 0); {
	case text == "\x00" && t.Text == "":
		t.Report(s.diag, "byte 0x00 is dropped")
	case i >= 0:
		nul := t
		nul.Off += int32(i)
		nul.Report(s.diag, "byte 0x00 ends the token for M2-Mesoplanet; what is after it may come up again")
	case len(t.Text) > len(text)+1:
		t.Fail("upstream appends %q to the token, which is left of something before, and overruns its memory", t.Text[len(text):])
	default:
		t.Report(s.diag, "M2-Mesoplanet appends %q to the token, which is left of something before", t.Text[len(text):])
	}
	return t
}
