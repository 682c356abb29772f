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

// engineHelp is the part of verify's help about engines.
const engineHelp = `An engine is a way to run the programs of a ladder:
  go    replaces each program whose bytes are known from a release with the same
        program written in Go, which is part of stage0; an emulator of the
        processor executes all others
  emu   executes every program in the emulator, from the bytes of the seeds on;
        it needs TREE, and a minute or more for each ladder
  host  executes the same bytes on this machine's processor, with your rights, in
        a temporary directory; it needs Linux, and these processors or qemu-user
With several engines, the files that they make are compared with each other.

The emulator translates programs to WebAssembly, which wazero, a third-party
package, compiles and runs. With --single-steps, it translates nothing: stage0's
own code executes one instruction after the other, which is much slower.

The effects of executed steps are kept in a cache. A step is not executed again if
its program, its arguments and all files that it looks at are the same; the report
says how many steps came from the cache. Whoever can write to the cache can forge
them: if the run is to be evidence, use --no-cache.`

// engineNames are the values of --engine.
var engineNames = []string{bootstrap.EngineGo, bootstrap.EngineEmu, bootstrap.EngineHost}

// A climb holds the flags that say how to run ladders.
type climb struct {
	engines []string
	cache   string
	noCache bool
	single  bool
	timeout time.Duration
	until   time.Time // the deadline; set by the first run
}

func (c *climb) addFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&c.engines, "engine", []string{bootstrap.EngineGo}, "the `engines` to use, separated by commas: "+strings.Join(engineNames, ", "))
	flags.StringVar(&c.cache, "cache", "", "keep the effects of executed steps in this `directory` (default stage0 in the user's cache directory)")
	flags.BoolVar(&c.noCache, "no-cache", false, "do not use a cache")
	flags.BoolVar(&c.single, "single-steps", false, "execute one instruction at a time in the emulator, without translation")
	flags.DurationVar(&c.timeout, "timeout", 0, "end the run after this time, for example 90m")
}

// A ladderTree is a tree, its ladders, and the references to compare with.
type ladderTree struct {
	*bootstrap.Tree
	name    string
	refs    []*bootstrap.Reference
	byPath  map[string]bootstrap.Program // see bootstrap.Options
	seeds   bool                         // the tree has seeds
	ladders []arch.Arch
	all     bool // ladders are all ladders of the tree
}

// run runs the ladders with each engine and compares what they made. It writes warnings
// and the progress to w.
func (c *climb) run(ctx context.Context, tree *ladderTree, w io.Writer) ([]*bootstrap.Run, error) {
	if c.timeout < 0 {
		return nil, fmt.Errorf("--timeout is %v, expected at least 0", c.timeout)
	}
	for i, name := range c.engines {
		switch {
		case !slices.Contains(engineNames, name):
			return nil, fmt.Errorf("there is no engine %q; there are %s", name, strings.Join(engineNames, ", "))
		case slices.Contains(c.engines[:i], name):
			return nil, fmt.Errorf("engine %s is named twice", name)
		case name != bootstrap.EngineGo && !tree.seeds:
			return nil, fmt.Errorf("engine %s needs TREE: the sample has no seeds", name)
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
				fmt.Fprintf(clean.Writer{W: w}, "stage0: warning: no cache is used: %v\n", err)
			}
			return cache
		})
		if c.cache != "" && opt.Cache() == nil { // the user asked for this one
			return nil, err
		}
		defer func() {
			if cache == nil {
				return
			}
			if err := cache.Close(); err != nil {
				fmt.Fprintf(clean.Writer{W: w}, "stage0: warning: the cache is incomplete: %v\n", err)
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

// openCache opens the cache for this build of the program. Single steps have entries of
// their own: the effects of translated programs are no evidence of what single steps do.
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
