package m1

import (
	"bytes"
	"fmt"
	"io"

	"stage0/arch"
	"stage0/source"
)

// M0Options says whose M0 to be, and what to do with doubtful input.
type M0Options struct {
	Architecture string // a name in package arch, of an architecture that has a ladder
	source.Diagnostics
}

// An m0Dialect is what an architecture's M0 has of its own.
type m0Dialect struct {
	name       string
	immediates []immediate
	other      []immediate // for any other character before a number; none is an error
	maxAtom    int
	maxString  int  // with its opening quote
	scratch    bool // tokens share a buffer that a NUL spoils
}

var (
	m0Plain = []immediate{
		{sigil: '!', size: 1, low: minInt32, high: maxInt32},
		{sigil: '@', size: 2, low: minInt32, high: maxInt32},
		{sigil: '%', size: 4, low: minInt32, high: maxInt32},
	}
	m0Byte = []immediate{{size: 1, low: minInt32, high: maxInt32}}
)

var m0Dialects = []m0Dialect{
	{name: "x86", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 255},
	{name: "amd64", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 255},
	{name: "aarch64", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 511},
	{name: "riscv32", immediates: riscv, maxAtom: 511, maxString: 511, scratch: true},
	{name: "riscv64", immediates: riscv, maxAtom: 511, maxString: 511, scratch: true},
}

// m0EOF is the byte that M0 cannot tell from the end of the text.
const m0EOF = 0xFC

// An m0 is a run of M0.
type m0 struct {
	cursor
	source.Diagnostics
	m0Dialect
	wordBits int
	macros   map[string]string
	err      error

	kind kind
	text []byte // the token
	off  int64

	out []byte
}

// AssembleM0 writes to w what src stands for, a line for each token.
func AssembleM0(w io.Writer, src source.Source, opt M0Options) error {
	m := m0{cursor: newCursor(src), Diagnostics: opt.Diagnostics, macros: map[string]string{}}
	for _, d := range m0Dialects {
		if d.name == opt.Architecture {
			m.m0Dialect = d
		}
	}
	a, ok := arch.Lookup(opt.Architecture)
	if !ok || m.name == "" {
		return fmt.Errorf("there is no M0 for %q", opt.Architecture)
	}
	m.wordBits = 8 * a.WordSize
	for m.next() {
		if m.kind == atom && bytes.Equal(m.text, define) {
			m.define()
		} else if m.express(); m.err == nil && len(m.out) >= flushSize {
			_, m.err = w.Write(m.out)
			m.out = m.out[:0]
		}
	}
	if m.err != nil {
		return m.err
	}
	_, err := w.Write(m.out)
	return err
}

// next scans a token. It reports whether there was one.
func (m *m0) next() bool {
	for m.err == nil && m.more() {
		switch c := m.win.Buf[m.i]; c {
		case ' ', '\t', '\n':
			m.i++
		case '#', ';', 0:
			off := m.at()
			if !m.skipLine() && m.win.Err() == nil {
				m.err = m.src.Errorf(off, "found the end of the text in a comment, want a line end")
			}
		case '\'', '"':
			return m.string(c)
		case m0EOF:
			m.err = m.Report(m.src, m.at(), "%s ends the text; the rest is dropped", source.Char(c))
			return false
		default:
			return m.atom()
		}
	}
	if m.err == nil {
		m.err = m.win.Err()
	}
	return false
}

func (m *m0) atom() bool {
	text := m.win.Buf[m.i:]
	n := bytes.IndexAny(text[:min(len(text), m.maxAtom+1)], " \t\n\x00")
	m.off = m.at()
	switch {
	case n >= 0:
		m.kind, m.text = atom, text[:n]
		m.i += n + 1
		return true
	case len(text) <= m.maxAtom:
		m.err = m.src.Errorf(m.off, "found the end of the text in a token, want white space after it")
	default:
		m.err = m.src.Errorf(m.off, "found a token of more than %d bytes", m.maxAtom)
	}
	return false
}

func (m *m0) string(mark byte) bool {
	text := m.win.Buf[m.i:]
	n := 1 + bytes.IndexByte(text[1:min(len(text), m.maxString+1)], mark)
	m.off = m.at()
	switch {
	case n > 0:
		m.kind, m.text = quoted, text[:n]
		m.i += n + 1
	case len(text) <= m.maxString:
		m.err = m.src.Errorf(m.off, "found the end of the text in a string, want a closing %c", mark)
	default:
		m.err = m.src.Errorf(m.off, "found a string of more than %d bytes, or want a closing %c", m.maxString-1, mark)
	}
	return m.err == nil
}

// define scans what comes after a DEFINE.
func (m *m0) define() {
	at := m.off
	if m.next() {
		name := string(m.text)
		if m.next() {
			m.macros[name] = string(m.text)
			return
		}
	}
	if m.err == nil {
		m.err = m.src.Errorf(at, "found the end of the text, want a name and a value for DEFINE")
	}
}

func (m *m0) express() {
	defer func() { m.out = append(m.out, '\n') }()
	if m.kind == quoted {
		if m.text[0] == '\'' {
			m.out = append(m.out, m.text[1:]...)
			return
		}
		for _, c := range m.text[1:] {
			m.out = append(m.out, digitChars[c>>4], digitChars[c&15])
		}
		m.out = append(m.out, "00"...)
		return
	}
	if value, ok := m.macros[string(m.text)]; ok {
		m.out = append(m.out, value...)
		return
	}
	n := m.number(m.text[1:])
	if n == 0 && (len(m.text) == 1 || m.text[1] != '0') {
		m.out = append(m.out, m.text...)
		return
	}
	imm := m.immediate(m.text[0])
	if imm == nil {
		m.err = m.src.Errorf(m.off, "found %s, which is taken for a number; want one of %%!@~ before it", show(m.text))
		return
	}
	m.out = imm.append(m.out, int32(n), digits{2, 4}, true)
}

func (m *m0) immediate(sigil byte) *immediate {
	for i := range m.immediates {
		if m.immediates[i].sigil == sigil {
			return &m.immediates[i]
		}
	}
	if m.other != nil {
		return &m.other[0]
	}
	return nil
}

// number returns the value of a number, and 0 for what is none: decimal, or
// hex if the second character is an x.
//
// upstream: numerate_string
func (m *m0) number(text []byte) uint64 {
	n := uint64(0)
	if len(text) > 1 && text[1] == 'x' {
		for _, c := range text[2:] {
			d := int(c) - '0'
			if d >= 10 {
				d -= 7
			}
			if d < 0 || d > 15 {
				return 0
			}
			n = n<<4 + uint64(d)
		}
	} else {
		negative := len(text) > 0 && text[0] == '-'
		if negative {
			text = text[1:]
		}
		for _, c := range text {
			if c < '0' || c > '9' {
				return 0
			}
			n = n*10 + uint64(c-'0')
		}
		if negative {
			n = -n
		}
	}
	return n & (1<<m.wordBits - 1)
}
