package bootstrap

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contents returns all that is below dir.
func contents(t *testing.T, dir string) files {
	t.Helper()
	m := files{}
	dir, err := filepath.EvalSymlinks(dir)
	must(t, err)
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		m[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return m
}

func replayed(tree files) *Run {
	return replayOne(context.Background(), tree.tree(), x86, reference(tree, made), Options{Programs: programs})
}

func TestWriteFiles(t *testing.T) {
	run := replayed(ladder())
	empty, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(t.TempDir(), link))
	for _, dir := range []string{filepath.Join(t.TempDir(), "new"), filepath.Join(t.TempDir(), "slash") + "/", empty, link} {
		must(t, run.WriteFiles(dir))
		if diff := cmp.Diff(made, contents(t, dir)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, entries, 1)
		info, err := os.Stat(filepath.Join(dir, "x86/artifact/hex0"))
		must(t, err)
		if runtime.GOOS != "windows" && info.Mode() != 0o700 {
			t.Errorf("mode %v", info.Mode())
		}
	}
}

// The tree that was replayed stays as it is.
func TestTreeUntouched(t *testing.T) {
	dir := ladder().write(t)
	tree, err := OpenTree(dir)
	must(t, err)
	before := contents(t, dir)
	replayOne(context.Background(), tree, x86, nil, Options{Programs: programs})
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

func TestWriteFilesErrors(t *testing.T) {
	run := replayed(ladder())
	full := files{"mine": "text"}.write(t)
	dangling := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink("none", dangling))
	for _, c := range []struct{ dir, want string }{
		{full, "is not empty"},
		{filepath.Join(full, "mine"), "is not a directory"},
		{filepath.Join(full, "no", "where"), "no such file or directory"},
		{dangling, "is a dangling link"},
	} {
		err := run.WriteFiles(c.dir)
		require.Error(t, err)
		assert.True(t, strings.HasSuffix(err.Error(), c.want))
	}
	if diff := cmp.Diff(files{"mine": "text"}, contents(t, full)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// When two ladders disagree on a file, nothing is written.
func TestConflict(t *testing.T) {
	one, other := replayed(ladder()), replayed(ladder().with(files{"x86/hex1.hex0": "00"}))
	one.Ledgers = append(one.Ledgers, other.Ledgers...)
	one.files = append(one.files, other.files...)
	dir := filepath.Join(t.TempDir(), "new")
	err := one.WriteFiles(dir)
	assert.EqualError(t, err, "x86/artifact/hex1: the ladder of x86 makes other bytes than an earlier ladder")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("there is something")
	}
}

// When a file of one ladder is a directory of another, nothing is left.
func TestFileAndDirectory(t *testing.T) {
	run := replayed(ladder())
	other := newOverlay(ladder().tree())
	other.made["x86/artifact/hex1/file"] = newVersion(nil, 0o600, 0)
	run.Ledgers = append(run.Ledgers, &Ledger{Arch: x86})
	run.files = append(run.files, other)
	dir := filepath.Join(t.TempDir(), "new")
	if err := run.WriteFiles(dir); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("there is something")
	}
}

// What cannot be moved to its place leaves nothing behind.
func TestMoveUp(t *testing.T) {
	dir := files{"b/file": "in the way"}.write(t)
	tmp := filepath.Join(dir, "tmp")
	must(t, os.CopyFS(tmp, os.DirFS(files{"a/1": "", "b/2": "", "c/3": ""}.write(t))))
	if err := moveUp(tmp, dir); err == nil {
		t.Error("no error")
	}
	must(t, os.RemoveAll(tmp))
	if diff := cmp.Diff(files{"b/file": "in the way"}, contents(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
