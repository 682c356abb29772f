//go:build !unix

package tool

import "os"

// WaitStatus returns how a process ended, as Env.Exec does.
func WaitStatus(p *os.ProcessState) int { return p.ExitCode() }
