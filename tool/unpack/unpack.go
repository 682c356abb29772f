// Package unpack is the commands unbz2, ungz, untar and unxz of
// mescc-tools-extra.
package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stage0/extra/unpack"
	"stage0/source"
	"stage0/tool"
)

// unpacking is what the arguments of a decompressor say.
type unpacking struct {
	input, output string
	discard       bool
	strict        bool
	limit         int64
}

// run runs a decompressor. fuzz is the names of the option that has it write
// nothing.
func run(env *tool.Env, name, usage string, args []string, fuzz string, do func(u unpacking) error) int {
	u := unpacking{limit: unpack.DefaultLimit}
	return env.Run(name, usage, args, []tool.Option{
		tool.Text("-f --file", &u.input),
		tool.Text("-o --output", &u.output),
		tool.Flag(fuzz, &u.discard, true),
		tool.Flag("--strict", &u.strict, true),
		tool.Limit(&u.limit),
	}, func() error {
		err := do(u)
		if fault := new(unpack.Error); errors.As(err, &fault) {
			return tool.Exit{Status: fault.Code, Err: err}
		}
		return err
	})
}

var errNoInput = errors.New("no input; name one with --file")

// finish unpacks to u.output, or nowhere, with the permissions perm; do
// returns how many bytes of the input it has left.
func finish(env *tool.Env, program string, u unpacking, perm tool.Perm, do func(io.Writer) (rest int64, err error)) error {
	produce := func(w io.Writer) error {
		rest, err := do(w)
		if err == nil && rest > 0 {
			err = env.Doubt(program, u.strict, fmt.Errorf("%s: %d bytes follow the data, and are left out", u.input, rest))
		}
		return err
	}
	if u.discard {
		return produce(io.Discard)
	}
	return env.WriteOrPrint(u.output, perm, produce)
}

const ungzUsage = `usage: ungz -f FILE [-o FILE] [--fuzz-mode] [--limit BYTES] [--strict]

Unpacks the first member of a gzip file.

  -f, --file FILE     what to read
  -o, --output FILE   what to write; the name in the file, or else FILE less three
                      characters, if not given
      --fuzz-mode     write nothing
      --limit BYTES   how much may be written (2147483647)
      --strict        refuse a file that goes on after its data
  -h, --help
`

// RunUngz is ungz of mescc-tools-extra. A name that it takes from the file must
// be below the working directory. Without --file upstream crashes; of an empty
// file, upstream's as built by M2-Planet makes none, and exits with 4.
func RunUngz(ctx context.Context, env *tool.Env, args []string) int {
	return run(env, "ungz", ungzUsage, args, "--fuzz-mode --fuzzing --chaos", func(u unpacking) error {
		if u.input == "" {
			return errNoInput
		}
		return ungz(env, u)
	})
}

func ungz(env *tool.Env, u unpacking) error {
	src, err := env.Read(u.input)
	if err != nil {
		return err
	}
	z, err := unpack.OpenGzip(src)
	if err != nil {
		return err
	}
	inside := env
	switch {
	case u.output != "" || u.discard:
	case z.Name != "":
		if !tool.Local(z.Name) {
			return fmt.Errorf("%s: the name in it, %.100q, is not below the working directory; give one with --output", u.input, z.Name)
		}
		var closeRoot func() error
		if inside, closeRoot, err = env.Confine(); err != nil {
			return err
		}
		defer closeRoot()
		u.output = z.Name
	case len(u.input) > 3:
		u.output = u.input[:len(u.input)-3]
	default:
		return fmt.Errorf("%s: there is no name to write to; give one with --output", u.input)
	}
	if err := env.NotInput(u.output, u.input); err != nil {
		return err
	}
	return finish(inside, "ungz", u, 0o666, func(w io.Writer) (int64, error) { return z.Unpack(w, u.limit) })
}

const unbz2Usage = `usage: unbz2 -f FILE [-o FILE] [--fuzzing-mode] [--limit BYTES] [--strict]

Unpacks the first stream of a bzip2 file.

  -f, --file FILE     what to read
  -o, --output FILE   what to write; FILE less three characters, so that of a.bz2
                      it is a., if not given
      --fuzzing-mode  write nothing
      --limit BYTES   how much may be written (2147483647)
      --strict        refuse a file that goes on after its data
  -h, --help
`

// RunUnbz2 is unbz2 of mescc-tools-extra.
func RunUnbz2(ctx context.Context, env *tool.Env, args []string) int {
	return run(env, "unbz2", unbz2Usage, args, "--fuzzing-mode", func(u unpacking) error {
		switch {
		case u.input == "":
			return errNoInput
		case u.output == "" && len(u.input) <= 4:
			return fmt.Errorf("%s: the name is too short to make one of it; give one with --output", u.input)
		case u.output == "":
			u.output = u.input[:len(u.input)-3]
		}
		return unpackFile(env, "unbz2", u, 0o600, unpack.Unbz2)
	})
}

const unxzUsage = `usage: unxz [-f FILE] [-o FILE] [--fuzz-mode] [--limit BYTES] [--strict]

Unpacks an .xz or .lzma file.

  -f, --file FILE     what to read; standard input if not given
  -o, --output FILE   what to write; standard output if not given
      --fuzz-mode     write nothing
      --limit BYTES   how much may be written (2147483647)
      --strict        refuse a file that goes on after its data
  -h, --help
`

// RunUnxz is unxz of mescc-tools-extra.
func RunUnxz(ctx context.Context, env *tool.Env, args []string) int {
	return run(env, "unxz", unxzUsage, args, "--fuzz-mode --fuzzing --chaos", func(u unpacking) error {
		if u.input != "" {
			return unpackFile(env, "unxz", u, 0o666, unpack.Unxz)
		}
		text, err := io.ReadAll(io.LimitReader(env.Stdin, tool.MaxStream+1))
		if err != nil {
			return err
		}
		if len(text) > tool.MaxStream {
			return fmt.Errorf("standard input has more than %d bytes; name a file with --file", tool.MaxStream)
		}
		u.input = "standard input"
		src := source.Bytes(u.input, text)
		return finish(env, "unxz", u, 0o666, func(w io.Writer) (int64, error) { return unpack.Unxz(w, src, u.limit) })
	})
}

// unpackFile unpacks u.input.
func unpackFile(env *tool.Env, program string, u unpacking, perm tool.Perm, do func(io.Writer, source.Source, int64) (int64, error)) error {
	src, err := env.Read(u.input)
	if err != nil {
		return err
	}
	if err := env.NotInput(u.output, u.input); err != nil {
		return err
	}
	return finish(env, program, u, perm, func(w io.Writer) (int64, error) { return do(w, src, u.limit) })
}
