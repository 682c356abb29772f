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

	"stage0/source"
)

// including has files to include: their paths, and what they hold.
type including map[string]string

func (files including) open(path string) (source.Source, error) {
	text, ok := files[path]
	if !ok {
		return source.Source{}, errors.New("no such file")
	}
	return source.String(path, text), nil
}

var included = including{
	"empty.h":      "",
	"comment.h":    "/* nothing */",
	"itself.h":     "#include \"itself.h\"\n\n",
	"bad.h":        "int a;\nint b c;\n",
	"nolines.h":    "int a;",
	"b/far.h":      "int far;\n",
	"b/near.har.h": "int near;\n",
	"sub/mac.h":    "#define M(x) x +\n",
	"sub/next.h":   "#include \"mac.h\"\n\n",
}

// Bad programs, and what is said of them. Upstream refuses each, or crashes,
// or never ends.
var badPrograms = []struct{ program, want string }{
	{"", "there are no input files, or they are empty"},
	{" ", "in.c:1:1: there is nothing to compile in this file"},
	{"int a; // b", "in.c:1:8: the comment has no end of line"},
	{"int a; /* b\n", "in.c:1:8: the comment has no end"},
	{"int a; /*", "in.c:1:8: the comment has no end"},
	{"char* a = \"b\n", "in.c:1:11: the literal has no closing \""},
	{"char a = 'b\\'\n", "in.c:1:10: the literal has no closing '"},
	{"#FILENAME", "in.c:1:1: #FILENAME needs a file name and a line number"},
	{"#FILENAME a", "in.c:1:1: #FILENAME needs a file name and a line number"},
	{"#FILENAME a ", "in.c:1:1: #FILENAME needs a line number"},
	{"#FILENAME a b\n", "in.c:1:13: found \"b\", expected the line number of #FILENAME"},
	{"#FILENAME a.c 10\nint a\nb;\n", "a.c:11:1: found \"b\", expected ( or ; or , or = or [ after a name"},
	{"int a;\r\n", "in.c:1:7: found \"\\r\", expected a type"},
	{"int a;", "in.c:1:6: the program ends in \";\", expected a newline at the end"},
	{"int a", "in.c:1:5: the program ends in \"a\", expected a newline at the end"},
	{"#define", "in.c:1:8: the program ends here; expected the name of a macro after #define"},
	{"#define\n", "in.c:1:8: found the end of the line, expected the name of a macro after #define"},
	{"#define A", "in.c:1:10: the program ends here; expected the end of the line"},
	{"#define A(b", "in.c:1:12: the program ends here; expected a parameter or ) in #define"},
	{"#define A(b\n", "in.c:2:1: the program ends here; expected a parameter or ) in #define"},
	{"#define A(...) b\n", "in.c:1:11: macros with a variable number of arguments are not supported"},
	{"#define A(b) b\nA", "in.c:2:1: the program ends in \"A\", expected a newline at the end"},
	{"#define A(b) b\nint A;\n", "in.c:2:6: found \";\", expected the ( of the arguments of macro A"},
	{"#define A(b) b\nint A(1;\n", "in.c:3:1: the program ends here; expected the ) of macro A"},
	{"#define A(b) b\nint A(1, 2);\n", "in.c:2:10: macro A has only 1 parameters"},
	{"#define A(b) b\nint A(c)", "in.c:2:9: the program ends here; expected a newline at the end"},
	{"#define A A A\n\nA\n", "in.c:1:13: macros and #include make more than 1048712 words; in macro A, used at in.c:1:13; in macro A, used at in.c:1:13; in macro A, used at in.c:1:13; and so on; in macro A, used at in.c:3:1"},
	{"#define A(b) b b\n\nint A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(A(x;\n", "in.c:4:1: the program ends here; expected the ) of macro A"},
	{"#undef", "in.c:1:7: the program ends here; expected the name of a macro after #undef"},
	{"#error this is wrong\n", "in.c:1:1: #error this is wrong"},
	{"#error", "in.c:1:7: the program ends here; expected the end of the line"},
	{"#if 1", "in.c:1:6: the program ends here; expected the end of the line after a condition"},
	{"#if\n", "in.c:2:1: the program ends here; expected #endif"},
	{"#if 0\nint a;\n", "in.c:3:1: the program ends here; expected #endif"},
	{"#if 0\n#if 1\n#endif\nint a;\n", "in.c:5:1: the program ends here; expected #endif"},
	{"#ifdef", "in.c:1:7: the program ends here; expected the name of a macro after #ifdef"},
	{"#ifndef", "in.c:1:8: the program ends here; expected the name of a macro after #ifndef"},
	{"#ifndef A\n#elif", "in.c:2:6: the program ends here; expected a condition"},
	{"#else\n", "in.c:1:1: #else without #if"},
	{"#elif 1\n", "in.c:1:1: #elif without #if"},
	{"#endif\n", "in.c:1:1: #endif without #if"},
	{"#if 1\n#endif\n#endif\n", "in.c:3:1: #endif without #if"},
	{"#if 1 / 0\n#endif\n", "in.c:1:7: division by zero in a condition"},
	{"#if 1 % 0\n#endif\n", "in.c:1:7: division by zero in a condition"},
	{"#if (1\n#endif\n", "in.c:1:7: found the end of the line, expected )"},
	{"#if defined", "in.c:1:12: the program ends here; expected the name of a macro after defined"},
	{"#if defined(A\n#endif\n", "in.c:1:14: found the end of the line, expected )"},
	{"#define A\n#if A\n#endif\n", "in.c:2:5: macro A is empty, expected a number"},
	{"#if 1 2\n#endif\n", "in.c:1:7: found \"2\", expected the end of the line after #if"},
	{"#if 1 +", "in.c:1:8: the program ends here; expected an expression"},
	{"#if 1 &&", "in.c:1:9: the program ends here; expected an expression"},
	{"#ifdef A B\nint a;\n#endif C\n", "in.c:3:8: found \"C\", expected the end of the line after #endif"},
	{"#include", "in.c:1:9: the program ends here; expected a file name"},
	{"#include \"a.h\"", "in.c:1:1: cannot find the file \"a.h\" to include"},
	{"#include \"none.h\"\n\n", "in.c:1:1: cannot find the file \"none.h\" to include"},
	{"#include <none.h>\n\n", "in.c:1:1: cannot find the file \"none.h\" to include"},
	{"#include <none", "in.c:1:15: the program ends here; expected the > of #include"},
	{"#include \"empty.h\"\n\n", "in.c:1:1: the file \"empty.h\" is empty"},
	{"#include \"comment.h\"\n\n", "comment.h:1:1: there is nothing to compile in this file"},
	{"#include \"nolines.h\"\n", "in.c:1:1: upstream crashes on an #include in the last line"},
	{"#include \"itself.h\"\n\n", "itself.h:1:1: #include is nested more than 200 deep"},
	{"#include \"bad.h\"\n\n", "bad.h:2:7: found \"c\", expected ( or ; or , or = or [ after a name"},
	{"\n#include \"sub/next.h\"\n\nint f() { return M(1) ; }\n", "in.c:4:23: found \";\", expected an expression"},
	{"#include <far.h>\n\n", `in.c:1:10: upstream does not end the path "b/far.h", and looks for "b/far.har.h"`},
	{"#include <near.h>\n\n", `in.c:1:10: upstream does not end the path "b/near.h", and looks for "b/near.har.h"`},
	{"foo a;\n", "in.c:1:1: found \"foo\", expected a type"},
	{"int\n", "in.c:1:4: the program ends here, in the middle of a declaration"},
	{"int a b;\n", "in.c:1:7: found \"b\", expected ( or ; or , or = or [ after a name"},
	{"int a,\n", "in.c:1:7: the program ends here, in the middle of a declaration"},
	{"int a = ;\n", "in.c:1:9: found \";\", expected a constant expression"},
	{"int a = b;\n", "in.c:1:9: found \"b\", expected a number or an enumerator"},
	{"int a = 1 * 2;\n", "in.c:1:11: found \"*\", expected + or - or the end of a constant expression"},
	{"int a = 1 +\n", "in.c:1:12: the program ends here, in the middle of a declaration"},
	{"int a = sizeof;\n", "in.c:1:15: found \";\", expected ( after sizeof"},
	{"int a = sizeof(b);\n", "in.c:1:16: found \"b\", expected a type"},
	{"int a = sizeof(*b);\n", "in.c:1:17: sizeof cannot dereference \"b\""},
	{"int a = \"text\";\n", "in.c:1:9: found \"text\", expected a constant expression"},
	{"int a[\n", "in.c:1:7: the program ends here, in the middle of a declaration"},
	{"int a[];\n", "in.c:1:8: an array without a size needs initial values"},
	{"int a[0];\n", "in.c:1:8: the array has 0 elements of 4 bytes, expected 1 to 1048576 bytes"},
	{"int a[-1];\n", "in.c:1:9: the array has -1 elements of 4 bytes, expected 1 to 1048576 bytes"},
	{"int a[1000000];\n", "in.c:1:14: the array has 1000000 elements of 4 bytes, expected 1 to 1048576 bytes"},
	{"int a[2] = 1;\n", "in.c:1:12: found \"1\", expected { before the initial values of an array"},
	{"int a[2] = {1, 2, 3};\n", "in.c:1:19: there are more initial values than the 2 elements"},
	{"int a[2] = {};\n", "in.c:1:13: found \"}\", expected a constant expression"},
	{"int a[] = {1\n", "in.c:1:13: the program ends here, in the middle of a declaration"},
	{"int* a = 1;\n", "in.c:1:10: found \"1\", expected a string literal, 0 or & for a pointer"},
	{"int* a = &b;\n", "in.c:1:11: b is not defined"},
	{"char a = 128;\n", "in.c:1:10: the value is 128, expected 0 to 127 for a byte"},
	{"char a = -1;\n", "in.c:1:10: the value is -1, expected 0 to 127 for a byte"},
	{"char* a = \"\\q\";\n", "in.c:1:11: unknown escape \\q"},
	{"char* a = \"\\x4\";\n", "in.c:1:11: found \"4\", expected two hex digits after \\x"},
	{"char* a = \"\\xg0\";\n", "in.c:1:11: found \"g0\", expected two hex digits after \\x"},
	{"struct s { int a; }; struct s b = {1, 2};\n", "in.c:1:39: there are more initial values than members"},
	{"struct s { int a; }; struct s b = 1;\n", "in.c:1:35: found \"1\", expected { before the initial values of a struct"},
	{"struct s { int a; }; struct s { int b; };\n", "in.c:1:29: struct s is defined already"},
	{"struct s { int a; }; struct s;\n", "in.c:1:29: struct s is defined already"},
	{"struct s { struct t a; };\n", "in.c:1:22: the member has a type without a size"},
	{"struct s { int; };\n", "in.c:1:15: a member that is not a struct or union needs a name"},
	{"struct s { struct t { int a; }; };\n", "in.c:1:31: a member without a name needs a struct or union without a name"},
	{"struct s { int a[0]; };\n", "in.c:1:19: the size of an array in a struct is 0, expected a number of elements"},
	{"struct s { int a[1; };\n", "in.c:1:19: found \";\", expected ] after the size of an array"},
	{"struct s { int a\n", "in.c:1:17: the program ends here, in the middle of a declaration"},
	{"struct s {\n", "in.c:1:11: the program ends here, in the middle of a declaration"},
	{"struct\n", "in.c:1:7: the program ends here, in the middle of a declaration"},
	{"enum { A = B };\n", "in.c:1:12: found \"B\", expected a number or an enumerator"},
	{"enum { A = A };\n", "in.c:1:12: enumerator A has no value yet"},
	{"enum { A\n", "in.c:1:9: the program ends here, in the middle of a declaration"},
	{"enum a\n", "in.c:1:7: the program ends here, in the middle of a declaration"},
	{"typedef\n", "in.c:1:8: the program ends here, in the middle of a declaration"},
	{"typedef int\n", "in.c:1:12: the program ends here, in the middle of a declaration"},
	{"typedef int a", "in.c:1:13: the program ends in \"a\", expected a newline at the end"},
	{"typedef int a b;\n", "in.c:1:15: found \"b\", expected ; after typedef"},
	{"int (a)(int);\n", "in.c:1:6: found \"a\", expected * in a pointer to a function"},
	{"int (*)(int);\n", "in.c:1:5: the pointer to a function has no name"},
	{"int (*a;\n", "in.c:1:8: found \";\", expected ) after the name of a pointer to a function"},
	{"int (*a)(foo);\n", "in.c:1:10: found \"foo\", expected a type"},
	{"int f(foo a);\n", "in.c:1:7: found \"foo\", expected a type"},
	{"int f(int if);\n", "in.c:1:11: found \"if\", expected the name of a variable"},
	{"int f(int (a));\n", "in.c:1:11: found \"(\", expected the name of a variable"},
	{"int f(int a, .);\n", "in.c:1:15: found \")\", expected . of ..."},
	{"int f(int a\n", "in.c:1:12: the program ends here, in the middle of a declaration"},
	{"int f()\n", "in.c:1:8: the program ends here, in the middle of a declaration"},
	{"int f();\n", "in.c:1:8: the program ends in a prototype, expected another declaration"},
	{"int f() {\n", "in.c:1:10: the program ends here, in the middle of a declaration"},
	{"int f() { return 1 }\n", "in.c:1:20: found \"}\", expected ; after return"},
	{"int f() { a; }\n", "in.c:1:11: a is not defined"},
	{"int f() { f; \n", "in.c:1:14: the program ends here, in the middle of a declaration"},
	{"int f() { f(; }\n", "in.c:1:13: found \";\", expected an expression"},
	{"int f() { f(1; }\n", "in.c:1:14: found \";\", expected an expression"},
	{"int f() { 1(2); }\n", "in.c:1:12: found ( after an expression that is not a function"},
	{"int f(int a) { a(2); }\n", "in.c:1:17: found ( after an expression that is not a function"},
	{"int f() { \"text", "in.c:1:11: the literal has no closing \""},
	{"int f() { int if; }\n", "in.c:1:15: found \"if\", expected the name of a variable"},
	{"int f() { int ;; }\n", "in.c:1:15: found \";\", expected the name of a variable"},
	{"int f() { int a[0]; }\n", "in.c:1:18: the array has 0 elements, expected 1 to 1048576"},
	{"int f() { int a[-1]; }\n", "in.c:1:19: the array has -1 elements, expected 1 to 1048576"},
	{"int f() { int a[2000000]; }\n", "in.c:1:24: the array has 2000000 elements, expected 1 to 1048576"},
	{"int f() { int a[2] = 1; }\n", "in.c:1:20: a local array cannot be initialised"},
	{"int f() { struct s a; }\n", "in.c:1:20: s is declared but not defined"},
	{"int f() { break; }\n", "in.c:1:11: break outside of a loop or switch"},
	{"int f() { continue; }\n", "in.c:1:11: continue outside of a loop, or in a switch"},
	{"int f() { while(1) { switch(1) { default: continue; } } }\n", "in.c:1:43: continue outside of a loop, or in a switch"},
	{"int f() { switch(1) { case 1: break; 2; } }\n", "in.c:1:38: found \"2\", expected } or case, or default, or a break as the last statement of each, in switch"},
	{"int f() { switch(1) { default: case 1: ; } }\n", "in.c:1:32: case is not defined"},
	{"int f() { switch(1) { 5; } }\n", "in.c:1:23: found \"5\", expected } or case, or default, or a break as the last statement of each, in switch"},
	{"int f() { if 1; }\n", "in.c:1:14: found \"1\", expected ( after if"},
	{"int f() { if(1; }\n", "in.c:1:15: found \";\", expected ) after the condition of if"},
	{"int f() { while 1; }\n", "in.c:1:17: found \"1\", expected ( after while"},
	{"int f() { do 1; }\n", "in.c:1:17: found \"}\", expected while after the body of do"},
	{"int f() { do 1; while(1) }\n", "in.c:1:26: found \"}\", expected ; after do"},
	{"int f() { for(;;) 1; }\n", "in.c:1:16: found \";\", expected an expression"},
	{"int f() { for 1; }\n", "in.c:1:15: found \"1\", expected ( after for"},
	{"int f() { asm \"a\"; }\n", "in.c:1:15: found \"a\", expected ( after asm"},
	{"int f() { asm(\"a\" 1); }\n", "in.c:1:19: found \"1\", expected ) after the strings of asm"},
	{"int f() { goto a }\n", "in.c:1:18: found \"}\", expected ; after goto"},
	{"int f() { 1 + ; }\n", "in.c:1:15: found \";\", expected an expression"},
	{"int f() { (1; }\n", "in.c:1:13: found \";\", expected ) after an expression"},
	{"int f() { (int 1; }\n", "in.c:1:16: found \"1\", expected ) after the type of a cast"},
	{"int f(int* a) { a[1; }\n", "in.c:1:20: found \";\", expected ] after an index"},
	{"struct s { int a; }; int f(struct s* p) { p->b; }\n", "in.c:1:46: s has no member b"},
	{"int f(int p) { p->b; }\n", "in.c:1:19: int has no member b"},
	{"int f(int p) { p.b; }\n", "in.c:1:18: int has no member b"},
	{"struct s { int a; int b; int c; }; int f(struct s* p) { *p = 1; }\n", "in.c:1:60: cannot store an object of 12 bytes"},
	{"struct s { int a; int b; int c; }; int f(struct s* p) { return *p; }\n", "in.c:1:66: cannot load an object of 12 bytes"},
	{"int f() { __va_start(a, b); }\n", "in.c:1:25: b is not defined"},
	{"int f() { __va_start(a); }\n", "in.c:1:23: found \")\", expected , in __va_start"},
	{"int f() { __va_start(f, f); }\n", "in.c:1:25: f is a function, expected an argument"},
	{"int f() { __va_arg(f, foo); }\n", "in.c:1:23: found \"foo\", expected a type"},
	{"int f() { __va_copy(f, f); }\n", "in.c:1:22: found \",\", expected ) after __va_end"},
	{"int f() { enum { A = sizeof(enum { B = 1 }) }; int a; a = A; }\n", "in.c:1:46: found \";\", expected the name of a variable"},
	{"int f() { if(1) return 1; }", "in.c:1:27: the program ends in \"}\", expected a newline at the end"},
	{"@\n", "in.c:1:1: found \"@\", expected a type"},
	{"int f() { '\n' = 1 x; }\n", "in.c:2:7: found \"x\", expected ; after an expression"},
	{"int f(int a) { return a 'b' ; }\n", "in.c:1:25: found 'b', expected ; after return"},
}

func TestErrors(t *testing.T) {
	for _, test := range badPrograms {
		var out bytes.Buffer
		err := Compile(&out, []source.Source{source.String("in.c", test.program)}, Options{ExpandIncludes: true, IncludeDirs: []string{"along", "b"}, Open: included.open})
		assert.EqualError(t, err, test.want, test.program)
		assert.Empty(t, out.String(), test.program)
	}
}

// Negative numbers for which a build reads before its table of digits.
func TestNegative(t *testing.T) {
	for _, test := range []struct {
		by, host, program, want string
	}{
		{ByCC, "riscv64", "int a = -1;\n", "in.c:1:9: the value is -1, expected at least 0; M2-Planet built by cc for riscv64 reads out of bounds"},
		{ByCC, "aarch64", "int f() { switch(1) { case -2: } }\n", "in.c:1:23: the value is -2, expected at least 0; M2-Planet built by cc for aarch64 reads out of bounds"},
		{ByGCC, "amd64", "struct s { char a[-5]; int b; };\nint f(struct s* p) { return p->b; }\n", "in.c:2:5: an offset or a size in the function is negative, expected at least 0"},
	} {
		opt := Options{Arch: "amd64", BuiltBy: test.by, Host: test.host}
		_, _, err := compile(test.program, opt)
		assert.EqualError(t, err, test.want, test.program)
		opt.BuiltBy, opt.Host = ByM2Planet, "amd64"
		_, _, err = compile(test.program, opt)
		assert.NoError(t, err, test.program)
	}
}

// TestManyParameters wants an end, soon, to a macro of so many parameters and
// words that to look for each of the ones among the others takes minutes.
func TestManyParameters(t *testing.T) {
	var names strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&names, ",a%d", i)
	}
	list := names.String()[1:]
	words := strings.ReplaceAll(strings.ReplaceAll(list, "a", "b"), ",", " ")
	program := "#define M(" + list + ") " + words + "\nM(" + list + ")\n"
	err := Compile(io.Discard, []source.Source{source.String("in.c", program)}, Options{})
	assert.EqualError(t, err, "in.c:2:19023: macros are searched for parameters in more than 67108864 words")
}

// TestRenamedTypes wants types to be found by the names that they have. A
// typedef renames a type whose name has several words; of two types with one
// name the older one counts, which long is of long and int.
func TestRenamedTypes(t *testing.T) {
	for program, words := range map[string]int{
		"int a[8];\n":                         8,
		"typedef char long int;\nint a[8];\n": 1,
		"typedef char long int;\ntypedef char long;\nint a[8];\n": 8,
	} {
		var out bytes.Buffer
		err := Compile(&out, []source.Source{source.String("in.c", program)}, Options{Arch: "amd64"})
		n := strings.Count(out.String(), "NULL\n")
		require.NoError(t, err, program)
		assert.Equal(t, words, n, program)
	}
}
