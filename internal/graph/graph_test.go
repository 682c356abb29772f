package graph_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/graph"
	"stage0/source"
)

var update = flag.Bool("update", false, "write testdata from what comes out")

var formats = map[string]func(io.Writer, []*graph.Graph) error{
	"dot":   graph.Dot,
	"ninja": graph.Ninja,
	"nix":   graph.Nix,
}

// file returns a file, whose digest is that of its path.
func file(path string) bootstrap.File {
	return bootstrap.File{Path: path, Digest: sha256.Sum256([]byte(path))}
}

func files(paths string) (list []bootstrap.File) {
	for _, path := range strings.Fields(paths) {
		list = append(list, file(path))
	}
	return list
}

// step returns a step of the x86 ladder whose command is args. The program is
// at the path program, or ours, as "tool NAME".
func step(parent, line int, dir, program, args, inputs, outputs string, vars ...string) *bootstrap.Step {
	s := &bootstrap.Step{
		Parent:  parent,
		At:      source.Position{Name: "x86/all.kaem", Line: line, Col: 1},
		Dir:     dir,
		Vars:    vars,
		Args:    strings.Fields(args),
		Program: filepath.Base(program),
		File:    file(program),
		Inputs:  files(inputs),
		Outputs: files(outputs),
	}
	if name, ok := strings.CutPrefix(program, "tool "); ok {
		s.Program, s.File = name, bootstrap.File{Path: "x86/bin/" + name}
	}
	return s
}

// madeInOrder fills in which step made each file: the last one before that wrote it.
func madeInOrder(steps []*bootstrap.Step) {
	made := map[string]int{}
	use := func(f *bootstrap.File) {
		f.From = -1
		if by, ok := made[f.Path]; ok {
			f.From = by
		}
	}
	for i, s := range steps {
		use(&s.File)
		for j := range s.Inputs {
			use(&s.Inputs[j])
		}
		for j := range s.Outputs {
			s.Outputs[j].From, made[s.Outputs[j].Path] = i, i
		}
	}
}

// ladder returns the ledger of steps in which all that they wrote is there in
// the end, except for what is called .tmp.
func ladder(steps ...*bootstrap.Step) *bootstrap.Ledger {
	x86, _ := arch.Lookup("x86")
	l := &bootstrap.Ledger{Arch: x86, Steps: steps}
	madeInOrder(steps)
	last := map[string]int{}
	for i, s := range steps {
		for _, out := range s.Outputs {
			last[out.Path] = i
		}
	}
	for i, s := range steps {
		for _, out := range s.Outputs {
			if last[out.Path] == i && !strings.HasSuffix(out.Path, ".tmp") {
				l.Artefacts = append(l.Artefacts, bootstrap.Artefact{File: out})
			}
		}
	}
	return l
}

const (
	seeds = "bootstrap-seeds/POSIX/x86/"
	mes   = "x86/bin/M2-Mesoplanet"
)

// small has a node of each kind.
func small() *bootstrap.Ledger {
	vars := []string{"M2LIBC_PATH=../lib c", "PATH=../x86/bin", "LIB=../lib", "PRICE=$1 ${x}"}
	l := ladder(
		step(-1, 0, ".", seeds+"kaem-optional-seed", "./kaem kaem.x86", "kaem.x86", ""),
		step(0, 1, ".", seeds+"hex0-seed", "./"+seeds+"hex0-seed ./x86/hex0.hex0 ./x86/artifact/hex0", "x86/hex0.hex0", "x86/artifact/hex0"),
		step(0, 2, ".", "x86/artifact/hex0", "./x86/artifact/hex0 x86/m.hex0 x86/bin/M2-Mesoplanet", "x86/m.hex0", mes),
		step(0, 3, "x86", "tool M1", "./bin/M1 -f a.M1 -f b.M1 -f c.M1 -f d.M1 -f e.M1 -f f.M1 -o bin/hex2",
			"x86/a.M1 x86/b.M1 x86/c.M1 x86/d.M1 x86/e.M1 x86/f.M1", "x86/bin/hex2", "A=1"),
		step(0, 4, "extra", mes, "../x86/bin/M2-Mesoplanet -f a.c -o ../x86/bin/a", "extra/a.c", "x86/artifact/0.tmp", vars...),
		step(4, 4, "extra", "x86/bin/hex2", "hex2 -f ../x86/artifact/0.tmp -o ../x86/bin/a", "x86/artifact/0.tmp", "x86/bin/a", vars...),
		step(0, 5, "extra", mes, "../x86/bin/M2-Mesoplanet -f b.c -o ../x86/bin/b", "extra/b.c", "x86/artifact/0.tmp", vars...),
		step(6, 5, "extra", "x86/bin/hex2", "hex2 -f ../x86/artifact/0.tmp extra -o ../x86/bin/b", "x86/artifact/0.tmp extra/extra", "x86/bin/b", vars...),
		step(0, 6, ".", "tool sha256sum", "./x86/bin/sha256sum -c it's", "x86/bin/a x86/bin/b", ""),
		step(0, 7, "x86/deep", "x86/bin/hex2", "hex2 e/1 e/2 e/3 e/4 e/5 -o .dir/.$hidden",
			"x86/deep/e/1 x86/deep/e/2 x86/deep/e/3 x86/deep/e/4 x86/deep/e/5 x86/bin/hex2", "x86/deep/.dir/.$hidden"),
		step(0, 8, ".", "tool catm", "catm x86/nothing ${x}", "", "x86/nothing"),
		step(0, 9, ".", seeds+"hex0-seed", "./"+seeds+"hex0-seed a\"b\\c ./unread.tmp", "a\"b\\c", "unread.tmp"),
		step(0, 10, ".", seeds+"hex0-seed", "./"+seeds+"hex0-seed a\"b\\c ./x86/again", "a\"b\\c", "x86/again"),
	)
	for _, i := range []int{4, 6} { // names that engines have to quote
		l.Steps[i].Inputs = append(l.Steps[i].Inputs, file("lib c/x:y.h"), file("lib c/$z.h"))
	}
	l.Steps[7].Inputs = append(l.Steps[7].Inputs, file("extra/b.c")) // which its owner has read
	l.Steps[7].Args = append(l.Steps[7].Args, "b.c")
	l.Steps[8].Args = append(l.Steps[8].Args, "two\nlines")
	return l
}

func TestFormats(t *testing.T) {
	g, err := graph.New(small())
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range formats {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(&got, []*graph.Graph{g}); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "small."+name)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	catm := func(line int, out, in string) *bootstrap.Step {
		return step(-1, line, ".", "tool catm", "catm "+out+" "+in, in, out)
	}
	failed := catm(1, "b", "a")
	failed.Status, failed.Reason = bootstrap.Failed, "exit status 1"
	first := catm(1, "b", "a")
	first.Status, first.Reason, first.At = bootstrap.Failed, "exit status 1", source.Position{}
	feed := catm(1, "b", "a")
	feed.Args = append(feed.Args, "\n")
	feeds := catm(1, "b", "a")
	feeds.Vars = []string{"A=\n"}
	meddler := step(-1, 1, ".", "tool make", "make b", "a", "t.tmp")
	broken := ladder(catm(1, "b", "a"))
	broken.Err = io.ErrUnexpectedEOF
	for _, test := range []struct {
		name, format string
		ledger       *bootstrap.Ledger
		want         string
	}{
		{"broken off", "dot", broken, "unexpected EOF"},
		{"failed", "dot", ladder(failed), "x86/all.kaem:1: failed: exit status 1"},
		{"the first failed", "dot", ladder(first), "failed: exit status 1"},
		{"nothing made", "dot", ladder(step(-1, 1, ".", "tool catm", "catm", "", "")), "no step of the ladder writes a file"},
		{"chmod", "dot", ladder(catm(1, "b", "a"), step(-1, 2, ".", "tool chmod", "chmod 755 b", "", "")),
			"x86/all.kaem:2: chmod changes permissions, which a graph of files cannot say"},
		{"written twice", "ninja", ladder(catm(1, "b", "a"), catm(2, "c", "b"), catm(3, "b", "a")),
			"x86/all.kaem:3: writes b, as x86/all.kaem:1 does"},
		{"written over", "dot", ladder(catm(1, "b", "a"), catm(2, "b", "a")), "x86/all.kaem:1: writes b, as x86/all.kaem:2 does"},
		{"of the tree", "ninja", ladder(catm(1, "b", "a"), catm(2, "a", "b")),
			"x86/all.kaem:2: writes a, which is in the tree, and x86/all.kaem:1 reads it"},
		{"line feed", "ninja", ladder(feed), `x86/all.kaem:1: "\n" has U+000A LINE FEED, which Ninja cannot hand on`},
		{"line feed in a variable", "ninja", ladder(feeds), `x86/all.kaem:1: "A=\n" has U+000A LINE FEED, which Ninja cannot hand on`},
		{"two files", "nix", ladder(step(-1, 1, ".", "tool untar", "untar a", "a", "b c")),
			"x86/all.kaem:1: writes 2 files, and a derivation makes one"},
		{"no name", "nix", ladder(step(-1, 1, ".", "tool hex2", "hex2 a", "a", "a.out")),
			"x86/all.kaem:1: no argument names what it writes, a.out"},
		{"runs programs", "nix", ladder(meddler, step(0, 1, ".", "tool catm", "catm b t.tmp", "t.tmp", "b")),
			"x86/all.kaem:1: make runs programs by itself, which a derivation cannot have it do"},
		{"not named", "nix", ladder(step(-1, 1, "x86", "tool catm", "catm b", "lib/a.h", "x86/b", "LIB=../lab", "HOME=/")),
			"x86/all.kaem:1: reads lib/a.h, which no argument names, and of which no variable names a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := graph.New(test.ledger)
			if err == nil {
				err = formats[test.format](io.Discard, []*graph.Graph{g})
			}
			assert.EqualError(t, err, test.want)
		})
	}
}

// A program that is executed opens the programs that it is going to run, makes the
// files that they write, and has its own output open meanwhile, as M2-Mesoplanet
// does: it is one node, and a derivation makes what it writes itself. Where the
// script is not known, two such steps can have the same place.
func TestExecuted(t *testing.T) {
	mesoplanet := func(parent int, out string) []*bootstrap.Step {
		list := []*bootstrap.Step{
			step(-1, 1, ".", mes, "M2-Mesoplanet -f a.c -o "+out, "a.c x86/bin/hex2", "0.tmp "+out),
			step(parent, 1, ".", "x86/bin/hex2", "hex2 -f 0.tmp -o "+out, "0.tmp", out),
		}
		for _, s := range list {
			s.Program = ""
		}
		return list
	}
	g, err := graph.New(ladder(append(mesoplanet(0, "b"), mesoplanet(2, "c")...)...))
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := g.Nodes()
	if err != nil {
		t.Fatal(err)
	}
	require.Len(t, nodes, 2)
	assert.Equal(t, []string{"b"}, nodes[0].Writes)
	assert.Equal(t, []string{"0.tmp"}, nodes[0].Temporary)
	var text bytes.Buffer
	if err := graph.Nix(&text, []*graph.Graph{g}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"0.tmp of x86/all.kaem:1" = run`, `"0.tmp of x86/all.kaem:1, 2" = run`, `"b" = run`, `"c" = run`} {
		if n := strings.Count(text.String(), key); n != 1 {
			t.Errorf("%d times %s in\n%s", n, key, text.String())
		}
	}
}

// A program may read what it has written, and what a program wrote that it ran. A
// file of the tree that it writes afterwards is refused all the same.
func TestOwnOutput(t *testing.T) {
	l := ladder(
		step(-1, 1, ".", "tool make", "make b", "a b t.tmp", "b"),
		step(0, 1, ".", "tool catm", "catm t.tmp a", "a", "t.tmp"),
	)
	l.Steps[0].Inputs[1].From, l.Steps[0].Inputs[2].From = 0, 1
	nodes := func() ([]*graph.Node, error) {
		g, err := graph.New(l)
		require.NoError(t, err)
		return g.Nodes()
	}
	list, err := nodes()
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, []string{"a"}, list[0].Reads)
	assert.Equal(t, []string{"b"}, list[0].Writes)
	assert.Equal(t, []string{"t.tmp"}, list[0].Temporary)

	l.Steps, l.Steps[0].Inputs = l.Steps[:1], l.Steps[0].Inputs[:2]
	g, err := graph.New(l)
	require.NoError(t, err)
	assert.Equal(t, []graph.Input{{Path: "a"}}, g.Commands[0].Reads)

	l.Steps[0].Inputs[1].From = -1
	_, err = nodes()
	assert.EqualError(t, err, "x86/all.kaem:1: writes b, which is in the tree, and x86/all.kaem:1 reads it")
}

// A program may write again what a program wrote that it ran: no graph can say that.
func TestWrittenAfterwards(t *testing.T) {
	l := ladder(
		step(-1, 1, ".", "tool make", "make b", "a", "b c"),
		step(0, 2, ".", "tool catm", "catm b a", "a", "b"),
	)
	l.Artefacts[1].From = 0
	g, err := graph.New(l)
	require.NoError(t, err)
	_, err = g.Nodes()
	assert.EqualError(t, err, "x86/all.kaem:1: writes b, as x86/all.kaem:1 does")
}

// TestNixVersions checks that a reader gets the version that it read, which
// only Nix can say.
func TestNixVersions(t *testing.T) {
	catm := func(line int, out, in string) *bootstrap.Step {
		return step(-1, line, ".", "tool catm", "catm "+out+" "+in, in, out)
	}
	g, err := graph.New(ladder(catm(1, "b", "a"), catm(2, "c", "b"), catm(3, "b", "a"), catm(4, "d", "b")))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := graph.Nix(&text, []*graph.Graph{g}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\"b of x86/all.kaem:1\" = run builtins.currentSystem \"b\" \"${stage0}\" [\n      \"tool\"\n      \"catm\"\n      out\n      \"${source}/a\"\n    ] { };",
		"\"c\" = run builtins.currentSystem \"c\" \"${stage0}\" [\n      \"tool\"\n      \"catm\"\n      out\n      made'.\"b of x86/all.kaem:1\"\n    ] { };",
		"\"b\" = run builtins.currentSystem \"b\"",
		"      out\n      made'.\"b\"\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s\ndoes not have\n%s", &text, want)
		}
	}
}
