package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tables are made when they are used, not before main: each tool by a link would
// wait for all of them.
func TestStart(t *testing.T) {
	const most = 32 << 10 // bytes that a package allocates
	self, err := os.Executable()
	require.NoError(t, err)
	var trace strings.Builder
	cmd := exec.Cmd{Path: self, Args: []string{"stage0", "version"}, Env: append(os.Environ(), "GODEBUG=inittrace=1"), Stderr: &trace}
	require.NoError(t, cmd.Run())
	seen := 0
	for line := range strings.Lines(trace.String()) {
		var name string
		var at, clock float64
		var bytes int
		if _, err := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes,", &name, &at, &clock, &bytes); err != nil || !strings.HasPrefix(name, "stage0/") {
			continue
		}
		seen++
		if bytes > most {
			t.Errorf("package %s allocates %d bytes before main, want at most %d", name, bytes, most)
		}
	}
	if seen == 0 {
		t.Errorf("no package of this module in the trace:\n%s", trace.String())
	}
}
