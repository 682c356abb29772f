package emu_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/micro/microtest"
	"stage0/internal/emu/translate"
	"stage0/m2planet"
)

// edit changes bytes of a file: every three bytes of edits are an offset and the new
// byte.
func edit(file, edits []byte) []byte {
	file = slices.Clone(file)
	for ; len(edits) >= 3; edits = edits[3:] {
		file[(int(edits[0])<<8|int(edits[1]))%len(file)] = edits[2]
	}
	return file
}

// testEdited runs a damaged program, translated and in single steps. The results must
// be the same.
func testEdited(t *testing.T, file, edits []byte) {
	t.Helper()
	limits := emu.Limits{
		Steps: 3e5, Memory: 64 << 20, Stack: 1 << 20, Processes: 8, Forks: 20,
		Programs: 20, Files: 16, Output: 1 << 20, Arguments: 4096,
	}
	file = edit(file, edits)
	run := func(translator *translate.Translator) (emutest.Result, error) {
		return emutest.Run(file, nil, func(c *emu.Config) { c.Limits, c.Translator = limits, translator })
	}
	fast, fastErr := run(translate.New(false))
	slow, slowErr := run(nil)
	var limit *emu.LimitError
	if errors.As(fastErr, &limit) && errors.As(slowErr, &limit) {
		return // one may execute slightly more than the other
	}
	assert.Equal(t, fmt.Sprint(slowErr), fmt.Sprint(fastErr), "edits %x", edits)
	assert.Equal(t, slow, fast, "edits %x", edits)
}

// TestEdited damages a few bytes at a time of each ladder's compiled program.
func TestEdited(t *testing.T) {
	for _, target := range arch.Ladders() {
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(target.Machine)))
			for _, program := range compiled {
				file := compileC(t, target, program.name, m2planet.Options{Arch: target.Name})
				for range microtest.Trials(15) {
					edits := make([]byte, 3*(1+r.IntN(4)))
					for i := range edits {
						edits[i] = byte(r.Uint32())
					}
					testEdited(t, file, edits)
				}
			}
		})
	}
}

// FuzzEdited lets the fuzzer find the edits.
func FuzzEdited(f *testing.F) {
	var files [][]byte
	for _, target := range arch.Ladders() {
		for _, program := range compiled {
			files = append(files, compileC(f, target, program.name, m2planet.Options{Arch: target.Name}))
			f.Add(uint(len(files)-1), []byte{0, 16, 2})
		}
	}
	f.Fuzz(func(t *testing.T, n uint, edits []byte) { testEdited(t, files[n%uint(len(files))], edits) })
}
