package prove

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"stage0/hex0"
)

// Mutants is what becomes of a seed if one of its bytes is changed to any other value.
type Mutants struct {
	Refuted   int        `json:"refuted"`   // changes that a proof refutes
	Rejected  int        `json:"rejected"`  // changes that make a file that package emu cannot load
	Undecided []Mutant   `json:"undecided"` // changes to a program with too many states, or that changes its code
	Free      []FreeByte `json:"free"`      // bytes that can be changed without effect, in order
}

// A Mutant is a seed with one byte changed.
type Mutant struct {
	Offset int  `json:"offset"`
	Value  byte `json:"value"`
}

// A FreeByte is a byte with other values for which the proof holds.
type FreeByte struct {
	Offset int    `json:"offset"`
	Values []byte `json:"values"` // sorted
}

// mostMutantStates is how many states a mutant may have; a seed has fewer than 1,000.
const mostMutantStates = 1_500

// Mutate changes each byte of a seed to each other value, and proves each of these
// programs, or refutes it. The seed must be proved.
func Mutate(ctx context.Context, seed []byte) (*Mutants, error) {
	original, err := newOriginal(seed)
	if err != nil {
		return nil, err
	}
	defer original.close()
	rows := make([]Mutants, len(seed)) // by offset
	offsets := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for at := range offsets {
				rows[at] = original.mutateByte(ctx, at)
			}
		})
	}
	for at := range seed {
		offsets <- at
	}
	close(offsets)
	workers.Wait()
	all := &Mutants{Undecided: []Mutant{}, Free: []FreeByte{}}
	for _, r := range rows {
		all.Refuted += r.Refuted
		all.Rejected += r.Rejected
		all.Undecided = append(all.Undecided, r.Undecided...)
		all.Free = append(all.Free, r.Free...)
	}
	return all, ctx.Err()
}

// An original is a proved seed.
type original struct {
	*exploration
	file   []byte
	sample []byte // a text to try mutants with
}

// newOriginal proves a seed. Its owner must close it.
func newOriginal(seed []byte) (*original, error) {
	e, err := newExploration(seed, mostStates)
	if err != nil {
		return nil, err
	}
	if err := e.proveVariant(); err != nil {
		e.close()
		return nil, err
	}
	e.rewind()
	return &original{e, seed, sample(e.text)}, nil
}

// mutateByte changes the byte at an offset to each other value.
func (o *original) mutateByte(ctx context.Context, at int) (r Mutants) {
	mutant := slices.Clone(o.file)
	var free []byte
	for v := range 256 {
		if byte(v) == o.file[at] || ctx.Err() != nil {
			continue
		}
		mutant[at] = byte(v)
		e, err := newExploration(mutant, mostMutantStates)
		if err != nil {
			r.Rejected++
			continue
		}
		e.text = o.text
		switch o.try(e) {
		case proved:
			free = append(free, byte(v))
		case refuted:
			r.Refuted++
		case undecided:
			r.Undecided = append(r.Undecided, Mutant{at, byte(v)})
		}
		e.close()
	}
	if free != nil {
		r.Free = []FreeByte{{at, free}}
	}
	return r
}

// A verdict is what becomes of a proof.
type verdict int

const (
	proved verdict = iota
	refuted
	undecided
)

// try proves that a mutant does the same as the seed, or refutes it.
func (o *original) try(mutant *exploration) verdict {
	switch {
	case o.same(mutant.machine):
		return proved
	case !mutant.assembles(o.sample):
		return refuted
	}
	switch mutant.prove() {
	case nil:
		return proved
	case errDifference:
		return refuted
	}
	return undecided
}

// same reports whether a program is loaded as the seed is, but for bytes that the seed
// neither executes nor loads. Then it does the same.
func (o *original) same(m *machine) bool {
	if m.Arch != o.Arch || m.stack != o.stack || m.image != o.image || !bytes.Equal(m.start, o.start) ||
		!slices.Equal(m.Memory.Perms(), o.Memory.Perms()) {
		return false
	}
	for i := range m.memory {
		if m.memory[i] != o.memory[i] && o.uses(i) {
			return false
		}
	}
	return true
}

// sample returns a random text of one byte of each class. Most mutants that are not
// hex0 already break the contract for it, which is faster to find than by exploring.
func sample(text hex0.Options) []byte {
	const size = 8_000 // more than twice the words on the stack
	letters := classes(text)
	random := rand.New(rand.NewPCG(1, 2))
	sample := make([]byte, size)
	for i := range sample {
		sample[i] = letters[random.IntN(len(letters))]
	}
	return sample
}
