package kaem

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

func (w *world) runMinimal(arch, script string, strict bool) (int, error) {
	minimal, ok := MinimalFor(arch)
	if !ok {
		panic(arch)
	}
	opt := MinimalOptions{
		Minimal:     minimal,
		Env:         []string{"A=1", "B=2"},
		Stdout:      &w.stdout,
		Dir:         "/dir",
		Exec:        w.exec,
		Diagnostics: w.diagnostics(),
	}
	opt.Diagnostics.Strict = strict
	return RunMinimal(context.Background(), source.String("in.kaem", script), opt)
}

func TestMinimalWords(t *testing.T) {
	for _, test := range []struct{ script, want, riscv string }{
		{"p a  b\tc\n", "<p><a><b><c>", ""},
		{"\n \t\n# p\n  p # a\np#a\n", "<p> <p>", ""},
		{"p \"a b\" c\"d e\"f \"\" \"#\"\n", "<p><a b><cd e><f><#>", "<p><\"a><b\"><c\"d><e\"f><\"\"><\">"},
		{"p \"a\nb\"\n", "<p><a\nb>", "<p><\"a> <b\">"},
		{"p a\\bc \\\nd\\\ne \\ f\\# g\\\"h\n", "<p><a><c><d><e><f><g><h>", ""},
		{"p ${A} $@ ; 'a b' |\n", "<p><${A}><$@><;><'a><b'><|>", ""},
		{"cd p\necho\nA=1\n", "<cd><p> <echo> <A=1>", ""},
		{"p a\x00b \x00c\n", "<p><a><>", ""},
		{"p a\r\n", "<p><a\r>", ""},
		{"p\np a", "<p>", ""},
		{"p\np a \\", "<p>", ""},
		{"p\xFC\np\n", "", ""},
		{"p\np\n\xFCp\n", "<p> <p>", ""},
		{"p a\\\xFCb\n", "<p><a><b>", ""},
		{"", "", ""},
		{"p" + strings.Repeat(" a", 254) + "\n", "<p>" + strings.Repeat("<a>", 254), ""},
		{"p " + strings.Repeat("a", 4095) + "\n", "<p><" + strings.Repeat("a", 4095) + ">", ""},
	} {
		for arch := range minimals {
			want := test.want
			if strings.HasPrefix(arch, "riscv") && test.riscv != "" {
				want = test.riscv
			}
			var w world
			status, err := w.runMinimal(arch, test.script, false)
			got := w.words()
			assert.Equal(t, want, got, "%v %v", arch, test.script)
			assert.Equal(t, 0, status, "%v %v", arch, test.script)
			require.NoError(t, err, "%v %v", arch, test.script)
		}
	}
}

// The environment of a program, and the output.
func TestMinimalCommands(t *testing.T) {
	for arch, env := range map[string]string{
		"x86": "[A=1 B=2]", "amd64": "[A=1 B=2]", "aarch64": "[A=1 B=2]", "riscv32": "[]", "riscv64": "[]",
	} {
		var w world
		_, err := w.runMinimal(arch, "# a comment\n\tp a\\\n b\n", false)
		want := "[{p [p a b] " + env + " /dir in.kaem:2:2}]"
		got := fmt.Sprint(w.commands)
		require.NoError(t, err, arch)
		assert.Equal(t, want, got, arch)
		assert.Equal(t, " +> p a b \n", w.stdout.String(), arch)
	}
	if _, ok := MinimalFor("armv7l"); ok {
		t.Error("armv7l has a kaem-minimal")
	}
}

func TestMinimalErrors(t *testing.T) {
	long := strings.Repeat("x", 4096)
	for _, test := range []struct {
		arch, script string
		status       int
		want, stdout string
	}{
		{"amd64", "\n p exit3\np\n", 1, "2:2: p: exit status 3", " +> p exit3 \nSubprocess error\n"},
		{"x86", "p signal9\n", 1, "1:1: p: ended by signal 9", " +> p signal9 \nSubprocess error\nABORTING HARD\n"},
		{"aarch64", "p core6\n", 0, "1:1: p: ended by signal 6", " +> p core6 \nSubprocess error\nABORTING HARD\n"},
		{"riscv32", "p missing\n", 1, "1:1: p: cannot be run: file does not exist", " +> p missing \nSubprocess error\nABORTING HARD\n"},
		{"riscv64", "p\np exit1\n", 1, "2:1: p: exit status 1", " +> p \n +> p exit1 \nSubprocess error\nABORTING HARD\n"},
		{"amd64", "p \"a\n#", 1, "1:3: string is not closed", ""},
		{"aarch64", "p b\"a\xFC\"\n", 252, "1:4: string is not closed", ""},
		{"riscv64", "p #", 1, "1:3: comment has no line end", ""},
		{"aarch64", "# \xFC\n", 252, "1:1: comment has no line end", ""},
		{"amd64", "p " + long + "\n", 1, "1:3: word is longer than 4095 bytes", ""},
		{"amd64", "p \"" + long + "\"\n", 1, "1:3: word is longer than 4095 bytes", ""},
		{"aarch64", "p" + strings.Repeat(" a", 255) + "\n", 1, "1:511: more than 255 words in a command", ""},
		{"riscv32", "p" + strings.Repeat(" a", 511) + "\n", 1, "1:1023: more than 511 words in a command", ""},
	} {
		var w world
		status, err := w.runMinimal(test.arch, test.script, false)
		assert.EqualError(t, err, "in.kaem:"+test.want, "%v %v", test.arch, test.script)
		assert.Equal(t, test.status, status, "%v %v", test.arch, test.script)
		assert.Equal(t, test.stdout, w.stdout.String(), "%v %v", test.arch, test.script)
	}
}

func TestMinimalWarnings(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"p\n p a", "2:2: the last line has no line end; not run"},
		{"p", "1:1: the last line has no line end; not run"},
		{"p a\\b\n", "1:5: 'b' after a backslash is dropped, and ends the word"},
		{"p a\\\xFCb\n", "1:5: byte 0xFC after a backslash is dropped, and ends the word"},
		{"p a\x00b\n", "1:3: a word ends at a byte 0x00; the rest of it is dropped"},
		{"p a\n\xFC", "2:1: byte 0xFC is taken for the end of the script"},
	} {
		var w world
		status, err := w.runMinimal("x86", test.script, false)
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
		require.Len(t, w.warnings, 1, test.script)
		assert.Equal(t, "in.kaem:"+test.want, w.warnings[0], test.script)
		status, err = w.runMinimal("x86", test.script, true)
		assert.Equal(t, 1, status, test.script)
		assert.EqualError(t, err, "in.kaem:"+test.want, test.script)
	}
}
