package bootstrap

import (
	"slices"
	"testing"
	"testing/fstest"
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
		{d, "sums:1:65: want two spaces and a path after the digest"},
		{d + " a\n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  \n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  /etc/passwd\n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  ../a\n", "sums:1:65: want two spaces and a path after the digest"},
	} {
		if _, err := ParseDigests("sums", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
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
		if run.Revision.Release != c.release || run.Ledgers[0].Release != c.release {
			t.Errorf("%s: it is taken for %q", c.name, run.Revision.Release)
		}
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
		{files{}, nil, nil, "there is no kaem.ARCH in it, for x86, amd64, aarch64, riscv32, riscv64"},
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
