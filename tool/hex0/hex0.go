// Package hex0 is the command hex0: the hex0-seed of the ladders.
package hex0

import (
	"context"
	"io"

	"stage0/arch"
	"stage0/hex0"
	"stage0/source"
	"stage0/tool"
)

const hex0Usage = `usage: hex0 [-A ARCH] [--strict] INPUT [OUTPUT]

Assembles hex digits, as the hex0-seed of the architecture does.

  -A, --architecture ARCH   whose seed: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what the seed drops in silence
`

// Run runs hex0.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	return env.RunSeed("hex0", hex0Usage, args, 0o700, tool.Seed{
		Assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			opt := hex0.ForArch(a.Name)
			opt.Diagnostics = diag
			return hex0.Assemble(w, src, opt)
		},
		Locate: func(src source.Source, a arch.Arch, offset int64) (source.Position, error) {
			return hex0.Locate(src, hex0.ForArch(a.Name), offset)
		},
	})
}
