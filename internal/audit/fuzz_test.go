package audit_test

import (
	"bytes"
	"io"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/audit"
	"stage0/source"
)

// FuzzFile wants a listing or an error for any text, in any format, on any
// architecture: no panic, each byte in one line, in little time.
func FuzzFile(f *testing.F) {
	for _, tt := range findingTests {
		f.Add([]byte(tt.text), []byte(tt.with))
	}
	for _, a := range arch.Ladders() {
		for _, name := range []string{"hello.hex0", "hello.hex1", "hello.hex2", "hello.M1"} {
			f.Add(sampleFile(f, path.Join(a.Dir, name)).Text, sampleFile(f, path.Join(a.Dir, "defs.M1")).Text)
		}
	}
	f.Add([]byte("\x7FELF\x01\x01\x01"+string(make([]byte, 100))), []byte(nil))
	f.Fuzz(func(t *testing.T, text, with []byte) {
		for _, name := range []string{"a.hex0", "a.hex1", "a.hex2", "a.M1"} {
			for _, a := range arch.All {
				start := time.Now()
				l, err := audit.File(source.Bytes(name, text), audit.Options{Arch: a.Name, With: []source.Source{source.Bytes("with", with)}})
				if d := time.Since(start); d > 10*time.Second {
					t.Fatalf("%s, %s: took %v", name, a.Name, d)
				}
				if err != nil {
					continue
				}
				n := 0
				for _, line := range l.Lines {
					n += len(line.Bytes)
				}
				if n != l.Size {
					t.Fatalf("%s, %s: %d bytes in lines, want %d", name, a.Name, n, l.Size)
				}
				require.NoError(t, l.Print(io.Discard))
				if bytes.HasPrefix(text, []byte("\x7FELF")) {
					return // the same for each format
				}
			}
		}
	})
}
