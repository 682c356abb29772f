//go:build unix

package tool_test

import (
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
	require.NoError(t, err)
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
			require.NoError(t, cmd.Start())
			for start := time.Now(); !strings.Contains(list(t, dir), ".stage0-"); time.Sleep(time.Millisecond) {
				if time.Since(start) > 10*time.Second {
					cmd.Process.Kill()
					t.Fatal("no temporary file appears; the test is about one: ", list(t, dir))
				}
			}
			require.NoError(t, cmd.Process.Signal(sig))
			cmd.Wait()
			assert.Equal(t, sig, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
			assert.Equal(t, "in out", list(t, dir))
			assert.Equal(t, "as it was", readFile(t, filepath.Join(dir, "out")))
		})
	}
}

// So does one that comes while M2-Mesoplanet waits for a program.
func TestInterruptedMesoplanet(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in.c"), "int main() { return 42; }\n")
	writeFile(t, filepath.Join(dir, "out"), "as it was")
	for _, name := range []string{"bin", "tmp"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o777))
	}
	program := filepath.Join(dir, "bin", "M2-Planet")
	writeFile(t, program, "#!/bin/sh\n: >started\nexec sleep 2\n")
	require.NoError(t, os.Chmod(program, 0o777))
	cmd := command(t, dir, "M2-Mesoplanet", "-A", "amd64", "--exec", "--temp-directory", "tmp", "-o", "out", "in.c")
	cmd.Env = append(cmd.Env, "PATH=bin:"+os.Getenv("PATH"))
	require.NoError(t, cmd.Start())
	for start := time.Now(); !strings.Contains(list(t, dir), "started"); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			cmd.Process.Kill()
			t.Fatal("the program is not run: ", list(t, dir))
		}
	}
	assert.Contains(t, list(t, filepath.Join(dir, "tmp")), "M2-Mesoplanet-000000", "the test is about temporary files")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	cmd.Wait()
	assert.Equal(t, syscall.SIGTERM, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.Empty(t, list(t, filepath.Join(dir, "tmp")))
	assert.Equal(t, "as it was", readFile(t, filepath.Join(dir, "out")))
}

// A file that is replaced keeps its permissions and the links to it; a new one
// has what the umask leaves.
func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "01")
	writeFile(t, filepath.Join(dir, "old"), "as it was")
	require.NoError(t, os.Chmod(filepath.Join(dir, "old"), 0o640))
	require.NoError(t, os.Symlink("old", filepath.Join(dir, "link")))
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	for _, out := range []string{"link", "new"} {
		if message, err := command(t, dir, "hex0", "in", out).CombinedOutput(); err != nil {
			t.Fatal(err, string(message))
		}
	}
	for name, want := range map[string]os.FileMode{"old": 0o640, "new": 0o700, "link": os.ModeSymlink} {
		info, err := os.Lstat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, want.Type(), info.Mode().Type(), name)
		if want.IsRegular() {
			assert.Equal(t, want, info.Mode(), name)
		}
	}
	assert.Equal(t, "\x01", readFile(t, filepath.Join(dir, "old")))
}

// An output goes where links lead, whether or not there is anything yet, and
// what is not a regular file is written to, not replaced.
func TestOutputsThroughLinks(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "41")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o777))
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
		require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
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
		assert.Equal(t, test.want, string(got), test.out)
		assert.Equal(t, strings.HasPrefix(test.want, "hex0: "), err != nil, test.out)
		if test.file != "" {
			info, err := os.Lstat(filepath.Join(dir, test.file))
			require.NoError(t, err)
			assert.True(t, info.Mode().IsRegular(), test.out)
		}
	}
	for name := range links {
		info, err := os.Lstat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, os.ModeSymlink, info.Mode().Type(), name)
	}
	assert.Equal(t, "chain deep in loop lost new stdout sub up", list(t, dir))
}

// Standard output in a file is written to under its other name, too: what
// comes after it is not lost.
func TestStandardOutputByName(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in"), "41")
	out, err := os.OpenFile(filepath.Join(dir, "out"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	require.NoError(t, err)
	defer out.Close()
	cmd := command(t, dir, "hex0", "in", "out")
	cmd.Stdout = out
	require.NoError(t, cmd.Run())
	_, err = out.WriteString("B")
	require.NoError(t, err)
	assert.Equal(t, "AB", readFile(t, filepath.Join(dir, "out")))
}

// What .. is, depends on the links before it.
func TestInputsThroughLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "sub/deep"), 0o777))
	require.NoError(t, os.Symlink("sub/deep", filepath.Join(dir, "link")))
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
		got, _ := command(t, dir, "hex0", in).CombinedOutput()
		assert.Equal(t, want, string(got), in)
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	writeFile(t, filepath.Join(dir, "kept"), "")
	require.NoError(t, os.Symlink("kept", filepath.Join(dir, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dir"), 0o777))
	remove := func(name string) error { return tool.Host{}.Remove(filepath.Join(dir, name)) }
	assert.NoError(t, remove("file"))
	assert.NoError(t, remove("link"))
	assert.ErrorIs(t, remove("dir"), syscall.EISDIR)
	assert.ErrorIs(t, remove("none"), fs.ErrNotExist)
	assert.Equal(t, "dir kept", list(t, dir))
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

// An output is an input whatever both are called; what is not a file may be both.
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
	assert.Equal(t, "41", readFile(t, filepath.Join(dir, "a")))

	assert.NoError(t, command(t, dir, "catm", "/dev/null", "a", "/dev/null").Run())
}
