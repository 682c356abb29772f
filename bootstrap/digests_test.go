package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is written can be loaded, and is what was compared with.
func TestWriteDigests(t *testing.T) {
	tree := ladder()
	run := replayed(tree)
	dir := filepath.Join(t.TempDir(), "new")
	must(t, run.WriteDigests(dir))
	got, err := LoadReference("mine", os.DirFS(dir), ".")
	must(t, err)
	want := reference(tree, made)
	want.Name = "mine"
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	text := contents(t, dir)["x86.sha256"]
	if want := fmt.Sprintf("%s  x86/artifact/data\n", digest(made["x86/artifact/data"])); !strings.HasPrefix(text, want) {
		t.Errorf("%s, want first %s", text, want)
	}
}

// Sha256sum finds the files as they are said to be.
func TestDigestsSha256sum(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("there is no sha256sum")
	}
	run := replayed(ladder())
	digests, files := t.TempDir(), t.TempDir()
	must(t, run.WriteDigests(digests))
	must(t, run.WriteFiles(files))
	cmd := exec.Command("sha256sum", "--strict", "-c", digests+"/x86.sha256")
	cmd.Dir = files
	out, err := cmd.CombinedOutput()
	want := "x86/artifact/data: OK\nx86/artifact/hex0: OK\nx86/artifact/hex1: OK\nx86/artifact/kaem-0: OK\n"
	require.NoError(t, err)
	assert.Equal(t, want, string(out))
}

// Nix says the same of the files that are written, of which some are not
// executable.
func TestDigestsNix(t *testing.T) {
	if _, err := exec.LookPath("nix"); err != nil {
		if os.Getenv("STAGE0_BUILDERS") == "require" {
			t.Fatal("there is no nix")
		}
		t.Skip("there is no nix")
	}
	nix := func(args ...string) string {
		cmd := exec.Command("nix", append([]string{"--extra-experimental-features", "nix-command", "hash"}, args...)...)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, errs.String())
		}
		return strings.TrimSpace(string(out))
	}
	run := replayed(ladder())
	run.files[0].made["x86/artifact/data"].perm = 0o600
	digests, files := t.TempDir(), t.TempDir()
	must(t, run.WriteDigests(digests))
	must(t, run.WriteFiles(files))
	var want strings.Builder
	for _, a := range run.Ledgers[0].Artefacts {
		file := filepath.Join(files, a.Path)
		fmt.Fprintf(&want, "flat %s %s %s\n", nix("file", "--sri", file), nix("file", "--base32", file), a.Path)
		fmt.Fprintf(&want, "recursive %s %s %s\n", nix("path", "--sri", file), nix("path", "--base32", file), a.Path)
	}
	if diff := cmp.Diff(want.String(), contents(t, digests)["x86.nix.txt"]); diff != "" {
		t.Errorf("-nix +ours:\n%s", diff)
	}
}

// Of what is not complete there are no digests.
func TestWriteDigestsErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Run)
		want  string
	}{
		{"error", func(run *Run) { run.Ledgers[0].Err = errors.New("interrupted") }, "no digests of x86: interrupted"},
		{"failed", func(run *Run) {
			l := run.Ledgers[0]
			for _, i := range []int{0, 4, 6} {
				l.Steps[i].Status, l.Steps[i].Reason = Failed, "why not"
			}
		}, "no digests of x86: x86/mini.kaem:3 did not succeed: why not"},
		{"the first", func(run *Run) {
			step := run.Ledgers[0].Steps[0]
			step.Status, step.Reason = Failed, "why not"
			run.Ledgers[0].Steps = run.Ledgers[0].Steps[:1]
		}, "no digests of x86: ./bootstrap-seeds/POSIX/x86/kaem-optional-seed kaem.x86 did not succeed: why not"},
		{"engines disagree", func(run *Run) {
			a := &run.Ledgers[0].Artefacts[1]
			a.Witnesses = append(a.Witnesses, Witness{ByEngine, EngineEmu, Digest{1}})
		}, "no digests of x86: x86/artifact/hex0 is not what another engine made"},
		{"its script goes on", func(run *Run) {
			step := run.Ledgers[0].Steps[5]
			step.Status, step.Reason = Failed, "why not"
		}, "no digests of x86: x86/artifact/hex1 was made by x86/mini.kaem:1, which did not succeed: why not"},
		{"not made", func(run *Run) { run.Ledgers[0].Artefacts[1].From = -1 }, "no digests of x86: x86/artifact/hex0 was not made"},
		{"nothing", func(run *Run) { run.Ledgers[0].Artefacts = nil }, "no digests of x86: nothing was made"},
		{"name", func(run *Run) {
			run.Ledgers[0].Artefacts[0].Path = "a\nb"
			run.files[0].made["a\nb"] = run.files[0].made["x86/artifact/data"]
		}, `no digests of x86: "a\nb" has a control character in its name`},
		{"source", func(run *Run) { run.Ledgers[0].Sources[0].Path = "a\rb" }, `no digests of the sources: "a\rb" has a control character in its name`},
		{"another tree", func(run *Run) {
			other := replayed(ladder())
			other.Ledgers[0].Sources[0].Digest[0]++
			run.Ledgers = append(run.Ledgers, other.Ledgers...)
			run.files = append(run.files, other.files...)
		}, "no digests of x86: bootstrap-seeds/POSIX/x86/hex0-seed is not what another ladder found there"},
	} {
		run := replayed(ladder())
		c.spoil(run)
		dir := filepath.Join(t.TempDir(), "new")
		err := run.WriteDigests(dir)
		assert.EqualError(t, err, c.want, c.name)
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is something", c.name)
		}
	}
	full := files{"mine": "text"}.write(t)
	err := replayed(ladder()).WriteDigests(full)
	assert.EqualError(t, err, full+": is not empty")
}

// A ladder that is replayed without a release has no sources to compare.
func TestDigestsWithoutSources(t *testing.T) {
	dir := t.TempDir()
	must(t, replayOne(context.Background(), ladder().tree(), x86, nil, Options{Programs: programs}).WriteDigests(dir))
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"x86.nix.txt", "x86.sha256"}, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestContents(t *testing.T) {
	all, err := replayed(ladder()).Contents()
	must(t, err)
	got := files{}
	for name, c := range all {
		got[name] = string(c.Data)
		if c.Perm != 0o700 {
			t.Errorf("%s: permissions %o", name, c.Perm)
		}
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
