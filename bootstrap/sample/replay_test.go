package sample_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap/sample"
	"stage0/tool"
	"stage0/tool/registry"
)

var update = flag.Bool("update", false, "write known/*.sha256 from what upstream's programs make (TestUpstream)")

const seeds = "bootstrap-seeds/POSIX"

// The programs that a ladder uses, by directory.
var (
	inSeeds    = []string{"hex0-seed", "kaem-optional-seed"}
	inArtifact = []string{"hex0", "kaem-0", "hex1", "hex2-0", "catm", "M0"}
	inBin      = []string{"M1", "hex2", "blood-elf", "kaem", "catm"}
)

// programs returns what each program of a's ladder is here: a name in the
// registry, and the architecture if it is a seed.
func programs(a arch.Arch) map[string][]string {
	other := map[string]string{"hex0-seed": "hex0", "kaem-optional-seed": "kaem-0", "catm": "catm-0"}
	m := map[string][]string{}
	add := func(dir, name string) {
		ours := name
		if o, ok := other[name]; ok {
			ours = o
		}
		m[dir+"/"+name] = []string{ours, "-A", a.Name}
	}
	for _, name := range inSeeds {
		add(seeds+"/"+a.Dir, name)
	}
	for _, name := range inArtifact {
		add(a.Dir+"/artifact", name)
	}
	for _, name := range inBin {
		m[a.Dir+"/bin/"+name] = []string{name}
	}
	return m
}

// A recorder is the host's file system, and counts what is made below root.
type recorder struct {
	tool.Host
	root string
	made map[string]int
}

func (r recorder) Create(name string, perm tool.Perm) (tool.Output, error) {
	r.made[strings.TrimPrefix(name, r.root+"/")]++
	return r.Host.Create(name, perm)
}

// replay runs a's ladder with the programs of the registry and returns the
// directory that it was run in, how many times each file was made, and what was
// printed on standard error.
func replay(t *testing.T, a arch.Arch) (dir string, made map[string]int, stderr string) {
	t.Helper()
	dir, table := copyTree(t), programs(a)
	var messages bytes.Buffer
	env := &tool.Env{
		FS:     recorder{root: dir, made: map[string]int{}},
		Dir:    dir,
		Stdin:  bytes.NewReader(nil),
		Stdout: new(bytes.Buffer),
		Stderr: &messages,
		Exec: func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
			words, ok := table[strings.TrimPrefix(path.Join(env.Dir, cmd.Path), dir+"/")]
			if !ok {
				return 0, fmt.Errorf("%s is not a program of the ladder", cmd.Path)
			}
			program, ok := registry.Lookup(words[0])
			if !ok {
				return 0, fmt.Errorf("there is no %s", words[0])
			}
			return program.Run(ctx, env, slices.Concat(words, cmd.Args[1:])), nil
		},
	}
	status, err := env.Exec(context.Background(), env, tool.Command{
		Path: path.Join(seeds, a.Dir, "kaem-optional-seed"),
		Args: []string{"", "kaem." + a.Name},
	})
	require.Equal(t, 0, status, "%v", &messages)
	require.NoError(t, err, "%v", &messages)
	return dir, env.FS.(recorder).made, messages.String()
}

// copyTree returns a directory with a copy of the tree.
func copyTree(t *testing.T) string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, sample.Tree()); err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(dir)
}

// known returns the digest of each file that a's ladder makes.
func known(t *testing.T, a arch.Arch) map[string]string {
	t.Helper()
	text, err := fs.ReadFile(sample.Known(), a.Name+".sha256")
	if err != nil {
		t.Fatal(err)
	}
	digests := map[string]string{}
	for line := range strings.Lines(string(text)) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		require.True(t, ok, "%v %v", a.Name, line)
		require.Len(t, digest, 64, "%v %v", a.Name, line)
		require.Empty(t, digests[name], "%v %v", a.Name, line)
		digests[name] = digest
	}
	return digests
}

// checkDigests compares the files below dir with what is known.
func checkDigests(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		got := fmt.Sprintf("%x", sha256.Sum256(data))
		require.NoError(t, err)
		assert.Equal(t, want[name], got)
	}
}

// Ours make what upstream's programs made; each file is made once.
func TestReplay(t *testing.T) {
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			dir, made, stderr := replay(t, a)
			want := known(t, a)
			checkDigests(t, dir, want)
			for name, n := range made {
				assert.Equal(t, 1, n)
				assert.NotEqual(t, "", want[name])
			}
			if len(made) != len(want) {
				t.Errorf("made %d files, want %d", len(made), len(want))
			}
			// No assembler warns of anything; kaem and blood-elf have
			// something to say on debug.kaem.
			for line := range strings.Lines(stderr) {
				if !strings.HasPrefix(line, "debug.kaem:") && !strings.HasPrefix(line, "blood-elf:") {
					t.Errorf("printed %q", line)
				}
			}
		})
	}
}

// TestUpstream runs the ladders with the programs of STAGE0_POSIX, a
// stage0-posix tree in which they have been built.
func TestUpstream(t *testing.T) {
	posix := os.Getenv("STAGE0_POSIX")
	if posix == "" {
		t.Skip("STAGE0_POSIX does not name a stage0-posix tree with upstream's programs")
	}
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			dir := copyTree(t)
			ours := files(t, dir)
			for _, name := range slices.Sorted(maps.Keys(programs(a))) {
				copyProgram(t, filepath.Join(posix, name), filepath.Join(dir, name))
			}
			before := files(t, dir)
			cmd := exec.Command("./"+path.Join(seeds, a.Dir, "kaem-optional-seed"), "kaem."+a.Name)
			cmd.Dir, cmd.Env = dir, []string{}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v:\n%s", err, out)
			}
			var sums bytes.Buffer
			for _, name := range files(t, dir) {
				if slices.Contains(before, name) {
					continue
				}
				data, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), name)
			}
			checkUnchanged(t, dir, ours)
			file := filepath.Join("known", a.Name+".sha256")
			if *update {
				if err := os.WriteFile(file, sums.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := fs.ReadFile(sample.Known(), a.Name+".sha256")
			require.NoError(t, err, "%v %v", &sums, file)
			assert.Equal(t, want, sums.Bytes(), "%v %v", &sums, file)
		})
	}
}

// files lists the regular files below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// checkUnchanged compares those of names below dir with the tree.
func checkUnchanged(t *testing.T, dir string, names []string) {
	t.Helper()
	for _, name := range names {
		want, err := fs.ReadFile(sample.Tree(), name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	err = errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o777), os.WriteFile(to, data, 0o700))
	if err != nil {
		t.Fatal(err)
	}
}
