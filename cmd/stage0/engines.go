package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/clean"
)

// engineHelp is what verify says of them.
const engineHelp = `Engines are the ways in which a ladder is climbed:
  go    with the programs in this one that are written in Go
  emu   with the seeds' own bytes, and those of what they build, executed by an
        emulator of their processors: it needs TREE, and minutes
  host  with the same bytes, executed by this machine, with your rights, in a
        temporary directory: Linux, with these processors or with qemu-user
With several, each one's artefacts are compared with the first one's, too.

What a step did under emu is kept in a cache, and not done again where the
program, its arguments and all files that it looked at are the same. The report
says how many steps came from there. Whoever can write to the cache can make
them up: where the run is to be evidence, use --no-cache.`

// An engine is a row of the table of engines.
type engine struct {
	name string
	run  func(context.Context, *bootstrap.Tree, []arch.Arch, bootstrap.Reference, bootstrap.Options) *bootstrap.Run
	long bool // it needs seeds, and minutes
}

var engines = []engine{
	{bootstrap.EngineGo, func(ctx context.Context, tree *bootstrap.Tree, ladders []arch.Arch, ref bootstrap.Reference, _ bootstrap.Options) *bootstrap.Run {
		return bootstrap.Replay(ctx, tree, ladders, ref)
	}, false},
	{bootstrap.EngineEmu, bootstrap.Emulate, true},
	{bootstrap.EngineHost, bootstrap.OnHost, true},
}

// engineNames returns the names of the engines, separated by sep.
func engineNames(sep string) string {
	var names []string
	for _, e := range engines {
		names = append(names, e.name)
	}
	return strings.Join(names, sep)
}

// A climb is how ladders are to be climbed.
type climb struct {
	engines []string
	cache   string
	noCache bool
	timeout time.Duration
}

func (c *climb) addFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&c.engines, "engine", []string{bootstrap.EngineGo}, "the engines, separated by commas: "+engineNames(", "))
	flags.StringVar(&c.cache, "cache", "", "the directory where the engine emu keeps what steps did (default stage0 in the user's cache directory)")
	flags.BoolVar(&c.noCache, "no-cache", false, "neither use nor keep what steps did")
	flags.DurationVar(&c.timeout, "timeout", 0, "end the run after so long, say 90m")
}

// run climbs ladders with each engine. What goes wrong but changes nothing is
// told on w, as is the progress.
func (c *climb) run(ctx context.Context, tree *bootstrap.Tree, ladders []arch.Arch, ref bootstrap.Reference, w io.Writer) ([]*bootstrap.Run, error) {
	if c.timeout < 0 {
		return nil, fmt.Errorf("the timeout is %v, want one that is not negative", c.timeout)
	}
	var chosen []engine
	for _, name := range c.engines {
		i := slices.IndexFunc(engines, func(e engine) bool { return e.name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("there is no engine %q; there are %s", name, engineNames(", "))
		case engines[i].long && ref.StandAlone:
			return nil, fmt.Errorf("the sample has no seeds for the engine %s to execute", name)
		}
		chosen = append(chosen, engines[i])
	}
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("not done after %v", c.timeout))
		defer cancel()
	}
	var opt bootstrap.Options
	if slices.Contains(c.engines, bootstrap.EngineEmu) && !c.noCache {
		cache, err := c.openCache()
		if err != nil && c.cache != "" {
			return nil, err
		}
		if err != nil {
			fmt.Fprintf(clean.Writer{W: w}, "stage0 verify: warning: nothing is kept: %v\n", err)
		} else {
			defer func() {
				if err := cache.Close(); err != nil {
					fmt.Fprintf(clean.Writer{W: w}, "stage0 verify: warning: not everything is kept: %v\n", err)
				}
			}()
			opt.Cache = cache
		}
	}
	if p := newProgress(w); p != nil {
		opt.Progress = p.tell
		defer p.erase()
	}
	var runs []*bootstrap.Run
	for _, e := range chosen {
		runs = append(runs, e.run(ctx, tree, ladders, ref, opt))
		ref.Before = runs[0]
	}
	return runs, nil
}

// openCache opens the cache, for this very program.
func (c *climb) openCache() (*bootstrap.Cache, error) {
	dir := c.cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(user, "stage0")
	}
	program, err := thisProgram()
	if err != nil {
		return nil, err
	}
	return bootstrap.OpenCache(dir, program.Digest.String())
}
