package bootstrap

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
)

// hostTree returns a tree for the host of which the seeds are scripts of the
// shell, which the host runs, too: a hex0-seed that makes what a probe expects,
// and a kaem-optional-seed.
func hostTree(t *testing.T, kaem string) *Tree {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the ladders' programs are Linux's")
	}
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no shell")
	}
	return NewTree(fstest.MapFS{
		"kaem.x86":                            {Data: []byte("the script")},
		"kaem.amd64":                          {Data: []byte("another's")},
		"AMD64/a":                             {Data: []byte("another's")},
		".git/config":                         {Data: []byte("git's")},
		"changed":                             {Data: []byte("before")},
		"same":                                {Data: []byte("same")},
		"bootstrap-seeds/POSIX/x86/hex0-seed": {Data: []byte("#!/bin/sh\nprintf S0 >\"$2\"\n")},
		"bootstrap-seeds/POSIX/x86/kaem-optional-seed": {Data: []byte("#!/bin/sh\n" + kaem)},
		"x86/artifact/old": {Data: []byte("old")},
	})
}

func onHost(ctx context.Context, tree *Tree, opt Options) *Ledger {
	x86, _ := arch.Lookup("x86")
	ref := &Reference{Artefacts: map[string][]Digested{"x86": {{"x86/artifact/hex1", digest("made\n")}, {"changed", digest("after\n")}}}}
	opt.Engine = EngineHost
	return replayOne(ctx, tree, x86, ref, opt).Ledgers[0]
}

func TestOnHost(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	l := onHost(context.Background(), hostTree(t, `
test "$1" = kaem.x86 -a -f same -a ! -e kaem.amd64 -a ! -e AMD64 -a ! -e .git -a ! -e x86/artifact/old || exit 3
echo made >x86/artifact/hex1
echo after >changed
echo same | tr -d '\n' >same
ln -s /etc/passwd link
`), Options{})
	if l.Err != nil || l.Failure() >= 0 || len(l.Steps) != 1 || l.Count(Differs) != 0 || l.Count(Matches) != 2 {
		t.Fatalf("%+v %+v", l, l.Steps)
	}
	step := l.Steps[0]
	var made []string
	for _, out := range step.Outputs {
		made = append(made, out.Path)
	}
	assert.Equal(t, EngineHost, step.Engine)
	assert.Equal(t, "./bootstrap-seeds/POSIX/x86/kaem-optional-seed kaem.x86", strings.Join(step.Args, " "))
	assert.Equal(t, "bootstrap-seeds/POSIX/x86/kaem-optional-seed", step.File.Path)
	assert.Equal(t, "changed x86/artifact/hex1", strings.Join(made, " "))
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestOnHostFails has what goes wrong: none of it is a success.
func TestOnHostFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx := context.Background()
	l := onHost(ctx, hostTree(t, "echo so it is >&2\nexit 5\n"), Options{})
	s := l.Steps[0]
	require.NoError(t, l.Err)
	assert.Equal(t, 0, l.Failure())
	assert.Equal(t, 5, s.Exit)
	assert.Equal(t, "so it is", s.Reason)
	assert.Equal(t, "so it is\n", s.Messages)
	l = onHost(ctx, hostTree(t, "kill -9 $$\n"), Options{})
	assert.EqualError(t, l.Err, "signal: killed")
	const seed = "bootstrap-seeds/POSIX/x86/hex0-seed"
	for text, want := range map[string]string{
		"\x7fELF":                 "this machine does not run programs for x86: hex0-seed: exec format error",
		"#!/bin/sh\n":             `this machine does not run programs for x86: hex0-seed makes "" of 53 30`,
		"#!/bin/sh\necho 0 >$2\n": `this machine does not run programs for x86: hex0-seed makes "0\n" of 53 30`,
		"#!/bin/sh\nexit 1\n":     "this machine does not run programs for x86: hex0-seed: exit status 1",
	} {
		tree := hostTree(t, "")
		tree.fsys.(fstest.MapFS)[seed].Data = []byte(text)
		l := onHost(ctx, tree, Options{})
		assert.EqualError(t, l.Err, want)
		assert.Empty(t, l.Steps)
	}
}

// TestOnHostCancel ends a ladder that does not: nothing of it goes on.
func TestOnHostCancel(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	pid := filepath.Join(t.TempDir(), "pid")
	tree := hostTree(t, "sh -c 'sleep 1000 & echo $! >"+pid+"; wait' &\nwait\n")
	ctx, cancel := context.WithCancelCause(context.Background())
	ticks := 0
	l := onHost(ctx, tree, Options{Progress: func(p Progress) {
		if data, err := os.ReadFile(pid); err == nil && strings.HasSuffix(string(data), "\n") && ticks >= 0 {
			ticks = -1
			cancel(errors.New("enough"))
		}
	}})
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
	require.EqualError(t, l.Err, "enough")
	data, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	sleeps := true
	for range 100 { // a process that was killed is there until it is waited for
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(data)) + "/stat")
		if sleeps = err == nil && !strings.Contains(string(state), ") Z "); !sleeps {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if sleeps {
		t.Error("a program of the ladder goes on")
		exec.Command("kill", strings.TrimSpace(string(data))).Run()
	}
}
