package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"stage0/bootstrap/tapes"
	"stage0/internal/clean"
	"stage0/tool"
)

func newKnight() *cobra.Command {
	return &cobra.Command{
		Use:   "knight TREE",
		Short: "Replay the ladder of the original stage0, on an emulated Knight",
		Long: `Replays the ladder of stage0, the predecessor of stage0-posix: from a seed of 250
bytes to macro assemblers, Lisp, FORTH and compilers. It runs on an emulated Knight
without an operating system, where programs read one tape and write another.

TREE is a checkout of https://github.com/oriansj/stage0, with its submodule seed.
Every program that is built is compared with upstream's test/SHA256SUMS. Programs
that are not listed there, or only for an older source, are compared with what
upstream's virtual machine builds.

Exit status: 0 if all programs are the same, 1 if one differs, 2 if the ladder
could not be replayed.`,
		Example: `  git clone --recursive https://github.com/oriansj/stage0
  stage0 knight stage0`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			root, err := os.OpenRoot(args[0])
			if err != nil {
				return failure{fmt.Errorf("%s: %w", args[0], tool.Cause(err)), 2}
			}
			defer root.Close()
			w := clean.Writer{W: cmd.OutOrStdout()}
			count := map[tapes.Verdict]int{}
			var instructions uint64
			err = tapes.Replay(ctx, root.FS(), func(a tapes.Artefact) error {
				count[a.Verdict()]++
				instructions += a.Steps
				return printArtefact(w, a)
			})
			if missing := (*fs.PathError)(nil); errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%s: not found; expected a checkout of stage0 with its submodules", missing.Path)
			}
			if err != nil {
				return failure{fmt.Errorf("%s: %w", args[0], err), 2}
			}
			_, err = fmt.Fprintf(w, "%d %s, %d %s, %d %s, %d %s; %d million instructions\n",
				count[tapes.Published], tapes.Published, count[tapes.Known], tapes.Known,
				count[tapes.Unpublished], tapes.Unpublished, count[tapes.Different], tapes.Different, instructions/1e6)
			if err != nil {
				return failure{err, 2}
			}
			if count[tapes.Different] > 0 {
				return status(1)
			}
			return nil
		},
	}
}

// printArtefact prints a line for an artefact, and another for the published digest if
// that differs.
func printArtefact(w clean.Writer, a tapes.Artefact) error {
	how := ""
	if a.Typed {
		how = ", typed into " + a.Program
	}
	if _, err := fmt.Fprintf(w, "%s  %s: %s%s\n", a.Digest, a.Name, a.Verdict(), how); err != nil {
		return err
	}
	if a.Published == "" || a.Digest == a.Published {
		return nil
	}
	_, err := fmt.Fprintf(w, "%s  is published for %s\n", a.Published, a.Name)
	return err
}
