package tool_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// posixTree returns the directory that STAGE0_POSIX names: a stage0-posix
// tree, release 1.9.1, in which the ladders have been run.
func posixTree(t *testing.T) string {
	t.Helper()
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	tree, err := filepath.Abs(tree)
	require.NoError(t, err)
	return tree
}

// An overlay is a tree that is only read, under a directory of the same shape
// that is written. Names are those of the directory.
type overlay struct{ dir, tree string }

var host tool.Host

func (o overlay) lower(name string) string { return o.tree + strings.TrimPrefix(name, o.dir) }

func (o overlay) ReadFile(name string) ([]byte, error) {
	data, err := host.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return host.ReadFile(o.lower(name))
	}
	return data, err
}

func (o overlay) Stat(name string) (fs.FileInfo, error) {
	info, err := host.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return host.Stat(o.lower(name))
	}
	return info, err
}

// Create makes files that others may not read, as a ladder's own programs do.
func (o overlay) Create(name string, perm tool.Perm) (tool.Output, error) {
	if err := os.MkdirAll(path.Dir(name), 0o777); err != nil {
		return nil, err
	}
	return host.Create(name, perm&0o700)
}

func (o overlay) Chmod(name string, perm tool.Perm) error { return host.Chmod(name, perm) }

func (o overlay) Remove(name string) error { return host.Remove(name) }

func (o overlay) Mkdir(name string, perm tool.Perm) error { return host.Mkdir(name, perm) }

func (o overlay) Symlink(target, name string) error { return host.Symlink(target, name) }

// newEnv returns an Env over the tree, which prints to out.
func newEnv(t *testing.T, tree string, out *strings.Builder) *tool.Env {
	t.Helper()
	dir := t.TempDir()
	return &tool.Env{
		FS:     overlay{dir: dir, tree: tree},
		Dir:    dir,
		Vars:   []string{"PATH=/bin"},
		Stdin:  strings.NewReader(""),
		Stdout: out,
		Stderr: out,
	}
}

// run runs the program called args[0], which must succeed.
func run(t *testing.T, env *tool.Env, args ...string) {
	t.Helper()
	program, ok := registry.Lookup(args[0])
	if !ok {
		t.Fatalf("no program %s", args[0])
	}
	if status := program.Run(context.Background(), env, args); status != 0 {
		t.Fatalf("%s: exit status %d\n%s", strings.Join(args, " "), status, env.Stderr)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
}

// list returns the names of what is in dir.
func list(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
