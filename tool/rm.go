package tool

import (
	"context"
	"errors"
)

const rmUsage = `usage: rm [--strict] FILE...

Removes files; not directories. It goes on after a failure.

      --strict   exit with 1 if one could not be removed
  -h, --help
`

// runRm is rm of mescc-tools-extra. It knows no options, and takes -f for a
// file; that there is none is no error either.
func runRm(ctx context.Context, env *Env, args []string) int {
	var (
		strict bool
		status int
	)
	err := parse(args[1:], []option{
		flag("--strict", &strict, true),
		env.help(rmUsage),
		operands(func(name string) error {
			if err := env.FS.Remove(env.path(name)); err != nil {
				env.say("rm: %s: cannot remove: %v", name, Cause(err))
				status = 1
			}
			return nil
		}),
	})
	if errors.Is(err, errDone) || !strict {
		return 0
	}
	return status
}
