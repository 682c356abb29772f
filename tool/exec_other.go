//go:build !unix

package tool

import "os"

// waitStatus returns how a process ended, as Env.Exec does.
func waitStatus(p *os.ProcessState) int { return p.ExitCode() }
