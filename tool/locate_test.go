package tool_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

func TestLocate(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.hex0": "00 11\n22 # two\n", "b.hex2": ":start 00\n%start 11\n", "c.M1": "DEFINE x 00\nx\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	for _, test := range []struct {
		command string
		offset  int64
		want    string
		err     string
	}{
		{"hex0 a.hex0 out", 2, "a.hex0:2:1", ""},
		{"hex0 a.hex0 out", 3, "", "offset 3 is past the end of the output"},
		{"hex1 -A x86 a.hex0 out", 1, "a.hex0:1:4", ""},
		{"hex2-0 -A x86 b.hex2 out", 3, "b.hex2:2:1", ""},
		{"hex2 -A x86 --little-endian -f a.hex0 -f b.hex2 -o out", 8, "b.hex2:2:8", ""},
		{"catm out a.hex0 c.M1", 20, "c.M1:1:6", ""},
		{"catm-0 -A x86 out a.hex0 c.M1", 6, "a.hex0:2:1", ""},
		{"M0 -A x86 c.M1 out", 0, "", "M0 cannot say where its output comes from"},
		{"M1 -A x86 --little-endian -f c.M1 -o out", 0, "", "M1 cannot say where its output comes from"},
		{"hex0 none out", 0, "", "hex0 cannot say where its output comes from"},
	} {
		args := strings.Fields(test.command)
		program, ok := registry.Lookup(args[0])
		if !ok {
			t.Fatalf("no program %s", args[0])
		}
		at, err := program.Locate(context.Background(), &tool.Env{FS: tool.Host{}, Dir: dir}, args, test.offset)
		if test.err != "" {
			assert.EqualError(t, err, test.err, test.command)
			continue
		}
		require.NoError(t, err, test.command)
		assert.Equal(t, test.want, at.String(), test.command)
	}
	assert.Equal(t, "a.hex0 b.hex2 c.M1", list(t, dir))
}
