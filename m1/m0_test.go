package m1

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/source"
)

func assembleM0(t testing.TB, opt M0Options, text string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := AssembleM0(&out, source.String("in.M1", text), opt)
	return out.String(), err
}

func TestM0EveryLadder(t *testing.T) {
	for _, a := range arch.All {
		got, err := assembleM0(t, M0Options{Arch: a.Name}, "'90'")
		switch {
		case a.Dir != "" && (err != nil || got != "90\n"):
			t.Errorf("%s: %q, %v", a.Name, got, err)
		case a.Dir == "" && (err == nil || err.Error() != fmt.Sprintf("there is no M0 for %q", a.Name)):
			t.Errorf("%s: %q, %v", a.Name, got, err)
		}
	}
}

func TestM0Output(t *testing.T) {
	plain := []string{"x86", "amd64", "aarch64"}
	wide := []string{"amd64", "aarch64"}
	riscv := []string{"riscv32", "riscv64"}
	for _, test := range []struct {
		archs      []string
		text, want string
	}{
		{plain, "'a b'\n\"AB\" '' \"\" :l\t# x\n\n^%l", "a b|414200||00|:l|^%l"},
		{riscv, "'a b'\n\"AB\xff\" ; x\n$l .9300000F", "a b|4142FF00|$l|.9300000F"},

		// A definition applies from its place on.
		{plain, "a DEFINE a x a DEFINE a y a DEFINE b a b", "a|x|y|a"},
		{riscv, "DEFINE a 'x y' DEFINE DEFINE z a DEFINE c d 'e'", "'x y|e"},

		// Numbers.
		{plain, "%1 @1 !1 ~1 41 :12 %-1", "01000000|0100|01|01|01|0C|FFFFFFFF"},
		{plain, "%0xFF %0xff %08 %x1 @0x:@ !300", "FF000000|00000000|08000000|%x1|3900|2C"},
		{plain, "%-0 %- % %-0x5 ffx5 %1x0 0 -", "%-0|%-|%|%-0x5|05|%1x0|0|-"},
		{[]string{"x86"}, "%4294967296 %4294967297", "%4294967296|01000000"},
		{wide, "%4294967296 %4294967297", "00000000|01000000"},
		{[]string{"riscv64"}, "%4294967296", "00000000"},
		{[]string{"riscv32"}, "%4294967296", "%4294967296"},
		{riscv, "%1 !1 @1 ~0x1000 ~0x800 !-1", "01000000|.00001000|.80000000|.00100000|.00100000|.0000F0FF"},

		// Odd bytes.
		{plain, "a\x00b\n\x00 c\nd\n\xfc e", "a|b|d"},
		{plain, "'a\x00b' \"c\x00d\" e\xfcf", "a|6300|e\xfcf"},
		{riscv, "a\x00b\n\x00 c\nd\n\xfc e", "a|b|d"},
	} {
		for _, name := range test.archs {
			got, err := assembleM0(t, M0Options{Arch: name}, test.text+"\n")
			want := strings.ReplaceAll(test.want, "|", "\n") + "\n"
			assert.Equal(t, want, got, "%v %v", test.text, name)
			require.NoError(t, err, "%v %v", test.text, name)
		}
	}
}

var m0Problems = []struct {
	arch, text, want string
	strict           bool
}{
	{"amd64", "", "in.M1:1:1: found the end of the text, expected something to assemble", false},
	{"amd64", "DEFINE a b\n", "in.M1:2:1: found the end of the text, expected something to assemble after the last DEFINE", false},
	{"amd64", ":a DEFINE b\n", "in.M1:1:4: found the end of the text, expected a name and a value for DEFINE", false},
	{"amd64", ":a\n:b", "in.M1:2:1: found the end of the text in a token, expected white space after it", false},
	{"amd64", ":a\n'b", "in.M1:2:1: found the end of the text in a string, expected a closing '", false},
	{"amd64", ":a\n\t# b", "in.M1:2:2: found the end of the text in a comment, expected a line end", false},
	{"amd64", ":a\n\x00 b", "in.M1:2:1: found the end of the text in a comment, expected a line end", false},
	{"riscv32", "'a\x00'\n", "in.M1:1:3: found a NUL in a string", false},
	{"riscv64", "'a\x00'\n", "in.M1:1:3: found a NUL in a string", false},
	{"riscv64", "$1\n", `in.M1:1:1: found "$1", which is taken for a number; expected one of ! @ % ~ before it`, false},
	{"riscv32", "00\n", `in.M1:1:1: found "00", which is taken for a number; expected one of ! @ % ~ before it`, false},

	{"amd64", "41\n", `in.M1:1:1: found "41", which is taken for the number 1 in one byte; expected one of ! @ % before a number`, true},
	{"x86", "~1\n", `in.M1:1:1: found "~1", which is taken for the number 1 in one byte; expected one of ! @ % before a number`, true},
	{"amd64", "!256\n", `in.M1:1:1: found "!256", expected a number from -128 to 255; its low bits are taken`, true},
	{"amd64", "@-32769\n", `in.M1:1:1: found "@-32769", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"amd64", "%0xff\n", `in.M1:1:1: found "%0xff", which is neither decimal nor upper-case hex after 0x; taken for 0`, true},
	{"amd64", "%0_1\n", `in.M1:1:1: found "%0_1", which is neither decimal nor upper-case hex after 0x; taken for 0`, true},
	{"x86", "%-2147483649\n", `in.M1:1:1: found "%-2147483649", which has more than 32 bits; taken for 2147483647`, true},
	{"x86", "%4294967296\n", `in.M1:1:1: found "%4294967296", which has more than 32 bits; taken for a label`, true},
	{"x86", "%0x100000000\n", `in.M1:1:1: found "%0x100000000", which has more than 32 bits; taken for 0`, true},
	{"amd64", "mov\n", `in.M1:1:1: found "mov", which is not a macro, label, string, number or hex; copied as it is`, true},
	{"amd64", ":a\r\n", "in.M1:1:3: found a CR, which is not white space here; it is taken for a part of the token", true},
	{"amd64", ":a\n\xfc", "in.M1:2:1: found byte 0xFC, which ends the text; the rest is dropped", true},
	{"amd64", "'a\x00'\n", "in.M1:1:3: found a NUL in a string; the rest of the string is dropped", true},
	{"amd64", "DEFINE 'a' b :c\n", `in.M1:1:8: found the string "a", expected a name for DEFINE; it defines nothing`, true},
	{"amd64", "DEFINE a 'b' :c\n", `in.M1:1:10: found a string as the value of "a"; its opening quote is taken for a part of it`, true},
	{"amd64", "DEFINE a b DEFINE c a :c\n", `in.M1:1:21: found the macro "a" as a value; it is not replaced there`, true},
}

func TestM0Problems(t *testing.T) {
	for _, test := range m0Problems {
		var warned []string
		opt := M0Options{Arch: test.arch}
		opt.Warn = func(e *source.Error) { warned = append(warned, e.Error()) }
		out, err := assembleM0(t, opt, test.text)
		switch {
		case test.strict && (err != nil || out == "" || len(warned) != 1 || warned[0] != test.want):
			t.Errorf("%q for %s gives %q, %v, and warns %q, want %s", test.text, test.arch, out, err, warned, test.want)
		case !test.strict && (err == nil || err.Error() != test.want):
			t.Errorf("%q for %s: %v, want %s", test.text, test.arch, err, test.want)
		}
		opt.Strict = true
		_, err = assembleM0(t, opt, test.text)
		assert.EqualError(t, err, test.want, "%v %v", test.text, test.arch)
	}
}

func TestM0LongTokens(t *testing.T) {
	for name, limit := range map[string]struct{ atom, str int }{
		"x86": {255, 255}, "amd64": {255, 255}, "aarch64": {255, 511}, "riscv32": {511, 511}, "riscv64": {511, 511},
	} {
		for _, test := range []struct{ text, want string }{
			{":" + strings.Repeat("x", limit.atom-1), fmt.Sprintf("in.M1:1:1: found a token of more than %d bytes", limit.atom)},
			{"'" + strings.Repeat("x", limit.str-1) + "'", fmt.Sprintf("in.M1:1:1: found a string of more than %d bytes, or want a closing '", limit.str-1)},
		} {
			got, err := assembleM0(t, M0Options{Arch: name}, test.text+"\n")
			require.NoError(t, err, name)
			assert.Equal(t, strings.Trim(test.text, "'")+"\n", got, name)
			longer := strings.Replace(test.text, "x", "xx", 1)
			_, err = assembleM0(t, M0Options{Arch: name}, longer+"\n")
			assert.EqualError(t, err, test.want, "%s %q", name, longer)
		}
	}
}

// Every number of one and two bytes, and the 12-bit immediates of RISC-V.
func TestM0Numbers(t *testing.T) {
	each := func(name string, texts []string) []string {
		out, err := assembleM0(t, M0Options{Arch: name}, strings.Join(texts, "\n")+"\n")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(out, "\n")
	}
	for sigil, size := range map[string]int{"!": 1, "@": 2} {
		low := -1 << (8*size - 1)
		var texts []string
		for v := low; v < 1<<(8*size); v++ {
			texts = append(texts, fmt.Sprint(sigil, v))
		}
		for i, out := range each("x86", texts)[:len(texts)] {
			want := binary.LittleEndian.AppendUint32(nil, uint32(low+i))[:size]
			if got := decodeHex(t, out, false); !bytes.Equal(got, want) {
				t.Errorf("%s: %s", texts[i], out)
			}
		}
	}
	var texts []string
	for v := -2048; v < 2048; v++ {
		texts = append(texts, fmt.Sprintf("!%d\n@%d", v, v))
	}
	lines := each("riscv64", texts)
	for i := range texts {
		iType := binary.LittleEndian.Uint32(decodeHex(t, lines[2*i][1:], false))
		sType := binary.LittleEndian.Uint32(decodeHex(t, lines[2*i+1][1:], false))
		assert.Equal(t, i-2048, int(int32(iType)>>20), texts[i])
		assert.Equal(t, i-2048, int(int32(sType)>>25<<5|int32(sType>>7&31)), texts[i])
	}
}

func FuzzAssembleM0(f *testing.F) {
	f.Add("DEFINE a b\na \"str\" '90'\n%12 !1 ~3 # x\n:l ^&l 0x1\r\n")
	f.Add("x \x00 \n\xfc DEFINE 'a' '")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"x86", "aarch64", "riscv64"} {
			opt := M0Options{Arch: name}
			lax, err := assembleM0(t, opt, text)
			checkError(t, err)
			opt.Strict = true
			strict, serr := assembleM0(t, opt, text)
			checkError(t, serr)
			if err != nil && serr == nil || serr == nil && strict != lax {
				t.Fatalf("strict gives %q, %v, lax %q, %v", strict, serr, lax, err)
			}
		}
	})
}

func BenchmarkAssembleM0(b *testing.B) {
	for _, mb := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			text := generate(mb << 20)
			src := source.Bytes("in.M1", text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := AssembleM0(io.Discard, src, M0Options{Arch: "amd64"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
