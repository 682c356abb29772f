package bootstrap

import (
	"crypto/sha256"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
)

var x86 = arch.Ladders()[0]

// files is a tree by path; a path that ends in / is a directory.
type files map[string]string

// ladder returns a small tree with a ladder for x86 that goes as upstream's
// do, up to hex1.
func ladder() files {
	return files{
		"kaem.x86": "# the start\n\n" +
			"./bootstrap-seeds/POSIX/x86/kaem-optional-seed ./x86/seed.kaem\n" +
			"./x86/artifact/kaem-0 ./x86/mini.kaem\n",
		"x86/seed.kaem": "./bootstrap-seeds/POSIX/x86/hex0-seed ./x86/hex0.hex0 ./x86/artifact/hex0\n" +
			"./x86/artifact/hex0 ./x86/kaem.hex0 ./x86/artifact/kaem-0\n",
		"x86/mini.kaem": "./x86/artifact/hex0 ./x86/hex1.hex0 ./x86/artifact/hex1\n" +
			"# with a label\n" +
			"./x86/artifact/hex1 ./x86/data.hex1 ./x86/artifact/data\n",
		"x86/hex0.hex0":                       "68 65 78 30 # hex0\n",
		"x86/kaem.hex0":                       "6B 61 65 6D # kaem\n",
		"x86/hex1.hex0":                       "68 65 78 31 # hex1\n",
		"x86/data.hex1":                       ":a AA # here\n%a\n",
		"x86/catm.hex0":                       "63 61 74 6D",
		"x86/M0.hex0":                         "4D 30",
		"x86/full.hex0":                       "66 75 6C 6C 20 6B 61 65 6D",
		"x86/artifact/":                       "",
		"x86.answers":                         sum("hex1") + "  x86/artifact/hex1\n",
		"bootstrap-seeds/POSIX/x86/hex0-seed": "hex0",
		"bootstrap-seeds/POSIX/x86/kaem-optional-seed": "kaem",
	}
}

// made is what the ladder makes.
var made = files{
	"x86/artifact/hex0":   "hex0",
	"x86/artifact/kaem-0": "kaem",
	"x86/artifact/hex1":   "hex1",
	"x86/artifact/data":   "\xAA\xFB\xFF\xFF\xFF", // a is 5 before the end of the pointer
}

// programs are the known programs of the small tree: what their files hold names
// them.
var programs = Programs{
	digest("hex0"):      {"hex0", []string{"-A", "x86"}},
	digest("kaem"):      {"kaem-0", []string{"-A", "x86"}},
	digest("hex1"):      {"hex1", []string{"-A", "x86"}},
	digest("catm"):      {"catm-0", []string{"-A", "x86"}},
	digest("M0"):        {"M0", []string{"-A", "x86"}},
	digest("full kaem"): {"kaem", nil},
	digest("chmod"):     {"chmod", nil},
	digest("cc"):        {"cc-0", []string{"-A", "x86"}},
	digest("kaen"):      {"kaem-0", []string{"-A", "x86"}},
}

func sum(data string) string { return digest(data).String() }

func digest(data string) Digest { return sha256.Sum256([]byte(data)) }

// reference returns what vouches for a tree, and for what is made from it.
func reference(tree, made files) *Reference {
	return &Reference{Name: "test", Sources: digests(tree), Artefacts: map[string][]Digested{"x86": digests(made)}}
}

func digests(m files) []Digested {
	var list []Digested
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !strings.HasSuffix(name, "/") {
			list = append(list, Digested{name, digest(m[name])})
		}
	}
	return list
}

// with returns m with other contents of some files.
func (m files) with(changes files) files {
	changed := maps.Clone(m)
	maps.Copy(changed, changes)
	return changed
}

// tree returns the tree in memory.
func (m files) tree() *Tree {
	fsys := fstest.MapFS{}
	for name, data := range m {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		} else {
			fsys[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
		}
	}
	return NewTree(fsys)
}

// write writes the tree to a temporary directory.
func (m files) write(t *testing.T) string {
	dir := t.TempDir()
	for name, data := range m {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o777))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, []byte(data), 0o666))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTreeReads(t *testing.T) {
	dir := files{"a": "text", "empty": "", "d/b": "x"}.write(t)
	must(t, os.Symlink("d/b", filepath.Join(dir, "inside")))
	must(t, os.Symlink("../../../../../../../../etc/passwd", filepath.Join(dir, "outside")))
	must(t, os.Symlink("/etc/passwd", filepath.Join(dir, "absolute")))
	must(t, os.Symlink("..", filepath.Join(dir, "above")))
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	tree, err := OpenTree(dir)
	must(t, err)
	for _, c := range []struct{ name, want, err string }{
		{"a", "text", ""},
		{"empty", "", ""},
		{"inside", "x", ""},
		{"none", "", "no such file or directory"},
		{"d", "", "is a directory"},
		{"outside", "", "path escapes from parent"},
		{"absolute", "", "path escapes from parent"},
		{"above/etc", "", "path escapes from parent"},
		{"loop", "", "too many levels of symbolic links"},
		{"../x", "", "invalid argument"},
	} {
		for range 2 { // the second time from memory
			v, err := tree.read(c.name)
			switch {
			case err != nil && !strings.HasSuffix(err.Error(), c.err), err != nil && c.err == "", err == nil && c.err != "":
				t.Errorf("%s: error %v, want %q", c.name, err, c.err)
			case err == nil && (string(v.data) != c.want || v.digest() != digest(c.want) || v.step != -1):
				t.Errorf("%s: %q, want %q", c.name, v.data, c.want)
			}
		}
	}
}

func TestTreeLimit(t *testing.T) {
	tree := files{"a": "12345", "b": "6789", "c": "123"}.tree()
	tree.left.Store(8)
	if _, err := tree.read("a"); err != nil {
		t.Error(err)
	}
	_, err := tree.read("b")
	assert.EqualError(t, err, "read b: more than 256 MiB are read from the tree")
	if _, err := tree.read("c"); err != nil { // the others are not taken for different
		t.Error(err)
	}
}

func TestParseDigest(t *testing.T) {
	want := digest("x")
	for _, s := range []string{want.String(), strings.ToUpper(want.String())} {
		d, err := ParseDigest(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, d, s)
	}
	for _, s := range []string{"", "00", want.String() + "0", want.String()[2:] + "0g"} {
		if _, err := ParseDigest(s); err == nil {
			t.Errorf("%q: no error", s)
		}
	}
}
