package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/source"
	"stage0/tool"
)

// replayX86 replays the x86 ladder of a tree, and compares it with ref.
func replayX86(tree *Tree, ref *Reference) *Ledger {
	return replayOne(context.Background(), tree, x86, ref, Options{Programs: programs}).Ledgers[0]
}

// replayOne replays the ladder of a tree, and compares it with ref, if it is not nil.
func replayOne(ctx context.Context, tree *Tree, a arch.Arch, ref *Reference, opt Options) *Run {
	run := Replay(ctx, tree, []arch.Arch{a}, opt)
	if ref == nil {
		ref = &Reference{Name: "none"}
	}
	Compare([]*Run{run}, []*Reference{ref}, false)
	return run
}

func file(name, data string) File {
	return File{Path: name, Size: int64(len(data)), Digest: digest(data), From: -1}
}

func built(name string, perm tool.Perm, from int) File {
	return File{Path: name, Perm: Perm(perm), Size: int64(len(made[name])), Digest: digest(made[name]), From: from}
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
			Parent: -1, Script: -1, Dir: ".",
			Args:    []string{"./" + seeds + "kaem-optional-seed", "kaem.x86"},
			Program: "kaem-0 -A x86", File: in(seeds + "kaem-optional-seed"),
			Inputs: []File{in("kaem.x86")},
		},
		{
			Parent: 0, At: at("kaem.x86", 3), Dir: ".",
			Args:    []string{"./" + seeds + "kaem-optional-seed", "./x86/seed.kaem"},
			Program: "kaem-0 -A x86", File: in(seeds + "kaem-optional-seed"),
			Inputs: []File{in("x86/seed.kaem")},
		},
		{
			Parent: 1, At: at("x86/seed.kaem", 1), Dir: ".",
			Args:    []string{"./" + seeds + "hex0-seed", "./x86/hex0.hex0", "./x86/artifact/hex0"},
			Program: "hex0 -A x86", File: in(seeds + "hex0-seed"),
			Inputs:  []File{in("x86/hex0.hex0")},
			Outputs: []File{built("x86/artifact/hex0", 0o700, 2)},
		},
		{
			Parent: 1, At: at("x86/seed.kaem", 2), Dir: ".",
			Args:    []string{"./x86/artifact/hex0", "./x86/kaem.hex0", "./x86/artifact/kaem-0"},
			Program: "hex0 -A x86", File: built("x86/artifact/hex0", 0o700, 2),
			Inputs:  []File{in("x86/kaem.hex0")},
			Outputs: []File{built("x86/artifact/kaem-0", 0o700, 3)},
		},
		{
			Parent: 0, At: at("kaem.x86", 4), Dir: ".",
			Args:    []string{"./x86/artifact/kaem-0", "./x86/mini.kaem"},
			Program: "kaem-0 -A x86", File: built("x86/artifact/kaem-0", 0o700, 3),
			Inputs: []File{in("x86/mini.kaem")},
		},
		{
			Parent: 4, At: at("x86/mini.kaem", 1), Dir: ".",
			Args:    []string{"./x86/artifact/hex0", "./x86/hex1.hex0", "./x86/artifact/hex1"},
			Program: "hex0 -A x86", File: built("x86/artifact/hex0", 0o700, 2),
			Inputs:  []File{in("x86/hex1.hex0")},
			Outputs: []File{built("x86/artifact/hex1", 0o700, 5)},
		},
		{
			Parent: 4, At: at("x86/mini.kaem", 3), Dir: ".",
			Args:    []string{"./x86/artifact/hex1", "./x86/data.hex1", "./x86/artifact/data"},
			Program: "hex1 -A x86", File: built("x86/artifact/hex1", 0o700, 5),
			Inputs:  []File{in("x86/data.hex1")},
			Outputs: []File{built("x86/artifact/data", 0o700, 6)},
		},
	}
	for _, s := range want {
		s.Engine = EngineGo
	}
	if diff := cmp.Diff(want, l.Steps, cmpopts.IgnoreFields(Step{}, "Duration")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	assert.True(t, l.Good())
	assert.Equal(t, 4, l.Count(Matches))
	var sources []File
	for _, f := range digests(tree) {
		sources = append(sources, in(f.Path))
	}
	if diff := cmp.Diff(sources, l.Sources); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	release := Witness{ByRelease, "test", digest("hex1")}
	answer := Witness{ByAnswers, "x86.answers", digest("hex1")}
	if diff := cmp.Diff([]Witness{release, answer}, l.Artefacts[2].Witnesses); diff != "" {
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
			diff := cmp.Diff(want, l.Foreign)
			assert.Empty(t, diff)
			assert.False(t, l.Good())
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
	require.Len(t, l.Foreign, 2)
	assert.Equal(t, Foreign{Path: "x86/other", Reason: "the ladders of the release do not read such a file", Have: digest("68657831")}, l.Foreign[1])
}

// Each witness is heard.
func TestMismatch(t *testing.T) {
	tree := ladder()
	for _, c := range []struct {
		name    string
		tree    files // what is otherwise in it
		made    files // what the native run is said to have made otherwise
		path    string
		witness string
		offset  int64
		bytes   [2]int
	}{
		{"native run", nil, files{"x86/artifact/hex1": "HEX1"}, "x86/artifact/hex1", "test", -1, [2]int{}},
		{"the first", nil, files{"x86/artifact/hex1": "HEX1", "x86/artifact/data": ""}, "x86/artifact/hex1", "test", -1, [2]int{}},
		{"at hand", files{"x86/artifact/hex1": "heX"}, files{"x86/artifact/hex1": "heX"}, "x86/artifact/hex1", "test", 2, [2]int{'x', 'X'}},
		{"longer", files{"x86/artifact/hex1": "hex10"}, files{"x86/artifact/hex1": "hex10"}, "x86/artifact/hex1", "test", 4, [2]int{-1, '0'}},
		{"shorter", files{"x86/artifact/hex1": "hex"}, files{"x86/artifact/hex1": "hex"}, "x86/artifact/hex1", "test", 3, [2]int{'1', -1}},
		{"something else at hand", files{"x86/artifact/hex1": "heX"}, files{"x86/artifact/hex1": "HEX1"}, "x86/artifact/hex1", "test", -1, [2]int{}},
		{"answers", files{"x86.answers": sum("HEX1") + " *x86/artifact/hex1\n"}, nil, "x86/artifact/hex1", "x86.answers", -1, [2]int{}},
		{"source", files{"x86/hex0.hex0": "68 65 78 31"}, nil, "x86/artifact/hex0", "bootstrap-seeds/POSIX/x86/hex0-seed", 3, [2]int{'1', '0'}},
		{"overwritten", files{"x86/mini.kaem": tree["x86/mini.kaem"] + "./x86/artifact/hex0 x86/hex0.hex0 ./kaem.x86\n"}, files{"kaem.x86": "hex1"}, "kaem.x86", "test", -1, [2]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := replayX86(tree.with(c.tree).tree(), reference(tree.with(c.tree), made.with(c.made)))
			require.False(t, l.Good())
			require.NotEqual(t, 0, l.Count(Differs))
			require.Empty(t, l.Foreign)
			d := l.Divergence
			a := l.Artefacts[d.Artefact]
			assert.Equal(t, c.path, a.Path)
			assert.Equal(t, c.witness, d.Witness.Name)
			assert.Equal(t, Differs, a.Verdict())
			assert.Equal(t, c.offset, d.Offset)
			assert.Equal(t, c.bytes, [2]int{d.Have, d.Want})
		})
	}
}

// A byte that is wrong is followed to the texts that it comes from.
func TestSourceLines(t *testing.T) {
	const build = "./x86/artifact/hex0 x86/catm.hex0 x86/artifact/catm\n" +
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
			known := made.with(files{"x86/artifact/catm": "catm", "joined": c.joined, "x86/artifact/hex1": c.native})
			l := replayX86(tree.tree(), reference(tree, known))
			d := l.Divergence
			got := fmt.Sprint(d.Sources)
			assert.Equal(t, c.want, got)
			assert.Equal(t, "x86/artifact/hex1", l.Artefacts[d.Artefact].Path)
		})
	}
}

// A seed is a witness where no release is.
func TestSeedDiffers(t *testing.T) {
	const seed = "bootstrap-seeds/POSIX/x86/kaem-optional-seed"
	l := replayX86(ladder().with(files{seed: "kaen"}).tree(), reference(ladder(), made))
	d := l.Divergence
	assert.Empty(t, l.Release)
	assert.Equal(t, 1, l.Count(Differs))
	assert.Equal(t, "x86/artifact/kaem-0", l.Artefacts[d.Artefact].Path)
	assert.Equal(t, Witness{BySeed, seed, digest("kaen")}, d.Witness)
	assert.EqualValues(t, 3, d.Offset)
	assert.EqualValues(t, 'm', d.Have)
	assert.EqualValues(t, 'n', d.Want)
}

// What is said in answers must be understood.
func TestBadAnswers(t *testing.T) {
	tree := ladder().with(files{"x86.answers": "no digest\n"})
	l := replayX86(tree.tree(), reference(tree, made))
	assert.EqualError(t, l.Err, `x86.answers:1:1: "no" is not a SHA-256 digest`)
	assert.False(t, l.Good())
}

// A known file that no step makes is missed.
func TestNotMade(t *testing.T) {
	tree := ladder()
	l := replayX86(tree.tree(), reference(tree, made.with(files{"x86/bin/M2-Planet": ""})))
	assert.False(t, l.Good())
	assert.Equal(t, 1, l.Count(Missing))
	assert.Equal(t, 4, l.Count(Matches))
}

// Each of these alone keeps a ladder from being good.
func TestGood(t *testing.T) {
	good := func() *Ledger {
		return &Ledger{
			Steps: []*Step{{Parent: -1}, {Parent: 0, Status: Failed}, {Parent: 0}},
			Artefacts: []Artefact{
				{File: File{From: 2}, Witnesses: make([]Witness, 2)},
				{File: File{From: 2}, Witnesses: []Witness{{Kind: ByEngine}}},
			},
		}
	}
	l := good()
	assert.True(t, l.Good())
	assert.Equal(t, Agreed, l.Verdict())
	for name, c := range map[string]struct {
		spoil func(*Ledger)
		want  Verdict
	}{
		"error":          {func(l *Ledger) { l.Err = errOutside }, Missing},
		"nothing made":   {func(l *Ledger) { l.Artefacts = nil }, Missing},
		"failed":         {func(l *Ledger) { l.Steps[0].Status = Failed }, Missing},
		"last failed":    {func(l *Ledger) { l.Steps[2].Status = Failed }, Missing},
		"not made":       {func(l *Ledger) { l.Artefacts[0].From = -1 }, Missing},
		"differs":        {func(l *Ledger) { l.Artefacts[1].Digest[31] = 1 }, Differs},
		"second witness": {func(l *Ledger) { l.Artefacts[0].Witnesses[1].Digest[0] = 1 }, Differs},
		"no witness":     {func(l *Ledger) { l.Artefacts[1].Witnesses = nil }, Unconfirmed},
	} {
		l := good()
		c.spoil(l)
		assert.False(t, l.Good(), name)
		assert.Equal(t, c.want, l.Verdict(), name)
	}
}

// A verdict is that of the worst witness, but a release knows better than its seeds.
func TestVerdict(t *testing.T) {
	release, answers, seed, engine := Witness{Kind: ByRelease}, Witness{Kind: ByAnswers}, Witness{Kind: BySeed}, Witness{Kind: ByEngine}
	other := func(w Witness) Witness {
		w.Digest[0] = 1
		return w
	}
	for _, c := range []struct {
		witnesses []Witness
		want      Verdict
	}{
		{nil, Unconfirmed},
		{[]Witness{engine}, Agreed},
		{[]Witness{release}, Matches},
		{[]Witness{answers}, Matches},
		{[]Witness{seed}, Matches},
		{[]Witness{answers, engine}, Matches},
		{[]Witness{engine, release}, Matches},
		{[]Witness{other(release)}, Differs},
		{[]Witness{other(answers), release}, Differs},
		{[]Witness{release, other(engine)}, Differs},
		{[]Witness{other(seed)}, Differs},
		{[]Witness{other(seed), answers}, Differs},
		{[]Witness{other(seed), release}, Matches},
		{[]Witness{release, other(seed)}, Matches},
		{[]Witness{other(seed), other(release)}, Differs},
	} {
		if got := (Artefact{Witnesses: c.witnesses}).Verdict(); got != c.want {
			t.Errorf("%v: %v, want %v", c.witnesses, got, c.want)
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
		{[]int{4}, 4},       // though it says that it did not, as kaem-0 of aarch64
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

// steps shows what became of each step.
func steps(l *Ledger) string {
	var b strings.Builder
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "%s:%d %s %s: %s\n", s.At.Name, s.At.Line, s.Status, strings.Join(s.Args, " "), s.Reason)
	}
	return b.String()
}

// A panic is a failure of the step, and of nothing else.
func TestPanic(t *testing.T) {
	r := newReplay(x86, files{}.tree(), Options{})
	s := &running{Step: &Step{Status: unfinished, Args: []string{"x"}}, files: &stepFiles{overlay: r.files}, program: &Program{Name: "at the disco"}}
	r.call(context.Background(), s, &tool.Env{})
	assert.Equal(t, Failed, s.Status, "%v", s.Step)
	assert.Equal(t, "panic: no program at the disco", s.Reason, "%v", s.Step)
	assert.Equal(t, 2, s.Exit, "%v", s.Step)
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	tree := ladder()
	l := replayOne(ctx, tree.tree(), x86, reference(tree, made), Options{Programs: programs}).Ledgers[0]
	assert.EqualError(t, l.Err, "enough")
	assert.False(t, l.Good())
	assert.Empty(t, l.Steps)
}
