package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/internal/clean"
	"stage0/internal/graph"
)

// hostileTree has a ladder of a script called script, with these lines.
func hostileTree(script, lines string) fstest.MapFS {
	return fstest.MapFS{
		"kaem.x86":     {Data: []byte("./x86/artifact/kaem-0 \"" + script + "\"\n")},
		script:         {Data: []byte(lines)},
		"x86/in":       {Data: []byte("what is read")},
		"x86/out":      {Mode: 0o755 | os.ModeDir},
		"x86/artifact": {Mode: 0o755 | os.ModeDir},
	}
}

func hostileLedger(t *testing.T, tree fstest.MapFS) *bootstrap.Ledger {
	t.Helper()
	x86, _ := arch.Lookup("x86")
	run := bootstrap.Replay(context.Background(), bootstrap.NewTree(tree), []arch.Arch{x86}, bootstrap.Options{ByPath: sample.Programs()})
	bootstrap.Compare([]*bootstrap.Run{run}, []*bootstrap.Reference{{Name: "none"}}, false)
	l := run.Ledgers[0]
	if failure := l.Failure(); failure >= 0 || l.Err != nil {
		t.Fatalf("%v, %v", l.Err, l.Steps[max(failure, 0)].Reason)
	}
	return l
}

// oddNames are names that mean something in one of the formats, or to a shell.
var oddNames = []string{
	"a|b", "a:b", "a$b", "a$$b", "a$", "a${bar}b", "a${out}b", "a$out", "it''s", "''${x}", "it's", `a\b`, `a\`, "a${builtins.abort(1)}",
	"a;touch>pwned", "$(touch>pwned)", "`touch>pwned`", "-rf", "a=b", "*", "é", "a&b", "[a]", "~", "%s", "a$:b", "||", "a:|b", "made'",
	"a b", " a", "a  b ", "a: phony", "| b", "/*a", "<b>", `\N`,
}

// What odd names are, they are in a graph, too: builders make files of those
// names, and nothing else happens.
func TestOddNames(t *testing.T) {
	var script strings.Builder
	for i, name := range oddNames {
		if i > 0 && !strings.HasSuffix(oddNames[i-1], `\`) {
			fmt.Fprintf(&script, "./x86/artifact/catm \"x86/out/%s\" x86/in \"x86/out/%s\"\n", name, oddNames[i-1])
		} else {
			fmt.Fprintf(&script, "./x86/artifact/catm \"x86/out/%s\" x86/in\n", name)
		}
	}
	tree := hostileTree("x86/it's ${a} $b: |c''.kaem", script.String())
	l := hostileLedger(t, tree)
	g, err := graph.New(l)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Commands) != len(oddNames) {
		t.Fatalf("%d commands of %d", len(g.Commands), len(oddNames))
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	list := []*graph.Graph{g}
	want := digests(t, fstest.MapFS{"x86.sha256": {Data: sha256sums(l)}}, "x86")
	t.Run("ninja", func(t *testing.T) {
		need(t, "ninja", "sha256sum")
		save(t, filepath.Join(dir, "build.ninja"), list, graph.Ninja)
		if out, err := ninja(dir, stage0(t)); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := made(t, dir, list); !slices.Equal(got, want) {
			t.Errorf("digests %v, want %v", got, want)
		}
	})
	t.Run("nix", func(t *testing.T) {
		need(t, "nix-build")
		save(t, filepath.Join(dir, "default.nix"), list, graph.Nix)
		args := []string{"--arg", "tree", "./.", "--arg", "stage0", stage0(t) + "/stage0", "-A", "x86"}
		paths, messages, err := newNixStore(t).build(dir, args...)
		if err != nil {
			t.Fatalf("%v\n%s", err, messages)
		}
		if got, want := sums(t, paths), slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("digests %v, want %v", got, want)
		}
	})
	t.Run("dot", func(t *testing.T) {
		var text strings.Builder
		if err := graph.Dot(&text, list); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(text.String(), "\n") {
			if bare := regexp.MustCompile(`"([^"\\]|\\.)*"`).ReplaceAllString(line, "S"); !dotLine.MatchString(bare) {
				t.Errorf("line %d: %s", i+1, line)
			}
		}
	})
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("a name was executed")
	}
}

// dotLine is a line of a picture in which S stands for strings.
var dotLine = regexp.MustCompile(`^ *(digraph ladders \{|\}|rankdir=LR fontname=S|node \[shape=box fontname=S fontsize=10\]|` +
	`subgraph S \{|label=S( style=rounded color=gray)?|S \[label=S( shape=\w+( style=bold| fontsize=8))?\]|S -> S( \[style=(bold|dashed)\])?)?$`)

// sha256sums returns what a ladder made, as sha256sum has it.
func sha256sums(l *bootstrap.Ledger) []byte {
	var b bytes.Buffer
	for _, a := range l.Artefacts {
		fmt.Fprintf(&b, "%s  %s\n", a.Digest, a.Path)
	}
	return b.Bytes()
}

// A name that a format has no way to express is refused, and what a picture or
// a comment shows of one starts no line of its own.
func TestLineFeeds(t *testing.T) {
	const (
		rule = "x\n\nrule pwn\n  command = touch pwned\nbuild pwned: pwn\ndefault pwned\n"
		code = "x\n}; pwned = builtins.abort \"pwned\"; y = {\n"
		evil = "\x1b[2K\u009b1A\u202Ex\u2066\x7f"
	)
	catm := func(script, out, in string) fstest.MapFS {
		tree := hostileTree(script, "./x86/artifact/catm \"x86/out/"+out+"\" \""+in+"\"\n./x86/artifact/catm x86/out/last \""+in+"\"\n")
		if in != "x86/in" {
			tree[in] = tree["x86/in"]
		}
		return tree
	}
	const at = "x86/s:1: "
	for _, c := range []struct {
		name       string
		tree       fstest.MapFS
		ninja, nix string
	}{
		{"script", catm("x86/"+rule, "o", "x86/in"), "", ""},
		{"script with code", catm("x86/"+strings.ReplaceAll(code, `"`, "''"), "o", "x86/in"), "", ""},
		{"script for a terminal", catm("x86/"+evil, "o", "x86/in"), "", ""},
		{"script with returns", catm("x86/a\rb\r\n#", "o", "x86/in"), "", ""},
		{"output", catm("x86/s", rule, "x86/in"), at + fmt.Sprintf("%q", "x86/out/"+rule) + " has U+000A LINE FEED, which Ninja cannot hand on", ""},
		{"input", catm("x86/s", "o", "x86/"+rule), at + fmt.Sprintf("%q", "x86/"+rule) + " has U+000A LINE FEED, which Ninja cannot hand on", ""},
		{"return", catm("x86/s", "a\rb", "x86/in"), at + `"x86/out/a\rb" has U+000D CARRIAGE RETURN, which Ninja cannot hand on`, ""},
		{"tab", catm("x86/s", "a\tb", "x86/in"), "", ""},
		{"output for a terminal", catm("x86/s", evil, "x86/in"),
			at + `"x86/out/\x1b[2K\u009b1A\u202ex\u2066\x7f" has U+001B ESCAPE, which Ninja cannot hand on`,
			at + `"x86/out/\x1b[2K\u009b1A\u202ex\u2066\x7f" has U+001B ESCAPE, which a Nix expression cannot hand on`},
		{"override", catm("x86/s", "a\u202Eb", "x86/in"), at + `"x86/out/a\u202eb" has U+202E RIGHT-TO-LEFT OVERRIDE, which Ninja cannot hand on`,
			at + `"x86/out/a\u202eb" has U+202E RIGHT-TO-LEFT OVERRIDE, which a Nix expression cannot hand on`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := graph.New(hostileLedger(t, c.tree))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []struct{ name, want string }{{"ninja", c.ninja}, {"nix", c.nix}, {"dot", ""}} {
				var text strings.Builder
				got := ""
				if err := formats[f.name](&text, []*graph.Graph{g}); err != nil {
					got = err.Error()
				}
				if got != f.want {
					t.Errorf("%s: error %q, want %q", f.name, got, f.want)
				}
				s := text.String()
				assert.Equal(t, clean.Text(s), s, f.name)
				assert.NotContains(t, s, "\nrule pwn", f.name)
				assert.NotContains(t, s, "\n}; pwned", f.name)
				// One line more or less would be the name's.
				plain := hostileGraph(t, f.name)
				if n := strings.Count(text.String(), "\n"); f.want == "" && n != plain {
					t.Errorf("%s: %d lines, want %d\n%s", f.name, n, plain, &text)
				}
			}
		})
	}
}

// hostileGraph returns how many lines a graph of two commands has.
func hostileGraph(t *testing.T, format string) int {
	t.Helper()
	tree := hostileTree("x86/s", "./x86/artifact/catm x86/out/a x86/in\n./x86/artifact/catm x86/out/b x86/in\n")
	g, err := graph.New(hostileLedger(t, tree))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := formats[format](&text, []*graph.Graph{g}); err != nil {
		t.Fatal(err)
	}
	return strings.Count(text.String(), "\n")
}

// A program, a directory and variables that env or cd would take for something
// else.
func TestHostileWords(t *testing.T) {
	for _, c := range []struct {
		name  string
		step  *bootstrap.Step
		ninja string // an error, or a part of the text
	}{
		{"program", step(-1, 1, ".", "x86/a=b", "./x86/a=b x", "in", "x"), "x86/all.kaem:1: ./x86/a=b has = in its name, which env takes for a variable"},
		{"variable", step(-1, 1, ".", "x86/p", "./x86/p x", "in", "x", "-Stouch=1"), `x86/all.kaem:1: "-Stouch=1" is not a variable that env can set`},
		{"directory", step(-1, 1, "-P", "x86/p", "../x86/p x", "in", "-P/x"), "\n  cd = cd ./-P &&\n"},
	} {
		g, err := graph.New(ladder(c.step))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := graph.Ninja(&text, []*graph.Graph{g}); err != nil {
			text.Reset()
			text.WriteString(err.Error())
		}
		if !strings.Contains(text.String(), c.ninja) {
			t.Errorf("%s: %s\ndoes not have\n%s", c.name, &text, c.ninja)
		}
	}
}
