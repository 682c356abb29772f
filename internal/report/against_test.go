package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/internal/bump"
	"stage0/internal/report"
)

// bumpTree replays a small x86 ladder, whose programs are known by what their files
// hold. Its script runs lines; texts are in its directory.
func bumpTree(t *testing.T, seed, lines string, texts map[string]string, hex0 bootstrap.Program) *bootstrap.Run {
	t.Helper()
	const seeds = "bootstrap-seeds/POSIX/x86/"
	fsys := fstest.MapFS{
		"x86/artifact":               {Mode: fs.ModeDir | 0o755},
		seeds + "kaem-optional-seed": {Data: []byte("kaem")},
		seeds + "hex0-seed":          {Data: []byte(seed)},
		"kaem.x86":                   {Data: []byte(strings.ReplaceAll(lines, "HEX0 ", seeds+"hex0-seed "))},
	}
	for name, text := range texts {
		fsys["x86/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	known := bootstrap.Programs{}
	for data, p := range map[string]bootstrap.Program{"kaem": {Name: "kaem-0"}, "hex0": hex0, "hex0 too": hex0, "catm": {Name: "catm-0"}} {
		known[sha256.Sum256([]byte(data))] = p
	}
	tree := bootstrap.NewTree(fsys)
	ladders, err := bootstrap.Find(tree, nil)
	if err != nil {
		t.Fatal(err)
	}
	run := bootstrap.Replay(context.Background(), tree, ladders, bootstrap.Options{Programs: known})
	bootstrap.Compare([]*bootstrap.Run{run}, []*bootstrap.Reference{{Name: "none"}}, false)
	return run
}

var hex0 = bootstrap.Program{Name: "hex0"}

// bumped returns two runs, in which much is not the same.
func bumped(t *testing.T) (*bootstrap.Run, *report.Against) {
	const lines = "HEX0 x86/catm.hex0 x86/artifact/catm\nx86/artifact/catm x86/artifact/joined x86/a x86/b\nHEX0 x86/c\x1b<c> x86/artifact/c\n"
	texts := map[string]string{"catm.hex0": "6361746d", "a": "61", "b": "62", "c\x1b<c>": "63", "d": "64"}
	old := bumpTree(t, "hex0", lines+"HEX0 x86/c\x1b<c> x86/artifact/gone\n", texts, hex0)
	texts["a"], texts["b"], texts["c\x1b<c>"] = "65", "66", "63 # c"
	new := bumpTree(t, "hex0 too", lines+"HEX0 x86/d x86/artifact/<d>\nHEX0 x86/none x86/artifact/none\n", texts, hex0)
	runs := []*bootstrap.Run{old}
	return new, &report.Against{Name: "o<l>d", Runs: runs, Bump: bump.Compare(old, new)}
}

func TestTextAgainst(t *testing.T) {
	run, old := bumped(t)
	var b bytes.Buffer
	if err := (&report.Report{Tree: "new", Runs: []*bootstrap.Run{run}, Against: old}).Text(&b); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "\nAGAINST")
	if diff := cmp.Diff(fmt.Sprintf(`  o<l>d
      which is none
      its own verdict is no match: 2 of 6 artefacts were not made

SEED CHANGED  bootstrap-seeds/POSIX/x86/hex0-seed
      is  %x
      was %x

     x86  artefacts that follow from what changed
       2  bootstrap-seeds/POSIX/x86/hex0-seed
          with kaem.x86
       1  x86/a
          with x86/b
      changed, but nothing follows from it: x86/c?<c>

BUMP  x86  2 of 5 artefacts are the same, 1 changed, 1 added, 1 removed
      the ladder failed at kaem.x86:5, because of
        bootstrap-seeds/POSIX/x86/hex0-seed, kaem.x86
      the first that changed is x86/artifact/joined, made by kaem.x86:2 (catm-0)
      at offset 1 (0x1) it has 35, and had 31
      now from x86/a:1:2
      before from x86/a:1:2
      1 artefact, from kaem.x86:2 on, because of x86/a, x86/b:
        x86/artifact/joined
      2 artefacts, from kaem.x86:4 on, because of
        bootstrap-seeds/POSIX/x86/hex0-seed, kaem.x86: x86/artifact/<d> (added),
        x86/artifact/gone (removed)

no match: the ladder of x86 failed, 2 of 6 artefacts were not made
`, sha256.Sum256([]byte("hex0 too")), sha256.Sum256([]byte("hex0"))), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What differs for no reason that is known is said to.
func TestUnexplained(t *testing.T) {
	texts := map[string]string{"a": ":a 61"}
	old := bumpTree(t, "hex0", "HEX0 x86/a x86/artifact/a\n", texts, hex0)
	new := bumpTree(t, "hex0", "HEX0 x86/a x86/artifact/a\n", texts, bootstrap.Program{Name: "hex1", Args: []string{"-A", "x86"}})
	var b bytes.Buffer
	against := &report.Against{Name: "old", Runs: []*bootstrap.Run{old}, Bump: bump.Compare(old, new)}
	if err := (&report.Report{Tree: "new", Runs: []*bootstrap.Run{new}, Against: against}).Text(&b); err != nil {
		t.Fatal(err)
	}
	want := `
      UNEXPLAINED: 1 artefact, from kaem.x86:1 on, though nothing that it is
        made from differs, as far as that is known: x86/artifact/a
`
	if !strings.Contains(b.String(), want) {
		t.Error(b.String())
	}
	b.Reset()
	if err := (&report.Report{Runs: []*bootstrap.Run{new}, Against: against}).HTML(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `<span class="wrong">, from kaem.x86:1 on, though nothing`) {
		t.Error(b.String())
	}
}

// A ladder that one tree has is named.
func TestOnlyOne(t *testing.T) {
	run := bumpTree(t, "hex0", "HEX0 x86/a x86/artifact/a\n", map[string]string{"a": "61"}, hex0)
	none := &bootstrap.Run{Engine: run.Engine}
	for _, c := range []struct {
		old, new *bootstrap.Run
		want     string
	}{
		{run, none, "\nBUMP  the ladder of x86 only in the old tree\n"},
		{none, run, "\nBUMP  the ladder of x86 only in the new tree\n"},
	} {
		var b bytes.Buffer
		err := (&report.Report{Tree: "new", Runs: []*bootstrap.Run{c.new}, Against: &report.Against{Name: "old", Runs: []*bootstrap.Run{c.old}, Bump: bump.Compare(c.old, c.new)}}).Text(&b)
		require.NoError(t, err, "%v", &b)
		assert.Contains(t, b.String(), c.want, "%v", &b)
	}
}

func TestJSONAgainst(t *testing.T) {
	run, old := bumped(t)
	var b bytes.Buffer
	if err := (&report.Report{Runs: []*bootstrap.Run{run}, Against: old}).JSON(&b); err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	var got struct {
		Against struct {
			Sources []struct {
				Path  string
				Reach []struct{ Artefacts int }
			}
			Ladders []struct {
				Changes []struct {
					Path, Kind string
					Causes     []int
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range got.Against.Sources {
		lines = append(lines, fmt.Sprint(s.Path, " ", s.Reach))
	}
	for _, c := range got.Against.Ladders[0].Changes {
		lines = append(lines, fmt.Sprint(c.Path, " ", c.Kind, " ", c.Causes))
	}
	want := []string{
		"bootstrap-seeds/POSIX/x86/hex0-seed [{2}]",
		"kaem.x86 [{2}]",
		"x86/a [{1}]",
		"x86/b [{1}]",
		"x86/c\x1b<c> []",
		"x86/artifact/joined changed [2 3]",
		"x86/artifact/<d> added [0 1]",
		"x86/artifact/gone removed [0 1]",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	runs, err := report.ReadJSON(&b)
	require.NoError(t, err)
	assert.Len(t, runs, 1)
}

func TestHTMLAgainst(t *testing.T) {
	run, old := bumped(t)
	var b bytes.Buffer
	if err := (&report.Report{Runs: []*bootstrap.Run{run}, Against: old}).HTML(&b); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), `<section aria-labelledby="against">`)
	got, _, _ = strings.Cut(got, "</section>")
	for _, want := range []string{
		"<code>o&lt;l&gt;d</code>",
		"A seed was changed: <code>bootstrap-seeds/POSIX/x86/hex0-seed</code>",
		"x86/a<br>x86/b",
		"Changed, but nothing follows from it: x86/c\uFFFD&lt;c&gt;.",
		"The ladder failed at kaem.x86:5, because of bootstrap-seeds/POSIX/x86/hex0-seed, kaem.x86.",
		`<tr><th scope="row">added<td><a href="#x86-4">x86/artifact/&lt;d&gt;</a>`,
		`<tr><th scope="row">removed<td>x86/artifact/gone<td class="digest">was `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("a control character")
	}
}
