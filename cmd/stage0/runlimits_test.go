package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Sizes are printed as they are entered.
func TestSize(t *testing.T) {
	for text, want := range map[string]struct {
		n    uint64
		text string
	}{
		"0": {0, "0"}, "1": {1, "1"}, "1K": {1024, "1K"}, "1024": {1024, "1K"}, "1536K": {1536 << 10, "1536K"},
		"8M": {8 << 20, "8M"}, "1G": {1 << 30, "1G"}, "2048G": {1 << 41, "2048G"}, "8589934591G": {8589934591 << 30, "8589934591G"},
	} {
		var s size
		require.NoError(t, s.Set(text), text)
		assert.Equal(t, want.n, uint64(s), text)
		assert.Equal(t, want.text, s.String(), text)
	}
	for _, text := range []string{"", "K", "1KK", "1k", "1MK", "-1", "1.5K", "1T", "8589934592G", "0x10", "1 K"} {
		var s size
		assert.Error(t, s.Set(text), "%q", text)
	}
}
