package report

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/source"
)

var (
	one, two = bootstrap.Digest(sha256.Sum256([]byte("1"))), bootstrap.Digest(sha256.Sum256([]byte("2")))

	release = bootstrap.Witness{Kind: bootstrap.ByRelease, Name: "Release_1.9.1", Digest: one}
)

// artefact is one that was made by a step, or not made if that is -1, and
// should have the digest one.
func artefact(path string, step int, digest bootstrap.Digest) bootstrap.Artefact {
	return bootstrap.Artefact{
		File:      bootstrap.File{Path: path, Digest: digest, From: step},
		Witnesses: []bootstrap.Witness{release},
	}
}

func at(name string, line int) source.Position {
	return source.Position{Name: name, Line: line, Col: 1}
}

// start is the step that runs a ladder, and one that is good.
func start(steps ...*bootstrap.Step) []*bootstrap.Step {
	return append([]*bootstrap.Step{
		{Parent: -1, Args: []string{"./kaem-optional-seed", "kaem.x86"}, Engine: bootstrap.EngineGo, Program: "kaem-0"},
		{Parent: 0, At: at("kaem.x86", 3), Args: []string{"./hex0"}, Engine: bootstrap.EngineGo, Program: "hex0 -A x86"},
	}, steps...)
}

// madeInOrder fills in which step made each file: the last one before that wrote it;
// and which script has each command: the input of its parent with the name in At.
func madeInOrder(steps []*bootstrap.Step) {
	made := map[string]int{}
	use := func(f *bootstrap.File) {
		f.From = -1
		if by, ok := made[f.Path]; ok {
			f.From = by
		}
	}
	for i, s := range steps {
		s.Script = -1
		if s.Parent >= 0 {
			s.Script = slices.IndexFunc(steps[s.Parent].Inputs, func(f bootstrap.File) bool { return f.Path == s.At.Name })
		}
		use(&s.File)
		for j := range s.Inputs {
			use(&s.Inputs[j])
		}
		for j := range s.Outputs {
			s.Outputs[j].From, made[s.Outputs[j].Path] = i, i
		}
	}
}

// ladder is one that is that of the release.
func ladder(name string, steps []*bootstrap.Step, artefacts ...bootstrap.Artefact) *bootstrap.Ledger {
	a, _ := arch.Lookup(name)
	madeInOrder(steps)
	return &bootstrap.Ledger{Arch: a, Release: "Release_1.9.1", Steps: steps, Artefacts: artefacts, Duration: 1250 * time.Millisecond}
}

// known is the revision that is a release.
var known = bootstrap.Revision{Release: "Release_1.9.1", Nearest: "Release_1.9.1"}

// released returns a run of ladders of the release, by the engine go.
func released(ledgers ...*bootstrap.Ledger) *bootstrap.Run {
	return &bootstrap.Run{Engine: bootstrap.EngineGo, Revision: known, Ledgers: ledgers, Duration: 2500 * time.Millisecond}
}

func show(t *testing.T, runs ...*bootstrap.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&Report{Runs: runs, Tree: "my tree"}).Text(&b); err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(b.String()))
	for _, line := range lines[:len(lines)-1] { // the verdict is one line, however long
		if strings.HasPrefix(line, "to confirm ") {
			continue // so that it can be copied
		}
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	return b.String()
}

func check(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestGood(t *testing.T) {
	x86 := ladder("x86", start(), artefact("x86/a", 1, one), artefact("x86/b", 1, one))
	riscv64 := ladder("riscv64", start(), artefact("riscv64/a", 1, one))
	x86.Sources = []bootstrap.File{{Path: "x86/source"}, {Path: "shared"}}
	riscv64.Sources = []bootstrap.File{{Path: "shared"}}
	x86.Artefacts[0].Witnesses = append(x86.Artefacts[0].Witnesses,
		bootstrap.Witness{Kind: bootstrap.ByAnswers, Name: "x86.answers", Digest: one},
		bootstrap.Witness{Kind: bootstrap.BySeed, Name: "bootstrap-seeds/POSIX/x86/hex0-seed", Digest: one})
	check(t, `Release_1.9.1

engine go: known programs in Go, all others executed in the emulator

architecture  in Go executed matches agreed unconfirmed differs missing  seconds
x86               2        0       2      0           0       0       0     1.25
riscv64           2        0       1      0           0       0       0     1.25
total             4        0       3      0           0       0       0     2.50

Release_1.9.1       3 of 3 agree
the seeds           1 of 1 agree
upstream's answers  1 of 1 agree
the tree            2 of 2 files are as in Release_1.9.1

match: 3 of 3 artefacts are those of Release_1.9.1
`, show(t, released(x86, riscv64)))
}

// TestTwoEngines has one that makes what the other does not, and steps that were
// executed, some of them once, and taken from a cache.
func TestTwoEngines(t *testing.T) {
	by := func(engine string, digest bootstrap.Digest) []bootstrap.Witness {
		return []bootstrap.Witness{{Kind: bootstrap.ByEngine, Name: engine, Digest: digest}}
	}
	inGo := ladder("x86", start(), artefact("x86/a", 1, one), artefact("x86/b", 1, one))
	inGo.Artefacts[0].Witnesses, inGo.Artefacts[1].Witnesses = by("emu", one), by("emu", two)
	inGo.Divergence = &bootstrap.Divergence{Artefact: 1, Witness: inGo.Artefacts[1].Witnesses[0], Offset: 4, Have: 0x0A, Want: 0x0B}
	emulated := ladder("x86", []*bootstrap.Step{
		{Parent: -1, Args: []string{"kaem"}, Engine: bootstrap.EngineEmu, Recalled: true, File: bootstrap.File{Path: "kaem-optional-seed", Digest: one}},
		{Parent: 0, At: at("kaem.x86", 3), Args: []string{"./hex0"}, Engine: bootstrap.EngineEmu, File: bootstrap.File{Path: "x86/artifact/hex0", Digest: one}},
	}, artefact("x86/a", 1, one), artefact("x86/b", 1, two))
	emulated.Artefacts[0].Witnesses, emulated.Artefacts[1].Witnesses = by("go", one), by("go", one)
	emulated.Divergence = &bootstrap.Divergence{Artefact: 1, Witness: emulated.Artefacts[1].Witnesses[0], Offset: 4, Have: 0x0B, Want: 0x0A}
	runs := []*bootstrap.Run{released(inGo), released(emulated)}
	runs[1].Engine = bootstrap.EngineEmu
	check(t, `Release_1.9.1

engine go: known programs in Go, all others executed in the emulator

architecture  in Go executed matches agreed unconfirmed differs missing  seconds
x86               2        0       0      1           0       1       0     1.25
total             2        0       0      1           0       1       0     2.50

DIFF  x86  x86/b
      made by kaem.x86:3 (hex0 -A x86)
      at offset 4 (0x4) have 0A, expected 0B, according to engine emu

engine emu: all programs executed in the emulator, from the seeds on

architecture  in Go executed matches agreed unconfirmed differs missing  seconds
x86               0        2       0      1           0       1       0     1.25
total             0        2       0      1           0       1       0     2.50

DIFF  x86  x86/b
      made by kaem.x86:3 (x86/artifact/hex0, executed)
      at offset 4 (0x4) have 0B, expected 0A, according to engine go

engine emu          1 of 2 agree
engine go           1 of 2 agree
the cache           1 of 4 steps taken from it

no match: 1 of 2 artefacts differs
`, show(t, runs...))
}

// TestNoRelease has a tree that is none: a mixture, as is common.
func TestNoRelease(t *testing.T) {
	l := ladder("x86", start(), bootstrap.Artefact{File: bootstrap.File{Path: "x86/bin/a", Digest: one, From: 1}})
	l.Release = ""
	l.Sources = []bootstrap.File{{Path: "kaem.x86"}, {Path: "M2libc/a.c"}, {Path: "M2-Planet/b.c"}}
	run := released(l)
	run.Revision = bootstrap.Revision{
		Nearest: "Release_1.9.1",
		Different: []bootstrap.Foreign{
			{Path: "M2-Planet/b.c", Reason: "not as in the release", Have: one, Want: two},
			{Path: "new/c.c", Reason: "the ladders of the release do not read such a file", Have: one},
			{Path: "x86/gone.hex0", Reason: "missing"},
		},
		Components: []bootstrap.Component{
			{Path: ".", Releases: bootstrap.Releases(), Files: 4},
			{Path: "M2-Planet", Different: 1, Files: 20},
			{Path: "M2libc", Releases: []string{"Release_1.6.0", "Release_1.8.0", "Release_1.8.1"}, Files: 30},
			{Path: "new", Different: 1},
			{Path: "x86", Releases: []string{"Release_1.9.1"}, Different: 1, Files: 9},
		},
	}
	l.Foreign = run.Revision.Different
	want := `no known release; the nearest is Release_1.9.1, from which 3 files differ

component              files   differ  is that of
stage0-posix itself        4        0  1.5.0 to 1.9.1
M2-Planet                 20        1  no release
M2libc                    30        0  1.6.0, 1.8.0, 1.8.1
new                        0        1  no release
x86                        9        1  1.9.1

TREE  M2-Planet/b.c
      not as in the release
      have 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
      want d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35

TREE  new/c.c
      the ladders of the release do not read such a file

TREE  x86/gone.hex0
      missing

engine go: known programs in Go, all others executed in the emulator

architecture  in Go executed matches agreed unconfirmed differs missing  seconds
x86               2        0       0      0           1       0       0     1.25
total             2        0       0      0           1       0       0     2.50

the tree            2 of 5 files are as in Release_1.9.1

to confirm what one engine made: stage0 verify 'my tree' --engine go,emu --arch x86

unconfirmed: no reference says what 1 of 1 artefact should be, and only engine go made it
`
	check(t, want, show(t, run))

	// All ladders need not be named. Of many files that differ, some are.
	for _, name := range []string{"amd64", "aarch64", "riscv32", "riscv64"} {
		run.Ledgers = append(run.Ledgers, ladder(name, start(), artefact("a", 1, one)))
	}
	for i := range 12 {
		run.Revision.Different = append(run.Revision.Different, bootstrap.Foreign{Path: fmt.Sprintf("y%02d", i), Reason: "missing"})
	}
	got := show(t, run)
	for _, want := range []string{
		"\n\nTREE  y06\n      missing\n\nTREE  5 more such files\n\nengine go: ",
		"from which 15 files differ\n",
		"\nto confirm what one engine made: stage0 verify 'my tree' --engine go,emu\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant in it: %s", got, want)
		}
	}
	if n := strings.Count(got, "\nTREE"); n != maxListed+1 {
		t.Errorf("%d files are listed, want %d", n, maxListed)
	}
}

func TestReleases(t *testing.T) {
	for _, test := range []struct{ names, want string }{
		{"1.9.1", "1.9.1"},
		{"1.5.0 1.6.0 1.7.0 1.8.0 1.8.1 1.9.0 1.9.1", "1.5.0 to 1.9.1"},
		{"1.6.0 1.8.0 1.8.1", "1.6.0, 1.8.0, 1.8.1"},
		{"1.9.0 1.9.1", "1.9.0, 1.9.1"},
		{"1.5.0 1.6.0 1.7.0 1.8.1 1.9.1", "1.5.0 to 1.7.0, 1.8.1, 1.9.1"},
		{"1.5.0 1.8.0 1.8.1 1.9.0", "1.5.0, 1.8.0 to 1.9.0"},
		{"mine 1.5.0 1.6.0", "mine, 1.5.0, 1.6.0"}, // of a reference that is not upstream's
		{"mine yours", "mine, yours"},
	} {
		var names []string
		for _, name := range strings.Fields(test.names) {
			if name[0] == '1' {
				name = "Release_" + name
			}
			names = append(names, name)
		}
		if got := releases(names); got != test.want {
			t.Errorf("%s: %s, want %s", test.names, got, test.want)
		}
	}
}

// TestManner has what is said of each engine.
func TestManner(t *testing.T) {
	for engine, want := range map[string]string{
		bootstrap.EngineGo:   "\nengine go: known programs in Go, all others executed in the emulator\n",
		bootstrap.EngineEmu:  "\nengine emu: all programs executed in the emulator, from the seeds on\n",
		bootstrap.EngineHost: "\nengine host: all programs executed by this machine, from the seeds on\n",
	} {
		run := released(ladder("x86", start(), artefact("x86/a", 1, one)))
		run.Engine = engine
		if got := show(t, run); !strings.Contains(got, want) {
			t.Errorf("%s\nwant in it: %s", got, want)
		}
	}
}

// below returns what stands between the table and the summary.
func below(text string) string {
	_, text, _ = strings.Cut(text, "2.50\n")
	for range 2 { // the summary, and the verdict
		text = text[:max(strings.LastIndex(text, "\n\n"), 0)]
	}
	if text != "" {
		text += "\n"
	}
	return text
}

func TestEntries(t *testing.T) {
	diverging := func(d bootstrap.Divergence) *bootstrap.Ledger {
		l := ladder("x86", start(), artefact("x86/a", 1, one), artefact("x86/b", 1, two), artefact("x86/c", 1, two))
		l.Divergence = &d
		return l
	}
	long := "x86/" + strings.Repeat("long", 14)
	stopped := ladder("x86", nil, artefact("x86/a", -1, one))
	stopped.Err = errors.New("interrupted")
	failed := ladder("x86", start(&bootstrap.Step{
		Parent: 0,
		At:     at("kaem.x86", 5),
		Dir:    ".",
		Args:   []string{"./hex0", long},
		Status: bootstrap.Failed,
		Reason: "hex0: " + long + ": cannot open:\u202eis \x1b[31m a directory",
	}), artefact("x86/a", -1, one), artefact("x86/b", -1, one))
	failed.Steps[0].Status = bootstrap.Failed
	// Two programs that failed, one run by the other, and what the inner one said.
	messages := "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nM2-0.c:289:4: no such thing\nM2-0.c:290: \x1b[31mwhat\u202e?\n"
	nested := ladder("x86", start(
		&bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Dir: ".", Args: []string{"./kaem"}, Status: bootstrap.Failed, Reason: "exit status 1"},
		&bootstrap.Step{Parent: 2, At: at("x86/full.kaem", 7), Dir: "x86", Args: []string{"../x86/bin/M2-Planet", "-f", "M2-0.c", "it's"},
			Status: bootstrap.Failed, Exit: 1, Reason: "M2-0.c:290: ?[31mwhat??", Messages: messages, Origins: []bootstrap.Origin{
				{At: source.Position{Name: "M2-0.c", Line: 289, Col: 4}, From: source.Position{Name: "M2-Planet/cc.c", Line: 12, Col: 4}},
				{At: source.Position{Name: "M2-0.c", Line: 290}, From: source.Position{Name: "M2-Planet/cc.c", Line: 13}},
			}},
	), artefact("x86/a", -1, one))
	var many []bootstrap.Artefact
	for i := range 12 {
		many = append(many, artefact(fmt.Sprintf("x86/%02d", i), -1, one))
	}
	for _, test := range []struct {
		name   string
		ledger *bootstrap.Ledger
		want   string
	}{
		{"digests only", diverging(bootstrap.Divergence{Artefact: 1, Witness: release, Offset: -1}), `
DIFF  x86  x86/b and 1 more
      made by kaem.x86:3 (hex0 -A x86)
      have d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
      want 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
      according to Release_1.9.1
`},
		{"bytes", diverging(bootstrap.Divergence{Artefact: 1, Witness: release, Offset: 300, Have: 0x0A, Want: -1,
			Sources: []source.Position{at("x86/b.hex2", 7), at(long, 12)}}), `
DIFF  x86  x86/b and 1 more
      made by kaem.x86:3 (hex0 -A x86)
      at offset 300 (0x12C) have 0A, expected the end, according to
        Release_1.9.1
      from x86/b.hex2:7:1
      from ` + long + `:12:1
`},
		{"failure", failed, `
FAIL  x86  kaem.x86:5
      $ ./hex0 ` + long + `
      hex0: ` + long + `: cannot
        open:?is ?[31m a directory
`},
		{"failure of a program that another one runs", nested, `
FAIL  x86  x86/full.kaem:7
      in x86
      $ ../x86/bin/M2-Planet -f M2-0.c 'it'\''s'
      M2-0.c:290: ?[31mwhat??
      | two
      | three
      | four
      | five
      | six
      | seven
      | eight
      | nine
      | M2-0.c:289:4: no such thing
      | M2-0.c:290: ?[31mwhat??
      M2-0.c:289:4 is M2-Planet/cc.c:12:4
      M2-0.c:290 is M2-Planet/cc.c:13
`},
		{"failure that the script expects", ladder("x86", start(
			&bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Status: bootstrap.Failed}, &bootstrap.Step{Parent: 0, At: at("kaem.x86", 6)}),
			artefact("x86/a", 1, one)), ""},
		{"not made", ladder("x86", start(), many...), `
MISSING  x86  x86/00
      no step makes it

MISSING  x86  x86/01
      no step makes it
` + "…" + `
MISSING  x86  2 more such files
`},
		{"stopped", stopped, `
STOP  x86
      interrupted
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := below(show(t, released(test.ledger)))
			if head, tail, ok := strings.Cut(test.want, "…"); ok {
				assert.True(t, strings.HasPrefix(got, head))
				assert.True(t, strings.HasSuffix(got, tail))
				assert.Equal(t, 10, strings.Count(got, "\n\n"))
				return
			}
			check(t, test.want, got)
		})
	}
}

// Ladders that the tree does not have are told of once, of all engines.
func TestMissing(t *testing.T) {
	run := released(ladder("x86", start(), artefact("x86/a", 1, one)))
	for _, name := range []string{"amd64", "riscv32"} {
		a, _ := arch.Lookup(name)
		run.Missing = append(run.Missing, a)
	}
	again := released(ladder("x86", start(), artefact("x86/a", 1, one)))
	again.Missing = run.Missing
	got := show(t, run, again)
	want := `
MISSING  the ladders of amd64, riscv32
      there is no kaem.amd64
      there is no kaem.riscv32
      --arch says which ladders to replay

Release_1.9.1       2 of 2 agree

no match: the ladders of amd64, riscv32 are not in the tree
`
	assert.True(t, strings.HasSuffix(got, want))
	assert.Equal(t, 1, strings.Count(got, "MISSING"))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteError(t *testing.T) {
	err := new(Report).Text(broken{})
	assert.EqualError(t, err, "disk full")
}
