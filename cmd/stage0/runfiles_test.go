package main

import (
	"os"
	"path/filepath"
	"testing"

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
		if data, err := f.ReadFile(name); err == nil {
			t.Errorf("%s: %q", name, data)
		}
	}
	must(f.WriteFile("/alias", []byte("new"), 0o700))
	if data, err := f.ReadFile("/old"); err != nil || string(data) != "new" {
		t.Errorf("what was written through a link is %q, %v", data, err)
	}
	for _, name := range []string{"/link", "/absolute"} {
		if err := f.WriteFile(name, nil, 0o600); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
	must(f.Mkdir("/sub", 0o700))
	must(f.WriteFile("/later/made", []byte("made"), 0o600))
	must(f.Chmod("/sub/made", 0o750))
	must(f.WriteFile("/brief", nil, 0o600))
	must(f.Remove("/brief"))
	must(f.Remove("/gone"))
	must(os.Symlink("old", filepath.Join(dir, "unlinked")))
	must(f.Remove("/unlinked"))
	if err := f.WriteFile("/none/made", nil, 0o600); err == nil {
		t.Error("a file was made in a directory that is not there")
	}
	if _, err := f.Stat("/gone"); err == nil {
		t.Error("gone is still there")
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "old")); string(data) != "old" {
		t.Errorf("old holds %q before the program has ended", data)
	}
	must(f.commit())
	for name, want := range map[string]string{"old": "new 0640", "sub/made": "made 0750"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		info, err := os.Stat(filepath.Join(dir, name))
		must(err)
		if got := string(data) + " 0" + perm(info.Mode().Perm()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	entries, err := os.ReadDir(dir)
	must(err)
	if len(entries) != 6 { // absolute, alias, later, link, old, sub
		t.Errorf("%v", entries)
	}
}

func perm(m os.FileMode) string {
	return string([]byte{'0' + byte(m>>6&7), '0' + byte(m>>3&7), '0' + byte(m&7)})
}
