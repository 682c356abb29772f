package cpp

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func lookup(t *testing.T, by, host string) *Build {
	t.Helper()
	b, err := LookupBuild(by, host, ByM2Planet, ByCC, ByGCC)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNumbers(t *testing.T) {
	word4, word8 := lookup(t, ByM2Planet, "x86"), lookup(t, ByM2Planet, "amd64")
	for _, test := range []struct {
		text           string
		value4, value8 int64
		problem        string
	}{
		{"", 0, 0, notNumber},
		{"-", 0, 0, notNumber},
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
		v, problem := word4.Number(test.text)
		assert.Equal(t, test.value4, v, test.text)
		assert.Equal(t, test.problem, problem, test.text)
		v, problem = word8.Number(test.text)
		assert.Equal(t, test.value8, v, test.text)
		assert.Equal(t, test.problem, problem, test.text)
	}
}

// An int of cc_* sees a second underscore as a digit.
func TestUnderscores(t *testing.T) {
	b := lookup(t, ByCC, "x86")
	for text, want := range map[string]int64{
		"1_0": 10, "1__1": 201, "0x1__1": 0x261, "01__1": 0201, "0b1__1": 9, "1___1": 201,
	} {
		if got, _ := b.Number(text); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	gcc, m8 := lookup(t, ByGCC, "amd64"), lookup(t, ByM2Planet, "amd64")
	ccX86, ccAMD64, ccRISCV := lookup(t, ByCC, "x86"), lookup(t, ByCC, "amd64"), lookup(t, ByCC, "riscv32")
	quotient := func(b *Build, v, d int64) int64 { q, _, _ := b.divide(v, d); return q }
	remainder := func(b *Build, v, d int64) int64 { _, r, _ := b.divide(v, d); return r }
	for _, test := range []struct {
		what      string
		got, want int64
	}{
		{"2 && 1 of gcc", gcc.And(2, 1), 1},
		{"2 && 1 of m2-planet", m8.And(2, 1), 0},
		{"2 || 1 of gcc", gcc.or(2, 1), 1},
		{"2 || 1 of m2-planet", m8.or(2, 1), 3},
		{"1 << 31 in 4 bytes", gcc.shiftLeft(1, 31), math.MinInt32},
		{"1 << 32 in 4 bytes", gcc.shiftLeft(1, 32), 1},
		{"1 << 32 in 8 bytes", m8.shiftLeft(1, 32), 1 << 32},
		{"1 << -1 in 8 bytes", m8.shiftLeft(1, -1), math.MinInt64},
		{"-8 >> 1 of gcc", gcc.ShiftRight(-8, 1), -4},
		{"-8 >> 30 of cc on riscv32", ccRISCV.ShiftRight(-8, 30), 3},
		{"-8 >> 60 of cc on riscv64", lookup(t, ByCC, "riscv64").ShiftRight(-8, 60), 15},
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
