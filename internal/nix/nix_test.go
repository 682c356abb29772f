package nix_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
		d := parse(t, c.hex)
		assert.Equal(t, c.sri, nix.SRI(d))
		assert.Equal(t, c.base32, nix.Base32(d))
	}
}

func parse(t *testing.T, s string) nix.Digest {
	d, err := hex.DecodeString(s)
	require.NoError(t, err)
	return nix.Digest(d)
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

func TestHashFile(t *testing.T) {
	for _, c := range []struct {
		data       string
		executable bool
		want       string
	}{
		{"hello", false, strs("nix-archive-1", "(", "type", "regular", "contents", "hello", ")")},
		{"12345678", true, strs("nix-archive-1", "(", "type", "regular", "executable", "", "contents", "12345678", ")")},
		{"", false, strs("nix-archive-1", "(", "type", "regular", "contents", "", ")")},
	} {
		assert.Equal(t, nix.Digest(sha256.Sum256([]byte(c.want))), nix.HashFile([]byte(c.data), c.executable), c.data)
	}
}

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

// Nix gives the same digests of files.
func TestNixPaths(t *testing.T) {
	need(t)
	long := strings.Repeat("12345678", 1000)
	var paths, sri, base32 []string
	dir := t.TempDir()
	for i, f := range []struct {
		data string
		mode os.FileMode
	}{
		{"", 0o644},
		{"", 0o755},
		{"hello", 0o600},
		{long[:8], 0o600},
		{long[:9], 0o700},
		{long, 0o500},
		{"x", 0o611}, // not executable by its owner
	} {
		file := filepath.Join(dir, fmt.Sprint(i))
		require.NoError(t, os.WriteFile(file, []byte(f.data), 0o600))
		require.NoError(t, os.Chmod(file, f.mode))
		d := nix.HashFile([]byte(f.data), f.mode&0o100 != 0)
		paths, sri, base32 = append(paths, file), append(sri, nix.SRI(d)), append(base32, nix.Base32(d))
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "path", "--sri"}, paths...)...), sri); diff != "" {
		t.Errorf("-nix +ours:\n%s", diff)
	}
	if diff := cmp.Diff(run(t, append([]string{"hash", "path", "--base32"}, paths...)...), base32); diff != "" {
		t.Errorf("-nix +ours:\n%s", diff)
	}
}
