package golden

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens from our output")

// A Runner runs one command of g in the directory dir.
type Runner func(t *testing.T, g *Golden, dir string, command []string) Result

// Test runs the goldens that match pattern, each as a subtest, and compares the status,
// the output and all files.
func Test(t *testing.T, pattern string, run Runner) {
	for _, g := range load(t, pattern) {
		t.Run(name(g.path), func(t *testing.T) {
			dir := t.TempDir()
			last, got := g.execute(t, dir, run)
			if *update {
				if err := g.update(last.Exit, got); err != nil {
					t.Fatal(err)
				}
				return
			}
			compare(t, g, last.Exit, got)
			compareModes(t, g, dir)
		})
	}
}

// TestPeer runs the same goldens with a peer: upstream's program, whose messages are its
// own, and which exits -1 if a signal ends it. A golden that says that it differs from the
// peer is skipped.
func TestPeer(t *testing.T, pattern, peer string, run Runner) {
	for _, g := range load(t, pattern) {
		t.Run(name(g.path), func(t *testing.T) {
			for _, key := range []string{"", peer} {
				if reason, ok := g.differs[key]; ok {
					t.Skipf("%s differs: %s", peer, reason)
				}
			}
			last, got := g.execute(t, t.TempDir(), run)
			want := g.exit
			if g.crashes {
				want = -1
			}
			if last.Exit != want {
				t.Fatalf("%s exits %d, the golden says %d\n%s", peer, last.Exit, want, last.Stderr)
			}
			if g.exit != 0 {
				return // the files that upstream leaves after a failure do not count
			}
			delete(g.want, "stderr")
			delete(got, "stderr")
			compare(t, g, g.exit, got)
		})
	}
}

// execute runs the commands in dir. It returns the result of the last one, and what all
// of them printed and wrote.
func (g *Golden) execute(t *testing.T, dir string, run Runner) (last Result, got map[string][]byte) {
	if err := g.writeInputs(dir); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr []byte
	for _, command := range g.commands {
		last = run(t, g, dir, command)
		stdout, stderr = append(stdout, last.Stdout...), append(stderr, last.Stderr...)
	}
	got, err := g.outputs(dir)
	if err != nil {
		t.Fatal(err)
	}
	got["stdout"], got["stderr"] = stdout, stderr
	return last, got
}

func load(t *testing.T, pattern string) []*Golden {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no goldens match %s (%v)", pattern, err)
	}
	var all []*Golden
	for _, path := range paths {
		g, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

// name returns tool/case for testdata/tool/case.txtar.
func name(path string) string {
	base := filepath.Base(path)
	return filepath.Base(filepath.Dir(path)) + "/" + base[:len(base)-len(filepath.Ext(base))]
}

func compare(t *testing.T, g *Golden, exit int, got map[string][]byte) {
	t.Helper()
	if exit != g.exit {
		t.Errorf("exit status %d, expected %d", exit, g.exit)
	}
	for _, stream := range []string{"stdout", "stderr"} {
		if len(got[stream]) == 0 {
			delete(got, stream)
		}
	}
	if diff := cmp.Diff(printable(g.want), printable(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// printable returns files as they are in a golden, for a legible difference.
func printable(files map[string][]byte) map[string]string {
	out := map[string]string{}
	for name, data := range files {
		if isText(data) {
			out[name] = string(data)
		} else {
			out[name] = string(dump(data))
		}
	}
	return out
}
