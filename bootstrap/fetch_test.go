package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository makes a git repository with a commit of the files and returns its
// directory and the commit's id.
func repository(t *testing.T, m files) (dir, commit string) {
	t.Helper()
	dir = m.write(t)
	run(t, dir, "init", "--quiet")
	return dir, commitAll(t, dir)
}

func commitAll(t *testing.T, dir string) string {
	t.Helper()
	run(t, dir, "add", "--all")
	run(t, dir, "-c", "user.name=nobody", "-c", "user.email=nobody", "commit", "--quiet", "--message", "all")
	return run(t, dir, "rev-parse", "HEAD")
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := git(t.Context(), dir, args...)
	must(t, err)
	return out
}

// gitConfig has git use these values, given as key, value, and not those of the
// user.
func gitConfig(t *testing.T, values ...string) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("GIT_CONFIG_COUNT", strconv.Itoa(len(values)/2))
	for i := 0; i < len(values); i += 2 {
		t.Setenv("GIT_CONFIG_KEY_"+strconv.Itoa(i/2), values[i])
		t.Setenv("GIT_CONFIG_VALUE_"+strconv.Itoa(i/2), values[i+1])
	}
}

func TestFetch(t *testing.T) {
	gitConfig(t, "protocol.file.allow", "always", "core.autocrlf", "true")
	sub, subCommit := repository(t, files{"seed": "\nbytes\n"})
	super, _ := repository(t, files{"kaem.x86": "text\n"})
	run(t, super, "submodule", "--quiet", "add", sub, "d/seeds")
	repo := Repository{URL: super, Commit: commitAll(t, super), Submodules: []Submodule{{"d/seeds", subCommit}}}
	must(t, os.WriteFile(filepath.Join(super, "later"), nil, 0o666))
	later := commitAll(t, super)

	dir := filepath.Join(t.TempDir(), "tree")
	var log bytes.Buffer
	must(t, Fetch(t.Context(), repo, dir, &log))
	if want := "cloning " + super + "\ncloning submodule d/seeds\n"; log.String() != want {
		t.Errorf("%q, want %q", &log, want)
	}
	for name, want := range map[string]string{"kaem.x86": "text\n", "d/seeds/seed": "\nbytes\n"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err, name)
		assert.Equal(t, want, string(got), name)
	}
	if status := run(t, dir, "status", "--porcelain"); status != "" {
		t.Errorf("git status: %s", status)
	}

	const zeros = "0000000000000000000000000000000000000000"
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, c := range []struct {
		name string
		ctx  context.Context
		repo Repository
		want string
	}{
		{"no repository", t.Context(), Repository{URL: sub + "/none"}, "none' does not exist"},
		{"no commit", t.Context(), Repository{URL: super, Commit: zeros}, zeros},
		{"branch", t.Context(), Repository{URL: super, Commit: "HEAD"}, " is at commit " + later + ", expected HEAD"},
		{"no submodule", t.Context(), Repository{URL: super, Commit: later, Submodules: []Submodule{{"none", subCommit}}}, "pathspec 'none' did not match"},
		{"other commit", t.Context(), Repository{URL: super, Commit: later, Submodules: []Submodule{{"d/seeds", zeros}}}, "d/seeds is at commit " + subCommit + ", expected " + zeros},
		{"option as address", t.Context(), Repository{URL: "--upload-pack=true"}, "fatal: repository '--upload-pack=true' does not exist"},
		{"cancelled", ended, repo, "enough"},
	} {
		above := t.TempDir()
		err := Fetch(c.ctx, c.repo, filepath.Join(above, "tree"), &log)
		assert.ErrorContains(t, err, c.want, c.name)
		assert.NotContains(t, err.Error(), "\n", c.name)
		if diff := cmp.Diff(files{}, contents(t, above)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
	err := Fetch(t.Context(), repo, dir, &log)
	require.Error(t, err)
	assert.True(t, strings.HasSuffix(err.Error(), "is not empty"))
	empty := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(empty, link))
	must(t, Fetch(t.Context(), repo, link, &log))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSymlink, info.Mode().Type())
	t.Setenv("PATH", "")
	err = Fetch(t.Context(), repo, empty, &log)
	assert.EqualError(t, err, "git is needed, and cannot be found")
}

func TestFetchRevision(t *testing.T) {
	gitConfig(t, "protocol.file.allow", "always")
	sub, subCommit := repository(t, files{"seed": "bytes\n"})
	super, plain := repository(t, files{"kaem.x86": "text\n"})
	run(t, super, "tag", "v1")
	run(t, super, "checkout", "--quiet", "-b", "side")
	run(t, super, "submodule", "--quiet", "add", sub, "d/seeds")
	with := commitAll(t, super)
	run(t, super, "checkout", "--quiet", "--detach", "v1")
	for _, c := range []struct {
		revision string
		want     Repository
	}{
		{"v1", Repository{URL: super, Commit: plain}},
		{"side", Repository{URL: super, Commit: with, Submodules: []Submodule{{"d/seeds", subCommit}}}},
		{with[:12], Repository{URL: super, Commit: with, Submodules: []Submodule{{"d/seeds", subCommit}}}},
	} {
		dir := filepath.Join(t.TempDir(), "tree")
		got, err := FetchRevision(t.Context(), super, c.revision, dir, t.Output())
		must(t, err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.revision, diff)
		}
		if _, err := os.Stat(filepath.Join(dir, "d", "seeds", "seed")); (err == nil) != (len(c.want.Submodules) > 0) {
			t.Errorf("%s: the submodule's file: %v", c.revision, err)
		}
	}
	for _, revision := range []string{"none", "", "--all", "v1^{tree}"} {
		above := t.TempDir()
		_, err := FetchRevision(t.Context(), super, revision, filepath.Join(above, "tree"), t.Output())
		want := fmt.Sprintf("%s has no revision %q", super, revision)
		assert.EqualError(t, err, want, revision)
		if diff := cmp.Diff(files{}, contents(t, above)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", revision, diff)
		}
	}
}

// TestFetchRelease clones the release from STAGE0_MIRROR, a directory that
// holds, for each of its repositories, a copy by the last part of its address:
// stage0-posix.git, M2-Planet.git and so on.
func TestFetchRelease(t *testing.T) {
	mirror := os.Getenv("STAGE0_MIRROR")
	if mirror == "" {
		t.Skip("STAGE0_MIRROR does not name copies of the repositories")
	}
	gitConfig(t, "protocol.file.allow", "always",
		"url."+mirror+"/.insteadOf", "https://github.com/oriansj/",
		"url."+mirror+"/.insteadOf", "https://git.savannah.nongnu.org/git/")
	dir := filepath.Join(t.TempDir(), "stage0-posix")
	repo, ok := ReleaseRepository(Latest)
	if !ok {
		t.Fatal("the latest release is not known")
	}
	must(t, Fetch(t.Context(), repo, dir, t.Output()))
	tree, err := OpenTree(dir)
	must(t, err)
	ladders, err := Find(tree, nil)
	must(t, err)
	for _, a := range ladders {
		if l := replayOne(t.Context(), tree, a, latest(t), Options{}).Ledgers[0]; len(l.Foreign) > 0 {
			t.Errorf("%s: %v", a.Name, l.Foreign)
		}
	}
}
