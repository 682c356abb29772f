// Package bootstrap replays the ladders of a stage0-posix tree: it runs the
// tree's own kaem scripts with the programs of package tool in the place of the
// seeds, and of whatever the scripts build and then run.
//
// # What is done
//
// A ladder starts as upstream's README says to,
//
//	./bootstrap-seeds/POSIX/DIR/kaem-optional-seed kaem.ARCH
//
// in a file system that holds the tree and nothing else. The tree is only read;
// what the steps write is in memory. Nothing of what the tree holds, and nothing
// of what is built, is executed: for the program at a path, one of package tool
// is run, as the table in programs.go says. Its file must be there all the same.
// What an earlier run left in DIR/artifact and DIR/bin is not seen.
//
// Each command becomes a Step in the ladder's Ledger. One for which there is no
// program, or that opens a file which a skipped step would have made, is
// skipped: never a success. What it would have made is taken to be those of its
// arguments that could name a file but do not.
//
// # What is compared
//
//   - Each file that the ladder made, with the digests of a run on a
//     processor, which are part of this package, and with the ARCH.answers that
//     upstream publishes in the tree; hex0 and kaem-0 with hex0-seed and
//     kaem-optional-seed, too.
//   - Each file of the tree that the ladder reads, with the release.
//
// Not compared are permissions, what programs print, and files of the tree that
// no ladder reads.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"stage0/arch"
	"stage0/tool"
)

// A Run is what came of replaying ladders.
type Run struct {
	Engine     string
	Reference  string      // name of what was compared with
	Repository *Repository // where that is to be had; nil if it is part of this program
	Ledgers    []*Ledger
	Duration   time.Duration // of the whole, in which the ladders were replayed side by side

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
		return nil, fmt.Errorf("there is no kaem.ARCH in it, for %s", ladderNames())
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

// Replay replays ladders of a tree with our programs, side by side, and
// compares them with ref. One that goes wrong leaves the others alone.
func Replay(ctx context.Context, tree *Tree, ladders []arch.Arch, ref Reference) *Run {
	return runLadders(ctx, EngineGo, tree, ladders, ref, Options{})
}

// Options are for engines that take long.
type Options struct {
	Cache *Cache // of Emulate; nil if there is none

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

// Emulate is Replay with the seeds' own bytes, and those of what is built:
// package emu executes them. It takes minutes, unless a cache has what came of
// the steps: those are told apart in the ledgers.
func Emulate(ctx context.Context, tree *Tree, ladders []arch.Arch, ref Reference, opt Options) *Run {
	return runLadders(ctx, EngineEmu, tree, ladders, ref, opt)
}

func runLadders(ctx context.Context, engine string, tree *Tree, ladders []arch.Arch, ref Reference, opt Options) *Run {
	run := &Run{
		Engine:     engine,
		Reference:  ref.Name,
		Repository: ref.Repository,
		Ledgers:    make([]*Ledger, len(ladders)),
		files:      make([]*overlay, len(ladders)),
	}
	start := time.Now()
	var wg sync.WaitGroup
	for i, a := range ladders {
		run.Ledgers[i] = &Ledger{Arch: a}
		run.files[i] = newOverlay(tree, a.Dir+"/artifact", a.Dir+"/bin")
		r := &replay{arch: a, standAlone: ref.StandAlone, engine: engine, ledger: run.Ledgers[i], files: run.files[i], Options: opt}
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					r.ledger.Err = fmt.Errorf("panic: %v", p)
				}
			}()
			r.run(ctx)
			r.compare(ref)
		})
	}
	wg.Wait()
	run.Duration = time.Since(start)
	return run
}
