package mesoplanet

import (
	"errors"
	"fmt"
	"io"

	"stage0/internal/cpp"
	"stage0/source"
)

// Version is the one that upstream's M2-Mesoplanet prints.
const Version = "v1.13.0"

// Header is what the output of --preprocess-only starts with.
const Header = "/* M2-Mesoplanet Preprocessed source */\n"

// Compilers that M2-Mesoplanet is built by; Options.BuiltBy. The values of
// conditions depend on them.
const (
	ByM2Planet = cpp.ByM2Planet // the ladders' bin/M2-Mesoplanet
	ByGCC      = cpp.ByGCC      // GCC, -O0, on amd64
)

const defaultMaxString = 65536

// Options is everything besides the texts that a program depends on.
type Options struct {
	Target
	BuiltBy string // whose build of M2-Mesoplanet to equal; empty is ByM2Planet
	Host    string // architecture that the build runs on; empty is amd64

	NoIncludes  bool // drop #include, whose file must exist all the same
	NoDirective bool // do not preprocess (--dump-mode)

	Defines     []Define // initial macros; a later one hides an earlier one
	IncludeDirs []string // directories to search for files that are included in quotes
	MaxString   int      // tokens are shorter than this, in bytes; 0 means 65536

	// Open opens the file at path for #include. After any error the next
	// directory is tried. If Open is nil, no file is found.
	Open func(path string) (source.Source, error)

	Stdout io.Writer // gets the names of files that are skipped; may be nil
	Stderr io.Writer // gets the names of files that are read; may be nil

	source.Diagnostics
}

// Preprocess reads srcs, one after the other, as one program and preprocesses
// it. Its errors are those of reading, those of opt's values, and *source.Error
// for what is wrong with the program.
func Preprocess(srcs []source.Source, opt Options) (_ *Program, err error) {
	if opt.MaxString == 0 {
		opt.MaxString = defaultMaxString
	}
	if opt.MaxString < 0 {
		return nil, fmt.Errorf("found --max-string %d, expected at least 1", opt.MaxString)
	}
	if opt.Open == nil {
		opt.Open = func(string) (source.Source, error) {
			return source.Source{}, errors.New("no files can be opened")
		}
	}
	if opt.Stdout == nil {
		opt.Stdout = io.Discard
	}
	if opt.Stderr == nil {
		opt.Stderr = io.Discard
	}
	build, err := cpp.LookupBuild(opt.BuiltBy, opt.Host, ByM2Planet, ByGCC)
	if err != nil {
		return nil, err
	}
	macros, err := opt.macros()
	if err != nil {
		return nil, err
	}
	defer cpp.Recover(&err)

	program := new(Program)
	r := &reader{opt: &opt, srcs: srcs, seen: map[string]bool{}}
	if opt.NoDirective {
		for t, ok := r.next(); ok; t, ok = r.next() {
			program.append(&t)
		}
	} else {
		p := &preprocessor{opt: &opt, reader: r, program: program, macros: map[string]*macro{}}
		p.ifs = cpp.Ifs{Stream: p, Tool: "M2-Mesoplanet", Build: build, Diagnostics: opt.Diagnostics}
		p.predefine(Define{"__M2__", "__M2__"}, "predefined macros")
		for _, d := range opt.Defines {
			p.predefine(d, "-D")
		}
		for _, d := range macros {
			p.predefine(d, "--architecture")
		}
		p.run()
	}
	program.Stdio = r.stdio
	return program, nil
}
