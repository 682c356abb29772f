//go:build unix

package tool

import (
	"os"
	"syscall"
)

// WaitStatus returns how a process ended, as Env.Exec does.
func WaitStatus(p *os.ProcessState) int {
	w, ok := p.Sys().(syscall.WaitStatus)
	switch {
	case ok && w.Signaled() && w.CoreDump():
		return -int(w.Signal()) - 128
	case ok && w.Signaled():
		return -int(w.Signal())
	}
	return p.ExitCode()
}
