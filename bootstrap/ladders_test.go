package bootstrap

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	ref := latest(t)
	for _, name := range strings.Split(names, ",") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ok := arch.Lookup(name)
			require.True(t, ok)
			require.NotEqual(t, 0, len(ref.Artefacts[name]))
			l := replayOne(t.Context(), tree, a, ref, Options{Engine: EngineEmu}).Ledgers[0]
			if want := len(ref.Artefacts[name]); l.Err != nil || l.Failure() >= 0 || len(l.Foreign) > 0 || l.Count(Matches) != want {
				t.Errorf("%v, %v, %d matched, want %d\n%s", l.Err, l.Foreign, l.Count(Matches), want, steps(l))
			}
		})
	}
}
