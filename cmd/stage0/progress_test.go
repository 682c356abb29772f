package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	var now time.Time
	p := startProgress(&out, func() time.Time { return now })
	tell := func(after time.Duration, of bootstrap.Progress, want string) {
		t.Helper()
		out.Reset()
		now = now.Add(after)
		p.tell(of)
		assert.Equal(t, want, out.String())
	}
	x86, amd64 := arch.All[0], arch.All[1]
	tell(0, bootstrap.Progress{Arch: x86, Steps: 1, File: "x86/a", Instructions: 1e6}, "")
	tell(2*time.Second, bootstrap.Progress{Arch: x86, Steps: 3, File: "x86/artifact/M2", Instructions: 500e6},
		"\r2s, step 3, 250 million instructions/s, x86 x86/artifact/M2")
	tell(100*time.Millisecond, bootstrap.Progress{Arch: amd64, Steps: 4, File: "AMD64/b", Instructions: 100e6}, "")
	tell(900*time.Millisecond, bootstrap.Progress{Arch: x86, Steps: 3, File: "x86/a", Instructions: 600e6},
		"\r3s, step 7, 200 million instructions/s, x86 x86/a          ")
	tell(time.Hour, bootstrap.Progress{Arch: x86, Steps: 3, File: "x86/a name that is too long to be shown as a whole", Instructions: 600e6},
		"\r1h0m3s, step 7, 0 million instructions/s, x86 x86/a name that is too long to be")
	tell(time.Hour, bootstrap.Progress{Arch: x86, Steps: 3, File: "x86/é\x1b[2K\u202E that is too long to be shown as a", Instructions: 600e6},
		"\r2h0m3s, step 7, 0 million instructions/s, x86 x86/é?[2K? that is too long to be")
	out.Reset()
	p.erase()
	assert.Equal(t, "\r"+strings.Repeat(" ", 79)+"\r", out.String())
	out.Reset()
	p = startProgress(&out, func() time.Time { return now })
	p.erase()
	assert.Empty(t, out.String())
	tell(time.Second, bootstrap.Progress{Arch: x86}, "\r1s, x86")
}

// Progress is shown on terminals only.
func TestNoTerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer f.Close()
	assert.Nil(t, newProgress(f))
	assert.Nil(t, newProgress(new(bytes.Buffer)))
}
