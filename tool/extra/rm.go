package extra

import (
	"context"

	"stage0/tool"
)

const rmUsage = `usage: rm [--strict] FILE...

Removes files; not directories. It goes on after a failure.

      --strict   exit with 1 if one could not be removed
  -h, --help
`

// RunRm is rm of mescc-tools-extra. It knows no options, and takes -f for a
// file; that there is none is not an error either.
func RunRm(ctx context.Context, env *tool.Env, args []string) int {
	var (
		strict bool
		failed bool
	)
	return env.Run("rm", rmUsage, args, []tool.Option{
		tool.Flag("--strict", &strict, true),
		tool.Operands(func(name string) error {
			if err := env.FS.Remove(env.Path(name)); err != nil {
				env.Say("rm: %s: cannot remove: %v", name, tool.Cause(err))
				failed = true
			}
			return nil
		}),
	}, func() error {
		if strict && failed {
			return tool.Exit{Status: 1}
		}
		return nil
	})
}
