package main

import (
	"crypto/sha256"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
)

// What is attested of this program is true of the file that runs.
func TestThisProgram(t *testing.T) {
	p, err := thisProgram()
	require.NoError(t, err)
	name, err := os.Executable()
	require.NoError(t, err)
	file, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, bootstrap.Digest(sha256.Sum256(file)), p.Digest)
	assert.Equal(t, runtime.Version(), p.Go)
	assert.Equal(t, "stage0", p.Module.Path)
	assert.NotEmpty(t, p.Modules)
}
