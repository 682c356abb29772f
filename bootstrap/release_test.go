package bootstrap

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"testing"

	"stage0/arch"
)

// The digests of the release are renewed from a pristine tree in which then
// each ladder has been run on a processor, or with qemu-user:
//
//	STAGE0_POSIX=DIR go test ./bootstrap -run 'TestSources|TestNativeRun' -update
var update = flag.Bool("update", false, "write known/*.sha256 from the tree that STAGE0_POSIX names")

// posix returns the tree that STAGE0_POSIX names, in which the ladders may
// have been run.
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

func replayPosix(t *testing.T, tree *Tree) []*Ledger {
	t.Helper()
	ref, err := LoadRelease()
	must(t, err)
	return Replay(t.Context(), tree, arch.Ladders(), ref).Ledgers
}

// The ladders of the release give what upstream's own tools do.
func TestRelease(t *testing.T) {
	for _, l := range replayPosix(t, posix(t)) {
		t.Run(l.Arch.Name, func(t *testing.T) {
			if l.Err != nil || l.Failure() >= 0 || l.Count(Mismatched) > 0 || len(l.Foreign) > 0 {
				t.Fatalf("%v, %d mismatched, %v\n%s", l.Err, l.Count(Mismatched), l.Foreign, steps(l))
			}
			if l.Count(NotMade) > 0 && len(l.With(Skipped)) == 0 {
				t.Errorf("%d files were not made, and no step was skipped", l.Count(NotMade))
			}
			witnesses := map[string]int{}
			matched := map[string]bool{}
			for _, a := range l.Artefacts {
				matched[a.Path] = a.Verdict() == Matched
				witnesses[a.Path] = len(a.Witnesses)
			}
			for _, name := range []string{"hex0", "kaem-0", "hex1", "hex2-0", "catm", "M0.hex2", "M0", "cc_" + l.Arch.Name, "M2"} {
				if !matched[l.Arch.Dir+"/artifact/"+name] {
					t.Errorf("%s was not made", name)
				}
			}
			for _, name := range []string{"artifact/hex0", "artifact/kaem-0", "bin/M2-Planet", "bin/sha256sum"} {
				if n := witnesses[l.Arch.Dir+"/"+name]; n != 2 {
					t.Errorf("%s has %d witnesses", name, n)
				}
			}
			t.Logf("%d matched, %d not made", l.Count(Matched), l.Count(NotMade))
		})
	}
}

// One byte changed in a file of the release is seen, and the file is named.
func TestReleaseTampered(t *testing.T) {
	posix(t)
	dir := os.DirFS(os.Getenv("STAGE0_POSIX"))
	ref, err := LoadRelease()
	must(t, err)
	for i, f := range ref.Sources {
		if !concerns(x86, f.Path) {
			continue
		}
		tree := NewTree(flipped{dir, f.Path})
		l := &Ledger{Arch: x86}
		if i%10 == 0 {
			l = replayX86(tree, ref)
		} else { // all that depends on the file
			r := &replay{arch: x86, ledger: l, files: newOverlay(tree)}
			r.compareSources(ref)
		}
		if l.Good() || len(l.Foreign) != 1 || l.Foreign[0].Path != f.Path {
			t.Errorf("%s: good %v, %v", f.Path, l.Good(), l.Foreign)
		}
	}
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

// The list of sources is that of the files that the ladders read, and it has
// their digests.
func TestSources(t *testing.T) {
	tree := posix(t)
	ref, err := LoadRelease()
	must(t, err)
	sources := map[string]bool{}
	for _, f := range ref.Sources {
		sources[f.Path] = true
	}
	read := map[string]bool{}
	skipped := false
	for _, l := range replayPosix(t, tree) {
		read[answers(l.Arch)] = true
		skipped = skipped || len(l.With(Skipped)) > 0
		for _, s := range l.Steps {
			for _, in := range append(s.Inputs, s.File) {
				if d := path.Base(path.Dir(in.Path)); d != "artifact" && d != "bin" {
					read[in.Path] = true
				}
			}
		}
	}
	if *update {
		if skipped { // what it would have read stays
			maps.Copy(read, sources)
		}
		writeKnown(t, tree, "sources", slices.Sorted(maps.Keys(read)))
		return
	}
	for name := range read {
		if !sources[name] {
			t.Errorf("%s is read, and not in known/sources.sha256", name)
		}
	}
	for name := range sources {
		if !read[name] && !skipped {
			t.Errorf("%s is in known/sources.sha256, and not read", name)
		}
	}
}

// The native run made the files that are known.
func TestNativeRun(t *testing.T) {
	tree := posix(t)
	ref, err := LoadRelease()
	must(t, err)
	for _, a := range arch.Ladders() {
		var names []string
		for _, dir := range []string{a.Dir + "/artifact", a.Dir + "/bin"} {
			entries, err := fs.ReadDir(tree.fsys, dir)
			must(t, err)
			for _, e := range entries {
				if e.Name() != "README" && e.Name() != "placeholder" { // they come with the release
					names = append(names, dir+"/"+e.Name())
				}
			}
		}
		if len(names) == 0 {
			t.Skip("the ladders have not been run")
		}
		if *update {
			writeKnown(t, tree, a.Name, names)
			continue
		}
		var got []Digested
		for _, name := range names {
			v, err := tree.read(name)
			must(t, err)
			got = append(got, Digested{name, v.digest()})
		}
		if !slices.Equal(got, ref.Artefacts[a.Name]) {
			t.Errorf("%s: the files are not those of known/%[1]s.sha256", a.Name)
		}
	}
}

// writeKnown writes the digests of files of the tree to known/NAME.sha256.
func writeKnown(t *testing.T, tree *Tree, list string, names []string) {
	var b bytes.Buffer
	for _, name := range names {
		v, err := tree.read(name)
		must(t, err)
		fmt.Fprintf(&b, "%s  %s\n", v.digest(), name)
	}
	must(t, os.WriteFile("known/"+list+".sha256", b.Bytes(), 0o666))
}

// BenchmarkRelease replays the five ladders.
func BenchmarkRelease(b *testing.B) {
	dir := os.Getenv("STAGE0_POSIX")
	if dir == "" {
		b.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	ref, err := LoadRelease()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tree, err := OpenTree(dir)
		if err != nil {
			b.Fatal(err)
		}
		Replay(b.Context(), tree, arch.Ladders(), ref)
	}
}
