package sample_test

import (
	"context"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/tool/registry"
)

// Programs has what the scripts run, of each architecture, and nothing that is
// in the tree or that package tool does not have.
func TestPrograms(t *testing.T) {
	all := sample.Programs()
	for _, a := range arch.Ladders() {
		for name, words := range programs(a) {
			if p, ok := all[name]; ok && p.String() != join(words) {
				t.Errorf("%s is %q, want %q", name, p, words)
			} else if _, inBin := all[a.Dir+"/bin/*"]; !ok && !inBin {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if want := 9 * len(arch.Ladders()); len(all) != want {
		t.Errorf("there are %d programs, want %d", len(all), want)
	}
	for name, p := range all {
		if _, ok := registry.Lookup(p.Name); !ok && p.Name != "" {
			t.Errorf("%s: there is no %s", name, p.Name)
		}
		if _, err := fs.Stat(sample.Tree(), name); err == nil {
			t.Errorf("%s is in the tree", name)
		}
	}
}

func join(words []string) string { return bootstrap.Program{Name: words[0], Args: words[1:]}.String() }

// A replay by package bootstrap has those programs do every step, and makes what
// is known of upstream's.
func TestVerified(t *testing.T) {
	tree := bootstrap.NewTree(sample.Tree())
	ref, err := bootstrap.LoadReference("the sample", sample.Known(), ".")
	if err != nil {
		t.Fatal(err)
	}
	run := bootstrap.Replay(context.Background(), tree, arch.Ladders(), bootstrap.Options{ByPath: sample.Programs()})
	bootstrap.Compare([]*bootstrap.Run{run}, []*bootstrap.Reference{ref}, true)
	for _, l := range run.Ledgers {
		n, want := l.Count(bootstrap.Matches), len(known(t, l.Arch))
		assert.Equal(t, want, n, "%v %v", l.Arch.Name, l.Err)
		assert.Len(t, l.Artefacts, n, "%v %v", l.Arch.Name, l.Err)
		assert.True(t, l.Good(), "%v %v", l.Arch.Name, l.Err)
		n = l.By(bootstrap.EngineGo)
		assert.Equal(t, len(l.Steps), n, l.Arch.Name)
		assert.NotEqual(t, 0, n, l.Arch.Name)
	}
	assert.Equal(t, "the sample", run.Revision.Release)
	assert.Empty(t, run.Revision.Different)
	assert.Empty(t, run.Missing)
}
