//go:build unix

package golden

import (
	"os"
	"path/filepath"
	"testing"
)

func compareModes(t *testing.T, g *Golden, dir string) {
	t.Helper()
	for name, want := range g.modes {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %#o, expected %#o", name, got, want)
		}
	}
}
