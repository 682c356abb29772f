package m2planet

import (
	"strings"

	"stage0/internal/cpp"
	"stage0/source"
)

// A scanner splits texts into a list of tokens.
type scanner struct {
	tokenPool
	build     *build
	maxString int
	diag      source.Diagnostics

	head, last *token // of the list

	file *cpp.File
	pos  int   // of the byte that upstream has read ahead
	line int32 // upstream's line number, at that byte

	newlines int // the same, ignoring #FILENAME

	// defining is set between #define and the next word. A '(' right after that
	// word starts parameters.
	defining bool
}

// read appends the tokens of src to the list; name is its name in messages.
// upstream: read_all_tokens
func (s *scanner) read(src source.Source, name string, depth int) {
	s.file = cpp.Read(src, name)
	s.file.Depth = depth
	s.pos, s.line, s.newlines, s.defining = -1, 1, 1, false
	s.moveTo(0)
	for !s.ends(s.pos) {
		start, text, ok := s.scan()
		switch {
		case !ok && s.last == nil:
			s.file.Fail(0, "there is nothing to compile in this file")
		case !ok:
			return
		case text == "#FILENAME":
			s.changeFile(start)
			continue
		}
		s.append(start, text)
		if text == "#define" {
			s.defining = true
		} else if s.defining && cpp.Word.Has(s.file.Text[start]) {
			s.defining = false
			if s.ends(s.pos) || s.file.Text[s.pos] != '(' {
				s.append(start, " ") // tells #define F (x) from #define F(x)
			}
		}
	}
}

// upstream: new_token
func (s *scanner) append(start int, text string) {
	t := s.get()
	*t = token{Token: cpp.Token{Text: text, File: s.file, Off: int32(start)}, prev: s.last, line: s.line, id: s.newID()}
	if s.last == nil {
		s.head = t
	} else {
		s.last.next = t
	}
	s.last = t
}

// ends reports whether upstream finds the end of the text at i.
func (s *scanner) ends(i int) bool {
	return i >= len(s.file.Text) || s.file.Text[i] == 0xFF && s.build.EndsAt0xFF
}

func (s *scanner) isBlank(i int) bool { return s.file.Is(i, ' ') || s.file.Is(i, '\t') }

// moveTo moves to the byte at i.
func (s *scanner) moveTo(i int) {
	for _, c := range []byte(s.file.Text[min(s.pos+1, len(s.file.Text)):min(i+1, len(s.file.Text))]) {
		if c == '\n' {
			s.line++
			s.newlines++
		}
	}
	s.pos = i
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
	text := s.file.Text[start:end]
	switch c := text[0]; {
	case c == '#' && end > start+1 && !cpp.Word.Has(text[1]):
		text = "#" + strings.TrimLeft(text[1:], " \t")
	case c == '"' || c == '\'':
		text = text[:len(text)-1] // without the closing quote
	}
	if len(text) >= s.maxString {
		s.file.Fail(start, "the token is %d bytes long; --max-string allows %d", len(text), s.maxString-1)
	}
	s.moveTo(end)
	if i := strings.IndexByte(text, 0); i >= 0 {
		t := cpp.Token{Text: text, File: s.file, Off: int32(start + i)}
		t.Report(s.diag, "found byte 0x00 in a token; M2-Planet drops the rest of the token")
		text = text[:i]
	}
	return text
}

// tokenEnd returns the end of the token at start. It moves past a comment or a
// joined line, and then returns start.
func (s *scanner) tokenEnd(start int) int {
	next := start + 1
	switch {
	case s.file.Is(start, '#'):
		for s.isBlank(next) {
			next++
		}
		return s.file.ClassEnd(next, cpp.Word)
	case s.file.Is(start, '\\') && s.file.Is(next, '\n'):
		s.moveTo(next + 1)
		return start
	}
	end := s.file.TokenEnd(start, cpp.Word)
	switch token := s.file.Text[start:end]; {
	case strings.HasPrefix(token, "//"):
		s.moveTo(end - 1)
		return start
	case strings.HasPrefix(token, "/*"):
		if s.hasEnd(token[3:]) {
			s.file.FailComment(start)
		}
		s.moveTo(end)
		return start
	case (token[0] == '"' || token[0] == '\'') && s.hasEnd(token):
		s.file.FailLiteral(start)
	}
	return end
}

// hasEnd reports whether a part of the text contains a byte that ends it for upstream.
func (s *scanner) hasEnd(text string) bool {
	return s.build.EndsAt0xFF && strings.IndexByte(text, 0xFF) >= 0
}

// changeFile acts on #FILENAME name line, which names the file and line of the
// text after it.
// upstream: change_filename
func (s *scanner) changeFile(start int) {
	i := s.pos
	for s.isBlank(i) || s.file.Is(i, '\n') {
		i++
	}
	nameStart := i
	for !s.ends(i) && !s.isBlank(i) && !s.file.Is(i, '\n') {
		i++
	}
	switch {
	case s.ends(i):
		s.file.Fail(start, "#FILENAME needs a file name and a line number")
	case i-nameStart >= s.maxString:
		s.file.Fail(start, "the file name is %d bytes long; --max-string allows %d", i-nameStart, s.maxString-1)
	}
	name, _, _ := strings.Cut(s.file.Text[nameStart:i], "\x00")
	s.moveTo(i)
	s.defining = false
	at, text, ok := s.scan()
	if !ok {
		s.file.Fail(start, "#FILENAME needs a line number")
	}
	line, _ := s.build.Number(text)
	if line == 0 && !strings.HasPrefix(text, "0") {
		s.file.Fail(at, "found %q, expected the line number of #FILENAME", text)
	}
	s.line = int32(line)
	s.file = &cpp.File{Name: name, Text: s.file.Text, Shift: int(s.line) - s.newlines, Depth: s.file.Depth}
}
