package translate_test

import (
	"testing"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/translate"
)

// One fuzz target for each processor: fuzzing runs one at a time.

func FuzzX86(f *testing.F)     { fuzz(f, "x86") }
func FuzzAMD64(f *testing.F)   { fuzz(f, "amd64") }
func FuzzAArch64(f *testing.F) { fuzz(f, "aarch64") }
func FuzzARMv7(f *testing.F)   { fuzz(f, "armv7l") }
func FuzzRISCV32(f *testing.F) { fuzz(f, "riscv32") }
func FuzzRISCV64(f *testing.F) { fuzz(f, "riscv64") }
func FuzzKnight(f *testing.F)  { fuzz(f, "knight-posix") }

// fuzz runs damaged programs, translated and in single steps, and compares the
// results. A program is the random program of a seed, with its code replaced.
func fuzz(f *testing.F, name string) {
	isa := isaNamed(name)
	for seed := range uint64(20) {
		p := isa.programOf(seed)
		f.Add(seed, p.image[p.begin-p.layout.Base:][:p.size])
	}
	n, translator := 0, translate.New(false)
	f.Fuzz(func(t *testing.T, seed uint64, code []byte) {
		if n++; n%200 == 0 { // the Translator keeps its translations
			translator = translate.New(false)
		}
		p := isa.programOf(seed)
		at := p.image[p.begin-p.layout.Base : codePages*cpu.PageSize]
		p.size = min(len(code), len(at))
		copy(at, code)
		if err := p.compare(translator, seed, &summary{}); err != nil {
			t.Fatalf("%v\n%s", err, p)
		}
	})
}
