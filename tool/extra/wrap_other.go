//go:build !linux

package extra

import (
	"context"
	"errors"

	"stage0/tool"
)

// wrap is for Linux.
func wrap(env *tool.Env, ctx context.Context, args, vars []string) (status int, err error) {
	return 1, errors.New("this system has no namespaces; wrap runs on a Linux host only")
}
