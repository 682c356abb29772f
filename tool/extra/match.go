package extra

import (
	"context"
	"errors"

	"stage0/tool"
)

// RunMatch is match of mescc-tools-extra: it exits with 0 if its two arguments
// are the same, with 1 if they are not, and with 2 if there are not two. All
// arguments are texts; there are no options.
func RunMatch(ctx context.Context, env *tool.Env, args []string) int {
	switch {
	case len(args) != 3:
		env.Fail("match", errors.New("expected two texts to compare"))
		return 2
	case args[1] != args[2]:
		return 1
	}
	return 0
}
