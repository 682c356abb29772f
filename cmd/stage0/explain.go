package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"stage0/internal/report"
)

func newExplain() *cobra.Command {
	var (
		tree  string
		names []string
	)
	cmd := &cobra.Command{
		Use:   "explain PATH",
		Short: "Show where a file of a ladder comes from",
		Long: `Replays the ladders that make or read a file, and shows where the file comes from:
the steps that lead from the seeds to it, each with its position in a script, its
command line, and the files that it reads and writes; the files of the tree among
these; and the files that depend on it. PATH is relative to the tree, as in the
output of verify, and can also be a source file of the tree. Only the first 16
digits of digests are shown; verify --json writes whole digests.

Exit status: 0 for success, 1 if no ladder makes or reads PATH, 2 if the ladders
could not be run.`,
		Example: `  stage0 explain x86/out/hello-hex0
  stage0 explain AMD64/bin/M2-Planet --tree stage0-posix
  stage0 explain M2-Planet/cc_core.c --tree stage0-posix --arch riscv64`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := path.Clean(args[0])
			var trees []string
			if tree != "" {
				trees = []string{tree}
			}
			runs, err := replay(cmd.Context(), trees, names)
			if err != nil {
				return failure{err, 2}
			}
			found := false
			for _, l := range runs[0].Ledgers {
				if !report.Has(l, name) {
					continue
				}
				if found {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				found = true
				if err := report.Explain(cmd.OutOrStdout(), l, name); err != nil {
					return failure{err, 2}
				}
			}
			if !found {
				return failure{unknown(args[0], report.Near(runs[0], strings.TrimPrefix(name, "/"))), 1}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&tree, "tree", "", "the stage0-posix `tree` (default: the sample that is part of this program)")
	addLadders(cmd.Flags(), &names)
	return cmd
}

// unknown returns the error for a path that no ladder makes or reads.
func unknown(name string, near []string) error {
	if len(near) == 0 {
		return fmt.Errorf("no ladder makes or reads %s", name)
	}
	return fmt.Errorf("no ladder makes or reads %s; did you mean %s?", name, strings.Join(near, ", "))
}
