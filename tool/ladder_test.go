package tool_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/tool"
	"stage0/tool/registry"
)

// Our programs make everything that a native run of the five ladders makes, with the
// same permissions. The tree's own scripts say how; each program that they run is
// replaced by ours that does the same.
func TestLadder(t *testing.T) {
	tree := posixTree(t)
	programs, err := bootstrap.LoadPrograms()
	require.NoError(t, err)
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			var out strings.Builder
			env := newEnv(t, tree, &out)
			env.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
				file, err := env.FS.ReadFile(env.Path(cmd.Path))
				if err != nil {
					return 0, err
				}
				p, ok := programs[sha256.Sum256(file)]
				if !ok {
					return 0, fmt.Errorf("%s is not known", cmd.Path)
				}
				program, _ := registry.Lookup(p.Name)
				return program.Run(ctx, env, slices.Concat(cmd.Args[:1], p.Args, cmd.Args[1:])), nil
			}
			run(t, env, "kaem-0", "-A", a.Name, "kaem."+a.Name)

			made := compareTrees(t, env.Dir, tree)
			for _, name := range ladderFiles(t, filepath.Join(tree, a.Dir)) {
				if !made[name] {
					t.Errorf("%s was not made", name)
				}
			}
		})
	}
}

// lastTwo returns the last two elements of a path: artifact/M2, say.
func lastTwo(name string) string {
	return path.Join(path.Base(path.Dir(name)), path.Base(name))
}

// compareTrees compares each file below dir, and its permissions, with the one
// below tree, and returns which there are.
func compareTrees(t *testing.T, dir, tree string) map[string]bool {
	made := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		other := tree + strings.TrimPrefix(name, dir)
		got, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(other)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs", other)
		}
		gotInfo, err := d.Info()
		if err != nil {
			return err
		}
		wantInfo, err := os.Stat(other)
		if err != nil {
			return err
		}
		if gotInfo.Mode() != wantInfo.Mode() {
			t.Errorf("%s has mode %v, want %v", other, gotInfo.Mode(), wantInfo.Mode())
		}
		made[lastTwo(name)] = true
		return nil
	})
	require.NoError(t, err)
	return made
}

// ladderFiles returns the names of what the ladder in dir leaves.
func ladderFiles(t *testing.T, dir string) []string {
	var names []string
	for _, sub := range []string{"artifact", "bin"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		require.NoError(t, err)
		for _, e := range entries {
			name := sub + "/" + e.Name()
			if upstreams := e.Name() == "README" || e.Name() == "placeholder"; !upstreams {
				names = append(names, name)
			}
		}
	}
	return names
}
