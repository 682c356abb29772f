package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"stage0/m2planet"
	"stage0/source"
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

// maxStandardInput is how much of a program on standard input is read, in
// bytes; m2planet refuses more.
const maxStandardInput = 1<<30 + 1

func runM2Planet(ctx context.Context, env *Env, args []string) int {
	const name = "M2-Planet"
	var (
		opt    m2planet.Options
		files  []string
		output string
		strict bool
	)
	err := parse(args[1:], []option{
		list("-f --file", &files),
		list("", &files),
		text("-o --output", &output),
		{names: "-A --architecture", arg: true, set: func(v string) error {
			// Of several the last one is compiled for, but each defines its macros.
			if opt.Architecture != "" {
				opt.Defines = append(opt.Defines, m2planet.Predefined(opt.Architecture)...)
			}
			opt.Architecture = v
			return nil
		}},
		{names: "-D", arg: true, set: func(v string) error {
			macro, value, _ := strings.Cut(v, "=")
			opt.Defines = append(opt.Defines, m2planet.Define{Name: macro, Value: value})
			return nil
		}},
		list("-I", &opt.IncludeDirs),
		flag("--expand-includes", &opt.ExpandIncludes, true),
		flag("-E", &opt.PreprocessOnly, true),
		flag("--bootstrap-mode", &opt.BootstrapMode, true),
		flag("-g --debug", &opt.Debug, true),
		{names: "--max-string", arg: true, set: func(v string) error {
			n, err := strconv.ParseInt(v, 0, 32)
			if err != nil || n <= 0 {
				return fmt.Errorf("--max-string is %q, want the size of a string", v)
			}
			opt.MaxString = int(n)
			return nil
		}},
		text("--built-by", &opt.BuiltBy),
		text("--host", &opt.Host),
		flag("--strict", &strict, true),
		{names: "-V --version", set: func(string) error {
			io.WriteString(env.Stderr, "M2-Planet v"+m2planet.Version+"\n")
			return errDone
		}},
		env.help(m2planetUsage),
	})
	if errors.Is(err, errDone) {
		return 0
	}
	if err != nil {
		return env.fail(name, err)
	}
	opt.Diagnostics = env.diagnostics(strict)

	srcs, closeAll, err := env.openAll(files, output)
	if err != nil {
		return env.fail(name, err)
	}
	defer closeAll()
	if len(files) == 0 {
		text, err := io.ReadAll(io.LimitReader(env.Stdin, maxStandardInput))
		if err != nil {
			return env.fail(name, err)
		}
		srcs = []source.Source{source.Bytes("STDIN", text)}
	}
	opt.Include = func(path string) (source.Source, error) {
		src, closer, err := env.open(path)
		if err != nil {
			return source.Source{}, err
		}
		defer closer.Close()
		text, err := src.ReadAll()
		return source.Bytes(path, text), err
	}
	err = env.writeOrPrint(output, 0o666, func(w io.Writer) error {
		return m2planet.Compile(w, srcs, opt)
	})
	if err != nil {
		return env.fail(name, err)
	}
	return 0
}
