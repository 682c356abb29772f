package report

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/source"
)

var (
	one, two = bootstrap.Digest(sha256.Sum256([]byte("1"))), bootstrap.Digest(sha256.Sum256([]byte("2")))

	native = bootstrap.Witness{Name: bootstrap.NativeRun, Digest: one}
)

// artefact is one that was made by a step, or not made if that is -1, and
// should have the digest one.
func artefact(path string, step int, digest bootstrap.Digest) bootstrap.Artefact {
	return bootstrap.Artefact{
		File:      bootstrap.File{Path: path, Digest: digest},
		Step:      step,
		Witnesses: []bootstrap.Witness{native},
	}
}

func at(name string, line int) source.Position {
	return source.Position{Name: name, Line: line, Col: 1}
}

// start is the step that runs a ladder, and one that is good.
func start(steps ...*bootstrap.Step) []*bootstrap.Step {
	return append([]*bootstrap.Step{
		{Parent: -1, Args: []string{"./kaem-optional-seed", "kaem.x86"}, Program: "kaem-0"},
		{Parent: 0, At: at("kaem.x86", 3), Args: []string{"./hex0"}, Program: "hex0 -A x86"},
	}, steps...)
}

func ladder(name string, steps []*bootstrap.Step, artefacts ...bootstrap.Artefact) *bootstrap.Ledger {
	a, _ := arch.Lookup(name)
	return &bootstrap.Ledger{Arch: a, Steps: steps, Artefacts: artefacts, Duration: 1250 * time.Millisecond}
}

func show(t *testing.T, ledgers ...*bootstrap.Ledger) string {
	t.Helper()
	var b bytes.Buffer
	run := &bootstrap.Run{Reference: "the release", Ledgers: ledgers, Duration: 2500 * time.Millisecond}
	if err := Text(&b, run); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > Width {
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
		bootstrap.Witness{Name: "x86.answers", Digest: one}, bootstrap.Witness{Name: "bootstrap-seeds/POSIX/x86/hex0-seed", Digest: one})
	check(t, `the release

architecture     steps     matched  mismatched     skipped     seconds
x86                  2           2           0           0        1.25
riscv64              2           1           0           0        1.25
total                4           3           0           0        2.50

a native run        3 of 3 agree
the seeds           1 of 1 agree
upstream's answers  1 of 1 agree
the tree            2 of 2 files are as in the release

3 matched, 0 skipped
`, show(t, x86, riscv64))
}

func TestSummary(t *testing.T) {
	skipped := &bootstrap.Step{Parent: 0, Status: bootstrap.Skipped}
	x86 := ladder("x86", start(skipped), artefact("x86/a", 1, one), artefact("x86/b", 1, two), artefact("x86/c", -1, one))
	x86.Sources = make([]bootstrap.File, 1)
	x86.Foreign = []bootstrap.Foreign{{Path: "gone"}}
	got := show(t, x86, ladder("amd64", start(skipped), artefact("AMD64/a", 1, one)))
	if want := "\n\na native run        2 of 4 agree\nthe tree            1 of 2 files are as in the release\n" +
		"\n2 matched, 1 mismatched, 1 skipped; 2 steps were not run\n"; !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at its end: %s", got, want)
	}
}

// TestRecalled has steps from a cache, and engines that say how they climb.
func TestRecalled(t *testing.T) {
	l := ladder("x86", start(&bootstrap.Step{Parent: 0, Recalled: true}), artefact("x86/a", 1, one))
	for engine, want := range map[string]string{
		bootstrap.EngineGo:   "the release\n",
		bootstrap.EngineEmu:  "the release, emulated from the seeds\n",
		bootstrap.EngineHost: "the release, run by this machine from the seeds\n",
	} {
		var b bytes.Buffer
		if err := Text(&b, &bootstrap.Run{Engine: engine, Reference: "the release", Ledgers: []*bootstrap.Ledger{l}}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.HasPrefix(got, want) ||
			!strings.Contains(got, "\nthe cache           1 of 3 steps were not run: this is what came of them before\n\n1 matched") {
			t.Errorf("%s\nwant at its begin: %s", got, want)
		}
	}
}

// below returns what stands between the table and the summary.
func below(text string) string {
	_, text, _ = strings.Cut(text, "2.50\n")
	for range 2 {
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
	foreign := func(names ...string) *bootstrap.Ledger {
		l := ladder("x86", start(), artefact("x86/a", 1, one))
		for _, name := range names {
			l.Foreign = append(l.Foreign, bootstrap.Foreign{Path: name, Reason: "missing"})
		}
		return l
	}
	changed := foreign()
	changed.Foreign = []bootstrap.Foreign{{Path: "x86/source", Reason: "not as in the release", Have: one, Want: two}}
	stopped := ladder("x86", nil, artefact("x86/a", -1, one))
	stopped.Err = errors.New("interrupted")
	failed := ladder("x86", start(&bootstrap.Step{
		Parent: 0,
		At:     at("kaem.x86", 5),
		Status: bootstrap.Failed,
		Reason: "hex0: " + long + ": cannot open:\u202eis \x1b[31m a directory",
	}), artefact("x86/a", -1, one))
	failed.Steps[0].Status = bootstrap.Failed
	var many []bootstrap.Artefact
	var names []string
	for i := range 12 {
		many = append(many, artefact(fmt.Sprintf("x86/%02d", i), -1, one))
		names = append(names, fmt.Sprintf("f%02d", i))
	}
	for _, test := range []struct {
		name   string
		ledger *bootstrap.Ledger
		want   string
	}{
		{"digests only", diverging(bootstrap.Divergence{Artefact: 1, Witness: native, Offset: -1}), `
DIFF  x86  x86/b and 1 more
      made by kaem.x86:3 (hex0 -A x86)
      have d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
      want 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
      as the native run says
`},
		{"bytes", diverging(bootstrap.Divergence{Artefact: 1, Witness: native, Offset: 300, Have: 0x0A, Want: -1,
			Sources: []source.Position{at("x86/b.hex2", 7), at(long, 12)}}), `
DIFF  x86  x86/b and 1 more
      made by kaem.x86:3 (hex0 -A x86)
      at offset 300 (0x12C) have 0A, want the end, as the native run says
      from x86/b.hex2:7:1
      from ` + long + `:12:1
`},
		{"no witness", diverging(bootstrap.Divergence{Artefact: 1, Offset: -1}), `
DIFF  x86  x86/b and 1 more
      made by kaem.x86:3 (hex0 -A x86)
      nobody says what it should be
`},
		{"failure", failed, `
FAIL  x86  kaem.x86:5
      hex0: ` + long + `: cannot
        open:?is ?[31m a directory
`},
		{"failure that the script expects", ladder("x86", start(
			&bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Status: bootstrap.Failed}), artefact("x86/a", 1, one)), ""},
		{"skipped", ladder("x86", start(
			&bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Status: bootstrap.Skipped, Reason: "there is no program M2-Planet yet"},
			&bootstrap.Step{Parent: 0, At: at("kaem.x86", 6), Status: bootstrap.Skipped, Reason: "so"}),
			artefact("x86/a", -1, one)), `
SKIP  x86  kaem.x86:5 and 1 more
      there is no program M2-Planet yet
`},
		{"not made", ladder("x86", start(), many...), `
SKIP  x86  x86/00
      no step makes it

SKIP  x86  x86/01
      no step makes it
` + "…" + `
SKIP  x86  2 more such files
`},
		{"stopped", stopped, `
STOP  x86
      interrupted
`},
		{"changed", changed, `
TREE  x86/source
      not as in the release
      have 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
      want d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
`},
		{"many changed", foreign(names...), `
TREE  f00
      missing

TREE  f01
      missing
` + "…" + `
TREE  2 more such files
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := below(show(t, test.ledger))
			if head, tail, ok := strings.Cut(test.want, "…"); ok {
				if !strings.HasPrefix(got, head) || !strings.HasSuffix(got, tail) || strings.Count(got, "\n\n") != 10 {
					t.Errorf("%s", got)
				}
				return
			}
			check(t, test.want, got)
		})
	}
}

// Files that several ladders read are listed once.
func TestForeignOnce(t *testing.T) {
	x86, amd64 := ladder("x86", start(), artefact("x86/a", 1, one)), ladder("amd64", start(), artefact("AMD64/a", 1, one))
	x86.Foreign = []bootstrap.Foreign{{Path: "shared", Reason: "missing"}}
	amd64.Foreign = x86.Foreign
	if got := show(t, x86, amd64); strings.Count(got, "TREE") != 1 {
		t.Error(got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteError(t *testing.T) {
	if err := Text(broken{}, &bootstrap.Run{}); err == nil || err.Error() != "disk full" {
		t.Error(err)
	}
}
