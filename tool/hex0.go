package tool

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stage0/arch"
	"stage0/hex0"
	"stage0/source"
)

const hex0Usage = `usage: hex0 [-A ARCH] [--strict] INPUT [OUTPUT]

Assembles hex digits, as the hex0-seed of the architecture does.

  -A, --architecture ARCH   whose seed: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what the seed drops in silence
`

func runHex0(ctx context.Context, env *Env, args []string) int {
	return env.runSeed("hex0", hex0Usage, args, 0o700, seed{
		assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			opt := hex0.ForArch(a.Name)
			opt.Diagnostics = diag
			return hex0.Assemble(w, src, opt)
		},
		locate: func(src source.Source, a arch.Arch, offset int64) (source.Position, error) {
			return hex0.Locate(src, hex0.ForArch(a.Name), offset)
		},
	})
}

// A seed is one of the ladder's first programs.
type seed struct {
	assemble func(io.Writer, source.Source, arch.Arch, source.Diagnostics) error
	locate   func(src source.Source, a arch.Arch, offset int64) (source.Position, error) // see Program.Locate; may be nil
	options  []option                                                                    // besides those of every seed
}

// runSeed runs a seed, which is called as "tool in out", with the options that
// stand for the fact that upstream has one of them for each architecture.
// Without an output file it prints, as upstream's do (but for hex0 and some of
// hex1, which write nothing then).
func (env *Env) runSeed(name, usage string, args []string, perm Perm, s seed) int {
	a, _ := arch.Lookup("amd64")
	var strict bool
	var files []string
	err := parse(args[1:], append(s.options,
		architecture("-A --architecture", &a),
		flag("--strict", &strict, true),
		env.help(usage),
		names(&files),
	))
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
		return env.fail(name, err)
	case a.Dir == "":
		return env.fail(name, fmt.Errorf("there is no %s for %s", name, a.Name))
	case len(files) == 1:
		files = append(files, "")
	case len(files) != 2:
		return env.fail(name, fmt.Errorf("want an input and an output file, have %d arguments", len(files)))
	}
	srcs, closeAll, err := env.openAll(files[:1], files[1])
	if err != nil {
		return env.fail(name, err)
	}
	defer closeAll()
	src := srcs[0]
	if s.locate != nil && env.located(func(offset int64) (source.Position, error) { return s.locate(src, a, offset) }) {
		return 0
	}
	err = env.writeOrPrint(files[1], perm, func(w io.Writer) error {
		return s.assemble(w, src, a, env.diagnostics(strict))
	})
	if err != nil {
		return env.fail(name, err)
	}
	return 0
}
