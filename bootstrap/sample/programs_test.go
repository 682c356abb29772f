package sample_test

import (
	"context"
	"io/fs"
	"testing"

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
		if n, want := l.Count(bootstrap.Matches), len(known(t, l.Arch)); n != want || len(l.Artefacts) != n || !l.Good() {
			t.Errorf("%s: %d of %d artefacts match, want %d: %v", l.Arch.Name, n, len(l.Artefacts), want, l.Err)
		}
		if n := l.By(bootstrap.EngineGo); n != len(l.Steps) || n == 0 {
			t.Errorf("%s: %d of %d steps are done in Go", l.Arch.Name, n, len(l.Steps))
		}
	}
	if run.Revision.Release != "the sample" || len(run.Revision.Different) > 0 || len(run.Missing) > 0 {
		t.Errorf("%+v, missing %v", run.Revision, run.Missing)
	}
}
