package ccseed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/cgen"
	"stage0/source"
)

// compile returns a program's output and warnings.
func compile(text, arch string) (out string, warnings []string, err error) {
	return compileDialect(text, arch, "")
}

func compileDialect(text, arch string, dialect string) (out string, warnings []string, err error) {
	var b bytes.Buffer
	err = Compile(&b, source.String("in.c", text), Options{
		Arch:        arch,
		Dialect:     dialect,
		Diagnostics: source.Diagnostics{Warn: func(e *source.Error) { warnings = append(warnings, e.Error()) }},
	})
	return b.String(), warnings, err
}

// Every field of every target is set, except those known to be empty, and
// either all or none have (x).
func TestTargets(t *testing.T) {
	nothing := map[string][]string{
		"riscv32": {"HexLetters", "OddElements", "StructArrays"},
		"riscv64": {"HexLetters", "OddElements", "StructArrays"},
	}
	first := reflect.ValueOf(*dialects[0].targets[0])
	for _, d := range dialects {
		if len(d.targets) != len(arch.Ladders()) {
			t.Errorf("%s: %d targets for %d ladders", d.name, len(d.targets), len(arch.Ladders()))
		}
		for _, a := range arch.Ladders() {
			target := d.lookup(a.Name)
			if target == nil {
				t.Fatalf("%s: no target for %s", d.name, a.Name)
			}
			if target.Word != int64(a.WordSize) {
				t.Errorf("%s of %s: a word has %d bytes, want %d", a.Name, d.name, target.Word, a.WordSize)
			}
			zero := nothing[a.Name]
			if d.name == "1.9" && strings.HasPrefix(a.Name, "riscv") {
				zero = append(zero, "NotFirst")
			}
			v := reflect.ValueOf(*target)
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				if v.Field(i).IsZero() != slices.Contains(zero, name) {
					t.Errorf("%s of %s: %s is %v", a.Name, d.name, name, v.Field(i))
				}
				if s, ok := v.Field(i).Interface().(string); ok && strings.Contains(s, "(x)") != strings.Contains(first.Field(i).String(), "(x)") {
					t.Errorf("%s of %s: %s is %q", a.Name, d.name, name, s)
				}
			}
		}
	}
}

func TestDialects(t *testing.T) {
	_, _, err := compileDialect("", "x86", "1.7.0")
	assert.EqualError(t, err, `unknown dialect "1.7.0"; known are 1.5, 1.6, 1.9`)
	const text = "enum { A = 1 };\nint f(int a) { // comment\nreturn !a < A; }\n"
	newest, _, err := compileDialect(text, "x86", "")
	assert.NoError(t, err)
	named, _, err := compileDialect(text, "x86", "1.9")
	assert.NoError(t, err)
	assert.Equal(t, named, newest)
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ arch, text, want string }{
		{"x86", "/* x", "in.c:1:1: found the end of the file in a comment, expected */"},
		{"x86", "int x;\n // y", "in.c:2:2: found the end of the file in a comment, expected the end of the line"},
		{"x86", "int x; #", "in.c:1:8: found the end of the file in a comment, expected the end of the line"},
		{"x86", "int f() { \"x\\\"; }\n", "in.c:1:11: found the end of the file in a string, expected a closing \""},
		{"x86", "int f() { 'x", "in.c:1:11: found the end of the file in a string, expected a closing '"},
		{"x86", "int " + strings.Repeat("x", 256) + ";", "in.c:1:5: found a token of 256 bytes, expected at most 255"},
		{"x86", "int f() { " + strings.Repeat("x", 255) + ": }", "in.c:1:11: found a token of 256 bytes, expected at most 255"},
		{"x86", "int f() { \"" + strings.Repeat("x", 253) + "\"; }", "in.c:1:11: found a string of 253 bytes, expected at most 252"},
		{"x86", "int f() { \"" + strings.Repeat("\x80", 169) + "\"; }", "in.c:1:11: found a string of 169 bytes that is written in hex, expected at most 168"},
		{"x86", "int f() { \"" + strings.Repeat("\\x41", 63) + "\\x\"; }", "in.c:1:264: found the end of a string, expected two hex digits"},
		{"x86", "int", "in.c:1:4: found the end of the file in a declaration, expected the rest of it"},
		{"x86", "int x", "in.c:1:6: found the end of the file in a declaration, expected the rest of it"},
		{"x86", "int f(", "in.c:1:7: found the end of the file in function \"f\", expected the rest of it"},
		{"x86", "int f() { return 1", "in.c:1:19: found the end of the file in function \"f\", expected the rest of it"},
		{"x86", "int f() { return 1;", "in.c:1:20: found the end of the file in function \"f\", expected the rest of it"},
		{"x86", "int f() { if", "in.c:1:13: found the end of the file in function \"f\", expected \"(\" after if"},
		{"x86", "int f() { }\nenum { A = 1", "in.c:2:13: found the end of the file in a declaration, expected the rest of it"},
		{"x86", "float x;", "in.c:1:1: found \"float\", expected a type"},
		{"x86", "\r\n", "in.c:1:1: found \"\\r\", expected a type"},
		{"x86", "\"x\" y;", "in.c:1:1: found a string, expected a type"},
		{"x86", "'x' y;", "in.c:1:1: found a character constant, expected a type"},
		{"x86", "enum A { B = 1 };", "in.c:1:6: found \"A\", expected \"{\" after enum"},
		{"x86", "enum { A };", "in.c:1:10: found \"}\", expected \"=\" after the name of an enumeration constant"},
		{"x86", "enum { A = 1 B };", "in.c:1:14: found \"B\", expected \"}\" after the last enumeration constant"},
		{"x86", "enum { A = 1 } x;", "in.c:1:16: found \"x\", expected \";\" after the definition of enumeration constants"},
		{"x86", "struct s x;", "in.c:1:10: found \"x\", expected \"{\" after the name of a structure that has not been defined"},
		{"x86", "struct s { int x, y; };", "in.c:1:17: found \",\", expected \";\" after a member"},
		{"x86", "struct s { int x; } y;", "in.c:1:21: found \"y\", expected \";\" after the definition of a structure"},
		{"x86", "struct s { struct t { int x; }; y; };", "in.c:1:12: found the definition of a structure, expected the type of a member"},
		{"x86", "struct s { int x; struct s* y[2]; };", "in.c:1:30: found an array of structures in a structure, expected elements of a basic type"},
		{"x86", "struct s { int x[2; };", "in.c:1:19: found \";\", expected \"]\" after the size of an array"},
		{"riscv32", "struct s { int x[2]; };", "in.c:1:17: found an array in a structure; upstream's compiler for riscv32 has none"},
		{"riscv64", "struct s { char x; char y; };", "in.c:1:25: found a member at offset 1; upstream's compiler for riscv64 never ends there"},
		{"x86", "int f(int a[]) { }", "in.c:1:12: found \"[\", expected a type"},
		{"x86", "int f() { int x, y; }", "in.c:1:16: found \",\", expected \";\" after the declaration of a local"},
		{"x86", "int f() { goto x }", "in.c:1:18: found \"}\", expected \";\" after goto"},
		{"x86", "int f() { continue }", "in.c:1:20: found \"}\", expected \";\" after continue"},
		{"x86", "int f() { break; }", "in.c:1:11: found break outside a loop"},
		{"x86", "int f() { while(1) { break } }", "in.c:1:28: found \"}\", expected \";\" after break"},
		{"x86", "int f() { return 1 }", "in.c:1:20: found \"}\", expected \";\" after return"},
		{"x86", "int f() { 1 2; }", "in.c:1:13: found \"2\", expected \";\" after an expression"},
		{"x86", "int f() { if 1 2; }", "in.c:1:14: found \"1\", expected \"(\" after if"},
		{"x86", "int f() { if(1 2; }", "in.c:1:16: found \"2\", expected \")\" after the condition of an if"},
		{"x86", "int f() { do 1; 2; }", "in.c:1:17: found \"2\", expected \"while\" after the body of a do"},
		{"x86", "int f() { do 1; while 2; }", "in.c:1:23: found \"2\", expected \"(\" after the while of a do"},
		{"x86", "int f() { do 1; while(2; }", "in.c:1:24: found \";\", expected \")\" after the condition of a do"},
		{"x86", "int f() { do 1; while(2) }", "in.c:1:26: found \"}\", expected \";\" after a do"},
		{"x86", "int f() { while 1; }", "in.c:1:17: found \"1\", expected \"(\" after while"},
		{"x86", "int f() { while(1; }", "in.c:1:18: found \";\", expected \")\" after the condition of a while"},
		{"x86", "int f() { for 1; }", "in.c:1:15: found \"1\", expected \"(\" after for"},
		{"x86", "int f() { for(1) 2; }", "in.c:1:16: found \")\", expected \";\" after the first expression of a for"},
		{"x86", "int f() { for(;;) 2; }", "in.c:1:16: found \";\", expected an expression"},
		{"x86", "int f() { for(;1) 2; }", "in.c:1:17: found \")\", expected \";\" after the second expression of a for"},
		{"x86", "int f() { for(;1;2; }", "in.c:1:19: found \";\", expected \")\" after the third expression of a for"},
		{"x86", "int f() { asm \"\"; }", "in.c:1:15: found a string, expected \"(\" after asm"},
		{"x86", "int f() { asm(1); }", "in.c:1:15: found \"1\", expected \")\" after the strings of an asm"},
		{"x86", "int f() { asm() }", "in.c:1:17: found \"}\", expected \";\" after an asm"},
		{"x86", "int f() { ; }", "in.c:1:11: found \";\", expected an expression"},
		{"x86", "int f() { (1; }", "in.c:1:13: found \";\", expected \")\" after an expression in parentheses"},
		{"x86", "int f() { g(); }", "in.c:1:11: found \"g\", which has not been declared"},
		{"x86", "int f() { f(1; }", "in.c:1:14: found \";\", expected \")\" after the arguments of a call"},
		{"x86", "int f(int* a) { a[1; }", "in.c:1:20: found \";\", expected \"]\" after an index"},
		{"x86", "int f() { 1[2]; }", "in.c:1:12: found an index into a value of unknown type"},
		{"x86", "char* s; int f() { s = 1; 2[3]; }", "in.c:1:28: found an index into a value of unknown type"},
		{"x86", "int f() { 1->x; }", "in.c:1:12: found -> after a value of unknown type"},
		{"x86", "int f(int a) { a->x; }", "in.c:1:19: found \"x\", which is not a member of \"int\""},
		{"x86", "char** a; int f() { a + a[1] = 2; }", "in.c:1:30: found an assignment to an element of an array of unknown type"},
		{"x86", "int f() { struct s { int x; }; y; y(); }", "in.c:1:36: found a call of a value of unknown type"},
		{"x86", "int f() { sizeof int; }", "in.c:1:18: found \"int\", expected \"(\" after sizeof"},
		{"x86", "int f() { sizeof(1); }", "in.c:1:18: found \"1\", expected a type"},
		{"x86", "int f() { sizeof(int; }", "in.c:1:21: found \";\", expected \")\" after the type of a sizeof"},
		{"x86", "int f() { sizeof(struct s { int x; };); }", "in.c:1:18: found the definition of a structure, expected a type for sizeof"},
		{"x86", "int f() { \"\\0\"; }", "in.c:1:12: found '0' after a backslash, expected one of n t r x \\ ' \""},
		{"x86", "int f() { '\\\n'; }", "in.c:1:12: found byte 0x0A after a backslash, expected one of n t r x \\ ' \""},
		{"x86", "int f() { \"a\\x5\"; }", "in.c:1:13: found the end of a string, expected two hex digits"},
		{"x86", "int f() { '\\x'; }", "in.c:1:12: found the end of a character constant, expected two hex digits"},
		{"riscv32", "struct s { int x; int y; int z; }; int f(struct s* p) { p[1]; }", "in.c:1:58: found elements of 12 bytes in an array; upstream's compiler for riscv32 takes powers of two only"},
		{"x86", "int f() { '\\x0g'; }", "in.c:1:15: found 'g', expected a hex digit"},
		{"riscv32", "int f() { '\\xA0'; }", "in.c:1:14: found the hex digit 'A'; upstream's compiler for riscv32 takes 0 to 9 only"},
		{"x86", "int f() " + strings.Repeat("{", 10001), "in.c:1:10009: found statements and expressions nested more than 10000 deep"},
		{"x86", "int f() " + strings.Repeat("(", 10001), "in.c:1:10008: found statements and expressions nested more than 10000 deep"},
		{"x86", "int f() " + strings.Repeat("- ", 10001), "in.c:1:20005: found statements and expressions nested more than 10000 deep"},
		{"x86", "int f(int a) " + strings.Repeat("a = ", 10001), "in.c:1:40010: found statements and expressions nested more than 10000 deep"},
	} {
		out, _, err := compile(test.text, test.arch)
		assert.EqualError(t, err, test.want, "%.60q %s %s", test.text, test.arch, out)
	}
	for _, test := range []struct {
		text, old string // old is the error in dialects 1.5 and 1.6, new that in 1.9; empty if there is none
		new       string
	}{
		{"CONSTANT", "in.c:1:9: found the end of the file in a declaration, expected the rest of it", "in.c:1:1: found \"CONSTANT\", expected a type"},
		{"CONSTANT A", "in.c:1:11: found the end of the file in a declaration, expected the rest of it", "in.c:1:1: found \"CONSTANT\", expected a type"},
		{"CONSTANT A 1", "", "in.c:1:1: found \"CONSTANT\", expected a type"},
		{"CONSTANT A - 1", "in.c:1:14: found \"1\", expected a type", "in.c:1:1: found \"CONSTANT\", expected a type"},
		{"// CONSTANT A 1", "", "in.c:1:1: found the end of the file in a comment, expected the end of the line"},
		{"int x; //", "", "in.c:1:8: found the end of the file in a comment, expected the end of the line"},
		{"// x\n", "in.c:1:4: found \"x\", expected a type", ""},
		{"enum { A = 1 };", "in.c:1:1: found \"enum\", expected a type", ""},
		{"union { int x; };", "in.c:1:1: found \"union\", expected a type", "in.c:1:1: found \"union\", expected a type"},
		{"struct s { union u { int x; }; };", "in.c:1:18: found \"u\", expected \"{\" after union", "in.c:1:12: found \"union\", expected a type"},
		{"struct s { union { int x }; };", "in.c:1:26: found \"}\", expected \";\" after a member of a union", "in.c:1:12: found \"union\", expected a type"},
		{"struct s { union { int x; } y; };", "in.c:1:29: found \"y\", expected \";\" after a member", "in.c:1:12: found \"union\", expected a type"},
		{"struct s { union { union { int x; }; }; };", "in.c:1:20: found \"union\", expected a type", "in.c:1:12: found \"union\", expected a type"},
		{"struct s { union { int x;", "in.c:1:26: found the end of the file in a declaration, expected the rest of it", "in.c:1:12: found \"union\", expected a type"},
	} {
		for dialect, want := range map[string]string{"1.5": test.old, "1.6": test.old, "1.9": test.new} {
			_, _, err := compileDialect(test.text, "x86", dialect)
			if want == "" {
				assert.NoError(t, err, "%q in dialect %s", test.text, dialect)
			} else {
				assert.EqualError(t, err, want, "%q in dialect %s", test.text, dialect)
			}
		}
	}
	assert.EqualError(t, Compile(io.Discard, source.String("in.c", ""), Options{Arch: "armv7l"}), `there is no seed compiler for architecture "armv7l"`)
}

// Input that upstream mangles is reported, and an error if opt is strict.
func TestWarnings(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"int x;\xfcint y;", "in.c:1:7: found byte 0xFC, which is taken for the end of the file; the rest is dropped"},
		{"int x\x00y;", "in.c:1:6: found a NUL in a token, which ends there"},
		{"int f() { x\x00y: }", "in.c:1:12: found a NUL in a label, which is dropped"},
		{"int x; /*/ int y;", "in.c:1:8: found a comment that ends with its own first slash"},
		{"int x = 1;", "in.c:1:7: found \"=\", expected \";\" or \"(\" after the name of a global; the rest of the file is dropped"},
		{"enum { A = 'b' };", "in.c:1:12: found a character constant for the value of \"A\", expected a number; it is copied as it is"},
		{"int f(int a int b);", "in.c:1:13: found \"int\", expected \",\" or \")\" after an argument; a comma is assumed"},
		{"struct s { int x; int y; }; struct s z;", "in.c:1:38: found \"z\" of 8 bytes, which gets one word; expected a pointer to it"},
		{"struct s { int x; int y; }; int f(struct s z);", "in.c:1:44: found \"z\" of 8 bytes, which gets one word; expected a pointer to it"},
		{"struct s { int x; int y; }; int f() { struct s z; }", "in.c:1:48: found \"z\" of 8 bytes, which gets one word; expected a pointer to it"},
		{"int f() { continue; }", "in.c:1:11: found continue, which does nothing"},
		{"int f() { --1; }", "in.c:1:11: found \"--\", which is taken for -"},
		{"int f() { !=1; }", "in.c:1:11: found \"!=\", which is taken for !"},
		{"int f() { 1u; }", "in.c:1:11: found \"1u\", expected a number; it is copied as it is"},
		{"int f() { 'ab'; }", "in.c:1:11: found more than one character in a character constant; the first is taken"},
		{"int f() { ''; }", "in.c:1:11: found an empty character constant, which is taken for 0"},
		{"int f() { \"\\x 5\"; }", "in.c:1:14: found ' ', expected a hex digit; it is taken for one of value -16"},
		{"int f() { \"a\\x00\"; }", "in.c:1:11: found a NUL in a string; it and the rest are dropped, the closing quote too"},
		{"struct s { int x[y]; };", "in.c:1:18: found \"y\" for the size of an array, which is taken for 0"},
		{"struct s { char x[200000000]; };", "in.c:1:19: found \"200000000\" for the size of an array, expected at most 134217728; its size in bytes is mangled"},
		{"struct s { int x; int y; int z; }; int f(struct s* p) { p[1]; }", "in.c:1:58: found elements of 12 bytes in an array; the index is shifted by 4 bits"},
		{"int f(char* p) { (p + 1)[2]; }", "in.c:1:25: found an index into a char, or into the result of an operator; its elements are taken for pointers"},
		{"struct s { char x; }; int f(struct s* p) { p->x; }", "in.c:1:47: found \"x\", which is smaller than a word and left as an address"},
		{"struct s { char x; }; int f(struct s* p) { p->x = 1; }", "in.c:1:47: found an assignment to \"x\", which is smaller than a word; a whole word is stored"},
		{"struct s { char x[4]; }; int f(struct s* p) { p->x; }", "in.c:1:50: found the array \"x\", which is loaded as one word"},
	} {
		out, warnings, err := compile(test.text, "x86")
		assert.NoError(t, err, test.text)
		if assert.NotEmpty(t, warnings, test.text) {
			assert.Equal(t, test.want, warnings[0], test.text)
		}
		assert.NotEmpty(t, out, test.text)
		err = Compile(io.Discard, source.String("in.c", test.text), Options{Arch: "x86", Diagnostics: source.Diagnostics{Strict: true}})
		assert.EqualError(t, err, test.want, test.text)
	}
	// The older dialects read the rest of a line after //.
	for text, want := range map[string]string{
		"//CONSTANT A 1\n":                 "",
		"int x; // CONSTANT\n A 1\n":       "in.c:1:8: found // before something other than CONSTANT; only the slashes are dropped",
		"// int x;\n":                      "in.c:1:1: found // before something other than CONSTANT; only the slashes are dropped",
		"int f() { return 1; // break;\n}": "in.c:1:21: found // before something other than CONSTANT; only the slashes are dropped",
		"//CONSTANT A 'x'\n":               "in.c:1:14: found a character constant for the value of \"A\", expected a number; it is copied as it is",
		"//":                               "in.c:1:1: found // before something other than CONSTANT; only the slashes are dropped",
	} {
		_, warnings, _ := compileDialect(text, "x86", "1.6")
		if got := strings.Join(warnings, "\n"); got != want {
			t.Errorf("%q in dialect 1.6: warned %q, want %q", text, got, want)
		}
	}
	// 64-bit sizes, whose leading digits become one character.
	out, warnings, err := compile("struct s { char x[600000000000]; int y; }; int f(struct s* p) { p->y; }", "amd64")
	want := "in.c:1:69: found a size or an offset of more than ten digits, 600000000000, whose first digits are mangled"
	require.NoError(t, err)
	assert.True(t, slices.Contains(warnings, want))
	assert.Contains(t, out, "mov_rbx, %\x88000000000\n")
}

// Nesting up to the maximum depth is accepted.
func TestDepth(t *testing.T) {
	const n = maxDepth - 2
	for _, text := range []string{
		"int f() {" + strings.Repeat("{", n) + strings.Repeat("}", n) + "}",
		"int f() {" + strings.Repeat("(", n-1) + "1" + strings.Repeat(")", n-1) + ";}",
		"int f() {" + strings.Repeat("f(", n-1) + strings.Repeat(")", n-1) + ";}",
		"int f(int* a) {" + strings.Repeat("a[", n-1) + "1" + strings.Repeat("]", n-1) + ";}",
		"int f() {" + strings.Repeat("- ", n-1) + "1;}",
		"int f(int a) {" + strings.Repeat("if(a) a; else ", n-1) + "a;}",
		"int f() {" + strings.Repeat("1 + ", 20*n) + "1;}", // not nested
	} {
		if _, _, err := compile(text, "aarch64"); err != nil {
			t.Errorf("%.30s: %v", text, err)
		}
	}
}

// check compiles text for every architecture in every dialect, and checks the
// form of errors and warnings.
func check(text []byte) error {
	for _, dialect := range dialects {
		for _, target := range dialect.targets {
			if err := checkOne(text, Options{Arch: target.Name, Dialect: dialect.name}); err != nil {
				return fmt.Errorf("%s of %s: %w", target.Name, dialect.name, err)
			}
		}
	}
	return nil
}

func checkOne(text []byte, opt Options) error {
	var lax, strict bytes.Buffer
	warned := 0
	src := source.Bytes("in.c", text)
	opt.Diagnostics = source.Diagnostics{Warn: func(*source.Error) { warned++ }}
	laxErr := Compile(&lax, src, opt)
	opt.Diagnostics = source.Diagnostics{Strict: true}
	strictErr := Compile(&strict, src, opt)
	for _, err := range []error{laxErr, strictErr} {
		var at *source.Error
		if err != nil && (!errors.As(err, &at) || strings.Contains(at.Msg, "\n")) {
			return fmt.Errorf("no position in %q", err)
		}
	}
	switch {
	case warned > 0 && strictErr == nil:
		return errors.New("a warning, but no error if strict")
	case warned == 0 && (fmt.Sprint(laxErr) != fmt.Sprint(strictErr) || !bytes.Equal(lax.Bytes(), strict.Bytes())):
		return fmt.Errorf("no warning, but strictly %v instead of %v", strictErr, laxErr)
	}
	return nil
}

// Generated programs, including broken ones.
func TestPrograms(t *testing.T) {
	compiled := 0
	for seed := range uint64(300) {
		p := cgen.New(seed, 0)
		text := p.Text(seed)
		if out, _, err := compile(string(text), "riscv64"); err == nil {
			compiled++
			// White space and comments do not change the output.
			other, _, err := compile(string(p.Text(seed+1)), "riscv64")
			require.NoError(t, err, "%v %v", seed, text)
			assert.Equal(t, out, other, "%v %v", seed, text)
		}
		for _, text := range [][]byte{text, p.Broken(seed).Text(seed), cgen.Noisy(text, seed)} {
			if err := check(text); err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, text)
			}
		}
	}
	if compiled < 250 {
		t.Errorf("only %d of 300 programs were compiled", compiled)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add([]byte("enum { A = 1 }; struct s { int x; char* y[2]; struct s* z; }; int g; int f(struct s* p) { p->z->y[1] = \"\\x4a:\"; }"))
	f.Add([]byte("int f(FUNCTION g) { int x = 'a'; L: while(x < sizeof(int)) { if(!x) break; else goto L; } for(;-x;~x) asm(\"x\"); return g(1, 2); }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := check(text); err != nil {
			t.Fatal(err)
		}
	})
}

// program returns a program of about n bytes: functions, each with its own
// globals, structure and strings, and calls of the previous one.
func program(n int) []byte {
	b := []byte("int f0(int a) { return a; }\n")
	for i := 1; len(b) < n; i++ {
		b = fmt.Appendf(b, `struct s%[1]d { int x; char* y; struct s%[1]d* z; };
struct s%[1]d* g%[1]d;
enum { K%[1]d = %[1]d };
int f%[1]d(struct s%[1]d* p)
{
	int i;
	char* s = "string %[1]d\n";
	for(i = 0; i < K%[1]d; i = i + 1)
	{
		if(s[i] == 'x') p->z->x = f%[2]d(i + p->x) * 2;
		else g%[1]d = p;
	}
	return p->z->x;
}
`, i, i-1)
	}
	return b
}

func BenchmarkCompile(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"100KB", 100 << 10}, {"1MB", 1 << 20}, {"10MB", 10 << 20}} {
		b.Run(size.name, func(b *testing.B) {
			src := source.Bytes("in.c", program(size.n))
			b.SetBytes(int64(len(src.Text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Compile(io.Discard, src, Options{Arch: "amd64"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
