package kaem

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

// Each error ends the script with status 1.
func TestErrors(t *testing.T) {
	long := strings.Repeat("x", 4096)
	for _, test := range []struct{ script, want string }{
		{"\n  p exit3\n", "2:3: p: exit status 3"},
		{"p signal9\n", "1:1: p: ended by signal 9"},
		{"p core11\n", "1:1: p: ended by signal 11"},
		{"p missing\n", "1:1: p: cannot be run: file does not exist"},
		{"exec p missing\n", "1:6: p: cannot be run: file does not exist"},
		{"./p exit1\n", "1:1: ./p: exit status 1"},
		{"alias q=p\\ a\nq exit1\n", "2:1: p: exit status 1"},
		{"if p exit1\nelse\np exit2\nfi\n", "3:1: p: exit status 2"},
		{"PATH=/no\n\tp\n", "2:2: p: not found in PATH"},
		{"PATH=/no\nif p\nfi\n", "2:4: p: not found in PATH"},
		{"PATH=/no\nexec p\n", "2:6: p: not found in PATH"},
		{"${A}\n", `1:1: "": not found in PATH`},
		{"\"a\nb\"\n", `1:1: "a\nb": not found in PATH`},
		{"cd \"a b\"\n", `1:1: cd "a b": file does not exist`},
		{"echo \"a\\\"\n\nb\n", "1:6: string is not closed"},
		{"echo a\"b\\", "1:7: string is not closed"},
		{"p\n # a", "2:2: comment has no line end"},
		{"p a#b", "1:4: comment has no line end"},
		{"p a $", `1:5: only ${NAME}, ${NAME:-TEXT} and $@ may follow a $, found "$"`},
		{"p a${B}$A\n", `1:3: only ${NAME}, ${NAME:-TEXT} and $@ may follow a $, found "a${B}$A"`},
		{"p ${A\n", "1:3: ${A has no closing brace"},
		{"p ${\n", "1:3: ${ has no closing brace"},
		{"p ${A:-\n", "1:3: ${A:- has no closing brace"},
		{"p ${A}${A:-b\n", "1:3: ${A}${A:-b has no closing brace"},
		{"p ${A\\nB}\n", "1:3: byte 0x0A in the name of a variable"},
		{"p ${A\xFFB}\n", "1:3: byte 0xFF in the name of a variable"},
		{"cd\n", "1:1: cd: no directory"},
		{"cd no\n", "1:1: cd no: file does not exist"},
		{"set\n", "1:1: set: no options"},
		{"set -eq\n", "1:5: set: no option 'q', expected a, e or x"},
		{"set \"-\\n\"\n", "1:5: set: no option byte 0x0A, expected a, e or x"},
		{"alias  a=\n", "1:8: alias: a has no value"},
		{" \" \"\n", "1:5: no command"},
		{"\\\n\n", "1:1: no command"},
		{"if\nfi\n", "1:1: no command"},
		{"if \" \"\nfi\n", "1:1: no command"},
		{"exec\n", "1:1: exec without a command"},
		{"echo\n if A=1\n if A=1\n", "3:2: if has no fi"},
		{"if if A=1\nfi\nelse\n", "1:1: if has no fi"},

		{"p " + long + "\n", "1:3: word is longer than 4095 bytes"},
		{"p a\"" + long + "\"\n", "1:3: word is longer than 4095 bytes"},
		{"A=" + long[2:] + "b\n", "1:1: word is longer than 4095 bytes"},
		{"A=" + long[3:] + "\np ${A}${A}\n", "2:3: word is longer than 4095 bytes after its variables are replaced"},
		{"A=" + long[3:] + "\np ${A}xxx\n", "2:3: word is longer than 4095 bytes after its variables are replaced"},
		{"PATH=/" + long[96:] + "\np" + long[:95] + "\n", "2:1: an element of PATH makes a path longer than 4095 bytes"},
		{"p" + strings.Repeat(" a", 511) + "\n", "1:1: p: cannot be run: more than 511 words for a program"},
		{"exec p" + strings.Repeat(" a", 511) + "\n", "1:6: p: cannot be run: more than 511 words for a program"},
		{strings.Repeat("echo a ", 4097) + "\n", "1:28673: more than 8192 words in a command"},
		{assignments(511) + "p\n", "512:1: p: cannot be run: more than 511 environment variables for a program"},
		{assignments(1023), "1023:1: more than 1024 variables"},
		{strings.ReplaceAll(assignments(1025), "V", "alias V"), "1025:1: more than 1024 aliases"},
		{strings.ReplaceAll(assignments(512), "V", "alias V") + "alias\n", "513:1: alias: more than 511 to list"},
		{"alias" + strings.Repeat(" a", 512) + "\n", "1:1029: alias: more than 511 words"},
		{strings.Repeat("if A=1\n", 1001), "1001:1: more than 1000 ifs inside each other"},
	} {
		var w world
		status, err := w.run(test.script, func(o *Options) {
			o.Env = []string{"PATH=/bin"}
			o.Exists = func(dir, name string) bool { return strings.HasPrefix(name, "/bin/p") }
		})
		assert.EqualError(t, err, "in.kaem:"+test.want, test.script)
		assert.Equal(t, 1, status, test.script)
	}
	var w world
	_, err := w.run("", func(o *Options) { o.Env = []string{"A=" + long} })
	assert.EqualError(t, err, "environment variable A is longer than 4095 bytes")
}

// assignments returns n lines, each an assignment to a different variable.
func assignments(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("V" + strings.Repeat("x", i) + "=1\n")
	}
	return b.String()
}

// Input that upstream silently mangles gets a warning, or an error.
func TestWarnings(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"p\n  p a", "2:3: the last line has no line end; not run"},
		{"p a", "1:1: the last line has no line end; not run"},
		{"p\n p a  \n", "2:2: what ends in an empty word (two spaces, or \"\") is not run"},
		{"p \"a\" # b\n", "1:1: what ends in an empty word (two spaces, or \"\") is not run"},
		{"p\" \" \" \"\n", "1:6: a word that is a single space is dropped"},
		{"p a\\\nb\n", "2:1: a word does not continue after an escaped line end; what follows is lost"},
		{"p a\\\n\\b\n", "2:1: a word does not continue after an escaped line end; what follows is lost"},
		{"p \"a\\\nb\"\n", "1:5: an escaped line end in a string is taken for byte 0xFF"},
		{"p a\x00b\n", "1:4: byte 0x00 is taken for a space"},
		{"p ${A}${B:-c}\n", `1:3: ${A}${B:-c} is taken for the variable "A}${B", or else "c"`},
		{"p ${A:x:-y}z\n", `1:3: ${A:x:-y}z is taken for the variable "A", or else ":-y"`},
		{"p ${A\\\\}\n", `1:3: the name of a variable ends at a backslash: "A"`},
		{"p a$@\n", "1:3: what stands before $@ in a word is dropped"},
		{"A=1 p\n", "1:5: what follows an assignment is ignored"},
		{"alias a=b c\n", "1:11: what follows an alias is ignored"},
		{"if A=1\nthen p\nfi\n", "2:6: what follows then is ignored"},
		{"fi fi\n", "1:4: what follows fi is ignored"},
		{"if A=1\n if A=1\nfi\n", "2:2: an if inside an if: the first fi ends both"},
		{"set xe\n", "1:5: set: the first character of xe is not looked at"},
		{"unset A SHELL\n", "1:9: unset: SHELL is the first variable and stays"},
		{"if p missing\nfi\n", "1:1: p: cannot be run: file does not exist; the script goes on"},
	} {
		var w world
		status, err := w.run(test.script, nil)
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
		require.Len(t, w.warnings, 1, test.script)
		assert.Equal(t, "in.kaem:"+test.want, w.warnings[0], test.script)
		strict := func(o *Options) { o.Diagnostics = source.Diagnostics{Strict: true} }
		status, err = w.run(test.script, strict)
		assert.Equal(t, 1, status, test.script)
		assert.EqualError(t, err, "in.kaem:"+test.want, test.script)
	}
	for _, test := range []struct{ script, want string }{
		{"no\n", "1:1: no: not found in PATH; the script goes on"},
		{"exec no\n", "1:1: no: not found in PATH; the script goes on"},
		{"/p missing\n", "1:1: /p: cannot be run: file does not exist; the script goes on"},
		{"cd no\n", "1:1: cd no: file does not exist; the script goes on"},
		{"set\n", "1:1: set: no options; the script goes on"},
	} {
		var w world
		status, err := w.run(test.script, func(o *Options) {
			o.KeepGoing, o.Env = true, nil
			o.Exists = func(string, string) bool { return false }
		})
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
		require.Len(t, w.warnings, 1, test.script)
		assert.Equal(t, "in.kaem:"+test.want, w.warnings[0], test.script)
	}
}

// Correct scripts get no warning.
func TestNoWarnings(t *testing.T) {
	var w world
	status, err := w.run(`# a script
A=1; B="two words"
OFF=" "
alias q="p ${B:-none}"
if p \
	${A} ${OFF} \
	"${B}"
then
  q a ; cd sub # there
else
  set -ex
fi
unset A B
p ${A}
`, func(o *Options) { o.Diagnostics = source.Diagnostics{Strict: true} })
	want := "<p><1><two words> <p><two><words><a> <p><>"
	assert.Equal(t, 0, status)
	require.NoError(t, err)
	assert.Equal(t, want, w.words())
}

// isPositioned reports whether err has a position.
func isPositioned(err error) bool {
	var at *source.Error
	return errors.As(err, &at) && at.Position().Name == "in.kaem"
}
