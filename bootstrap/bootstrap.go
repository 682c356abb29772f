// Package bootstrap replays the ladders of a stage0-posix tree, of any
// revision: it runs the tree's own kaem scripts, from the seeds on.
//
// # Who does a step
//
// A ladder starts as upstream's README says to,
//
//	./bootstrap-seeds/POSIX/DIR/kaem-optional-seed kaem.ARCH
//
// in a file system that holds the tree and nothing else. The tree is only read;
// what the steps write is in memory. What an earlier run left in DIR/artifact
// and DIR/bin is not seen.
//
// Each command becomes a Step in the ladder's Ledger. Engine go takes the
// SHA-256 of the bytes that the command runs. If they are in the table of known
// programs (see Programs), the program of package tool that does the same as
// they do does the step. If not, the bytes are executed by package emu, within
// the same run: nothing is assumed from a file's name. So every revision can be
// replayed to its end. What is executed was built from the tree's sources by
// programs written in Go, and by what these built. That is diverse
// double-compiling (Wheeler): the tree's C is built by two lineages.
//
// Engine emu is the other lineage: it executes everything, beginning with the
// seeds. Engine host has this machine's processor do so.
//
// # What is compared
//
//   - The files of the tree that a ladder reads, with those of the releases
//     (see References). A ladder whose files are those of a release belongs
//     to it.
//   - Each file that the ladder made: with the release that it belongs to, with
//     the ARCH.answers that upstream publishes in the tree, with what other
//     engines made, and hex0 and kaem-0 with hex0-seed and kaem-optional-seed.
//
// Not compared are permissions, what programs print, and files of the tree that
// no ladder reads.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"stage0/arch"
	"stage0/internal/emu/translate"
	"stage0/tool"
)

// A Run is what came of replaying ladders with one engine.
type Run struct {
	Engine   string        `json:"engine"`
	Single   bool          `json:"-"` // Options.SingleSteps
	Revision Revision      `json:"-"` // filled in by Compare
	Ledgers  []*Ledger     `json:"ladders"`
	Missing  []arch.Arch   `json:"-"` // whose ladders the tree lacks; filled in by Compare
	Duration time.Duration `json:"-"` // of all ladders, which are replayed in parallel

	tree  *Tree
	files []*overlay // of each ladder
}

// Find returns the architectures of the ladders in a tree: those whose names
// are given, or all. Not finding one of those, or any, is an error.
func Find(tree *Tree, names []string) ([]arch.Arch, error) {
	var found []arch.Arch
	for _, a := range arch.Ladders() {
		if len(names) > 0 && !slices.Contains(names, a.Name) {
			continue
		}
		_, err := tree.read(script(a))
		switch {
		case err == nil:
			found = append(found, a)
		case len(names) > 0 || !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s: %w", script(a), tool.Cause(err))
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(arch.Ladders(), func(a arch.Arch) bool { return a.Name == name }) {
			return nil, fmt.Errorf("there is no ladder for %q; there are ladders for %s", name, ladderNames())
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("it has no kaem.ARCH, where ARCH is one of %s", ladderNames())
	}
	return found, nil
}

func ladderNames() string {
	var names []string
	for _, a := range arch.Ladders() {
		names = append(names, a.Name)
	}
	return strings.Join(names, ", ")
}

// Options say how ladders are replayed. The zero value is engine go, which knows
// no program and so executes all of them.
type Options struct {
	Engine string // EngineGo if empty

	// SingleSteps has the emulator execute one instruction at a time. Nothing is
	// translated, so nothing but this module's code and Go's has a part in it. A
	// Cache is then to be one of what single steps did.
	SingleSteps bool

	Programs Programs // that engine go knows

	// ByPath are programs that a tree does not have, by the path at which its
	// scripts run them. A path that ends in * is that of any file in a directory,
	// which is called as the program is. The sample has neither seeds nor what
	// they build.
	ByPath map[string]Program

	// Cache, if there is one, returns the cache of executed steps, or nil. It is
	// called for each of them, by several ladders at a time, and not before the
	// first.
	Cache func() *Cache

	// Progress, if there is one, is told now and then how far a ladder is,
	// also of several ladders at a time.
	Progress func(Progress)
}

// Progress says how far a ladder is.
type Progress struct {
	Arch         arch.Arch
	Steps        int    // that have begun; 0 if that is not known
	File         string // the program of the last one
	Instructions uint64 // that were executed
}

// Replay replays ladders of a tree, two for each processor side by side. One that
// goes wrong leaves the others alone. Nothing is compared yet: see Compare.
func Replay(ctx context.Context, tree *Tree, ladders []arch.Arch, opt Options) *Run {
	if opt.Engine == "" {
		opt.Engine = EngineGo
	}
	if opt.Cache == nil {
		opt.Cache = func() *Cache { return nil }
	}
	run := &Run{
		Engine:  opt.Engine,
		Single:  opt.SingleSteps,
		Ledgers: make([]*Ledger, len(ladders)),
		tree:    tree,
		files:   make([]*overlay, len(ladders)),
	}
	var translator *translate.Translator
	if !opt.SingleSteps {
		translator = translate.New(false)
	}
	start := time.Now()
	var wg sync.WaitGroup
	turn := make(chan bool, 2*runtime.GOMAXPROCS(0)) // more at a time would only take more memory
	for i, a := range ladders {
		r := newReplay(a, tree, opt)
		r.translator = translator
		wg.Go(func() {
			turn <- true
			defer func() { <-turn }()
			r.run(ctx)
			run.Ledgers[i], run.files[i] = r.ledger, r.files
		})
	}
	wg.Wait()
	run.Duration = time.Since(start)
	return run
}
