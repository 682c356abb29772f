package check

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
)

// A piece is a segment or a section of a generated ELF file.
type piece struct {
	name string
	kind uint32
	link uint32
	data string
}

// symbols returns the pieces of a symbol table.
func symbols(first uint32, values map[string]uint64) []piece {
	strtab := "\x00"
	symtab := make([]byte, 24)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		symbol := binary.LittleEndian.AppendUint32(nil, uint32(len(strtab)))
		hidden := byte(0)
		if name[0] == '_' {
			hidden = 2
		}
		symbol = append(symbol, 2, hidden, 1, 0)
		symbol = binary.LittleEndian.AppendUint64(symbol, values[name])
		symtab = append(symtab, append(symbol, make([]byte, 8)...)...)
		strtab += name + "\x00"
	}
	return []piece{{".strtab", uint32(elf.SHT_STRTAB), 0, strtab}, {".symtab", uint32(elf.SHT_SYMTAB), first, string(symtab)}}
}

const base = 0x600000

// makeELF returns a 64-bit ELF file: its headers, the segments, the sections.
func makeELF(machine elf.Machine, segments, sections []piece) string {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			binary.Write(&b, binary.LittleEndian, v)
		}
	}
	if len(sections) > 0 {
		names := "\x00"
		for _, s := range sections {
			names += s.name + "\x00"
		}
		sections = slices.Concat([]piece{{}}, sections, []piece{{"", uint32(elf.SHT_STRTAB), 0, names}})
	}
	headers := 64 + 56*len(segments) + 64*len(sections)
	shoff := 64 + 56*len(segments)
	if len(sections) == 0 {
		shoff = 0
	}
	put([]byte("\x7fELF\x02\x01\x01"), make([]byte, 9), uint16(elf.ET_EXEC), uint16(machine), uint32(1), uint64(base+headers),
		uint64(64), uint64(shoff), uint32(0), uint16(64), uint16(56), uint16(len(segments)), uint16(64), uint16(len(sections)), uint16(max(0, len(sections)-1)))
	at := headers
	for _, s := range segments {
		put(s.kind, uint32(7), uint64(at), uint64(base+at), uint64(base+at), uint64(len(s.data)), uint64(len(s.data)), uint64(1))
		at += len(s.data)
	}
	name := 1
	for i, s := range sections {
		n := 0
		if i > 0 && i < len(sections)-1 {
			n, name = name, name+len(s.name)+1
		}
		put(uint32(n), s.kind, uint64(0), uint64(0), uint64(at), uint64(len(s.data)), s.link, uint32(0), uint64(1), uint64(0))
		at += len(s.data)
	}
	for _, s := range slices.Concat(segments, sections) {
		b.WriteString(s.data)
	}
	return b.String()
}

// load64 returns a loaded segment.
func load64(data string) piece { return piece{"", uint32(elf.PT_LOAD), 0, data} }

// made returns a program like those that stage0-posix makes.
func made(machine elf.Machine, code string) string {
	return makeELF(machine, []piece{load64(code)}, nil)
}

const (
	amd64 = elf.EM_X86_64
	x86   = elf.EM_386
)

// artefacts returns the artefacts of the tests' releases.
func artefacts(compiled, extra string) map[string]string {
	return map[string]string{
		"AMD64/artifact/hex0": made(amd64, "hex0"),
		"AMD64/artifact/M0":   made(amd64, "M0"),
		"AMD64/artifact/M2-0": "a text of " + compiled,
		"AMD64/bin/M1":        made(amd64, "M1 of "+compiled),
		"AMD64/bin/hex2":      made(amd64, "hex2 of "+compiled),
		"AMD64/bin/cp":        made(amd64, "cp of "+extra),
		"AMD64/bin/rm":        made(amd64, "rm of "+extra),
		"riscv64/bin/M1":      made(elf.EM_RISCV, "M1 of "+compiled),
		"riscv64/bin/hex2":    made(elf.EM_RISCV, "hex2 of "+compiled),
	}
}

func release(name string, all map[string]string, contents bool) Release {
	r := Release{Reference: &bootstrap.Reference{Name: name, Artefacts: map[string][]bootstrap.Digested{}}}
	if contents {
		r.Contents = map[string]bootstrap.Content{}
	}
	for _, p := range slices.Sorted(maps.Keys(all)) {
		a := "riscv64"
		if strings.HasPrefix(p, "AMD64/") {
			a = "amd64"
		}
		r.Artefacts[a] = append(r.Artefacts[a], bootstrap.Digested{Path: p, Digest: sha256.Sum256([]byte(all[p]))})
		if contents {
			perm := fs.FileMode(0o700)
			if p == "AMD64/artifact/M2-0" {
				perm = 0o600
			}
			r.Contents[p] = bootstrap.Content{Perm: perm, Data: []byte(all[p])}
		}
	}
	return r
}

// releases returns three releases. The last two differ only in cp and rm. If
// contents is set, the bytes of the last are at hand.
func releases(contents bool) []Release {
	return []Release{
		release("stage0-posix Release_1.7.0", artefacts("1.7", "1.7"), false),
		release("stage0-posix Release_1.8.0", artefacts("1.8", "1.8"), false),
		release("stage0-posix Release_1.9.1", artefacts("1.8", "1.9"), contents),
	}
}

// directory returns the files of a directory: those in ARCH/bin of a release,
// changed by others, which replace them or, if empty, remove them.
func directory(t *testing.T, dir string, from, others map[string]string) []File {
	t.Helper()
	fsys := fstest.MapFS{}
	for p, data := range from {
		if path.Dir(p) == dir {
			fsys["out/"+path.Base(p)] = &fstest.MapFile{Data: []byte(data), Mode: 0o755}
		}
	}
	for name, data := range others {
		fsys[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o755}
		if data == "" {
			delete(fsys, name)
		}
	}
	files, err := Walk(t.Context(), fsys)
	require.NoError(t, err)
	return files
}

func printed(t *testing.T, r *Result) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Print(&b))
	return b.String()
}

func digestOf(data string) bootstrap.Digest { return sha256.Sum256([]byte(data)) }

func TestCheck(t *testing.T) {
	last := artefacts("1.8", "1.9")
	const prefix = "0123456789abcdfghijklmnpqrsvwxyz-" // as in Nix
	for _, c := range []struct {
		name     string
		files    []File
		contents bool
		arch     string
		good     bool
		want     string
	}{
		{name: "all of a release", files: directory(t, "AMD64/bin", last, nil), good: true, want: `
nearest: Release_1.9.1, amd64: 4 of 4

OK    out/M1: AMD64/bin/M1 of 1.8.0 to 1.9.1
OK    out/cp: AMD64/bin/cp of 1.9.1
OK    out/hex2: AMD64/bin/hex2 of 1.8.0 to 1.9.1
OK    out/rm: AMD64/bin/rm of 1.9.1

all 4 match stage0-posix Release_1.9.1
`},
		{name: "an older one, without a program, with other files", good: true,
			files: directory(t, "AMD64/bin", artefacts("1.7", "1.7"), map[string]string{"out/rm": "", "out/ls": "ls", "out/cat": "cat"}), want: `
nearest: Release_1.7.0, amd64: 3 of 3

OK    out/M1: AMD64/bin/M1 of 1.7.0
OK    out/cp: AMD64/bin/cp of 1.7.0
OK    out/hex2: AMD64/bin/hex2 of 1.7.0

not there: AMD64/bin/rm

not part of stage0-posix: out/cat, out/ls

all 3 match stage0-posix Release_1.7.0; 1 more programs of it are not there
`},
		{name: "a component of another release",
			files: directory(t, "AMD64/bin", artefacts("1.8", "1.7"), map[string]string{"hex0": last["AMD64/artifact/hex0"]}), want: `
nearest: Release_1.9.1, amd64: 3 of 5
         all that differ are as in 1.7.0: some of what they were made from is of that release
         all programs of mescc-tools-extra differ, and no others: look at its revision

OK    hex0: AMD64/artifact/hex0 of 1.7.0 to 1.9.1
OK    out/M1: AMD64/bin/M1 of 1.8.0 to 1.9.1
DIFF  out/cp
      should be AMD64/bin/cp
      the same bytes as AMD64/bin/cp of 1.7.0
OK    out/hex2: AMD64/bin/hex2 of 1.8.0 to 1.9.1
DIFF  out/rm
      should be AMD64/bin/rm
      the same bytes as AMD64/bin/rm of 1.7.0

3 of 5 match stage0-posix Release_1.9.1, 2 differ
`},
		{name: "all that is compiled",
			files: directory(t, "AMD64/bin", artefacts("2", "2"), map[string]string{"artifact/hex0": last["AMD64/artifact/hex0"]}), want: `
nearest: Release_1.9.1, amd64: 1 of 5
         all compiled programs differ, and nothing that is assembled: look at M2-Planet and M2libc

OK    artifact/hex0: AMD64/artifact/hex0 of 1.7.0 to 1.9.1
DIFF  out/M1
      should be AMD64/bin/M1
      no known release has these bytes
DIFF  out/cp
      should be AMD64/bin/cp
      no known release has these bytes
DIFF  out/hex2
      should be AMD64/bin/hex2
      no known release has these bytes
DIFF  out/rm
      should be AMD64/bin/rm
      no known release has these bytes

1 of 5 match stage0-posix Release_1.9.1, 4 differ
`},
		{name: "none of the compiled, and no others", files: directory(t, "AMD64/bin", artefacts("2", "2"), map[string]string{"out/cp": "", "out/rm": ""}), want: `
nearest: Release_1.9.1, amd64: 0 of 2

DIFF  out/M1
      should be AMD64/bin/M1
      no known release has these bytes
DIFF  out/hex2
      should be AMD64/bin/hex2
      no known release has these bytes

not there: AMD64/bin/cp, AMD64/bin/rm

0 of 2 match stage0-posix Release_1.9.1, 2 differ
`},
		{name: "for another architecture, with names as Nix has them", files: directory(t, "", nil, map[string]string{
			prefix + "M1-1.9.1/hex2": made(elf.EM_RISCV, "hex2 of mine"), prefix + "M1-1.9.1/bin/" + prefix + "M1-1.9.1": made(elf.EM_RISCV, "M1 of mine"),
		}), want: `
nearest: Release_1.9.1, riscv64: 0 of 2

DIFF  ` + prefix + `M1-1.9.1/bin/` + prefix + `M1-1.9.1
      should be riscv64/bin/M1
      no known release has these bytes
DIFF  ` + prefix + `M1-1.9.1/hex2
      should be riscv64/bin/hex2
      no known release has these bytes

0 of 2 match stage0-posix Release_1.9.1, 2 differ
`},
		{name: "renamed, swapped, of another architecture", files: directory(t, "AMD64/bin", last, map[string]string{
			"out/M1": last["AMD64/bin/hex2"], "out/hex2": last["riscv64/bin/hex2"], "out/my-cp": last["AMD64/bin/cp"],
			"out/" + prefix + "rm-1.9.1": last["AMD64/bin/rm"], "out/cp": "", "out/rm": "",
		}), want: `
nearest: Release_1.9.1, amd64: 2 of 4

OK    out/` + prefix + `rm-1.9.1: AMD64/bin/rm of 1.9.1
DIFF  out/M1
      should be AMD64/bin/M1
      the same bytes as AMD64/bin/hex2 of 1.8.0 to 1.9.1
DIFF  out/hex2
      should be AMD64/bin/hex2
      the same bytes as riscv64/bin/hex2 of 1.8.0 to 1.9.1
OK    out/my-cp: AMD64/bin/cp of 1.9.1

2 of 4 match stage0-posix Release_1.9.1, 2 differ
`},
		{name: "several architectures in directories of their own", good: true, files: directory(t, "", nil, map[string]string{
			"x/AMD64/bin/M1": last["AMD64/bin/M1"], "x/riscv64/bin/M1": last["riscv64/bin/M1"], "x/riscv64/bin/hex2": last["riscv64/bin/hex2"],
		}), want: `
nearest: Release_1.9.1, amd64, riscv64: 3 of 3

OK    x/AMD64/bin/M1: AMD64/bin/M1 of 1.8.0 to 1.9.1
OK    x/riscv64/bin/M1: riscv64/bin/M1 of 1.8.0 to 1.9.1
OK    x/riscv64/bin/hex2: riscv64/bin/hex2 of 1.8.0 to 1.9.1

not there: AMD64/bin/cp, AMD64/bin/hex2, AMD64/bin/rm

all 3 match stage0-posix Release_1.9.1; 3 more programs of it are not there
`},
		{name: "the architecture that is asked for", arch: "riscv64", files: directory(t, "", nil, map[string]string{
			"AMD64/bin/M1": last["AMD64/bin/M1"], "riscv64/bin/hex2": last["riscv64/bin/hex2"],
		}), want: `
nearest: Release_1.9.1, riscv64: 1 of 2

DIFF  AMD64/bin/M1
      should be riscv64/bin/M1
      the same bytes as AMD64/bin/M1 of 1.8.0 to 1.9.1
OK    riscv64/bin/hex2: riscv64/bin/hex2 of 1.8.0 to 1.9.1

1 of 2 match stage0-posix Release_1.9.1, 1 differ
`},
		{name: "the bytes are at hand", contents: true, files: directory(t, "", nil, map[string]string{
			"bin/M1":   last["AMD64/bin/M1"][:100],
			"bin/hex2": last["AMD64/bin/hex2"] + "more",
			"bin/cp":   made(amd64, "cp of mine"),
			"bin/rm":   "\x00",
			"M2-0":     "a text of mine",
			"hex0":     last["AMD64/artifact/hex0"],
		}), want: `
nearest: Release_1.9.1, amd64: 1 of 6

DIFF  M2-0
      should be AMD64/artifact/M2-0
      no known release has these bytes
      its first difference is at offset 0xa; it has 14 bytes, AMD64/artifact/M2-0 of 1.9.1 has 13
DIFF  bin/M1
      should be AMD64/bin/M1
      it ends early: the first 100 of the 129 bytes of AMD64/bin/M1 of 1.9.1
DIFF  bin/cp
      should be AMD64/bin/cp
      no known release has these bytes
      its first difference is at offset 0x60; it has 130 bytes, AMD64/bin/cp of 1.9.1 has 129
DIFF  bin/hex2
      should be AMD64/bin/hex2
      it has 4 more bytes after those of AMD64/bin/hex2 of 1.9.1
DIFF  bin/rm
      should be AMD64/bin/rm
      not a program: it is not an ELF file
OK    hex0: AMD64/artifact/hex0 of 1.7.0 to 1.9.1

1 of 6 match stage0-posix Release_1.9.1, 5 differ
`},
		{name: "made by others", files: directory(t, "", nil, map[string]string{
			"M1":   makeELF(amd64, []piece{load64("M1"), {"", uint32(elf.PT_INTERP), 0, "/lib/ld.so\x00"}}, []piece{{".comment", 1, 0, "GCC: (GNU) 15\x1b\x00"}, {".note.gnu.build-id", 7, 0, "id"}}),
			"hex2": makeELF(elf.EM_AARCH64, []piece{load64("hex2")}, nil),
			"cp":   makeELF(amd64, []piece{load64("a"), load64("b")}, nil),
			"rm":   "#!/bin/sh\nexec busybox rm\n",
			"M0":   makeELF(elf.EM_MIPS, []piece{load64("x"), {"", uint32(elf.PT_DYNAMIC), 0, "x"}}, nil),
			"hex0": makeELF(amd64, []piece{load64("a")}, []piece{{".rodata", 1, 0, "x"}}),
		}), want: `
nearest: Release_1.9.1, amd64: 0 of 6

DIFF  M0
      should be AMD64/artifact/M0
      a program for EM_MIPS, expected one for amd64
      not made by the tools of stage0-posix: it is linked dynamically
DIFF  M1
      should be AMD64/bin/M1
      not made by the tools of stage0-posix: it was compiled by "GCC: (GNU) 15\x1b", it is linked with "/lib/ld.so", it has a build id
DIFF  cp
      should be AMD64/bin/cp
      not made by the tools of stage0-posix: it has 2 segments
DIFF  hex0
      should be AMD64/artifact/hex0
      not made by the tools of stage0-posix: it has a section ".rodata"
DIFF  hex2
      should be AMD64/bin/hex2
      a program for aarch64, expected one for amd64
DIFF  rm
      should be AMD64/bin/rm
      a script: "#!/bin/sh"

0 of 6 match stage0-posix Release_1.9.1, 6 differ
`},
		{name: "nothing", files: directory(t, "", nil, map[string]string{"ls": "ls", "a\x1bb": "x"}), want: `
nearest: none


not part of stage0-posix: a?b, ls

nothing is part of stage0-posix, and nothing was compared
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Check(c.files, releases(c.contents), c.arch)
			got := printed(t, r)
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if r.Good() != c.good {
				t.Errorf("good %v, want %v", r.Good(), c.good)
			}
		})
	}
}

func TestModes(t *testing.T) {
	last := artefacts("1.8", "1.9")
	for _, c := range []struct {
		name, data string
		mode       fs.FileMode
		contents   bool
		want       string
	}{
		{"M1", last["AMD64/bin/M1"], 0o755, false, ""},
		{"M1", last["AMD64/bin/M1"], 0o500, false, ""},
		{"M1", last["AMD64/bin/M1"], 0o644, false, "the same bytes, and another mode: it cannot be executed, its permissions are 0644"},
		{"M1", last["AMD64/bin/M1"], 0o644, true, "the same bytes, and another mode: it cannot be executed, its permissions are 0644"},
		{"M1", last["AMD64/bin/M1"], 0o755 | fs.ModeSetuid, false, "the same bytes, and another mode: it runs with the rights of its owner or group (urwxr-xr-x)"},
		{"M2-0", last["AMD64/artifact/M2-0"], 0o644, false, ""},
		{"M2-0", last["AMD64/artifact/M2-0"], 0o755, false, ""},
		{"M2-0", last["AMD64/artifact/M2-0"], 0o644, true, ""},
		{"M2-0", last["AMD64/artifact/M2-0"], 0o755, true, "the same bytes, and another mode: it can be executed, its permissions are 0755"},
	} {
		files, err := Walk(t.Context(), fstest.MapFS{c.name: {Data: []byte(c.data), Mode: c.mode}})
		require.NoError(t, err)
		f := Check(files, releases(c.contents), "").findings[0]
		assert.Equal(t, c.want, strings.Join(f.causes, "\n"), "%s, %v, %v", c.name, c.mode, c.contents)
		assert.Equal(t, c.want == "", f.verdict == matches, "%s, %v, %v", c.name, c.mode, c.contents)
	}
}

// A log of sha256sum -c for a tree with the answers of one release and the
// sources of another.
func TestLog(t *testing.T) {
	old, last := artefacts("1.7", "1.7"), artefacts("1.8", "1.9")
	text := " +> ./AMD64/bin/sha256sum -c amd64.answers\n"
	for _, name := range []string{"M1", "cp", "rm"} {
		p := "AMD64/bin/" + name
		text += fmt.Sprintf("%s: FAILED\nWanted:   %s\nReceived: %s\n", p, digestOf(last[p]), digestOf(old[p]))
	}
	text += "AMD64/bin/hex2: OK\nSubprocess error\nABORTING HARD\n"
	files, err := Parse("log", []byte(text))
	require.NoError(t, err)
	r := Check(files, releases(false), "")
	want := `nearest: Release_1.7.0, amd64: 3 of 4
         the list that the log is about is that of 1.9.1, and what was made is that of 1.7.0: the tree is a mixture of the two

OK    AMD64/bin/M1: AMD64/bin/M1 of 1.7.0
OK    AMD64/bin/cp: AMD64/bin/cp of 1.7.0
OK?   AMD64/bin/hex2
      the log says so, and has no digest to compare
OK    AMD64/bin/rm: AMD64/bin/rm of 1.7.0

3 of 4 match stage0-posix Release_1.7.0, 0 differ, of 1 there is no digest; 3 did not match the list of the log
`
	if diff := cmp.Diff(want, printed(t, r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if r.Good() {
		t.Error("good")
	}
}

// If a log says FAILED, the result is not good even if all files are of one
// release: the list of the log is of another.
func TestRefused(t *testing.T) {
	text := "cp: FAILED\nReceived: " + digestOf(artefacts("1.7", "1.7")["AMD64/bin/cp"]).String() + "\n"
	files, err := Parse("log", []byte(text))
	require.NoError(t, err)
	r := Check(files, releases(false), "")
	assert.False(t, r.Good())
	assert.Equal(t, 1, r.count(matches))
}

// The nearest release, if no file is of any.
func TestNearest(t *testing.T) {
	wants := digestOf(artefacts("1.8", "1.8")["AMD64/bin/cp"])
	files := []File{{name: "cp", said: refused, wanted: &wants}}
	assert.Equal(t, "stage0-posix Release_1.8.0", Check(files, releases(false), "").release, "by what a log wants")
	mine := release("mine", map[string]string{"AMD64/bin/other": "x", "riscv64/bin/rm": "y"}, false)
	files = []File{{name: "cp", said: refused}, {name: "hex2", said: refused}}
	assert.Equal(t, "stage0-posix Release_1.9.1", Check(files, append(releases(false), mine), "").release, "by its names")
	older := digestOf(artefacts("1.7", "1.7")["AMD64/bin/M1"])
	files = []File{{name: "AMD64/bin/M1", digest: &older}}
	r := Check(files, releases(false), "riscv64")
	assert.Equal(t, "stage0-posix Release_1.9.1", r.release, "of another architecture")
	assert.Equal(t, differs, r.findings[0].verdict)
}

// Of identical artefacts, the one with the file's name comes first.
func TestAlike(t *testing.T) {
	hex2 := made(amd64, "hex2")
	r := release("mine", map[string]string{"AMD64/artifact/catm": "a", "AMD64/artifact/hex2-1": hex2, "AMD64/bin/catm": "b", "AMD64/bin/hex2": hex2}, false)
	files := directory(t, "", nil, map[string]string{"bin/hex2": hex2, "hex2-1": hex2, "artifact/catm": "x", "catm": "y", "bin/catm": "a"})
	want := `nearest: mine, amd64: 2 of 5

DIFF  artifact/catm
      should be AMD64/artifact/catm
      a text, and no program
DIFF  bin/catm
      should be AMD64/bin/catm
      the same bytes as AMD64/artifact/catm of mine
OK    bin/hex2: AMD64/bin/hex2, AMD64/artifact/hex2-1 of mine
DIFF  catm
      should be AMD64/bin/catm
      a text, and no program
OK    hex2-1: AMD64/artifact/hex2-1, AMD64/bin/hex2 of mine

2 of 5 match mine, 3 differ
`
	if diff := cmp.Diff(want, printed(t, Check(files, []Release{r}, ""))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Digests without names, and names without digests.
func TestDigestsAlone(t *testing.T) {
	last := artefacts("1.8", "1.9")
	files, err := Parse("list", []byte(fmt.Sprintf("%s  -\n%064d\nM1: FAILED\nhex2: FAILED open or read\nls: OK\n", digestOf(last["AMD64/bin/cp"]), 0)))
	require.NoError(t, err)
	want := fmt.Sprintf(`nearest: Release_1.9.1, amd64: 1 of 4

DIFF  %064d
      no known release has this digest
OK    %s: AMD64/bin/cp of 1.9.1
DIFF  M1
      should be AMD64/bin/M1
      the log says that it is not as its list says, and no more
DIFF  hex2
      should be AMD64/bin/hex2
      the log says that it could not be read

not there: AMD64/bin/rm

not part of stage0-posix: ls

1 of 4 match stage0-posix Release_1.9.1, 3 differ; 2 did not match the list of the log
`, 0, digestOf(last["AMD64/bin/cp"]))
	if diff := cmp.Diff(want, printed(t, Check(files, releases(false), ""))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Nothing is good without a digest that matches.
func TestOnlySaid(t *testing.T) {
	files, err := Parse("log", []byte("M1: OK\nhex2: OK\n"))
	require.NoError(t, err)
	r := Check(files, releases(false), "")
	assert.False(t, r.Good())
	assert.Equal(t, 2, r.count(unconfirmed))
	for _, r := range []*Result{Check(nil, releases(false), ""), Check(files, nil, "")} {
		assert.False(t, r.Good())
		assert.Zero(t, r.Known())
	}
}

func TestNames(t *testing.T) {
	c := newChecker([]Release{{Reference: &bootstrap.Reference{Name: "mine"}, Apart: true},
		release("stage0-posix Release_1.7.0", nil, false), release("stage0-posix Release_1.8.0", nil, false), release("stage0-posix Release_1.9.1", nil, false)})
	for _, n := range []struct {
		releases []int
		want     string
	}{{nil, ""}, {[]int{0}, "mine"}, {[]int{0, 1}, "mine, 1.7.0"}, {[]int{1, 2, 3}, "1.7.0 to 1.9.1"}, {[]int{0, 1, 3}, "mine, 1.7.0, 1.9.1"}, {[]int{2, 2, 3}, "1.8.0 to 1.9.1"}} {
		assert.Equal(t, n.want, c.names(n.releases), "%v", n.releases)
	}
}
