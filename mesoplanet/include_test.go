package mesoplanet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIncludes(t *testing.T) {
	files := map[string]string{
		"i":                       "i\n",
		"d/i":                     "d/i\n",
		"d/only":                  "only\n",
		"self":                    "#include \"self\"\nself\n",
		"two":                     "#include \"i\"\n#include \"./i\"\n",
		"./i":                     "./i\n",
		"gcc_req.h":               "not read\n",
		"../gcc_req.h":            "not read\n",
		"first/x":                 "first\n",
		"last/x":                  "last\n",
		"last/y":                  "last y\n",
		"libc/s.h":                "s.h\n",
		"libc/stdio.h":            "stdio\n",
		"libc/linux/a":            "linux\n",
		"libc/uefi/a":             "uefi\n",
		"libc/bootstrappable.h":   "bootstrappable\n",
		"M2libc/bootstrappable.h": "not this\n",
		"stdio.h":                 "mine\n",
		"deep":                    "#include \"d/deep\"\n",
		"d/deep":                  "#include \"only\"\n",
	}
	for _, c := range []struct {
		name, text string
		change     func(*Options)
		want       string // lines; // #FILENAME is FILE here
		stdio      bool
		stdout     string
		stderr     string
	}{
		{name: "quotes", text: "#include \"i\"\na\n", want: "FILE \"i\" 1|i|FILE in.c 2|||a|", stderr: "\"i\"|"},
		{name: "brackets", text: "#include <s.h>\na\n", want: "FILE <s.h> 1|s.h|FILE in.c 2|||a|", stderr: "<s.h>|"},
		{name: "what follows the name", text: "#include \"i\" b\n", want: "FILE \"i\" 1|i|FILE in.c 2|| b|", stderr: "\"i\"|"},
		{name: "in the middle of a line", text: "a #include \"i\"\n", want: "a FILE \"i\" 1|i|FILE in.c 2|||", stderr: "\"i\"|"},
		{name: "name on the next line", text: "#include\n\t \"i\"\n", want: "FILE \"i\" 1|i|FILE in.c 3|||", stderr: "\"i\"|"},
		{name: "in a comment or a string", text: "/*#include \"i\"*/\"#include \"\n", want: "/*#include \"i\"*/\"#include \"|"},
		{name: "line numbers", text: "\n\n#include \"i\"\n#include \"i\"\n#include <s.h>\n", want: "||FILE \"i\" 1|i|FILE in.c 4|||||FILE <s.h> 1|s.h|FILE in.c 7|||", stderr: "\"i\"|<s.h>|"},
		{name: "once", text: "#include \"i\"\n#include \"i\"\n#include \"self\"\n", want: "FILE \"i\" 1|i|FILE in.c 2|||||FILE \"self\" 1|||self|FILE in.c 5|||", stderr: "\"i\"|\"self\"|"},
		{name: "other spelling", text: "#include \"two\"\n", want: "FILE \"two\" 1|FILE \"i\" 1|i|FILE \"two\" 2|||FILE \"./i\" 1|./i|FILE \"two\" 4|||FILE in.c 2|||", stderr: "\"two\"|\"i\"|\"./i\"|"},
		{name: "left out", text: "#if 0\na\n#include \"i\"\n#endif\n", want: "||", stderr: "\"i\"|"},
		{name: "not a macro's", text: "#define A #include \"i\"\nA\n", want: "||i|FILE in.c 2||||", stderr: "\"i\"|"},
		{name: "gcc_req.h", text: "#include \"gcc_req.h\"\n#include \"../gcc_req.h\"\n", want: "||||"},
		{name: "stdio", text: "#include <stdio.h>\n", want: "FILE <stdio.h> 1|stdio|FILE in.c 2|||", stdio: true, stderr: "<stdio.h>|"},
		{name: "stdio in quotes", text: "#include \"stdio.h\"\n", want: "FILE \"stdio.h\" 1|mine|FILE in.c 2|||", stdio: true, stderr: "\"stdio.h\"|"},
		{name: "bootstrappable.h", text: "#include \"M2libc/bootstrappable.h\"\n", want: "FILE \"M2libc/bootstrappable.h\" 1|bootstrappable|FILE in.c 2|||", stderr: "\"M2libc/bootstrappable.h\"|"},
		{name: "skipped", text: "#include <uefi/a>\n#include <linux/a>\n", want: "||FILE <linux/a> 1|linux|FILE in.c 3|||", stdout: "skipping:|libc/uefi/a|", stderr: "<linux/a>|"},
		{name: "UEFI", text: "#include <uefi/a>\n#include <linux/a>\n", change: func(o *Options) { o.System = "UEFI" }, want: "FILE <uefi/a> 1|uefi|FILE in.c 2|||||", stdout: "skipping:|libc/linux/a|", stderr: "<uefi/a>|"},
		{name: "no includes", text: "#include <stdio.h>\na\n", change: func(o *Options) { o.NoIncludes = true }, want: "FILE in.c 2|||a|", stdio: true},
		{name: "dump", text: "#define A 1\n#include \"i\"\nA", change: func(o *Options) { o.NoDirective = true }, want: "#define A 1|FILE \"i\" 1|i|FILE in.c 3|||A", stderr: "\"i\"|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := preprocess(c.text, files, c.change)
			if r.err != nil {
				t.Fatal(r.err)
			}
			lines := func(s string) string {
				return strings.NewReplacer("\n", "|", "// #FILENAME", "FILE", "reading file: ", "").Replace(s)
			}
			assert.Equal(t, c.want, lines(r.out))
			assert.Equal(t, c.stdout, lines(r.stdout))
			assert.Equal(t, c.stderr, lines(r.stderr))
			assert.Equal(t, c.stdio, r.program.Stdio)
		})
	}
}

// What is longer of the name of the file at hand than of the path of one that
// was looked for beside it would come up at the end of a later token.
func TestLeft(t *testing.T) {
	files := map[string]string{"d/x": "x\n"}
	const left = ": upstream appends the end of a file name to this token"
	for _, c := range []struct{ text, err string }{
		// The line that names the file is longer than what is left.
		{"#include \"x\"\nabcdefgh\n", ""},
		{"#include \"x\"\n#include \"x\"\nabc\nabcdefgh\nabcdefg\n", ""},
		{"#include \"x\"\n#include \"x\"\nabc\nabcdefg\n", "d/in.c.c:4:1" + left},
		{"#include \"x\"\n#include \"x\"\nabcdef\n", "d/in.c.c:3:1" + left},
	} {
		r := preprocessAs("d/in.c.c", c.text, files, nil)
		assert.Equal(t, c.err, message(r.err), c.text)
	}
}

// That a file was not looked for where it is, is told.
func TestForgotten(t *testing.T) {
	files := map[string]string{"b/x": "b\n", "c/x": "c\n"}
	dirs := func(o *Options) { o.IncludeDirs = []string{"a", "b", "c"} }
	const want = "./in.c:2:1: b/x exists, but of several -I M2-Mesoplanet looks only in the first and the last"
	r := preprocessAs("./in.c", "\n#include \"x\"\n", files, dirs)
	assert.NoError(t, r.err)
	assert.Contains(t, r.out, "\nc\n")
	assert.Equal(t, []string{want}, r.warnings)
	r = preprocessAs("./in.c", "\n#include \"x\"\n", files, func(o *Options) { dirs(o); o.Strict = true })
	assert.EqualError(t, r.err, want)
}

// Where files are looked for that are included in quotes: in the working
// directory, beside the file, and in the first and the last -I.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		there string // files, each of which holds its name
		dirs  string
		name  string // of the file that includes x
		want  string
	}{
		{"x d/x a/x", "a", "d/in.c", "x"},
		{"d/x a/x", "a", "d/in.c", "d/x"},
		{"d/../d/x d/x", "a", "d/../d/in.c", "d/../d/x"},
		{"a/x", "a", "d/in.c", "a/x"},
		{"a/x b/x", "a b", "d/in.c", "a/x"},
		{"b/x", "a b", "d/in.c", "b/x"},
		{"b/x c/x", "a b c", "d/in.c", "c/x"},
		{"b/x", "a b c", "d/in.c", ""},
		{"x", "", "in.c", "x"},
		{"a/x", "a", "in.c", ""},
		{"a/x", "a", "/in.c", "a/x"},
		{"/x", "", "/in.c", "/x"},
	} {
		files := map[string]string{}
		for _, name := range strings.Fields(c.there) {
			files[name] = "found " + name + "\n"
		}
		r := preprocessAs(c.name, "#include \"x\"\n", files, func(o *Options) { o.IncludeDirs = strings.Fields(c.dirs) })
		found := strings.Contains(r.out, "found "+c.want+"\n")
		assert.Equal(t, c.want != "", found, r.out)
		assert.Equal(t, r.err == nil, found, r.out)
	}
}
