package tool

import (
	"context"
	"errors"
	"io"

	"stage0/bloodelf"
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

func runBloodElf(ctx context.Context, env *Env, args []string) int {
	const name = "blood-elf"
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
	err := parse(args[1:], []option{
		list("-f --file", &files),
		text("-o --output", &output),
		flag("--64", &opt.Wide, true),
		{names: "--little-endian", set: setOrder(false)},
		{names: "--big-endian", set: setOrder(true)},
		list("--entry", &opt.Entries),
		flag("-X --hex", &opt.Radix, 16),
		flag("-O --octal", &opt.Radix, 8),
		flag("-b --binary", &opt.Radix, 2),
		flag("--strict", &strict, true),
		env.version(bloodElfVersion),
		env.help(bloodElfUsage),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
	case len(files) == 0:
		err = errors.New("no input; name one with --file")
	case !order:
		err = errors.New("the byte order is not given: --little-endian or --big-endian")
	}
	if err != nil {
		return env.fail(name, err)
	}
	srcs, closeAll, err := env.openAll(files, output)
	if err != nil {
		return env.fail(name, err)
	}
	defer closeAll()
	opt.Diagnostics = env.diagnostics(strict)
	err = env.writeOrPrint(output, 0o666, func(w io.Writer) error {
		return bloodelf.Footer(w, srcs, opt)
	})
	if err != nil {
		return env.fail(name, err)
	}
	return 0
}
