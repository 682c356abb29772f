// Package build makes a program of source files in hex0, hex1, hex2, M1 or C, with the
// packages of the tools. It opens no file itself.
//
// A text in hex0 or hex1 is a whole program. What other texts leave out is taken from
// M2libc, as M2-Mesoplanet does:
//
//   - the ELF header, unless a text has the label ELF_base;
//   - the end of the program, ELF_end, and with symbols its data, ELF_data, unless a text
//     has that label;
//   - for M1, the code that calls main, unless a text has the label _start, and then the
//     definitions of words, unless the texts define words and do not call for that code;
//   - for C, all of these.
//
// The bytes are those that M2-Mesoplanet makes of the same C, or of the same M1 in an
// object file. Errors and warnings have the position in the text that the author wrote,
// also when a later tool finds them, and hints about common mistakes.
package build

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/bloodelf"
	"stage0/hex0"
	"stage0/hex2"
	"stage0/internal/lazyregexp"
	"stage0/m1"
	"stage0/m2planet"
	"stage0/mesoplanet"
	"stage0/source"
)

// Options is everything besides the texts that a program depends on.
type Options struct {
	Arch  string // as in package arch
	Libc  string // directory of M2libc; empty if there is none
	Debug bool   // with symbols, for M1 and C

	// Open reads the files of M2libc and those that C includes.
	Open func(path string) (source.Source, error)

	source.Diagnostics
}

// ErrNoLibc is the error for texts that need M2libc if there is none.
var ErrNoLibc = errors.New("M2libc is missing")

// Names of the texts between the tools.
const (
	preprocessed = "preprocessed C"
	compiled     = "M2-Planet's output"
	assembled    = "M1's output"
	ending       = "end of the program"
)

// A builder is the state of one build.
type builder struct {
	opt    Options
	arch   arch.Arch
	target mesoplanet.Target
	kind   string // suffix of srcs
	srcs   []source.Source

	program *mesoplanet.Program // of C
	ccode   []byte              // its text
	m1in    []source.Source     // what M1 assembles
	m1out   []byte              // what it makes of that

	doubt *source.Error // the first warning, if it is to be an error
}

// kinds has what makes programs, by the suffixes of source files.
var kinds = map[string]func(*builder) ([]byte, error){
	".hex0": (*builder).hex0,
	".hex1": (*builder).hex1,
	".hex2": func(b *builder) ([]byte, error) { return b.link(b.srcs) },
	".M1":   func(b *builder) ([]byte, error) { return b.assemble(b.srcs) },
	".c":    (*builder).compile,
}

// Program returns the program that srcs are the text of, all in the language that the
// suffix of their names says: .hex0, .hex1, .hex2, .M1 or .c. Its errors are those of
// opt.Open and of opt's values, ErrNoLibc, and *source.Error for what is wrong with a
// text.
func Program(srcs []source.Source, opt Options) ([]byte, error) {
	if len(srcs) == 0 {
		return nil, errors.New("no source files")
	}
	row, ok := arch.Lookup(opt.Arch)
	if !ok {
		return nil, fmt.Errorf("unknown architecture %q", opt.Arch)
	}
	b := &builder{
		opt:    opt,
		arch:   row,
		target: mesoplanet.Target{Arch: opt.Arch, System: "Linux", Libc: opt.Libc},
		kind:   path.Ext(srcs[0].Name),
		srcs:   srcs,
	}
	for _, src := range srcs {
		switch kind := path.Ext(src.Name); {
		case kinds[kind] == nil:
			return nil, fmt.Errorf("%s: the suffix of a source is .hex0, .hex1, .hex2, .M1 or .c", src.Name)
		case kind != b.kind:
			return nil, fmt.Errorf("%s and %s are in different languages", srcs[0].Name, src.Name)
		}
	}
	if opt.Debug && b.kind != ".M1" && b.kind != ".c" {
		return nil, fmt.Errorf("%s: only programs in M1 and C can have symbols", srcs[0].Name)
	}
	program, err := kinds[b.kind](b)
	var fault *source.Error
	if errors.As(err, &fault) {
		err = b.author(fault)
	}
	switch {
	case b.doubt != nil: // found before err
		return nil, b.doubt
	case err != nil:
		return nil, err
	}
	return program, nil
}

// diagnostics returns what has warnings of the tools in the author's texts, and drops
// those that M2libc is the cause of. With opt.Strict the first one is kept in b.doubt.
func (b *builder) diagnostics() source.Diagnostics {
	return source.Diagnostics{
		Full: b.opt.Full,
		Warn: func(e *source.Error) {
			e = b.author(e)
			name := e.Position().Name
			switch {
			case name == compiled || name == ending || b.opt.Libc != "" && strings.HasPrefix(name, b.opt.Libc+"/"):
			case !b.opt.Strict:
				if b.opt.Warn != nil {
					b.opt.Warn(e)
				}
			case b.doubt == nil:
				b.doubt = e
			}
		},
	}
}

func (b *builder) hex0() ([]byte, error) {
	var out bytes.Buffer
	opt := hex0.ForArch(b.arch.Name)
	opt.Diagnostics = b.diagnostics()
	for _, src := range b.srcs {
		if err := hex0.Assemble(&out, src, opt); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func (b *builder) hex1() ([]byte, error) {
	var out bytes.Buffer
	err := hex2.Link(&out, b.srcs, hex2.Options{Mode: hex2.SeedHex1, Arch: b.arch.Name, Diagnostics: b.diagnostics()})
	return out.Bytes(), err
}

// link makes a program of texts in hex2.
func (b *builder) link(texts []source.Source) ([]byte, error) {
	if !hasLabel(texts, "ELF_base") {
		header, err := b.libc(b.target.Header(b.opt.Debug))
		if err != nil {
			return nil, err
		}
		texts = append([]source.Source{header}, texts...)
	}
	if !hasLabel(texts, "ELF_end") {
		texts = append(slices.Clip(texts), source.String(ending, "\n:ELF_end\n"))
	}
	var out bytes.Buffer
	err := hex2.Link(&out, texts, hex2.Options{
		Arch: b.arch.Name, BigEndian: b.arch.BigEndian, Base: b.arch.Base, Diagnostics: b.diagnostics(),
	})
	return out.Bytes(), err
}

// assemble makes a program of texts in M1.
func (b *builder) assemble(texts []source.Source) ([]byte, error) {
	if b.kind == ".M1" {
		for _, src := range b.srcs {
			b.escapes(src)
		}
	}
	stdio := b.program != nil && b.program.Stdio
	for _, src := range texts {
		stdio = stdio || b.program == nil && mesoplanet.NewObject(src).Stdio > 0
	}
	starts := hasLabel(texts, "_start")
	var before []string
	if !starts || !slices.ContainsFunc(texts, func(src source.Source) bool { return definition.MatchString(string(src.Text)) }) {
		before = append(before, b.target.Definitions())
	}
	if !starts {
		before = append(before, b.target.Start(stdio))
	}
	b.m1in = nil
	for _, name := range before {
		src, err := b.libc(name)
		if err != nil {
			return nil, err
		}
		b.m1in = append(b.m1in, src)
	}
	b.m1in = append(b.m1in, texts...)
	if b.opt.Debug {
		var footer bytes.Buffer
		err := bloodelf.Footer(&footer, texts, bloodelf.Options{
			Wide: b.arch.WordSize > 4, BigEndian: b.arch.BigEndian, Diagnostics: b.diagnostics(),
		})
		if err != nil {
			return nil, err
		}
		if !hasLabel(texts, "ELF_data") { // where a section begins
			b.m1in = append(b.m1in, source.String(ending, ":ELF_data\n"))
		}
		b.m1in = append(b.m1in, source.Bytes(ending, footer.Bytes()))
	}
	var out bytes.Buffer
	opt := b.m1Options()
	opt.Diagnostics = b.diagnostics()
	if err := m1.Assemble(&out, b.m1in, opt); err != nil {
		return nil, err
	}
	b.m1out = out.Bytes()
	return b.link([]source.Source{source.Bytes(assembled, b.m1out)})
}

func (b *builder) m1Options() m1.Options {
	return m1.Options{Arch: b.arch.Name, BigEndian: b.arch.BigEndian}
}

// compile makes a program of texts in C.
func (b *builder) compile() (_ []byte, err error) {
	if b.opt.Libc == "" {
		return nil, ErrNoLibc
	}
	b.program, err = mesoplanet.Preprocess(b.srcs, mesoplanet.Options{Target: b.target, Open: b.opt.Open, Diagnostics: b.diagnostics()})
	if err != nil {
		return nil, err
	}
	var text, out bytes.Buffer
	if err := b.program.Write(&text); err != nil {
		return nil, err
	}
	b.ccode = text.Bytes()
	err = m2planet.Compile(&out, []source.Source{source.Bytes(preprocessed, b.ccode)},
		m2planet.Options{Arch: b.arch.Name, Debug: b.opt.Debug, Diagnostics: b.diagnostics()})
	if err != nil {
		return nil, err
	}
	return b.assemble([]source.Source{source.Bytes(compiled, out.Bytes())})
}

// libc reads a file of M2libc.
func (b *builder) libc(name string) (source.Source, error) {
	if b.opt.Libc == "" {
		return source.Source{}, ErrNoLibc
	}
	return b.opt.Open(name)
}

// definition matches a text that defines a word.
var definition = lazyregexp.New(`(?m)^[ \t]*DEFINE\s`)

// hasLabel reports whether a text defines a label, on a line where no comment and no
// string precedes it.
func hasLabel(texts []source.Source, name string) bool {
	label := regexp.MustCompile(`(?m)^(?:[^#;"\n]*\s)?:` + name + `(?:\s|$)`)
	return slices.ContainsFunc(texts, func(src source.Source) bool { return label.Match(src.Text) })
}

// author returns e with the position in a text that was given to the build.
func (b *builder) author(e *source.Error) *source.Error {
	pos, msg := e.Position(), e.Msg
	if pos.Name == assembled {
		if at, err := m1.Locate(b.m1in, b.m1Options(), offset(b.m1out, pos)); err == nil {
			pos = at
		}
	}
	if pos.Name == compiled {
		if at, name, ok := b.declared(msg); ok {
			return &source.Error{Place: at, Msg: fmt.Sprintf("%s is used here or declared, but not defined", name)}
		}
	}
	if pos.Name == preprocessed {
		if at, ok := b.program.Position(pos.Line, pos.Col); ok {
			pos = at
		}
	}
	return &source.Error{Place: pos, Msg: msg + b.hint(pos, msg)}
}

// offset returns the offset of a position in a text.
func offset(text []byte, pos source.Position) int64 {
	off := 0
	for range pos.Line - 1 {
		off += bytes.IndexByte(text[off:], '\n') + 1
	}
	return int64(off + pos.Col - 1)
}

// declared returns the first place where a C program mentions the function or variable
// whose label is missing, as msg says.
func (b *builder) declared(msg string) (at source.Position, name string, ok bool) {
	missing := cLabel.FindStringSubmatch(msg)
	if missing == nil {
		return source.Position{}, "", false
	}
	name = missing[1]
	word := regexp.MustCompile(`(?s)//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\b` + regexp.QuoteMeta(name) + `\b`)
	for _, m := range word.FindAllIndex(b.ccode, -1) {
		if string(b.ccode[m[0]:m[1]]) == name {
			before := b.ccode[:m[0]]
			at, ok = b.program.Position(bytes.Count(before, []byte("\n"))+1, m[0]-bytes.LastIndexByte(before, '\n'))
			return at, name, ok
		}
	}
	return source.Position{}, "", false
}

// cLabel matches the message about a label of a C program that is missing.
var cLabel = lazyregexp.New(`^label "(?:FUNCTION|GLOBAL)_(\w+)" is not defined$`)

// escapes warns of escape sequences of C in the strings of a text in M1.
func (b *builder) escapes(src source.Source) {
	warn := b.diagnostics().Warn
	text := string(src.Text)
	for _, m := range stringOrComment.FindAllStringIndex(text, -1) {
		token := text[m[0]:m[1]]
		if i := escape.FindStringSubmatchIndex(token); i != nil && token[0] == '"' {
			warn(src.Errorf(m[0]+i[0], `found %s in a string, where it stands for itself; M1 has no escapes, but a string may have line ends`, token[i[0]:i[1]]))
		}
	}
}

var (
	stringOrComment = lazyregexp.New(`[#;][^\n]*|"[^"]*"|'[^']*'`)
	escape          = lazyregexp.New(`\\[ntr0"\\]`)
)
