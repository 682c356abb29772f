//go:build unix

package tool_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// mainVar names the environment variable that makes the test program one of
// the commands, with the arguments that it is given.
const mainVar = "STAGE0_TEST_MAIN"

func TestMain(m *testing.M) {
	if p, ok := registry.Lookup(os.Getenv(mainVar)); ok {
		os.Exit(p.RunOnHost(os.Args))
	}
	os.Exit(m.Run())
}

// command returns the command called name, to be run in dir.
func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), mainVar+"="+name)
	return cmd
}

// A signal leaves the old output as it was, and nothing else.
func TestInterrupted(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			if signal.Ignored(sig) {
				t.Skip("nothing sees the signal, as under nohup")
			}
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "in"), strings.Repeat("x", 1<<24))
			writeFile(t, filepath.Join(dir, "out"), "as it was")

			// It writes while it reads, 16 GiB in all.
			cmd := command(t, dir, "sha256sum", append([]string{"-o", "out"}, slices.Repeat([]string{"in"}, 1024)...)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for start := time.Now(); !strings.Contains(list(t, dir), ".stage0-"); time.Sleep(time.Millisecond) {
				if time.Since(start) > 10*time.Second {
					cmd.Process.Kill()
					t.Fatal("no temporary file appears; the test is about one: ", list(t, dir))
				}
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != sig {
				t.Errorf("%v, want to see it ended by %v", cmd.ProcessState, sig)
			}
			if got := list(t, dir); got != "in out" {
				t.Errorf("files %s, want in out", got)
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "out")); string(got) != "as it was" {
				t.Errorf("the old output holds %q", got)
			}
		})
	}
}

// So does one that comes while M2-Mesoplanet waits for a program.
func TestInterruptedMesoplanet(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in.c"), "int main() { return 42; }\n")
	writeFile(t, filepath.Join(dir, "out"), "as it was")
	for _, name := range []string{"bin", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "bin", "M2-Planet")
	writeFile(t, program, "#!/bin/sh\n: >started\nexec sleep 2\n")
	if err := os.Chmod(program, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, dir, "M2-Mesoplanet", "-A", "amd64", "--exec", "--temp-directory", "tmp", "-o", "out", "in.c")
	cmd.Env = append(cmd.Env, "PATH=bin:"+os.Getenv("PATH"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); !strings.Contains(list(t, dir), "started"); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			cmd.Process.Kill()
			t.Fatal("the program is not run: ", list(t, dir))
		}
	}
	if got := list(t, filepath.Join(dir, "tmp")); !strings.Contains(got, "M2-Mesoplanet-000000") {
		t.Errorf("temporary files %s; the test is about some", got)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
		t.Errorf("%v, want to see it ended by the signal", cmd.ProcessState)
	}
	if got := list(t, filepath.Join(dir, "tmp")); got != "" {
		t.Errorf("temporary files %s", got)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "out")); string(got) != "as it was" {
		t.Errorf("the old output holds %q", got)
	}
}

// A file that is replaced keeps its permissions and the links to it; a new one
// has what the umask leaves.
func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "01")
	writeFile(t, filepath.Join(dir, "old"), "as it was")
	if err := os.Chmod(filepath.Join(dir, "old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("old", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	for _, out := range []string{"link", "new"} {
		if message, err := command(t, dir, "hex0", "in", out).CombinedOutput(); err != nil {
			t.Fatal(err, string(message))
		}
	}
	for name, want := range map[string]os.FileMode{"old": 0o640, "new": 0o700, "link": os.ModeSymlink} {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Type() != want.Type() || want.IsRegular() && info.Mode() != want {
			t.Errorf("%s is %v, want %v", name, info.Mode(), want)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "old")); string(got) != "\x01" {
		t.Errorf("old holds % X", got)
	}
}

// An output goes where links lead, whether or not there is anything yet, and
// what is no regular file is written to, not replaced.
func TestOutputsThroughLinks(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "41")
	if err := os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o777); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{
		"new":    "sub/made",
		"chain":  "up",
		"up":     "sub/deep/../chained",
		"lost":   "nowhere/made",
		"loop":   "loop",
		"stdout": "/proc/self/fd/1",
		"deep":   "sub/deep",
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	outputs := []struct{ out, file, want string }{
		{"new", "sub/made", ""},
		{"chain", "sub/chained", ""},
		{"deep/../beside", "sub/beside", ""},
		{"lost", "", "hex0: lost: cannot create: no such file or directory\n"},
		{"loop", "", "hex0: loop: cannot create: too many levels of symbolic links\n"},
		{"nowhere/../made", "", "hex0: nowhere/../made: cannot create: no such file or directory\n"},
	}
	if _, err := os.Stat("/proc/self/fd/1"); err == nil {
		outputs = append(outputs, struct{ out, file, want string }{"stdout", "", "A"})
	}
	for _, test := range outputs {
		got, err := command(t, dir, "hex0", "in", test.out).CombinedOutput()
		if string(got) != test.want || (err == nil) != (len(test.want) < 2) {
			t.Errorf("%s: %q, %v, want %q", test.out, got, err, test.want)
		}
		if test.file == "" {
			continue
		}
		if info, err := os.Lstat(filepath.Join(dir, test.file)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: not made: %v", test.out, err)
		}
	}
	for name := range links {
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("the link %s is gone", name)
		}
	}
	if got := list(t, dir); got != "chain deep in loop lost new stdout sub up" {
		t.Errorf("files %s", got)
	}
}

// Standard output in a file is written to under its other name, too: what
// comes after it is not lost.
func TestStandardOutputByName(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "41")
	out, err := os.OpenFile(filepath.Join(dir, "out"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := command(t, dir, "hex0", "in", "out")
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.WriteString("B"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(got) != "AB" {
		t.Errorf("%q, %v, want AB", got, err)
	}
}

// What .. is, depends on the links before it.
func TestInputsThroughLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("sub/deep", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "in"), "41")
	writeFile(t, filepath.Join(dir, "sub/in"), "42")
	for in, want := range map[string]string{
		"link/../in":     "B",
		"sub/../in":      "A",
		"link/../../in":  "A",
		"./link/.././in": "B",
		"nowhere/../in":  "hex0: nowhere/../in: cannot open: no such file or directory\n",
		"":               "hex0: : cannot open: no such file or directory\n",
	} {
		if got, _ := command(t, dir, "hex0", in).CombinedOutput(); string(got) != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	writeFile(t, filepath.Join(dir, "kept"), "")
	if err := os.Symlink("kept", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "dir"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"file": nil, "link": nil, "dir": syscall.EISDIR, "none": fs.ErrNotExist} {
		if err := (tool.Host{}).Remove(filepath.Join(dir, name)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if got := list(t, dir); got != "dir kept" {
		t.Errorf("files %s, want dir kept", got)
	}
}

// A slash at the end of a link's name stands for the directory that it leads to.
func TestSlashAfterLink(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "d"), 0o777))
	require.NoError(t, os.Symlink("d", filepath.Join(dir, "link")))

	out, err := command(t, dir, "rm", "--strict", "link/", "link/.").CombinedOutput()
	assert.EqualError(t, err, "exit status 1")
	assert.Equal(t, "rm: link/: cannot remove: is a directory\nrm: link/.: cannot remove: is a directory\n", string(out))
	_, err = os.Lstat(filepath.Join(dir, "link"))
	assert.NoError(t, err)

	require.NoError(t, command(t, dir, "chmod", "700", "link/").Run())
	info, err := os.Stat(filepath.Join(dir, "d"))
	require.NoError(t, err)
	assert.Equal(t, fs.ModeDir|0o700, info.Mode())
}

// An output is an input whatever both are called; what is no file may be both.
func TestOutputIsInput(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a"), "41")
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "link")))
	require.NoError(t, os.Link(filepath.Join(dir, "a"), filepath.Join(dir, "same")))
	for _, name := range []string{"a", "./a", "link", "same", filepath.Join(dir, "a")} {
		out, err := command(t, dir, "hex0", "a", name).CombinedOutput()
		assert.EqualError(t, err, "exit status 1")
		assert.Equal(t, "hex0: "+name+": is both the output and an input\n", string(out))
	}
	text, err := os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "41", string(text))

	assert.NoError(t, command(t, dir, "catm", "/dev/null", "a", "/dev/null").Run())
}
