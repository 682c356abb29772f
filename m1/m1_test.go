package m1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/source"
)

// assemble assembles texts called a.M1, b.M1 and so on.
func assemble(t testing.TB, opt Options, texts ...string) (string, error) {
	t.Helper()
	var srcs []source.Source
	for i, text := range texts {
		srcs = append(srcs, source.String(string(rune('a'+i))+".M1", text))
	}
	var out bytes.Buffer
	err := Assemble(&out, srcs, opt)
	return out.String(), err
}

func TestEveryArchitecture(t *testing.T) {
	for _, a := range arch.All {
		got, err := assemble(t, Options{Arch: a.Name}, "'90'")
		require.NoError(t, err, a.Name)
		assert.Equal(t, "90\n", got, a.Name)
	}
	if len(dialects) != len(arch.All) {
		t.Errorf("%d dialects for %d architectures", len(dialects), len(arch.All))
	}
}

func TestOutput(t *testing.T) {
	amd64 := Options{Arch: "amd64"}
	knight := Options{Arch: "knight-posix", BigEndian: true}
	for _, test := range []struct {
		opt   Options
		texts []string
		want  string
	}{
		// Line ends.
		{amd64, []string{"'1' '2'\n\n\n'3'"}, "1 2\n3\n"},
		{amd64, []string{"\n\n # x\n'1'"}, "1\n"},
		{amd64, []string{"'1'", "", "\n", "'2'"}, "1\n2\n"},
		{amd64, []string{"DEFINE a b"}, "\n"},
		{amd64, []string{"DEFINE a b 'x' DEFINE c d 'y'"}, "\nx\ny\n"},
		{amd64, []string{"'x' # y\r'z';"}, "x\nz\n"},
		{amd64, []string{"'x\ny' 'z'"}, "x\ny z\n"},

		// Tokens.
		{amd64, []string{"'a'\"b\":c#d;e'f\"g"}, "a 62 00  :c#d;e'f\"g\n"},
		{amd64, []string{"'' \"\" '\"' \"'\""}, " 00  \" 27 00 \n"},
		{amd64, []string{"^~a &a>b :\x0b< ! <"}, "^~a &a>b :\x0b< ! <\n"},

		// Definitions.
		{amd64, []string{"a DEFINE a x a", "DEFINE a y"}, "y\ny\n"},
		{amd64, []string{"DEFINE a 'x y' DEFINE b \"z\" DEFINE c '' a b c"}, "\nx y z \n"},
		{amd64, []string{"DEFINE a DEFINE DEFINE DEFINE x a"}, "\nDEFINE\n"},
		{amd64, []string{"DEFINE %5 x DEFINE :l y %5 :l"}, "\nx y\n"},
		{amd64, []string{"DEFINE a b DEFINE b c a b"}, "\nb c\n"},
		{amd64, []string{"DEFINE\na :b", "DEFINE a", "a :c"}, "\n:b\n\n :c\n"}, // a stands for a line end
		{amd64, []string{"DEFINE 'a' b 'a'"}, "\na\n"},

		// Numbers.
		{amd64, []string{"!1 @1 $1 ~1 %1 &1"}, "01 0100 0100 010000 01000000 01000000\n"},
		{knight, []string{"!1 @1 $1 ~1 %1 &1"}, "01 0001 0001 000001 00000001 00000001\n"},
		{knight, []string{"-1 32767 65535 010 :1"}, "FFFF 7FFF FFFF 0008 :1\n"},
		{amd64, []string{"%0x-1 %-1 %0b1_01 %1__0 %-010"}, "FFFFFFFF FFFFFFFF 05000000 0A000000 F6FFFFFF\n"},
		{amd64, []string{"%-0 %1x %- %_ %a0"}, "%-0 %1x %- %_ %a0\n"},
		{Options{Arch: "armv7l", Radix: 2}, []string{"@0x102 <1 \"A\""}, "0000001000000001 00000000 01000001 00000000 \n"},
		{Options{Arch: "armv7l", Radix: 8}, []string{"!65 <2 \"A\""}, "101 000000 101 000 \n"},
		{amd64, []string{"<3 <0x1"}, "000000 00\n"},

		// Bytes that are not ASCII.
		{amd64, []string{"'\x80\xff'"}, "\x80\xff\n"},

		// Strings on Knight, in hex and otherwise.
		{knight, []string{`"" "a" "abc" "abcd"`}, "00 000000 61 00 0000 61 62 63 00  61 62 63 64 00 000000\n"},
		{Options{Arch: "knight-native", Radix: 8}, []string{`""`}, "000 \n"},
	} {
		got, err := assemble(t, test.opt, test.texts...)
		assert.Equal(t, test.want, got, "%v", test.texts)
		require.NoError(t, err, "%v", test.texts)
	}
}

// Input that is rejected, always or only by --strict.
var problems = []struct {
	arch, text, want string
	strict           bool
}{
	{"amd64", "", "a.M1:1:1: found the end of the input, expected something to assemble", false},
	{"amd64", "\n# x", "a.M1:2:4: found the end of the input, expected something to assemble", false},
	{"amd64", "\n 'a", "a.M1:2:2: found the end of the text in a string, expected a closing '", false},
	{"amd64", "'a' \"b", "a.M1:1:5: found the end of the text in a string, expected a closing \"", false},
	{"amd64", "'a' b\n", `a.M1:1:5: found "b", which is not a macro, label, string or number`, false},
	{"amd64", "48C7", `a.M1:1:1: found "48C7", which is not a macro, label, string or number`, false},
	{"amd64", "DEFINED a", `a.M1:1:1: found "DEFINED", which is not a macro, label, string or number`, false},
	{"knight-native", "65537", `a.M1:1:1: found "65537", which is not a macro, label, string or number`, false},
	{"amd64", ":a\n\tDEFINE\n", "a.M1:2:2: found the end of the input, expected a name and a value for DEFINE", false},
	{"amd64", "a\x00b", "a.M1:1:2: found a NUL in a token", false},
	{"amd64", "'a\x00b'", "a.M1:1:3: found a NUL in a string", false},
	{"amd64", "'\x80' \"a\x80\"", "a.M1:1:7: found byte 0x80 in a string, expected ASCII", false},
	{"amd64", "!257", `a.M1:1:1: found "!257", expected a number from -128 to 255`, false},
	{"amd64", "!-130", `a.M1:1:1: found "!-130", expected a number from -128 to 255`, false},
	{"amd64", "@32769", `a.M1:1:1: found "@32769", expected a number from -32768 to 65535`, false},
	{"amd64", "@-32770", `a.M1:1:1: found "@-32770", expected a number from -32768 to 65535`, false},
	{"amd64", "$65537", `a.M1:1:1: found "$65537", expected a number from -32768 to 65535`, false},
	{"amd64", "$-32770", `a.M1:1:1: found "$-32770", expected a number from -32768 to 65535`, false},
	{"amd64", "~8388609", `a.M1:1:1: found "~8388609", expected a number from -8388608 to 16777215`, false},
	{"amd64", "~-8388610", `a.M1:1:1: found "~-8388610", expected a number from -8388608 to 16777215`, false},
	{"knight-posix", "-32770", `a.M1:1:1: found "-32770", expected a number from -32768 to 65535`, false},
	{"amd64", "DEFINE a !300", `a.M1:1:10: found "!300", expected a number from -128 to 255`, false},
	{"amd64", "DEFINE a <-1", `a.M1:1:10: found "<-1", expected a number of zero bytes, at most 1073741823`, false},
	{"amd64", "<-1", `a.M1:1:1: found "<-1", expected a number of zero bytes, at most 1073741823`, false},
	{"amd64", "<1073741824", `a.M1:1:1: found "<1073741824", expected a number of zero bytes, at most 1073741823`, false},

	{"amd64", "!256", `a.M1:1:1: found "!256", expected a number from -128 to 255; its low bits are taken`, true},
	{"amd64", "!-129", `a.M1:1:1: found "!-129", expected a number from -128 to 255; its low bits are taken`, true},
	{"amd64", "@-32769", `a.M1:1:1: found "@-32769", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"amd64", "$-32769", `a.M1:1:1: found "$-32769", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"amd64", "$65536", `a.M1:1:1: found "$65536", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"amd64", "~-8388609", `a.M1:1:1: found "~-8388609", expected a number from -8388608 to 16777215; its low bits are taken`, true},
	{"knight-posix", "65536", `a.M1:1:1: found "65536", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"riscv64", "$65536", `a.M1:1:1: found "$65536", expected a number from -32768 to 65535; its low bits are taken`, true},
	{"amd64", "%0x100000000", `a.M1:1:1: found "%0x100000000", which has more than 32 bits; taken for 0`, true},
	{"amd64", "%-2147483649", `a.M1:1:1: found "%-2147483649", which has more than 32 bits; taken for 2147483647`, true},
	{"amd64", "&4294967296", `a.M1:1:1: found "&4294967296", which has more than 32 bits; taken for a label`, true},
	{"amd64", "<4294967297", `a.M1:1:1: found "<4294967297", which has more than 32 bits; taken for 1`, true},
	{"amd64", "%08", `a.M1:1:1: found "%08", which is not a number in the base that its 0 asks for; taken for 0`, true},
	{"amd64", "%0xG", `a.M1:1:1: found "%0xG", which is not a number in the base that its 0 asks for; taken for 0`, true},
	{"knight-posix", "0D2D", `a.M1:1:1: found "0D2D", which is not a number in the base that its 0 asks for; taken for 0`, true},
	{"amd64", "<0", `a.M1:1:1: found "<0", expected a number of zero bytes; copied as it is`, true},
	{"amd64", "<x", `a.M1:1:1: found "<x", expected a number of zero bytes; copied as it is`, true},
	{"amd64", ":a\r\n", "a.M1:1:3: found a CR, which is not white space here; it is taken for a part of the token", true},
	{"amd64", "DEFINE b :a\r\nb", "a.M1:1:12: found a CR, which is not white space here; it is taken for a part of the token", true},
	{"amd64", ":a\nDEFINE\n:b :c", `a.M1:2:1: found the end of the line, expected a name for DEFINE; ":b" is dropped`, true},
	{"amd64", "DEFINE a\n:b", `a.M1:1:1: found the end of the line, expected a value for "a"; it stands for a line end`, true},
	{"amd64", "DEFINE 'a' b\n:b", `a.M1:1:1: found the string "a", expected a name for DEFINE; it defines nothing`, true},
	{"amd64", "DEFINE a b\nDEFINE a c", `a.M1:2:1: found "c" as the value of "a", which has been "b"; the last one holds everywhere`, true},
	{"amd64", "DEFINE a b\nDEFINE b c", `a.M1:1:10: found the macro "b" as a value; it is not replaced there`, true},
	{"amd64", "DEFINE a a", `a.M1:1:10: found the macro "a" as a value; it is not replaced there`, true},
}

func TestProblems(t *testing.T) {
	for _, test := range problems {
		var warned []string
		opt := Options{Arch: test.arch}
		opt.Warn = func(e *source.Error) { warned = append(warned, e.Error()) }
		out, err := assemble(t, opt, test.text)
		switch {
		case test.strict && (err != nil || out == "" || len(warned) != 1 || warned[0] != test.want):
			t.Errorf("%q for %s gives %q, %v, and warns %q, want %s", test.text, test.arch, out, err, warned, test.want)
		case !test.strict && (err == nil || err.Error() != test.want):
			t.Errorf("%q for %s: %v, want %s", test.text, test.arch, err, test.want)
		}
		opt.Strict = true
		_, err = assemble(t, opt, test.text)
		assert.EqualError(t, err, test.want, "%v %v", test.text, test.arch)
	}
}

// Octal digits of numbers of more than one byte.
func TestOctalProblem(t *testing.T) {
	for _, text := range []string{"@256", "%-1", "$65535"} {
		opt := Options{Arch: "x86", Radix: 8, Diagnostics: source.Diagnostics{Strict: true}}
		want := fmt.Sprintf("a.M1:1:1: found %q in octal output, expected a number from 0 to 255; its octal digits do not split into bytes", text)
		_, err := assemble(t, opt, text)
		assert.EqualError(t, err, want, text)
	}
}

// Defining a name twice with the same value is not a problem.
func TestNoProblem(t *testing.T) {
	opt := Options{Arch: "riscv64", Diagnostics: source.Diagnostics{Strict: true}}
	for _, text := range []string{"DEFINE a b DEFINE a b", "!0x12345678 ~0x12345678 %-1 $-1 $65535", "# x\r\n:b"} {
		if _, err := assemble(t, opt, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		opt   Options
		texts []string
		want  string
	}{
		{Options{Arch: "vax"}, []string{":a"}, `unknown architecture "vax"`},
		{Options{Arch: "x86", Radix: 10}, []string{":a"}, "unknown radix 10"},
		{Options{Arch: "x86"}, nil, "no input"},
	} {
		_, err := assemble(t, test.opt, test.texts...)
		assert.EqualError(t, err, test.want, test.opt)
	}
}

// A definition may begin in one text and end in another without a DEFINE.
func TestDefinitionAcrossTexts(t *testing.T) {
	got, err := assemble(t, Options{Arch: "x86"}, ":a DEFINE", "DEFIN :b\n", ":c")
	want := ":a\n:b\n:c\n"
	assert.Equal(t, want, got)
	require.NoError(t, err)
}

// The longest tokens, and tokens a byte longer.
func TestLongTokens(t *testing.T) {
	opt := Options{Arch: "x86"}
	for _, test := range []struct{ longest, want string }{
		{":" + strings.Repeat("x", 4094), "a.M1:2:1: found a token of more than 4095 bytes"},
		{"'" + strings.Repeat("x", 4094) + "'", "a.M1:2:1: found a string of more than 4094 bytes, or want a closing '"},
	} {
		text := "\n" + test.longest
		for _, end := range []string{"", "\n", strings.Repeat(" ", 10000)} {
			src := source.String("a.M1", text+end)
			var out bytes.Buffer
			err := Assemble(&out, []source.Source{src}, opt)
			require.NoError(t, err)
			assert.Equal(t, strings.Trim(test.longest, "'")+"\n", out.String())
			longer := strings.Replace(text, "x", "xx", 1) + end
			src = source.String("a.M1", longer)
			assert.EqualError(t, Assemble(io.Discard, []source.Source{src}, opt), test.want, test.longest)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var errFull = errors.New("full")

// Output is written as it is produced, and a write error ends the run.
func TestWriteError(t *testing.T) {
	for _, text := range []string{":a", strings.Repeat(":abcdefg ", 100000), "<1000000", "<1073741823"} {
		for _, room := range []int{0, 200_000} {
			if room >= len(text)+1 && text[0] == ':' {
				continue
			}
			most := 0
			w := writerFunc(func(p []byte) (int, error) {
				most = max(most, len(p))
				if room -= len(p); room < 0 {
					return 0, errFull
				}
				return len(p), nil
			})
			err := Assemble(w, []source.Source{source.String("a.M1", text)}, Options{Arch: "x86"})
			assert.Equal(t, errFull, err, text)
			assert.LessOrEqual(t, most, bufferSize, text)
		}
	}
}

// Blank lines, comments and white space do not change the output, nor does
// splitting the text at a line end.
func FuzzAssemble(f *testing.F) {
	f.Add("DEFINE a b\na \"str\" '90'\n%12 !1 <3 # x\n:l ^&l>a\r\n", 9)
	f.Add("0x10 -5 DEFINE\nx '\x80' \"\xf0\" DEFINE 'a' @32768", 4)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		for _, name := range []string{"amd64", "riscv32", "knight-native"} {
			for _, radix := range []int{16, 8, 2} {
				opt := Options{Arch: name, Radix: radix}
				lax, err := assembleSmall(t, opt, text)
				checkError(t, err)
				opt.Strict = true
				strict, serr := assembleSmall(t, opt, text)
				checkError(t, serr)
				if err != nil && serr == nil || serr == nil && strict != lax {
					t.Fatalf("strict gives %q, %v, lax %q, %v", strict, serr, lax, err)
				}
				if err != nil {
					continue
				}
				if n := strings.IndexByte(text[min(uint(cut), uint(len(text))):], '\n'); n >= 0 && serr == nil && !strings.ContainsAny(text, "'\"") {
					n += int(min(uint(cut), uint(len(text))))
					if two, err := assembleSmall(t, opt, text[:n], text[n:]); err != nil || two != lax {
						t.Fatalf("cut at %d: %q, %v, want %q", n, two, err, lax)
					}
				}
			}
		}
	})
}

var errLarge = errors.New("large")

// assembleSmall is assemble for output that is not too large.
func assembleSmall(t *testing.T, opt Options, texts ...string) (string, error) {
	var srcs []source.Source
	for _, text := range texts {
		srcs = append(srcs, source.String("a.M1", text))
	}
	var out bytes.Buffer
	err := Assemble(writerFunc(func(p []byte) (int, error) {
		if out.Len() > 1<<20 {
			return 0, errLarge
		}
		return out.Write(p)
	}), srcs, opt)
	return out.String(), err
}

// checkError fails unless err is nil or has a position.
func checkError(t *testing.T, err error) {
	t.Helper()
	var at *source.Error
	if err != nil && err != errLarge && !errors.As(err, &at) {
		t.Fatalf("no position in %v", err)
	}
}

// generate returns a program of about n bytes, with labels, macros, numbers,
// strings and comments like a compiler's output.
func generate(n int) []byte {
	var b bytes.Buffer
	b.WriteString("DEFINE push_rax 50\nDEFINE mov_rax, 48C7C0\nDEFINE call E8\nDEFINE ret C3\n")
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "# Defining function f%d\n:FUNCTION_f%d\nmov_rax, %%%d\t# a number\npush_rax\n:STRING_%d\n\"string number %d\"\ncall %%FUNCTION_f%d\nmov_rax, %%0x%X\nret\n\n", i, i, i, i, i, i/2, i)
	}
	return b.Bytes()
}

func BenchmarkAssemble(b *testing.B) {
	for _, mb := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			text := generate(mb << 20)
			src := source.Bytes("a.M1", text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs() // B/op must not grow with the size
			for b.Loop() {
				if err := Assemble(io.Discard, []source.Source{src}, Options{Arch: "amd64"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
