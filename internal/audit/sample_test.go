package audit_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap/sample"
	"stage0/internal/audit"
	"stage0/source"
)

// sampleFile returns a file of the sample ladder.
func sampleFile(t testing.TB, name string) source.Source {
	t.Helper()
	text, err := fs.ReadFile(sample.Tree(), name)
	require.NoError(t, err)
	return source.Bytes(name, text)
}

// TestSample wants no findings in the sample ladder, in which each byte is
// explained.
func TestSample(t *testing.T) {
	for _, a := range arch.Ladders() {
		defs := sampleFile(t, path.Join(a.Dir, "defs.M1"))
		entries, err := fs.ReadDir(sample.Tree(), a.Dir)
		require.NoError(t, err)
		files := 0
		for _, e := range entries {
			name := path.Join(a.Dir, e.Name())
			if !strings.Contains("hex0 hex1 hex2 M1", strings.TrimPrefix(path.Ext(name), ".")) || e.IsDir() {
				continue
			}
			files++
			var opt audit.Options
			if path.Ext(name) == ".M1" {
				opt.With = []source.Source{defs}
			}
			l, err := audit.File(sampleFile(t, name), opt)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if l.Arch != a.Name {
				t.Errorf("%s: architecture %q, want %q", name, l.Arch, a.Name)
			}
			for _, f := range l.Findings(audit.Note) {
				if f.Check != "undefined" { // a header points to what follows it
					t.Error(f)
				}
			}
		}
		if files != 10 {
			t.Errorf("%s: %d files, want 10", a.Dir, files)
		}
	}
}

// TestFlips changes each digit of the sample's hex0, in turn, and wants nearly
// every change noticed.
func TestFlips(t *testing.T) {
	for _, a := range arch.Ladders() {
		src := sampleFile(t, path.Join(a.Dir, "hello.hex0"))
		text := src.Text
		flips, noticed := 0, 0
		comment := false
		for i, c := range text {
			comment = c == '#' || comment && c != '\n'
			value := strings.IndexByte("0123456789ABCDEF", c)
			if comment || value < 0 {
				continue
			}
			changed := []byte(string(text))
			changed[i] = "0123456789ABCDEF"[(value+1+i%15)%16]
			l, err := audit.File(source.Bytes(src.Name, changed), audit.Options{Arch: a.Name})
			flips++
			if err != nil || len(l.Findings(audit.Error)) > 0 {
				noticed++
			}
		}
		if share := 100 * noticed / flips; share < 98 {
			t.Errorf("%s: %d of %d changes noticed, %d %%, want 98 %%", a.Name, noticed, flips, share)
		}
	}
}
