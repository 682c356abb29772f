package graph_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/internal/graph"
)

// need skips the test, or fails it if STAGE0_BUILDERS is "require", where one
// of the programs is missing.
func need(t *testing.T, programs ...string) {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if os.Getenv("STAGE0_BUILDERS") == "require" {
			t.Fatalf("there is no %s", name)
		}
		t.Skipf("there is no %s", name)
	}
}

// stage0 returns a directory with the command.
func stage0(t *testing.T) string {
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir, "stage0/cmd/stage0")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// graphs returns the graphs of ladders of a tree.
func graphs(t *testing.T, tree fs.FS, opt bootstrap.Options, architectures ...string) []*graph.Graph {
	found, err := bootstrap.Find(bootstrap.NewTree(tree), architectures)
	if err != nil {
		t.Fatal(err)
	}
	run := bootstrap.Replay(context.Background(), bootstrap.NewTree(tree), found, opt)
	bootstrap.Compare([]*bootstrap.Run{run}, []*bootstrap.Reference{{Name: "none"}}, false)
	var list []*graph.Graph
	for _, l := range run.Ledgers {
		g, err := graph.New(l)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, g)
	}
	return list
}

// inSample returns a copy of the sample's tree with its graphs as NAME.
func inSample(t *testing.T, name string, write func(io.Writer, []*graph.Graph) error) (dir string, list []*graph.Graph) {
	list = graphs(t, sample.Tree(), bootstrap.Options{ByPath: sample.Programs()})
	dir = t.TempDir()
	if err := os.CopyFS(dir, sample.Tree()); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, name), list, write)
	return dir, list
}

func save(t *testing.T, name string, list []*graph.Graph, write func(io.Writer, []*graph.Graph) error) {
	var text bytes.Buffer
	if err := write(&text, list); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// digests returns the digests, sorted, that a run on a processor gave.
func digests(t *testing.T, known fs.FS, architectures ...string) (list []string) {
	for _, name := range architectures {
		text, err := fs.ReadFile(known, name+".sha256")
		if err != nil {
			t.Fatal(err)
		}
		of, err := bootstrap.ParseDigests(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range of {
			list = append(list, d.Digest.String())
		}
	}
	slices.Sort(list)
	return list
}

func digest(t *testing.T, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// made returns the digests, sorted, of what is in a tree after Ninja.
func made(t *testing.T, dir string, list []*graph.Graph) (all []string) {
	for _, g := range list {
		for _, d := range g.Digests {
			all = append(all, digest(t, filepath.Join(dir, d.Path)))
		}
	}
	slices.Sort(all)
	return all
}

// ninja runs Ninja in a tree, two jobs at a time.
func ninja(dir, path string) (string, error) {
	cmd := exec.Command("ninja", "-j2")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var all = []string{"x86", "amd64", "aarch64", "riscv32", "riscv64"}

func TestNinjaSample(t *testing.T) {
	need(t, "ninja", "sha256sum")
	dir, list := inSample(t, "build.ninja", graph.Ninja)
	path := stage0(t)
	if out, err := ninja(dir, path); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := made(t, dir, list), digests(t, sample.Known(), all...); !slices.Equal(got, want) {
		t.Errorf("digests %v, want %v", got, want)
	}
	out, err := ninja(dir, path)
	require.NoError(t, err)
	assert.Equal(t, "ninja: no work to do.\n", out)

	change(t, dir)
	out, err = ninja(dir, path)
	require.Error(t, err)
	assert.Contains(t, out, "x86/out/hello-hex0: FAILED\n")
	assert.Contains(t, out, "FAILED: x86.sha256")
}

// change changes a byte of what x86/hello.hex0 in a tree says, and nothing else.
func change(t *testing.T, dir string) {
	name := filepath.Join(dir, "x86", "hello.hex0")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(text, []byte("\n7F 45"), []byte("\n7F 46"), 1)
	if bytes.Equal(text, changed) {
		t.Fatal("x86/hello.hex0 does not start with 7F 45")
	}
	if err := os.WriteFile(name, changed, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A nixStore is a directory with a store of its own.
type nixStore string

func newNixStore(t *testing.T) nixStore {
	dir, err := filepath.EvalSymlinks(t.TempDir()) // Nix refuses links
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // what is in a store is read-only
		filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				os.Chmod(name, 0o700)
			}
			return nil
		})
	})
	return nixStore(dir)
}

// build runs nix-build, offline, and returns the paths that it prints.
func (store nixStore) build(dir string, args ...string) (paths []string, messages string, err error) {
	cmd := exec.Command("nix-build", append([]string{"--no-out-link", "-j2",
		"--option", "sandbox", "false", "--option", "build-users-group", "", "--option", "substitute", "false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NIX_REMOTE=", "HOME="+string(store),
		"NIX_STORE_DIR="+string(store)+"/store", "NIX_STATE_DIR="+string(store)+"/state",
		"NIX_LOG_DIR="+string(store)+"/log", "NIX_CONF_DIR="+string(store)+"/conf")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return strings.Fields(out.String()), errs.String(), err
}

func TestNixSample(t *testing.T) {
	need(t, "nix-build")
	dir, _ := inSample(t, "default.nix", graph.Nix)
	args := []string{"--arg", "tree", "./.", "--arg", "stage0", stage0(t) + "/stage0"}
	for _, name := range all {
		args = append(args, "-A", name)
	}
	store := newNixStore(t)
	paths, messages, err := store.build(dir, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, messages)
	}
	if got, want := sums(t, paths), digests(t, sample.Known(), all...); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("digests %v, want %v", got, want)
	}

	change(t, dir)
	_, messages, err = store.build(dir, args...)
	want := `x86/out/hello-hex0: SHA-256 is `
	require.Error(t, err)
	assert.Contains(t, messages, want)
}

// sums returns the digests of files, sorted, each once: Nix names a file once
// that two commands make alike.
func sums(t *testing.T, paths []string) []string {
	set := map[string]bool{}
	for _, path := range paths {
		set[digest(t, path)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// TestRelease builds the ladder of the machine's own processor with the real
// seeds, in a copy of the tree that STAGE0_POSIX names.
func TestRelease(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX names no tree")
	}
	name, ok := map[string]string{"amd64": "amd64", "arm64": "aarch64", "386": "x86", "riscv64": "riscv64"}[runtime.GOARCH]
	if !ok || runtime.GOOS != "linux" {
		t.Skip("this machine cannot run a ladder")
	}
	programs, err := bootstrap.LoadPrograms()
	if err != nil {
		t.Fatal(err)
	}
	list := graphs(t, os.DirFS(tree), bootstrap.Options{Programs: programs}, name)
	want := digests(t, os.DirFS("../../bootstrap/known/"+bootstrap.Latest), name)
	t.Run("ninja", func(t *testing.T) {
		need(t, "ninja", "sha256sum")
		dir := t.TempDir()
		if out, err := exec.Command("cp", "-a", tree+"/.", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, d := range list[0].Digests {
			os.Remove(filepath.Join(dir, d.Path))
		}
		save(t, filepath.Join(dir, "build.ninja"), list, graph.Ninja)
		if out, err := ninja(dir, "."); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := made(t, dir, list); !slices.Equal(got, want) {
			t.Errorf("digests %v, want %v", got, want)
		}
	})
	t.Run("nix", func(t *testing.T) {
		need(t, "nix-build")
		dir := t.TempDir()
		save(t, filepath.Join(dir, "default.nix"), list, graph.Nix)
		paths, messages, err := newNixStore(t).build(dir, "--arg", "tree", tree, "-A", name)
		if err != nil {
			t.Fatalf("%v\n%s", err, messages)
		}
		if got := sums(t, paths); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("digests %v, want %v", got, want)
		}
	})
}
