package m1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"stage0/arch"
	"stage0/source"
	"stage0/strtoint"
)

// M0Options selects an architecture's M0, and how to treat doubtful input.
type M0Options struct {
	Arch string // as in package arch; must have a ladder
	source.Diagnostics
}

// An m0Dialect is what is specific to an architecture's M0.
type m0Dialect struct {
	name       string
	immediates []immediate
	other      *immediate // after a character that is not a sigil; nil if that is an error
	maxAtom    int        // longest atom in bytes
	maxString  int        // longest string in bytes, with its opening quote
	scratch    bool       // a NUL in a string corrupts the tokens after it
}

var m0Plain = []immediate{
	{sigil: '!', size: 1},
	{sigil: '@', size: 2},
	{sigil: '%', size: 4},
}

var m0Byte = &immediate{size: 1}

var m0RISCV = []immediate{riscv[0], riscv[1], riscv[2], riscv[4]}

var m0Dialects = []m0Dialect{
	{name: "x86", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 255},
	{name: "amd64", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 255},
	{name: "aarch64", immediates: m0Plain, other: m0Byte, maxAtom: 255, maxString: 511},
	{name: "riscv32", immediates: m0RISCV, maxAtom: 511, maxString: 511, scratch: true},
	{name: "riscv64", immediates: m0RISCV, maxAtom: 511, maxString: 511, scratch: true},
}

// m0EOF is the byte that M0, outside tokens, cannot tell from the end of the
// text.
const m0EOF = 0xFC

// An m0 is the state of one run.
type m0 struct {
	src source.Source
	i   int // offset of the next byte
	*macros
	source.Diagnostics
	m0Dialect
	bySigil  [256]*immediate
	wordBits int // of the processor

	kind kind
	text []byte // the token, with the opening quote if it is quoted
	off  int    // where text starts
	err  error  // the error that ended the tokens early
	out  *bufio.Writer
}

// AssembleM0 assembles src as M0 does and writes the result to w. Its errors
// are those of Assemble.
func AssembleM0(w io.Writer, src source.Source, opt M0Options) error {
	m := m0{src: src, macros: newMacros(), Diagnostics: opt.Diagnostics, out: bufio.NewWriterSize(w, bufferSize)}
	for _, d := range m0Dialects {
		if d.name == opt.Arch {
			m.m0Dialect = d
		}
	}
	a, _ := arch.Lookup(opt.Arch)
	if m.name == "" {
		return fmt.Errorf("there is no M0 for %q", opt.Arch)
	}
	m.bySigil = bySigil(m.immediates)
	m.wordBits = 8 * a.WordSize
	want := "something to assemble"
	for m.next() {
		if m.kind == atom && bytes.Equal(m.text, define) {
			m.define()
			want = "something to assemble after the last DEFINE"
			continue
		}
		want = ""
		m.expression()
		m.out.WriteByte('\n')
	}
	switch {
	case m.err != nil:
		return m.err
	case want != "":
		return m.src.Errorf(m.i, "found the end of the text, expected %s", want)
	}
	return m.out.Flush()
}

// next scans a token and reports whether there was one.
//
// upstream: Tokenize_Line
func (m *m0) next() bool {
	for m.err == nil && m.i < len(m.src.Text) {
		switch c := m.src.Text[m.i]; c {
		case ' ', '\t', '\n':
			m.i++
		case '#', ';', 0:
			n := bytes.IndexByte(m.src.Text[m.i:], '\n')
			if n < 0 {
				m.err = m.src.Errorf(m.i, "found the end of the text in a comment, expected a line end")
				return false
			}
			m.i += n
		case '\'', '"':
			return m.string()
		case m0EOF:
			m.err = m.Report(m.src, m.i, "found %s, which ends the text; the rest is dropped", source.Char(c))
			return false
		default:
			return m.atom()
		}
	}
	return false
}

// take makes the next n bytes the token, and skips the byte that ends it.
func (m *m0) take(k kind, n int) {
	m.kind, m.text, m.off = k, m.src.Text[m.i:m.i+n], m.i
	m.i += n + 1
}

// atom scans an atom.
//
// upstream: Store_Atom
func (m *m0) atom() bool {
	text := m.src.Text[m.i:]
	n := bytes.IndexAny(text[:min(len(text), m.maxAtom+1)], " \t\n\x00")
	switch {
	case n < 0 && len(text) <= m.maxAtom:
		m.err = m.src.Errorf(m.i, "found the end of the text in a token, expected white space after it")
		return false
	case n < 0:
		m.err = m.src.Errorf(m.i, "found a token of more than %d bytes", m.maxAtom)
		return false
	}
	m.take(atom, n)
	if i := bytes.IndexByte(m.text, '\r'); i >= 0 {
		m.err = m.Report(m.src, m.off+i, "found a CR, which is not white space here; it is taken for a part of the token")
	}
	return m.err == nil
}

// string scans a string.
//
// upstream: Store_String
func (m *m0) string() bool {
	text := m.src.Text[m.i:]
	mark := text[0]
	n := 1 + bytes.IndexByte(text[1:min(len(text), m.maxString+1)], mark)
	switch {
	case n == 0 && len(text) <= m.maxString:
		m.err = m.src.Errorf(m.i, "found the end of the text in a string, expected a closing %c", mark)
		return false
	case n == 0:
		m.err = m.src.Errorf(m.i, "found a string of more than %d bytes, or want a closing %c", m.maxString-1, mark)
		return false
	}
	m.take(quoted, n)
	if nul := bytes.IndexByte(m.text, 0); nul >= 0 {
		off := m.off + nul
		if m.scratch {
			m.err = m.src.Errorf(off, "found a NUL in a string")
		} else {
			m.err = m.Report(m.src, off, "found a NUL in a string; the rest of the string is dropped")
		}
		m.text = m.text[:nul]
	}
	return m.err == nil
}

// define scans what follows a DEFINE. Unlike M1's, the definition applies only
// to the tokens after it.
//
// upstream: Identify_Macros, Line_Macro
func (m *m0) define() {
	off := m.off
	if m.next() {
		name, nameKind, nameOff := string(m.text), m.kind, m.off
		if m.next() {
			switch {
			case nameKind == quoted:
				m.err = m.Report(m.src, nameOff, "found the string %v, expected a name for DEFINE; it defines nothing", shown(name[1:]))
			case m.kind == quoted:
				m.err = m.Report(m.src, m.off, "found a string as the value of %v; its opening quote is taken for a part of it", shown(name))
			default:
				if _, ok := m.lookup(m.text); ok {
					m.err = m.Report(m.src, m.off, "found the macro %v as a value; it is not replaced there", shown(m.text))
				}
			}
			m.set(name, string(m.text))
			return
		}
	}
	if m.err == nil {
		m.err = m.src.Errorf(off, "found the end of the text, expected a name and a value for DEFINE")
	}
}

// expression writes the token's expression.
//
// upstream: Set_Expression, Process_String, Eval_Immediates, Preserve_Other
func (m *m0) expression() {
	if m.kind == quoted && m.text[0] == '\'' {
		m.out.Write(m.text[1:])
		return
	}
	if m.kind == quoted {
		for _, c := range m.text[1:] {
			m.out.Write(strtoint.Hex.Append(m.out.AvailableBuffer(), int64(c), 1, true))
		}
		m.out.WriteString("00")
		return
	}
	if value, ok := m.lookup(m.text); ok {
		m.out.WriteString(value)
		return
	}
	n, ok := m.number(m.text[1:])
	switch {
	case ok:
		m.express(n)
		return
	case n.wide:
		m.report("found %v, which has more than 32 bits; taken for a label", shown(m.text))
	case !m.forHex2():
		m.report("found %v, which is not a macro, label, string, number or hex; copied as it is", shown(m.text))
	}
	m.out.Write(m.text)
}

// express writes the token's number.
//
// upstream: express_number
func (m *m0) express(n number) {
	imm := m.bySigil[m.text[0]]
	if imm == nil && m.other == nil {
		m.err = m.src.Errorf(m.off, "found %v, which is taken for a number; expected one of ! @ %% ~ before it", shown(m.text))
		return
	}
	known := imm != nil
	if !known {
		imm = m.other
	}
	low, high := imm.limits()
	switch {
	case !known:
		m.report("found %v, which is taken for the number %d in one byte; expected one of ! @ %% before a number", shown(m.text), n.value)
	case n.bad:
		m.report("found %v, which is neither decimal nor upper-case hex after 0x; taken for 0", shown(m.text))
	case n.wide:
		m.report("found %v, which has more than 32 bits; taken for %d", shown(m.text), n.value)
	case !imm.word && (int64(n.value) < low || high < int64(n.value)):
		m.report("found %v, expected a number from %d to %d; its low bits are taken", shown(m.text), low, high)
	}
	imm.write(m.out, strtoint.Hex, n.value, true)
}

// report reports the token as doubtful.
func (m *m0) report(format string, args ...any) {
	m.err = m.Report(m.src, m.off, format, args...)
}

// forHex2 reports whether the token means something to hex2: a label, a
// pointer, or hex.
func (m *m0) forHex2() bool {
	if bytes.IndexByte([]byte(":!@$~%&^.<>"), m.text[0]) >= 0 {
		return true
	}
	for _, c := range m.text {
		if strtoint.Digit(c) >= 16 {
			return false
		}
	}
	return true
}

// number parses digits: decimal, or hex if the second character is an x.
// Anything else has the value 0, and ok is true for a 0 only if the first
// character is a 0.
//
// upstream: numerate_string
func (m *m0) number(digits []byte) (n number, ok bool) {
	var (
		text     = digits
		base     = uint64(10)
		negative bool
		v        uint64
	)
	if len(text) > 1 && text[1] == 'x' {
		base, text = 16, text[2:]
	} else if len(text) > 0 && text[0] == '-' {
		negative, text = true, text[1:]
	}
	for _, c := range text {
		d := uint64(c) - '0'
		if d >= 10 && base == 16 {
			d -= 'A' - '9' - 1 // so that : ; < = > ? @ are 3 to 9
		}
		if d >= base {
			v, n.bad = 0, true
			break
		}
		v = v*base + d
		n.wide = n.wide || v > 1<<32-1
	}
	if negative {
		n.wide = n.wide || v > 1<<31
		v = -v
	}
	n.value = int32(v)
	v &= 1<<m.wordBits - 1
	return n, v != 0 || len(digits) > 0 && digits[0] == '0'
}
