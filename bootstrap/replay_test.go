package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stage0/arch"
	"stage0/source"
	"stage0/tool"
)

// replayX86 replays the x86 ladder of a tree.
func replayX86(tree *Tree, ref Reference) *Ledger {
	return Replay(context.Background(), tree, []arch.Arch{x86}, ref).Ledgers[0]
}

func file(name, data string) File {
	return File{Path: name, Perm: 0o644, Size: int64(len(data)), Digest: digest(data)}
}

func built(name string, perm tool.Perm) File {
	return File{Path: name, Perm: perm, Size: int64(len(made[name])), Digest: digest(made[name])}
}

func TestLedger(t *testing.T) {
	tree := ladder()
	l := replayX86(tree.tree(), reference(tree, made))
	const seeds = "bootstrap-seeds/POSIX/x86/"
	in := func(name string) File { return file(name, tree[name]) }
	at := func(script string, line int) source.Position {
		return source.Position{Name: script, Line: line, Col: 1}
	}
	want := []*Step{
		{
			Parent: -1, Dir: ".",
			Args:    []string{"./" + seeds + "kaem-optional-seed", "kaem.x86"},
			Program: "kaem-0 -A x86 --strict", File: in(seeds + "kaem-optional-seed"),
			Inputs: []File{in("kaem.x86")},
		},
		{
			Parent: 0, At: at("kaem.x86", 3), Dir: ".",
			Args:    []string{"./" + seeds + "kaem-optional-seed", "./x86/seed.kaem"},
			Program: "kaem-0 -A x86 --strict", File: in(seeds + "kaem-optional-seed"),
			Inputs: []File{in("x86/seed.kaem")},
		},
		{
			Parent: 1, At: at("x86/seed.kaem", 1), Dir: ".",
			Args:    []string{"./" + seeds + "hex0-seed", "./x86/hex0.hex0", "./x86/artifact/hex0"},
			Program: "hex0 -A x86", File: in(seeds + "hex0-seed"),
			Inputs:  []File{in("x86/hex0.hex0")},
			Outputs: []File{built("x86/artifact/hex0", 0o700)},
		},
		{
			Parent: 1, At: at("x86/seed.kaem", 2), Dir: ".",
			Args:    []string{"./x86/artifact/hex0", "./x86/kaem.hex0", "./x86/artifact/kaem-0"},
			Program: "hex0 -A x86", File: built("x86/artifact/hex0", 0o700),
			Inputs:  []File{in("x86/kaem.hex0")},
			Outputs: []File{built("x86/artifact/kaem-0", 0o700)},
		},
		{
			Parent: 0, At: at("kaem.x86", 4), Dir: ".",
			Args:    []string{"./x86/artifact/kaem-0", "./x86/mini.kaem"},
			Program: "kaem-0 -A x86 --strict", File: built("x86/artifact/kaem-0", 0o700),
			Inputs: []File{in("x86/mini.kaem")},
		},
		{
			Parent: 4, At: at("x86/mini.kaem", 1), Dir: ".",
			Args:    []string{"./x86/artifact/hex0", "./x86/hex1.hex0", "./x86/artifact/hex1"},
			Program: "hex0 -A x86", File: built("x86/artifact/hex0", 0o700),
			Inputs:  []File{in("x86/hex1.hex0")},
			Outputs: []File{built("x86/artifact/hex1", 0o700)},
		},
		{
			Parent: 4, At: at("x86/mini.kaem", 3), Dir: ".",
			Args:    []string{"./x86/artifact/hex1", "./x86/data.hex1", "./x86/artifact/data"},
			Program: "hex1 -A x86", File: built("x86/artifact/hex1", 0o700),
			Inputs:  []File{in("x86/data.hex1")},
			Outputs: []File{built("x86/artifact/data", 0o700)},
		},
	}
	for _, s := range want {
		s.Engine = EngineGo
	}
	if diff := cmp.Diff(want, l.Steps, cmpopts.IgnoreFields(Step{}, "Duration")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !l.Good() || l.Count(Matched) != 4 {
		t.Errorf("good %v, %d matched", l.Good(), l.Count(Matched))
	}
	var sources []File
	for _, f := range digests(tree) {
		sources = append(sources, in(f.Path))
	}
	if diff := cmp.Diff(sources, l.Sources); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	native := Witness{NativeRun, digest("hex1")}
	answer := Witness{"x86.answers", digest("hex1")}
	if diff := cmp.Diff([]Witness{native, answer}, l.Artefacts[2].Witnesses); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One byte more in any file is seen, and the file is named.
func TestTampered(t *testing.T) {
	tree := ladder()
	for _, f := range digests(tree) {
		t.Run(f.Path, func(t *testing.T) {
			tampered := tree.with(files{f.Path: tree[f.Path] + "\n"})
			l := replayX86(tampered.tree(), reference(tree, made))
			want := []Foreign{{f.Path, "not as in the release", digest(tampered[f.Path]), f.Digest}}
			if diff := cmp.Diff(want, l.Foreign); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if l.Good() {
				t.Error("it is good")
			}
			delete(tampered, f.Path)
			l = replayX86(tampered.tree(), reference(tree, made))
			want = []Foreign{{Path: f.Path, Reason: "missing"}}
			if diff := cmp.Diff(want, l.Foreign); diff != "" || l.Good() {
				t.Errorf("missing: good %v; -want +got:\n%s", l.Good(), diff)
			}
		})
	}
}

// A file that no ladder of the release reads is named, too.
func TestForeignRead(t *testing.T) {
	tree := ladder()
	l := replayX86(tree.with(files{
		"x86/mini.kaem": "./x86/artifact/hex0 ./x86/other ./x86/artifact/hex1\n",
		"x86/other":     "68657831",
	}).tree(), reference(tree, made))
	if len(l.Foreign) != 2 || l.Foreign[1] != (Foreign{Path: "x86/other", Reason: "the ladders of the release do not read such a file"}) {
		t.Errorf("%+v", l.Foreign)
	}
}

// Each witness is heard.
func TestMismatch(t *testing.T) {
	tree := ladder()
	const seed = "bootstrap-seeds/POSIX/x86/kaem-optional-seed"
	for _, c := range []struct {
		name    string
		tree    files // what is otherwise in it
		made    files // what the native run is said to have made otherwise
		path    string
		witness string
		offset  int64
		bytes   [2]int
	}{
		{"native run", nil, files{"x86/artifact/hex1": "HEX1"}, "x86/artifact/hex1", NativeRun, -1, [2]int{}},
		{"the first", nil, files{"x86/artifact/hex1": "HEX1", "x86/artifact/data": ""}, "x86/artifact/hex1", NativeRun, -1, [2]int{}},
		{"at hand", files{"x86/artifact/hex1": "heX"}, files{"x86/artifact/hex1": "heX"}, "x86/artifact/hex1", NativeRun, 2, [2]int{'x', 'X'}},
		{"longer", files{"x86/artifact/hex1": "hex10"}, files{"x86/artifact/hex1": "hex10"}, "x86/artifact/hex1", NativeRun, 4, [2]int{-1, '0'}},
		{"shorter", files{"x86/artifact/hex1": "hex"}, files{"x86/artifact/hex1": "hex"}, "x86/artifact/hex1", NativeRun, 3, [2]int{'1', -1}},
		{"something else at hand", files{"x86/artifact/hex1": "heX"}, files{"x86/artifact/hex1": "HEX1"}, "x86/artifact/hex1", NativeRun, -1, [2]int{}},
		{"answers", files{"x86.answers": sum("HEX1") + " *x86/artifact/hex1\n"}, nil, "x86/artifact/hex1", "x86.answers", -1, [2]int{}},
		{"seed", files{seed: "kaen"}, nil, "x86/artifact/kaem-0", seed, 3, [2]int{'m', 'n'}},
		{"source", files{"x86/hex0.hex0": "68 65 78 31"}, nil, "x86/artifact/hex0", "bootstrap-seeds/POSIX/x86/hex0-seed", 3, [2]int{'1', '0'}},
		{"nobody", files{"x86/mini.kaem": tree["x86/mini.kaem"] + "./x86/artifact/hex0 x86/hex0.hex0 more\n"}, nil, "more", "", -1, [2]int{}},
		{"overwritten", files{"x86/mini.kaem": tree["x86/mini.kaem"] + "./x86/artifact/hex0 x86/hex0.hex0 ./kaem.x86\n"}, nil, "kaem.x86", "", -1, [2]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := replayX86(tree.with(c.tree).tree(), reference(tree.with(c.tree), made.with(c.made)))
			if l.Good() || l.Count(Mismatched) == 0 || len(l.Foreign) > 0 {
				t.Fatalf("good %v, mismatched %d, foreign %v", l.Good(), l.Count(Mismatched), l.Foreign)
			}
			d := l.Divergence
			if a := l.Artefacts[d.Artefact]; a.Path != c.path || d.Witness.Name != c.witness || a.Verdict() != Mismatched {
				t.Errorf("%s, %s; want %s, %s", a.Path, d.Witness.Name, c.path, c.witness)
			}
			if d.Offset != c.offset || [2]int{d.Have, d.Want} != c.bytes {
				t.Errorf("offset %d, %v; want %d, %v", d.Offset, [2]int{d.Have, d.Want}, c.offset, c.bytes)
			}
		})
	}
}

// A byte that is wrong is followed to the texts that it comes from.
func TestSourceLines(t *testing.T) {
	const build = "./x86/artifact/hex0 x86/hex1.hex0 x86/artifact/catm\n" +
		"./x86/artifact/catm joined x86/hex1.hex0 x86/more.hex0\n" +
		"./x86/artifact/hex0 joined x86/artifact/hex1\n"
	more := "01 02 03 # more\n04\n"
	joined := ladder()["x86/hex1.hex0"] + more
	for _, c := range []struct{ name, script, joined, native, want string }{
		{"through catm", build, joined, "hex1\x01\x02\x03\x05", "[joined:3:1 x86/more.hex0:2:1]"},
		{"first byte", build, joined, "Hex1\x01\x02\x03\x04", "[joined:1:1 x86/hex1.hex0:1:1]"},
		{"too short", build, joined, "hex1\x01\x02\x03\x04\x05", "[]"},
		{"text overwritten", build + "./x86/artifact/catm joined x86/more.hex0\n", more, "Hex1", "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ladder().with(files{
				"x86/mini.kaem":     c.script,
				"x86/more.hex0":     more,
				"x86/artifact/hex1": c.native,
			})
			known := made.with(files{"x86/artifact/catm": "hex1", "joined": c.joined, "x86/artifact/hex1": c.native})
			l := replayX86(tree.tree(), reference(tree, known))
			d := l.Divergence
			if got := fmt.Sprint(d.Sources); got != c.want || l.Artefacts[d.Artefact].Path != "x86/artifact/hex1" {
				t.Errorf("%s from %s, want %s", l.Artefacts[d.Artefact].Path, got, c.want)
			}
		})
	}
}

// What is said in answers must be understood.
func TestBadAnswers(t *testing.T) {
	tree := ladder().with(files{"x86.answers": "no digest\n"})
	l := replayX86(tree.tree(), reference(tree, made))
	if len(l.Foreign) != 1 || l.Foreign[0].Reason != `x86.answers:1:1: "no" is not a SHA-256 digest` || l.Good() {
		t.Errorf("good %v, %v", l.Good(), l.Foreign)
	}
}

// A known file that no step makes is missed.
func TestNotMade(t *testing.T) {
	tree := ladder()
	l := replayX86(tree.tree(), reference(tree, made.with(files{"x86/bin/M2-Planet": ""})))
	if l.Good() || l.Count(NotMade) != 1 || l.Count(Matched) != 4 {
		t.Errorf("good %v, not made %d", l.Good(), l.Count(NotMade))
	}
}

// Each of these alone keeps a ladder from being good.
func TestGood(t *testing.T) {
	good := func() *Ledger {
		return &Ledger{
			Steps: []*Step{{Parent: -1}, {Parent: 0, Status: Failed}, {Parent: 0}},
			Artefacts: []Artefact{
				{Step: 2, Witnesses: make([]Witness, 2)},
				{Step: 2, Witnesses: make([]Witness, 1)},
			},
		}
	}
	if !good().Good() {
		t.Error("the good one is not")
	}
	for name, spoil := range map[string]func(*Ledger){
		"error":          func(l *Ledger) { l.Err = errLost },
		"nothing made":   func(l *Ledger) { l.Artefacts = nil },
		"foreign":        func(l *Ledger) { l.Foreign = make([]Foreign, 1) },
		"failed":         func(l *Ledger) { l.Steps[0].Status = Failed },
		"skipped":        func(l *Ledger) { l.Steps[1].Status = Skipped },
		"not made":       func(l *Ledger) { l.Artefacts[0].Step = -1 },
		"mismatched":     func(l *Ledger) { l.Artefacts[1].Digest[31] = 1 },
		"second witness": func(l *Ledger) { l.Artefacts[0].Witnesses[1].Digest[0] = 1 },
		"no witness":     func(l *Ledger) { l.Artefacts[1].Witnesses = nil },
	} {
		l := good()
		if spoil(l); l.Good() {
			t.Errorf("%s: it is good", name)
		}
	}
}

func TestFailure(t *testing.T) {
	for _, c := range []struct {
		failed []int
		want   int
	}{
		{nil, -1},
		{[]int{1}, -1},      // a script went on
		{[]int{0}, 0},       // by itself
		{[]int{0, 2}, 2},    // by its last step
		{[]int{0, 2, 3}, 2}, // which went on after its own first
		{[]int{0, 2, 4}, 4}, // or ended with it
		{[]int{0, 1}, 0},
	} {
		l := &Ledger{}
		for _, parent := range []int{-1, 0, 0, 2, 2} {
			l.Steps = append(l.Steps, &Step{Parent: parent})
		}
		for _, i := range c.failed {
			l.Steps[i].Status = Failed
		}
		if got := l.Failure(); got != c.want {
			t.Errorf("%v failed: %d, want %d", c.failed, got, c.want)
		}
	}
}

func TestSkipped(t *testing.T) {
	var build string
	for _, name := range []string{"artifact/hex1", "artifact/catm", "artifact/unknown", "bin/unknown"} {
		build += "./x86/artifact/hex0 ./x86/hex1.hex0 ./x86/" + name + "\n"
	}
	for _, c := range []struct{ name, script, want string }{
		{"no such program", "./x86/artifact/unknown in y\n", "no program of ours stands for x86/artifact/unknown"},
		{"no program yet", "./x86/bin/unknown in y\n", "there is no program unknown yet"},
		{"input", "./x86/artifact/unknown in x86/out\n./x86/artifact/hex0 x86/out y\n", "x86/out is not made: x86/mini.kaem:5 is skipped"},
		{"optional input", "./x86/artifact/unknown in x86/out\n./x86/artifact/catm y x86/hex0.hex0 x86/out\n", "x86/out is not made: x86/mini.kaem:5 is skipped"},
		{"program", "./x86/artifact/unknown in x86/artifact/M0\n./x86/artifact/M0 in y\n", "x86/artifact/M0 is not made: x86/mini.kaem:5 is skipped"},
		{"script", "./x86/artifact/unknown in y\n./x86/artifact/kaem-0 y\n", "y is not made: x86/mini.kaem:5 is skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ladder().with(files{"x86/mini.kaem": build + c.script, "x86/bin/": ""})
			l := replayX86(tree.tree(), reference(tree, made))
			skipped := l.With(Skipped)
			if len(skipped) == 0 || l.Failure() >= 0 || l.Good() {
				t.Fatalf("skipped %v, failure %d, good %v\n%s", skipped, l.Failure(), l.Good(), steps(l))
			}
			last := l.Steps[len(l.Steps)-1]
			if last.Status != Skipped || last.Reason != c.want || last.Outputs != nil {
				t.Errorf("%v: %q; want %q\n%s", last.Status, last.Reason, c.want, steps(l))
			}
			for _, a := range l.Artefacts {
				if a.Path == "y" || a.Path == "x86/out" {
					t.Errorf("%s was made", a.Path)
				}
			}
		})
	}
}

// steps shows what became of each step.
func steps(l *Ledger) string {
	var b strings.Builder
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "%s:%d %s %s: %s\n", s.At.Name, s.At.Line, s.Status, strings.Join(s.Args, " "), s.Reason)
	}
	return b.String()
}

// What is made again is no longer lost.
func TestFound(t *testing.T) {
	tree := ladder()
	tree["x86/mini.kaem"] += "./x86/artifact/hex0 x86/hex1.hex0 x86/artifact/unknown\n" +
		"./x86/artifact/unknown in out\n" +
		"./x86/artifact/hex0 x86/hex1.hex0 out\n" +
		"./x86/artifact/hex0 out out2\n"
	l := replayX86(tree.tree(), reference(tree, made))
	if n := len(l.With(Skipped)); n != 1 || l.Failure() >= 0 {
		t.Errorf("%d skipped\n%s", n, steps(l))
	}
}

// A panic is a failure of the step, and of nothing else.
func TestPanic(t *testing.T) {
	r := &replay{ledger: &Ledger{}, files: newOverlay(files{}.tree())}
	step := new(Step)
	panics := func(context.Context, *tool.Env, []string) int { panic("at the disco") }
	r.call(context.Background(), step, program{run: panics}, &stepFiles{overlay: r.files}, &tool.Env{})
	if step.Status != Failed || step.Reason != "panic: at the disco" || step.Exit != 2 {
		t.Errorf("%+v", step)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	tree := ladder()
	l := Replay(ctx, tree.tree(), []arch.Arch{x86}, reference(tree, made)).Ledgers[0]
	if l.Err == nil || l.Err.Error() != "enough" || l.Good() || len(l.Steps) > 0 {
		t.Errorf("%v, %d steps", l.Err, len(l.Steps))
	}
}
