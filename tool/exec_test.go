//go:build unix

package tool_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
	"stage0/tool"
	"stage0/tool/registry"
)

// scriptDir makes a directory with files, in which ./self is the test program:
// it acts as the command that the variable mainVar names.
func scriptDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(dir, "self")))
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777))
		writeFile(t, filepath.Join(dir, name), text)
	}
	return dir
}

// A script of the command kaem runs programs of the host, and what each of
// them prints comes in its turn.
func TestHostPrograms(t *testing.T) {
	dir := scriptDir(t, map[string]string{"kaem.run": mainVar + "=kaem\necho one\n./self -V\nif ./self --nope\nfi\necho two\nno-such-program\n"})
	cmd := command(t, dir, "kaem")
	got, _ := cmd.CombinedOutput()
	want := "one\nkaem version 1.7.0\nkaem: unknown option --nope\ntwo\nkaem.run:7:1: no-such-program: not found in PATH\n"
	assert.Equal(t, want, string(got))
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
}

// A program of the host is given a directory, an environment, and the name it
// is called by.
func TestHostProgramEnvironment(t *testing.T) {
	dir := scriptDir(t, map[string]string{
		"kaem.run": `A="1 2"
PATH=${DIR}
cd link
pwd
self -f ../sub.kaem
cd ..
exec ../self --init-mode -f sub.kaem
`,
		"real/sub.kaem": "pwd\necho ${A:-none} ${SHELL}\n",
		"real/sub/x":    "",
	})
	require.NoError(t, os.Symlink("real/sub", filepath.Join(dir, "link")))
	cmd := command(t, dir, "kaem")
	cmd.Env = []string{"DIR=" + dir, mainVar + "=kaem"}
	got, err := cmd.CombinedOutput()
	want := dir + "/real/sub\n" + dir + "/real/sub\n1 2 " + cmd.Args[0] + "\n" + dir + "/real\nnone ../self\n"
	assert.NoError(t, err)
	assert.Equal(t, want, string(got))
}

// The status of a program is what Exec says it is.
func TestHostStatus(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	env, flush, err := tool.HostEnv()
	require.NoError(t, err)
	defer flush()
	run := func(ctx context.Context, path, script string) (int, error) {
		return env.Exec(ctx, env, tool.Command{Path: path, Args: []string{"sh", "-c", script}})
	}
	for script, want := range map[string]int{"exit 0": 0, "exit 3": 3, "exit 255": 255, "kill -9 $$": -9, "kill -15 $$": -15} {
		status, err := run(t.Context(), sh, script)
		assert.NoError(t, err, script)
		assert.Equal(t, want, status, script)
	}
	status, err := run(t.Context(), "./nowhere", "")
	assert.EqualError(t, err, "no such file or directory")
	assert.Equal(t, 1, status)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = run(ctx, sh, "exec sleep 60")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// A script that runs itself inside the process ends.
func TestNesting(t *testing.T) {
	dir := scriptDir(t, map[string]string{"kaem.run": "./kaem\n", "kaem.amd64": "./kaem-0\n"})
	for name, script := range map[string]string{"kaem": "kaem.run", "kaem-0": "kaem.amd64"} {
		var stdout, stderr bytes.Buffer
		env := &tool.Env{FS: tool.Host{}, Dir: dir, Stdout: &stdout, Stderr: &stderr, Exec: execInside}
		program, _ := registry.Lookup(name)
		status := program.Run(context.Background(), env, []string{name})
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		want := fmt.Sprintf("%s:1:1: ./%s: cannot be run: programs run each other more than 64 deep", script, name)
		assert.Equal(t, 1, status, name)
		assert.Len(t, lines, 65, name)
		assert.Equal(t, want, lines[0])

		// And without an Exec it has no programs.
		stderr.Reset()
		env.Exec = nil
		want = fmt.Sprintf("%s:1:1: ./%s: cannot be run: no programs can be run here\n", script, name)
		assert.Equal(t, 1, program.Run(context.Background(), env, []string{name}))
		assert.Equal(t, want, stderr.String())
	}
}

// Exec is told where the script asks for a program, and what the program sees.
func TestExecCommand(t *testing.T) {
	dir := scriptDir(t, map[string]string{"kaem.run": "A=1\ncd sub\n  ../p x\n", "sub/x": ""})
	var got []tool.Command
	env := &tool.Env{FS: tool.Host{}, Dir: dir, Vars: []string{"B=2"}, Stdout: os.Stdout, Stderr: os.Stderr}
	env.Exec = func(_ context.Context, child *tool.Env, cmd tool.Command) (int, error) {
		got = append(got, cmd)
		assert.Equal(t, filepath.Join(dir, "sub"), child.Dir)
		assert.Equal(t, []string{"SHELL=kaem", "B=2", "A=1"}, child.Vars)
		return 0, nil
	}
	program, _ := registry.Lookup("kaem")
	status := program.Run(context.Background(), env, []string{"kaem"})
	want := tool.Command{Path: "../p", Args: []string{"../p", "x"}, At: source.Position{Name: "kaem.run", Line: 3, Col: 3}}
	assert.Zero(t, status)
	assert.Equal(t, []tool.Command{want}, got)
	assert.Equal(t, dir, env.Dir)
	assert.Equal(t, []string{"B=2"}, env.Vars)
}
