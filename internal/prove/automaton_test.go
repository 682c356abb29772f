package prove

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
)

func TestMoves(t *testing.T) {
	var got []string
	for _, m := range movesFrom(phase{half: true}, hex0.Options{DigitG: true, CommentEndsAtCR: true}) {
		got = append(got, label(m.bytes)+": "+m.effect)
	}
	assert.Equal(t, []string{"any other byte: ", "# ;: ", "0–9 A–G a–g: write 16h + digit"}, got)
	got = nil
	for _, m := range movesFrom(phase{comment: true}, hex0.Options{CommentEndsAtCR: true}) {
		got = append(got, label(m.bytes))
	}
	assert.Equal(t, []string{"any other byte", "LF CR"}, got)
}

// docs/hex0.svg is what --automaton writes for aarch64's seed.
func TestPicture(t *testing.T) {
	var got bytes.Buffer
	require.NoError(t, WriteAutomaton(&got, hex0.ForArch("aarch64")))
	want, err := os.ReadFile("../../docs/hex0.svg")
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}
