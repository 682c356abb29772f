package trace_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/trace"
)

// The name of a program is printed without control characters.
func TestCoverageClean(t *testing.T) {
	coverage := trace.NewCoverage()
	coverage.Begin(emu.Exec{Path: "\x1b[2K\u202Ea\nb"}, []byte("no program"))
	var text strings.Builder
	require.NoError(t, coverage.Print(&text))
	assert.Equal(t, "?[2K?a?b: not an ELF file\n", text.String())
}
