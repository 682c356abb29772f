// Package m1 is the commands M0 and M1.
package m1

import (
	"context"
	"io"

	"stage0/arch"
	"stage0/m1"
	"stage0/source"
	"stage0/tool"
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

// RunM1 runs M1.
func RunM1(ctx context.Context, env *tool.Env, args []string) int {
	var (
		a, _   = arch.Lookup("knight-native")
		opt    = m1.Options{BigEndian: true}
		inputs []string
		output string
		strict bool
	)
	return env.Run("M1", m1Usage, args, []tool.Option{
		tool.Architecture("-A --architecture", &a),
		tool.Flag("--big-endian", &opt.BigEndian, true),
		tool.Flag("--little-endian", &opt.BigEndian, false),
		tool.Flag("-b --binary", &opt.Radix, 2),
		tool.Flag("-O --octal", &opt.Radix, 8),
		tool.List("-f --file", &inputs),
		tool.Text("-o --output", &output),
		tool.Flag("--strict", &strict, true),
		env.Version("M1 1.7.0\n"),
	}, func() error {
		opt.Arch, opt.Diagnostics = a.Name, env.Diagnostics(strict)
		return env.Convert(inputs, output, 0o666, func(w io.Writer, srcs []source.Source) error {
			return m1.Assemble(w, srcs, opt)
		})
	})
}
