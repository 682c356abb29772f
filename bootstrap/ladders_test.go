package bootstrap

import (
	"os"
	"strings"
	"testing"

	"stage0/arch"
)

// The ladders that STAGE0_EMULATE names give, executed from the seeds' own
// bytes, every file of a native run. It takes minutes a ladder, and go test
// -timeout 0.
func TestEmulatedLadders(t *testing.T) {
	names := os.Getenv("STAGE0_EMULATE")
	if names == "" {
		t.Skip("STAGE0_EMULATE does not name ladders")
	}
	tree := posix(t)
	ref, err := LoadRelease()
	must(t, err)
	for _, name := range strings.Split(names, ",") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ok := arch.Lookup(name)
			if !ok || len(ref.Artefacts[name]) == 0 {
				t.Fatalf("%s is no ladder's", name)
			}
			l := Emulate(t.Context(), tree, []arch.Arch{a}, ref, Options{}).Ledgers[0]
			if want := len(ref.Artefacts[name]); l.Err != nil || l.Failure() >= 0 || len(l.Foreign) > 0 || l.Count(Matched) != want {
				t.Errorf("%v, %v, %d matched, want %d\n%s", l.Err, l.Foreign, l.Count(Matched), want, steps(l))
			}
		})
	}
}
