package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"stage0/extra"
	"stage0/source"
)

// unpacking is what the arguments of a decompressor say.
type unpacking struct {
	input, output string
	discard       bool
	strict        bool
	limit         int64
}

const unpackUsage = `
  -f, --file FILE     what to read%s
  -o, --output FILE   what to write; %s
      %s  write nothing
      --limit BYTES   how much may be written (2147483647)
      --strict        refuse a file that goes on after its data
  -h, --help
`

// unpackOptions parses the arguments of a decompressor. fuzz is the names of
// the option that has it write nothing.
func (env *Env) unpackOptions(args []string, fuzz, usage string) (u unpacking, err error) {
	u.limit = extra.DefaultLimit
	err = parse(args[1:], []option{
		text("-f --file", &u.input),
		text("-o --output", &u.output),
		flag(fuzz, &u.discard, true),
		flag("--strict", &u.strict, true),
		limit(&u.limit),
		env.help(usage),
	})
	return u, err
}

// limit returns the option that sets how much may be written, in bytes.
func limit(p *int64) option {
	return option{names: "--limit", arg: true, set: func(v string) error {
		n, err := strconv.ParseInt(v, 0, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("limit %q is not a number of bytes", v)
		}
		*p = n
		return nil
	}}
}

// finish unpacks to u.output, or nowhere, with the permissions perm; do
// returns how many bytes of the input it has left.
func (env *Env) finish(program string, u unpacking, perm Perm, do func(io.Writer) (rest int64, err error)) error {
	produce := func(w io.Writer) error {
		rest, err := do(w)
		if err == nil && rest > 0 {
			err = env.doubt(program, u.strict, fmt.Errorf("%s: %d bytes follow the data, and are left out", u.input, rest))
		}
		return err
	}
	if u.discard {
		return produce(io.Discard)
	}
	return env.writeOrPrint(u.output, perm, produce)
}

// failUnpack prints err and returns the exit status that upstream has for it.
func (env *Env) failUnpack(program string, err error) int {
	env.fail(program, err)
	if fault := new(extra.Error); errors.As(err, &fault) {
		return fault.Code
	}
	return 1
}

var ungzUsage = `usage: ungz -f FILE [-o FILE] [--fuzz-mode] [--limit BYTES] [--strict]

Unpacks the first member of a gzip file.
` + fmt.Sprintf(unpackUsage, "", "the name in the file, or else FILE less three\n                      characters, if not given", "--fuzz-mode   ")

// runUngz is ungz of mescc-tools-extra. A name that it takes from the file must
// be below the working directory. Without --file upstream crashes; of an empty
// file, upstream's as built by M2-Planet makes none, and exits with 4.
func runUngz(ctx context.Context, env *Env, args []string) int {
	u, err := env.unpackOptions(args, "--fuzz-mode --fuzzing --chaos", ungzUsage)
	if errors.Is(err, errDone) {
		return 0
	}
	if err == nil && u.input == "" {
		err = errors.New("no input; name one with --file")
	}
	if err == nil {
		err = env.ungz(u)
	}
	if err != nil {
		return env.failUnpack("ungz", err)
	}
	return 0
}

func (env *Env) ungz(u unpacking) error {
	src, closer, err := env.open(u.input)
	if err != nil {
		return err
	}
	defer closer.Close()
	z, err := extra.OpenGzip(src)
	if err != nil {
		return err
	}
	inside := env
	switch {
	case u.output != "" || u.discard:
	case z.Name != "":
		if !local(z.Name) {
			return fmt.Errorf("%s: the name in it, %.100q, is not below the working directory; give one with --output", u.input, z.Name)
		}
		var closeRoot func() error
		if inside, closeRoot, err = env.confine(); err != nil {
			return err
		}
		defer closeRoot()
		u.output = z.Name
	case len(u.input) > 3:
		u.output = u.input[:len(u.input)-3]
	default:
		return fmt.Errorf("%s: there is no name to write to; give one with --output", u.input)
	}
	if err := env.notInput(u.output, u.input); err != nil {
		return err
	}
	return inside.finish("ungz", u, 0o666, func(w io.Writer) (int64, error) { return z.Unpack(w, u.limit) })
}

var unbz2Usage = `usage: unbz2 -f FILE [-o FILE] [--fuzzing-mode] [--limit BYTES] [--strict]

Unpacks the first stream of a bzip2 file.
` + fmt.Sprintf(unpackUsage, "", "FILE less three characters, so that of a.bz2\n                      it is a., if not given", "--fuzzing-mode")

// runUnbz2 is unbz2 of mescc-tools-extra.
func runUnbz2(ctx context.Context, env *Env, args []string) int {
	u, err := env.unpackOptions(args, "--fuzzing-mode", unbz2Usage)
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
	case u.input == "":
		err = errors.New("no input; name one with --file")
	case u.output == "" && len(u.input) <= 4:
		err = fmt.Errorf("%s: the name is too short to make one of it; give one with --output", u.input)
	default:
		if u.output == "" {
			u.output = u.input[:len(u.input)-3]
		}
		err = env.unpackFile("unbz2", u, 0o600, extra.Unbz2)
	}
	if err != nil {
		return env.failUnpack("unbz2", err)
	}
	return 0
}

var unxzUsage = `usage: unxz [-f FILE] [-o FILE] [--fuzz-mode] [--limit BYTES] [--strict]

Unpacks an .xz or .lzma file.
` + fmt.Sprintf(unpackUsage, "; standard input if not given", "standard output if not given", "--fuzz-mode   ")

// runUnxz is unxz of mescc-tools-extra.
func runUnxz(ctx context.Context, env *Env, args []string) int {
	u, err := env.unpackOptions(args, "--fuzz-mode --fuzzing --chaos", unxzUsage)
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
	case u.input != "":
		err = env.unpackFile("unxz", u, 0o666, extra.Unxz)
	default:
		u.input = "standard input"
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(env.Stdin, maxStream+1)); err == nil && len(text) > maxStream {
			err = fmt.Errorf("standard input has more than %d bytes; name a file with --file", maxStream)
		}
		if err == nil {
			src := source.Bytes(u.input, text)
			err = env.finish("unxz", u, 0o666, func(w io.Writer) (int64, error) { return extra.Unxz(w, src, u.limit) })
		}
	}
	if err != nil {
		return env.failUnpack("unxz", err)
	}
	return 0
}

// unpackFile unpacks u.input.
func (env *Env) unpackFile(program string, u unpacking, perm Perm, do func(io.Writer, source.Source, int64) (int64, error)) error {
	src, closer, err := env.open(u.input)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := env.notInput(u.output, u.input); err != nil {
		return err
	}
	return env.finish(program, u, perm, func(w io.Writer) (int64, error) { return do(w, src, u.limit) })
}
