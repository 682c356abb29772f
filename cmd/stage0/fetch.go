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
		Short: "Clone the release of stage0-posix with its submodules",
		Long: `Clones stage0-posix ` + bootstrap.Latest + ` and its submodules with git into DIR, which is
stage0-posix if not named, and must be empty or not be there. The id of each
commit is checked against those that are part of this program.

Not cloned are the copies of M2libc that some submodules have as submodules of
their own: no ladder reads them.

--rev names another revision: a tag, a branch or the id of a commit. Of a release
that this program knows (` + knownReleases() + `),
the commits are checked, too. Of any other revision the ids are those that it
names itself for its submodules, and nothing says that it is what it should be.

Exit status: 0 for success, 1 if something could not be cloned, and then DIR is
as it was, 2 for wrong usage.`,
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
				return failure{err, 1}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: stage0-posix %s, with %d submodules\n", dir, name, len(repo.Submodules))
			return nil
		},
	}
	cmd.Flags().StringVar(&revision, "rev", "", "fetch this `revision` instead of the release")
	return cmd
}

// knownReleases names the releases that this program knows.
func knownReleases() string {
	names := bootstrap.Releases()
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "Release_")
	}
	return strings.Join(names, ", ")
}
