package extra

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

func TestCatm(t *testing.T) {
	var out strings.Builder
	err := Catm(&out, []source.Source{source.String("a", "a"), source.String("empty", ""), source.String("b", "b\x00")})
	assert.NoError(t, err)
	assert.Equal(t, "ab\x00", out.String())
	assert.NoError(t, Catm(&out, nil))
}

func TestLocate(t *testing.T) {
	srcs := []source.Source{source.String("a", "0\n2"), source.String("empty", ""), source.String("b", "34")}
	for offset, want := range []string{"a:1:1", "a:1:2", "a:2:1", "b:1:1", "b:1:2"} {
		at, err := Locate(srcs, int64(offset))
		require.NoError(t, err, "%v", offset)
		assert.Equal(t, want, at.String(), "%v", offset)
	}
	_, err := Locate(srcs, 5)
	assert.EqualError(t, err, "offset 5 is past the end of the output")
}

func FuzzCatm(f *testing.F) {
	f.Add("a", "b")
	f.Fuzz(func(t *testing.T, a, b string) {
		var out strings.Builder
		err := Catm(&out, []source.Source{source.String("a", a), source.String("b", b)})
		if err != nil || out.String() != a+b {
			t.Fatalf("%q, %v", out.String(), err)
		}
	})
}
