// Package cmd has no code: the commands are in the directories below it.
package cmd

import (
	"go/build"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// imports is the packages of this module that each command consists of, besides
// those of shared. M2-Mesoplanet runs the programs after it in its process.
var imports = map[string]string{
	"M0":            "m1 tool/m1 strtoint",
	"M1":            "m1 tool/m1 strtoint",
	"M2-Mesoplanet": "internal/cpp mesoplanet tool/mesoplanet bloodelf tool/bloodelf extra tool/extra hex2 tool/hex2 m1 tool/m1 m2planet tool/m2planet strtoint",
	"M2-Planet":     "internal/cpp m2planet tool/m2planet strtoint",
	"blood-elf":     "bloodelf tool/bloodelf strtoint",
	"catm":          "extra tool/extra strtoint",
	"get_machine":   "tool/getmachine",
	"hex0":          "hex0 tool/hex0 strtoint",
	"hex1":          "hex2 tool/hex2 strtoint",
	"hex2":          "hex2 tool/hex2 strtoint",
	"kaem":          "kaem tool/kaem",
	"kaem-0":        "kaem tool/kaem",
}

// shared is the packages that every tool uses.
const shared = "arch internal/clean source tool"

// collect adds to all what the package at path imports, and so on, but for the
// standard library. go list would do, but go test sees no change of its answer.
func collect(t *testing.T, path string, all map[string]bool) {
	dir, ours := strings.CutPrefix(path, "stage0/")
	if all[path] || !ours && !strings.Contains(path, ".") {
		return
	}
	all[path] = true
	if !ours {
		return
	}
	pkg, err := build.ImportDir(filepath.Join("..", dir), 0)
	require.NoError(t, err)
	for _, path := range pkg.Imports {
		collect(t, path, all)
	}
}

// A command that is one tool consists of this tool, what all tools share, and
// the standard library.
func TestImports(t *testing.T) {
	commands, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	for _, file := range commands {
		name := filepath.Dir(file)
		if name == "stage0" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			got, want := map[string]bool{}, map[string]bool{"stage0/cmd/" + name: true}
			collect(t, "stage0/cmd/"+name, got)
			for pkg := range strings.FieldsSeq(shared + " " + imports[name]) {
				want["stage0/"+pkg] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
		})
	}
}
