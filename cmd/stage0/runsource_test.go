package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
)

// Source lines are found at the addresses of their instructions, for a program linked
// from several files in hex2 and M1, and for one file in hex0.
func TestSourceLines(t *testing.T) {
	tree := bootstrap.NewTree(sample.Tree())
	made := t.TempDir()
	run := bootstrap.Replay(context.Background(), tree, arch.Ladders(), bootstrap.Options{ByPath: sample.Programs()})
	require.NoError(t, run.WriteFiles(made))
	for _, a := range arch.Ladders() {
		for program, sources := range map[string][]string{
			"hello-hex0": {"hello.hex0"},
			"hello-M1":   {"ELF.hex2", "defs.M1", "hello.M1"},
		} {
			t.Run(a.Name+"/"+program, func(t *testing.T) {
				name := filepath.Join(made, a.Dir, "out", program)
				file, err := os.ReadFile(name)
				require.NoError(t, err)
				var names []string
				for _, s := range sources {
					names = append(names, filepath.Join("..", "..", "bootstrap", "sample", "tree", a.Dir, s))
				}
				lines, err := sourceLines(names, file)
				require.NoError(t, err)
				f, err := elf.Open(name)
				require.NoError(t, err)
				defer f.Close()
				// In hex0, a comment on each line gives its address; M1 has labels.
				got, want := lines[f.Entry], fmt.Sprintf("# %08X", f.Entry)
				if program == "hello-M1" {
					want = "hello.M1:" + lineBehind(t, names[2], ":_start") + ": "
				}
				assert.Contains(t, got, want)
			})
		}
	}
}

// lineBehind returns the number of the line after a text in a file.
func lineBehind(t *testing.T, name, text string) string {
	t.Helper()
	all, err := os.ReadFile(name)
	require.NoError(t, err)
	for i, line := range strings.Split(string(all), "\n") {
		if line == text {
			return fmt.Sprint(i + 2)
		}
	}
	t.Fatalf("%s: there is no line %s", name, text)
	return ""
}
