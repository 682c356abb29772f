package check

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root returns a test directory, and its files as Walk sees them.
func root(t *testing.T) (string, *os.Root) {
	dir := t.TempDir()
	r, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { r.Close() })
	return dir, r
}

func must(t *testing.T, err error) {
	t.Helper()
	require.NoError(t, err)
}

// reasons returns why files could not be read, by name; "" for those that
// could.
func reasons(files []File) map[string]string {
	all := map[string]string{}
	for _, f := range files {
		all[f.name] = ""
		if f.err != nil {
			all[f.name] = f.err.Error()
		}
	}
	return all
}

func TestWalk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights")
	}
	dir, r := root(t)
	must(t, os.MkdirAll(filepath.Join(dir, "a/b"), 0o777))
	must(t, os.WriteFile(filepath.Join(dir, "a/b/M1"), []byte("M1"), 0o755))
	for link, to := range map[string]string{
		"inside": "a/b/M1", "directory": "a", "above": "a/..", "outside": "../../../../../../../etc/passwd", "absolute": "/etc/passwd",
		"loop": "loop", "one": "two", "two": "one", "dangling": "none",
	} {
		must(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	huge, err := os.Create(filepath.Join(dir, "huge"))
	must(t, err)
	must(t, huge.Truncate(1<<40))
	must(t, huge.Close())
	want := map[string]string{
		"a/b/M1": "", "inside": "", "outside": "path escapes from parent", "absolute": "path escapes from parent",
		"loop": "too many levels of symbolic links", "one": "too many levels of symbolic links", "two": "too many levels of symbolic links",
		"dangling": "no such file or directory", "huge": "larger than 64 MiB, as no artefact is",
	}
	mkfifo(t, filepath.Join(dir, "pipe"), want)
	files, err := Walk(t.Context(), r.FS())
	must(t, err)
	if diff := cmp.Diff(want, reasons(files)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, f := range files {
		if f.err == nil {
			assert.Equal(t, digestOf("M1"), *f.digest, f.name)
			assert.EqualValues(t, 2, f.disk.size, f.name)
			assert.EqualValues(t, 0o755, f.disk.mode, f.name)
		}
	}
}

// A file known by its name that cannot be read differs.
func TestUnreadable(t *testing.T) {
	files, err := Walk(t.Context(), fstest.MapFS{"M1": {Mode: os.ModeNamedPipe}, "other": {Mode: os.ModeDevice}, "hex2": {Data: []byte(artefacts("1.8", "1.9")["AMD64/bin/hex2"]), Mode: 0o700}})
	must(t, err)
	want := `nearest: Release_1.9.1, amd64: 1 of 2

DIFF  M1
      should be AMD64/bin/M1
      not a file
OK    hex2: AMD64/bin/hex2 of 1.8.0 to 1.9.1

not there: AMD64/bin/cp, AMD64/bin/rm

not part of stage0-posix: other (not a file)

1 of 2 match stage0-posix Release_1.9.1, 1 differ
`
	if diff := cmp.Diff(want, printed(t, Check(files, releases(false), ""))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWalkErrors(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err := Walk(ctx, fstest.MapFS{"a": {}})
	assert.EqualError(t, err, "enough")
	if _, err := Walk(t.Context(), os.DirFS(filepath.Join(t.TempDir(), "none"))); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// An endless file claims to be small, like those of /proc.
type endless struct{ fstest.MapFS }

func (e endless) Open(name string) (fs.File, error) {
	f, err := e.MapFS.Open(name)
	if name == "endless" {
		return endlessFile{f}, err
	}
	return f, err
}

type endlessFile struct{ fs.File }

func (endlessFile) Read(p []byte) (int, error) { return len(p), nil }

func TestEndless(t *testing.T) {
	files, err := Walk(t.Context(), endless{fstest.MapFS{"endless": {}}})
	must(t, err)
	if diff := cmp.Diff(map[string]string{"endless": "larger than 64 MiB, as no artefact is"}, reasons(files)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A file that changed after it was hashed is not taken for the one that was.
func TestChanged(t *testing.T) {
	dir, r := root(t)
	name := filepath.Join(dir, "M1")
	must(t, os.WriteFile(name, []byte("one"), 0o777))
	files, err := Walk(t.Context(), r.FS())
	must(t, err)
	must(t, os.WriteFile(name, []byte("two"), 0o777))
	f := Check(files, releases(true), "").findings[0]
	assert.Equal(t, differs, f.verdict)
	assert.Equal(t, []string{"it changes while it is read"}, f.causes)
}
