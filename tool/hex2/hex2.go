// Package hex2 is the commands hex1, hex2-0 and hex2.
package hex2

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stage0/arch"
	"stage0/hex2"
	"stage0/source"
	"stage0/strtoint"
	"stage0/tool"
)

const hex1Usage = `usage: hex1 [-A ARCH] [--strict] INPUT [OUTPUT]

Assembles hex digits with labels of one character, as hex1 of the
architecture's ladder does.

  -A, --architecture ARCH   whose hex1: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what it drops or mangles in silence
`

const hex2SeedUsage = `usage: hex2-0 [-A ARCH] [--strict] INPUT [OUTPUT]

Assembles hex digits with labels, as hex2-0 of the architecture's ladder does.

  -A, --architecture ARCH   whose hex2-0: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what it drops or mangles in silence
`

const hex2Usage = `usage: hex2 [OPTION]... -f FILE [-f FILE]...

Assembles hex digits with labels, and links several such files.

  -f, --file FILE           an input
  -o, --output FILE         write to FILE instead of the standard output
  -A, --architecture ARCH   knight-native (the default), knight-posix, x86,
                            amd64, armv7l, aarch64, ppc64le, riscv32 or riscv64
  -B, --base-address N      address of the first byte, as 4096, 0x1000, 010000
                            or 0b1000000000000; 0 if not given
      --big-endian          byte order of pointers (the default)
      --little-endian
  -O, --octal               bytes are in octal, three digits each,
  -b, --binary              or in binary, eight digits each; else in hex
      --non-executable      do not make the output executable
      --strict              refuse what upstream drops or mangles in silence
  -V, --version
  -h, --help
`

// RunHex1 runs hex1.
func RunHex1(ctx context.Context, env *tool.Env, args []string) int {
	return env.RunSeed("hex1", hex1Usage, args, 0o700, linkSeed(hex2.SeedHex1))
}

// RunHex2Seed runs hex2-0.
func RunHex2Seed(ctx context.Context, env *tool.Env, args []string) int {
	return env.RunSeed("hex2-0", hex2SeedUsage, args, 0o700, linkSeed(hex2.SeedHex2))
}

func linkSeed(mode hex2.Mode) tool.Seed {
	return tool.Seed{
		Assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			return hex2.Link(w, []source.Source{src}, hex2.Options{Mode: mode, Arch: a.Name, Diagnostics: diag})
		},
		Locate: func(src source.Source, a arch.Arch, offset int64) (source.Position, error) {
			return hex2.Locate([]source.Source{src}, hex2.Options{Mode: mode, Arch: a.Name}, offset)
		},
	}
}

// RunHex2 runs hex2.
func RunHex2(ctx context.Context, env *tool.Env, args []string) int {
	const name = "hex2"
	var (
		opt           = hex2.Options{BigEndian: true}
		files         []string
		output        string
		notExecutable bool
		strict        bool
		doubtful      error // about the base address
		processor, _  = arch.Lookup("knight-native")
		unknown       error // the last architecture that is not known
	)
	setArchitecture := tool.Architecture("-A --architecture", &processor)
	known := setArchitecture.Set
	setArchitecture.Set = func(v string) error {
		if err := known(v); err != nil {
			unknown = fmt.Errorf("%w; taken for %s", err, processor.Name)
		}
		return nil
	}
	return env.Run(name, hex2Usage, args, []tool.Option{
		tool.List("-f --file", &files),
		tool.Text("-o --output", &output),
		setArchitecture,
		{Names: "-B --base-address", Arg: true, Set: func(v string) error {
			opt.Base, doubtful = parseBase(v)
			return nil
		}},
		tool.Flag("--big-endian", &opt.BigEndian, true),
		tool.Flag("--little-endian", &opt.BigEndian, false),
		tool.Flag("-O --octal", &opt.Radix, 8),
		tool.Flag("-b --binary", &opt.Radix, 2),
		tool.Flag("--non-executable", &notExecutable, true),
		tool.Flag("--strict", &strict, true),
		env.Version("hex2 1.7.0\n"),
	}, func() error {
		if len(files) == 0 {
			return errors.New("no input; name one with --file")
		}
		for _, doubt := range []error{unknown, doubtful} {
			if doubt != nil {
				if err := env.Doubt(name, strict, doubt); err != nil {
					return err
				}
			}
		}
		if !processor.BigEndian && opt.Base == 0 {
			env.Warn(name, "the base address is 0, where only a ROM image is likely to work")
		}
		if !processor.BigEndian && opt.BigEndian {
			env.Warn(name, "big-endian output for %s, which is little-endian; --little-endian is missing", processor.Name)
		}
		srcs, err := env.ReadInputs(files, output)
		if err != nil {
			return err
		}
		opt.Arch, opt.Diagnostics = processor.Name, env.Diagnostics(strict)
		if env.Located(func(offset int64) (source.Position, error) { return hex2.Locate(srcs, opt, offset) }) {
			return nil
		}
		err = env.WriteOrPrint(output, 0o666, func(w io.Writer) error { return hex2.Link(w, srcs, opt) })
		if err != nil || output == "" || notExecutable {
			return err
		}
		if err := env.FS.Chmod(env.Path(output), 0o750); err != nil {
			return fmt.Errorf("%s: cannot make executable: %w", output, tool.Cause(err))
		}
		return nil
	})
}

// parseBase returns the base address that upstream takes text for, and, if that
// is not what text says, what is doubtful about it.
func parseBase(text string) (base uint32, doubt error) {
	value, problem := strtoint.Parse(text)
	base = uint32(value)
	switch problem {
	case strtoint.NoDigits, strtoint.NoNumber:
		doubt = fmt.Errorf("base address %q is not a number; taken for 0", text)
	case strtoint.TooWide:
		doubt = fmt.Errorf("base address %q has more than 32 bits; taken for %#x", text, base)
	}
	return base, doubt
}
