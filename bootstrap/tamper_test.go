package bootstrap_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/emu/emutest"
	"stage0/internal/report"
)

// A tree is files by path; a path that ends in / is a directory.
type tree map[string]string

// The ladders of the small release.
var ladders = slices.DeleteFunc(arch.Ladders(), func(a arch.Arch) bool { return a.Name != "x86" && a.Name != "riscv64" })

func digest(data string) bootstrap.Digest { return sha256.Sum256([]byte(data)) }

func hex0(data string) string { return fmt.Sprintf("% x # %d bytes\n", data, len(data)) }

// programs are the known programs of the small release: what their files hold
// names them.
func programs() bootstrap.Programs {
	known := bootstrap.Programs{
		digest("full kaem"): {Name: "kaem"},
		digest("sha256sum"): {Name: "sha256sum"},
		digest("rm"):        {Name: "rm"},
	}
	for _, a := range arch.Ladders() {
		for of, name := range map[string]string{"hex0": "hex0", "kaem": "kaem-0", "hex1": "hex1", "catm": "catm-0"} {
			known[digest(of+" of "+a.Name)] = bootstrap.Program{Name: name, Args: []string{"-A", a.Name}}
		}
	}
	return known
}

// copier is a riscv64 program that copies the start of its first argument to the
// second. No table knows it.
func copier() string {
	const (
		sp, t0, a0, a1, a2, a3, a7 = 2, 5, 10, 11, 12, 13, 17
		ecall                      = 0x73
	)
	li := func(rd, v int) uint32 { return 0x13 | uint32(rd<<7) | uint32(v)<<20 }
	mv := func(rd, rs int) uint32 { return 0x13 | uint32(rd<<7|rs<<15) }
	arg := func(n int) uint32 { return 0x3003 | a1<<7 | sp<<15 | uint32(8+8*n)<<20 }
	var b []byte
	for _, w := range []uint32{
		li(a0, -100), arg(1), li(a2, 0), li(a3, 0), li(a7, 56), ecall, // open
		0x13 | a1<<7 | sp<<15 | uint32(0xF00)<<20, li(a2, 100), li(a7, 63), ecall, // read
		mv(t0, a0), li(a0, -100), arg(2), li(a2, 0o1101), li(a3, 0o700), li(a7, 56), ecall, // create
		0x13 | a1<<7 | sp<<15 | uint32(0xF00)<<20, mv(a2, t0), li(a7, 64), ecall, // write
		li(a0, 0), li(a7, 93), ecall, // exit
	} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return string(emutest.ELF(0xF3, 64, b, 0))
}

// release returns a small release: ladders that go as upstream's do, with a
// program that no table knows, a script in a directory of its own, and a check
// of the answers.
func release(t *testing.T, ladders []arch.Arch) tree {
	m := tree{
		"shared/one.hex0":  "31 # one\n",
		"shared/sums.hex0": hex0("sha256sum"),
		"shared/rm.hex0":   hex0("rm"),
		"shared/copy.hex0": hex0(copier()),
		"shared/text":      "a text\nof two lines\n",
	}
	for _, a := range ladders {
		in := strings.NewReplacer("DIR", a.Dir, "ARCH", a.Name).Replace
		for name, data := range map[string]string{
			"kaem.ARCH": "# the ladder of ARCH\n\n" +
				"./bootstrap-seeds/POSIX/DIR/kaem-optional-seed ./DIR/seed.kaem\n" +
				"./DIR/artifact/kaem-0 ./DIR/mini.kaem\n" +
				"./DIR/bin/kaem --strict --file ./DIR/full.kaem\n",
			"DIR/seed.kaem": "./bootstrap-seeds/POSIX/DIR/hex0-seed ./DIR/hex0.hex0 ./DIR/artifact/hex0\n" +
				"./DIR/artifact/hex0 ./DIR/kaem.hex0 ./DIR/artifact/kaem-0\n",
			"DIR/mini.kaem": "./DIR/artifact/hex0 ./DIR/hex1.hex0 ./DIR/artifact/hex1\n" +
				"# with a label\n" +
				"./DIR/artifact/hex1 ./DIR/data.hex1 ./DIR/artifact/data\n" +
				"./DIR/artifact/hex0 ./DIR/catm.hex0 ./DIR/artifact/catm\n" +
				"./DIR/artifact/catm ./DIR/artifact/joined.hex0 ./shared/one.hex0 ./DIR/two.hex0\n" +
				"./DIR/artifact/hex0 ./DIR/artifact/joined.hex0 ./DIR/bin/joined\n" +
				"./DIR/artifact/hex0 ./DIR/full.hex0 ./DIR/bin/kaem\n" +
				"./DIR/artifact/hex0 ./shared/sums.hex0 ./DIR/bin/sha256sum\n" +
				"./DIR/artifact/hex0 ./shared/rm.hex0 ./DIR/bin/rm\n" +
				"./DIR/artifact/hex0 ./shared/copy.hex0 ./DIR/bin/copy\n",
			"DIR/full.kaem": "./DIR/bin/copy ./shared/text ./DIR/bin/text\n" +
				"./DIR/bin/copy ./DIR/bin/text ./DIR/artifact/text.tmp\n" +
				"cd ./DIR/sub\n" +
				"../bin/kaem --strict --file ./after.kaem\n" +
				"cd ../..\n" +
				"./DIR/bin/rm ./DIR/artifact/text.tmp\n" +
				"./DIR/bin/sha256sum -c ARCH.answers\n",
			"DIR/sub/after.kaem":                  "../artifact/catm ../bin/after ./part.txt ../artifact/text.tmp\n",
			"DIR/sub/part.txt":                    "a part\n",
			"DIR/hex0.hex0":                       hex0("hex0 of " + a.Name),
			"DIR/kaem.hex0":                       hex0("kaem of " + a.Name),
			"DIR/hex1.hex0":                       hex0("hex1 of " + a.Name),
			"DIR/catm.hex0":                       hex0("catm of " + a.Name),
			"DIR/full.hex0":                       hex0("full kaem"),
			"DIR/data.hex1":                       "AA # a byte\nBB\n",
			"DIR/two.hex0":                        "32 # two\n",
			"DIR/artifact/":                       "",
			"DIR/bin/":                            "",
			"bootstrap-seeds/POSIX/DIR/hex0-seed": "hex0 of ARCH",
			"bootstrap-seeds/POSIX/DIR/kaem-optional-seed": "kaem of ARCH",
		} {
			m[in(name)] = in(data)
		}
	}
	return m.answered(t, "/bin/")
}

// with returns m with other contents of some files.
func (m tree) with(changes tree) tree {
	changed := maps.Clone(m)
	maps.Copy(changed, changes)
	return changed
}

// without returns m without the files and directories whose paths begin so.
func (m tree) without(prefixes ...string) tree {
	left := maps.Clone(m)
	for name := range m {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			delete(left, name)
		}
	}
	return left
}

// names returns the paths of the files in order.
func (m tree) names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(name string) bool { return strings.HasSuffix(name, "/") })
}

func (m tree) fsys() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, data := range m {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		} else {
			fsys[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
		}
	}
	return fsys
}

// answered returns m with answers that say what its ladders make, of the files
// whose paths have part in them.
func (m tree) answered(t *testing.T, part string) tree {
	runs, err := replay(t, bootstrap.NewTree(m.fsys()), noReference, bootstrap.EngineGo)
	if err != nil {
		t.Fatal(err)
	}
	return m.with(answers(runs[0], part))
}

// answers returns the answers that say what a run made.
func answers(run *bootstrap.Run, part string) tree {
	all := tree{}
	for _, l := range run.Ledgers {
		var list strings.Builder
		for _, a := range l.Artefacts {
			if a.From >= 0 && strings.Contains(a.Path, part) {
				fmt.Fprintf(&list, "%s  %s\n", a.Digest, a.Path)
			}
		}
		all[l.Arch.Name+".answers"] = list.String()
	}
	return all
}

var noReference = []*bootstrap.Reference{{Name: "none"}}

// reference returns what vouches for a tree: its files and what its ladders make.
func (m tree) reference(t *testing.T, name string) *bootstrap.Reference {
	ref := &bootstrap.Reference{Name: name, Artefacts: map[string][]bootstrap.Digested{}}
	for _, name := range m.names() {
		ref.Sources = append(ref.Sources, bootstrap.Digested{Path: name, Digest: digest(m[name])})
	}
	runs, err := replay(t, bootstrap.NewTree(m.fsys()), noReference, bootstrap.EngineGo)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range runs[0].Ledgers {
		if l.Err != nil || l.Failure() >= 0 {
			t.Fatalf("%s: %s: %v, %s", name, l.Arch.Name, l.Err, l.Steps[max(l.Failure(), 0)].Reason)
		}
		for _, a := range l.Artefacts {
			ref.Artefacts[l.Arch.Name] = append(ref.Artefacts[l.Arch.Name], bootstrap.Digested{Path: a.Path, Digest: a.Digest})
		}
	}
	return ref
}

// replay replays all ladders of a tree and compares them. The small release's
// programs are no programs, so each engine is engine go, by another name.
func replay(t *testing.T, tree *bootstrap.Tree, refs []*bootstrap.Reference, engines ...string) ([]*bootstrap.Run, error) {
	found, err := bootstrap.Find(tree, nil)
	if err != nil {
		return nil, err
	}
	var runs []*bootstrap.Run
	for _, engine := range engines {
		run := bootstrap.Replay(t.Context(), tree, found, bootstrap.Options{Programs: programs()})
		run.Engine = engine
		runs = append(runs, run)
	}
	bootstrap.Compare(runs, refs, true)
	return runs, nil
}

// A tampering is a tree with one change, and what must be named of it.
type tampering struct {
	name    string
	tree    tree
	files   []string // that differ from the release
	missing string   // architecture whose ladder is not there
}

// caught reports what is wrong with the verdict on a tampering, on runs with one
// engine or more: it passes, or does not name what was changed.
func (c *tampering) caught(runs []*bootstrap.Run) error {
	conclusion := report.Conclude(runs)
	best := report.Unconfirmed
	if len(runs) > 1 {
		best = report.Agreed
	}
	if conclusion.Status < best {
		return fmt.Errorf("it passes: %s", conclusion.Text)
	}
	if v := runs[0].Revision; v.Release != "" && c.missing == "" {
		return fmt.Errorf("it is taken for %s", v.Release)
	}
	for _, name := range c.files {
		named := func(f bootstrap.Foreign) bool { return f.Path == name }
		if !slices.ContainsFunc(runs[0].Revision.Different, named) {
			return fmt.Errorf("%s is not named", name)
		}
	}
	isMissing := func(a arch.Arch) bool { return a.Name == c.missing }
	if c.missing != "" && (!slices.ContainsFunc(runs[0].Missing, isMissing) || !strings.Contains(conclusion.Text, c.missing)) {
		return fmt.Errorf("the ladder of %s is not missed: %s", c.missing, conclusion.Text)
	}
	return nil
}
