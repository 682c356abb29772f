//go:build !linux

package tool

import (
	"context"
	"errors"
)

// wrap is for Linux.
func (env *Env) wrap(ctx context.Context, args, vars []string) (status int, err error) {
	return 1, errors.New("this system has no namespaces; wrap runs on a Linux host only")
}
