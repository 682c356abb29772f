package bootstrap

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/source"
)

// forkSeed is a riscv64 program that stands for kaem-optional-seed: it forks,
// has the child run hex0-seed with its own arguments, waits for it, opens the
// file called after, and exits. If before is not empty, it opens that before,
// with flags.
func forkSeed(before string, flags int, after string) []byte {
	const (
		sp, zero, a0, a1, a2, a3, a7 = 2, 0, 10, 11, 12, 13, 17
		ecall                        = 0x73
	)
	addi := func(rd, rs, v int) uint32 { return 0x13 | uint32(rd<<7|rs<<15) | uint32(v&0xFFF)<<20 }
	li := func(rd, v int) uint32 { return addi(rd, zero, v) }
	lui := func(rd int) uint32 { return 0x37 | uint32(rd<<7) | emutest.Base }
	var code []uint32
	add := func(words ...uint32) { code = append(code, words...) }
	open := func(name, flags int) {
		add(li(a0, -100), lui(a1), addi(a1, a1, name), li(a2, flags), li(a3, 0o600), li(a7, 56), ecall)
	}
	const childAt, afterAt, beforeAt = 0x200, 0x240, 0x280
	if before != "" {
		open(beforeAt, flags)
	}
	add(li(a0, 17), li(a1, 0), li(a7, 220), ecall)                                      // clone
	add(0x1063 | a0<<15 | (40>>1&15)<<8 | (40>>5&63)<<25)                               // bnez a0, 10 on
	add(lui(a0), addi(a0, a0, childAt), addi(a1, sp, 8), li(a2, 0), li(a7, 221), ecall) // execve
	add(li(a0, 1), li(a7, 93), ecall)                                                   // exit
	add(li(a0, -1), li(a1, 0), li(a2, 0), li(a3, 0), li(a7, 260), ecall)                // wait4
	open(afterAt, 0)
	add(li(a0, 0), li(a7, 93), ecall) // exit
	var b []byte
	for _, w := range code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	text := func(at int, s string) {
		b = append(b, make([]byte, at-(emutest.Entry-emutest.Base)-len(b))...)
		b = append(b, s+"\x00"...)
	}
	text(childAt, "bootstrap-seeds/POSIX/riscv64/hex0-seed")
	text(afterAt, after)
	text(beforeAt, before)
	return emutest.ELF(0xF3, 64, b, 0)
}

// A cached is a ladder that is emulated with a cache, time and again.
type cached struct {
	t        *testing.T
	dir      string
	emulator string
	tree     fstest.MapFS
}

func newCached(t *testing.T, seed []byte) *cached {
	return &cached{t, filepath.Join(t.TempDir(), "cache"), "this", fstest.MapFS{
		"kaem.riscv64": {Data: []byte("the script")},
		"other":        {Data: []byte("another file")},
		"bootstrap-seeds/POSIX/riscv64/kaem-optional-seed": {Data: seed},
		"bootstrap-seeds/POSIX/riscv64/hex0-seed":          {Data: copySeed(0)},
		"riscv64/artifact/placeholder":                     {},
	}}
}

// run emulates the ladder, and checks that the ledger is the same as without a
// cache, and that these of its steps come from the cache.
func (c *cached) run(recalled ...int) *Ledger {
	c.t.Helper()
	cache, err := OpenCache(c.dir, c.emulator)
	if err != nil {
		c.t.Fatal(err)
	}
	riscv64, _ := arch.Lookup("riscv64")
	emulate := func(opt Options) *Run {
		opt.Engine = EngineEmu
		return replayOne(context.Background(), NewTree(c.tree), riscv64, nil, opt)
	}
	with := emulate(Options{Cache: func() *Cache { return cache }})
	if err := cache.Close(); err != nil {
		c.t.Error(err)
	}
	got, want := with.Ledgers[0], emulate(Options{}).Ledgers[0]
	if got.Err != nil || want.Err != nil {
		c.t.Fatal(got.Err, want.Err)
	}
	var steps []int
	for i, s := range got.Steps {
		if s.Recalled {
			steps = append(steps, i)
		}
	}
	if diff := cmp.Diff(recalled, steps); diff != "" {
		c.t.Errorf("recalled steps:\n%s", diff)
	}
	if got.Recalled() != len(steps) {
		c.t.Errorf("%d steps are said to be recalled, of %d", got.Recalled(), len(steps))
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Step{}, "Duration", "Recalled"), cmpopts.IgnoreFields(Ledger{}, "Duration"),
		cmpopts.IgnoreUnexported(source.Position{})); diff != "" {
		c.t.Errorf("the ledger with a cache is another:\n%s", diff)
	}
	return got
}

func TestRecall(t *testing.T) {
	c := newCached(t, forkSeed("", 0, "other"))
	c.run()
	c.run(0, 1)
	// A file that only the parent opens.
	c.tree["other"].Data = []byte("changed")
	c.run(1)
	c.run(0, 1)
	delete(c.tree, "other")
	c.run(1)
	c.run(0, 1)
	// One that its child reads, and what was before.
	c.tree["kaem.riscv64"].Data = []byte("another script")
	l := c.run()
	got := l.Artefacts[0]
	assert.Equal(t, "riscv64/artifact/hex0", got.Path)
	assert.Equal(t, digest("another script"), got.Digest)
	c.tree["kaem.riscv64"].Data = []byte("the script")
	c.run(0, 1)
	// The programs themselves.
	c.tree["bootstrap-seeds/POSIX/riscv64/hex0-seed"].Data = append(copySeed(0), 0)
	c.run()
	c.tree["bootstrap-seeds/POSIX/riscv64/hex0-seed"].Data = copySeed(0)
	c.run(0, 1)
	// The directory that is written to.
	c.tree["riscv64/artifact"] = &fstest.MapFile{Mode: fs.ModeDir | 0o700}
	c.run()
	c.emulator = "another"
	c.run()
}

// TestRecallOwn has a program read what one that it ran has made.
func TestRecallOwn(t *testing.T) {
	const seed = "bootstrap-seeds/POSIX/riscv64/kaem-optional-seed"
	c := newCached(t, forkSeed("", 0, "riscv64/artifact/hex0"))
	c.run()
	c.run(0, 1)
	c.tree[seed].Data = append(c.tree[seed].Data, 0)
	c.run(1)
	c.run(0, 1)
}

// TestRecallOpen has a program have a file open that one reads that it runs.
func TestRecallOpen(t *testing.T) {
	c := newCached(t, forkSeed("other", 0, "other"))
	c.run()
	c.run(0, 1)
	c.tree["bootstrap-seeds/POSIX/riscv64/kaem-optional-seed"].Data = forkSeed("kaem.riscv64", 0, "other")
	l := c.run(1)
	got := l.Steps[1].Inputs
	require.Len(t, got, 1)
	assert.Equal(t, "kaem.riscv64", got[0].Path)
	c.run(0, 1)
	c.tree["kaem.riscv64"].Data = []byte("another script")
	c.run()
	c.run(0, 1)
}

// TestRecallMade has a program make a file, and another write to it while it is
// still open, as M2-Mesoplanet has hex2 do.
func TestRecallMade(t *testing.T) {
	const made, create = "riscv64/artifact/hex0", 0o1101 // O_WRONLY, O_CREAT, O_TRUNC
	c := newCached(t, forkSeed(made, create, "other"))
	l := c.run()
	want := digest("the script")
	got := l.Steps[1].Outputs
	require.Len(t, got, 1)
	assert.Equal(t, made, got[0].Path)
	assert.Equal(t, want, got[0].Digest)
	l = c.run(0, 1)
	one := l.Artefacts[0]
	assert.Equal(t, made, one.Path)
	assert.Equal(t, want, one.Digest)
	c.tree["other"].Data = []byte("changed")
	c.run() // the one that shares the file is not kept without the other
}

// TestRecallElsewhere has a program at another line of a script, and what it reads
// made by another step.
func TestRecallElsewhere(t *testing.T) {
	riscv64, _ := arch.Lookup("riscv64")
	cache, err := OpenCache(filepath.Join(t.TempDir(), "cache"), "this")
	require.NoError(t, err)
	defer cache.Close()
	replay := func(script string, cache *Cache) (*Ledger, map[string]bool) {
		tree := NewTree(fstest.MapFS{
			"kaem.riscv64": {Data: []byte(script)},
			"in":           {Data: []byte("the input")},
			"catm":         {Data: []byte("catm")},
			"unknown":      {Data: forkSeed("", 0, "made")},
			"bootstrap-seeds/POSIX/riscv64/kaem-optional-seed": {Data: []byte("kaem")},
			"bootstrap-seeds/POSIX/riscv64/hex0-seed":          {Data: copySeed(0)},
			"riscv64/artifact/placeholder":                     {},
		})
		known := Programs{digest("kaem"): {"kaem-0", []string{"-A", "riscv64"}}, digest("catm"): {"catm-0", []string{"-A", "riscv64"}}}
		run := replayOne(t.Context(), tree, riscv64, nil, Options{Programs: known, Cache: func() *Cache { return cache }})
		l := run.Ledgers[0]
		require.NoError(t, l.Err)
		require.Equal(t, -1, l.Failure())
		return l, run.files[0].read
	}
	first, _ := replay("./catm made in\n./unknown made\n", cache)
	assert.Zero(t, first.Recalled())
	const moved = "./catm other in\n./catm made in\n./unknown made\n"
	got, gotRead := replay(moved, cache)
	want, wantRead := replay(moved, nil)
	assert.Equal(t, 2, got.Recalled())
	assert.Equal(t, 2, got.Steps[3].Inputs[0].From)
	assert.Equal(t, wantRead, gotRead)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Step{}, "Duration", "Recalled"), cmpopts.IgnoreFields(Ledger{}, "Duration")); diff != "" {
		t.Errorf("the ledger with a cache is another:\n%s", diff)
	}
}

// TestRedo has each way of changing a file done again.
func TestRedo(t *testing.T) {
	tree := NewTree(fstest.MapFS{"dir/file": {Data: []byte("file"), Mode: 0o644}, "gone": {Data: []byte("gone")}, "same": {Data: []byte("same"), Mode: 0o755}})
	x86, _ := arch.Lookup("x86")
	cache, err := OpenCache(filepath.Join(t.TempDir(), "cache"), "this")
	require.NoError(t, err)
	defer cache.Close()
	begin := func() (*execution, *running, executedFiles) {
		e := &execution{replay: newReplay(x86, tree, Options{})}
		s := &running{Step: &Step{Parent: -1, Script: -1, File: File{From: -1}}, files: &stepFiles{overlay: e.files}}
		e.ledger.Steps = append(e.ledger.Steps, s.Step)
		files := executedFiles{s.files}
		s.notes = newRecorder(files, nil, emu.Exec{})
		return e, s, files
	}
	first, recorded, _ := begin()
	require.NoError(t, recorded.notes.Chmod("/tree/dir/file", 0o700))
	require.NoError(t, recorded.notes.Mkdir("/tree/new", 0o700))
	require.NoError(t, recorded.notes.WriteFile("/tree/new/file", []byte("new"), 0o600))
	require.NoError(t, recorded.notes.WriteFile("/tree/passing", []byte("new"), 0o600))
	require.NoError(t, recorded.notes.Remove("/tree/passing"))
	require.NoError(t, recorded.notes.Remove("/tree/gone"))
	require.NoError(t, recorded.notes.WriteFile("/tree/same", []byte("same"), 0o755))
	recorded.Messages = "told"
	require.NoError(t, recorded.notes.keep(cache, Digest{}, first.ledger.Steps))

	again, s, files := begin()
	r, ok := find(cache, Digest{}, files, emu.Exec{})
	require.True(t, ok)
	require.NoError(t, again.redo(s, r))
	again.steps = map[int]*running{0: s}
	again.exit(emu.Exit{Alone: true})
	assert.Equal(t, "told", s.Messages)
	assert.Equal(t, first.files.dirs, again.files.dirs)
	assert.Equal(t, []string{"gone"}, slices.Collect(maps.Keys(again.files.removed)))
	type file struct {
		data string
		perm fs.FileMode
		step int
	}
	made := map[string]file{}
	for name, v := range again.files.made {
		made[name] = file{string(v.data), v.perm, v.step}
	}
	assert.Equal(t, map[string]file{"dir/file": {"file", 0o700, -1}, "new/file": {"new", 0o600, 0}, "same": {"same", 0o755, 0}}, made)

	// What JSON would not keep is not kept, nor what goes on beside another program.
	for i, spoil := range []func(s, other *Step){
		func(s, _ *Step) { s.Messages = "\xff" },
		func(_, other *Step) { other.Status = unfinished },
		func(_, other *Step) { other.Parent = -1 },
		nil,
	} {
		key := Digest{byte(i + 1)}
		recorded.notes.failed = false
		s, other := &Step{Parent: -1, Script: -1, File: File{From: -1}}, &Step{Script: -1, File: File{From: -1}}
		if spoil != nil {
			spoil(s, other)
		}
		require.NoError(t, recorded.notes.keep(cache, key, []*Step{s, other}))
		_, _, files := begin()
		_, ok = find(cache, key, files, emu.Exec{})
		assert.Equal(t, spoil == nil, ok, i)
		assert.Equal(t, spoil != nil, recorded.notes.failed, i)
	}
}

// A file that is not there is from nobody, whoever made one at that path.
func TestRenumber(t *testing.T) {
	steps := []*Step{{Parent: -1, File: File{Path: "a", From: -1}, Inputs: []File{{Path: "a", Digest: Digest{1}, From: -1}, {Path: "b", Digest: Digest{1}, From: 0}}}}
	got := renumber(steps, 0, 5, func(string) (int, Perm) { return 3, 0o700 })[0]
	assert.Equal(t, []int{4, -1, 3, 5}, []int{got.Parent, got.File.From, got.Inputs[0].From, got.Inputs[1].From})
	assert.Equal(t, []Perm{0, 0o700, 0}, []Perm{got.File.Perm, got.Inputs[0].Perm, got.Inputs[1].Perm})
}

// TestShares has files open when a program begins that read one file and
// changed another.
func TestShares(t *testing.T) {
	r := &record{
		Changes: []change{{seenFile: seenFile{Name: "/tree/changed"}}},
		Steps:   []*Step{{File: File{Path: "program"}}, {Inputs: []File{{Path: "read"}}, Outputs: []File{{Path: "made"}}}},
	}
	for _, test := range []struct {
		open, written []string
		want          bool
	}{
		{nil, nil, false},
		{[]string{"/tree/other", "/tree/read"}, []string{"/tree/other"}, false},
		{[]string{"/tree/other", "/tree/read"}, []string{"/tree/read"}, true},
		{[]string{"/tree/program"}, []string{"/tree/program"}, true},
		{[]string{"/tree/made", "/tree/read"}, nil, true},
		{[]string{"/tree/changed"}, nil, true},
	} {
		if got := r.shares(emu.Exec{Open: test.open, Written: test.written}); got != test.want {
			t.Errorf("open %v, written %v: %v", test.open, test.written, got)
		}
	}
}

// TestNotKept has a step of which more is to be known than a cache keeps.
func TestNotKept(t *testing.T) {
	c := newCached(t, copySeed(1)) // it fails
	c.run()
	c.run()
}

// TestRecordErrors has acts that fail: only those are not recorded of which the
// files do not say that they do.
func TestRecordErrors(t *testing.T) {
	overlay := newOverlay(NewTree(fstest.MapFS{"dir/file": {Data: []byte("file")}}))
	parent := newRecorder(executedFiles{&stepFiles{overlay: overlay}}, nil, emu.Exec{})
	r := newRecorder(parent.executedFiles, parent, emu.Exec{})
	_, outside := r.ReadFile("/etc/passwd")
	_, none := r.ReadFile("/tree/none")
	for i, err := range []error{
		outside, none, r.Remove("/tree/none"), r.Remove("/tree/dir"), r.Chmod("/tree/none", 0), r.Mkdir("/tree/dir", 0),
		r.Mkdir("/tree/dir/file/dir", 0), r.WriteFile("/tree/dir", nil, 0), r.WriteFile("/tree/none/file", nil, 0),
	} {
		require.Error(t, err, "act %d", i)
		assert.False(t, r.failed, "act %d", i)
	}
	overlay.left.Store(0)
	err := r.WriteFile("/tree/new", []byte("new"), 0)
	require.Error(t, err)
	assert.True(t, r.failed)
	assert.True(t, parent.failed)
	if r = newRecorder(parent.executedFiles, nil, emu.Exec{Args: []string{"\xff"}}); !r.failed {
		t.Error("an argument that is not UTF-8 is recorded")
	}
}

// TestBadCache damages the files of a cache: what they say is not believed.
func TestBadCache(t *testing.T) {
	c := newCached(t, copySeed(0))
	c.run()
	c.run(0)
	var files []string
	err := filepath.WalkDir(c.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, name)
		}
		return err
	})
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, name := range files {
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"", "bad", strings.ToUpper(string(good)), string(good) + " "} {
			if err := os.WriteFile(name, []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			c.run()
			got, err := os.ReadFile(name)
			require.NoError(t, err, name)
			assert.Equal(t, string(good), string(got), name)
			c.run(0)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		c.run()
		c.run(0)
	}
	// Where the names are right, but there is no sense in what they hold.
	cache, err := OpenCache(c.dir, c.emulator)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	key := Digest{1}
	const step = `{"parent":-1,"script":-1,"file":{"from":-1}}`
	for _, bad := range []string{
		"", "{}x", "{}", `{"steps":[null]}`,
		`{"steps":[` + step + `,` + step + `]}`,
		`{"steps":[` + step + `,{"parent":1,"script":-1,"file":{"from":-1}}]}`,
		`{"steps":[` + step + `,{"parent":0,"script":0,"file":{"from":-1}}]}`,
		`{"steps":[{"parent":-1,"script":0,"file":{"from":-1}}]}`,
		`{"steps":[{"parent":-1,"script":-1,"file":{"from":1}}]}`,
		`{"steps":[{"parent":-1,"script":-1,"file":{"from":-1},"outputs":[{"from":-2}]}]}`,
		`{"steps":[{"parent":-1,"script":-1,"file":{"from":-1},"status":"lost"}]}`,
		`{"steps":[` + step + `],"changes":[{"name":"/tree/a","sha256":"12"}]}`,
		`{"steps":[` + step + `],"changes":[{"name":"/a","absent":true}]}`,
		`{"steps":[` + step + `],"changes":[{"name":"/tree/a","absent":true,"from":1}]}`,
		`{"steps":[` + step + `],"seen":[{"name":"none"}]}`,
	} {
		if err := cache.keepRecord(key, []byte(bad)); err != nil {
			t.Fatal(err)
		}
	}
	files2 := executedFiles{&stepFiles{overlay: newOverlay(NewTree(fstest.MapFS{}))}}
	if r, ok := find(cache, key, files2, emu.Exec{}); ok {
		t.Errorf("found %+v", r)
	}
	// What makes sense is found.
	require.NoError(t, cache.keepRecord(key, []byte(`{"steps":[`+step+`],"changes":[{"name":"/tree/a","absent":true,"from":-1}]}`)))
	_, ok := find(cache, key, files2, emu.Exec{})
	assert.True(t, ok)
}

// TestUnwritable has a cache that cannot be written to: it is told of, and
// nothing else comes of it.
func TestUnwritable(t *testing.T) {
	c := newCached(t, copySeed(0))
	cache, err := OpenCache(c.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{blobs, runs} {
		if err := os.WriteFile(filepath.Join(c.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	riscv64, _ := arch.Lookup("riscv64")
	l := replayOne(context.Background(), NewTree(c.tree), riscv64, nil, Options{Engine: EngineEmu, Cache: func() *Cache { return cache }}).Ledgers[0]
	if l.Err != nil || l.Failure() >= 0 || l.Recalled() != 0 {
		t.Errorf("%v", l)
	}
	if err := cache.Close(); err == nil {
		t.Error("nothing is wrong")
	}
	if _, err := OpenCache(filepath.Join(c.dir, blobs), ""); err == nil {
		t.Error("a file is a cache")
	}
}

func TestPrune(t *testing.T) {
	cache, err := OpenCache(filepath.Join(t.TempDir(), "cache"), "")
	if err != nil {
		t.Fatal(err)
	}
	cache.max = 100
	var digests []Digest
	for i := range 5 {
		data := []byte(strings.Repeat(string(rune('a'+i)), 25))
		d := newVersion(data, 0, 0).digest()
		if err := cache.keepBlob(d, data); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := cache.root.Chtimes(blobName(d), old, old); err != nil {
			t.Fatal(err)
		}
		digests = append(digests, d)
	}
	if _, ok := cache.blob(digests[0]); !ok { // it has been used last
		t.Fatal("a blob is not there")
	}
	if err := cache.prune(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, false, true, true} {
		if _, ok := cache.blob(digests[i]); ok != want {
			t.Errorf("blob %d is there: %v", i, ok)
		}
	}
	if err := cache.prune(); err != nil {
		t.Fatal(err)
	}
	if _, ok := cache.blob(digests[4]); !ok {
		t.Error("what is small enough was made smaller")
	}
	if err := ignoreGone(errors.New("another")); err == nil {
		t.Error("an error is ignored")
	}
}

// TestManyRecords has more of a key than are kept.
func TestManyRecords(t *testing.T) {
	cache, err := OpenCache(filepath.Join(t.TempDir(), "cache"), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxRecords + 1 {
		if err := cache.keepRecord(Digest{}, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if got, want := len(cache.records(Digest{})), i%maxRecords+1; got != want {
			t.Errorf("%d records, want %d", got, want)
		}
	}
	err = cache.keepRecord(Digest{}, make([]byte, maxRecord+1))
	require.NoError(t, err)
	assert.Len(t, cache.records(Digest{}), 1)
}

// TestConcurrent has several programs use a cache that is always too large.
func TestConcurrent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				cache, err := OpenCache(dir, "")
				if err != nil {
					t.Error(err)
					return
				}
				cache.max = 50
				for i := range 10 {
					data := []byte(strings.Repeat(string(rune('a'+i)), 25))
					d := newVersion(data, 0, 0).digest()
					// Another one may be removing it.
					if err := cache.keepBlob(d, data); ignoreGone(err) != nil {
						t.Error(err)
					}
					if err := cache.keepRecord(d, data); ignoreGone(err) != nil {
						t.Error(err)
					}
					if got, ok := cache.blob(d); ok && string(got) != string(data) {
						t.Errorf("%q, want %q", got, data)
					}
					for _, got := range cache.records(d) {
						if string(got) != string(data) {
							t.Errorf("%q, want %q", got, data)
						}
					}
				}
				if err := cache.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
