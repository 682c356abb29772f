package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/pprof"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/tool"
)

func newVerify() *cobra.Command {
	var (
		names   []string
		output  string
		digests string
		profile bytes.Buffer
		climb   climb
		reports = newReports(&profile)
	)
	cmd := &cobra.Command{
		Use:   "verify [TREE]",
		Short: "Replay the ladders of a tree and compare all that they make",
		Long: `Replays the ladders of TREE, a directory with stage0-posix ` + bootstrap.Release + ` and its
submodules (see stage0 fetch), or those of the sample that is part of this
program. TREE is only read, and nothing in it is executed by this machine, but
by the engine host.

` + engineHelp + `

Exit status: 0 if everything was made and matched, 1 if something was not or
did not, 2 if the ladders could not be run. A step that is skipped is never a
match.`,
		Example: `  stage0 verify
  stage0 verify stage0-posix
  stage0 verify stage0-posix --arch x86,aarch64 --output made
  stage0 verify stage0-posix --engine go,emu --arch riscv64
  stage0 verify bump --digests digests
  stage0 verify stage0-posix --html report.html --json report.json --attest report.intoto`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			signalled, stop := untilSignal(cmd.Context())
			defer stop()
			if err := reports.create(); err != nil {
				return failure{err, 2}
			}
			defer reports.discard()
			for _, dir := range []string{output, digests} {
				if dir == "" {
					continue
				}
				if err := bootstrap.CheckOutput(dir); err != nil { // a report is not to be in there
					return failure{err, 2}
				}
			}
			if cmd.Flags().Changed("cpuprofile") {
				if err := pprof.StartCPUProfile(&profile); err != nil {
					return failure{err, 2}
				}
			}
			runs, err := verify(signalled, args, names, &climb, cmd.ErrOrStderr())
			pprof.StopCPUProfile()
			if err != nil {
				return failure{err, 2}
			}
			// Files come first: nobody may be there to read what is printed.
			if signalled.Err() != nil {
				err = fmt.Errorf("%w; no file is written", context.Cause(signalled))
			} else if output != "" {
				err = runs[len(runs)-1].WriteFiles(output)
			}
			if err == nil && digests != "" {
				err = runs[len(runs)-1].WriteDigests(digests)
			}
			if err == nil {
				err = reports.writeFiles(runs)
			}
			reports.discard()
			stop()
			if e := reports.print(cmd.OutOrStdout(), runs); e != nil {
				return failure{e, 2}
			}
			if err != nil { // not everything can be attested, say
				return failure{err, 2}
			}
			worst := status(0)
			for _, run := range runs {
				worst = max(worst, verdict(run))
			}
			if worst != 0 {
				return worst
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&names, "arch", nil, "only the ladders of these architectures, separated by commas")
	climb.addFlags(cmd.Flags())
	cmd.Flags().StringVar(&output, "output", "", "write what was made, by the last engine, to this directory, which must be empty or not be there")
	cmd.Flags().StringVar(&digests, "digests", "", "write the digests of what was made, by the last engine, to this directory, as sha256sum, Nix and Guix have them")
	reports.addFlags(cmd.Flags())
	return cmd
}

// verify climbs the ladders of the tree that is named, or of the sample.
func verify(ctx context.Context, trees, architectures []string, climb *climb, w io.Writer) ([]*bootstrap.Run, error) {
	var (
		tree = bootstrap.NewTree(sample.Tree())
		name = "the sample"
		ref  bootstrap.Reference
		err  error
	)
	if len(trees) == 0 {
		ref, err = bootstrap.LoadReference("the sample ladders", sample.Known())
		ref.StandAlone = true
	} else {
		name = trees[0]
		if tree, err = bootstrap.OpenTree(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, tool.Cause(err))
		}
		ref, err = bootstrap.LoadRelease()
	}
	if err != nil {
		return nil, err
	}
	ladders, err := bootstrap.Find(tree, architectures)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return climb.run(ctx, tree, ladders, ref, w)
}

// replay replays them with the engine go, which has nothing to tell on the way.
func replay(ctx context.Context, trees, architectures []string) ([]*bootstrap.Run, error) {
	return verify(ctx, trees, architectures, &climb{engines: []string{bootstrap.EngineGo}}, io.Discard)
}

func verdict(run *bootstrap.Run) status {
	s := status(0)
	for _, l := range run.Ledgers {
		switch {
		case l.Err != nil:
			return 2
		case !l.Good():
			s = 1
		}
	}
	return s
}
