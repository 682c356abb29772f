//go:build unix

package bootstrap

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe in the tree is refused, rather than waited for.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	tree, err := OpenTree(dir)
	must(t, err)
	if _, err := tree.read("pipe"); err == nil || !strings.HasSuffix(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
