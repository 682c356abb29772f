//go:build !linux

package bootstrap

import "os/exec"

// inGroup does nothing: the ladders' programs are Linux's.
func inGroup(cmd *exec.Cmd) {}
