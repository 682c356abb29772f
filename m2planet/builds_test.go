package m2planet

import (
	"math"
	"strconv"
	"testing"

	"stage0/arch"

	"github.com/stretchr/testify/assert"

	"stage0/internal/cpp"
)

var builds = cpp.Builds(ByM2Planet, ByCC, ByGCC)

func lookup(t *testing.T, by, host string) *build {
	t.Helper()
	b, err := lookupBuild(by, host)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuilds(t *testing.T) {
	for _, c := range builds {
		b := lookup(t, c.By, c.Host)
		a, ok := arch.Lookup(b.Host)
		if !ok || b.By != ByGCC && int64(a.WordSize) != b.WordSize {
			t.Errorf("%s for %s: word size %d, package arch has %d", b.By, b.Host, b.WordSize, a.WordSize)
		}
		// Every number in 32 bits is what its decimal form says.
		for _, v := range []int64{0, 1, -1, 9, -9, 10, -10, 1 << 30, math.MaxInt32, math.MinInt32 + 1, math.MinInt32} {
			if got := b.signed(v); got != strconv.FormatInt(v, 10) {
				t.Errorf("%s for %s: %d is written %s", b.By, b.Host, v, got)
			}
			got, problem := b.Number(b.signed(v))
			assert.Equal(t, v, got, "%v %v", b.By, b.Host)
			assert.Empty(t, problem, "%v %v", b.By, b.Host)
		}
	}
	b := lookup(t, "", "")
	assert.Equal(t, ByM2Planet, b.By)
	assert.Equal(t, "amd64", b.Host)
}

func TestDecimals(t *testing.T) {
	for _, test := range []struct {
		by, host string
		value    int64
		signed   string
		unsigned string
	}{
		{ByGCC, "amd64", -1, "-1", "4294967295"},
		{ByM2Planet, "x86", -1, "-1", "4294967295"},
		{ByM2Planet, "amd64", -1, "-1", "18446744073709551615"},
		{ByM2Planet, "amd64", 1 << 31, "-2147483648", "2147483648"},
		{ByM2Planet, "amd64", 1<<31 + 5, "-2147483643", "2147483653"},
		{ByM2Planet, "amd64", 1<<40 + 5, "-2147483643", "1099511627781"},
		{ByCC, "amd64", -1, "-1", "18446744073709551615"},
		{ByCC, "riscv32", 10, "10", "10"},
	} {
		b := lookup(t, test.by, test.host)
		if got := b.signed(test.value); got != test.signed {
			t.Errorf("%s for %s: %d is %s, want %s", test.by, test.host, test.value, got, test.signed)
		}
		if got := b.unsigned(test.value); got != test.unsigned {
			t.Errorf("%s for %s: %d is %q unsigned, want %q", test.by, test.host, test.value, got, test.unsigned)
		}
	}
}
