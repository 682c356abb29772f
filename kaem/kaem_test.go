package kaem

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

// A world is the environment of a script, and records what it did.
type world struct {
	stdout, stderr bytes.Buffer
	commands       []Command
	warnings       []string
}

// exec is a Handler. A program's last word may say how it ends: exit3, signal9,
// core6 or missing.
func (w *world) exec(ctx context.Context, cmd Command) (int, error) {
	cmd.At = cmd.At.Position()
	w.commands = append(w.commands, cmd)
	last := cmd.Args[len(cmd.Args)-1]
	for prefix, status := range map[string]int{"exit": 0, "signal": 0, "core": -128} {
		if n, err := strconv.Atoi(strings.TrimPrefix(last, prefix)); err == nil && strings.HasPrefix(last, prefix) {
			if prefix != "exit" {
				n = -n
			}
			return status + n, nil
		}
	}
	if last == "missing" {
		return 1, fs.ErrNotExist
	}
	return 0, nil
}

func (w *world) diagnostics() source.Diagnostics {
	return source.Diagnostics{Warn: func(e *source.Error) { w.warnings = append(w.warnings, e.Error()) }}
}

// words returns the words of each program that was run, as <one><two>.
func (w *world) words() string {
	var lines []string
	for _, cmd := range w.commands {
		lines = append(lines, "<"+strings.Join(cmd.Args, "><")+">")
	}
	return strings.Join(lines, " ")
}

// options returns Options for a script in /dir, with the directories /dir/sub
// and /dir/fi, and programs in /bin.
func (w *world) options() Options {
	return Options{
		Args:   []string{"kaem", "--file", "in.kaem", "--", "x", "y z"},
		Env:    []string{"HOME=/home", "PATH=/bin"},
		Stdout: &w.stdout,
		Stderr: &w.stderr,
		Dir:    "/dir",
		Chdir: func(dir, name string) (string, error) {
			if dir = path.Join(dir, name); !slices.Contains([]string{"/", "/dir", "/dir/sub", "/dir/fi"}, dir) {
				return "", fs.ErrNotExist
			}
			return dir, nil
		},
		Exists:      func(dir, name string) bool { return path.Dir(name) == "/bin" },
		Exec:        w.exec,
		Diagnostics: w.diagnostics(),
	}
}

func (w *world) run(script string, change func(*Options)) (int, error) {
	opt := w.options()
	if change != nil {
		change(&opt)
	}
	return Run(context.Background(), source.String("in.kaem", script), opt)
}

// Each script runs a program p, whose words show how it was read.
func TestWords(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"p\n", "<p>"},
		{"p a  b\tc\n", "<p><a><b><c>"},
		{" \t p a\n\n;;p b;p c ; p d\n", "<p><a>" + " <p><b>" + " <p><c>" + " <p><d>"},
		{"p a # b \" ${\np#b\n", "<p><a> <p>"},
		{"# p\n#\np\n", "<p>"},
		{"p a\r\n", "<p><a\r>"},
		{"p \"a b\" c\"d e\"f\"g\"\n", "<p><a b><cd e><fg>"},
		{"p \"\" a\n", "<p><a>"},
		{"p '\n", "<p><'>"},
		{`p \n\r\\\"\a\ \#\;` + "\n", "<p><\n\r\\\"a #;>"},
		{`p "\n\r\\\"\a;#"` + "\n", "<p><\n\r\\\"a;#>"},
		{"p \"a\nb\"\n", "<p><a\nb>"},
		{"p a \\\n b\n", "<p><a><b>"},
		{"p a\\\n b\n", "<p><a><b>"},
		{"p a\\\nb c\n", "<p><a><c>"},
		{"p \\\nabc d\n", "<p><dabc>"},
		{"p \\\nabc \\\nx d\n", "<p><dxbc>"},
		{"p \\\nabc\nq d\n", "<p> <q><d>"},
		{"p \"a\\\nb\"\n", "<p><a\xFFb>"},
		{"p a\x00b\xFF\n", "<p><a><b\xFF>"},
		{"p \" \" a \" \"\n", "<p><a>"},
		{"p a", ""},
		{"p a\np b \\", "<p><a>"},
		{"p  \np \"a\" \np \"a\" #\np a \"\"\np a\n", "<p><a>"},
		{"", ""},
		{strings.Repeat("p"+strings.Repeat(" a", 510)+"\n", 2), strings.Repeat("<p>"+strings.Repeat("<a>", 510)+" ", 2)},
		{"p " + strings.Repeat("a", 4095) + "\n", "<p><" + strings.Repeat("a", 4095) + ">"},
	} {
		var w world
		status, err := w.run(test.script, nil)
		got := w.words()
		assert.Equal(t, strings.TrimSpace(test.want), got, test.script)
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
	}
}

func TestVariables(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"A=1\np ${A} x${A}y \"${A} z\" ${A}${A}", "<p><1><x1y><1 z><11>"},
		{"p a${B}b ${B} c ${}", "<p><ab><><c><>"},
		{"A=\"1 2\"\np ${A}", "<p><1 2>"},
		{"A=1=2\np ${A}", "<p><1=2>"},
		{"A=\"\"\np [${A}]", "<p><[]>"},
		{"A=1\nA=${A}${A}\nA=${A}3\np ${A}", "<p><113>"},
		{"A=1 p\np ${A}", "<p><1>"},
		{"=1\np ${}", "<p><1>"},
		{"A=1\nB=2\nunset A C B\np [${A}] [${B}]", "<p><[]><[]>"},
		{"p ${HOME}", "<p></home>"},
		{"unset HOME SHELL\np [${HOME}] ${SHELL}", "<p><[]><kaem>"},
		{"A=1\np ${A:-x} ${B:-x} ${B:-} ${B:-x:-y}", "<p><1><x><><x:-y>"},
		{"A=1\np ${A}${B:-c} ${B:-c}${A} ${A}${A:-}d", "<p><c><c1><d>"},
		{"A=1\np ${A:x:-y} ${B:x:-y}", "<p><1><:-y>"},
		{"A=1\np ${A\\\\B}", "<p><1>"},
		{"A=\" \"\np ${A} b ${A}", "<p><b>"},
		{"A=\" \"\np \"${A}${A}\"", "<p><  >"},
		{"A=p\n${A} ${A}", "<p><p>"},
		{"p $@ a$@b $@$@", "<p><-- x y z><-- x y zb><-- x y z>"},
		{"A=1\np ${A}$@${A}", "<p><-- x y z1>"},
		{"A=1\np \\${A}", "<p><1>"},
	} {
		var w world
		status, err := w.run(test.script+"\n", nil)
		got := w.words()
		assert.Equal(t, test.want, got, test.script)
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
	}
}

// The output, with lines joined by slashes.
func TestBuiltins(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{"echo\necho a\necho ${A} b ${A}\necho ${A}", "/a/ b //"},
		{"pwd\ncd sub\npwd\ncd ..\ncd .\npwd", "/dir//dir/sub//dir/"},
		{"alias\nalias a=\"echo b\"\na c\nalias\nalias a x", "b c/a=echo b/echo b x /"},
		{"alias a=\"b \"\necho a c", "b  c/"},
		{"alias a=b\\\\\necho a", "b/"},
		{"alias a=\"b\\\\ c\\\\n\\\\\\\\\"\necho a", "b c/\\/"},
		{"alias a=1\nalias a=2\nalias", "a=2/"},
		{"set -x\necho a\nset -xx", " +> set -x/ +> echo a /a/ +> set -xx / +> set -xx/ +> set -xx/"},
		{"set -a\nset ${A}", ""},
		{"if A=1\nthen\necho a\nelse\necho b\nfi\necho c", "a/c/"},
		{"if p exit1\necho a\nelse\necho b\nelse\necho c\nfi\necho d", "b/d/"},
		{"if p exit2\nelse\nif p exit3\necho a\nelse\necho b\nfi\necho c\nfi", "b/c/"},
		{"if p exit1\nif A=1\necho a\nfi\necho b\nelse\necho c\nfi", "b/c/"},
		{"if A=1; then echo a; else echo b; fi", ""},
		{"if if A=1\necho a\nfi\necho b\nfi\necho c", "a/b/c/"},
		{"if echo a\n\n# c\nfi  \necho b", "a/b/"},
		{"if A=1\nelse  \necho a\nfi", "a/"},
		{"if A=1\ncd fi\necho a", "a/"},
		{"if A=1\nset -x\nfi\necho a", " +> set -x/ +> fi /a/"},
		{"then\nelse\nfi\necho a", "a/"},
	} {
		var w world
		status, err := w.run(test.script+"\n", nil)
		got := strings.ReplaceAll(w.stdout.String(), "\n", "/")
		assert.Equal(t, test.want, got, test.script)
		assert.Equal(t, 0, status, test.script)
		require.NoError(t, err, test.script)
	}
}

func TestOptions(t *testing.T) {
	verbose := func(o *Options) { o.Verbose = true }
	for _, test := range []struct {
		script                string
		change                func(*Options)
		status                int
		stdout, stderr, words string
	}{
		{script: "echo a\n\np \" \" b ${A}\n", change: verbose,
			stdout: " +> echo a \na\n +> p b  \n", words: "<p><b><>"},
		{script: "echo a  \n \\;\n", change: verbose,
			stdout: " +> echo a \n +> ; \n", words: "<;>"},
		{script: "if p exit1\necho a\nelse\necho b\nfi\nif p\necho c\nelse\necho d\nfi\n", change: verbose,
			stdout: " +> if p exit1 \nb\n +> if p \n +> echo c \nc\n +> else \n +> echo d \n +> fi \n", words: "<p><exit1> <p>"},
		{script: "p exit1\n${A}\ncd no\nset\n./no exit2\nexec \"\\ no\"\np missing\necho a\nset -e\np exit2\necho b\n",
			change: func(o *Options) { o.KeepGoing = true; o.Env = []string{"PATH=/bin"} },
			status: 1, stdout: "a\n", words: "<p><exit1> <./no><exit2> <p><missing> <p><exit2>"},
		{script: "${A} a\n", change: func(o *Options) { o.Verbose, o.KeepGoing = true, true }},
		{script: "set -ea\n", change: func(o *Options) { o.Warn = true },
			stdout: "set -a is on by default and cannot be disabled\n"},
		{script: "if p\necho a\nelse\necho b\nfi\nexec p\n", change: func(o *Options) { o.Fuzz = true },
			status: 1, stdout: "b\n"},
		{script: "p\nif p exit3\nfi\nif p missing\nfi\nexec p exit4\n", change: func(o *Options) { o.ShowExitCodes = true },
			status: 4, words: "<p> <p><exit3> <p><missing> <p><exit4>",
			stderr: "\n/bin/p normal termination, exit status = 0\n\n\n" +
				"\n/bin/p normal termination, exit status = 3\n\n\n" +
				"\n/bin/p normal termination, exit status = 1\n\n\n"},
		{script: "if p signal9\nfi\nif p core6\nfi\nexec p core11\n",
			status: 128 + 11, words: "<p><signal9> <p><core6> <p><core11>",
			stderr: "\n/bin/p abnormal termination, signal number = 9\n" +
				"\n/bin/p abnormal termination, signal number = 6\ncore dumped\n"},
		{script: "exec p a\necho b\n", words: "<p><a>"},
		{script: "if exec p exit7\necho b\n", status: 7, words: "<p><exit7>"},
		{script: "exec echo a\n", words: "<echo><a>"},
		{script: "echo [ $@ ] ${SHELL}\n", change: func(o *Options) { o.Args = nil }, stdout: "[  ] ./bin/kaem\n"},
	} {
		var w world
		status, _ := w.run(test.script, func(o *Options) {
			o.Exists = func(dir, name string) bool { return !strings.Contains(name, " ") }
			if test.change != nil {
				test.change(o)
			}
		})
		assert.Equal(t, test.status, status, test.script)
		assert.Equal(t, test.stdout, w.stdout.String(), test.script)
		assert.Equal(t, test.stderr, w.stderr.String(), test.script)
		assert.Equal(t, test.words, w.words(), test.script)
	}
}

// The environment of a program.
func TestCommands(t *testing.T) {
	for _, test := range []struct {
		env    []string
		script string
		want   Command
	}{
		{[]string{"B=1", "PATH=/bin", "A=2"}, "\n  p\n",
			Command{"/bin/p", []string{"p"}, []string{"SHELL=kaem", "B=1", "PATH=/bin", "A=2"}, "/dir", position(2, 3)}},
		{[]string{"PATH=/no::/bin:", "SHELL=sh"}, "A=1\nSHELL=${A}\ncd sub; if p\nfi\n",
			Command{"/bin/p", []string{"p"}, []string{"PATH=/no::/bin:", "SHELL=1", "A=1"}, "/dir/sub", position(3, 12)}},
		{[]string{"A=1", "A=2", "PATH=/no"}, "PATH=/bin\nunset PATH\nA=3\nexec p\n",
			Command{"/bin/p", []string{"p"}, []string{"SHELL=kaem", "A=3", "A=2"}, "/dir", position(4, 6)}},
		{nil, "alias q=\"p a\"\nq b\n",
			Command{"/bin/p", []string{"p", "a", "b"}, []string{"SHELL=kaem"}, "/dir", position(2, 1)}},
		{[]string{"LOGNAME=me", "no equals sign"}, "p\n",
			Command{"/bin/p", []string{"p"}, []string{"SHELL=kaem", "LOGNAME=me"}, "/dir", position(1, 1)}},
		{[]string{"PATH="}, "./p\n",
			Command{"./p", []string{"./p"}, []string{"SHELL=kaem", "PATH="}, "/dir", position(1, 1)}},
		{[]string{"PATH="}, "/x/p\n",
			Command{"/x/p", []string{"/x/p"}, []string{"SHELL=kaem", "PATH="}, "/dir", position(1, 1)}},
	} {
		var w world
		_, err := w.run(test.script, func(o *Options) { o.Env = test.env })
		require.NoError(t, err, test.script)
		require.Len(t, w.commands, 1, test.script)
		assert.Equal(t, fmt.Sprint(test.want), fmt.Sprint(w.commands[0]), test.script)
	}
}

func position(line, col int) source.Position {
	return source.Position{Name: "in.kaem", Line: line, Col: col}
}

// The search for programs.
func TestPath(t *testing.T) {
	for _, test := range []struct{ env, script, want string }{
		{"PATH=/a:/b", "", "/a/p /b/p"},
		{"PATH=a:../b", "", "a/p ../b/p"},
		{"PATH=:/a::/b:", "", "/p /a/p /p /b/p"},
		{"PATH=::", "", "/p /p"},
		{"PATH=", "", ""},
		{"PATH=/a", "PATH=/b\n", "/b/p"},
		{"PATH=/a", "unset PATH\n", "/a/p"},
		{"LOGNAME=me", "", "/home/me/bin/p /usr/local/bin/p /usr/bin/p /bin/p /usr/local/games/p /usr/games/p"},
		{"A=1", "", "/root/bin/p /usr/local/sbin/p /usr/local/bin/p /usr/sbin/p /usr/bin/p /sbin/p /bin/p"},
	} {
		var w world
		var tried []string
		_, err := w.run(test.script+"p\n", func(o *Options) {
			o.Env = []string{test.env}
			o.Exists = func(dir, name string) bool { tried = append(tried, name); return false }
		})
		got := strings.Join(tried, " ")
		assert.Equal(t, test.want, got, test.env)
		require.Error(t, err, test.env)
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var w world
	opt := w.options()
	opt.Exec = func(context.Context, Command) (int, error) { cancel(); return 0, nil }
	status, err := Run(ctx, source.String("in.kaem", "echo a\nexec p\n"), opt)
	assert.Equal(t, 1, status)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "in.kaem:2:6: context canceled", err.Error())
	status, err = Run(ctx, source.String("in.kaem", "echo b\n"), opt)
	assert.Equal(t, 1, status)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "a\n", w.stdout.String())
	minimal, _ := MinimalFor("amd64")
	status, err = RunMinimal(ctx, source.String("in.kaem", "p\n"), MinimalOptions{Minimal: minimal, Stdout: &w.stdout, Exec: opt.Exec})
	assert.Equal(t, 1, status)
	assert.ErrorIs(t, err, context.Canceled)
}

// Write errors end a script.
func TestStreams(t *testing.T) {
	var w world
	broken := errors.New("broken")
	minimal, _ := MinimalFor("amd64")
	for _, script := range []string{"echo a\n", "pwd\n", "set -x\n", "set -a\n", "alias a=b\nalias\n", "alias a\n"} {
		if _, err := w.run(script, func(o *Options) { o.Stdout, o.Warn = full{broken}, true }); !errors.Is(err, broken) {
			t.Errorf("%q to a full disk: %v", script, err)
		}
	}
	if _, err := RunMinimal(context.Background(), source.String("in.kaem", "p\n"), MinimalOptions{Minimal: minimal, Stdout: full{broken}, Exec: w.exec}); !errors.Is(err, broken) {
		t.Errorf("a minimal script to a full disk: %v", err)
	}
	if len(w.commands) > 0 {
		t.Errorf("programs were run: %s", w.words())
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }
