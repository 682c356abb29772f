package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"stage0/arch"
	"stage0/hex2"
	"stage0/source"
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

func runHex1(ctx context.Context, env *Env, args []string) int {
	return env.runSeed("hex1", hex1Usage, args, 0o700, linkSeed(hex2.SeedHex1))
}

func runHex2Seed(ctx context.Context, env *Env, args []string) int {
	return env.runSeed("hex2-0", hex2SeedUsage, args, 0o700, linkSeed(hex2.SeedHex2))
}

func linkSeed(mode hex2.Mode) seed {
	return seed{
		assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			return hex2.Link(w, []source.Source{src}, hex2.Options{Mode: mode, Arch: a.Name, Diagnostics: diag})
		},
		locate: func(src source.Source, a arch.Arch, offset int64) (source.Position, error) {
			return hex2.Locate([]source.Source{src}, hex2.Options{Mode: mode, Arch: a.Name}, offset)
		},
	}
}

func runHex2(ctx context.Context, env *Env, args []string) int {
	const name = "hex2"
	var (
		opt           = hex2.Options{BigEndian: true}
		files         []string
		output        string
		notExecutable bool
		strict        bool
		processor, _  = arch.Lookup("knight-native")
		unknown       error // the last architecture that is not known
	)
	setArchitecture := architecture("-A --architecture", &processor)
	known := setArchitecture.set
	setArchitecture.set = func(v string) error {
		if err := known(v); err != nil {
			unknown = fmt.Errorf("%w; taken for %s", err, processor.Name)
		}
		return nil
	}
	err := parse(args[1:], []option{
		list("-f --file", &files),
		text("-o --output", &output),
		setArchitecture,
		{names: "-B --base-address", arg: true, set: func(v string) (err error) {
			opt.Base, err = parseAddress(v)
			return err
		}},
		flag("--big-endian", &opt.BigEndian, true),
		flag("--little-endian", &opt.BigEndian, false),
		flag("-O --octal", &opt.Radix, 8),
		flag("-b --binary", &opt.Radix, 2),
		flag("--non-executable", &notExecutable, true),
		flag("--strict", &strict, true),
		env.version("hex2 1.7.0\n"),
		env.help(hex2Usage),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
	case len(files) == 0:
		err = errors.New("no input; name one with --file")
	case unknown != nil:
		err = env.doubt(name, strict, unknown)
	}
	if err != nil {
		return env.fail(name, err)
	}
	if !processor.BigEndian && opt.Base == 0 {
		env.warn(name, "the base address is 0, where only a ROM image is likely to work")
	}
	if !processor.BigEndian && opt.BigEndian {
		env.warn(name, "big-endian output for %s, which is little-endian; --little-endian is missing", processor.Name)
	}
	srcs, closeAll, err := env.openAll(files, output)
	if err != nil {
		return env.fail(name, err)
	}
	defer closeAll()
	opt.Arch = processor.Name
	opt.Diagnostics = env.diagnostics(strict)
	if env.located(func(offset int64) (source.Position, error) { return hex2.Locate(srcs, opt, offset) }) {
		return 0
	}
	err = env.writeOrPrint(output, 0o666, func(w io.Writer) error {
		return hex2.Link(w, srcs, opt)
	})
	if err == nil && output != "" && !notExecutable {
		if err = env.FS.Chmod(env.path(output), 0o750); err != nil {
			err = fmt.Errorf("%s: cannot make executable: %w", output, Cause(err))
		}
	}
	if err != nil {
		return env.fail(name, err)
	}
	return 0
}

// parseAddress reads a number as upstream does, but is strict about what it
// is given. (upstream: strtoint, bootstrappable.c)
func parseAddress(s string) (uint32, error) {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil || n < -1<<31 || n > 1<<32-1 {
		return 0, fmt.Errorf("base address %q is not a number of 32 bits", s)
	}
	return uint32(n), nil
}
