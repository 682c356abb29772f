//go:build unix

package tool

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever is done by a name outside of the directory, or through a link that
// leads there, is refused; by one inside it is done.
func TestConfine(t *testing.T) {
	top := t.TempDir()
	dir, out := filepath.Join(top, "dir"), filepath.Join(top, "out")
	for _, d := range []string{dir, out, dir + "/sub"} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{dir + "/link": out, dir + "/up": "..", dir + "/in": "sub"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	env, closeRoot, err := (&Env{FS: Host{}, Dir: dir}).Confine()
	if err != nil {
		t.Fatal(err)
	}
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
		if err := os.RemoveAll(out + "/f"); err != nil {
			t.Fatal(err)
		}
		before := strings.Join(entries(t, out), " ") + strings.Join(entries(t, top), " ")
		for _, name := range []string{"link/f", "up/f", "up/out/f", "../f", out + "/f", "in/../../f"} {
			if err := do.f(name); !Escapes(err) {
				t.Errorf("%s %s: %v", do.name, name, err)
			}
		}
		if after := strings.Join(entries(t, out), " ") + strings.Join(entries(t, top), " "); after != before {
			t.Errorf("%s: there is %s, and was %s", do.name, after, before)
		}
		for _, name := range []string{"f", "sub/f", "in/g", dir + "/h"} {
			if err := do.f(name); err != nil {
				t.Errorf("%s %s: %v", do.name, name, err)
			}
		}
	}
	for _, name := range []string{".", "sub"} {
		if err := env.FS.Remove(env.Path(name)); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
			t.Errorf("remove %s: %v", name, err)
		}
		if err := put(name); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
			t.Errorf("create %s: %v", name, err)
		}
	}
	// A link is replaced, not written through, and a file keeps its permissions.
	if err := os.Symlink("../out/f", dir+"/l"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/kept", nil, 0o444); err != nil {
		t.Fatal(err)
	}
	for name, perm := range map[string]Perm{"l": 0o640, "kept": 0o444} {
		if err := put(name); err != nil {
			t.Error(err)
		}
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode() != perm {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := os.Lstat(out + "/f"); err == nil {
		t.Error("it was written through a link")
	}
}

// entries lists the names in a directory.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
