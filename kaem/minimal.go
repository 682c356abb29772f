package kaem

import (
	"bytes"
	"context"
	"io"

	"stage0/source"
)

// A Minimal describes what is specific to an architecture's kaem-minimal.
type Minimal struct {
	Script       string // the default script
	maxArgs      int    // maximum number of words in a command
	strings      bool   // "..." quotes white space
	passesEnv    bool   // programs get the environment
	failed       string // printed when a program fails
	failedStatus int    // exit status then
	brokenStatus int    // exit status if a comment or string is unterminated
}

const (
	subprocessError = "Subprocess error\n"
	abortingHard    = "Subprocess error\nABORTING HARD\n"
)

// minimals is keyed by architecture. aarch64's statuses are values that happen
// to be left in a register.
var minimals = map[string]Minimal{
	"x86":     {"kaem.x86", 255, true, true, abortingHard, 1, 1},
	"amd64":   {"kaem.amd64", 255, true, true, subprocessError, 1, 1},
	"aarch64": {"kaem.aarch64", 255, true, true, abortingHard, 0, 252},
	"riscv32": {"kaem.riscv32", 511, false, false, abortingHard, 1, 1},
	"riscv64": {"kaem.riscv64", 255, false, false, abortingHard, 1, 1},
}

// MinimalFor returns the architecture's variant of kaem-minimal.
func MinimalFor(arch string) (Minimal, bool) {
	m, ok := minimals[arch]
	return m, ok
}

// MinimalOptions configures a run.
type MinimalOptions struct {
	Minimal
	Env    []string  // environment variables as NAME=VALUE, in order
	Stdout io.Writer // gets the commands
	Dir    string    // working directory
	Exec   Handler

	Diagnostics source.Diagnostics
}

// RunMinimal runs the script src and returns its exit status, which is 0 on
// aarch64 even if a program failed. Its errors are *source.Error, those of
// writing Stdout, and, when ctx has ended, one that wraps ctx's
// error.
func RunMinimal(ctx context.Context, src source.Source, opt MinimalOptions) (status int, err error) {
	r := &minimalReader{reader: reader{src: src}, opt: opt}
	for {
		words, err := r.command()
		if err == io.EOF {
			return 0, nil
		}
		if err != nil {
			if r.broken {
				return opt.brokenStatus, err
			}
			return 1, err
		}
		if len(words) == 0 {
			continue
		}
		if failed, err := r.run(ctx, words); err != nil {
			if failed {
				return opt.failedStatus, err
			}
			return 1, err
		}
	}
}

// run prints a command and runs it. With an error, failed reports whether it
// was the program that failed.
func (r *minimalReader) run(ctx context.Context, words []word) (failed bool, err error) {
	if _, err := io.WriteString(r.opt.Stdout, " +> "+join(words)); err != nil {
		return false, err
	}
	cmd := Command{Path: words[0].text, Dir: r.opt.Dir, At: r.src.At(words[0].at)}
	for _, w := range words {
		cmd.Args = append(cmd.Args, w.text)
	}
	if r.opt.passesEnv {
		cmd.Env = r.opt.Env
	}
	status, err := r.opt.Exec(ctx, cmd)
	switch {
	case ctx.Err() != nil:
		return false, canceled(ctx, cmd.At)
	case err != nil:
		err = r.src.Errorf(words[0].at, "%s: cannot be run: %v", shown(cmd.Path), err)
	case status != 0:
		err = r.src.Errorf(words[0].at, "%s: %s", shown(cmd.Path), how(status))
	default:
		return false, nil
	}
	if _, e := io.WriteString(r.opt.Stdout, r.opt.failed); e != nil {
		return true, e
	}
	return true, err
}

// A minimalReader reads a script command by command.
type minimalReader struct {
	reader
	opt    MinimalOptions
	broken bool // the script ended in a comment or a string
}

// endOfFile is the byte that kaem-minimal takes for the end of the script.
const endOfFile = 0xFC

// read returns the next byte. At the end of the script the error is io.EOF.
//
// upstream: fgetc
func (r *minimalReader) read() (byte, error) {
	at := r.off
	c, err := r.reader.read()
	if err == nil && c == endOfFile {
		if err = r.opt.Diagnostics.Report(r.src, at, "byte 0xFC is taken for the end of the script"); err == nil {
			err = io.EOF
		}
	}
	return c, err
}

// command returns the words of the next command, or none for a comment or an
// empty line. At the end of the script the error is io.EOF.
func (r *minimalReader) command() (words []word, err error) {
	for end := false; !end; {
		var w word
		var text []byte
		w.at = r.off
		text, end, err = r.word()
		if err == io.EOF && len(words)+len(text) > 0 {
			if len(words) > 0 {
				w = words[0]
			}
			if err := r.opt.Diagnostics.Report(r.src, w.at, "the last line has no line end; not run"); err != nil {
				return nil, err
			}
		}
		if err != nil {
			return nil, err
		}
		if len(text) == 0 {
			continue
		}
		if len(words) == r.opt.maxArgs {
			return nil, r.src.Errorf(w.at, "more than %d words in a command", r.opt.maxArgs)
		}
		if i := bytes.IndexByte(text, 0); i >= 0 {
			if err := r.opt.Diagnostics.Report(r.src, w.at, "a word ends at a byte 0x00; the rest of it is dropped"); err != nil {
				return nil, err
			}
			text = text[:i]
		}
		w.text = string(text)
		words = append(words, w)
	}
	return words, nil
}

// word reads a word and the byte that ends it. It reports whether that ends the
// command.
//
// upstream: collect_token
func (r *minimalReader) word() (text []byte, end bool, err error) {
	start := r.off
	for len(text) <= maxText {
		at := r.off
		c, err := r.read()
		if err != nil {
			return text, true, err
		}
		switch {
		case c == ' ' || c == '\t':
			return text, false, nil
		case c == '\n':
			return text, true, nil
		case c == '#':
			for c != '\n' && err == nil {
				c, err = r.read()
			}
			return text, true, r.unended(err, at, "comment has no line end")
		case c == '\\':
			return text, false, r.dropped()
		case c == '"' && r.opt.strings:
			for len(text) <= maxText {
				if c, err = r.read(); c == '"' || err != nil {
					return text, false, r.unended(err, at, "string is not closed")
				}
				text = append(text, c)
			}
		default:
			text = append(text, c)
		}
	}
	return nil, true, r.src.Errorf(start, "word is longer than %d bytes", maxText)
}

// unended returns the error for a script that ends in the item starting at
// start.
func (r *minimalReader) unended(err error, start int, msg string) error {
	if err != io.EOF {
		return err
	}
	r.broken = true
	return r.src.Errorf(start, "%s", msg)
}

// dropped reads and drops the character after a backslash.
func (r *minimalReader) dropped() error {
	at := r.off
	switch c, err := r.reader.read(); {
	case err == io.EOF:
		return nil // the next read returns it again
	case err != nil || c == '\n':
		return err
	default:
		return r.opt.Diagnostics.Report(r.src, at, "%s after a backslash is dropped, and ends the word", source.Char(c))
	}
}
