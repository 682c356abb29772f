//go:build !linux || !amd64

package recheck

import "errors"

// A tracee cannot be had here.
type tracee struct{ steps int }

func start([]byte, *certificate) (*tracee, error) {
	return nil, errors.New("a proof can be checked on Linux on amd64 only")
}

func (t *tracee) end()                               {}
func (t *tracee) follow(*state, int) (string, error) { panic("unreachable") }
func (t *tracee) compare(*state, string) error       { panic("unreachable") }
func (t *tracee) codeChanged() error                 { panic("unreachable") }
