package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Fetch clones repo and its submodules into dir, which must be an empty
// directory or not be there, and checks that each is at its commit. What it
// does it says on log. After an error there is nothing in dir.
//
// It runs git, which is configured as the user has it, but asks nothing and
// leaves line ends alone.
func Fetch(ctx context.Context, repo Repository, dir string, log io.Writer) error {
	return clone(ctx, repo.URL, dir, log, func(string) (Repository, error) { return repo, nil })
}

// FetchRevision is Fetch for any revision of the repository at url: a tag, a
// branch or the id of a commit. Its submodules are at the commits that the
// revision names. It returns what was cloned.
func FetchRevision(ctx context.Context, url, revision, dir string, log io.Writer) (repo Repository, err error) {
	err = clone(ctx, url, dir, log, func(tree string) (Repository, error) {
		repo, err = atRevision(ctx, tree, url, revision)
		return repo, err
	})
	return repo, err
}

// atRevision returns the repository in tree, which was cloned from url, as it
// is at a revision.
func atRevision(ctx context.Context, tree, url, revision string) (Repository, error) {
	commit, err := git(ctx, tree, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil { // a branch that only the clone's origin has
		commit, err = git(ctx, tree, "rev-parse", "--verify", "--quiet", "--end-of-options", "origin/"+revision+"^{commit}")
	}
	if err != nil {
		return Repository{}, fmt.Errorf("%s has no revision %q", url, revision)
	}
	repo := Repository{URL: url, Commit: commit}
	entries, err := git(ctx, tree, "ls-tree", "-r", "-z", commit)
	if err != nil {
		return Repository{}, err
	}
	for entry := range strings.SplitSeq(entries, "\x00") {
		about, path, _ := strings.Cut(entry, "\t")
		if id, ok := strings.CutPrefix(about, "160000 commit "); ok {
			repo.Submodules = append(repo.Submodules, Submodule{path, id})
		}
	}
	return repo, nil
}

// clone clones the repository at url into dir. Once it is there, find says
// which commits of it and of its submodules are wanted.
func clone(ctx context.Context, url, dir string, log io.Writer, find func(tree string) (Repository, error)) error {
	if _, err := exec.LookPath("git"); err != nil {
		return errors.New("git is needed, and cannot be found")
	}
	return fill(dir, func(tree string) error { return cloneInto(ctx, url, tree, log, find) })
}

// cloneInto clones the repository at url into tree, which is an empty directory.
func cloneInto(ctx context.Context, url, tree string, log io.Writer, find func(tree string) (Repository, error)) error {
	fmt.Fprintf(log, "cloning %s\n", url)
	if _, err := git(ctx, tree, "clone", "--quiet", "--no-checkout", "--", url, "."); err != nil {
		return err
	}
	repo, err := find(tree)
	if err != nil {
		return err
	}
	if _, err := git(ctx, tree, "checkout", "--quiet", "--detach", repo.Commit); err != nil {
		return err
	}
	if err := checkCommit(ctx, tree, url, repo.Commit); err != nil {
		return err
	}
	for _, sub := range repo.Submodules {
		fmt.Fprintf(log, "cloning submodule %s\n", sub.Path)
		if _, err := git(ctx, tree, "submodule", "--quiet", "update", "--init", "--", sub.Path); err != nil {
			return err
		}
		if err := checkCommit(ctx, filepath.Join(tree, sub.Path), sub.Path, sub.Commit); err != nil {
			return err
		}
	}
	return nil
}

// checkCommit reports an error if what is checked out in dir is not commit.
// name is what to call it.
func checkCommit(ctx context.Context, dir, name, commit string) error {
	head, err := git(ctx, dir, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if head != commit {
		return fmt.Errorf("%s is at commit %s, expected %s", name, head, commit)
	}
	return nil
}

// git runs git in dir and returns what it prints, without the line end.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.autocrlf=false", "-c", "advice.detachedHead=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), ofOtherRepository), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %s", strings.Join(args, " "), complaint(stderr.String(), err))
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

// ofOtherRepository reports whether an environment variable would have git
// work on another repository than that of its directory; a hook has such.
func ofOtherRepository(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}, name)
}

// complaint returns what git says is wrong: the line with the first error, for
// those after it follow from it.
func complaint(messages string, err error) string {
	last := err.Error()
	for line := range strings.Lines(messages) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "error: ") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}
