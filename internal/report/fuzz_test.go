package report

import (
	"bytes"
	"io"
	"testing"

	"stage0/bootstrap"
)

// What is read back, whatever it is, can be reported on.
func FuzzReadJSON(f *testing.F) {
	for _, run := range []*bootstrap.Run{good(), bad(), {Ledgers: []*bootstrap.Ledger{spawning()}}} {
		var b bytes.Buffer
		if err := (&Report{Runs: []*bootstrap.Run{run}}).JSON(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	var b bytes.Buffer
	if err := (&Report{Runs: []*bootstrap.Run{good(), bad(), {}}}).JSON(&b); err != nil { // not of the same ladders
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		runs, err := ReadJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		if err := (&Report{Runs: runs}).HTML(io.Discard); err != nil {
			t.Error(err)
		}
		if err := (&Report{Runs: runs, Tree: "tree"}).Text(io.Discard); err != nil {
			t.Error(err)
		}
		for _, run := range runs {
			for _, l := range run.Ledgers {
				for _, path := range paths(l) {
					if err := Explain(io.Discard, l, path); err != nil {
						t.Error(err)
					}
				}
			}
		}
		again, err := ReadJSON(bytes.NewReader(toJSON(t, runs...)))
		if err != nil || !bytes.Equal(toJSON(t, again...), toJSON(t, runs...)) {
			t.Errorf("it does not come back: %v", err)
		}
	})
}
