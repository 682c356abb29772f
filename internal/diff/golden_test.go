package diff_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		require.NoError(t, os.WriteFile(path, txtar.Format(&a), 0o666))
	}
	a, err := txtar.ParseFile(path)
	require.NoError(t, err)
	require.Len(t, a.Files, len(examples), path)
	for i, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			assert.Equal(t, a.Files[i].Name, e.name)
			assert.Equal(t, string(a.Files[i].Data), e.text)
		})
	}
}
