package prove

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"stage0/hex0"
	"stage0/internal/disasm"
	"stage0/internal/elffile"
	"stage0/internal/emu/cpu"
)

// Mutants is what becomes of a seed if one of its bytes is changed to any other value.
type Mutants struct {
	Programs  int        `json:"programs"`  // 255 for each byte
	Rejected  int        `json:"rejected"`  // that package emu cannot load
	Refuted   Refuted    `json:"refuted"`   // that are not hex0
	Free      []FreeByte `json:"free"`      // bytes that can be changed without effect, in order
	Named     []Mutant   `json:"named"`     // that are proved for files with the names in and out, and load these names
	Undecided []Mutant   `json:"undecided"` // with too many states
}

// Refuted counts refuted programs, by what they do in place of the call that the
// contract asks for.
type Refuted struct {
	Calls  int `json:"calls"`  // another call
	Faults int `json:"faults"` // an instruction that cannot be executed
	Loops  int `json:"loops"`  // no call, for ever
	Slow   int `json:"slow"`   // more than 10,000 instructions, of which it is not proved that they go on for ever
}

// All returns how many programs are refuted.
func (r Refuted) All() int { return r.Calls + r.Faults + r.Loops + r.Slow }

func (r Refuted) plus(o Refuted) Refuted {
	return Refuted{r.Calls + o.Calls, r.Faults + o.Faults, r.Loops + o.Loops, r.Slow + o.Slow}
}

// A Mutant is a seed with one byte changed.
type Mutant struct {
	Offset int  `json:"offset"`
	Value  byte `json:"value"`
}

// A FreeByte is a byte with other values for which the program is hex0, too.
type FreeByte struct {
	Offset int    `json:"offset"`
	Place  string `json:"place"`  // the field of a header, or the instruction
	Values []byte `json:"values"` // sorted
	Unused int    `json:"unused"` // for how many the program neither loads nor executes anything that changed
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
	all := &Mutants{Free: []FreeByte{}, Named: []Mutant{}, Undecided: []Mutant{}}
	for _, r := range rows {
		all.Programs += r.Programs
		all.Rejected += r.Rejected
		all.Refuted = all.Refuted.plus(r.Refuted)
		all.Free = append(all.Free, r.Free...)
		all.Named = append(all.Named, r.Named...)
		all.Undecided = append(all.Undecided, r.Undecided...)
	}
	return all, ctx.Err()
}

// An original is a proved seed.
type original struct {
	*exploration
	file    []byte
	samples [][]byte // texts to try mutants with: short ones first
	used    []int    // indices in memory of the bytes that it loads, stores to or executes
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
	long := sample(e.text)
	return &original{e, seed, [][]byte{nil, long[:100], long}, e.used()}, nil
}

// mutateByte changes the byte at an offset to each other value.
func (o *original) mutateByte(ctx context.Context, at int) (r Mutants) {
	mutant := slices.Clone(o.file)
	free := FreeByte{Offset: at, Place: o.place(at)}
	for v := range 256 {
		if byte(v) == o.file[at] || ctx.Err() != nil {
			continue
		}
		r.Programs++
		mutant[at] = byte(v)
		switch o.try(mutant) {
		case rejected:
			r.Rejected++
		case unused:
			free.Unused++
			free.Values = append(free.Values, byte(v))
		case proved:
			free.Values = append(free.Values, byte(v))
		case named:
			r.Named = append(r.Named, Mutant{at, byte(v)})
		case calls:
			r.Refuted.Calls++
		case faults:
			r.Refuted.Faults++
		case loops:
			r.Refuted.Loops++
		case slow:
			r.Refuted.Slow++
		case undecided:
			r.Undecided = append(r.Undecided, Mutant{at, byte(v)})
		}
	}
	if free.Values != nil {
		r.Free = []FreeByte{free}
	}
	return r
}

// place returns the field of a header, or the instruction, that contains the byte at an
// offset in the file.
func (o *original) place(at int) string {
	f, err := elffile.Open(o.file)
	if err != nil {
		return ""
	}
	for _, r := range append(f.Segments(), f.Header()) {
		for _, field := range r.Fields {
			if field.Offset <= at && at < field.Offset+field.Size {
				return field.Name
			}
		}
	}
	base, _ := f.Base()
	for pc, n := range o.code {
		if first := int(pc - base); first <= at && at < first+n {
			if in, err := disasm.Decode(o.Arch, pc, o.file[first:first+n]); err == nil {
				return in.Text()
			}
		}
	}
	return "data"
}

// A verdict is what becomes of a mutant.
type verdict int

const (
	rejected verdict = iota // it cannot be loaded
	unused                  // it differs in nothing that the seed uses
	proved                  // it is hex0
	named                   // the same, for the names of the files that it has here
	calls                   // refuted: see Refuted
	faults
	loops
	slow
	undecided
)

// refutation returns the verdict on a program that makes a wrong call, or ends with err.
func refutation(err error) verdict {
	switch err {
	case nil:
		return calls
	case errLoops:
		return loops
	case errRuns:
		return slow
	}
	return faults
}

// try proves that a mutant does the same as the seed, or refutes it: first by replaying
// samples, then by exploring it.
func (o *original) try(file []byte) verdict {
	e, err := newExploration(file, mostMutantStates)
	if err != nil {
		return rejected
	}
	defer e.close()
	e.text = o.text
	if o.same(e.machine) {
		return unused
	}
	for _, text := range o.samples {
		if err, ok := e.assembles(text); !ok {
			return refutation(err)
		}
	}
	e.expect(o.machine)
	err = e.prove()
	if err != nil && err != errDifference && err != errNames {
		// With fewer live bits, it may have fewer states.
		e.sites = map[uint64]*site{}
		e.liveness = newLiveness()
		_, e.fetches = e.modified()
		err = e.prove()
	}
	switch err {
	case nil:
		return proved
	case errNames:
		return named
	case errDifference:
		return refutation(e.difference.err)
	}
	e.liveness = nil
	if err, ok := e.assembles(runs(o.text)); !ok {
		return refutation(err)
	}
	return undecided
}

// expect makes those bytes live that are in another program, which saves restarts.
func (m *machine) expect(other *machine) {
	if m.stack != other.stack || m.image != other.image {
		return
	}
	for pc, s := range other.sites {
		own := m.at(pc)
		own.live, own.isLive = slices.Clone(s.live), slices.Clone(s.isLive)
	}
}

// same reports whether a program is loaded as the seed is, but for bytes that the seed
// does not use. Then it does the same.
func (o *original) same(m *machine) bool {
	if m.Arch != o.Arch || m.stack != o.stack || m.image.Base != o.image.Base || m.image.Offset != o.image.Offset || !bytes.Equal(m.start, o.start) {
		return false
	}
	for _, i := range o.used {
		if i >= len(m.bytes) || m.memory[i] != o.memory[i] || m.perm(i) != o.perm(i) {
			return false
		}
	}
	return true
}

// perm returns the permissions of the byte with an index in memory, or 0 for the stack.
func (m *machine) perm(i int) cpu.Perm {
	if page := (i - int(m.image.Offset)) / cpu.PageSize; uint64(i) >= m.image.Offset && page < len(m.Memory.Perms()) {
		return m.Memory.Perms()[page]
	}
	return 0
}

// manyWords is more than the stack has words.
const manyWords = 3_000

// runs returns a text with long runs of one byte of each class, outside and inside of
// comments. A program that leaves something on its stack for each of them faults.
func runs(text hex0.Options) []byte {
	var all []byte
	for _, b := range classes(text) {
		all = append(all, bytes.Repeat([]byte{b}, manyWords)...)
		all = append(all, "\n#"...)
		all = append(all, bytes.Repeat([]byte{b}, manyWords)...)
		all = append(all, '\n')
	}
	return all
}

// sample returns a random text of one byte of each class. Most mutants that are not
// hex0 already break the contract for it, which is faster to find than by exploring.
func sample(text hex0.Options) []byte {
	letters := classes(text)
	random := rand.New(rand.NewPCG(1, 2))
	sample := make([]byte, 2*manyWords)
	for i := range sample {
		sample[i] = letters[random.IntN(len(letters))]
	}
	return sample
}
