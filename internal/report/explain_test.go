package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
)

func explain(t *testing.T, l *bootstrap.Ledger, path string) string {
	t.Helper()
	require.True(t, Has(l, path), path)
	var b bytes.Buffer
	require.NoError(t, Explain(&b, l, path))
	return b.String()
}

// spawning returns a ladder in which a program runs others without a script,
// under names that it uses again; one of its files is changed.
func spawning() *bootstrap.Ledger {
	file := func(path, text string) bootstrap.File {
		return bootstrap.File{Path: path, Size: int64(len(text)), Digest: digest(text)}
	}
	tool, helper := file("x86/bin/tool", "tool"), file("x86/bin/helper", "helper")
	texts := []bootstrap.File{file("a.c", "a"), file("b.c", "b"), file("c.c", "c"), file("kaem.x86", "script"), file("d.c", "d")}
	steps := start()
	steps[0].Inputs = []bootstrap.File{file("kaem.x86", "script")}
	steps[0].File = file("bootstrap-seeds/POSIX/x86/kaem-optional-seed", "seed")
	steps[1].Args = []string{"./hex0", "a b", "it's", ""}
	steps[1].Dir, steps[1].File.Path = ".", "x86/bin/hex0"
	steps[1].Outputs = []bootstrap.File{tool, helper}
	for i, name := range []string{"first", "second"} {
		spawner := len(steps)
		script := at("kaem.x86", 4+i)
		steps = append(steps,
			&bootstrap.Step{Parent: 0, At: script, Dir: "x86", Args: []string{"bin/tool", name}, File: tool, Inputs: texts[:3+2*i],
				Outputs: []bootstrap.File{file("x86/tmp", name+" text")}},
			&bootstrap.Step{Parent: spawner, At: script, Dir: "x86", Args: []string{"helper", strings.Repeat("long", 12), strings.Repeat("word", 12)},
				File: helper, Inputs: []bootstrap.File{file("x86/tmp", name+" text")}, Outputs: []bootstrap.File{file("x86/"+name, name)}})
	}
	steps = append(steps, &bootstrap.Step{Parent: 0, At: at("kaem.x86", 6), Dir: ".", Args: []string{"last"}, File: tool, Status: bootstrap.Failed,
		Reason: "no <luck>", Inputs: []bootstrap.File{file("x86/first", "first"), file("x86/second", "second")},
		Outputs: []bootstrap.File{file("x86/last", "last")}})
	l := ladder("x86", steps,
		bootstrap.Artefact{File: bootstrap.File{Path: "x86/last", Size: 4, Digest: digest("last"), From: 6}, Witnesses: []bootstrap.Witness{
			release, {Kind: bootstrap.ByAnswers, Name: "x86.answers", Digest: digest("last")}, {Kind: bootstrap.ByEngine, Name: "emu", Digest: digest("last")}}})
	l.Foreign = []bootstrap.Foreign{{Path: "d.c", Reason: "not as in the release", Have: digest("d"), Want: two}}
	return l
}

func TestExplain(t *testing.T) {
	golden(t, "explain.txt", explain(t, spawning(), "x86/last"))
	golden(t, "explain-source.txt", explain(t, spawning(), "d.c"))
	golden(t, "explain-seed.txt", explain(t, good().Ledgers[0], "bootstrap-seeds/POSIX/x86/hex0-seed"))
}

// ownReader returns a ladder in which a script that a step made asks for a step that
// reads what it has written.
func ownReader() *bootstrap.Ledger {
	file := func(path, text string) bootstrap.File {
		return bootstrap.File{Path: path, Size: int64(len(text)), Digest: digest(text), From: -1}
	}
	steps := start()
	steps[0].Inputs = []bootstrap.File{file("kaem.x86", "start")}
	steps[1].File.Path, steps[1].Outputs = "hex0", []bootstrap.File{file("made.kaem", "script")}
	steps = append(steps,
		&bootstrap.Step{Parent: 0, At: at("kaem.x86", 4), Args: []string{"kaem", "made.kaem"}, File: file("kaem", "kaem"), Inputs: []bootstrap.File{file("made.kaem", "script")}},
		&bootstrap.Step{Parent: 2, At: at("made.kaem", 1), Args: []string{"both"}, File: file("both", "both"),
			Inputs: []bootstrap.File{file("a", "a"), file("x86/own", "own")}, Outputs: []bootstrap.File{file("x86/own", "own")}})
	l := ladder("x86", steps, bootstrap.Artefact{File: bootstrap.File{Path: "x86/own", Size: 3, Digest: digest("own"), From: 3}})
	l.Steps[3].Inputs[1].From = 3
	return l
}

// What a step reads of its own output is neither of the tree nor of another step.
func TestExplainOwnOutput(t *testing.T) {
	l := ownReader()
	text := explain(t, l, "x86/own")
	assert.Contains(t, text, `
x86/own [2]
├ both of the tree
├ called by made.kaem [1]
│ └ hex0, which the tree does not have
└ a of the tree
`)
	assert.Contains(t, text, "What the steps read of the tree, including scripts: 3 files\n")
	assert.Equal(t, "What depends on it: 0 files in this ladder\n\n", text[strings.Index(text, "What depends"):])
	var files []string
	for _, f := range materials([]*bootstrap.Run{released(l)}) {
		files = append(files, f.Name)
	}
	assert.Equal(t, []string{"a", "both", "kaem", "kaem.x86"}, files)
}

// Every artefact comes from the seeds, in lines that fit.
func TestExplainRelease(t *testing.T) {
	run := replayRelease(t, "riscv64")
	l := run.Ledgers[0]
	for _, a := range l.Artefacts {
		text := explain(t, l, a.Path)
		assert.Contains(t, text, "\n    runs  "+seedDigest(t, l)+"  bootstrap-seeds/POSIX/riscv64/hex0-seed\n")
		first := fmt.Sprintf("%s, in the ladder of riscv64\nsha256 %s, ", a.Path, a.Digest)
		assert.Equal(t, first, text[:len(first)])
		for line := range strings.Lines(text) {
			assert.LessOrEqual(t, len([]rune(line))-1, explainWidth, line)
		}
	}
	assert.Contains(t, explain(t, l, "M2libc/bootstrappable.c"), "\n    riscv64/bin/M2-Planet\n")
}

func seedDigest(t *testing.T, l *bootstrap.Ledger) string {
	for _, s := range l.Sources {
		if s.Path == "bootstrap-seeds/POSIX/riscv64/hex0-seed" {
			return s.Digest.String()[:shortDigest]
		}
	}
	t.Fatal("no hex0-seed is compared")
	return ""
}

func TestNear(t *testing.T) {
	run := replaySample(t)
	for _, test := range []struct {
		path string
		want []string
	}{
		{"x86/out/hello-hex", []string{"x86/out/hello-hex0", "x86/out/hello-hex1", "x86/out/hello-hex2", "x86/out/hello-M0"}},
		{"hello.hex1", []string{"AArch64/hello.hex1", "AMD64/hello.hex1", "riscv32/hello.hex1", "riscv64/hello.hex1"}},
		{"kaem.x68", []string{"kaem.x86"}},
		{"etc/passwd", nil},
	} {
		assert.Equal(t, test.want, append([]string(nil), Near(run, test.path)...), test.path)
	}
}
