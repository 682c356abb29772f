package bootstrap

import (
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
)

// latest returns the reference of the newest release.
func latest(t *testing.T) *Reference {
	t.Helper()
	refs, err := References()
	must(t, err)
	return refs[len(refs)-1]
}

func TestParseDigests(t *testing.T) {
	d := sum("")
	list, err := ParseDigests("sums", []byte(d+"  a/b\n"+d+" *c d"))
	must(t, err)
	if want := []Digested{{"a/b", digest("")}, {"c d", digest("")}}; !slices.Equal(list, want) {
		t.Errorf("%v", list)
	}
	for _, c := range []struct{ text, want string }{
		{"\n", `sums:1:1: "" is not a SHA-256 digest`},
		{d + "  a\nxyz  b\n", `sums:2:1: "xyz" is not a SHA-256 digest`},
		{d, "sums:1:65: expected two spaces and a path after the digest"},
		{d + " a\n", "sums:1:65: expected two spaces and a path after the digest"},
		{d + "  \n", "sums:1:65: expected two spaces and a path after the digest"},
		{d + "  /etc/passwd\n", "sums:1:65: expected two spaces and a path after the digest"},
		{d + "  ../a\n", "sums:1:65: expected two spaces and a path after the digest"},
	} {
		_, err := ParseDigests("sums", []byte(c.text))
		assert.EqualError(t, err, c.want, c.text)
	}
}

// An empty list of sources vouches for no file; without a list, every tree is
// one of the revision.
func TestLoadSources(t *testing.T) {
	for _, c := range []struct {
		name    string
		fsys    fstest.MapFS
		release string
	}{
		{"none", fstest.MapFS{"x86.sha256": {}}, "test"},
		{"empty", fstest.MapFS{"sources.sha256": {}}, ""},
	} {
		ref, err := LoadReference("test", c.fsys, ".")
		must(t, err)
		run := replayOne(t.Context(), ladder().tree(), x86, ref, Options{Programs: programs})
		assert.Equal(t, c.release, run.Revision.Release, c.name)
		assert.Equal(t, c.release, run.Ledgers[0].Release, c.name)
	}
}

func TestConcerns(t *testing.T) {
	for path, want := range map[string]bool{
		"kaem.x86": true, "kaem.amd64": false, "x86/hex0_x86.hex0": true, "AMD64/hex0_AMD64.hex0": false,
		"x86.answers": true, "riscv32.answers": false, "M2libc/amd64/libc-core.M1": true, "after.kaem": true,
		"bootstrap-seeds/POSIX/x86/hex0-seed": true, "bootstrap-seeds/POSIX/AArch64/hex0-seed": false,
	} {
		if concerns(x86, path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		tree  files
		names []string
		want  []string
		err   string
	}{
		{files{"kaem.x86": "", "kaem.riscv64": ""}, nil, []string{"x86", "riscv64"}, ""},
		{files{"kaem.x86": "", "kaem.riscv64": ""}, []string{"riscv64"}, []string{"riscv64"}, ""},
		{files{"kaem.x86": ""}, []string{"x86", "amd64"}, nil, "kaem.amd64: file does not exist"},
		{files{"kaem.x86": ""}, []string{"z80"}, nil, `there is no ladder for "z80"; there are ladders for x86, amd64, aarch64, riscv32, riscv64`},
		{files{"kaem.x86": ""}, []string{"armv7l"}, nil, `there is no ladder for "armv7l"; there are ladders for x86, amd64, aarch64, riscv32, riscv64`},
		{files{"kaem.x86/": ""}, nil, nil, "kaem.x86: is a directory"},
		{files{}, nil, nil, "it has no kaem.ARCH, where ARCH is one of x86, amd64, aarch64, riscv32, riscv64"},
	} {
		found, err := Find(c.tree.tree(), c.names)
		var names []string
		for _, a := range found {
			names = append(names, a.Name)
		}
		if !slices.Equal(names, c.want) || (err != nil || c.err != "") && (err == nil || err.Error() != c.err) {
			t.Errorf("%v: %v, %v; want %v, %s", c.names, names, err, c.want, c.err)
		}
	}
}

// Each release that is known has sources and five ladders, and its seeds are among
// the sources: a reference without any would take every tree for its own.
func TestKnownReferences(t *testing.T) {
	refs, err := References()
	must(t, err)
	require.Len(t, refs, 7)
	require.Equal(t, Latest, refs[6].Name)
	for _, ref := range refs {
		require.GreaterOrEqual(t, len(ref.Sources), 190, ref.Name)
		assert.Len(t, ref.Artefacts, 5, ref.Name)
		require.NotNil(t, ref.Repository, ref.Name)
		assert.Len(t, ref.Repository.Commit, 40, ref.Name)
		assert.Len(t, ref.Repository.Submodules, 12, ref.Name)
		sources := map[string]bool{}
		for _, f := range ref.Sources {
			sources[f.Path] = true
		}
		for _, a := range arch.Ladders() {
			if n := len(ref.Artefacts[a.Name]); n < 55 {
				t.Errorf("%s: %d artefacts of %s", ref.Name, n, a.Name)
			}
			for _, name := range []string{script(a), answers(a), seeds(a) + "/hex0-seed", seeds(a) + "/kaem-optional-seed"} {
				if !sources[name] {
					t.Errorf("%s: %s is not among the sources", ref.Name, name)
				}
			}
		}
	}
}

// A list can say what it has other than another one.
func TestLoadReference(t *testing.T) {
	d, e := sum("d"), sum("e")
	dir := files{
		"old/x86.sha256":     "# comment\n# as ../new/x86.sha256, but:\n" + e + "  b\n-  c\n" + e + "  a\n",
		"new/x86.sha256":     d + "  b\n" + d + "  c\n" + d + "  d\n",
		"new/sources.sha256": d + "  s\n",
		"loop/x86.sha256":    "# as ../loop/x86.sha256, but:\n",
		"none/x86.sha256":    "# as ../no/x86.sha256, but:\n",
		"bad/x86.sha256":     "# as ../new/x86.sha256, but:\n-  b\n" + d + " b\n",
	}.write(t)
	ref, err := LoadReference("the old one", os.DirFS(dir), "old")
	must(t, err)
	want := []Digested{{"a", digest("e")}, {"b", digest("e")}, {"d", digest("d")}}
	assert.Equal(t, want, ref.Artefacts["x86"])
	assert.Nil(t, ref.Sources)
	assert.Equal(t, "the old one", ref.Name)
	for name, want := range map[string]string{
		"loop": "loop/x86.sha256: more than 10 lists are built on it",
		"none": "open no/x86.sha256: no such file or directory",
		"bad":  "bad/x86.sha256:3:65: expected two spaces and a path after the digest",
	} {
		_, err := LoadReference(name, os.DirFS(dir), name)
		assert.EqualError(t, err, want)
	}
}
