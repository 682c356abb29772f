//go:build unix

package check

import (
	"syscall"
	"testing"
)

// mkfifo makes a pipe, and adds to want the reason why it is not read.
func mkfifo(t *testing.T, name string, want map[string]string) {
	must(t, syscall.Mkfifo(name, 0o666))
	want["pipe"] = "not a file"
}
