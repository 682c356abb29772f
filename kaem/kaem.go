package kaem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"stage0/source"
)

// Limits of a script. The first three are sizes of upstream's arrays.
const (
	maxText      = 4095 // bytes of a word, before and after expansion
	maxArgs      = 511  // words of a command that is run as a program
	maxEnv       = 511  // environment variables of a program
	maxWords     = 8192 // of any command
	maxVariables = 1024 // and the same number of aliases
	maxIfs       = 1000 // nested ifs
)

// A Handler runs a program and returns its exit status, or, if signal N ended
// it, -N (-N-128 with a core dump). An error means that the program could not
// be run; the script treats it as status 1.
type Handler func(ctx context.Context, cmd Command) (status int, err error)

// A Command is a program to be run.
type Command struct {
	Path string       // the program's file; relative to Dir unless absolute
	Args []string     // Args[0] is the name as written in the script
	Env  []string     // environment variables as NAME=VALUE, in order
	Dir  string       // working directory
	At   source.Place // of the command's first word
}

// Options configures a run. Its functions must not be nil.
type Options struct {
	// Args are the interpreter's own arguments. Args[0] becomes SHELL if that
	// is not set; $@ stands for those from "--" on.
	Args []string
	Env  []string // environment variables as NAME=VALUE, in order; empty in --init-mode

	Verbose       bool // --verbose: print each command before it is run
	KeepGoing     bool // --non-strict: continue after a command fails
	Warn          bool // --warn: print that set -a has no effect
	Fuzz          bool // --fuzz: run no programs; each has status 1
	ShowExitCodes bool // --show-exit-codes: print each program's status on Stderr

	Stdout io.Writer
	Stderr io.Writer

	Dir    string                                 // working directory
	Chdir  func(dir, name string) (string, error) // resolves directory name relative to dir
	Exists func(dir, name string) bool            // reports whether the file exists relative to dir
	Exec   Handler

	Diagnostics source.Diagnostics
}

// Run runs the script src and returns its exit status. Its errors are
// *source.Error, those of writing Stdout, and, when ctx has
// ended, one that wraps ctx's error; the status is then 1.
func Run(ctx context.Context, src source.Source, opt Options) (status int, err error) {
	in, err := newInterpreter(src, opt)
	for err == nil {
		err = in.step(ctx)
	}
	switch {
	case err == io.EOF:
		return 0, nil
	case errors.Is(err, errReplaced):
		return in.status, nil
	}
	return 1, err
}

// errReplaced ends a script after exec.
var errReplaced = errors.New("replaced by another program")

// An interpreter is the state of a script.
type interpreter struct {
	opt     Options
	strict  bool
	verbose bool
	dir     string
	path    string // where programs are searched; unset does not change it
	env     []variable
	aliases []variable
	ifs     int // number of open ifs

	src   source.Source
	scan  *scanner
	at    int    // offset of the current command
	words []word // of the current command
	next  int    // index of the current word; a builtin leaves it where upstream leaves token

	status int // of the program that replaced the script
}

// A word of a command, before or after expansion.
type word struct {
	text string
	at   int // offset in the script
}

// A variable or an alias.
type variable struct{ name, value string }

// upstream: main and populate_env
func newInterpreter(src source.Source, opt Options) (*interpreter, error) {
	in := &interpreter{
		opt:     opt,
		strict:  !opt.KeepGoing,
		verbose: opt.Verbose,
		dir:     opt.Dir,
		src:     src,
		scan:    newScanner(src, opt.Diagnostics),
	}
	for _, v := range opt.Env {
		name, value, ok := strings.Cut(v, "=")
		if len(v) > maxText {
			return nil, fmt.Errorf("environment variable %.20s is longer than %d bytes", name, maxText)
		}
		if ok {
			in.env = append(in.env, variable{name, value})
		}
	}
	if _, ok := lookup(in.env, "SHELL"); !ok {
		shell := "./bin/kaem"
		if len(opt.Args) > 0 {
			shell = opt.Args[0]
		}
		in.env = append([]variable{{"SHELL", shell}}, in.env...)
	}
	path, ok := lookup(in.env, "PATH")
	user, known := lookup(in.env, "LOGNAME")
	switch {
	case ok:
		in.path = path
	case known:
		in.path = "/home/" + user + "/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
	default:
		in.path = "/root/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	return in, nil
}

// step reads a command and runs it. At the end of the script it returns io.EOF.
//
// upstream: run_script
func (in *interpreter) step(ctx context.Context) error {
	run, err := in.read()
	if err != nil || !run {
		return err
	}
	return in.execute(ctx)
}

// read reads the next command into in.words. It reports whether upstream would
// run it.
//
// upstream: collect_command
func (in *interpreter) read() (run bool, err error) {
	in.words, in.next = in.words[:0], 0
	in.scan.reset()
	size := 0
	for end := false; !end; {
		size, end, err = in.scan.word(size)
		if len(in.words) == 0 {
			in.at = in.scan.start
		}
		if err != nil && err != io.EOF {
			return false, err
		}
		if text := in.scan.take(); text != "" {
			if err := in.add(text, in.scan.start); err != nil {
				return false, err
			}
		}
	}
	if err == io.EOF {
		if len(in.words) > 0 {
			if err := in.warn(in.at, "the last line has no line end; not run"); err != nil {
				return false, err
			}
		}
		return false, io.EOF
	}
	if in.verbose && len(in.words) > 0 && in.words[0].text != "" {
		if err := in.print(" +> " + join(in.words)); err != nil {
			return false, err
		}
	}
	if size == 0 && len(in.words) > 0 {
		return false, in.warn(in.at, "what ends in an empty word (two spaces, or \"\") is not run")
	}
	return size != 0, nil
}

// add adds the expansion of one word of the script to the command.
func (in *interpreter) add(text string, at int) error {
	if text == " " {
		if err := in.warn(at, "a word that is a single space is dropped"); err != nil {
			return err
		}
	}
	texts := []string{text}
	if value, ok := lookup(in.aliases, text); ok {
		texts = splitAlias(value)
	}
	for _, text := range texts {
		text, err := in.expand(text, at)
		if err != nil {
			return err
		}
		if text == " " {
			continue // scripts set a variable to a space to get no word
		}
		if len(in.words) == maxWords {
			return in.src.Errorf(at, "more than %d words in a command", maxWords)
		}
		in.words = append(in.words, word{text, at})
	}
	return nil
}

// join returns words as upstream prints them.
func join(words []word) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.text)
		b.WriteByte(' ')
	}
	b.WriteByte('\n')
	return b.String()
}

// current returns the current word of the command, if there is one.
func (in *interpreter) current() (text string, ok bool) {
	if in.next >= len(in.words) {
		return "", false
	}
	return in.words[in.next].text, true
}

// is reports whether the current word is text.
func (in *interpreter) is(text string) bool {
	w, ok := in.current()
	return ok && w == text
}

func (in *interpreter) print(text string) error {
	_, err := io.WriteString(in.opt.Stdout, text)
	return err
}

func (in *interpreter) warn(at int, format string, args ...any) error {
	return in.opt.Diagnostics.Report(in.src, at, format, args...)
}

// shown returns a word as messages show it: quoted if it would not look like
// one word on one line.
func shown(text string) string {
	plain := func(c rune) bool { return c > ' ' && c != utf8.RuneError && unicode.IsPrint(c) }
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return !plain(c) }) {
		return strconv.Quote(text)
	}
	return text
}

// lookup returns the value of the first of vars called name.
func lookup(vars []variable, name string) (string, bool) {
	for _, v := range vars {
		if v.name == name {
			return v.value, true
		}
	}
	return "", false
}

// assign sets the first of vars called name, or adds one.
func assign(vars []variable, name, value string) []variable {
	for i := range vars {
		if vars[i].name == name {
			vars[i].value = value
			return vars
		}
	}
	return append(vars, variable{name, value})
}
