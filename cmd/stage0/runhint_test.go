package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/emu"
)

// The table contains the arguments of exactly the hand-written programs, by the names
// of known programs.
func TestSeedArguments(t *testing.T) {
	known, err := bootstrap.LoadPrograms()
	require.NoError(t, err)
	names := map[string]bool{}
	for _, p := range known {
		names[p.Name] = true
	}
	for name := range seedArguments {
		assert.True(t, names[name], name)
	}
}

// The seeds are recognized by their bytes.
func TestHintSeeds(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX names no tree")
	}
	for _, a := range arch.Ladders() {
		for name, want := range map[string]string{
			"hex0-seed":          "hex0-seed INPUT OUTPUT",
			"kaem-optional-seed": "kaem-optional-seed [SCRIPT] (default: kaem.ARCHITECTURE)",
		} {
			files, err := newRunFiles(filepath.Join(tree, "bootstrap-seeds", "POSIX", a.Dir))
			require.NoError(t, err)
			h := newHint(&emu.Config{FS: files})
			h.path = "/" + name
			assert.Equal(t, want, h.usage(name), a.Name)
		}
	}
}
