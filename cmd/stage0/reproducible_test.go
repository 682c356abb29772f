package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReproducible builds the commands twice, from two directories, one of
// them with an empty cache, as stage0 version --help says to. The files are to
// be the same, and so is what stage0 says of itself.
func TestReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything, the standard library too")
	}
	here, there, cache := t.TempDir(), t.TempDir(), t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	sources := filepath.Join(t.TempDir(), "somewhere", "else")
	copySources(t, root, sources)
	buildAll(t, root, here)
	buildAll(t, sources, there, "GOCACHE="+cache)

	commands, err := os.ReadDir(here)
	require.NoError(t, err)
	require.Greater(t, len(commands), 10)
	for _, command := range commands {
		a, err := os.ReadFile(filepath.Join(here, command.Name()))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(there, command.Name()))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(a, b), "%s: two builds differ", command.Name())
		assert.False(t, bytes.Contains(b, []byte(filepath.Dir(sources))), "%s: has the name of the directory it was built in", command.Name())
		if strings.TrimSuffix(command.Name(), ".exe") == "stage0" {
			testVersion(t, filepath.Join(here, command.Name()), a)
		}
	}
}

// testVersion checks what the program called name, whose bytes are given,
// says of itself.
func testVersion(t *testing.T, name string, program []byte) {
	out, err := exec.Command(name, "version", "--json").Output()
	require.NoError(t, err)
	var doc versionDoc
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	assert.Equal(t, fmt.Sprintf("%x", sha256.Sum256(program)), doc.SHA256)
	assert.Equal(t, moduleDoc{Path: "stage0", Version: "(devel)"}, doc.Module)
	assert.Equal(t, runtime.Version(), doc.Go)
	assert.Equal(t, runtime.GOOS+"/"+runtime.GOARCH, doc.Platform)
	assert.Equal(t, "true", doc.Settings["-trimpath"])
	assert.Equal(t, "0", doc.Settings["CGO_ENABLED"])
	assert.Empty(t, doc.Settings["vcs"])
	assert.NotEmpty(t, doc.Dependencies)
	for _, m := range doc.Dependencies {
		assert.Regexp(t, "^h1:", m.Sum)
		assert.NotEmpty(t, m.Version, m.Path)
	}
}

// copySources copies what Go needs to build the module.
func copySources(t *testing.T, from, to string) {
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, name)
		switch {
		case err != nil:
			return err
		case d.Name() == ".git" && d.IsDir():
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, below), 0o777)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), data, 0o666)
	})
	require.NoError(t, err)
}

// buildAll builds the commands of the module in the directory sources.
func buildAll(t *testing.T, sources, output string, vars ...string) {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", output, "./cmd/...")
	cmd.Dir = sources
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off"), vars...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
