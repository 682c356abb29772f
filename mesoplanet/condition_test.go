package mesoplanet

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/cpp"
	"stage0/source"
)

// What upstream's builds make of conditions: by M2-Planet for 64 bits and for
// 32 bits, and by GCC. 1 stands for true.
var conditions = []struct{ condition, values string }{
	{"0", "000"},
	{"-1", "111"},
	{"0x80000000 > 0", "000"},
	{"0xFFFFFFFF == 0-1", "111"},
	{"0x100000000", "100"},
	{"1 << 31 > 0", "100"},
	{"1<<32", "111"},
	{"0x10000 * 0x10000", "100"},
	{"1 << 33 == 2", "011"},
	{"1 << 63 < 0", "111"},
	{"1 << 65 == 2", "111"},
	{"(0-1) >> 1 == 0-1", "111"},
	{"7 / (0-2) == 0-3", "111"},
	{"(0-7) % 3 == 0-1", "111"},
	{"(0x7FFFFFFF + 1) < 0", "011"},
	{"2147483648 < 0", "111"},
	{"4294967295 == 0-1", "111"},
	{"4294967296 == 0", "011"},
	{"0x1FFFFFFFF == 0-1", "111"},
	{"0x7FFFFFFF00000000 < 0", "100"},
	{"0x8000000000000000 < 0", "100"},
	{"99999999999999999999 > 0", "011"},
	{"-2147483648 == 0x80000000", "011"},
	{"2 && 1", "001"},
	{"2 || 1", "111"},
	{"1 && 0 || 1", "111"},
	{"1 == 1 && 2 == 2", "111"},
	{"2 & 3 == 3", "000"},
	{"!2", "000"},
	{"!!1", "000"},
	{"1 - 2 - 3 == 2", "111"},
	{"- 1 < 0", "111"},
	{"- - 1 == 1", "111"},
	{"--1 == 0-1", "111"},
	{"0b101 == 5", "111"},
	{"017 == 15", "111"},
	{"1_000 == 1000", "111"},
	{"0_7 == 7", "111"},
	{"08", "000"},
	{"12L", "000"},
	{"0xg", "000"},
	{"3 == 3 == 3", "000"},
	{"1 < 2 < 3", "000"},
	{"defined(A) || 1", "111"},
	{"defined A", "000"},
	{"defined __M2__", "111"},
	{"__M2__", "000"},
	{"+1", "111"},
}

var builds = cpp.Builds(ByM2Planet, ByGCC)

// column returns the index in values of what a build makes of a condition.
func column(b *cpp.Build) int {
	switch {
	case b.Logical:
		return 2
	case b.WordSize == 4:
		return 1
	}
	return 0
}

// selected is what is left of the test's program.
var selected = map[byte]string{'1': "\n1\n\n\n", '0': "\n\n0\n\n"}

func TestConditions(t *testing.T) {
	for _, c := range conditions {
		for _, b := range builds {
			r := preprocess("#if "+c.condition+"\n1\n#else\n0\n#endif\n", nil, func(o *Options) {
				o.BuiltBy, o.Host, o.Diagnostics = b.By, b.Host, source.Diagnostics{}
			})
			value := c.values[column(&b)]
			require.NoError(t, r.err, "%v %v %v", c.condition, b.By, b.Host)
			assert.Equal(t, selected[value], r.out, "%v %v %v", c.condition, b.By, b.Host)
		}
	}
}

// The least int divided by -1.
func TestOverflow(t *testing.T) {
	for _, b := range builds {
		least := map[int64]string{4: "(1<<31)", 8: "(1<<63)"}[b.WordSize]
		for condition, value := range map[string]byte{least + "/-1 == " + least: '1', least + "%-1": '0'} {
			r := preprocess("#if "+condition+"\n1\n#else\n0\n#endif\n", nil, func(o *Options) { o.BuiltBy, o.Host = b.By, b.Host })
			x86 := b.Host == "x86" || b.Host == "amd64"
			if (r.err != nil) != x86 || !x86 && r.out != selected[value] {
				t.Errorf("%s, by %s for %s: %q, %v", condition, b.By, b.Host, r.out, r.err)
			}
		}
	}
}
