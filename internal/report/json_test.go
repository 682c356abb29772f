package report

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/source"
)

// replaySample replays ladders of the sample.
func replaySample(t *testing.T, names ...string) *bootstrap.Run {
	t.Helper()
	return replaySampleIn(t, sample.Tree(), names...)
}

// replaySampleIn replays ladders of a copy of the sample.
func replaySampleIn(t *testing.T, tree fs.FS, names ...string) *bootstrap.Run {
	t.Helper()
	ref, err := bootstrap.LoadReference("the sample ladders", sample.Known(), ".")
	require.NoError(t, err)
	return replay(t, bootstrap.NewTree(tree), []*bootstrap.Reference{ref}, bootstrap.Options{ByPath: sample.Programs()}, names...)
}

// replayRelease replays ladders of the tree that STAGE0_POSIX names.
func replayRelease(t *testing.T, names ...string) *bootstrap.Run {
	t.Helper()
	dir := os.Getenv("STAGE0_POSIX")
	if dir == "" {
		t.Skip("STAGE0_POSIX names no tree")
	}
	tree, err := bootstrap.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	refs, err := bootstrap.References()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := bootstrap.LoadPrograms()
	if err != nil {
		t.Fatal(err)
	}
	return replay(t, tree, refs, bootstrap.Options{Programs: programs}, names...)
}

func replay(t *testing.T, tree *bootstrap.Tree, refs []*bootstrap.Reference, opt bootstrap.Options, names ...string) *bootstrap.Run {
	t.Helper()
	ladders, err := bootstrap.Find(tree, names)
	if err != nil {
		t.Fatal(err)
	}
	run := bootstrap.Replay(context.Background(), tree, ladders, opt)
	bootstrap.Compare([]*bootstrap.Run{run}, refs, len(names) == 0)
	return run
}

// bad returns a run in which all goes wrong that can, of a tree that is not a release.
func bad() *bootstrap.Run {
	failed := &bootstrap.Step{Parent: 0, At: at("kaem.x86", 6), Dir: "x86", Vars: []string{"A=1", "B=\xff"}, Args: []string{"./<b>", "a b", "\xff"},
		Engine: bootstrap.EngineEmu,
		File:   bootstrap.File{Path: "x86/<b>", Size: 3, Digest: two}, Status: bootstrap.Failed, Exit: 3, Reason: "<i>no</i>",
		Messages: "so\x1b\n<i>no</i>\nb.c:7: odd\n", Inputs: []bootstrap.File{{Path: "x86/empty", Digest: one}},
		Outputs: []bootstrap.File{{Path: "x86/b", Perm: 0o600, Size: 1, Digest: two}, {Path: "x86/c", Perm: 0o700, Size: 1, Digest: two}, {Path: "x86/d", Perm: 0o700, Size: 1, Digest: two}},
		Origins: []bootstrap.Origin{{At: source.Position{Name: "b.c", Line: 7}, From: source.Position{Name: "M2-Planet/<c>.c", Line: 2}}}}
	odd := &bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Args: []string{"c"}, Engine: bootstrap.EngineHost, Status: bootstrap.OK, Recalled: true}
	agreed := artefact("x86/c", 3, two)
	agreed.Witnesses = []bootstrap.Witness{{Kind: bootstrap.ByEngine, Name: "emu", Digest: two}}
	unconfirmed := artefact("x86/d", 3, two)
	unconfirmed.Witnesses = nil
	l := ladder("x86", start(odd, failed), artefact("x86/a", -1, bootstrap.Digest{}), artefact("x86/b", 3, two), agreed, unconfirmed)
	l.Release = ""
	l.Artefacts[1].Witnesses = append(l.Artefacts[1].Witnesses,
		bootstrap.Witness{Kind: bootstrap.ByAnswers, Name: "x86.answers", Digest: two}, bootstrap.Witness{Kind: bootstrap.BySeed, Name: "<seed>", Digest: one})
	l.Divergence = &bootstrap.Divergence{Artefact: 1, Witness: release, Offset: 3, Have: -1, Want: 255, Sources: []source.Position{at("x86/b.M1", 7)}}
	l.Sources = []bootstrap.File{{Path: "x86/b.M1", Size: 5, Digest: one, From: -1}}
	l.Foreign = []bootstrap.Foreign{{Path: "x86/b.M1", Reason: "not as in the <release>", Have: one, Want: two}, {Path: "gone", Reason: "missing"}}
	l.Err = errors.New("interrupted")
	other := ladder("amd64", nil, artefact("AMD64/a", -1, bootstrap.Digest{}))
	run := released(l, other)
	run.Duration = 0
	run.Revision = bootstrap.Revision{Nearest: "Release_1.9.0", Different: l.Foreign, Components: []bootstrap.Component{
		{Path: ".", Releases: []string{"Release_1.8.1", "Release_1.9.0"}, Files: 7},
		{Path: "x86", Different: 1, Files: 8}}}
	run.Missing = arch.Ladders()[3:]
	return run
}

func toJSON(t *testing.T, runs ...*bootstrap.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&Report{Runs: runs}).JSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// schema returns the compiled Schema.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchema(t *testing.T) {
	s := schema(t)
	validate := func(t *testing.T, text []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(doc)
	}
	for name, runs := range map[string][]*bootstrap.Run{
		"none":         nil,
		"all is wrong": {bad(), bad()},
		"sample":       {replaySample(t)},
	} {
		t.Run(name, func(t *testing.T) {
			if err := validate(t, toJSON(t, runs...)); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("release", func(t *testing.T) {
		if err := validate(t, toJSON(t, replayRelease(t))); err != nil {
			t.Error(err)
		}
	})
	// The schema knows the document's fields, and no others.
	text := string(toJSON(t, bad()))
	for _, edit := range [][2]string{
		{`"version": 2`, `"version": 1`},
		{`"status": "stopped"`, `"status": "fine"`},
		{`"unconfirmed": 1`, `"unconfirmed": -1`},
		{`"verdict": "agreed"`, `"verdict": "skipped"`},
		{`"kind": "answers"`, `"kind": "native"`},
		{`"missing": [`, `"lost": [`},
		{`"nearest"`, `"next"`},
		{`"failure": 3`, `"failure": -1`},
		{`"origins"`, `"origin"`},
		{`"components"`, `"parts"`},
		{`"engine": "emu",`, ``},
		{`"good"`, `"better"`},
		{`"parent": 0`, `"parent": -2`},
		{`"failed"`, `"lost"`},
		{one.String(), one.String()[1:]},
		{`"0600"`, `"0x600"`},
		{`"col": 1`, `"col": 1, "row": 1`},
		{`"offset": 3`, `"offset": "3"`},
	} {
		if err := validate(t, []byte(strings.ReplaceAll(text, edit[0], edit[1]))); err == nil {
			t.Errorf("%s instead of %s is allowed", edit[1], edit[0])
		}
	}
}

// Two replays of a tree give the same bytes, whatever durations and permissions
// there are.
func TestJSONIsDeterministic(t *testing.T) {
	first := replaySample(t)
	tree := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(sample.Tree(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sample.Tree(), name)
		tree[name] = &fstest.MapFile{Data: data, Mode: 0o750}
		return err
	}))
	second := replaySampleIn(t, tree)
	assert.NotEqual(t, first.Duration, second.Duration)
	check(t, string(toJSON(t, first)), string(toJSON(t, second)))
}

// What is read back is what was written, apart from what JSON leaves out.
func TestReadJSON(t *testing.T) {
	replayed := replaySample(t)
	repository, _ := bootstrap.ReleaseRepository(bootstrap.Latest)
	replayed.Revision.Repository = &repository
	text := toJSON(t, replayed)
	runs, err := ReadJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if string(toJSON(t, runs...)) != string(text) {
		t.Error("written again, it is not the same")
	}
	sameRun(t, replayed, runs[0])

	runs, err = ReadJSON(bytes.NewReader(toJSON(t, bad(), good())))
	if err != nil {
		t.Fatal(err)
	}
	want, other := bad(), good()
	for _, s := range want.Ledgers[0].Steps {
		for _, list := range [][]string{s.Args, s.Vars} {
			for i := range list {
				list[i] = strings.ToValidUTF8(list[i], "\uFFFD")
			}
		}
	}
	other.Revision, other.Missing = want.Revision, want.Missing // which are the same of all runs
	sameRun(t, want, runs[0])
	sameRun(t, other, runs[1])
	if got, want := Conclude(runs), Conclude([]*bootstrap.Run{bad(), good()}); got != want {
		t.Errorf("the verdict is %+v, want %+v", got, want)
	}
}

// same compares runs, apart from what JSON leaves out.
func sameRun(t *testing.T, want, got *bootstrap.Run) {
	t.Helper()
	if diff := cmp.Diff(want, got,
		cmpopts.IgnoreUnexported(bootstrap.Run{}),
		cmpopts.IgnoreFields(bootstrap.Run{}, "Duration"),
		cmpopts.IgnoreFields(bootstrap.Ledger{}, "Duration", "Texts"),
		cmpopts.IgnoreFields(bootstrap.Step{}, "Duration"),
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() }),
	); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReadJSONErrors(t *testing.T) {
	text := string(toJSON(t, bad()))
	for _, test := range []struct{ old, new, want string }{
		{text, "", "not a report: EOF"},
		{text, "{", "not a report: unexpected EOF"},
		{text, text + "{", "not a report: text after its end"},
		{text, "{}", "not a report: it has no version"},
		{text, `{"version": 2, "runs": [null]}`, "not a report: a run or a ladder is null"},
		{text, `{"version": 2, "runs": [{"ladders": [null]}]}`, "not a report: a run or a ladder is null"},
		{text, `{"version": 2, "runs": [{"ladders": [{}]}]}`, "not a report: a ladder has no architecture"},
		{text, `{"version": 2, "missing": [null]}`, "not a report: a missing ladder has no architecture"},
		{text, `{"version": 2, "runs": [{"ladders": [{"arch": "x86", "steps": [null]}]}]}`, "not a report: x86: step 0 is null"},
		{`"version": 2`, `"version": 1`, "a report of version 1; this program reads version 2"},
		{`"version": 2`, `"version": 3`, "a report of version 3; this program reads version 2"},
		{`"arch": "x86"`, `"arch": "z80"`, `not a report: no such architecture: "z80"`},
		{`  "riscv32",`, `  "z80",`, `not a report: no such architecture: "z80"`},
		{`"kind": "answers"`, `"kind": "native"`, `not a report: no such kind of witness: "native"`},
		{`"kind": "seed"`, `"kind": 3`, "not a report: json: cannot unmarshal number into Go struct field Run.runs.ladders.plain.artefacts.witnesses.kind of type bootstrap.WitnessKind"},
		{`"want": "` + two.String(), `"want": "x`, `not a report: "x" is not a SHA-256 digest`},
		{`"components": [`, `"components": {`, "not a report: invalid character '{' looking for beginning of object key string"},
		{`"parent": 0`, `"parent": 7`, "not a report: x86: the parent of step 1 is step 7"},
		{`"parent": 0`, `"parent": -2`, "not a report: x86: the parent of step 1 is step -2"},
		{`"script": -1`, `"script": 0`, "not a report: x86: the script of step 0 is input 0 of step -1"},
		{`"script": -1`, `"script": -2`, "not a report: x86: the script of step 0 is input -2 of step -1"},
		{`"from": 3`, `"from": 4`, "not a report: x86: x86/b is from step 4"},
		{`"from": 3`, `"from": -2`, "not a report: x86: x86/b is from step -2"},
		{`"artefact": 1`, `"artefact": 4`, "not a report: x86: artefact 4 diverges"},
		{`"artefact": 1`, `"artefact": 0`, "not a report: x86: artefact 0 diverges"},
		{`"failed"`, `"lost"`, `not a report: no such status: "lost"`},
		{`"0600"`, `"0800"`, `not a report: no such permissions: "0800"`},
		{`"sha256": "` + two.String(), `"sha256": "x`, `not a report: "x" is not a SHA-256 digest`},
	} {
		_, err := ReadJSON(strings.NewReader(strings.ReplaceAll(text, test.old, test.new)))
		assert.EqualError(t, err, test.want, test.new)
	}
}
