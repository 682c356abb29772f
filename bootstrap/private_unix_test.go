//go:build unix

package bootstrap

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A cache is refused where somebody else could have written to it.
func TestCacheOfOthers(t *testing.T) {
	chmod := func(mode os.FileMode) func(string) error {
		return func(name string) error { return os.Chmod(name, mode) }
	}
	chown := func(name string) error { return os.Chown(name, 54321, -1) }
	const alone = "a cache must be writable by its owner alone"
	for _, c := range []struct {
		name, file string
		change     func(name string) error
		want       string // of the error, where DIR stands for the directory above the cache
	}{
		{"private", "cache", chmod(0o700), ""},
		{"shown to others", "cache", chmod(0o755), ""},
		{"everybody's", "cache", chmod(0o777), "DIR/cache: others can write to it (mode 0777): " + alone},
		{"everybody's, and sticky", "cache", chmod(0o777 | os.ModeSticky), "DIR/cache: others can write to it (mode 1777): " + alone},
		{"its group's", "cache", chmod(0o770), "DIR/cache: others can write to it (mode 0770): " + alone},
		{"blob", "cache/blob", chmod(0o702), "DIR/cache/blob: others can write to it (mode 0702): " + alone},
		{"run", "cache/run", chmod(0o720), "DIR/cache/run: others can write to it (mode 0720): " + alone},
		{"of a key", "cache/run/" + Digest{1}.String(), chmod(0o777),
			"DIR/cache/run/" + Digest{1}.String() + ": others can write to it (mode 0777): " + alone},
		{"above", ".", chmod(0o777), "DIR/cache: others can put another in its place: DIR has mode 0777"},
		{"above, and sticky", ".", chmod(0o777 | os.ModeSticky), ""},
		{"another user's", "cache", chown, "DIR/cache: belongs to user 54321: a cache must be its user's own"},
		{"another user's run", "cache/run", chown, "DIR/cache/run: belongs to user 54321: a cache must be its user's own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			must(t, err)
			cache, err := OpenCache(filepath.Join(dir, "cache"), "")
			must(t, err)
			must(t, cache.keepRecord(Digest{1}, []byte("{}")))
			must(t, cache.keepBlob(digest("x"), []byte("x")))
			must(t, cache.Close())
			if err := c.change(filepath.Join(dir, c.file)); os.IsPermission(err) && os.Geteuid() != 0 {
				t.Skip("not root, who alone gives files away")
			} else {
				must(t, err)
			}
			must(t, os.Symlink("cache", filepath.Join(dir, "link")))
			for _, name := range []string{"cache", "link"} {
				got := ""
				cache, err := OpenCache(filepath.Join(dir, name), "")
				if err != nil {
					got = strings.ReplaceAll(err.Error(), dir, "DIR")
				} else {
					must(t, cache.Close())
				}
				if want := strings.Replace(c.want, "DIR/cache", "DIR/"+name, 1); got != want {
					t.Errorf("%s: error %q, want %q", name, got, want)
				}
			}
		})
	}
}

// A record that another user left, when the cache was everybody's, is not used.
func TestForgedRecord(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root, who alone gives files away")
	}
	c := newCached(t, copySeed(0))
	c.run()
	c.run(0)
	records, err := filepath.Glob(filepath.Join(c.dir, "run", "*", "*"))
	must(t, err)
	if len(records) != 1 {
		t.Fatalf("%q", records)
	}
	must(t, os.Chown(records[0], 54321, -1))
	c.run()
	c.run(0)
}

// What a script makes of permissions, it does not make of the host's files.
func TestSetuid(t *testing.T) {
	for _, c := range []struct {
		mode string
		want os.FileMode
	}{{"4755", 0o755}, {"2711", 0o711}, {"1700", 0o700}, {"7777", 0o777}} {
		t.Run(c.mode, func(t *testing.T) {
			tree := ladder().with(files{
				"x86/bin/": "",
				"x86/mini.kaem": "./x86/artifact/hex0 x86/hex1.hex0 x86/artifact/hex1\n" +
					"./x86/artifact/hex0 x86/chmod.hex0 x86/bin/chmod\n" +
					"./x86/bin/chmod " + c.mode + " x86/artifact/hex1\n",
				"x86/chmod.hex0": "63 68 6D 6F 64",
			})
			run := replayOne(context.Background(), tree.tree(), x86, reference(tree, made), Options{Programs: programs})
			l := run.Ledgers[0]
			if l.Failure() >= 0 {
				t.Fatal(steps(l))
			}
			if got, want := fmt.Sprint(l.Steps[len(l.Steps)-1].Args), "[./x86/bin/chmod "+c.mode+" x86/artifact/hex1]"; got != want {
				t.Errorf("the ledger has %s, want %s", got, want)
			}
			dir := filepath.Join(t.TempDir(), "made")
			must(t, run.WriteFiles(dir))
			info, err := os.Stat(filepath.Join(dir, "x86/artifact/hex1"))
			must(t, err)
			if info.Mode() != c.want {
				t.Errorf("mode %v, want %v", info.Mode(), c.want)
			}
			// Whoever made the version.
			run.files[0].made["x86/artifact/hex1"].perm |= os.ModeSetuid | os.ModeSetgid | os.ModeSticky
			dir += "2"
			must(t, run.WriteFiles(dir))
			info, err = os.Stat(filepath.Join(dir, "x86/artifact/hex1"))
			must(t, err)
			if info.Mode() != c.want {
				t.Errorf("mode %v, want %v", info.Mode(), c.want)
			}
		})
	}
}
