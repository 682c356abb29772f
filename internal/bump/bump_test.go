package bump

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/source"
)

// files is a tree by path; a path that ends in / is a directory.
type files map[string]string

// ladder returns a small tree. Its script makes two programs from hex0, joins two
// texts, and has the second program make something of that.
func ladder() files {
	return files{
		"kaem.x86":  seed + "kaem-optional-seed x86/seed.kaem\n" + seed + "kaem-optional-seed x86/mini.kaem\n",
		"seed.none": "never read\n",
		"x86/seed.kaem": seed + "hex0-seed x86/hex0.hex0 x86/artifact/hex0\n" +
			"x86/artifact/hex0 x86/catm.hex0 x86/artifact/catm\n",
		"x86/mini.kaem": "x86/artifact/catm x86/artifact/text x86/a.hex0 x86/b.hex0\n" +
			"x86/artifact/hex0 x86/artifact/text x86/artifact/joined\n" +
			"x86/artifact/hex0 x86/c.hex0 x86/artifact/c\n",
		"x86/hex0.hex0":             "68 65 78 30 # hex0\n",
		"x86/catm.hex0":             "63 61 74 6D # catm\n",
		"x86/a.hex0":                "61 # a\n",
		"x86/b.hex0":                "62 # b\n",
		"x86/c.hex0":                "63 # c\n",
		"x86/artifact/":             "",
		seed + "hex0-seed":          "hex0",
		seed + "kaem-optional-seed": "kaem",
	}
}

const seed = "bootstrap-seeds/POSIX/x86/"

// programs are the known ones, by what their files hold.
func programs(names map[string]string) bootstrap.Programs {
	known := bootstrap.Programs{}
	for data, name := range names {
		known[sha256.Sum256([]byte(data))] = bootstrap.Program{Name: name}
	}
	return known
}

var names = map[string]string{"hex0": "hex0", "hex0 2": "hex0", "kaem": "kaem-0", "catm": "catm-0", "catm 2": "catm-0", "cp": "cp", "rm": "rm", "full": "kaem"}

// hex returns the hex0 of a text.
func hex(text string) string { return fmt.Sprintf("%X", text) }

// with returns the tree with other contents of some files; what is "-" is gone.
func (m files) with(changes files) files {
	changed := maps.Clone(m)
	maps.Copy(changed, changes)
	maps.DeleteFunc(changed, func(_, data string) bool { return data == "-" })
	return changed
}

// replay replays the tree's ladder.
func (m files) replay(t *testing.T, known bootstrap.Programs) *bootstrap.Run {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range m {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			fsys[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		} else {
			fsys[name] = &fstest.MapFile{Data: []byte(data), Mode: 0o644}
		}
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

// show shows what a bump says of the ladder of x86: the sources, the artefacts
// with their causes, and where the first differs.
func show(b *Bump) string {
	var out strings.Builder
	list := func(causes []int) string {
		var names []string
		for _, s := range causes {
			names = append(names, strings.TrimPrefix(b.Sources[s].Path, "x86/"))
		}
		return strings.Join(names, " ")
	}
	for _, s := range b.Sources {
		fmt.Fprintf(&out, "%s %s %d\n", s.Kind(), s.Path, s.total())
	}
	for _, l := range b.Ladders {
		fmt.Fprintf(&out, "%s same %d\n", l.Arch.Name, l.Same)
		for _, c := range l.Changes {
			fmt.Fprintf(&out, "%s %s: %s\n", c.Kind(), strings.TrimPrefix(c.Path, "x86/artifact/"), list(c.Causes))
		}
		if d := l.First; d != nil {
			fmt.Fprintf(&out, "first %s at %d: %d, was %d, from %v, was %v\n", strings.TrimPrefix(l.Changes[d.Change].Path, "x86/artifact/"), d.Offset, d.New, d.Old, d.NewAt, d.OldAt)
		}
		if f := l.Failure; f != nil {
			fmt.Fprintf(&out, "failed: %s: %s\n", l.New.Steps[f.Step].Reason, list(f.Causes))
		}
	}
	return out.String()
}

func TestCompare(t *testing.T) {
	mini := ladder()["x86/mini.kaem"]
	join := func(text string) string { return "x86/artifact/catm x86/artifact/text x86/" + text + ".hex0\n" }
	again := func(text, out string) string {
		return join(text) + "x86/artifact/hex0 x86/artifact/text x86/artifact/" + out + "\n"
	}
	twice := again("a", "one") + again("b", "two")
	use1 := "x86/artifact/hex0 x86/artifact/text x86/artifact/one\n"
	const use2 = "x86/artifact/hex0 x86/artifact/text x86/artifact/joined\n"
	const madeScript = "x86/artifact/catm x86/artifact/lines x86/lines\n" + seed + "kaem-optional-seed x86/artifact/lines\n"
	const full = "x86/artifact/catm --file x86/one.kaem\n"
	const one = "IN=x86/c.hex0\n./x86/artifact/catm --file x86/two.kaem\n"
	const two = "./x86/artifact/hex0 ${IN} x86/artifact/c\n"
	const last = "x86/artifact/hex0 x86/c.hex0 x86/artifact/c\n"
	const conv = "x86/artifact/catm x86/c.hex0 x86/artifact/d\nx86/artifact/catm x86/artifact/d x86/artifact/e\n"
	for _, c := range []struct {
		name     string
		old, new files // what is otherwise in the trees
		want     string
	}{
		{"nothing", nil, nil, "x86 same 5\n"},
		{"one source", nil, files{"x86/c.hex0": "6364"}, `
changed x86/c.hex0 1
x86 same 4
changed c: c.hex0
first c at 1: 100, was -1, from [x86/c.hex0:1:3], was []
`},
		{"shorter", files{"x86/c.hex0": "6364"}, nil, `
changed x86/c.hex0 1
x86 same 4
changed c: c.hex0
first c at 1: -1, was 100, from [], was [x86/c.hex0:1:3]
`},
		{"joined", nil, files{"x86/b.hex0": "65 # e\n"}, `
changed x86/b.hex0 2
x86 same 3
changed text: b.hex0
changed joined: b.hex0
first text at 8: 53, was 50, from [x86/b.hex0:1:2], was [x86/b.hex0:1:2]
`},
		{"two sources", nil, files{"x86/a.hex0": "65", "x86/b.hex0": "66", "x86/c.hex0": "67"}, `
changed x86/a.hex0 2
changed x86/b.hex0 2
changed x86/c.hex0 1
x86 same 2
changed text: a.hex0 b.hex0
changed joined: a.hex0 b.hex0
changed c: c.hex0
first text at 1: 53, was 49, from [x86/a.hex0:1:2], was [x86/a.hex0:1:2]
`},
		{"a comment", nil, files{"x86/a.hex0": "61 # A\n", "x86/c.hex0": "63 # C\n"}, `
changed x86/a.hex0 1
changed x86/c.hex0 0
x86 same 4
changed text: a.hex0
first text at 5: 65, was 97, from [x86/a.hex0:1:6], was [x86/a.hex0:1:6]
`},
		{"a file that no ladder reads", nil, files{"seed.none": "other"}, "x86 same 5\n"},
		{"a program that does the same", nil, files{"x86/catm.hex0": "63 61 74 6D 20 32"}, `
changed x86/catm.hex0 1
x86 same 4
changed catm: catm.hex0
first catm at 4: 32, was -1, from [x86/catm.hex0:1:13], was []
`},
		{"a line of a script", nil, files{"x86/mini.kaem": strings.ReplaceAll(mini, "c.hex0", "b.hex0")}, `
changed x86/mini.kaem 1
x86 same 4
changed c: mini.kaem
first c at 0: 98, was 99, from [x86/b.hex0:1:1], was [x86/c.hex0:1:1]
`},
		{"a line of a script, and a source of another line", nil, files{"x86/mini.kaem": strings.ReplaceAll(mini, "c.hex0", "b.hex0"), "x86/a.hex0": "65"}, `
changed x86/a.hex0 2
changed x86/mini.kaem 1
x86 same 2
changed text: a.hex0
changed joined: a.hex0
changed c: mini.kaem
first text at 1: 53, was 49, from [x86/a.hex0:1:2], was [x86/a.hex0:1:2]
`},
		{"a step less", nil, files{"x86/mini.kaem": mini[:strings.Index(mini, last)]}, `
changed x86/mini.kaem 1
x86 same 4
removed c: mini.kaem
`},
		{"a step more", nil, files{"x86/mini.kaem": mini + "x86/artifact/hex0 x86/d.hex0 x86/artifact/d\n", "x86/d.hex0": "64"}, `
added x86/d.hex0 1
changed x86/mini.kaem 1
x86 same 5
added d: d.hex0 mini.kaem
`},
		{"another name", nil, files{"x86/mini.kaem": strings.ReplaceAll(mini, "artifact/c\n", "artifact/cc\n")}, `
changed x86/mini.kaem 2
x86 same 4
added cc: mini.kaem
removed c: mini.kaem
`},
		{"a program that does something else", files{"x86/mini.kaem": conv, "x86/catm.hex0": hex("hex0 2")}, files{"x86/mini.kaem": conv, "x86/catm.hex0": hex("cp")}, `
changed x86/catm.hex0 3
x86 same 1
changed catm: catm.hex0
changed d: catm.hex0
changed e: catm.hex0
first catm at 0: 99, was 104, from [x86/catm.hex0:1:1], was [x86/catm.hex0:1:1]
`},
		{"made twice, the first time otherwise", files{"x86/mini.kaem": twice}, files{"x86/mini.kaem": twice, "x86/a.hex0": "65"}, `
changed x86/a.hex0 1
x86 same 4
changed one: a.hex0
first one at 0: 101, was 97, from [], was []
`},
		{"made twice, the second time otherwise", files{"x86/mini.kaem": twice}, files{"x86/mini.kaem": twice, "x86/b.hex0": "66"}, `
changed x86/b.hex0 2
x86 same 3
changed text: b.hex0
changed two: b.hex0
first text at 1: 54, was 50, from [x86/b.hex0:1:2], was [x86/b.hex0:1:2]
`},
		{"made three times", files{"x86/mini.kaem": twice}, files{"x86/mini.kaem": again("c", "three") + twice, "x86/b.hex0": "66"}, `
changed x86/b.hex0 2
changed x86/mini.kaem 1
x86 same 3
added three: mini.kaem
changed text: b.hex0
changed two: b.hex0
first text at 1: 54, was 50, from [x86/b.hex0:1:2], was [x86/b.hex0:1:2]
`},
		{"not made again", files{"x86/mini.kaem": again("a", "one") + join("b")}, files{"x86/mini.kaem": again("a", "one")}, `
changed x86/mini.kaem 1
x86 same 3
changed text: mini.kaem
first text at 1: 49, was 50, from [x86/a.hex0:1:2], was [x86/b.hex0:1:2]
`},
		{"made again before it is used", files{"x86/mini.kaem": again("a", "one")}, files{"x86/mini.kaem": join("a") + join("b") + use1}, `
changed x86/mini.kaem 2
x86 same 2
changed text: mini.kaem
changed one: mini.kaem
first text at 1: 50, was 49, from [x86/b.hex0:1:2], was [x86/a.hex0:1:2]
`},
		{"not made again before it is used", files{"x86/mini.kaem": join("a") + join("b") + use1}, files{"x86/mini.kaem": again("a", "one")}, `
changed x86/mini.kaem 2
x86 same 2
changed text: mini.kaem
changed one: mini.kaem
first text at 1: 49, was 50, from [x86/a.hex0:1:2], was [x86/b.hex0:1:2]
`},
		{"in another script", nil, files{
			"kaem.x86":      ladder()["kaem.x86"] + seed + "kaem-optional-seed x86/more.kaem\n",
			"x86/mini.kaem": mini[:strings.Index(mini, last)], "x86/more.kaem": last, "x86/c.hex0": "64"}, `
changed x86/c.hex0 1
changed kaem.x86 0
changed x86/mini.kaem 0
added x86/more.kaem 0
x86 same 4
changed c: c.hex0
first c at 0: 100, was 99, from [x86/c.hex0:1:1], was [x86/c.hex0:1:1]
`},
		{"a script of another name", nil, files{
			"kaem.x86":      strings.ReplaceAll(ladder()["kaem.x86"], "mini", "other"),
			"x86/mini.kaem": "-", "x86/other.kaem": mini}, `
changed kaem.x86 0
removed x86/mini.kaem 0
added x86/other.kaem 0
x86 same 5
`},
		{"a seed", nil, files{seed + "hex0-seed": "cp"}, `
changed bootstrap-seeds/POSIX/x86/hex0-seed 5
x86 same 0
changed hex0: bootstrap-seeds/POSIX/x86/hex0-seed
removed catm: bootstrap-seeds/POSIX/x86/hex0-seed
removed text: bootstrap-seeds/POSIX/x86/hex0-seed
removed joined: bootstrap-seeds/POSIX/x86/hex0-seed
removed c: bootstrap-seeds/POSIX/x86/hex0-seed
first hex0 at 0: 54, was 104, from [x86/hex0.hex0:1:1], was [x86/hex0.hex0:1:1]
failed: x86/artifact/hex0: not executable, its permissions are 0600: bootstrap-seeds/POSIX/x86/hex0-seed
`},
		{"a seed that does the same", nil, files{seed + "hex0-seed": "hex0 2"}, `
changed bootstrap-seeds/POSIX/x86/hex0-seed 0
x86 same 5
`},
		{"a source less, that a step joins", nil, files{"x86/b.hex0": "-"}, `
removed x86/b.hex0 2
x86 same 3
changed text: b.hex0
changed joined: b.hex0
first text at 7: -1, was 54, from [], was [x86/b.hex0:1:1]
`},
		{"a source less, without which a step fails", nil, files{"x86/catm.hex0": "-"}, `
removed x86/catm.hex0 4
x86 same 1
removed catm: catm.hex0
removed text: catm.hex0
removed joined: catm.hex0
removed c: catm.hex0
failed: hex0: x86/catm.hex0: cannot open: file does not exist: catm.hex0
`},
		{"a step less, without which one fails", nil, files{"x86/mini.kaem": mini[strings.Index(mini, use2):]}, `
changed x86/mini.kaem 3
x86 same 2
removed text: mini.kaem
removed joined: mini.kaem
removed c: mini.kaem
failed: hex0: x86/artifact/text: cannot open: file does not exist: mini.kaem
`},
		{"a step less in another script, without which one fails", files{
			"x86/seed.kaem": ladder()["x86/seed.kaem"] + join("a"), "x86/mini.kaem": use2}, files{
			"x86/mini.kaem": use2}, `
changed x86/seed.kaem 2
x86 same 2
removed text: seed.kaem
removed joined: seed.kaem
failed: hex0: x86/artifact/text: cannot open: file does not exist: seed.kaem
`},
		{"other arguments", nil, files{"x86/mini.kaem": strings.ReplaceAll(mini, "x86/a.hex0 x86/b.hex0", "x86/b.hex0 x86/a.hex0")}, `
changed x86/mini.kaem 2
x86 same 3
changed text: mini.kaem
changed joined: mini.kaem
first text at 1: 50, was 49, from [x86/b.hex0:1:2], was [x86/a.hex0:1:2]
`},
		{"a source that changed, but is not joined any more", nil, files{"x86/mini.kaem": strings.ReplaceAll(mini, " x86/b.hex0", ""), "x86/b.hex0": "68"}, `
changed x86/mini.kaem 2
changed x86/b.hex0 0
x86 same 3
changed text: mini.kaem
changed joined: mini.kaem
first text at 7: -1, was 54, from [], was [x86/b.hex0:1:1]
`},
		{"a step more, which another one needs", nil, files{
			"x86/mini.kaem": strings.ReplaceAll(mini, last, "x86/artifact/hex0 x86/d.hex0 x86/artifact/d\nx86/artifact/hex0 x86/artifact/d x86/artifact/c\n"),
			"x86/d.hex0":    hex("64")}, `
added x86/d.hex0 2
changed x86/mini.kaem 2
x86 same 4
added d: d.hex0 mini.kaem
changed c: d.hex0 mini.kaem
first c at 0: 100, was 99, from [x86/artifact/d:1:1 x86/d.hex0:1:1], was [x86/c.hex0:1:1]
`},
		{"removed", files{"x86/catm.hex0": hex("rm"), "x86/mini.kaem": last}, files{"x86/catm.hex0": hex("rm"), "x86/mini.kaem": last + "x86/artifact/catm x86/artifact/c\n"}, `
changed x86/mini.kaem 1
x86 same 2
removed c: mini.kaem
`},
		{"a script that is made", files{"x86/mini.kaem": madeScript, "x86/lines": last}, files{
			"x86/mini.kaem": madeScript, "x86/lines": strings.ReplaceAll(last, "c.hex0", "b.hex0")}, `
changed x86/lines 2
x86 same 2
changed lines: lines
changed c: lines
first lines at 22: 98, was 99, from [x86/lines:1:23], was [x86/lines:1:23]
`},
		{"a variable of another script", files{"x86/catm.hex0": hex("full"), "x86/mini.kaem": full, "x86/one.kaem": one, "x86/two.kaem": two}, files{
			"x86/catm.hex0": hex("full"), "x86/mini.kaem": full, "x86/one.kaem": strings.ReplaceAll(one, "c.hex0", "b.hex0"), "x86/two.kaem": two}, `
changed x86/one.kaem 1
x86 same 2
changed c: one.kaem
first c at 0: 98, was 99, from [x86/b.hex0:1:1], was [x86/c.hex0:1:1]
`},
		{"a script of another name, in which a step fails", nil, files{
			"kaem.x86":      strings.ReplaceAll(ladder()["kaem.x86"], "mini", "other"),
			"x86/mini.kaem": "-", "x86/other.kaem": mini, "x86/c.hex0": "-"}, `
removed x86/c.hex0 1
changed kaem.x86 0
removed x86/mini.kaem 0
added x86/other.kaem 0
x86 same 4
removed c: c.hex0
failed: hex0: x86/c.hex0: cannot open: file does not exist: c.hex0
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := Compare(ladder().with(c.old).replay(t, programs(names)), ladder().with(c.new).replay(t, programs(names)))
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), show(b)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What differs though nothing that it is made from does is an anomaly: here the same
// program does something else.
func TestAnomaly(t *testing.T) {
	other := maps.Clone(names)
	other["catm"] = "cp"
	script := files{"x86/mini.kaem": "x86/artifact/catm x86/artifact/text x86/a.hex0\n"}
	b := Compare(ladder().with(script).replay(t, programs(names)), ladder().with(script).replay(t, programs(other)))
	want := "x86 same 2\nremoved text: \nfailed: cp: x86/artifact/text: cannot open: file does not exist: \n"
	if diff := cmp.Diff(want, show(b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Only ladders that both trees have are compared.
func TestLadders(t *testing.T) {
	more := ladder().with(files{"kaem.amd64": ""})
	for name, data := range ladder() {
		more[strings.ReplaceAll(name, "x86", "AMD64")] = strings.ReplaceAll(data, "x86", "AMD64")
	}
	more["kaem.amd64"] = more["kaem.AMD64"]
	b := Compare(ladder().replay(t, programs(names)), more.replay(t, programs(names)))
	assert.Len(t, b.Ladders, 1)
	assert.Empty(t, b.Sources)
	assert.Empty(t, b.OnlyOld)
	require.Len(t, b.OnlyNew, 1)
	assert.Equal(t, "amd64", b.OnlyNew[0].Name)
	b = Compare(more.replay(t, programs(names)), ladder().replay(t, programs(names)))
	assert.Len(t, b.Ladders, 1)
	assert.Empty(t, b.Sources)
	assert.Empty(t, b.OnlyNew)
	assert.Len(t, b.OnlyOld, 1)
}

// Sources that reach the same artefacts of all ladders are a group.
func TestGroups(t *testing.T) {
	b := Compare(ladder().replay(t, programs(names)), ladder().with(files{
		"x86/a.hex0": "65", "x86/b.hex0": "66", "x86/c.hex0": "63", "x86/catm.hex0": hex("catm 2")}).replay(t, programs(names)))
	var got []string
	for _, g := range b.Groups() {
		var names []string
		for _, s := range g {
			names = append(names, b.Sources[s].Path)
		}
		got = append(got, strings.Join(names, " "))
	}
	if diff := cmp.Diff([]string{"x86/catm.hex0", "x86/a.hex0 x86/b.hex0"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	idle := b.Idle()
	require.Len(t, idle, 1)
	assert.Equal(t, "x86/c.hex0", b.Sources[idle[0]].Path)
	// Those of a group follow each other.
	script := files{"x86/mini.kaem": "x86/artifact/catm x86/artifact/1 x86/a.hex0 x86/c.hex0\nx86/artifact/catm x86/artifact/2 x86/b.hex0\n"}
	other := Compare(ladder().with(script).replay(t, programs(names)), ladder().with(script).with(files{
		"x86/a.hex0": "65", "x86/b.hex0": "66", "x86/c.hex0": "67"}).replay(t, programs(names)))
	groups := other.Groups()
	assert.True(t, slices.EqualFunc(groups, [][]int{{0, 1}, {2}}, slices.Equal), show(other))
	assert.Equal(t, "x86/b.hex0", other.Sources[2].Path, show(other))
	for _, s := range b.Sources {
		want := s.Path != "x86/c.hex0"
		assert.Equal(t, want, s.Reach[0].First >= 0)
		assert.Equal(t, "x86", s.Component())
		assert.False(t, s.Seed())
	}
}

// What a step reads of its own output is not a cause, and neither is the script that
// asks for the step, though it read something else there in the older ladder, or a
// file of the tree.
func TestOwnOutput(t *testing.T) {
	at := source.Position{Name: "script", Line: 1, Col: 1}
	ladder := func(text string, from int) *bootstrap.Ledger {
		file := func(name, text string, from int) bootstrap.File {
			return bootstrap.File{Path: name, Digest: sha256.Sum256([]byte(text)), From: from}
		}
		return &bootstrap.Ledger{Steps: []*bootstrap.Step{
			{Parent: -1, File: bootstrap.File{From: -1}, Inputs: []bootstrap.File{file("script", "", -1)}},
			{Parent: 0, At: at, Args: []string{"a"}, File: bootstrap.File{From: -1}, Inputs: []bootstrap.File{file("source", text, -1), file("own", text, from)},
				Outputs: []bootstrap.File{file("own", "in the end", 1)}}}}
	}
	for _, from := range []int{1, -1} {
		old, new := ladder("old", from), ladder("new", 1)
		c := &comparison{old: side{nil, old}, new: side{nil, new}, visits: make([]visit, len(new.Steps)),
			sources: map[string]Source{"source": {Path: "source"}, "own": {Path: "own"}, "script": {Path: "script"}}}
		c.oldOf, c.newOf = pair(new, old)
		if got := c.walk(1); !slices.Equal(got, []string{"source"}) {
			t.Errorf("own from %d: %v", from, got)
		}
	}
}

// A program may read what another one made that it ran: each is then a cause of
// what the other did.
func TestCircle(t *testing.T) {
	at := source.Position{Name: "script", Line: 1, Col: 1}
	file := func(name string, from int) []bootstrap.File {
		return []bootstrap.File{{Path: name, Digest: sha256.Sum256([]byte(name)), From: from}}
	}
	start := &bootstrap.Step{Parent: -1, Script: -1, Inputs: file("script", -1)}
	ran := &bootstrap.Step{Parent: 0, At: at, Args: []string{"a"}, Inputs: slices.Concat(file("source", -1), file("made", 2))}
	child := &bootstrap.Step{Parent: 1, At: at, Args: []string{"b"}, Inputs: file("other", -1), Outputs: file("made", 2)}
	old, new := &bootstrap.Ledger{Steps: []*bootstrap.Step{start}}, &bootstrap.Ledger{Steps: []*bootstrap.Step{start, ran, child}}
	for _, first := range []int{1, 2} {
		c := &comparison{old: side{nil, old}, new: side{nil, new}, visits: make([]visit, len(new.Steps)),
			sources: map[string]Source{"source": {Path: "source"}, "other": {Path: "other"}}}
		c.oldOf, c.newOf = pair(new, old)
		for _, i := range []int{first, 3 - first} {
			if got := c.walk(i); !slices.Equal(got, []string{"other", "source"}) {
				t.Errorf("from %d: %d: %v", first, i, got)
			}
		}
		if got := c.walk(0); len(got) > 0 {
			t.Errorf("the start: %v", got)
		}
	}
}
