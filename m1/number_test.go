package m1

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseNumber(t *testing.T) {
	for _, test := range []struct {
		text string
		want number
	}{
		{"", number{}},
		{"-", number{}},
		{"_", number{}},
		{"0", number{}},
		{"00", number{}},
		{"7", number{value: 7}},
		{"-7", number{value: -7}},
		{"1_000_", number{value: 1000}},
		{"010", number{value: 8}},
		{"0-10", number{value: -8}},
		{"-010", number{value: -10}},
		{"0x", number{}},
		{"0xfFaA", number{value: 0xffaa}},
		{"0x-ff", number{value: -255}},
		{"0b101", number{value: 5}},
		{"0b-1", number{value: -1}},
		{"0_1", number{value: 1}},
		{"08", number{bad: true}},
		{"0b2", number{bad: true}},
		{"0xg", number{bad: true}},
		{"0X1", number{bad: true}},
		{"-0x1", number{bad: true}},
		{"--1", number{bad: true}},
		{"+1", number{bad: true}},
		{"1 ", number{bad: true}},
		{"2147483647", number{value: 1<<31 - 1}},
		{"2147483648", number{value: -1 << 31}},
		{"-2147483648", number{value: -1 << 31}},
		{"-2147483649", number{value: 1<<31 - 1, wide: true}},
		{"4294967295", number{value: -1}},
		{"4294967296", number{wide: true}},
		{"0x123456789abcdef0", number{value: -0x65432110, wide: true}},
	} {
		if got := parseNumber([]byte(test.text)); got != test.want {
			t.Errorf("%q: %+v, want %+v", test.text, got, test.want)
		}
	}
}

// Numbers that parse have the value that strconv gives them.
func TestParseNumberAgainstStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		v := int64(rng.Uint64()) >> (31 + rng.IntN(33)) // at most 33 bits
		for _, form := range []string{"%d", "0x%x", "0x%X", "0b%b", "0%o"} {
			text := fmt.Sprintf(form, v)
			got := parseNumber([]byte(text))
			digits, base := text, 10
			switch {
			case strings.HasPrefix(text, "0x"):
				digits, base = text[2:], 16
			case strings.HasPrefix(text, "0b"):
				digits, base = text[2:], 2
			case strings.HasPrefix(text, "0"):
				digits, base = text[1:], 8
			}
			want, err := strconv.ParseInt("0"+digits, base, 64)
			if strings.HasPrefix(digits, "-") || digits == "" {
				want, err = v, nil
			}
			require.NoError(t, err, text)
			require.False(t, got.bad, text)
			require.Equal(t, int32(want), got.value, text)
			require.Equal(t, want < -1<<31 || want > 1<<32-1, got.wide, text)
		}
	}
}

// assembleEach returns the output of each text; all are assembled in one run.
func assembleEach(t *testing.T, opt Options, texts []string) []string {
	t.Helper()
	out, err := assemble(t, opt, strings.Join(texts, "\n"))
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.NoError(t, err)
	require.Len(t, lines, len(texts))
	return lines
}

// decodeHex decodes the hex bytes of an expression, low byte first.
func decodeHex(t *testing.T, text string, bigEndian bool) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	if bigEndian {
		slices.Reverse(b)
	}
	return b
}

// Every one- and two-byte number, and wider ones near their limits, in both
// byte orders, decoded by packages hex and binary.
func TestPlainNumbers(t *testing.T) {
	for _, test := range []struct {
		sigil     string
		size      int
		low, high int64
		near      int64 // how many numbers to try at each end; 0 means all
	}{
		{"!", 1, -128, 255, 0},
		{"@", 2, -32768, 32768, 0},
		{"$", 2, -32768, 65535, 0},
		{"~", 3, -1 << 23, 1 << 23, 300},
		{"%", 4, -1 << 31, 1<<32 - 1, 300},
		{"&", 4, -1 << 31, 1<<32 - 1, 300},
	} {
		var texts []string
		var want [][4]byte
		for v := test.low; v <= test.high; v++ {
			if test.near > 0 && v == test.low+test.near {
				v = test.high - test.near
			}
			texts = append(texts, test.sigil+strconv.FormatInt(v, 10))
			want = append(want, [4]byte(binary.LittleEndian.AppendUint32(nil, uint32(v))))
		}
		for _, big := range []bool{false, true} {
			for i, out := range assembleEach(t, Options{Arch: "aarch64", BigEndian: big}, texts) {
				if got := decodeHex(t, out, big); string(got) != string(want[i][:test.size]) {
					t.Fatalf("%s, big-endian %v: %s", texts[i], big, out)
				}
			}
		}
	}
}

// The digits of every byte, in every radix, as a number and in a string.
func TestEveryByte(t *testing.T) {
	for radix, digits := range map[int]int{16: 2, 8: 3, 2: 8} {
		var texts, want []string
		for b := range 256 {
			s := strconv.FormatInt(int64(b), radix)
			s = strings.ToUpper(strings.Repeat("0", digits-len(s)) + s)
			texts, want = append(texts, fmt.Sprint("!", b)), append(want, s)
			if b > 0 && b < 0x80 && b != '"' {
				texts = append(texts, `"`+string(rune(b))+`"`)
				want = append(want, s+" "+strings.Repeat("0", digits)+" ")
			}
		}
		for i, got := range assembleEach(t, Options{Arch: "x86", Radix: radix}, texts) {
			if got != want[i] {
				t.Errorf("%q in radix %d: %q, want %q", texts[i], radix, got, want[i])
			}
		}
	}
}

// riscvWords returns the words whose bits RISC-V immediates set.
func riscvWords(t *testing.T, name string, big bool, texts []string) []uint32 {
	t.Helper()
	var words []uint32
	for i, out := range assembleEach(t, Options{Arch: name, BigEndian: big}, texts) {
		if out[0] != '.' {
			t.Fatalf("%s: %q", texts[i], out)
		}
		words = append(words, binary.LittleEndian.Uint32(decodeHex(t, out[1:], big)))
	}
	return words
}

// Every 12-bit immediate, decoded as in chapter 2.3 of the RISC-V manual:
// I-type is inst[31:20], S-type is inst[31:25] and inst[11:7].
func TestRISCV12(t *testing.T) {
	const low, high = -2048, 2047
	var iType, sType []string
	for v := low; v <= high; v++ {
		iType = append(iType, fmt.Sprintf("!%d", v))
		sType = append(sType, fmt.Sprintf("@%d", v))
	}
	for _, big := range []bool{false, true} {
		for i, w := range riscvWords(t, "riscv32", big, iType) {
			assert.Equal(t, low+i, int(int32(w)>>20), iType[i])
			assert.EqualValues(t, 0, w<<12, iType[i])
		}
		for i, w := range riscvWords(t, "riscv64", big, sType) {
			assert.Equal(t, low+i, int(int32(w)>>25<<5|int32(w>>7&31)), sType[i])
			assert.EqualValues(t, 0, w&^(0xFE000000|0x00000F80), sType[i])
		}
	}
}

// lui with ~N and addi with !N add up to N, as do lui and the offset @N of a
// store.
func TestRISCV32(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var values []int32
	var texts []string
	for i := range 20000 {
		v := int32(rng.Uint32())
		if i < 1<<13 {
			v = int32(i<<19) | int32(0x7FE+rng.UintN(4)) // around the carry
		}
		values = append(values, v)
		texts = append(texts, fmt.Sprintf("~%d", v), fmt.Sprintf("!%d", v), fmt.Sprintf("@%d", v))
	}
	words := riscvWords(t, "riscv64", false, texts)
	for i, v := range values {
		upper, lower, offset := words[3*i], int32(words[3*i+1])>>20, int32(words[3*i+2])>>25<<5|int32(words[3*i+2]>>7&31)
		assert.EqualValues(t, 0, upper&0xFFF)
		assert.Equal(t, v, int32(upper)+lower)
		assert.Equal(t, lower, offset)
	}
}
