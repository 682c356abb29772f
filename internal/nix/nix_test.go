package nix_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/nix"
)

// digests has spellings from Nix.
var digests = []struct{ hex, sri, base32 string }{
	{"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
		"sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "094qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic"},
	{"0000000000000000000000000000000000000000000000000000000000000000",
		"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "0000000000000000000000000000000000000000000000000000"},
	{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"sha256-//////////////////////////////////////////8=", "1zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"},
}

func TestDigests(t *testing.T) {
	for _, c := range digests {
		d, err := nix.Parse(c.hex)
		require.NoError(t, err)
		assert.Equal(t, c.hex, hex.EncodeToString(d[:]))
		assert.Equal(t, c.sri, nix.SRI(d))
		assert.Equal(t, c.base32, nix.Base32(d))
		for _, s := range []string{c.sri, c.base32, "sha256:" + c.base32, strings.ToUpper(c.hex), "sha256:" + c.hex} {
			got, err := nix.Parse(s)
			assert.NoError(t, err)
			assert.Equal(t, d, got, s)
		}
	}
}

func TestDigestErrors(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":          "",
		"another hash":     "sha512-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
		"short hex":        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982",
		"not hex":          "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982g",
		"a letter e":       "e94qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic",
		"257 bits":         "2000000000000000000000000000000000000000000000000000",
		"53 digits":        "0094qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic",
		"capitals":         "094QIF9N4CQ4FDG459QZBHG1C6WYWAWWAAIVX0K0X8XHBYX4VWIC",
		"no padding":       "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ",
		"31 bytes":         "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmA==",
		"33 bytes":         "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQA",
		"bits in padding":  "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCR=",
		"a line feed":      "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0Je\ncwQzYpOLmCQ=",
		"prefix of base32": "sha256-094qif9n4cq4fdg459qzbhg1c6wywawwaaivx0k0x8xhbyx4vwic",
	} {
		_, err := nix.Parse(s)
		assert.Error(t, err, name)
	}
	_, err := nix.Parse("no\n")
	assert.EqualError(t, err, `"no\n" is not a SHA-256 digest: expected sha256- and base64, or 52 digits of nix-base32, or 64 of hex`)
}

// str encodes a string as in archives, by other code than the package's.
func str(s string) string {
	text := string([]byte{byte(len(s)), byte(len(s) >> 8), 0, 0, 0, 0, 0, 0}) + s
	for len(text)%8 != 0 {
		text += "\x00"
	}
	return text
}

func strs(list ...string) string {
	var all string
	for _, s := range list {
		all += str(s)
	}
	return all
}

func TestWriteFile(t *testing.T) {
	for _, c := range []struct {
		data       string
		executable bool
		want       string
	}{
		{"hello", false, strs("nix-archive-1", "(", "type", "regular", "contents", "hello", ")")},
		{"12345678", true, strs("nix-archive-1", "(", "type", "regular", "executable", "", "contents", "12345678", ")")},
		{"", false, strs("nix-archive-1", "(", "type", "regular", "contents", "", ")")},
	} {
		var b bytes.Buffer
		require.NoError(t, nix.WriteFile(&b, []byte(c.data), c.executable))
		if diff := cmp.Diff(c.want, b.String()); diff != "" {
			t.Errorf("%q: -want +got:\n%s", c.data, diff)
		}
		if got := nix.HashFile([]byte(c.data), c.executable); got != sha256.Sum256([]byte(c.want)) {
			t.Errorf("%q: the digest is %x", c.data, got)
		}
	}
}

func TestWriteFS(t *testing.T) {
	fsys := fstest.MapFS{"a": {Data: []byte("A"), Mode: 0o755}, "B/c": {Data: []byte("12345678"), Mode: 0o655}}
	want := strs("nix-archive-1", "(", "type", "directory",
		"entry", "(", "name", "B", "node", "(", "type", "directory",
		"entry", "(", "name", "c", "node", "(", "type", "regular", "contents", "12345678", ")", ")",
		")", ")",
		"entry", "(", "name", "a", "node", "(", "type", "regular", "executable", "", "contents", "A", ")", ")",
		")")
	var b bytes.Buffer
	require.NoError(t, nix.WriteFS(&b, fsys, "."))
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got, err := nix.HashFS(fsys, "a")
	require.NoError(t, err)
	assert.Equal(t, nix.HashFile([]byte("A"), true), got)
}

// sized is a file system whose files claim to have another size.
type sized struct {
	fs.FS
	by int64
}

func (s sized) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return sizedFile{f, s.by}, err
}

type sizedFile struct {
	fs.File
	by int64
}

func (f sizedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return sizedInfo{info, f.by}, err
}

type sizedInfo struct {
	fs.FileInfo
	by int64
}

func (i sizedInfo) Size() int64 { return i.FileInfo.Size() + i.by }

func TestWriteFSErrors(t *testing.T) {
	hello := fstest.MapFS{"hello": {Data: []byte("hello")}}
	for _, c := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{".", fstest.MapFS{"d/link": {Data: []byte("to"), Mode: fs.ModeSymlink}}, "archive d/link: neither a file nor a directory, and nothing else is archived"},
		{"link", fstest.MapFS{"link": {Data: []byte("to"), Mode: fs.ModeSymlink}}, "archive link: neither a file nor a directory, and nothing else is archived"},
		{".", fstest.MapFS{"pipe": {Mode: fs.ModeNamedPipe}}, "archive pipe: neither a file nor a directory, and nothing else is archived"},
		{"hello", sized{hello, 1}, "archive hello: 5 of 6 bytes: its size changes while it is read"},
		{"hello", sized{hello, -1}, "archive hello: its size changes while it is read"},
		{"none", hello, "lstat none: file does not exist"},
	} {
		_, err := nix.HashFS(c.fsys, c.name)
		assert.EqualError(t, err, c.want)
	}
	assert.EqualError(t, nix.WriteFS(refusing{}, hello, "."), "no room")
}

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, errors.New("no room") }

var _ io.Writer = refusing{}

// need skips the test if Nix is missing, or fails it if STAGE0_BUILDERS is
// "require".
func need(t *testing.T) {
	if _, err := exec.LookPath("nix"); err == nil {
		return
	}
	if os.Getenv("STAGE0_BUILDERS") == "require" {
		t.Fatal("there is no nix")
	}
	t.Skip("there is no nix")
}

// run returns the lines that a Nix command prints.
func run(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("nix", append([]string{"--extra-experimental-features", "nix-command"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("nix %v: %v\n%s", args, err, errs.String())
	}
	return strings.Fields(string(out))
}

// Nix gives the same spellings.
func TestNixDigests(t *testing.T) {
	need(t)
	var texts, sri, base32 []string
	for i := range 100 {
		var d nix.Digest
		for j := range d {
			d[j] = byte(i * (j + 1) * 37)
		}
		texts, sri, base32 = append(texts, hex.EncodeToString(d[:])), append(sri, nix.SRI(d)), append(base32, nix.Base32(d))
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "to-sri", "--type", "sha256"}, texts...)...), sri); diff != "" {
		t.Errorf("-nix +ours:\n%s", diff)
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "to-base32", "--type", "sha256"}, texts...)...), base32); diff != "" {
		t.Errorf("-nix +ours:\n%s", diff)
	}
}

// Nix gives the same digests of files and directories.
func TestNixPaths(t *testing.T) {
	need(t)
	eight := strings.Repeat("12345678", 1000)
	tree := fstest.MapFS{
		"empty":           {Mode: 0o644},
		"empty-x":         {Mode: 0o755},
		"hello":           {Data: []byte("hello"), Mode: 0o600},
		"eight":           {Data: []byte(eight[:8]), Mode: 0o600},
		"nine":            {Data: []byte(eight[:9]), Mode: 0o700},
		"long":            {Data: []byte(eight), Mode: 0o500},
		"others-x":        {Data: []byte("x"), Mode: 0o611}, // not executable by its owner
		"sorted/B":        {Data: []byte("B"), Mode: 0o644},
		"sorted/a":        {Data: []byte("a"), Mode: 0o644},
		"sorted/a-b":      {Data: []byte("a-b"), Mode: 0o644},
		"sorted/a.b":      {Data: []byte("a.b"), Mode: 0o644},
		"sorted/ab/c/d":   {Data: []byte("d"), Mode: 0o755},
		"sorted/a b":      {Data: []byte("space"), Mode: 0o644},
		"sorted/\u00e4":   {Data: []byte("two bytes"), Mode: 0o644},
		"sorted/12345678": {Data: []byte("a name of eight"), Mode: 0o644},
	}
	dir := t.TempDir()
	for name, f := range tree {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, f.Data, 0o600))
		require.NoError(t, os.Chmod(file, f.Mode))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "none"), 0o777))
	names := append(slices.Sorted(maps.Keys(tree)), ".", "sorted", "sorted/ab", "none")
	var paths, sri, base32 []string
	for _, name := range names {
		d, err := nix.HashFS(os.DirFS(dir), name)
		require.NoError(t, err)
		if f := tree[name]; f != nil {
			assert.Equal(t, d, nix.HashFile(f.Data, f.Mode&0o100 != 0), name)
		}
		paths, sri, base32 = append(paths, filepath.Join(dir, name)), append(sri, nix.SRI(d)), append(base32, nix.Base32(d))
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "path", "--sri"}, paths...)...), sri); diff != "" {
		t.Errorf("%v: -nix +ours:\n%s", names, diff)
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "path", "--base32"}, paths...)...), base32); diff != "" {
		t.Errorf("%v: -nix +ours:\n%s", names, diff)
	}
}
