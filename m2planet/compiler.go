package m2planet

import (
	"fmt"
	"io"

	"stage0/internal/cpp"
	"stage0/source"
)

// Options is everything besides the sources that the output depends on. The zero
// value compiles for knight-native as the ladders' own M2-Planet does.
type Options struct {
	Arch    string // target, as --architecture spells it; empty is knight-native
	BuiltBy string // whose build of M2-Planet to equal; empty is ByM2Planet
	Host    string // architecture that the build runs on; empty is amd64

	Debug          bool // leave out the end of the program, for a blood-elf footer
	BootstrapMode  bool // reject features that the seed's compiler lacks; ignore directives
	PreprocessOnly bool // write the preprocessed program
	ExpandIncludes bool // include files; otherwise #include is ignored

	Defines     []Define // initial macros; a later one hides an earlier one
	IncludeDirs []string // directories to search for included files
	MaxString   int      // tokens and strings are shorter than this, in bytes; 0 means 4096

	// Open opens the file at path for #include. After any error the next
	// directory is tried. If Open is nil, no file is found.
	Open func(path string) (source.Source, error)

	source.Diagnostics
}

const (
	defaultMaxString = 4096
	maxMaxString     = 1 << 24

	// maxOutput is the approximate limit of the output in bytes; upstream has
	// none.
	maxOutput = 1 << 30
)

// codePerSource estimates the bytes of code per byte of source.
const codePerSource = 10

// Version is the one of upstream's M2-Planet.
const Version = "1.13.1"

// predefined are the macros of every architecture. The date needs no closing
// quote, see token.
var predefined = []Define{
	{"__M2__", "42"},
	{"__M2C__", "1"},
	{"__M2C_MINOR__", "13"},
	{"__M2C_PATCHLEVEL__", "1"},
	{"__DATE__", `"Jan  1 1970`},
	{"__TIME__", `"00:00:00`},
	{"__STDC__", "1"},
	{"__STDC_HOSTED__", "1"},
	{"__STDC_VERSION__", "199409"},
}

// Compile compiles the sources, one after the other, as one program and
// writes its M1 text to w. Its errors are w's, those of reading, those of
// opt's values, and *source.Error for what is wrong with the program.
func Compile(w io.Writer, srcs []source.Source, opt Options) (err error) {
	if opt.Arch == "" {
		opt.Arch = "knight-native"
	}
	if opt.MaxString == 0 {
		opt.MaxString = defaultMaxString
	}
	if opt.Open == nil {
		opt.Open = func(path string) (source.Source, error) {
			return source.Source{}, fmt.Errorf("%s: no files to include", path)
		}
	}
	t := lookupTarget(opt.Arch)
	if t == nil {
		return fmt.Errorf("there is no M2-Planet for architecture %q", opt.Arch)
	}
	b, err := lookupBuild(opt.BuiltBy, opt.Host)
	if err != nil {
		return err
	}
	if opt.MaxString < 0 || opt.MaxString > maxMaxString {
		return fmt.Errorf("found --max-string %d, expected 1 to %d", opt.MaxString, maxMaxString)
	}
	defer cpp.Recover(&err)

	p, size := newPreprocessor(srcs, &opt, t, b)
	if p.head == nil {
		return fmt.Errorf("there are no input files, or they are empty")
	}
	if opt.BootstrapMode {
		p.stripDirectives()
	} else {
		p.run()
	}
	if opt.PreprocessOnly {
		return p.write(w)
	}
	p.stripNewlines()

	c := &compiler{
		opt:     &opt,
		types:   newTypes(t.WordSize, opt.BootstrapMode),
		emitter: &emitter{target: t, build: b, code: make([]byte, 0, codePerSource*size)},
		at:      p.head,
		last:    p.last,

		constants: map[string]*symbol{},
		variables: map[string]*symbol{},
		functions: map[string]bool{},
		statics:   map[string]*symbol{},
	}
	c.program()
	return c.write(w, opt.Debug)
}

// newPreprocessor returns a preprocessor that has read srcs, with the macros of t
// and opt, and the number of bytes that it has read.
func newPreprocessor(srcs []source.Source, opt *Options, t *target, b *build) (p *preprocessor, size int) {
	p = &preprocessor{
		scanner: &scanner{build: b, maxString: opt.MaxString, diag: opt.Diagnostics},
		opt:     opt,
		macros:  map[string]*macro{},
	}
	p.ifs = cpp.Ifs{Stream: p, Tool: "M2-Planet", Build: b.Build, Diagnostics: opt.Diagnostics}
	for _, d := range predefined {
		p.predefine(d, "predefined macros")
	}
	for _, d := range t.Macros {
		p.predefine(d, "--architecture")
	}
	for _, d := range opt.Defines {
		p.predefine(d, "-D")
	}
	for _, src := range srcs {
		p.read(src, src.Name, 0)
		size += len(p.file.Text)
	}
	p.mostMade = maxMade + madePerByte*size
	return p, size
}

// write writes the preprocessed program.
// upstream: output_tokens
func (p *preprocessor) write(w io.Writer) error {
	size := 0
	for t := p.head; t != nil; t = t.next {
		if size += len(t.Text) + 1; size > maxOutput {
			t.Fail("the output is longer than %d bytes", maxOutput)
		}
	}
	out := make([]byte, 0, 64<<10)
	out = append(out, "\n/* Preprocessed source */\n"...)
	for t := p.head; t != nil; t = t.next {
		out = append(out, t.Text...)
		out = append(out, ' ')
		if len(out) > 60<<10 {
			if _, err := w.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
	}
	_, err := w.Write(out)
	return err
}

// write writes the compiled program.
func (e *emitter) write(w io.Writer, debug bool) error {
	endOfCore, endOfFile := e.target.EndOfCore, e.target.EndOfFile
	if debug {
		endOfCore, endOfFile = e.target.EndOfCoreElf, e.target.EndOfFileElf
	}
	for _, part := range [][]byte{
		[]byte("\n# Core program\n"), e.code, []byte(endOfCore),
		[]byte("\n# Program global variables\n"), e.globals,
		[]byte("\n# Program strings\n"), e.strings, []byte(endOfFile),
	} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
