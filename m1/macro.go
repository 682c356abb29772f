package m1

import (
	"bytes"

	"stage0/source"
)

// define is the word that opens a definition.
var define = []byte("DEFINE")

// macros holds the definitions.
type macros struct {
	values map[string]string
	first  [256]bool // whether a macro's name starts with this byte
}

func newMacros() *macros { return &macros{values: map[string]string{}} }

// lookup returns the value of the macro called name. Most tokens that are not
// macros start with a sigil, which is rarely a macro's first byte.
func (m *macros) lookup(name []byte) (value string, ok bool) {
	if len(name) == 0 || !m.first[name[0]] {
		return "", false
	}
	value, ok = m.values[string(name)]
	return value, ok
}

func (m *macros) set(name, value string) {
	m.values[name] = value
	m.first[name[0]] = true
}

// A definition is what follows a DEFINE: the next two tokens, of any kind.
type definition struct {
	name      string
	nameKind  kind
	value     []byte // without an opening quote
	valueKind kind
}

// isDefine reports whether the token opens a definition.
func (s *scanner) isDefine() bool { return s.kind == atom && bytes.Equal(s.text, define) }

// definition scans what follows a DEFINE. Afterwards the current token is the
// value.
//
// upstream: line_macro
func (s *scanner) definition() (d definition, ok bool) {
	src, off, skip := s.src, s.off, s.skip
	s.skip = nil
	if s.next() {
		d.nameKind, d.name = s.kind, string(s.text)
		if s.next() {
			s.skip = skip
			switch d.valueKind, d.value = s.kind, s.text; s.kind {
			case quoted:
				d.value = s.text[1:]
			case newline:
				d.value = []byte{'\n'}
			}
			return d, true
		}
	}
	if s.err == nil {
		s.err = src.Errorf(off, "found the end of the input, expected a name and a value for DEFINE")
	}
	return d, false
}

// collect returns the macros that srcs define. A macro applies everywhere, even
// before its definition; the last definition of a name counts.
func collect(srcs []source.Source, diag source.Diagnostics) (*macros, error) {
	m := newMacros()
	s := newScanner(srcs, source.Diagnostics{}) // the next scanner reports problems with tokens
	s.skip = func(src source.Source) bool { return !bytes.Contains(src.Text, define) }
	for s.next() {
		if !s.isDefine() {
			continue
		}
		src, off := s.src, s.off
		report := func(format string, args ...any) { s.err = diag.Report(src, off, format, args...) }
		d, ok := s.definition()
		if !ok {
			break
		}
		switch {
		case d.nameKind == newline:
			report("found the end of the line, expected a name for DEFINE; %v is dropped", shown(d.value))
			continue
		case d.nameKind == quoted:
			report("found the string %v, expected a name for DEFINE; it defines nothing", shown(d.name[1:]))
			continue
		case d.valueKind == newline:
			report("found the end of the line, expected a value for %v; it stands for a line end", shown(d.name))
		default:
			if old, ok := m.values[d.name]; ok && old != string(d.value) {
				report("found %v as the value of %v, which has been %q; the last one holds everywhere", shown(d.value), shown(d.name), old)
			}
		}
		m.set(d.name, string(d.value))
	}
	return m, s.err
}
