package report

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/source"
)

// replaySample replays ladders of the sample.
func replaySample(t *testing.T, names ...string) *bootstrap.Run {
	t.Helper()
	ref, err := bootstrap.LoadReference("the sample ladders", sample.Known())
	if err != nil {
		t.Fatal(err)
	}
	ref.StandAlone = true
	return replay(t, bootstrap.NewTree(sample.Tree()), ref, names...)
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
	ref, err := bootstrap.LoadRelease()
	if err != nil {
		t.Fatal(err)
	}
	return replay(t, tree, ref, names...)
}

func replay(t *testing.T, tree *bootstrap.Tree, ref bootstrap.Reference, names ...string) *bootstrap.Run {
	t.Helper()
	ladders, err := bootstrap.Find(tree, names)
	if err != nil {
		t.Fatal(err)
	}
	return bootstrap.Replay(context.Background(), tree, ladders, ref)
}

// bad returns a run in which all goes wrong that can.
func bad() *bootstrap.Run {
	failed := &bootstrap.Step{Parent: 0, At: at("kaem.x86", 5), Dir: "x86", Vars: []string{"A=1", "B=\xff"}, Args: []string{"./<b>", "a b", "\xff"},
		File: bootstrap.File{Path: "x86/<b>", Size: 3, Digest: two}, Status: bootstrap.Failed, Exit: 3, Reason: "<i>no</i>",
		Messages: "so\x1b\n<i>no</i>\n", Inputs: []bootstrap.File{{Path: "x86/empty", Digest: one}},
		Outputs: []bootstrap.File{{Path: "x86/b", Perm: 0o600, Size: 1, Digest: two}}}
	skipped := &bootstrap.Step{Parent: 0, At: at("kaem.x86", 6), Args: []string{"c"}, Status: bootstrap.Skipped, Reason: "so", Recalled: true}
	l := ladder("x86", start(failed, skipped), artefact("x86/a", -1, bootstrap.Digest{}), artefact("x86/b", 2, two))
	l.Divergence = &bootstrap.Divergence{Artefact: 1, Witness: native, Offset: 3, Have: -1, Want: 255, Sources: []source.Position{at("x86/b.M1", 7)}}
	l.Sources = []bootstrap.File{{Path: "x86/b.M1", Size: 5, Digest: one}}
	l.Foreign = []bootstrap.Foreign{{Path: "x86/b.M1", Reason: "not as in the release", Have: one, Want: two}, {Path: "gone", Reason: "missing"}}
	l.Err = errors.New("interrupted")
	other := ladder("amd64", nil, artefact("AMD64/a", -1, bootstrap.Digest{}))
	return &bootstrap.Run{Engine: bootstrap.EngineGo, Reference: "the <release>", Ledgers: []*bootstrap.Ledger{l, other}}
}

func toJSON(t *testing.T, runs ...*bootstrap.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, runs); err != nil {
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
		{`"version": 1`, `"version": 2`},
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

// Two replays of a tree give the same bytes, whatever engine numbers, times
// and permissions there are.
func TestJSONIsDeterministic(t *testing.T) {
	first := toJSON(t, replaySample(t))
	run := replaySample(t)
	for _, l := range run.Ledgers {
		l.Duration++
		for _, s := range l.Steps {
			s.Duration++
			for i := range s.Inputs {
				s.Inputs[i].Perm ^= 0o022
			}
		}
	}
	run.Duration++
	check(t, string(first), string(toJSON(t, run)))
}

// What is read back is what was written, apart from what JSON leaves out.
func TestReadJSON(t *testing.T) {
	release := replaySample(t)
	repository := bootstrap.ReleaseRepository()
	release.Repository = &repository
	text := toJSON(t, release, bad())
	runs, err := ReadJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if string(toJSON(t, runs...)) != string(text) {
		t.Error("written again, it is not the same")
	}

	want := bad()
	for _, s := range want.Ledgers[0].Steps {
		s.Engine = want.Engine
		for _, list := range [][]string{s.Args, s.Vars} {
			for i := range list {
				list[i] = strings.ToValidUTF8(list[i], "\uFFFD")
			}
		}
	}
	if diff := cmp.Diff(want, runs[1],
		cmpopts.IgnoreFields(bootstrap.Run{}, "files"),
		cmpopts.IgnoreFields(bootstrap.Ledger{}, "Duration"),
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
		{text, text + "{", "not a report: it goes on behind its end"},
		{text, "{}", "not a report: it has no version"},
		{`"version": 1`, `"version": 2`, "a report of version 2; this program reads version 1"},
		{`"arch": "x86"`, `"arch": "z80"`, "not a report: z80: no such architecture"},
		{`"parent": 0`, `"parent": 7`, "not a report: x86: the parent of step 1 is step 7"},
		{`"parent": 0`, `"parent": -2`, "not a report: x86: the parent of step 1 is step -2"},
		{`"step": 2`, `"step": 4`, "not a report: x86: x86/b is made by step 4"},
		{`"step": -1`, `"step": -2`, "not a report: x86: x86/a is made by step -2"},
		{`"artefact": 1`, `"artefact": 2`, "not a report: x86: what diverges is artefact 2"},
		{`"artefact": 1`, `"artefact": 0`, "not a report: x86: what diverges is artefact 0"},
		{`"failed"`, `"lost"`, `not a report: x86: no such status: "lost"`},
		{`"0600"`, `"0800"`, `not a report: x86: x86/b: no such permissions: "0800"`},
		{`"` + two.String(), `"x`, `not a report: x86: "x" is not a SHA-256 digest`},
	} {
		_, err := ReadJSON(strings.NewReader(strings.ReplaceAll(text, test.old, test.new)))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.new, err, test.want)
		}
	}
}
