package m1

import (
	"bytes"

	"stage0/source"
)

// define is the word that opens a definition.
var define = []byte("DEFINE")

// macros is what is defined.
type macros struct {
	value map[string]string
	first [256]bool // whether a name starts with this byte
}

// lookup returns the value of the macro called name, if it is one.
func (m *macros) lookup(name []byte) (value string, ok bool) {
	if !m.first[name[0]] {
		return "", false
	}
	value, ok = m.value[string(name)]
	return value, ok
}

// A definition is a DEFINE with what it applies to.
type definition struct {
	name      []byte
	nameKind  kind
	value     []byte // without the opening quote
	valueKind kind
	src       source.Source // the text that the value is in
	off       int64         // where it starts there
}

// isDefine reports whether the token opens a definition.
func (s *scanner) isDefine() bool {
	return s.kind == atom && bytes.Equal(s.text, define)
}

// definition scans what comes after a DEFINE: the two tokens there, whatever
// they are.
//
// upstream: line_macro
func (s *scanner) definition() (d definition, ok bool) {
	src, off := s.src, s.off
	skip := s.skip
	s.skip = nil
	defer func() { s.skip = skip }()
	if s.next() {
		d.name, d.nameKind = bytes.Clone(s.text), s.kind
		if s.next() {
			d.value, d.valueKind, d.src, d.off = s.text, s.kind, s.src, s.off
			switch s.kind {
			case quoted:
				d.value = d.value[1:]
			case newline:
				d.value = []byte{'\n'}
			}
			return d, true
		}
	}
	if s.err == nil {
		s.err = src.Errorf(off, "found the end of the input, want a name and a value for DEFINE")
	}
	return d, false
}

// collect returns the definitions of all texts: of those for the same name
// the last one holds, even before it.
func collect(srcs []source.Source, diag source.Diagnostics) (*macros, error) {
	m := &macros{value: map[string]string{}}
	s := newScanner(srcs, diag)
	s.skip = func(src source.Source) bool { return !mentionsDefine(src) }
	for s.next() {
		if !s.isDefine() {
			continue
		}
		src, off := s.src, s.off
		d, ok := s.definition()
		if !ok {
			break
		}
		switch d.nameKind {
		case newline:
			s.err = diag.Report(src, off, "found the end of the line, want a name for DEFINE; it has no effect, and %q is dropped", d.value)
		case quoted:
			s.err = diag.Report(src, off, "found the string %s for DEFINE, want a name; it has no effect", d.name[:1])
		default:
			if d.valueKind == newline {
				s.err = diag.Report(src, off, "found the end of the line, want a value for %s; it stands for a line end", d.name)
			} else if old, ok := m.value[string(d.name)]; ok && old != string(d.value) {
				s.err = diag.Report(src, off, "%s is defined as %s, and was as %s; the last definition holds everywhere", d.name, d.value, old)
			}
			m.value[string(d.name)] = string(d.value)
			m.first[d.name[0]] = true
		}
	}
	return m, s.err
}

// mentionsDefine reports whether the word is anywhere in src, or src cannot
// be read.
func mentionsDefine(src source.Source) bool {
	win := src.Window(0)
	for {
		if bytes.Contains(win.Buf, define) {
			return true
		}
		if !win.More(max(0, len(win.Buf)-len(define)+1)) {
			return win.Err() != nil
		}
	}
}
