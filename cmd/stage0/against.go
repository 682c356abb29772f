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

const againstHelp = `With --against OLD, the ladders of OLD, an older tree, are replayed first, with the
same engines. The report then lists the artefacts that changed, and the first
causes of each change: the changed files of the tree that lead to the artefact
through changed files only. The verdicts on OLD do not count, but its ladders
must run to their end.`

// checkAgainst reports why a tree cannot be compared with an older one.
func (c *climb) checkAgainst(trees []string) error {
	switch {
	case len(trees) == 0:
		return errors.New("--against needs TREE: the sample has no older version")
	case c.observing() < 0:
		return fmt.Errorf("--against needs an engine that observes each step: %s or %s", bootstrap.EngineGo, bootstrap.EngineEmu)
	}
	return nil
}

// observing returns the index of the first engine that observes each step, or -1.
func (c *climb) observing() int {
	return slices.IndexFunc(c.engines, func(engine string) bool { return engine != bootstrap.EngineHost })
}

// replayOld replays the ladders of an older tree. It is an error if one does not run to
// its end.
func replayOld(ctx context.Context, name string, architectures []string, climb *climb, w io.Writer) (*report.Against, error) {
	runs, err := verify(ctx, []string{name}, architectures, climb, w)
	release := "Release_" + bootstrap.Version(name)
	if errors.Is(err, fs.ErrNotExist) && slices.Contains(bootstrap.Releases(), release) {
		err = fmt.Errorf("%w; --against needs a directory; to clone the release into it: stage0 fetch --rev %s %s", err, release, name)
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
				return nil, fmt.Errorf("%s: the ladder of %s, by engine %s, cannot be compared with: %w", name, l.Arch.Name, run.Engine, err)
			}
		}
	}
	return &report.Against{Name: name, Runs: runs}, nil
}

// compare finds what changed between the older tree's runs and runs.
func (c *climb) compare(old *report.Against, runs []*bootstrap.Run) {
	i := c.observing()
	old.Bump = bump.Compare(old.Runs[i], runs[i])
}
