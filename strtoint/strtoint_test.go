package strtoint

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text    string
		narrow  int32 // where an int has 32 bits
		wide    int64 // and 64
		problem Problem
	}{
		{"", 0, 0, NoDigits},
		{"-", 0, 0, NoDigits},
		{"_", 0, 0, NoDigits},
		{"0x", 0, 0, NoDigits},
		{"0b-_", 0, 0, NoDigits},
		{"0", 0, 0, None},
		{"00", 0, 0, None},
		{"0-", 0, 0, None},
		{"42", 42, 42, None},
		{"-42", -42, -42, None},
		{"1_000_", 1000, 1000, None},
		{"010", 8, 8, None},
		{"0-10", -8, -8, None},
		{"-010", -10, -10, None},
		{"0_1", 1, 1, None},
		{"0xaBcDeF", 0xABCDEF, 0xABCDEF, None},
		{"0x-ff", -255, -255, None},
		{"0b101", 5, 5, None},
		{"0b-1", -1, -1, None},
		{"0X1F", 0, 0, NoNumber},
		{"0B1", 0, 0, NoNumber},
		{"0o17", 0, 0, NoNumber},
		{"018", 0, 0, NoNumber},
		{"0b102", 0, 0, NoNumber},
		{"0x10g", 0, 0, NoNumber},
		{"-0x1", 0, 0, NoNumber},
		{"--1", 0, 0, NoNumber},
		{"+5", 0, 0, NoNumber},
		{"10L", 0, 0, NoNumber},
		{"1 ", 0, 0, NoNumber},
		{"99999999999x", 0, 0, NoNumber},
		{"2147483647", math.MaxInt32, math.MaxInt32, None},
		{"2147483648", math.MinInt32, math.MinInt32, None},
		{"-2147483648", math.MinInt32, math.MinInt32, None},
		{"0x80000000", math.MinInt32, math.MinInt32, None},
		{"0xFFFFFFFF", -1, -1, None},
		{"-2147483649", math.MaxInt32, -0x80000001 | bits31, TooWide},
		{"4294967296", 0, math.MinInt32, TooWide},
		{"99999999999", 0x4876E7FF, -0x37891801, TooWide},
		{"18446744073709551615", -1, -1, TooWide},
		{"0x123456789abcdef0", -0x65432110, -0x65432110, TooWide},
	} {
		value, problem := Parse(test.text)
		assert.Equal(t, test.narrow, value, test.text)
		assert.Equal(t, test.problem, problem, test.text)
		value, problem = Parse([]byte(test.text))
		assert.Equal(t, test.narrow, value, test.text)
		assert.Equal(t, test.problem, problem, test.text)
		wide, problem := Build{Wide: true}.Parse(test.text)
		assert.Equal(t, test.wide, wide, test.text)
		assert.Equal(t, test.problem, problem, test.text)
	}
}

// Where continue does nothing, an underscore is an index into the digits: that of
// the next character, which may be another underscore.
func TestNoContinue(t *testing.T) {
	for text, want := range map[string]int64{
		"1_0": 10, "1__1": 201, "0x1__1": 0x261, "01__1": 0201, "0b1__1": 9, "1___1": 201,
		"_": 0, "1_": 0, "1_x": 0, "01_8": 0, "0x1_F": 0x1F,
	} {
		value, _ := Build{NoContinue: true}.Parse(text)
		assert.Equal(t, want, value, text)
	}
}

// What hex2 of the ladders takes for a base address.
func TestUpstream(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("STAGE0_POSIX does not name the ladders' programs, or they are for another machine")
	}
	input := filepath.Join(t.TempDir(), "in.hex2")
	require.NoError(t, os.WriteFile(input, []byte(":a &a\n"), 0o666))
	for dir, build := range map[string]Build{"AMD64": {Wide: true}, "x86": {}} {
		t.Run(dir, func(t *testing.T) {
			program := filepath.Join(tree, dir, "bin", "hex2")
			run := func(text string) (int32, error) {
				out, err := exec.Command(program, "--big-endian", "-B", text, "-f", input).Output()
				if err != nil {
					return 0, err
				}
				return int32(binary.BigEndian.Uint32(out)), nil
			}
			if _, err := run("1"); err != nil {
				t.Skip("this machine does not run it: ", err)
			}
			rng := rand.New(rand.NewPCG(13, 5))
			for range 300 {
				text := randomText(rng)
				want, err := run(text)
				require.NoError(t, err, text)
				value, _ := build.Parse(text)
				assert.Equal(t, want, int32(value), text)
			}
		})
	}
}

// randomText returns a text that mostly is a number, of any size.
func randomText(rng *rand.Rand) string {
	var b strings.Builder
	b.WriteString([]string{"", "", "0", "0b", "0x", "0X", "-", "0x-", "0-", "+"}[rng.IntN(10)])
	base := []int{2, 8, 10, 16}[rng.IntN(4)]
	digits := strconv.FormatUint(rng.Uint64()>>rng.IntN(64), base)
	if rng.IntN(2) == 0 {
		digits = strings.ToUpper(digits)
	}
	b.WriteString(digits)
	if rng.IntN(4) == 0 {
		b.WriteString([]string{"_", "__0", "g", " ", "L", "-"}[rng.IntN(6)])
	}
	return b.String()
}
