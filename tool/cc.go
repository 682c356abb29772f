package tool

import (
	"context"
	"io"

	"stage0/arch"
	"stage0/ccseed"
	"stage0/source"
)

const ccUsage = `usage: cc-0 [-A ARCH] [--strict] INPUT.c [OUTPUT.M1]

Compiles a subset of C, as the cc_ARCH of the ladder does.

  -A, --architecture ARCH   whose compiler: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what that compiler mangles in silence
`

func runCC(ctx context.Context, env *Env, args []string) int {
	return env.runSeed("cc-0", ccUsage, args, 0o600, seed{
		assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			return ccseed.Compile(w, src, ccseed.Options{Architecture: a.Name, Diagnostics: diag})
		},
	})
}
