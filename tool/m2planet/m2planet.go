// Package m2planet is the command M2-Planet.
package m2planet

import (
	"context"
	"fmt"
	"io"
	"strings"

	"stage0/m2planet"
	"stage0/source"
	"stage0/strtoint"
	"stage0/tool"
)

const m2planetUsage = `usage: M2-Planet [OPTION]... [FILE]...

Compiles a subset of C to M1. Without a FILE it reads the standard input.

  -f, --file FILE          an input; a FILE alone is one too
  -o, --output FILE        write to FILE instead of the standard output
  -A, --architecture ARCH  knight-native (the default), knight-posix, x86,
                           amd64, armv7l, aarch64, riscv32 or riscv64
  -D NAME[=VALUE]          define a macro
  -I DIR                   look for files to include in DIR
      --expand-includes    act on #include, which is ignored if not given
  -E                       write the preprocessed program
      --bootstrap-mode     compile no more than the seed's C compiler does
  -g, --debug              end as the footer of blood-elf needs it
      --max-string N       no string may have N bytes; 4096 if not given
      --built-by COMPILER  write what the M2-Planet built by it writes:
                           m2-planet (the default), cc (the ladders'
                           artifact/M2) or gcc
      --host ARCH          the architecture that this M2-Planet runs on: amd64
                           (the default), aarch64, riscv64, x86 or riscv32
      --strict             refuse what upstream drops or mangles in silence
  -V, --version
  -h, --help
`

// MaxStandardInput is how much of a program on standard input is read, in
// bytes; m2planet refuses more.
const MaxStandardInput = 1<<30 + 1

// Run runs M2-Planet.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	var (
		opt    m2planet.Options
		files  []string
		output string
		strict bool
	)
	return env.Run("M2-Planet", m2planetUsage, args, []tool.Option{
		tool.List("-f --file", &files),
		tool.List("", &files),
		tool.Text("-o --output", &output),
		{Names: "-A --architecture", Arg: true, Set: func(v string) error {
			// Of several the last one is compiled for, but each defines its macros.
			if opt.Arch != "" {
				opt.Defines = append(opt.Defines, m2planet.Predefined(opt.Arch)...)
			}
			opt.Arch = v
			return nil
		}},
		{Names: "-D", Arg: true, Set: func(v string) error {
			macro, value, _ := strings.Cut(v, "=")
			opt.Defines = append(opt.Defines, m2planet.Define{Name: macro, Value: value})
			return nil
		}},
		tool.List("-I", &opt.IncludeDirs),
		tool.Flag("--expand-includes", &opt.ExpandIncludes, true),
		tool.Flag("-E", &opt.PreprocessOnly, true),
		tool.Flag("--bootstrap-mode", &opt.BootstrapMode, true),
		tool.Flag("-g --debug", &opt.Debug, true),
		{Names: "--max-string", Arg: true, Set: func(v string) error {
			n, problem := strtoint.Parse(v)
			if problem != strtoint.None || n <= 0 {
				return fmt.Errorf("--max-string is %q, expected the size of a string", v)
			}
			opt.MaxString = int(n)
			return nil
		}},
		tool.Text("--built-by", &opt.BuiltBy),
		tool.Text("--host", &opt.Host),
		tool.Flag("--strict", &strict, true),
		{Names: "-V --version", Set: func(string) error {
			io.WriteString(env.Stderr, "M2-Planet v"+m2planet.Version+"\n")
			return tool.ErrDone
		}},
	}, func() error {
		opt.Diagnostics = env.Diagnostics(strict)
		opt.Open = env.Read
		return env.Convert(files, output, 0o666, func(w io.Writer, srcs []source.Source) error {
			if len(files) == 0 {
				text, err := io.ReadAll(io.LimitReader(env.Stdin, MaxStandardInput))
				if err != nil {
					return err
				}
				srcs = []source.Source{source.Bytes("STDIN", text)}
			}
			return m2planet.Compile(w, srcs, opt)
		})
	})
}
