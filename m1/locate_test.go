package m1

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

// Each byte of the output comes from a token, and the white space before it too.
func TestLocate(t *testing.T) {
	srcs := []source.Source{
		source.String("a", "DEFINE two 0102\n:l two !3 # c\n\t\"s\"\n"),
		source.String("b", "DEFINE x 00\n\t'04' &l\n"),
	}
	var out strings.Builder
	opt := Options{Arch: "x86"}
	require.NoError(t, Assemble(&out, srcs, opt))
	want := map[string]string{":l": "a:2:1", "0102": "a:2:4", "03": "a:2:8", "73": "a:3:2", "04": "b:2:2", "&l": "b:2:7"}
	for word, at := range want {
		for i := range len(word) {
			pos, err := Locate(srcs, opt, int64(strings.Index(out.String(), word)+i))
			require.NoError(t, err, word)
			assert.Equal(t, at, pos.String(), word)
		}
	}
	_, err := Locate(srcs, opt, int64(out.Len()))
	require.EqualError(t, err, "offset 25 is past the end of the output")
	_, err = Locate(srcs, Options{Arch: "z80"}, 0)
	require.EqualError(t, err, `unknown architecture "z80"`)
	_, err = Locate([]source.Source{source.String("a", "oops\n")}, opt, 0)
	require.EqualError(t, err, `a:1:1: found "oops", which is not a macro, label, string or number`)
}
