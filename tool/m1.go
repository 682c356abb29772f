package tool

import (
	"context"
	"errors"
	"io"

	"stage0/arch"
	"stage0/m1"
)

const m1Usage = `usage: M1 [OPTIONS] -f INPUT ...

Assembles macros, labels, strings and numbers to hex2.

  -A, --architecture ARCH   knight-native (the default), knight-posix, x86,
                            amd64, armv7l, aarch64, ppc64le, riscv32, riscv64
      --big-endian          high byte of a number first (the default)
      --little-endian       low byte first
  -b, --binary              write bytes as binary digits
  -O, --octal               write bytes as octal digits
  -f, --file INPUT          one of the texts, which are read one after the other
  -o, --output OUTPUT       write there, not to standard output
      --strict              refuse what upstream drops or mangles in silence
  -h, --help
  -V, --version
`

func runM1(ctx context.Context, env *Env, args []string) int {
	var (
		a, _   = arch.Lookup("knight-native")
		opt    = m1.Options{BigEndian: true}
		inputs []string
		output string
		strict bool
	)
	err := parse(args[1:], []option{
		architecture("-A --architecture", &a),
		flag("--big-endian", &opt.BigEndian, true),
		flag("--little-endian", &opt.BigEndian, false),
		flag("-b --binary", &opt.Radix, 2),
		flag("-O --octal", &opt.Radix, 8),
		list("-f --file", &inputs),
		text("-o --output", &output),
		flag("--strict", &strict, true),
		env.help(m1Usage),
		env.version("M1 1.7.0\n"),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
		return env.fail("M1", err)
	}
	opt.Architecture = a.Name
	opt.Diagnostics = env.diagnostics(strict)
	srcs, closeAll, err := env.openAll(inputs, output)
	if err != nil {
		return env.fail("M1", err)
	}
	defer closeAll()
	err = env.writeOrPrint(output, 0o666, func(w io.Writer) error { return m1.Assemble(w, srcs, opt) })
	if err != nil {
		return env.fail("M1", err)
	}
	return 0
}
