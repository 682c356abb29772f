package m1

import (
	"context"
	"io"

	"stage0/arch"
	"stage0/m1"
	"stage0/source"
	"stage0/tool"
)

const m0Usage = `usage: M0 [-A ARCH] [--strict] INPUT [OUTPUT]

Assembles macros, strings and numbers to hex2, as the M0 of the architecture
does.

  -A, --architecture ARCH   whose M0: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what it drops or mangles in silence
`

// RunM0 runs M0.
func RunM0(ctx context.Context, env *tool.Env, args []string) int {
	return env.RunSeed("M0", m0Usage, args, 0o600, tool.Seed{
		Assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			return m1.AssembleM0(w, src, m1.M0Options{Arch: a.Name, Diagnostics: diag})
		},
	})
}
