package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"stage0/bootstrap"
	"stage0/internal/bump"
	"stage0/internal/report"
)

const againstHelp = `With --against OLD, an older tree, that one is replayed first, with the same
engines. The report then says which artefacts are not the same, and which files
of the tree are the first causes: the changed files from which an artefact is
reached along what is not the same. OLD's own verdict changes nothing, but its
ladders must run to their end.`

// checkAgainst reports why a tree cannot be compared with an older one.
func (c *climb) checkAgainst(trees []string) error {
	switch {
	case len(trees) == 0:
		return errors.New("--against needs TREE: the sample has no older one")
	case c.seeing() < 0:
		return fmt.Errorf("--against needs an engine that sees each step: %s or %s", bootstrap.EngineGo, bootstrap.EngineEmu)
	}
	return nil
}

// seeing returns the index of the first engine that sees each step, or -1.
func (c *climb) seeing() int {
	return slices.IndexFunc(c.engines, func(engine string) bool { return engine != bootstrap.EngineHost })
}

// replayOld replays the ladders of an older tree. One that does not run to its end
// is an error.
func replayOld(ctx context.Context, name string, architectures []string, climb *climb, w io.Writer) (*report.Against, error) {
	runs, err := verify(ctx, []string{name}, architectures, climb, w)
	if errors.Is(err, fs.ErrNotExist) && slices.Contains(bootstrap.Releases(), name) {
		err = fmt.Errorf("%w; stage0 fetch --rev %s gets that release", err, name)
	}
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		for _, l := range run.Ledgers {
			failure := l.Failure()
			switch {
			case l.Err != nil:
				err = l.Err
			case failure >= 0:
				s := l.Steps[failure]
				err = fmt.Errorf("%v: %s", s.At, s.Reason)
			case len(l.Artefacts) == 0:
				err = errors.New("nothing was made")
			}
			if err != nil {
				return nil, fmt.Errorf("%s: the ladder of %s, by engine %s, is nothing to compare with: %w", name, l.Arch.Name, run.Engine, err)
			}
		}
	}
	return &report.Against{Name: name, Runs: runs}, nil
}

// compare compares what runs made with what the older tree's made.
func (c *climb) compare(old *report.Against, runs []*bootstrap.Run) {
	i := c.seeing()
	old.Bump = bump.Compare(old.Runs[i], runs[i])
}
