package bootstrap_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/report"
)

// judge replays a tree with engine go, and compares it with the small release.
func judge(t *testing.T, fsys fs.FS, pristine tree) (*bootstrap.Run, report.Conclusion) {
	t.Helper()
	runs, err := replay(t, bootstrap.NewTree(fsys), []*bootstrap.Reference{pristine.reference(t, "release")}, bootstrap.EngineGo)
	if err != nil {
		t.Fatal(err)
	}
	return runs[0], report.Conclude(runs)
}

// different returns the files that are named as not those of the release.
func different(run *bootstrap.Run) []string {
	var names []string
	for _, f := range run.Revision.Different {
		names = append(names, f.Path)
	}
	return names
}

// artefact returns what became of an artefact of the first ladder.
func artefact(run *bootstrap.Run, path string) (a bootstrap.Artefact, by *bootstrap.Step) {
	l := run.Ledgers[0]
	i := slices.IndexFunc(l.Artefacts, func(a bootstrap.Artefact) bool { return a.Path == path })
	if i < 0 {
		return bootstrap.Artefact{File: bootstrap.File{From: -1}}, nil
	}
	if a = l.Artefacts[i]; a.From >= 0 {
		by = l.Steps[a.From]
	}
	return a, by
}

// A tree from which four of five ladders were removed does not match.
func TestLaddersRemoved(t *testing.T) {
	pristine := release(t, arch.Ladders())
	if _, c := judge(t, pristine.fsys(), pristine); c.Status != report.Match {
		t.Fatal(c.Text)
	}
	left := pristine
	for _, a := range arch.Ladders()[1:] {
		left = left.without("kaem."+a.Name, a.Name+".answers", a.Dir+"/", "bootstrap-seeds/POSIX/"+a.Dir+"/")
	}
	run, c := judge(t, left.fsys(), pristine)
	const want = "no match: the ladders of amd64, aarch64, riscv32, riscv64 are not in the tree"
	assert.Equal(t, want, c.Text)
	assert.Equal(t, 1, c.Status.Exit())
	assert.Len(t, run.Missing, 4)
	assert.Equal(t, bootstrap.Matches, run.Ledgers[0].Verdict())
}

// A tree that does not check its answers any more does not match, though it makes
// all that the release makes.
func TestCheckDeleted(t *testing.T) {
	pristine := release(t, ladders)
	script := strings.ReplaceAll(pristine["x86/full.kaem"], "./x86/bin/sha256sum -c x86.answers\n", "")
	run, c := judge(t, pristine.with(tree{"x86/full.kaem": script}).fsys(), pristine)
	assert.Equal(t, report.Unconfirmed, c.Status, c.Text)
	assert.Equal(t, 3, c.Status.Exit(), c.Text)
	assert.Equal(t, []string{"x86/full.kaem"}, different(run), c.Text)
	// Nor does one whose answers are gone as well.
	run, c = judge(t, pristine.with(tree{"x86/full.kaem": script}).without("x86.answers").fsys(), pristine)
	assert.Equal(t, report.Unconfirmed, c.Status, c.Text)
	assert.Equal(t, []string{"x86.answers", "x86/full.kaem"}, different(run), c.Text)
}

// The source of a program that a Go tool stands in for has changed: what it makes
// is executed, whatever its name.
func TestProgramChanged(t *testing.T) {
	pristine := release(t, ladders)
	changed := pristine.with(tree{
		"x86/catm.hex0": pristine["shared/copy.hex0"],
		"x86/mini.kaem": strings.Replace(pristine["x86/mini.kaem"], "catm ./x86/artifact/joined.hex0 ./shared/one.hex0 ./x86/two.hex0", "catm ./shared/one.hex0 ./x86/artifact/joined.hex0", 1),
	})
	run, c := judge(t, changed.fsys(), pristine)
	a, by := artefact(run, "x86/artifact/joined.hex0")
	require.NotNil(t, by)
	assert.Equal(t, bootstrap.EngineEmu, by.Engine)
	assert.Empty(t, by.Program)
	assert.Equal(t, "x86/artifact/catm", by.File.Path)
	assert.Equal(t, digest(pristine["shared/one.hex0"]), a.Digest)
	if a, _ := artefact(run, "x86/bin/joined"); a.Verdict() != bootstrap.Differs { // from the answers
		t.Errorf("%+v", a)
	}
	assert.Equal(t, report.NoMatch, c.Status, c.Text)
	assert.Equal(t, []string{"x86/catm.hex0", "x86/mini.kaem"}, different(run), c.Text)
	// A program that cannot be executed is not a catm, either.
	run, c = judge(t, pristine.with(tree{"x86/catm.hex0": hex0("Catm of x86")}).fsys(), pristine)
	l := run.Ledgers[0]
	assert.Equal(t, report.NoMatch, c.Status, c.Text)
	require.GreaterOrEqual(t, l.Failure(), 0, c.Text)
	assert.Contains(t, l.Steps[l.Failure()].Reason, "not an ELF file", c.Text)
}

// What an earlier run left where the steps of the ladder write is not seen.
func TestStaleArtefact(t *testing.T) {
	pristine := release(t, ladders)
	whole := pristine.reference(t, "release")
	stale := tree{}
	for _, name := range []string{"hex0", "kaem-0", "hex1", "catm"} {
		stale["x86/artifact/"+name] = map[string]string{"hex0": "hex0 of x86", "kaem-0": "kaem of x86", "hex1": "hex1 of x86", "catm": "catm of x86"}[name]
	}
	stale["x86/bin/joined"], stale["x86/bin/kaem"] = "12", "full kaem"
	run, c := judge(t, pristine.with(stale).fsys(), pristine)
	assert.Equal(t, report.Match, c.Status, c.Text)
	assert.Len(t, run.Ledgers[0].Artefacts, len(whole.Artefacts["x86"]), c.Text)
	for name, script := range map[string]string{
		"x86/artifact/hex1": "x86/mini.kaem", "x86/artifact/catm": "x86/mini.kaem", "x86/artifact/kaem-0": "x86/seed.kaem",
		"x86/bin/joined": "x86/mini.kaem", "x86/bin/kaem": "x86/mini.kaem",
	} {
		var lines []string
		for line := range strings.Lines(pristine[script]) {
			if !strings.HasSuffix(line, " ./"+name+"\n") {
				lines = append(lines, line)
			}
		}
		run, c := judge(t, pristine.with(stale).with(tree{script: strings.Join(lines, "")}).fsys(), pristine)
		_, by := artefact(run, name)
		assert.Nil(t, by, "%v %v", name, c.Text)
		assert.Equal(t, report.NoMatch, c.Status, "%v %v", name, c.Text)
		assert.Equal(t, []string{script}, different(run), "%v %v", name, c.Text)
	}
}

// A tree that has what the release makes as data, which its scripts just copy, has
// the right answers, and does not match.
func TestArtefactsCopied(t *testing.T) {
	pristine := release(t, ladders)
	made, err := replay(t, bootstrap.NewTree(pristine.fsys()), noReference, bootstrap.EngineGo)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := made[0].Contents()
	if err != nil {
		t.Fatal(err)
	}
	copied := maps.Clone(pristine)
	for _, a := range ladders {
		mini := ""
		for _, name := range slices.Sorted(maps.Keys(contents)) {
			if strings.HasPrefix(name, a.Dir+"/bin/") {
				data := strings.ReplaceAll(name, "/bin/", "/data.")
				copied[data] = hex0(string(contents[name].Data))
				mini += "./" + a.Dir + "/artifact/hex0 ./" + data + " ./" + name + "\n"
			}
		}
		copied[a.Dir+"/mini.kaem"], copied[a.Dir+"/full.kaem"] = mini, "./"+a.Dir+"/bin/sha256sum -c "+a.Name+".answers\n"
	}
	run, c := judge(t, copied.fsys(), pristine)
	const want = "unconfirmed: the ladders of x86, riscv64 belong to no release, only the tree itself says what the artefacts should be, and only engine go made them"
	assert.Equal(t, want, c.Text)
	assert.Equal(t, 3, c.Status.Exit())
	runs, err := replay(t, bootstrap.NewTree(copied.fsys()), []*bootstrap.Reference{pristine.reference(t, "release")}, bootstrap.EngineGo, bootstrap.EngineEmu)
	const agreed = "agreed: the ladders of x86, riscv64 belong to no release, all 18 artefacts are what the tree itself says, and the same by engines go and emu"
	require.NoError(t, err)
	assert.Equal(t, agreed, report.Conclude(runs).Text)
	for _, name := range []string{"x86/mini.kaem", "x86/full.kaem", "x86/data.kaem", "riscv64/mini.kaem", "riscv64/full.kaem", "riscv64/data.text"} {
		if !slices.Contains(different(run), name) {
			t.Errorf("%s is not named", name)
		}
	}
	l := run.Ledgers[0]
	assert.False(t, l.Good())
	assert.Equal(t, len(l.Artefacts), l.Count(bootstrap.Matches))
}

// Two engines that execute the same program of the tree, which no table knows, do
// not confirm each other.
func TestSeedUnknown(t *testing.T) {
	const seed = "bootstrap-seeds/POSIX/riscv64/kaem-optional-seed"
	tampered := tree{
		"kaem.riscv64": "./copy ./evil ./riscv64/artifact/hex0\n./copy ./" + seed + " ./riscv64/artifact/kaem-0\n",
		"copy":         copier(), "evil": "an evil hex0", "riscv64/artifact/": "", seed: "kaem of riscv64",
	}
	known := []*bootstrap.Reference{{Name: "release", Sources: []bootstrap.Digested{}}}
	const why = "and engines go and emu executed the same unknown program of the tree"
	var runs []*bootstrap.Run
	for _, c := range []struct {
		tree    tree
		verdict bootstrap.Verdict // on hex0
		want    string
	}{
		{tampered, bootstrap.Unconfirmed, "unconfirmed: no reference says what 1 of 2 artefacts should be, " + why},
		{tampered.answered(t, ""), bootstrap.Matches, "unconfirmed: the ladder of riscv64 belongs to no release, only the tree itself says what the artefacts should be, " + why},
	} {
		var err error
		if runs, err = replay(t, bootstrap.NewTree(c.tree.fsys()), known, bootstrap.EngineGo, bootstrap.EngineEmu); err != nil {
			t.Fatal(err)
		}
		l := runs[0].Ledgers[0]
		got := report.Conclude(runs).Text
		assert.Equal(t, c.want, got)
		assert.Equal(t, c.verdict, l.Artefacts[0].Verdict())
		assert.False(t, l.Good())
	}
	// What they make otherwise is still told.
	before := runs[0]
	again := bootstrap.Replay(t.Context(), bootstrap.NewTree(tampered.with(tree{"evil": "other"}).fsys()), []arch.Arch{ladders[1]}, bootstrap.Options{Programs: programs()})
	again.Engine = bootstrap.EngineEmu
	bootstrap.Compare([]*bootstrap.Run{before, again}, known, false)
	if a := before.Ledgers[0].Artefacts[0]; a.Verdict() != bootstrap.Differs {
		t.Errorf("%+v", a)
	}
}

// A directory that the steps write to is not there, or is a file: no source
// differs, and the step that failed names it.
func TestDirectoryRemoved(t *testing.T) {
	pristine := release(t, ladders)
	for _, c := range []struct {
		dir, step string
	}{
		{"x86/artifact", "x86/seed.kaem:1: hex0: ./x86/artifact/hex0: cannot create: "},
		{"x86/bin", "x86/mini.kaem:6: hex0: ./x86/bin/joined: cannot create: "},
	} {
		for what, changed := range map[string]tree{
			"file does not exist": pristine.without(c.dir + "/"),
			"not a directory":     pristine.without(c.dir + "/").with(tree{c.dir: "a file"}),
		} {
			run, verdict := judge(t, changed.fsys(), pristine)
			l := run.Ledgers[0]
			step := l.Steps[max(l.Failure(), 0)]
			got := fmt.Sprintf("%s:%d: %s", step.At.Name, step.At.Line, step.Reason)
			assert.Equal(t, report.NoMatch, verdict.Status, verdict.Text)
			assert.Equal(t, c.step+what, got, verdict.Text)
		}
	}
}

// changing is a file system with a file that holds something else each time that
// it is opened.
type changing struct {
	fs.FS
	name  string
	texts []string
	n     *int
}

func (c changing) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil || name != c.name {
		return f, err
	}
	text := c.texts[min(*c.n, len(c.texts)-1)]
	*c.n++
	return &changed{f, strings.NewReader(text)}, nil
}

func (c changing) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

type changed struct {
	fs.File
	text *strings.Reader
}

func (c *changed) Read(p []byte) (int, error) { return c.text.Read(p) }

// What is compared with the release is what the steps have read, though the file
// has changed meanwhile.
func TestChangesWhileRead(t *testing.T) {
	pristine := release(t, ladders)
	for _, name := range pristine.names() {
		texts := []string{pristine[name], "evil"}
		n := 0
		_, c := judge(t, changing{pristine.fsys(), name, texts, &n}, pristine)
		assert.Equal(t, 1, n, "%v %v", name, c.Text)
		assert.Equal(t, report.Match, c.Status, "%v %v", name, c.Text)
		slices.Reverse(texts)
		n = 0
		run, c := judge(t, changing{pristine.fsys(), name, texts, &n}, pristine)
		assert.Equal(t, 1, n, c.Text)
		assert.NotEqual(t, report.Match, c.Status, c.Text)
		assert.Equal(t, []string{name}, different(run), c.Text)
	}
}

// Links within the tree show what they lead to, and no more.
func TestLinks(t *testing.T) {
	pristine := release(t, ladders)
	for _, c := range []struct {
		name   string
		links  map[string]string
		change tree
		want   []string // files that are named; none if it matches
	}{
		{"to the same text", map[string]string{"x86/one.link": "x86/two.hex0"}, nil, nil},
		{"in place of a source", map[string]string{"x86/two.hex0": "../shared/one.hex0"}, nil, []string{"x86/two.hex0"}},
		{"in place of a directory", map[string]string{"x86/sub": "../shared"}, nil, []string{"x86/sub/after.kaem", "x86/sub/part.txt"}},
		{"in place of a directory like it", map[string]string{"x86/sub": "../riscv64/sub"}, nil, nil},
		{"in place of the script", map[string]string{"kaem.x86": "kaem.riscv64"}, nil, []string{"kaem.x86"}},
		{"to nothing", map[string]string{"x86/two.hex0": "none"}, nil, []string{"x86/two.hex0"}},
		{"to stale artefacts", map[string]string{"x86/old": "artifact"}, tree{
			"x86/artifact/hex1": "hex1 of x86",
			"x86/mini.kaem":     strings.Replace(pristine["x86/mini.kaem"], "./x86/artifact/hex1 ./x86/data", "./x86/old/hex1 ./x86/data", 1),
		}, []string{"x86/mini.kaem", "x86/old/hex1"}},
	} {
		dir := t.TempDir()
		for name, data := range pristine.with(c.change) {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "/") {
				os.MkdirAll(path, 0o777)
			} else if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		for name, target := range c.links {
			os.RemoveAll(filepath.Join(dir, name))
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		run, verdict := judge(t, root.FS(), pristine)
		names := different(run)
		unnamed := func(name string) bool { return !slices.Contains(names, name) }
		assert.Equal(t, c.want == nil, verdict.Status == report.Match, "%v %v", c.name, verdict.Text)
		assert.Equal(t, c.want == nil, len(names) == 0, "%v %v", c.name, verdict.Text)
		assert.False(t, slices.ContainsFunc(c.want, unnamed), "%v %v", c.name, verdict.Text)
	}
}
