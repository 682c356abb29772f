package tool_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/tool"
	"stage0/tool/registry"
)

// standIns says which of our programs takes the place of one of a ladder's,
// and whether it is told the architecture.
var standIns = map[string]struct {
	program string
	seed    bool
}{
	"hex0-seed":          {"hex0", true},
	"kaem-optional-seed": {"kaem-0", true},

	"artifact/hex0":   {"hex0", true},
	"artifact/hex1":   {"hex1", true},
	"artifact/hex2-0": {"hex2-0", true},
	"artifact/catm":   {"catm-0", true},
	"artifact/M0":     {"M0", true},
	"artifact/kaem-0": {"kaem-0", true},

	"artifact/blood-elf-0": {"blood-elf", false},
	"artifact/M1-0":        {"M1", false},
	"artifact/hex2-1":      {"hex2", false},
	"bin/blood-elf":        {"blood-elf", false},
	"bin/M1":               {"M1", false},
	"bin/hex2":             {"hex2", false},
	"bin/kaem":             {"kaem", false},
}

// With the files that the compilers made in a native run as inputs, our tools
// make everything else that is in the five ladders. The tree's own scripts say
// how.
func TestLadder(t *testing.T) {
	tree := posixTree(t)
	total := 0
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			var out strings.Builder
			env := newEnv(t, tree, &out)
			lines := map[string]int{} // how often each program was run
			foreign := map[string]bool{}
			env.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
				in, ok := standIns[strings.TrimPrefix(lastTwo(cmd.Path), a.Dir+"/")] // the seeds are in <Dir>
				if !ok {
					lines["others, not run"]++
					foreign[lastTwo(cmd.Args[len(cmd.Args)-1])] = true
					return 0, nil
				}
				lines[in.program]++
				args := slices.Clone(cmd.Args)
				if in.seed {
					args = slices.Insert(args, 1, "-A", a.Name)
				}
				program, ok := registry.Lookup(in.program)
				if !ok {
					t.Fatalf("no program %s", in.program)
				}
				return program.Run(ctx, env, args), nil
			}
			run(t, env, "kaem-0", "-A", a.Name, "kaem."+a.Name)

			made := compareTrees(t, env.Dir, tree)
			for _, name := range ladderFiles(t, filepath.Join(tree, a.Dir), foreign) {
				if !made[name] {
					t.Errorf("%s was not made", name)
				}
			}
			total += len(made)
			t.Logf("%d files compared; lines run: %v", len(made), lines)
		})
	}
	t.Logf("%d files compared", total)
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

// ladderFiles returns the names of what the ladder in dir leaves, less what
// the foreign programs make.
func ladderFiles(t *testing.T, dir string, foreign map[string]bool) []string {
	var names []string
	for _, sub := range []string{"artifact", "bin"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		require.NoError(t, err)
		for _, e := range entries {
			name := sub + "/" + e.Name()
			if upstreams := e.Name() == "README" || e.Name() == "placeholder"; !upstreams && !foreign[name] {
				names = append(names, name)
			}
		}
	}
	return names
}
