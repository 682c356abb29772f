package kaem

import (
	"bytes"
	"io"
	"strings"

	"stage0/source"
)

// A reader reads a script byte by byte.
type reader struct {
	src source.Source
	off int // of the next byte
}

// read returns the next byte. At the end of the script the error is io.EOF.
func (r *reader) read() (byte, error) {
	if r.off == len(r.src.Text) {
		return 0, io.EOF
	}
	r.off++
	return r.src.Text[r.off-1], nil
}

// A scanner reads a script word by word. Its buffer reproduces upstream's
// behaviour: a word ends at the first zero byte, and bytes after that stay in
// the buffer until it has returned a word or the command ends.
type scanner struct {
	reader
	diag  source.Diagnostics
	start int // offset of the current word
	buf   [maxText + 1]byte
	used  int // bytes of buf that may not be zero
}

func newScanner(src source.Source, diag source.Diagnostics) *scanner {
	return &scanner{reader: reader{src: src}, diag: diag}
}

// word reads a word into the buffer, and the byte that ends it. It returns the
// word's size, and whether the command ends. If the command ends before a word,
// the size is last, the previous word's size. At the end of the script the
// error is io.EOF.
//
// upstream: collect_token
func (s *scanner) word(last int) (size int, end bool, err error) {
	s.start = s.off
	cut := false // an escaped line end came before
	for {
		if size == len(s.buf) {
			return 0, true, s.src.Errorf(s.start, "word is longer than %d bytes", maxText)
		}
		at := s.off
		c, err := s.read()
		if err != nil {
			return 0, true, err
		}
		switch c {
		case ' ', '\t':
			return size, false, nil
		case 0:
			return size, false, s.diag.Report(s.src, at, "byte 0x00 is taken for a space")
		case '\n', ';', '#':
			if c == '#' {
				err = s.comment(at)
			}
			if size == 0 {
				size = last
			}
			return size, true, err
		case '"':
			size, err = s.quoted(size, at)
			return size, err != nil, err
		case '\\':
			if c, err = s.read(); err != nil {
				return 0, true, err
			}
			if c == '\n' {
				cut = true
				size++ // skip a byte, which is zero unless left from before
				continue
			}
			c = escaped(c)
		}
		if cut {
			cut = false
			if err := s.diag.Report(s.src, at, "a word does not continue after an escaped line end; what follows is lost"); err != nil {
				return 0, true, err
			}
		}
		s.put(&size, c)
	}
}

// quoted reads the rest of a string that opened at open, and appends it to the
// first size bytes of the word.
//
// upstream: collect_string
func (s *scanner) quoted(size int, open int) (int, error) {
	for {
		if size == len(s.buf) {
			return 0, s.src.Errorf(s.start, "word is longer than %d bytes", maxText)
		}
		at := s.off
		c, err := s.read()
		switch {
		case err == nil && c == '"':
			return size, nil
		case err == nil && c == '\\':
			if c, err = s.read(); err != nil {
				break
			}
			if c == '\n' {
				c = 0xFF
				err = s.diag.Report(s.src, at, "an escaped line end in a string is taken for byte 0xFF")
			} else {
				c = escaped(c)
			}
		}
		if err == io.EOF {
			return 0, s.src.Errorf(open, "string is not closed")
		}
		if err != nil {
			return 0, err
		}
		s.put(&size, c)
	}
}

// comment skips the rest of a comment that started at start.
//
// upstream: collect_comment
func (s *scanner) comment(start int) error {
	for {
		switch c, err := s.read(); {
		case err == io.EOF:
			return s.src.Errorf(start, "comment has no line end")
		case err != nil:
			return err
		case c == '\n':
			return nil
		}
	}
}

func (s *scanner) put(size *int, c byte) {
	s.buf[*size] = c
	*size++
	s.used = max(s.used, *size)
}

// take returns the word in the buffer.
func (s *scanner) take() string {
	text := s.buf[:s.used]
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	word := string(text)
	if word != "" {
		s.reset()
	}
	return word
}

// reset empties the buffer.
func (s *scanner) reset() {
	clear(s.buf[:s.used])
	s.used = 0
}

// escaped returns the character that \c denotes.
//
// upstream: handle_escape
func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	}
	return c
}

// splitAlias returns the words of an alias's value. Two consecutive spaces have
// an empty word between them.
//
// upstream: collect_alias_token
func splitAlias(value string) []string {
	var words []string
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == ' ' || c == '\t':
			words = append(words, b.String())
			b.Reset()
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(value):
			i++
			if c = value[i]; c == '\n' {
				b.WriteByte(0xFF)
			} else {
				b.WriteByte(escaped(c))
			}
		}
	}
	return append(words, b.String())
}
