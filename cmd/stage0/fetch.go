package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

func newFetch() *cobra.Command {
	var revision string
	cmd := &cobra.Command{
		Use:   "fetch [DIR]",
		Short: "Clone a release of stage0-posix with its submodules",
		Long: `Clones stage0-posix ` + bootstrap.Latest + ` and its submodules with git into DIR, by default
stage0-posix. DIR must be empty or not exist. The id of each commit must be the
one that is recorded in this program.

Some submodules have copies of M2libc as submodules of their own. These are not
cloned: no ladder reads them.

--rev selects another revision: a tag, a branch or the id of a commit. For known
releases (` + knownReleases() + `),
the ids of the commits are checked, too. Any other revision is cloned with the
commits of submodules that it names itself, and nothing is checked.

Exit status: 0 for success, 1 if something could not be cloned (DIR is then
unchanged), 2 for wrong usage.`,
		Example: `  stage0 fetch
  stage0 fetch --rev Release_1.9.0 stage0-posix-1.9.0
  stage0 fetch --rev master bump`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "stage0-posix"
			if len(args) > 0 {
				dir = args[0]
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			name := revision
			if name == "" {
				name = bootstrap.Latest
			}
			repo, ok := bootstrap.ReleaseRepository(name)
			var err error
			if ok {
				err = bootstrap.Fetch(ctx, repo, dir, clean.Writer{W: cmd.ErrOrStderr()})
			} else {
				repo, err = bootstrap.FetchRevision(ctx, bootstrap.Upstream, revision, dir, clean.Writer{W: cmd.ErrOrStderr()})
				name = revision + " (commit " + repo.Commit + ")"
			}
			if err != nil {
				return failure{offline(err), 1}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: stage0-posix %s, with %d submodules\n", dir, name, len(repo.Submodules))
			return nil
		},
	}
	cmd.Flags().StringVar(&revision, "rev", "", "fetch this `revision` instead of the release")
	return cmd
}

// offline adds a hint to the error of git that there is no network.
func offline(err error) error {
	for _, message := range []string{"Could not resolve host", "Failed to connect", "Network is unreachable", "timed out"} {
		if strings.Contains(err.Error(), message) {
			return fmt.Errorf("%w\nWithout a network, git takes copies of the repositories in DIR after\n  git config --global url.DIR/.insteadOf https://github.com/oriansj/", err)
		}
	}
	return err
}

// knownReleases lists the versions of the known releases.
func knownReleases() string {
	names := bootstrap.Releases()
	for i := range names {
		names[i] = bootstrap.Version(names[i])
	}
	return strings.Join(names, ", ")
}
