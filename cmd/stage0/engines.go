package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/clean"
)

// engineHelp is what verify says of them.
const engineHelp = `Engines are the ways in which a ladder is climbed:
  go    programs whose bytes are those of a known release are replaced by the
        ones in this program, which are written in Go; all others are executed
        by an emulator of their processor
  emu   the emulator executes everything, from the seeds' own bytes on: it
        needs TREE, and a minute or more for each ladder
  host  this machine executes the same bytes, with your rights, in a temporary
        directory: Linux, with these processors or with qemu-user
With several, what each one makes is compared with what the others make.

The emulator translates programs to WebAssembly, which wazero, a package that is
not of this project, compiles and runs. With --single-steps nothing is translated:
this program's own code executes one instruction after the other, which takes
much longer.

What an executed step did is kept in a cache, and not done again where the
program, its arguments and all files that it looked at are the same. The report
says how many steps came from there. Whoever can write to the cache can make
them up: where the run is to be evidence, use --no-cache.`

// engineNames are the names of the engines.
var engineNames = []string{bootstrap.EngineGo, bootstrap.EngineEmu, bootstrap.EngineHost}

// A climb is how ladders are to be climbed.
type climb struct {
	engines []string
	cache   string
	noCache bool
	single  bool
	timeout time.Duration
	until   time.Time // when it is over; set by the first run
}

func (c *climb) addFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&c.engines, "engine", []string{bootstrap.EngineGo}, "the engines, separated by commas: "+strings.Join(engineNames, ", "))
	flags.StringVar(&c.cache, "cache", "", "the directory where what executed steps did is kept (default stage0 in the user's cache directory)")
	flags.BoolVar(&c.noCache, "no-cache", false, "neither use nor keep what steps did")
	flags.BoolVar(&c.single, "single-steps", false, "have the emulator execute one instruction at a time, and translate nothing")
	flags.DurationVar(&c.timeout, "timeout", 0, "end the run after so long, say 90m")
}

// A ladderTree is a tree with what its ladders are replayed and compared with.
type ladderTree struct {
	*bootstrap.Tree
	name    string
	refs    []*bootstrap.Reference
	byPath  map[string]bootstrap.Program // see bootstrap.Options
	seeds   bool                         // it has some
	ladders []arch.Arch
	all     bool // ladders are all that there should be
}

// run climbs ladders with each engine and compares what they made. What goes
// wrong but changes nothing is told on w, as is the progress.
func (c *climb) run(ctx context.Context, tree *ladderTree, w io.Writer) ([]*bootstrap.Run, error) {
	if c.timeout < 0 {
		return nil, fmt.Errorf("the timeout is %v, want one that is not negative", c.timeout)
	}
	for i, name := range c.engines {
		switch {
		case !slices.Contains(engineNames, name):
			return nil, fmt.Errorf("there is no engine %q; there are %s", name, strings.Join(engineNames, ", "))
		case slices.Contains(c.engines[:i], name):
			return nil, fmt.Errorf("engine %s is named twice", name)
		case name != bootstrap.EngineGo && !tree.seeds:
			return nil, fmt.Errorf("the sample has no seeds for the engine %s to execute", name)
		}
	}
	if c.timeout > 0 {
		var cancel context.CancelFunc
		if c.until.IsZero() {
			c.until = time.Now().Add(c.timeout)
		}
		ctx, cancel = context.WithDeadlineCause(ctx, c.until, fmt.Errorf("not done after %v", c.timeout))
		defer cancel()
	}
	programs, err := bootstrap.LoadPrograms()
	if err != nil {
		return nil, err
	}
	opt := bootstrap.Options{Programs: programs, ByPath: tree.byPath, SingleSteps: c.single}
	if !c.noCache {
		var cache *bootstrap.Cache
		opt.Cache = sync.OnceValue(func() *bootstrap.Cache {
			cache, err = c.openCache()
			if err != nil && c.cache == "" {
				fmt.Fprintf(clean.Writer{W: w}, "stage0: warning: nothing is kept: %v\n", err)
			}
			return cache
		})
		if c.cache != "" && opt.Cache() == nil { // it was asked for
			return nil, err
		}
		defer func() {
			if cache == nil {
				return
			}
			if err := cache.Close(); err != nil {
				fmt.Fprintf(clean.Writer{W: w}, "stage0: warning: not everything is kept: %v\n", err)
			}
		}()
	}
	if p := newProgress(w); p != nil {
		opt.Progress = p.tell
		defer p.erase()
	}
	var runs []*bootstrap.Run
	for _, opt.Engine = range c.engines {
		runs = append(runs, bootstrap.Replay(ctx, tree.Tree, tree.ladders, opt))
	}
	bootstrap.Compare(runs, tree.refs, tree.all)
	return runs, nil
}

// openCache opens the cache, for this very program, and for single steps if those
// are asked for: what translated programs did is no evidence of what single steps
// do.
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
	emulator := program.Digest.String()
	if c.single {
		emulator += " in single steps"
	}
	return bootstrap.OpenCache(dir, emulator)
}
