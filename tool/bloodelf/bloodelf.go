// Package bloodelf is the command blood-elf of mescc-tools.
package bloodelf

import (
	"context"
	"errors"
	"io"

	"stage0/bloodelf"
	"stage0/source"
	"stage0/tool"
)

const bloodElfUsage = `usage: blood-elf --little-endian|--big-endian [OPTION]... -f FILE [-f FILE]...

Writes the ELF sections and symbols for the labels of M1 texts, as M1 text.

  -f, --file FILE      an input
  -o, --output FILE    write to FILE instead of the standard output
      --64             64-bit ELF; 32-bit otherwise
      --little-endian  byte order of the numbers
      --big-endian
      --entry NAME     put the symbol NAME first, and do not hide it
  -X, --hex            write the numbers in hex (the default),
  -O, --octal          in octal,
  -b, --binary         or in binary
      --strict         refuse what upstream mangles in silence
  -V, --version
  -h, --help
`

const bloodElfVersion = "blood-elf 2.0.1\n(Basically Launches Odd Object Dump ExecutabLe Files\n"

// Run runs blood-elf of mescc-tools.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	var (
		opt    bloodelf.Options
		files  []string
		output string
		order  bool // the byte order has been given
		strict bool
	)
	setOrder := func(bigEndian bool) func(string) error {
		return func(string) error {
			opt.BigEndian, order = bigEndian, true
			return nil
		}
	}
	return env.Run("blood-elf", bloodElfUsage, args, []tool.Option{
		tool.List("-f --file", &files),
		tool.Text("-o --output", &output),
		tool.Flag("--64", &opt.Wide, true),
		{Names: "--little-endian", Set: setOrder(false)},
		{Names: "--big-endian", Set: setOrder(true)},
		tool.List("--entry", &opt.Entries),
		tool.Flag("-X --hex", &opt.Radix, 16),
		tool.Flag("-O --octal", &opt.Radix, 8),
		tool.Flag("-b --binary", &opt.Radix, 2),
		tool.Flag("--strict", &strict, true),
		env.Version(bloodElfVersion),
	}, func() error {
		switch {
		case len(files) == 0:
			return errors.New("no input; name one with --file")
		case !order:
			return errors.New("the byte order is not given: --little-endian or --big-endian")
		}
		opt.Diagnostics = env.Diagnostics(strict)
		return env.Convert(files, output, 0o666, func(w io.Writer, srcs []source.Source) error {
			return bloodelf.Footer(w, srcs, opt)
		})
	})
}
