package mesoplanet

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"stage0/source"
)

// A result is what came of a run.
type result struct {
	out      string // without the line that names the first text
	warnings []string
	stdout   string
	stderr   string
	program  *Program
	err      error
}

// preprocess preprocesses a text called in.c. There are files to include.
func preprocess(text string, files map[string]string, change func(*Options)) result {
	return preprocessAs("in.c", text, files, change)
}

func preprocessAs(name, text string, files map[string]string, change func(*Options)) result {
	var r result
	var stdout, stderr strings.Builder
	opt := Options{
		Target: Target{Arch: "amd64", System: "Linux", Libc: "libc"},
		Open: func(path string) (source.Source, error) {
			text, ok := files[path]
			if !ok {
				return source.Source{}, fs.ErrNotExist
			}
			return source.String(path, text), nil
		},
		Stdout: &stdout,
		Stderr: &stderr,
		Diagnostics: source.Diagnostics{Warn: func(e *source.Error) {
			r.warnings = append(r.warnings, e.Error())
		}},
	}
	if change != nil {
		change(&opt)
	}
	r.program, r.err = Preprocess([]source.Source{source.String(name, text)}, opt)
	if r.err == nil {
		var out strings.Builder
		r.err = r.program.Write(&out)
		r.out = strings.TrimPrefix(out.String(), "// #FILENAME "+name+" 1\n")
	}
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

var preprocessTests = []struct{ text, want string }{
	{"", ""},
	{"\n", "\n"},
	{"a b\tc\n", "a b\tc\n"},
	{"\"A\\\"A\" 'A' /*A*/ A // A\n\n", "\"A\\\"A\" 'A' /*A*/ 1 // A\n\n"},
	{"/*/ A\n", "/*/ 1\n"},
	{"/**/A/***/\n", "/**/1/***/\n"},
	{"A:A A: :A A_ AA A1 1A #A A\n", "A:A A: :1 A_ AA A1 1A #A 1\n"},
	{"A->A--A-=>-A+=+A*=A/=A<=>|&!^%A\n", "1->1--1-=>-1+=+1*=1/=1<=>|&!^%1\n"},
	{"#define B A A\nB;B\n", "\n1 1;1 1\n"},
	{"#define B(x) x.A\nB(A);\n", "\n1.1;\n"},
	{"#define B(x,y) y x\nB (1,2) \n", "\n2 1 \n"},
	{"#define F(a,a) a\nF(1,2)\n", "\n1\n"},
	{"#define B\nB A\n", "\n 1\n"},
	{"#define B\nB\n#define C 1\nC\n", "\n\n#define C 1\nC\n"},
	{"#define B 1 // 2\nB\n", "\n1\n"},
	{"#define B/**/1/**/2/**/\nB\n", "\n1/**/2\n"},
	{"#define B 1\n#define B 2\nB\n#undef B\nB\n#undef B\nB\n", "\n\n2\n\n1\n\nB\n"},
	{"__M2__\n#undef __M2__\n__M2__\n", "__M2__\n\n__M2__\n"},
	{"#if 1\na\n#else\nb\n#endif\n", "\na\n\n\n"},
	{"#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif\n", "\n\nb\n\n\n\n"},
	{"#if 1\na\n#elif 2\nb\n#endif\n", "\na\n\n\n"},
	{"#if 0\na\n#ifndef x\nb\n#else\nc\n#endif\nd\n#endif\n", "\n\n"},
	{"#ifdef A\na\n#endif\n#ifndef A\nb\n#endif\n", "\na\n\n\n\n"},
	{"#if 0\na\n#if 1\nb\n#else\nc\n#ifdef x\n#endif\n#endif\nd\n#endif\n", "\n\n"},
	{"#if 0\n#define A 2\n#error\n#warning\n#FILENAME a 1\nx\n#endif\nA\n", "\n\n\n\n\n\n1\n"},
	{"#if 0\n#else\n#if 1\na\n#endif\n#endif\n", "\n\n\na\n\n\n"},
	{"#ifdef   A  \na\n#endif  \n", "\na\n\n"},
	{" #if 0\na\n", " #if 0\na\n"},
	{"#define F(a) G(a\n#define G(a) a a\n#define B F(1)\nB)\n", "\n\n\n1 1\n"},
	{"#FILENAME other.c 12\na\n", "\na\n"},
}

func TestPreprocess(t *testing.T) {
	for _, c := range preprocessTests {
		r := preprocess(c.text, nil, func(o *Options) { o.Defines = []Define{{"A", "0"}, {"A", "1"}} })
		assert.NoError(t, r.err, c.text)
		assert.Equal(t, c.want, r.out, c.text)
		assert.Empty(t, r.warnings, c.text)
	}
}

var warningTests = []struct{ text, out, warning string }{
	{"#pragma a b\n", "\n", "in.c:1:1: M2-Mesoplanet does not know #pragma; the line is dropped"},
	{"# define A\nA\n", "\nA\n", "in.c:1:1: M2-Mesoplanet does not know #; the line is dropped"},
	{"a\x00b\n", "ab\n", "in.c:1:2: byte 0x00 is dropped"},
	{"\x00\x00a\n", "a\n", "in.c:1:1: byte 0x00 is dropped"},
	{"#define F(x) x;\nF(1) F(2)\n", "\n1; 12;\n", "in.c:2:6: M2-Mesoplanet puts the arguments of earlier uses of F before those of this one"},
	{"#define F(x,y) y.x\nF(1 2,3)F(4,5 6)F(7,)\n", "\n3.1 235 6.2 146 53.41 27\n", "in.c:2:9: M2-Mesoplanet puts the arguments of earlier uses of F before those of this one"},
	{"#define F() x\nF()\n", "\nx()\n", "in.c:1:10: M2-Mesoplanet takes a macro without parameters for one without parentheses"},
	{"#define F(x y) x\nF(1)\n", "\n) 1\n", `in.c:1:13: found "y", expected a comma or ) in #define; M2-Mesoplanet drops it`},
	{"#define F(x)\nF(1)\n", "\n(1)\n", "in.c:2:1: M2-Mesoplanet does not drop the arguments of F, which is empty"},
	{"#define F(x,y) x+y\nF(1)\n", "\n1+y\n", "in.c:2:4: M2-Mesoplanet does not replace the parameter y of macro F, which has no argument"},
	{"#define F(x) x\nF((1))\n", "\n(1)\n", `in.c:2:3: "(" in an argument of macro F; M2-Mesoplanet ends the argument at the next comma or )`},
	{"#define F(x) x\nF())\n", "\n)\n", `in.c:2:3: ")" in an argument of macro F; M2-Mesoplanet ends the argument at the next comma or )`},
	{"#define F(x,y) x y\nF(,,1)\n", "\n, 1\n", `in.c:2:3: "," in an argument of macro F; M2-Mesoplanet ends the argument at the next comma or )`},
	{"#define A\n#define B 1\n(A\"\"A) A;B A(B)\n(A)B\n", "\n\n(\"\") ;1 (1)\n()1\n", ""},
	{"#define A\n#define B 1\nA-A A:\n", "\n\n- A:\n", ""},
	{"#define -\n#define B 1\n-B\n", "\n\nB\n", `in.c:1:9: found "-", expected the name of a macro after #define`},
	{"#define\tA\n\t\n", "\nA\n", `in.c:1:8: found "\t", expected the name of a macro after #define`},
	{"#ifdef 1\n#endif\n", "\n\n", `in.c:1:8: found "1", expected the name of a macro after #ifdef`},
	{"#ifndef\n\n#endif\n", "\n\n", "in.c:1:8: found the end of the line, expected the name of a macro after #ifndef"},
	{"#undef 1\n", "\n", `in.c:1:8: found "1", expected the name of a macro after #undef`},
	{"#if defined(1)\n#endif\n", "\n\n", `in.c:1:13: found "1", expected the name of a macro after defined`},
	{"#if 0\n#if 1\na\n#endif\n#endif\n", "\n\na\n\n\n", "in.c:2:1: #if at the start of a part that is left out; M2-Mesoplanet acts on it"},
	{"#define A 1\n#if 0\n#undef A\n#endif\nA\n", "\n\n\n\nA\n", "in.c:3:1: #undef at the start of a part that is left out; M2-Mesoplanet acts on it"},
	{"#if 1\na\n", "\na\n", "in.c:1:1: #if has no #endif"},
	{"#ifndef A\n#ifdef A\n#else\n#endif\na\n", "\n\n\n\na\n", "in.c:1:1: #ifndef has no #endif"},
	{"#if 2 && 1\n#endif\n", "\n\n", "in.c:1:7: 2 && 1 is 0; M2-Mesoplanet takes && for &"},
	{"#if 0\n#elif 2\na\n#endif\n", "\n\n\n", "in.c:2:1: the condition is 2; M2-Mesoplanet takes an even value for 0 here"},
	{"#if 1L\n#endif\n", "\n\n", `in.c:1:5: "1L" is not a number; M2-Mesoplanet takes it for 0`},
	{"#if 4294967296\n#endif\n", "\n\n", `in.c:1:5: "4294967296" does not fit into 32 bits; M2-Mesoplanet takes it for -2147483648`},
	{"#ifdef 'a'\n#endif\n", "\n\n", `in.c:1:8: found "'a'", expected the name of a macro after #ifdef`},
	{"#define A (1)\n#if A\n#endif\n", "\n\n\n", `in.c:2:5: macro A has more than one token; M2-Mesoplanet uses only "("`},
	{"#define A -1\n#if A\n#endif\n", "\n\n\n", `in.c:2:5: macro A has more than one token; M2-Mesoplanet uses only "-"`},
	{"#define A -\n#if A\n#endif\n", "\n\n\n", `in.c:2:5: "-" is not a number; M2-Mesoplanet takes it for 0`},
	{"#if --1\n#endif\n", "\n\n", "in.c:1:5: M2-Mesoplanet takes -- for a single -"},
	{"#if !=1\n#endif\n", "\n\n", "in.c:1:5: M2-Mesoplanet takes != for a single !"},
	{"#if +1\n#endif\n", "\n\n", `in.c:1:5: found "+", expected an expression; M2-Mesoplanet takes it for 0`},
	{"#if\n#endif\n", "\n\n", "in.c:1:4: found the end of the line, expected an expression; M2-Mesoplanet takes it for 0"},
}

// What upstream takes in silence is a warning, or with Strict an error.
func TestWarnings(t *testing.T) {
	for _, c := range warningTests {
		r := preprocess(c.text, nil, nil)
		first := ""
		if len(r.warnings) > 0 {
			first = r.warnings[0]
		}
		assert.NoError(t, r.err, c.text)
		assert.Equal(t, c.out, r.out, c.text)
		assert.Equal(t, c.warning, first, c.text)
		strict := preprocess(c.text, nil, func(o *Options) { o.Strict = true })
		assert.Equal(t, c.warning, message(strict.err), c.text)
	}
	r := preprocess("#define A\n#define B 1\nA\nB\n", nil, nil)
	assert.Equal(t, "\n\n\n1\n", r.out)
	assert.Empty(t, r.warnings)
	r = preprocess("a\n#warning b \"c\" \nd\n", nil, func(o *Options) { o.Full = func() bool { return false } })
	assert.Equal(t, "a\nb \"c\" \nd\n", r.out)
	assert.Equal(t, []string{"in.c:2:1: #warning b \"c\"", "in.c:2:1: M2-Mesoplanet does not drop the words after #warning"}, r.warnings)
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

var errorTests = []struct{ text, want string }{
	{"a", `in.c:1:1: the program ends in "a", expected the end of a line`},
	{"a\n\tb", `in.c:2:2: the program ends in "b", expected the end of a line`},
	{"\"a\n", "in.c:1:1: the literal has no closing \""},
	{"'\\'\n", "in.c:1:1: the literal has no closing '"},
	{"'\\", "in.c:1:1: the literal has no closing '"},
	{"a /* b *", "in.c:1:3: the comment has no end"},
	{"a // b", "in.c:1:3: the comment has no end of line"},
	{"\"a\x00b\"\n", "in.c:1:3: found byte 0x00 in a token"},
	{"#error a \"b\"\n", "in.c:1:1: #error a \"b\""},
	{"#error\n", "in.c:1:1: #error"},
	{"#error a", "in.c:1:9: the program ends here; expected the end of the line"},
	{"#else\n", "in.c:1:1: #else without #if"},
	{"#elif 1\n", "in.c:1:1: #elif without #if"},
	{"#endif\n", "in.c:1:1: #endif without #if"},
	{"#if 1\n#endif // a\n", `in.c:2:8: found "// a\n", expected the end of the line after #endif`},
	{"#if 1 2\n", `in.c:1:7: found "2", expected the end of the line after #if`},
	{"#else a\n", "in.c:1:1: #else without #if"},
	{"#undef A B\n", `in.c:1:10: found "B", expected the end of the line after #undef`},
	{"#if 0\na\n", "in.c:3:1: the program ends here; expected #endif"},
	{"#if 0\na\n#if 1\n#endif\n", "in.c:5:1: the program ends here; expected #endif"},
	{"#if 0\na\n#if 1\n#if 1\n#endif\n", "in.c:6:1: the program ends here; expected #endif"},
	{"#if", "in.c:1:4: the program ends here; expected a condition"},
	{"#if 1", "in.c:1:6: the program ends here; expected the end of the line after a condition"},
	{"#if -", "in.c:1:6: the program ends here; expected an expression"},
	{"#if (1\n#endif\n", "in.c:1:7: found the end of the line, expected )"},
	{"#if defined(A\n", "in.c:1:14: found the end of the line, expected )"},
	{"#if defined", "in.c:1:12: the program ends here; expected the name of a macro after defined"},
	{"#if 1/0\n", "in.c:1:6: division by zero in a condition"},
	{"#if 1%(2-2)\n", "in.c:1:6: division by zero in a condition"},
	{"#if (1<<63)/-1\n", "in.c:1:12: -9223372036854775808 divided by -1 is out of range"},
	{"#define A\n#if A\n", "in.c:2:5: macro A is empty, expected a number"},
	{"#elif", "in.c:1:6: the program ends here; expected a condition"},
	{"#endif", "in.c:1:1: #endif without #if"},
	{"#ifdef", "in.c:1:7: the program ends here; expected the name of a macro after #ifdef"},
	{"#ifdef A", "in.c:1:9: the program ends here; expected the end of the line"},
	{"#pragma", "in.c:1:8: the program ends here; expected the end of the line"},
	{"#define\n", "in.c:1:8: found the end of the line, expected the name of a macro after #define"},
	{"#define", "in.c:1:8: the program ends here; expected the name of a macro after #define"},
	{"#define A", "in.c:1:10: the program ends here; expected the end of the line"},
	{"#define A 1", "in.c:1:12: the program ends here; expected the end of the line"},
	{"#define A(", "in.c:1:11: the program ends here; expected ) or a parameter in #define"},
	{"#define A(b,", "in.c:1:13: the program ends here; expected ) or a parameter in #define"},
	{"#undef", "in.c:1:7: the program ends here; expected the name of a macro after #undef"},
	{"#undef __M2__\n#undef __x86_64__\n#undef A\n", "in.c:3:1: upstream crashes on #undef if there is no macro"},
	{"#define F(a) a\nF\n", `in.c:2:2: found the end of the line, expected the ( of the arguments of macro F`},
	{"#define F(a) a\nF  (1)\n", `in.c:2:3: found " ", expected the ( of the arguments of macro F`},
	{"#define F(a) a\nF (", "in.c:2:4: the program ends here; expected the arguments of macro F"},
	{"#define F(a) a\nF(1,2)\n", "in.c:2:4: macro F has only 1 parameters"},
	{"#define F(a) a\nF(1)", "in.c:2:5: the program ends here; expected the end of the line"},
	{"#define A A\nA\n", "in.c:1:11: macros use each other more than 10000 deep; in macro A, used at in.c:1:11; in macro A, used at in.c:1:11; in macro A, used at in.c:1:11; and so on; in macro A, used at in.c:2:1"},
	{"#define F(a) a b\nF(G\n", "in.c:3:1: the program ends here; expected the arguments of macro F"},
	{"#define G(a) a\n#define F G\n#define H F +\nH\n", `in.c:3:13: found "+", expected the ( of the arguments of macro G; in macro H, used at in.c:4:1`},
	{"#include", "in.c:1:9: the file ends here; expected a file name in quotes or angle brackets"},
	{"#include \n\t", "in.c:2:2: the file ends here; expected a file name in quotes or angle brackets"},
	{"#include a\n", "in.c:1:10: found 'a', expected a file name in quotes or angle brackets"},
	{"#include \"a\n", "in.c:1:10: the file name has no closing \""},
	{"#include <a\n", "in.c:1:10: the file name has no closing >"},
	{"#include <a\x00b>\n", "in.c:1:12: found byte 0x00 in a token"},
	{"#include <a>\n", `in.c:1:1: cannot find the file <a> to include: file does not exist`},
	{"#include \"a\"\n", `in.c:1:1: cannot find "a" in the working directory: file does not exist; M2-Mesoplanet looks elsewhere only if the name of the including file, in.c, has a directory`},
	{"#include \"M2libc/bootstrappable.h\"\n", `in.c:1:1: cannot find the file "M2libc/bootstrappable.h" to include: file does not exist`},
}

func TestErrors(t *testing.T) {
	for _, c := range errorTests {
		r := preprocess(c.text, nil, nil)
		var positioned *source.Error
		assert.EqualError(t, r.err, c.want, c.text)
		assert.ErrorAs(t, r.err, &positioned, c.text)
	}
}

func TestLimits(t *testing.T) {
	many := "#define A " + strings.Repeat("a ", 1000) + "a\n" + strings.Repeat("A\n", 2200)
	includes := map[string]string{}
	for i := range 201 {
		includes[strings.Repeat("x", i)+"i"] = "#include \"" + strings.Repeat("x", i+1) + "i\"\n"
	}
	includes[strings.Repeat("x", 201)+"i"] = "end\n"
	long := func(o *Options) { o.MaxString = 24 }
	for _, c := range []struct {
		text   string
		change func(*Options)
		want   string
	}{
		{many, nil, "macros make more than 4194304 tokens"},
		{"#define A " + strings.Repeat("a", 60_000) + "\n" + strings.Repeat("A\n", 1200), nil, "macros make more than 67108864 bytes"},
		{"#include \"xi\"\n", nil, "#include is nested more than 200 deep"},
		{"#include \"xxi\"\n", nil, ""},
		{"#if " + strings.Repeat("(", 110000), nil, "the condition nests more than 100000 deep"},
		{"#if " + strings.Repeat("1+", 110000) + "1\n", nil, "the condition nests more than 100000 deep"},
		{"#if 0\na\n" + strings.Repeat("#if 0\n", 110000), nil, "#if is nested more than 100000 deep"},
		{strings.Repeat("a", 24) + "\n", long, "the token is 24 bytes long; --max-string allows 23"},
		{strings.Repeat("a", 23) + "\n", long, ""},
		{"#include \"" + strings.Repeat("a", 24) + "\"\n", long, "the token is 25 bytes long; --max-string allows 23"},
		{"#include <" + strings.Repeat("a", 20) + ">\n", long, `the path "libc/aaaaaaaaaaaaaaaaaaaa" is 25 bytes long; --max-string allows 23`},
		{"\n", func(o *Options) { o.MaxString = 18 }, `the line "// #FILENAME in.c 1" is 19 bytes long; --max-string allows 17`},
		{"\n", func(o *Options) { o.MaxString = -1 }, "found --max-string -1, expected at least 1"},
		{"\n", func(o *Options) { o.Arch = "ppc64le" }, `unknown architecture "ppc64le"; known are knight-native, knight-posix, x86, amd64, armv7l, aarch64, riscv32, riscv64`},
		{"\n", func(o *Options) { o.BuiltBy = "cc" }, `unknown build by "cc" for "amd64"; known are m2-planet for amd64, m2-planet for aarch64, m2-planet for riscv64, m2-planet for x86, m2-planet for riscv32, gcc for amd64`},
		{"#include <a>\n", func(o *Options) { o.System = "Hurd" }, "unknown operating system Hurd, expected Linux or UEFI"},
		{"#include <a>\n", func(o *Options) { o.Open = nil }, "cannot find the file <a> to include: no files can be opened"},
	} {
		r := preprocess(c.text, includes, c.change)
		got := message(r.err)
		if positioned := (*source.Error)(nil); errors.As(r.err, &positioned) {
			got = positioned.Msg
		}
		assert.Equal(t, c.want, got, "%.40q", c.text)
	}
}

// The arguments of a macro's earlier uses are moved, and looked through, as
// often as it is used; and of what a macro made, every token asks for the
// outermost use. Each program takes minutes if that is done one by one.
func TestManyUses(t *testing.T) {
	uses := strings.Repeat("F(1)", 300_000)
	names := "a" + strings.Repeat(",a", 300_000)
	for _, c := range []struct{ text, want string }{
		{"#define F(x) y\n" + uses + "\n", ""},
		{"#define F(x," + names + ") y\n" + uses + "\n", ""},
		{"#define F0(x, y, z) x y z\n#define M0 F0(1)\nF0(M0) M0\n", "in macro F0, used at in.c:3:1"},
	} {
		start := time.Now()
		r := preprocess(c.text, nil, func(o *Options) { o.Diagnostics = source.Diagnostics{} })
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%.40q takes %v", c.text, took)
		}
		if got := message(r.err); !strings.HasSuffix(got, c.want) || c.want == "" && strings.TrimSpace(r.out) != strings.Repeat("y", 300_000) {
			t.Errorf("%.40q: %d bytes, %.100s; want %q", c.text, len(r.out), got, c.want)
		}
	}
}
