package main

import (
	"crypto/sha256"
	"os"
	"runtime"
	"testing"

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
	if p.Digest != bootstrap.Digest(sha256.Sum256(file)) {
		t.Errorf("%s is not the digest of %s", p.Digest, name)
	}
	if p.Go != runtime.Version() || p.Module.Path != "stage0" || len(p.Modules) == 0 {
		t.Errorf("%+v", p)
	}
}
