package diff_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write testdata from what comes out")

// An example is what is printed of a comparison.
type example struct{ name, text string }

// golden compares examples with testdata/NAME.txtar.
func golden(t *testing.T, name string, examples []example) {
	path := filepath.Join("testdata", name+".txtar")
	if *update {
		var a txtar.Archive
		for _, e := range examples {
			a.Files = append(a.Files, txtar.File{Name: e.name, Data: []byte(e.text)})
		}
		if err := os.WriteFile(path, txtar.Format(&a), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Files) != len(examples) {
		t.Fatalf("%s has %d examples, want %d", path, len(a.Files), len(examples))
	}
	for i, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if d := cmp.Diff(string(a.Files[i].Data), e.text); d != "" || a.Files[i].Name != e.name {
				t.Errorf("%s, %s (-want +got):\n%s", path, a.Files[i].Name, d)
			}
		})
	}
}
