package bootstrap

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
)

// The references are made again from pristine trees of the releases, in which
// every ladder is climbed with the engines go and emu, which must agree. A native
// run of x86 and amd64 must give the same; STAGE0_NATIVE names a directory with
// its digests in the files 1.6.0-x86.sha256 and so on, as sha256sum prints them.
//
//	STAGE0_RELEASES=DIR STAGE0_NATIVE=DIR go test ./bootstrap -run TestReferences -update -timeout 0
//	go test ./bootstrap -run TestPrograms -update
var update = flag.Bool("update", false, "write known/ from the trees that STAGE0_RELEASES names")

// posix returns the tree that STAGE0_POSIX names, of the newest release, in which
// the ladders may have been run.
func posix(t *testing.T) *Tree {
	t.Helper()
	dir := os.Getenv("STAGE0_POSIX")
	if dir == "" {
		t.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	tree, err := OpenTree(dir)
	must(t, err)
	return tree
}

// replayAll replays all ladders of a tree with some engines, and compares them
// with all releases.
func replayAll(t *testing.T, tree *Tree, engines ...string) []*Run {
	t.Helper()
	refs, err := References()
	must(t, err)
	runs := replays(t, tree, engines...)
	Compare(runs, refs, true)
	return runs
}

func replays(t *testing.T, tree *Tree, engines ...string) (runs []*Run) {
	t.Helper()
	known, err := LoadPrograms()
	must(t, err)
	for _, engine := range engines {
		runs = append(runs, Replay(t.Context(), tree, arch.Ladders(), Options{Engine: engine, Programs: known}))
	}
	return runs
}

// The ladders of the newest release give what upstream's own tools do, and all of
// it is done in Go.
func TestRelease(t *testing.T) {
	run := replayAll(t, posix(t), EngineGo)[0]
	require.Equal(t, Latest, run.Revision.Release)
	require.Empty(t, run.Missing)
	for _, l := range run.Ledgers {
		assert.Equal(t, Matches, l.Verdict(), "%v %v %v %v", l.Arch.Name, l.Err, l.Foreign, steps(l))
		assert.Equal(t, Latest, l.Release, "%v %v %v %v", l.Arch.Name, l.Err, l.Foreign, steps(l))
		assert.Equal(t, len(l.Steps), l.By(EngineGo), "%v %v %v %v", l.Arch.Name, l.Err, l.Foreign, steps(l))
	}
}

// The ladders of every release that is known give what its reference says, and all
// that upstream publishes with it. With STAGE0_EMULATE=all the engine emu does so,
// too.
func TestReferences(t *testing.T) {
	dir := os.Getenv("STAGE0_RELEASES")
	if dir == "" {
		t.Skip("STAGE0_RELEASES does not name a directory with trees")
	}
	engines := []string{EngineGo}
	if *update || os.Getenv("STAGE0_EMULATE") == "all" {
		engines = append(engines, EngineEmu)
	}
	for _, release := range slices.Backward(Releases()) { // a list is built on that of the next one
		t.Run(release, func(t *testing.T) {
			tree, err := OpenTree(filepath.Join(dir, strings.TrimPrefix(release, "Release_")))
			must(t, err)
			var runs []*Run
			want := Matches
			if *update {
				runs = replays(t, tree, engines...)
				Compare(runs, []*Reference{{Name: "none"}}, false)
				want = Agreed
			} else {
				runs = replayAll(t, tree, engines...)
				if got := runs[0].Revision.Release; got != release {
					t.Errorf("it is %s, %v", got, runs[0].Revision.Different)
				}
			}
			for _, run := range runs {
				for _, l := range run.Ledgers {
					seedsDiffer := l.Verdict() == Differs && slices.ContainsFunc(l.Artefacts, bySeedOnly)
					if l.Verdict() > want && !(*update && seedsDiffer) {
						t.Errorf("%s, engine %s: %v, %v\n%s", l.Arch.Name, run.Engine, l.Err, l.Verdict(), steps(l))
					}
					t.Logf("%-8s %-4s %3d artefacts, %2d answers, %3d steps in Go, %3d executed, %6.1f s", l.Arch.Name, run.Engine,
						len(l.Artefacts), published(l), l.By(EngineGo), len(l.Steps)-l.By(EngineGo), l.Duration.Seconds())
				}
			}
			if *update && !t.Failed() {
				writeReference(t, release, runs[0])
			}
		})
	}
}

// bySeedOnly reports whether an artefact differs from a seed, and from nothing else.
func bySeedOnly(a Artefact) bool {
	differ := 0
	for _, w := range a.Witnesses {
		if w.Digest != a.Digest {
			differ++
			if w.Kind != BySeed {
				return false
			}
		}
	}
	return differ > 0
}

// published returns how many artefacts are what upstream's answers say.
func published(l *Ledger) int {
	n := 0
	for _, a := range l.Artefacts {
		if slices.Contains(a.Witnesses, Witness{ByAnswers, answers(l.Arch), a.Digest}) {
			n++
		}
	}
	return n
}

// writeReference writes known/RELEASE.
func writeReference(t *testing.T, release string, run *Run) {
	sources := map[string]Digest{}
	for i, l := range run.Ledgers {
		for _, name := range append(slices.Collect(maps.Keys(run.files[i].read)), answers(l.Arch)) {
			if v, err := run.tree.read(name); err == nil {
				sources[name] = v.digest()
			}
		}
		made := map[string]Digest{}
		for _, a := range l.Artefacts {
			made[a.Path] = a.Digest
		}
		by := "the engines go and emu"
		native := filepath.Join(os.Getenv("STAGE0_NATIVE"), strings.TrimPrefix(release, "Release_")+"-"+l.Arch.Name+".sha256")
		if text, err := os.ReadFile(native); err == nil {
			by += ", and a native run"
			list, err := ParseDigests(native, text)
			must(t, err)
			for _, d := range list {
				if made[d.Path] != d.Digest {
					t.Errorf("%s: %s is not what the native run made", release, d.Path)
				}
			}
			if len(list) != len(made) {
				t.Errorf("%s: %s: %d files, the native run made %d", release, l.Arch.Name, len(made), len(list))
			}
		}
		writeKnown(t, release, l.Arch.Name, "What the ladder of "+l.Arch.Name+" makes: "+by+" agree.", made)
	}
	writeKnown(t, release, "sources", "The files of the tree that the ladders read.", sources)
}

// writeKnown writes known/RELEASE/NAME.sha256: in full, or by what it has other
// than the next release, if that is less than a half.
func writeKnown(t *testing.T, release, name, about string, list map[string]Digest) {
	var full, changes bytes.Buffer
	fmt.Fprintf(&full, "# stage0-posix %s. %s\n", release, about)
	all := Releases()
	base := map[string]Digest{}
	if i := slices.Index(all, release); i+1 < len(all) {
		file := path.Join("known", all[i+1], name+".sha256")
		newer, err := loadDigests(os.DirFS("."), file, 0)
		must(t, err)
		for _, d := range newer {
			base[d.Path] = d.Digest
		}
		fmt.Fprintf(&changes, "%s# as ../%s/%s.sha256, but:\n", full.Bytes(), all[i+1], name)
	}
	changed := 0
	for _, p := range slices.Sorted(maps.Keys(list)) {
		line := fmt.Sprintf("%s  %s\n", list[p], p)
		full.WriteString(line)
		if base[p] != list[p] {
			changes.WriteString(line)
			changed++
		}
	}
	for _, p := range slices.Sorted(maps.Keys(base)) {
		if _, ok := list[p]; !ok {
			fmt.Fprintf(&changes, "-  %s\n", p)
			changed++
		}
	}
	text := full.Bytes()
	if len(base) > 0 && changed < len(list)/2 {
		text = changes.Bytes()
	}
	must(t, os.MkdirAll(filepath.Join("known", release), 0o777))
	must(t, os.WriteFile(filepath.Join("known", release, name+".sha256"), text, 0o666))
}

// flipped is a file system with one byte changed in the middle of a file.
type flipped struct {
	fs.FS
	name string
}

func (f flipped) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || name != f.name {
		return file, err
	}
	data, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	data[len(data)/2] ^= 1
	return &flippedFile{file, bytes.NewReader(data)}, nil
}

type flippedFile struct {
	fs.File
	data *bytes.Reader
}

func (f *flippedFile) Read(p []byte) (int, error) { return f.data.Read(p) }

// One byte changed in a file that a ladder reads is seen, and the file is named:
// none of the ladders that it concerns is one of a release.
func TestReleaseTampered(t *testing.T) {
	posix(t)
	refs, err := References()
	must(t, err)
	dir := os.DirFS(os.Getenv("STAGE0_POSIX"))
	for _, f := range latest(t).Sources {
		tree := NewTree(flipped{dir, f.Path})
		run := &Run{Engine: EngineGo}
		for _, a := range arch.Ladders() {
			run.Ledgers = append(run.Ledgers, &Ledger{Arch: a})
			run.files = append(run.files, newOverlay(tree))
		}
		Compare([]*Run{run}, refs, true)
		v := run.Revision
		assert.Empty(t, v.Release)
		assert.Equal(t, Latest, v.Nearest)
		require.Len(t, v.Different, 1)
		assert.Equal(t, f.Path, v.Different[0].Path)
		for _, l := range run.Ledgers {
			want := Latest
			if concerns(l.Arch, f.Path) {
				want = ""
			}
			if l.Release != want {
				t.Errorf("%s: the ladder of %s is taken for %q", f.Path, l.Arch.Name, l.Release)
			}
		}
	}
	t.Logf("%d files", len(latest(t).Sources))
}

// The native run in the tree made the files that are known.
func TestNativeRun(t *testing.T) {
	tree := posix(t)
	ref := latest(t)
	for _, a := range arch.Ladders() {
		var got []Digested
		for _, dir := range []string{a.Dir + "/artifact", a.Dir + "/bin"} {
			entries, err := fs.ReadDir(tree.fsys, dir)
			must(t, err)
			for _, e := range entries {
				if e.Name() == "README" || e.Name() == placeholder { // they come with the release
					continue
				}
				v, err := tree.read(dir + "/" + e.Name())
				must(t, err)
				got = append(got, Digested{dir + "/" + e.Name(), v.digest()})
			}
		}
		if len(got) == 0 {
			t.Skip("the ladders have not been run")
		}
		if !slices.Equal(got, ref.Artefacts[a.Name]) {
			t.Errorf("%s: the files are not those of known/%s/%[1]s.sha256", a.Name, Latest)
		}
	}
}

// BenchmarkRelease replays the five ladders.
func BenchmarkRelease(b *testing.B) {
	dir := os.Getenv("STAGE0_POSIX")
	if dir == "" {
		b.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	refs, err := References()
	if err != nil {
		b.Fatal(err)
	}
	known, err := LoadPrograms()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tree, err := OpenTree(dir)
		if err != nil {
			b.Fatal(err)
		}
		run := Replay(b.Context(), tree, arch.Ladders(), Options{Programs: known})
		Compare([]*Run{run}, refs, true)
	}
}
