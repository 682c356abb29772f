package main

import (
	"crypto/sha256"
	"os"
	"runtime"
	"testing"

	"stage0/bootstrap"
)

// What is attested of this program is true of the file that runs.
func TestThisProgram(t *testing.T) {
	p, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest != bootstrap.Digest(sha256.Sum256(file)) {
		t.Errorf("%s is not the digest of %s", p.Digest, name)
	}
	if p.Go != runtime.Version() || p.Module.Path != "stage0" || len(p.Modules) == 0 {
		t.Errorf("%+v", p)
	}
}
