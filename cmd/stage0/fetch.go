package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
)

func newFetch() *cobra.Command {
	return &cobra.Command{
		Use:   "fetch [DIR]",
		Short: "Clone the release of stage0-posix with its submodules",
		Long: `Clones stage0-posix ` + bootstrap.Release + ` and its submodules with git into DIR, which is
stage0-posix if not named, and must be empty or not be there. The id of each
commit is checked against those that are part of this program.

Not cloned are the copies of M2libc that some submodules have as submodules of
their own: no ladder reads them.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "stage0-posix"
			if len(args) > 0 {
				dir = args[0]
			}
			repo := bootstrap.ReleaseRepository()
			if err := bootstrap.Fetch(cmd.Context(), repo, dir, cmd.ErrOrStderr()); err != nil {
				return failure{err, 1}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: stage0-posix %s, with %d submodules\n", dir, bootstrap.Release, len(repo.Submodules))
			return nil
		},
	}
}
