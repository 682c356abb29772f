package m2planet

import (
	"math"
	"strconv"
	"testing"

	"stage0/arch"
)

func lookup(t *testing.T, by, host string) *build {
	t.Helper()
	b, err := lookupBuild(by, host)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuilds(t *testing.T) {
	for _, b := range builds {
		a, ok := arch.Lookup(b.Host)
		if !ok || b.By != ByGCC && int64(a.WordSize) != b.WordSize {
			t.Errorf("%s for %s: word size %d, package arch has %d", b.By, b.Host, b.WordSize, a.WordSize)
		}
		// Every number in 32 bits is what its decimal form says.
		for _, v := range []int64{0, 1, -1, 9, -9, 10, -10, 1 << 30, math.MaxInt32, math.MinInt32 + 1, math.MinInt32} {
			if got := b.signed(v); got != strconv.FormatInt(v, 10) {
				t.Errorf("%s for %s: %d is written %s", b.By, b.Host, v, got)
			}
			if got, problem := b.number(b.signed(v)); got != v || problem != "" {
				t.Errorf("%s for %s: %d is read as %d", b.By, b.Host, v, got)
			}
		}
	}
	if b := lookup(t, "", ""); b != lookup(t, ByM2Planet, "amd64") {
		t.Errorf("the build is by %s for %s if none is named", b.By, b.Host)
	}
}

func TestNumbers(t *testing.T) {
	word4, word8 := lookup(t, ByM2Planet, "x86"), lookup(t, ByM2Planet, "amd64")
	for _, test := range []struct {
		text           string
		value4, value8 int64
		problem        string
	}{
		{"", 0, 0, ""},
		{"0", 0, 0, ""},
		{"42", 42, 42, ""},
		{"-42", -42, -42, ""},
		{"0x1F", 31, 31, ""},
		{"0xaBcDeF", 0xABCDEF, 0xABCDEF, ""},
		{"0X1F", 0, 0, notNumber},
		{"017", 15, 15, ""},
		{"018", 0, 0, notNumber},
		{"0b101", 5, 5, ""},
		{"0b102", 0, 0, notNumber},
		{"1_000_", 1000, 1000, ""},
		{"10L", 0, 0, notNumber},
		{"2147483647", math.MaxInt32, math.MaxInt32, ""},
		{"0x80000000", math.MinInt32, math.MinInt32, ""},
		{"0xFFFFFFFF", -1, -1, ""},
		{"4294967296", 0, math.MinInt32, tooLarge},
		{"18446744073709551615", -1, -1, tooLarge},
	} {
		if v, problem := word4.number(test.text); v != test.value4 || problem != test.problem {
			t.Errorf("%s is %d %q in 4 bytes, want %d %q", test.text, v, problem, test.value4, test.problem)
		}
		if v, problem := word8.number(test.text); v != test.value8 || problem != test.problem {
			t.Errorf("%s is %d %q in 8 bytes, want %d %q", test.text, v, problem, test.value8, test.problem)
		}
	}
}

// An int of cc_* sees a second underscore as a digit.
func TestUnderscores(t *testing.T) {
	b := lookup(t, ByCC, "x86")
	for text, want := range map[string]int64{
		"1_0": 10, "1__1": 201, "0x1__1": 0x261, "01__1": 0201, "0b1__1": 9, "1___1": 201,
	} {
		if got, _ := b.number(text); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
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
		{ByCC, "riscv64", -1, "-1", ""},
		{ByCC, "riscv64", -2, "-2", "\n"},
		{ByCC, "aarch64", -18, "-18", "h"},
		{ByCC, "riscv32", -9, "-9", "t"},
		{ByCC, "riscv32", -10, "-10", "0"},
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

func TestArithmetic(t *testing.T) {
	gcc, m8 := lookup(t, ByGCC, "amd64"), lookup(t, ByM2Planet, "amd64")
	ccX86, ccAMD64, ccRISCV := lookup(t, ByCC, "x86"), lookup(t, ByCC, "amd64"), lookup(t, ByCC, "riscv32")
	quotient := func(b *build, v, d int64) int64 { q, _, _ := b.divide(v, d); return q }
	remainder := func(b *build, v, d int64) int64 { _, r, _ := b.divide(v, d); return r }
	for _, test := range []struct {
		what      string
		got, want int64
	}{
		{"2 && 1 of gcc", gcc.and(2, 1), 1},
		{"2 && 1 of m2-planet", m8.and(2, 1), 0},
		{"2 || 1 of gcc", gcc.or(2, 1), 1},
		{"2 || 1 of m2-planet", m8.or(2, 1), 3},
		{"1 << 31 in 4 bytes", gcc.shiftLeft(1, 31), math.MinInt32},
		{"1 << 32 in 4 bytes", gcc.shiftLeft(1, 32), 1},
		{"1 << 32 in 8 bytes", m8.shiftLeft(1, 32), 1 << 32},
		{"1 << -1 in 8 bytes", m8.shiftLeft(1, -1), math.MinInt64},
		{"-8 >> 1 of gcc", gcc.shiftRight(-8, 1), -4},
		{"-8 >> 30 of cc on riscv32", ccRISCV.shiftRight(-8, 30), 3},
		{"-8 >> 60 of cc on riscv64", lookup(t, ByCC, "riscv64").shiftRight(-8, 60), 15},
		{"-7 / 2 of gcc", quotient(gcc, -7, 2), -3},
		{"-7 % 2 of gcc", remainder(gcc, -7, 2), -1},
		{"-7 / 2 of cc on x86", quotient(ccX86, -7, 2), 0x7FFFFFFC},
		{"-7 % 10 of cc on x86", remainder(ccX86, -7, 10), 9},
		{"-7 / 2 of cc on amd64", quotient(ccAMD64, -7, 2), 0x7FFFFFFFFFFFFFFC},
		{"the lowest int / -1 on aarch64", quotient(lookup(t, ByM2Planet, "aarch64"), math.MinInt64, -1), math.MinInt64},
	} {
		if test.got != test.want {
			t.Errorf("%s is %d, want %d", test.what, test.got, test.want)
		}
	}
	if _, _, ok := gcc.divide(math.MinInt32, -1); ok {
		t.Error("GCC's build divides the lowest int by -1")
	}
}
