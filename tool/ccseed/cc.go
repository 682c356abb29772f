// Package ccseed is the command cc-0: the cc_ARCH of the ladders.
package ccseed

import (
	"context"
	"io"

	"stage0/arch"
	"stage0/ccseed"
	"stage0/source"
	"stage0/tool"
)

const ccUsage = `usage: cc-0 [-A ARCH] [--dialect NAME] [--strict] INPUT.c [OUTPUT.M1]

Compiles a subset of C, as the cc_ARCH of the ladder does.

  -A, --architecture ARCH   whose compiler: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --dialect NAME        of which releases of stage0-posix:
                            1.5  1.5.0
                            1.6  1.6.0 to 1.8.1
                            1.9  1.9.0 and 1.9.1 (the default)
      --strict              refuse what that compiler mangles in silence
`

// Run runs cc-0.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	var dialect string
	return env.RunSeed("cc-0", ccUsage, args, 0o600, tool.Seed{
		Assemble: func(w io.Writer, src source.Source, a arch.Arch, diag source.Diagnostics) error {
			return ccseed.Compile(w, src, ccseed.Options{Arch: a.Name, Dialect: dialect, Diagnostics: diag})
		},
		Options: []tool.Option{tool.Text("--dialect", &dialect)},
	})
}
