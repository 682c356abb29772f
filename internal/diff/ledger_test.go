package diff_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/diff"
	"stage0/source"
)

// as returns a file that holds text.
func as(path, text string) bootstrap.File {
	return bootstrap.File{Path: path, Size: int64(len(text)), Digest: sha256.Sum256([]byte(text))}
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

// ladder returns the ledger of a ladder of three steps. The first makes hex0
// from the tree, the second tmp from the tree and the third M0 from both.
func ladder(change func(l *bootstrap.Ledger)) *bootstrap.Ledger {
	at := func(line int) source.Position { return source.Position{Name: "x86/a.kaem", Line: line, Col: 1} }
	x86, _ := arch.Lookup("x86")
	l := &bootstrap.Ledger{Arch: x86, Steps: []*bootstrap.Step{
		{Parent: -1, Dir: ".", Args: []string{"kaem"}, Engine: "go", Program: "kaem-0", Inputs: []bootstrap.File{as("kaem.x86", "script")}},
		{At: at(1), Dir: ".", Args: []string{"hex0-seed", "a", "hex0"}, Engine: "go", Program: "hex0 -A x86", File: as("hex0-seed", "seed"),
			Inputs: []bootstrap.File{as("a", "text")}, Outputs: []bootstrap.File{as("hex0", "hex0")}},
		{At: at(2), Dir: "x86", Args: []string{"hex0", "b", "tmp"}, Engine: "go", Program: "hex0 -A x86", File: as("hex0", "hex0"),
			Inputs: []bootstrap.File{as("b", "text")}, Outputs: []bootstrap.File{as("tmp", "tmp")}},
		{At: at(3), Dir: "x86", Args: []string{"hex0", "tmp", "M0"}, Engine: "go", Program: "hex0 -A x86", File: as("hex0", "hex0"),
			Inputs: []bootstrap.File{as("tmp", "tmp")}, Outputs: []bootstrap.File{as("M0", "M0")}},
	}}
	l.Sources = []bootstrap.File{as("a", "text"), as("b", "text")}
	change(l)
	madeInOrder(l.Steps)
	l.Artefacts = []bootstrap.Artefact{{File: as("not made", l.Steps[0].Program)}}
	l.Artefacts[0].From = -1
	for _, s := range l.Steps {
		for _, out := range s.Outputs {
			if out.Path != "tmp" {
				l.Artefacts = append(l.Artefacts, bootstrap.Artefact{File: out})
			}
		}
	}
	return l
}

func TestLedgers(t *testing.T) {
	nothing := func(*bootstrap.Ledger) {}
	text := func(a, b func(l *bootstrap.Ledger)) string {
		var out strings.Builder
		d := diff.CompareLedgers(ladder(a), ladder(b))
		if err := d.Print(&out, "monday", "tuesday"); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), ": the same "); got != d.Same() {
			t.Errorf("Same is %v, printed is\n%s", d.Same(), &out)
		}
		return out.String()
	}
	source := func(l *bootstrap.Ledger) {
		l.Sources[1], l.Steps[2].Inputs[0] = as("b", "another text"), as("b", "another text")
		l.Steps[2].Outputs[0], l.Steps[3].Inputs[0] = as("tmp", "else"), as("tmp", "else")
		l.Steps[3].Outputs[0] = as("M0", "else")
	}
	golden(t, "ledgers", []example{
		{"same", text(nothing, nothing)},
		{"a-source", text(nothing, source)},
		{"a-source-without-effect", text(nothing, func(l *bootstrap.Ledger) { l.Sources[1], l.Steps[2].Inputs[0] = as("b", "else"), as("b", "else") })},
		{"the-engine", text(nothing, func(l *bootstrap.Ledger) {
			for _, s := range l.Steps {
				s.Engine, s.Program = "emu", ""
			}
			l.Steps[1].Outputs[0] = as("hex0", "else")
		})},
		{"arguments", text(nothing, func(l *bootstrap.Ledger) {
			l.Steps[3].Args = append(l.Steps[3].Args, "-x")
			l.Steps[3].Outputs[0] = as("M0", "else")
		})},
		{"arguments-and-source", text(nothing, func(l *bootstrap.Ledger) {
			source(l)
			l.Steps[2].Args = append(l.Steps[2].Args, "-x")
		})},
		{"environment", text(nothing, func(l *bootstrap.Ledger) {
			l.Steps[3].Vars = []string{"A=1"}
			l.Steps[3].Outputs[0] = as("M0", "else")
		})},
		{"the-seed", text(nothing, func(l *bootstrap.Ledger) {
			l.Steps[1].File = as("hex0-seed", "else")
			l.Steps[1].Outputs[0] = as("hex0", "else")
		})},
		{"a-place", text(nothing, func(l *bootstrap.Ledger) {
			l.Steps[3].At.Line = 4
			l.Steps[3].Outputs[0] = as("M0", "else")
		})},
		{"fewer-steps", text(nothing, func(l *bootstrap.Ledger) { l.Steps = l.Steps[:3] })},
		{"more-steps", text(func(l *bootstrap.Ledger) { l.Steps = l.Steps[:3] }, nothing)},
		{"a-failure", text(nothing, func(l *bootstrap.Ledger) {
			s := l.Steps[3]
			s.Status, s.Exit, s.Reason, s.Outputs = bootstrap.Failed, 1, "hex0: tmp: cannot open", nil
		})},
		{"a-failure-mended", text(func(l *bootstrap.Ledger) {
			s := l.Steps[3]
			s.Status, s.Exit, s.Reason, s.Outputs = bootstrap.Failed, 1, "hex0: tmp: cannot open", nil
		}, nothing)},
		{"other-failures", text(func(l *bootstrap.Ledger) {
			l.Steps[0].Status, l.Steps[0].Exit, l.Steps[0].Reason = bootstrap.Failed, 1, "no"
		},
			func(l *bootstrap.Ledger) {
				l.Steps[0].Status, l.Steps[0].Exit, l.Steps[0].Reason = bootstrap.Failed, 2, "no"
			})},
		{"written-again", text(func(l *bootstrap.Ledger) {
			l.Steps = append(l.Steps, l.Steps[2])
		}, func(l *bootstrap.Ledger) {
			again := *l.Steps[2]
			again.At.Line, again.Outputs = 9, []bootstrap.File{as("tmp", "else")}
			l.Steps = append(l.Steps, &again)
		})},
		{"written-again-alike", text(func(l *bootstrap.Ledger) {
			l.Steps = append(l.Steps, l.Steps[2])
		}, func(l *bootstrap.Ledger) {
			first := *l.Steps[2]
			first.Outputs = []bootstrap.File{as("tmp", "else")}
			l.Steps = append(l.Steps, l.Steps[2])
			l.Steps[2] = &first
		})},
		{"read-again", text(func(l *bootstrap.Ledger) {
			l.Steps[3].Inputs = append(l.Steps[3].Inputs, as("tmp", "one"))
		}, func(l *bootstrap.Ledger) {
			l.Steps[3].Inputs = append(l.Steps[3].Inputs, as("tmp", "two"))
			l.Steps[3].Outputs[0] = as("M0", "else")
		})},
		{"wrote-nothing", text(func(l *bootstrap.Ledger) { l.Steps[3].Outputs = nil }, nothing)},
		{"many-sources", text(nothing, func(l *bootstrap.Ledger) {
			for i := range 13 {
				l.Sources = append(l.Sources, as(string(rune('c'+i)), "text"))
			}
			l.Sources = slices.Delete(l.Sources, 0, 1)
		})},
	})
}

// What a step reads of its own output is no reason for what it wrote.
func TestOwnOutput(t *testing.T) {
	writing := func(text string) *bootstrap.Ledger {
		l := ladder(func(l *bootstrap.Ledger) {
			l.Steps[3].Inputs = append(l.Steps[3].Inputs, as("M0", text))
			l.Steps[3].Outputs[0] = as("M0", text)
		})
		l.Steps[3].Inputs[1].From = 3
		return l
	}
	d := diff.CompareLedgers(writing("one"), writing("two"))
	require.NotNil(t, d.First)
	assert.Len(t, d.First.Outputs, 1)
	assert.Empty(t, d.First.Inputs)
}
