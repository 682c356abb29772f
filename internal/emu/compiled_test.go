package emu_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/hex2"
	"stage0/internal/emu/emutest"
	"stage0/m1"
	"stage0/m2planet"
	"stage0/source"
)

// compiled are the C programs in testdata/c. Each checks its own results and prints
// the number of checks.
var compiled = []struct{ name, prints string }{
	{"statements.c", "22\n"},
	{"expressions.c", "61\n"},
	{"data.c", "25\n"},
}

// C programs compiled by M2-Planet behave as written, for each architecture and each
// build of M2-Planet: in the emulator in all ways, and on the host if it can run
// them.
func TestCompiled(t *testing.T) {
	builds := []struct{ by, host string }{
		{m2planet.ByM2Planet, "amd64"}, {m2planet.ByM2Planet, "x86"},
		{m2planet.ByCC, "amd64"}, {m2planet.ByCC, "riscv32"},
		{m2planet.ByGCC, "amd64"},
	}
	for _, target := range arch.Ladders() {
		t.Run(target.Name, func(t *testing.T) {
			native := emutest.Native(t, target.Machine)
			for _, program := range compiled {
				ran := map[string]bool{}
				for _, build := range builds {
					file := compileC(t, target, program.name, m2planet.Options{Arch: target.Name, BuiltBy: build.by, Host: build.host})
					if ran[string(file)] {
						continue // the builds do not differ
					}
					ran[string(file)] = true
					what := fmt.Sprintf("%s, by %s for %s", program.name, build.by, build.host)
					steps := map[uint64]bool{}
					for _, way := range emutest.Ways {
						got, err := emutest.Run(file, nil, way.Change)
						require.NoError(t, err, "%s, %s", what, way.Name)
						assert.Equal(t, program.prints, got.Stdout, "%s, %s", what, way.Name)
						assert.Zero(t, got.Status, "%s, %s", what, way.Name)
						steps[got.Stats.Steps] = true
					}
					assert.Len(t, steps, 1, "numbers of instructions of %s", what)
					if native {
						assert.Equal(t, program.prints, emutest.Reference(t, "", file), "%s, on this machine", what)
					}
				}
			}
		})
	}
}

// compileC compiles a program of testdata/c, and assembles and links it with
// the library there.
func compileC(t testing.TB, target arch.Arch, name string, opt m2planet.Options) []byte {
	t.Helper()
	read := func(name string) source.Source {
		text, err := os.ReadFile(filepath.Join("testdata", "c", name))
		require.NoError(t, err)
		return source.Bytes(name, text)
	}
	var code, text, image bytes.Buffer
	require.NoError(t, m2planet.Compile(&code, []source.Source{read("check.c"), read(name)}, opt))
	srcs := []source.Source{read(target.Name + ".M1"), source.Bytes("out.M1", code.Bytes())}
	require.NoError(t, m1.Assemble(&text, srcs, m1.Options{Arch: target.Name}))
	srcs = []source.Source{source.Bytes("out.hex2", text.Bytes())}
	require.NoError(t, hex2.Link(&image, srcs, hex2.Options{Arch: target.Name, Base: emutest.Entry}))
	return emutest.ELF(target.Machine, 8*target.WordSize, image.Bytes(), 0x10000)
}
