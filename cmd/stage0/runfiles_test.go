package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRunFiles checks what a program sees, and what the directory contains after it
// has ended.
func TestRunFiles(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "dir")
	must := func(err error) {
		t.Helper()
		require.NoError(t, err)
	}
	must(os.Mkdir(dir, 0o700))
	must(os.WriteFile(filepath.Join(top, "secret"), []byte("secret"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o640))
	must(os.WriteFile(filepath.Join(dir, "gone"), nil, 0o600))
	must(os.Symlink("../secret", filepath.Join(dir, "link")))
	must(os.Symlink("old", filepath.Join(dir, "alias")))
	must(os.Symlink("sub", filepath.Join(dir, "later")))
	must(os.Symlink("/none", filepath.Join(dir, "absolute")))
	f, err := newRunFiles(dir)
	must(err)
	for _, name := range []string{"/link", "/../secret", "/none"} {
		_, err := f.ReadFile(name)
		assert.Error(t, err, name)
	}
	must(f.WriteFile("/alias", []byte("new"), 0o700))
	data, err := f.ReadFile("/old")
	must(err)
	assert.Equal(t, "new", string(data), "written through a link")
	for _, name := range []string{"/link", "/absolute"} {
		assert.Error(t, f.WriteFile(name, nil, 0o600), name)
	}
	must(f.Mkdir("/sub", 0o700))
	must(f.WriteFile("/later/made", []byte("made"), 0o600))
	must(f.Chmod("/sub/made", 0o750))
	must(f.WriteFile("/brief", nil, 0o600))
	must(f.Remove("/brief"))
	must(f.Remove("/gone"))
	must(os.Symlink("old", filepath.Join(dir, "unlinked")))
	must(f.Remove("/unlinked"))
	assert.Error(t, f.WriteFile("/none/made", nil, 0o600))
	_, err = f.Stat("/gone")
	assert.Error(t, err)
	data, err = os.ReadFile(filepath.Join(dir, "old"))
	must(err)
	assert.Equal(t, "old", string(data), "before the program has ended")
	must(f.commit())
	for name, want := range map[string]string{"old": "new 0640", "sub/made": "made 0750"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		info, err := os.Stat(filepath.Join(dir, name))
		must(err)
		assert.Equal(t, want, fmt.Sprintf("%s %#o", data, info.Mode().Perm()), name)
	}
	entries, err := os.ReadDir(dir)
	must(err)
	assert.Len(t, entries, 6) // absolute, alias, later, link, old, sub
}
