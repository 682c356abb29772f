package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/internal/clean"
	"stage0/internal/report"
	"stage0/tool"
)

func newVerify() *cobra.Command {
	var (
		names   []string
		output  string
		digests string
		against string
		proving bool
		profile bytes.Buffer
		climb   climb
		reports = newReports(&profile)
	)
	cmd := &cobra.Command{
		Use:   "verify [TREE]",
		Short: "Replay the ladders of a tree and check every file that they make",
		Long: `Replays the ladders of TREE, a directory with stage0-posix and its submodules (see
stage0 fetch). Without TREE, it replays the sample ladders that are part of this
program. TREE can be at any revision: a known release, a mixture of several, or
a newer one. It is only read, and only the engine host executes anything in it
on this machine's processor.

Each file that a ladder makes gets a verdict:
  matches      the file is the same as in a reference for this revision: a
               release, the tree's own *.answers, or a seed
  agreed       there is no reference, but two engines made the same bytes
  unconfirmed  there is no reference, and only one engine made the file
  differs      the file differs from a reference or from another engine's
  missing      the ladder should have made the file, but did not

` + engineHelp + `

` + againstHelp + `

With --prove, the hex0-seeds of the ladders are proved, too (see stage0 prove), and
all reports have the result. A seed that is not proved counts as a file that differs.

Exit status: 0 if every file matches or is agreed; 1 if a file differs or is
missing, or a step failed; 2 if the ladders could not be run; 3 if a file is
unconfirmed. The last line of the output says the same in words.`,
		Example: `  stage0 verify
  stage0 verify stage0-posix
  stage0 verify stage0-posix --arch x86,aarch64 --output made
  stage0 verify stage0-posix --engine go,emu --arch riscv64
  stage0 verify bump --digests digests
  stage0 verify stage0-posix --against stage0-posix-before --html bump.html
  stage0 verify stage0-posix --prove --html report.html --json report.json --attest report.intoto`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			signalled, stop := untilSignal(cmd.Context())
			defer stop()
			bumped := cmd.Flags().Changed("against")
			if bumped {
				if err := climb.checkAgainst(args); err != nil {
					return failure{err, 2}
				}
			}
			if proving && len(args) == 0 {
				return failure{errors.New("--prove needs TREE: the sample has no seeds"), 2}
			}
			if err := reports.create(); err != nil {
				return failure{err, 2}
			}
			defer reports.discard()
			for _, dir := range []string{output, digests} {
				if dir == "" {
					continue
				}
				if err := bootstrap.CheckOutput(dir); err != nil { // after create: a report must not be in the directory
					return failure{err, 2}
				}
			}
			if cmd.Flags().Changed("cpuprofile") {
				if err := pprof.StartCPUProfile(&profile); err != nil {
					return failure{err, 2}
				}
			}
			all := &report.Report{Tree: strings.Join(args, "")}
			var tree *ladderTree
			var err error
			if bumped {
				all.Against, err = replayOld(signalled, against, names, &climb, cmd.ErrOrStderr())
			}
			if err == nil {
				tree, err = openLadders(args, names)
			}
			if err == nil {
				all.Runs, err = climb.run(signalled, tree, cmd.ErrOrStderr())
			}
			pprof.StopCPUProfile()
			if err != nil {
				return failure{err, 2}
			}
			if bumped {
				climb.compare(all.Against, all.Runs)
			}
			// Write the files first: standard output may be closed.
			if signalled.Err() != nil {
				err = fmt.Errorf("%w; no file is written", context.Cause(signalled))
			} else {
				if proving {
					all.Seeds = proveSeeds(tree)
				}
				last := all.Runs[len(all.Runs)-1]
				if output != "" {
					err = last.WriteFiles(output)
				}
				if digests != "" {
					err = errors.Join(err, last.WriteDigests(digests))
				}
				err = errors.Join(err, reports.writeFiles(all))
			}
			reports.discard()
			stop()
			if e := reports.print(cmd.OutOrStdout(), all); e != nil {
				return failure{e, 2}
			}
			if err != nil { // for example, not everything can be attested
				return failure{err, 2}
			}
			if s := all.Conclude().Status.Exit(); s != 0 {
				for _, tree := range args {
					for _, name := range emptySubmodules(tree) {
						fmt.Fprintf(clean.Writer{W: cmd.ErrOrStderr()}, "stage0 verify: %s/%s is empty; in %s, git submodule update --init gets its files\n", tree, name, tree)
					}
				}
				return status(s)
			}
			return nil
		},
	}
	addLadders(cmd.Flags(), &names)
	climb.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&output, "output", "", "write the files that the last engine made to this `directory`, which must be empty or not exist")
	cmd.Flags().StringVar(&digests, "digests", "", "write the digests of the files that the last engine made to this `directory`, in the formats of sha256sum, Nix and Guix")
	cmd.Flags().StringVar(&against, "against", "", "report what changed since this older `tree`, and why")
	cmd.Flags().BoolVar(&proving, "prove", false, "also prove that the hex0-seeds do what hex0 does, for every input (seconds)")
	reports.addFlags(cmd.Flags())
	return cmd
}

// verify runs the ladders of the tree in trees, or of the sample if that is empty.
func verify(ctx context.Context, trees, architectures []string, climb *climb, w io.Writer) ([]*bootstrap.Run, error) {
	tree, err := openLadders(trees, architectures)
	if err != nil {
		return nil, err
	}
	return climb.run(ctx, tree, w)
}

// openLadders opens the tree in trees, or the sample if that is empty, and finds its
// ladders.
func openLadders(trees, architectures []string) (*ladderTree, error) {
	var tree *ladderTree
	var err error
	if len(trees) == 0 {
		tree, err = openSample()
	} else {
		tree, err = openTree(trees[0])
	}
	if err != nil {
		return nil, err
	}
	if tree.ladders, err = bootstrap.Find(tree.Tree, architectures); err != nil {
		return nil, fmt.Errorf("%s: %w", tree.name, err)
	}
	tree.all = len(architectures) == 0
	return tree, nil
}

func openSample() (*ladderTree, error) {
	ref, err := bootstrap.LoadReference("the sample ladders", sample.Known(), ".")
	return &ladderTree{
		Tree:   bootstrap.NewTree(sample.Tree()),
		name:   "the sample",
		refs:   []*bootstrap.Reference{ref},
		byPath: sample.Programs(),
	}, err
}

func openTree(name string) (*ladderTree, error) {
	tree, err := bootstrap.OpenTree(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, tool.Cause(err))
	}
	refs, err := bootstrap.References()
	return &ladderTree{Tree: tree, name: name, refs: refs, seeds: true}, err
}

// replay is verify with the engine go, without progress and warnings.
func replay(ctx context.Context, trees, architectures []string) ([]*bootstrap.Run, error) {
	return verify(ctx, trees, architectures, &climb{engines: []string{bootstrap.EngineGo}}, io.Discard)
}

// emptySubmodules returns the submodules of a clone that git has not got the files of.
func emptySubmodules(tree string) []string {
	list, err := os.ReadFile(filepath.Join(tree, ".gitmodules"))
	if err != nil {
		return nil // no clone
	}
	var empty []string
	for line := range strings.Lines(string(list)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "path = ")
		if !ok || !filepath.IsLocal(name) {
			continue
		}
		if files, err := os.ReadDir(filepath.Join(tree, name)); err == nil && len(files) == 0 {
			empty = append(empty, name)
		}
	}
	return empty
}
