//go:build unix

package tool

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever is done by a name outside of the directory, or through a link that
// leads there, is refused; by one inside it is done.
func TestConfine(t *testing.T) {
	top := t.TempDir()
	dir, out := filepath.Join(top, "dir"), filepath.Join(top, "out")
	for _, d := range []string{dir, out, dir + "/sub"} {
		require.NoError(t, os.Mkdir(d, 0o777))
	}
	for name, target := range map[string]string{dir + "/link": out, dir + "/up": "..", dir + "/in": "sub"} {
		require.NoError(t, os.Symlink(target, name))
	}
	env, closeRoot, err := (&Env{FS: Host{}, Dir: dir}).Confine()
	require.NoError(t, err)
	defer closeRoot()
	put := func(name string) error {
		return env.Write(name, 0o640, func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err })
	}
	for _, do := range []struct {
		name string
		f    func(name string) error
	}{
		{"create", put},
		{"create again", put},
		{"stat", func(name string) error { _, err := env.FS.Stat(env.Path(name)); return err }},
		{"chmod", func(name string) error { return env.FS.Chmod(env.Path(name), 0o600) }},
		{"open", func(name string) error {
			_, err := env.FS.ReadFile(env.Path(name))
			return err
		}},
		{"remove", func(name string) error { return env.FS.Remove(env.Path(name)) }},
		{"symlink", func(name string) error { return env.FS.Symlink("anywhere", env.Path(name)) }},
		{"remove the link", func(name string) error { return env.FS.Remove(env.Path(name)) }},
		{"mkdir", func(name string) error { return env.FS.Mkdir(env.Path(name), 0o777) }},
	} {
		require.NoError(t, os.RemoveAll(out+"/f"))
		before := strings.Join(entries(t, out), " ") + strings.Join(entries(t, top), " ")
		for _, name := range []string{"link/f", "up/f", "up/out/f", "../f", out + "/f", "in/../../f"} {
			assert.True(t, Escapes(do.f(name)), "%s %s", do.name, name)
		}
		assert.Equal(t, before, strings.Join(entries(t, out), " ")+strings.Join(entries(t, top), " "), do.name)
		for _, name := range []string{"f", "sub/f", "in/g", dir + "/h"} {
			assert.NoError(t, do.f(name), "%s %s", do.name, name)
		}
	}
	for _, name := range []string{".", "sub"} {
		assert.ErrorContains(t, env.FS.Remove(env.Path(name)), "is a directory", name)
		assert.ErrorContains(t, put(name), "is a directory", name)
	}
	// A link is replaced, not written through, and a file keeps its permissions.
	require.NoError(t, os.Symlink("../out/f", dir+"/l"))
	require.NoError(t, os.WriteFile(dir+"/kept", nil, 0o444))
	for name, perm := range map[string]Perm{"l": 0o640, "kept": 0o444} {
		assert.NoError(t, put(name))
		info, err := os.Lstat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, perm, info.Mode(), name)
	}
	assert.NoFileExists(t, out+"/f", "written through a link")
}

// entries lists the names in a directory.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
