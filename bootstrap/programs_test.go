package bootstrap

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"stage0/arch"
)

// An equal says that the program at a path of a ladder does the same as a program
// of package tool does, from one release to another. In the path and in the
// program {dir} and {arch} are the architecture's directory and its name. A path
// that ends in * is that of each file in the directory; the program has its name.
type equal struct {
	first, last   string // releases
	archs         string // empty: all ladders
	path, program string
}

// equals was made by reading the differences between the sources of the releases,
// and by running the programs on the same inputs. A program that is not in it is
// executed, so a row can only be left out in doubt. Programs with the same bytes
// as one that is in it are in it too.
//
// Not equal are hex0 of Release_1.6.0 (x86, amd64), which loses a first byte that
// is a digit; kaem-0 of Release_1.5.0 (x86, amd64), which runs kaem.run if no
// script is named; hex1 of Release_1.5.0 (amd64), for which byte 0xFC does not end
// the file; and all that M2-Planet compiled before Release_1.9.0, whose messages,
// versions and flags are others.
var equals = []equal{
	// The seeds and what they build.
	{"1.9.1", "1.9.1", "", "bootstrap-seeds/POSIX/{dir}/hex0-seed", "hex0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "bootstrap-seeds/POSIX/{dir}/kaem-optional-seed", "kaem-0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/hex0", "hex0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/kaem-0", "kaem-0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/hex1", "hex1 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/hex2-0", "hex2-0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/catm", "catm-0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/M0", "M0 -A {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/cc_{arch}", "cc-0 -A {arch}"},

	// What cc_ARCH and M2-Planet build.
	{"1.9.1", "1.9.1", "", "{dir}/artifact/M2", "M2-Planet --built-by cc --host {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/blood-elf-0", "blood-elf"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/M1-0", "M1"},
	{"1.9.1", "1.9.1", "", "{dir}/artifact/hex2-1", "hex2"},
	{"1.9.1", "1.9.1", "", "{dir}/bin/M2-Planet", "M2-Planet --built-by m2-planet --host {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/bin/M2-Mesoplanet", "M2-Mesoplanet --exec --built-by m2-planet --host {arch}"},
	{"1.9.1", "1.9.1", "", "{dir}/bin/*", ""},

	// Older ones that have other bytes.
	{"1.5.0", "1.5.0", "x86 amd64", "{dir}/artifact/hex0", "hex0 -A aarch64"}, // without the digits g and G
	{"1.7.0", "1.7.0", "x86 amd64", "{dir}/artifact/hex0", "hex0 -A aarch64"},
	{"1.5.0", "1.6.0", "x86", "{dir}/artifact/hex2-0", "hex2-0 -A {arch}"},
	{"1.5.0", "1.5.0", "amd64", "{dir}/artifact/hex2-0", "hex2-0 -A {arch}"},
	{"1.5.0", "1.5.0", "x86", "{dir}/artifact/catm", "catm-0 -A {arch}"},
	{"1.5.0", "1.6.0", "amd64", "{dir}/artifact/catm", "catm-0 -A {arch}"},
	{"1.5.0", "1.6.0", "amd64", "{dir}/artifact/M0", "M0 -A {arch}"},
	{"1.6.0", "1.7.0", "x86", "{dir}/artifact/kaem-0", "kaem-0 -A {arch}"},
	{"1.5.0", "1.5.0", "x86 amd64 riscv32 riscv64", "{dir}/artifact/cc_{arch}", "cc-0 -A {arch} --dialect 1.5"},
	{"1.6.0", "1.8.1", "x86 amd64 riscv32 riscv64", "{dir}/artifact/cc_{arch}", "cc-0 -A {arch} --dialect 1.6"},
	{"1.5.0", "1.8.1", "aarch64", "{dir}/artifact/cc_{arch}", "cc-0 -A {arch} --dialect 1.5"},
}

// programs returns the known programs that equals and the references give.
func programsOf(refs []*Reference) (Programs, error) {
	known := Programs{}
	var err error
	add := func(d Digest, program string) {
		p, e := parseProgram(program)
		if was, ok := known[d]; ok && was.String() != p.String() {
			e = fmt.Errorf("%v is %v and %v", d, was, p)
		}
		known[d], err = p, cmp.Or(err, e)
	}
	for _, ref := range refs {
		version := strings.TrimPrefix(ref.Name, "Release_")
		for _, a := range arch.Ladders() {
			fill := strings.NewReplacer("{dir}", a.Dir, "{arch}", a.Name)
			for _, file := range slices.Concat(ref.Sources, ref.Artefacts[a.Name]) {
				for _, e := range equals {
					if version < e.first || version > e.last || e.archs != "" && !slices.Contains(strings.Fields(e.archs), a.Name) {
						continue
					}
					pattern := fill.Replace(e.path)
					dir, base := path.Split(file.Path)
					switch {
					case pattern == file.Path:
						add(file.Digest, fill.Replace(e.program))
					case pattern == dir+"*" && base != "M2-Planet" && base != "M2-Mesoplanet":
						add(file.Digest, base)
					}
				}
			}
		}
	}
	return known, err
}

// The table of known programs is what equals and the references give.
// With -update it is written.
func TestPrograms(t *testing.T) {
	refs, err := References()
	must(t, err)
	want, err := programsOf(refs)
	must(t, err)
	var text strings.Builder
	text.WriteString("# The known programs: the SHA-256 of a program's file, and the program of package tool that does the same.\n" +
		"# Made by go test ./bootstrap -run TestPrograms -update, from the digests of the releases.\n")
	digests := slices.SortedFunc(maps.Keys(want), func(a, b Digest) int {
		return cmp.Or(cmp.Compare(want[a].String(), want[b].String()), slices.Compare(a[:], b[:]))
	})
	for _, d := range digests {
		fmt.Fprintf(&text, "%v  %v\n", d, want[d])
	}
	if *update {
		must(t, os.WriteFile("known/programs.txt", []byte(text.String()), 0o666))
		return
	}
	if knownPrograms != text.String() {
		t.Error("known/programs.txt is not what the references give")
	}
	have, err := LoadPrograms()
	must(t, err)
	if len(have) != len(want) {
		t.Errorf("%d known programs, want %d", len(have), len(want))
	}
}
