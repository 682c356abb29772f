package m2planet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/cgen"
	"stage0/internal/cpp"
	"stage0/source"
)

// compile compiles a program called in.c.
func compile(program string, opt Options) (out string, warnings []string, err error) {
	var b bytes.Buffer
	opt.ExpandIncludes, opt.Open = true, included.open
	opt.Warn = func(e *source.Error) { warnings = append(warnings, e.Error()) }
	err = Compile(&b, []source.Source{source.String("in.c", program)}, opt)
	return b.String(), warnings, err
}

// What upstream takes in silence, and what is said of it. The goldens show
// what becomes of it.
var doubtful = []struct {
	program string
	want    []string
}{
	{"int a = 08;\n", []string{"in.c:1:9: 08 is not a number; M2-Planet takes it for 0"}},
	{"int a = 0x;\nint b = 1L;\n", []string{"in.c:2:9: 1L is not a number; M2-Planet takes it for 0"}},
	{"int a = 4294967295;\nint b = 4294967296;\n", []string{"in.c:2:9: 4294967296 does not fit into 32 bits; M2-Planet takes it for -2147483648"}},
	{"int a = --1 ++1;\n", []string{"in.c:1:9: M2-Planet takes -- for a single -", "in.c:1:13: M2-Planet takes ++ for a single +"}},
	{"int a[] = {sizeof(\"\\n\")};\n", []string{"in.c:1:19: M2-Planet counts the escapes of a string as they are written"}},
	{"int f() { return !!1; }\n", []string{"in.c:1:18: M2-Planet takes !! for a single !"}},
	{"int f() { return f(1 2); }\n", []string{`in.c:1:22: found "2", expected , or ); M2-Planet assumes a comma`}},
	{"int f(int a int b) {}\n", []string{`in.c:1:13: found "int", expected , or ); M2-Planet assumes a comma`}},
	{"int (*f)(int a int b);\n", []string{`in.c:1:16: found "int", expected , or ); M2-Planet assumes a comma`}},
	{"int f() { int a b; }\n", []string{`in.c:1:17: found "b", expected , or ; after a variable; M2-Planet assumes a comma`}},
	{"int a, b {2];\n", []string{
		`in.c:1:10: found "{", expected one of [ = , ; after a variable; M2-Planet takes it for [`,
	}},
	{"char* a = \"b\x00c\";\n", []string{"in.c:1:13: found byte 0x00 in a token; M2-Planet drops the rest of the token"}},
	{"enum { A B };\n", []string{`in.c:1:10: found "B", expected , or }; M2-Planet assumes a comma`}},
	{"char* a[2] = {\"a\" \"b\"};\n", []string{`in.c:1:19: found "b", expected , or }; M2-Planet assumes a comma`}},
	{"int f() { switch(1) { case 1 } }\n", []string{`in.c:1:23: found "}", expected : after case; M2-Planet drops the case`}},
	{"#pragma once\n", []string{"in.c:1:1: M2-Planet does not know #pragma; the line is ignored"}},
	{"#\n", []string{"in.c:1:1: M2-Planet does not know #; the line is ignored"}},
	{"#warning\n#warning int a;\n", []string{"in.c:1:1: #warning", "in.c:2:1: #warning int a ;; M2-Planet compiles these words"}},
	{"#if \"a\n#endif\n\"\n#endif\n", []string{`in.c:1:5: found "\"a\n#endif\n", expected an expression; M2-Planet takes it for 0`}},
	{"#if !!0 + --1\n#endif\n", []string{"in.c:1:5: M2-Planet takes !! for a single !", "in.c:1:11: M2-Planet takes -- for a single -"}},
	{"#define A 1u\n#if A\n#endif\n", []string{"in.c:2:5: \"1u\" is not a number; M2-Planet takes it for 0"}},
	{"#if 2 && 1\n#endif\n", []string{"in.c:1:7: 2 && 1 is 0; M2-Planet takes && for &"}},
	{"#define A 1 + 1\n#if A\n#endif\n", []string{`in.c:2:5: macro A has more than one token; M2-Planet uses only "1"`}},
	{"#define A -\n#if A\n#endif\n", []string{`in.c:2:5: "-" is not a number; M2-Planet takes it for 0`}},
	{"\n#if 1\n#ifndef A\n", []string{"in.c:3:1: #ifndef has no #endif"}},
	{"#define 1 2\n#ifdef 1\n#else\n#endif\n#undef 1\n", []string{
		`in.c:1:9: found "1", expected the name of a macro after #define`,
		`in.c:2:8: found "1", expected the name of a macro after #ifdef`,
		`in.c:5:8: found "1", expected the name of a macro after #undef`,
	}},
	{"#if defined 1\n#endif\n", []string{`in.c:1:13: found "1", expected the name of a macro after defined`}},
	{"#define A(b c) c\nint A(d);\n", []string{`in.c:1:13: found "c", expected , or ); M2-Planet drops the parameter b`}},
	{"#define A\n#define B int\nA B c;\n", []string{`in.c:3:3: M2-Planet does not expand the macro after A, which is empty`}},
	{"__M2__\n", []string{"in.c:1:1: M2-Planet does not expand a macro that is the first word of the program"}},
	{"#define A(b) b\nint x A(); int y;\n", []string{
		"in.c:2:9: the argument b of macro A is empty; M2-Planet puts the rest of the program in its place",
	}},
}

func TestWarnings(t *testing.T) {
	for _, test := range doubtful {
		_, warnings, _ := compile(test.program, Options{})
		assert.Equal(t, test.want, warnings, test.program)
		_, warnings, err := compile(test.program, Options{Diagnostics: source.Diagnostics{Strict: true}})
		assert.EqualError(t, err, test.want[0], test.program)
		assert.Empty(t, warnings, test.program)
	}
}

// Texts as long as upstream's buffers hold, and a byte longer.
func TestMaxString(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		max      int
		ok, fail string
		want     string
	}{
		{20, "int " + long(19) + ";\n", "int " + long(20) + ";\n", "in.c:1:5: the token is 20 bytes long; --max-string allows 19"},
		{30, "int a; // " + long(40) + "\n", "char* a = \"" + long(29) + "\";\n", "in.c:1:11: the token is 30 bytes long; --max-string allows 29"},
		{300, "int " + long(280) + "() { \"a\"; }\n", "int " + long(292) + "() { \"a\"; }\n", "in.c:1:302: the label is 301 bytes long; --max-string allows 299"},
		{100, "char* a = \"" + long(96) + "\";\n", "char* a = \"" + long(97) + "\";\n", "in.c:1:11: the string is 100 bytes long; --max-string allows 99"},
		{100, "char* a = \"" + long(30) + "\r\";\n", "char* a = \"" + long(31) + "\r\";\n", "in.c:1:11: the string, in hex, is 100 bytes long; --max-string allows 99"},
		{300, "int f() { \"" + long(150) + "\" \"" + long(140) + "\"; }\n", "int f() { \"" + long(150) + "\" \"" + long(149) + "\"; }\n", "in.c:1:164: the string is 300 bytes long; --max-string allows 299"},
		{40, "int f() { return 5; }\n", "int f(int a) { return f(a); }\n", "in.c:1:5: an instruction is 43 bytes long; --max-string allows 39"},
		{40, "#FILENAME " + long(38) + " 1\nint a = sizeof(__FILE__);\n", "#FILENAME " + long(39) + " 1\nint a = sizeof(__FILE__);\n", strings.Repeat("x", 39) + ":1:16: the file name is 39 bytes long; --max-string allows 38"},
		{40, "#FILENAME " + long(39) + " 1\n", "#FILENAME " + long(40) + " 1\n", "in.c:1:1: the file name is 40 bytes long; --max-string allows 39"},
		{40, "int a;\n", "#include \"" + long(38) + "\"\n\n", "in.c:1:10: the path of the file is 47 bytes long; --max-string allows 39"},
		{40, "int a;\n", "#include <" + long(39) + "/>\n\n", "in.c:1:50: the file name is longer than --max-string allows, 39"},
	} {
		_, _, err := compile(test.ok, Options{MaxString: test.max})
		assert.NoError(t, err, test.ok)
		_, _, err = compile(test.fail, Options{MaxString: test.max})
		assert.EqualError(t, err, test.want, test.fail)
	}
}

// What nests as deep as may be, and a level more.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		before, open, inside, closing, after string
		most                                 int
		want                                 string
	}{
		{"int f() ", "{", "", "}", "\n", cpp.MaxNesting, "in.c:1:100009: nested more than 100000 deep"},
		{"int f() {", "- ", "1", "", ";}\n", cpp.MaxNesting - 4, "in.c:1:200004: nested more than 100000 deep"},
		{"int a[", "1+", "1", "", "];\n", cpp.MaxNesting - 2, "in.c:1:200005: nested more than 100000 deep"},
		{"#if ", "(", "1", ")", "\n#endif\n", cpp.MaxNesting, "in.c:1:100006: the condition nests more than 100000 deep"},
		{"", "#if 0\n", "", "#endif\n", "", cpp.MaxNesting + 1, "in.c:100002:5: #if is nested more than 100000 deep"},
		{"struct s { char a[0", "+33554430", "", "", "]; };\nstruct s x;\n", 2, "in.c:2:11: the variable has 100663292 bytes; at most 67108864 are supported"},
	} {
		program := func(n int) string {
			return test.before + strings.Repeat(test.open, n) + test.inside + strings.Repeat(test.closing, n) + test.after
		}
		if _, _, err := compile(program(test.most), Options{}); err != nil {
			t.Errorf("%q %d times: %v", test.open, test.most, err)
		}
		_, _, err := compile(program(test.most+1), Options{})
		assert.EqualError(t, err, test.want, "%v %v", test.open, test.most+1)
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		opt  Options
		want string
	}{
		{Options{Arch: "z80"}, `there is no M2-Planet for architecture "z80"`},
		{Options{BuiltBy: "tcc"}, `unknown build by "tcc" for "amd64"; known are m2-planet for amd64, `},
		{Options{BuiltBy: ByGCC, Host: "x86"}, `unknown build by "gcc" for "x86"; known are m2-planet for amd64, `},
		{Options{MaxString: -1}, "found --max-string -1, expected 1 to 16777216"},
		{Options{MaxString: 1 << 25}, "found --max-string 33554432, expected 1 to 16777216"},
	} {
		_, _, err := compile("int a;\n", test.opt)
		require.Error(t, err)
		assert.True(t, strings.HasPrefix(err.Error(), test.want))
	}
}

// check compiles a text, strictly too: an error has a position and is one
// line, and what is warned of is an error if strict and nothing else is.
func check(text string, opt Options) error {
	lax, warnings, laxErr := compile(text, opt)
	opt.Strict = true
	strict, _, strictErr := compile(text, opt)
	for _, err := range []error{laxErr, strictErr} {
		var at *source.Error
		if err == nil || err.Error() == "there are no input files, or they are empty" {
			continue
		}
		numbered := strings.Contains(text, "#FILENAME") // which says any number for a line, 0 too
		if !errors.As(err, &at) || at.Position().Line < 1 && !numbered || at.Position().Col < 1 || strings.Contains(at.Msg, "\n") {
			return fmt.Errorf("no position in %q", err)
		}
	}
	switch {
	case len(warnings) > 0 && (strictErr == nil || strictErr.Error() != warnings[0]):
		return fmt.Errorf("warns of %s, but strictly %v", warnings[0], strictErr)
	case len(warnings) == 0 && (fmt.Sprint(laxErr) != fmt.Sprint(strictErr) || lax != strict):
		return fmt.Errorf("no warning, but strictly %v instead of %v", strictErr, laxErr)
	}
	return nil
}

const features = cgen.M2Planet | cgen.StructArrays | cgen.HexLetters | cgen.CallGlobals

// Generated programs, broken ones too.
func TestPrograms(t *testing.T) {
	compiled := 0
	for seed := range uint64(200) {
		p := cgen.New(seed, features)
		text := p.M2PlanetText(seed)
		b := builds[seed%uint64(len(builds))]
		opt := Options{Arch: targets[seed%uint64(len(targets))].Name, BuiltBy: b.By, Host: b.Host}
		if _, _, err := compile(string(text), opt); err == nil {
			compiled++
		}
		for _, text := range [][]byte{text, p.Broken(seed).M2PlanetText(seed), cgen.Noisy(text, seed)} {
			if err := check(string(text), opt); err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, text)
			}
		}
	}
	if compiled < 110 {
		t.Errorf("only %d of 200 programs were compiled", compiled)
	}
}

func FuzzCompile(f *testing.F) {
	for i, test := range badPrograms {
		if !strings.Contains(test.want, "make more than") { // slow
			f.Add([]byte(test.program), uint8(i), uint8(i))
		}
	}
	for i, test := range doubtful {
		f.Add([]byte(test.program), uint8(i), uint8(i))
	}
	for seed := range uint64(20) {
		f.Add(cgen.New(seed, features).M2PlanetText(seed), uint8(seed), uint8(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte, build, mode uint8) {
		b := builds[int(build)%len(builds)]
		opt := Options{
			BuiltBy:        b.By,
			Host:           b.Host,
			Arch:           targets[int(mode)%len(targets)].Name,
			BootstrapMode:  mode&8 != 0,
			PreprocessOnly: mode&16 != 0,
			Debug:          mode&32 != 0,
		}
		if err := check(string(text), opt); err != nil {
			t.Fatal(err)
		}
	})
}

// program returns a program of about n bytes: types, globals, constants,
// macros and functions, each with its strings and a call of the one before.
func program(n int) []byte {
	b := []byte("int f0(int a) { return a; }\n")
	for i := 1; len(b) < n; i++ {
		b = fmt.Appendf(b, `struct s%[1]d { int x; char* y; struct s%[1]d* z; };
typedef struct s%[1]d t%[1]d;
struct s%[1]d* g%[1]d;
int h%[1]d = %[1]d;
enum { K%[1]d = %[1]d };
#define M%[1]d(a) (a + K%[1]d)
int f%[1]d(struct s%[1]d* p)
{
	int i;
	t%[1]d* q = p;
	char* s = "string %[1]d\n";
	for(i = 0; i < M%[1]d(3); i = i + 1)
	{
		if(s[i] == 'x') p->z->x = f%[2]d(i + p->x) * 2;
		else g%[1]d = q;
	}
	return p->z->x + h%[1]d;
}
`, i, i-1)
	}
	return b
}

// Ten times the size takes ten times as long.
func BenchmarkCompile(b *testing.B) {
	for _, size := range []int{1e6, 1e7, 1e8} {
		b.Run(fmt.Sprintf("%dMB", size/1e6), func(b *testing.B) {
			src := source.Bytes("in.c", program(size))
			b.SetBytes(int64(len(src.Text)))
			for b.Loop() {
				if err := Compile(io.Discard, []source.Source{src}, Options{Arch: "amd64"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The code that is known to be wrong is warned of, where it is.
func TestShortLoad(t *testing.T) {
	const program = "int f(char* p) { p[0] += 1; }\n"
	_, warnings, err := compile(program, Options{Arch: "armv7l"})
	require.NoError(t, err)
	assert.Equal(t, []string{"in.c:1:23: found += after an element of a char*; M2-Planet's code for it on armv7l has half a byte too little"}, warnings)
	_, warnings, err = compile(program, Options{Arch: "x86"})
	require.NoError(t, err)
	assert.Empty(t, warnings)
}
