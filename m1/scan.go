package m1

import (
	"bytes"

	"stage0/source"
)

// maxToken is the length in bytes of the longest token. A string counts with
// its opening quote. (upstream: max_string)
const maxToken = 4095

// lookahead is how much of a text the scanner sees of a token at least.
const lookahead = maxToken + 1

// A kind says what a token is.
type kind byte

const (
	atom    kind = iota // a run of bytes without white space
	quoted              // 'text' or "text"
	newline             // the end of one line or more
)

// What a byte is.
const (
	ordinary = iota
	cr       // belongs to an atom like the ordinary ones, but hardly on purpose
	nul      // cuts the atom, in upstream
	quote    // opens a string, or is in an atom
	comment  // opens a comment, or is in an atom
	blank    // from here on: not in an atom
	lf
)

var class = [256]byte{
	0: nul, '\t': blank, '\n': lf, '\r': cr, ' ': blank, '"': quote, '\'': quote, '#': comment, ';': comment,
}

// A scanner cuts texts into tokens, one text after the other. A newline token
// is never the first, and never comes after another; the end of a text gives
// one, too. So the last token of all is one.
type scanner struct {
	kind kind
	text []byte        // the token; a quoted one has its opening quote only. Good until the next token
	src  source.Source // the text it is in
	off  int64         // where it starts there
	err  error         // what ended the tokens early

	rest  []source.Source
	skip  func(source.Source) bool // if not nil, whether to pass over a text
	win   *source.Window
	i     int  // what comes next is win.Buf[i]
	safe  int  // before this index Buf shows as much as lookahead, or as there is
	fresh bool // the last token was a newline, or there was none yet
	diag  source.Diagnostics
}

func newScanner(srcs []source.Source, diag source.Diagnostics) *scanner {
	return &scanner{rest: srcs, fresh: true, diag: diag, win: source.Source{}.Window(0)}
}

// next scans a token. It reports whether there was one.
//
// upstream: Tokenize_Line
func (s *scanner) next() bool {
	for s.err == nil {
		for s.i >= s.safe && s.refill() {
		}
		if s.i >= s.safe {
			if s.err = s.win.Err(); s.err != nil {
				return false
			}
			if s.newline() {
				return true
			}
			if !s.open() {
				return false
			}
			continue
		}
		switch class[s.win.Buf[s.i]] {
		case blank:
			s.i++
		case lf:
			if s.newline() {
				s.i++
				return true
			}
			s.i++
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

// open goes on with the next text, if there is one.
func (s *scanner) open() bool {
	for len(s.rest) > 0 {
		s.src, s.rest = s.rest[0], s.rest[1:]
		if s.skip == nil || !s.skip(s.src) {
			s.win, s.i = s.src.Window(0), 0
			s.look()
			return true
		}
	}
	return false
}

// refill brings on more of the text. It reports whether there is any left.
func (s *scanner) refill() bool {
	more := s.win.More(s.i)
	s.i = 0
	s.look()
	return more || s.safe > 0
}

// look sets s.safe.
func (s *scanner) look() {
	s.safe = len(s.win.Buf)
	if s.win.Err() == nil && s.win.Offset(s.safe) < s.src.Size {
		s.safe -= lookahead
	}
}

// newline makes the token a newline, unless the one before is.
//
// upstream: append_newline
func (s *scanner) newline() bool {
	if s.fresh {
		return false
	}
	s.fresh = true
	s.kind, s.text, s.off = newline, nil, s.win.Offset(s.i)
	return true
}

// skipComment passes over a comment, up to the CR or LF that ends it.
//
// upstream: purge_lineComment
func (s *scanner) skipComment() {
	for {
		line := s.win.Buf[s.i:]
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line = line[:n]
		}
		if n := bytes.IndexByte(line, '\r'); n >= 0 {
			line = line[:n]
		}
		if s.i += len(line); s.i < len(s.win.Buf) {
			s.i++
			return
		}
		if !s.refill() {
			return
		}
	}
}

// token makes the n bytes at hand the token, and passes over past bytes more.
func (s *scanner) token(k kind, n, past int) {
	s.fresh = false
	s.kind, s.text, s.off = k, s.win.Buf[s.i:s.i+n], s.win.Offset(s.i)
	s.i += n + past
}

// upstream: store_atom
func (s *scanner) atom() bool {
	buf := s.win.Buf[s.i:]
	n := 0
	odd := byte(0)
	for n < len(buf) {
		if c := class[buf[n]]; c != ordinary {
			if c >= blank {
				break
			}
			odd |= 1 << c
		}
		n++
	}
	off := s.win.Offset(s.i)
	if n > maxToken {
		s.err = s.src.Errorf(off, "found a token of more than %d bytes", maxToken)
		return false
	}
	s.token(atom, n, 0)
	switch {
	case odd&(1<<nul) != 0:
		off += int64(bytes.IndexByte(s.text, 0))
		s.err = s.src.Errorf(off, "found a NUL in a token")
	case odd&(1<<cr) != 0:
		off += int64(bytes.IndexByte(s.text, '\r'))
		s.err = s.diag.Report(s.src, off, "found a CR, which is not white space but part of the token %q", s.text)
	}
	return s.err == nil
}

// upstream: store_string
func (s *scanner) string() bool {
	buf := s.win.Buf[s.i:]
	off := s.win.Offset(s.i)
	n := bytes.IndexByte(buf[1:min(len(buf), lookahead)], buf[0]) + 1
	switch {
	case n > 0:
	case len(buf) < lookahead:
		s.err = s.src.Errorf(off, "found the end of the file in a string, want a closing %c", buf[0])
		return false
	default:
		s.err = s.src.Errorf(off, "found a string of more than %d bytes, or want a closing %c", maxToken-1, buf[0])
		return false
	}
	s.token(quoted, n, 1)
	if nul := bytes.IndexByte(s.text, 0); nul >= 0 {
		s.err = s.src.Errorf(off+int64(nul), "found a NUL in a string")
		return false
	}
	return true
}
