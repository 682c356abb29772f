package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/report"
)

func newVerify() *cobra.Command {
	var (
		names   []string
		output  string
		profile string
	)
	cmd := &cobra.Command{
		Use:   "verify [TREE]",
		Short: "Replay the ladders of a tree and compare all that they make",
		Long: `Replays the ladders of TREE, a directory with stage0-posix ` + bootstrap.Release + ` and its
submodules (see stage0 fetch), or those of the sample that is part of this
program. TREE is only read, and nothing in it is executed.

Exit status: 0 if everything was made and matched, 1 if something was not or
did not, 2 if the ladders could not be run. A step that is skipped is never a
match.`,
		Example: `  stage0 verify
  stage0 verify stage0-posix
  stage0 verify stage0-posix --arch x86,aarch64 --output made`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" {
				if err := bootstrap.CheckOutput(output); err != nil {
					return failure{err, 2}
				}
			}
			stop, err := startProfile(profile)
			if err != nil {
				return failure{err, 2}
			}
			run, err := verify(cmd.Context(), args, names)
			if e := stop(); err == nil {
				err = e
			}
			if err != nil {
				return failure{err, 2}
			}
			if err := report.Text(cmd.OutOrStdout(), run); err != nil {
				return failure{err, 2}
			}
			if output != "" {
				if err := run.WriteFiles(output); err != nil {
					return failure{err, 2}
				}
			}
			if s := verdict(run); s != 0 {
				return s
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&names, "arch", nil, "only the ladders of these architectures, separated by commas")
	cmd.Flags().StringVar(&output, "output", "", "write what was made to this directory, which must be empty or not be there")
	cmd.Flags().StringVar(&profile, "cpuprofile", "", "write where the replay's time goes to this file, for go tool pprof")
	return cmd
}

// startProfile begins a profile of the processor's time, if name is not empty.
func startProfile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot create: %w", name, cause(err))
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// verify replays the tree that is named, or the sample.
func verify(ctx context.Context, trees, architectures []string) (*bootstrap.Run, error) {
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
			return nil, fmt.Errorf("%s: %w", name, cause(err))
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
	return bootstrap.Replay(ctx, tree, ladders, ref), nil
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

// cause strips the operation and the path from an error of a file system.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
