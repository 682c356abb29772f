package bootstrap

import (
	"maps"
	"slices"

	"stage0/source"
)

// Source returns a file of the tree that was replayed, if the tree has it.
func (run *Run) Source(path string) (f File, ok bool) {
	v, err := run.tree.read(path)
	if err != nil {
		return f, false
	}
	return fileOf(path, v), true
}

// Opened returns the paths of the tree's files that a ladder opened, in order.
func (run *Run) Opened(l *Ledger) []string {
	return slices.Sorted(maps.Keys(run.compared(l).files.read))
}

// Made returns the content of a file that a ladder made, as the ladder left it.
func (run *Run) Made(l *Ledger, path string) (data []byte, ok bool) {
	v := run.compared(l).files.made[path]
	if v == nil || v.step < 0 {
		return nil, false
	}
	return v.data, true
}

// Locate returns where the byte at offset of a file that a ladder made comes
// from, as Divergence.Sources does.
func (run *Run) Locate(l *Ledger, path string, offset int64) []source.Position {
	return run.compared(l).locate(path, offset)
}

// compared returns one of the run's ladders with its files.
func (run *Run) compared(l *Ledger) *compared {
	return &compared{run.Engine, l, run.files[slices.Index(run.Ledgers, l)]}
}
