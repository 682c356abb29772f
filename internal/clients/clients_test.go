// Package clients tests our tools with programs that use upstream's: GNU Mes as packaged
// by Debian, and scripts that were written for upstream's tools. The results must be the
// same as with upstream's tools.
package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// links builds stage0 and returns the directory that "stage0 links" made.
func links(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	stage0, bin := filepath.Join(dir, "stage0"), filepath.Join(dir, "bin")
	for _, command := range [][]string{
		{"go", "build", "-o", stage0, "stage0/cmd/stage0"},
		{stage0, "links", "--all", bin},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	return bin
}

// debian returns a directory with links to the programs of Debian's packages mes and
// mescc-tools. The test is skipped if one is missing, unless STAGE0_DEBIAN is "require".
func debian(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil && os.Getenv("STAGE0_DEBIAN") == "require" {
			t.Fatal(err)
		}
		if err != nil {
			t.Skip("Debian's mes and mescc-tools are not installed: ", err)
		}
		link(t, path, filepath.Join(dir, name))
	}
	return dir
}

func link(t *testing.T, path, name string) {
	t.Helper()
	require.NoError(t, os.Symlink(path, name))
}

// A job is a directory in which commands run with our tools or with the others.
type job struct {
	dir  string
	vars []string // the whole environment; PATH leads to the tools
}

// run runs a command, which must exit with status, and returns its output.
func (j job) run(t *testing.T, status int, path string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = j.dir, j.vars
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("%s %s: %v, want %d\n%s%s", path, args, cmd.ProcessState, status, j.vars, &out)
	}
	return out.String()
}

// compare reports files that differ in two directories, and returns the number of those
// that do not.
func compare(t *testing.T, ours, theirs string) int {
	t.Helper()
	a, b := contents(t, ours), contents(t, theirs)
	same := 0
	for name, data := range b {
		if got, ok := a[name]; !ok || !bytes.Equal(got, data) {
			t.Errorf("%s: %s and ours has %s", name, first(data, got), first(got, data))
			continue
		}
		same++
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			t.Errorf("%s: only ours makes it", name)
		}
	}
	return same
}

// first shows data from shortly before the first byte that differs from other.
func first(data, other []byte) string {
	i := 0
	for i < len(data) && i < len(other) && data[i] == other[i] {
		i++
	}
	return fmt.Sprintf("%d bytes, at %d %q,", len(data), i, data[max(0, i-20):min(len(data), i+20)])
}

// contents returns the regular files below dir by name.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	require.NoError(t, err)
	return files
}
