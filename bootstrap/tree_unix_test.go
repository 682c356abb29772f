//go:build unix

package bootstrap

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A pipe in the tree is refused, rather than waited for.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	tree, err := OpenTree(dir)
	must(t, err)
	_, err = tree.read("pipe")
	require.Error(t, err)
	assert.True(t, strings.HasSuffix(err.Error(), "not a regular file"))
}
