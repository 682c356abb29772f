package m1

import (
	"bytes"
	"fmt"

	"stage0/source"
)

// maxToken is the maximum length of a token in bytes. A string counts with its
// opening quote.
//
// upstream: max_string
const maxToken = 4095

// A kind says what a token is.
type kind byte

const (
	atom    kind = iota // a run of bytes without white space
	quoted              // 'text' or "text"
	newline             // the end of a line that has tokens
)

// Classes of bytes.
const (
	ordinary = iota
	cr       // allowed in an atom, but probably a mistake
	nul      // cuts an atom upstream
	quote    // opens a string, or is part of an atom
	comment  // opens a comment, or is part of an atom
	blank    // this and those below are not part of an atom
	lf
)

var classes = [256]byte{
	0: nul, '\t': blank, '\n': lf, '\r': cr, ' ': blank, '"': quote, '\'': quote, '#': comment, ';': comment,
}

// A scanner splits texts into tokens, one text after the other. The end of a
// text ends a line. The first token is never a newline, and the last one always
// is.
type scanner struct {
	src  source.Source // the current text
	i    int           // offset of its next byte
	kind kind
	text []byte // the token, with the opening quote if it is quoted
	off  int    // where it starts in src
	err  error  // the error that ended the tokens early

	rest  []source.Source
	skip  func(source.Source) bool // if not nil, reports which texts to skip
	fresh bool                     // the last token was a newline, or there has been none
	diag  source.Diagnostics
}

func newScanner(srcs []source.Source, diag source.Diagnostics) *scanner {
	return &scanner{rest: srcs, fresh: true, diag: diag}
}

// next scans a token and reports whether there was one.
//
// upstream: Tokenize_Line
func (s *scanner) next() bool {
	for s.err == nil {
		if s.i == len(s.src.Text) {
			if s.newline() {
				return true
			}
			if !s.open() {
				return false
			}
			continue
		}
		switch classes[s.src.Text[s.i]] {
		case blank:
			s.i++
		case lf:
			s.i++
			if s.newline() {
				return true
			}
		case comment:
			s.skipComment()
			if s.newline() {
				return true
			}
		case quote:
			return s.string()
		default:
			return s.atom()
		}
	}
	return false
}

// open switches to the next text, if there is one.
func (s *scanner) open() bool {
	for len(s.rest) > 0 {
		src := s.rest[0]
		s.rest = s.rest[1:]
		if s.skip == nil || !s.skip(src) {
			s.src, s.i = src, 0
			return true
		}
	}
	return false
}

// newline makes the token a newline, unless the previous one is.
//
// upstream: append_newline
func (s *scanner) newline() bool {
	if s.fresh {
		return false
	}
	s.fresh = true
	s.kind, s.text = newline, nil
	return true
}

// skipComment skips a comment and the CR or LF that ends it.
//
// upstream: purge_lineComment
func (s *scanner) skipComment() {
	rest := s.src.Text[s.i:]
	if n := bytes.IndexAny(rest, "\n\r"); n >= 0 {
		rest = rest[:n+1]
	}
	s.i += len(rest)
}

// take makes the next n bytes the token.
func (s *scanner) take(k kind, n int) {
	s.fresh = false
	s.kind, s.text, s.off = k, s.src.Text[s.i:s.i+n], s.i
	s.i += n
}

// atom scans an atom.
//
// upstream: store_atom
func (s *scanner) atom() bool {
	text := s.src.Text[s.i:]
	n, odd := 0, byte(0)
	for ; n < len(text); n++ {
		if c := classes[text[n]]; c != ordinary {
			if c >= blank {
				break
			}
			odd |= 1 << c
		}
	}
	s.take(atom, n)
	switch {
	case n > maxToken:
		s.err = s.src.Errorf(s.off, "found a token of more than %d bytes", maxToken)
	case odd&(1<<nul) != 0:
		s.err = s.src.Errorf(s.off+bytes.IndexByte(s.text, 0), "found a NUL in a token")
	case odd&(1<<cr) != 0:
		s.err = s.diag.Report(s.src, s.off+bytes.IndexByte(s.text, '\r'),
			"found a CR, which is not white space here; it is taken for a part of the token")
	}
	return s.err == nil
}

// string scans a string.
//
// upstream: store_string
func (s *scanner) string() bool {
	text := s.src.Text[s.i:]
	mark := text[0]
	n := 1 + bytes.IndexByte(text[1:min(len(text), maxToken+1)], mark)
	if n == 0 {
		off := s.i
		if len(text) <= maxToken {
			s.err = s.src.Errorf(off, "found the end of the text in a string, expected a closing %c", mark)
		} else {
			s.err = s.src.Errorf(off, "found a string of more than %d bytes, or want a closing %c", maxToken-1, mark)
		}
		return false
	}
	s.take(quoted, n)
	s.i++
	if nul := bytes.IndexByte(s.text, 0); nul >= 0 {
		s.err = s.src.Errorf(s.off+nul, "found a NUL in a string")
		return false
	}
	return true
}

// shown is a token as messages show it.
type shown []byte

func (text shown) String() string {
	const limit = 60
	if len(text) > limit {
		return fmt.Sprintf("%q...", []byte(text[:limit]))
	}
	return fmt.Sprintf("%q", []byte(text))
}
