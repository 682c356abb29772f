package bootstrap_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/report"
)

// replaced is a file system with another text in place of one file.
type replaced struct {
	fs.FS
	name string
	text []byte
}

func (r replaced) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil || name != r.name {
		return f, err
	}
	return &other{f, bytes.NewReader(r.text)}, nil
}

type other struct {
	fs.File
	text *bytes.Reader
}

func (o *other) Read(p []byte) (int, error) { return o.text.Read(p) }

// A tree of the newest release, replayed after one change: each command of the
// scripts of x86 deleted, each source of its assemblers and seed changed, and for
// each ladder its answers and seeds. None passes, and the file is named.
//
//	STAGE0_POSIX=DIR go test ./bootstrap -run TestReleaseReplayed -v
func TestReleaseReplayed(t *testing.T) {
	dir := os.Getenv("STAGE0_POSIX")
	if dir == "" {
		t.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	refs, err := bootstrap.References()
	if err != nil {
		t.Fatal(err)
	}
	known, err := bootstrap.LoadPrograms()
	if err != nil {
		t.Fatal(err)
	}
	pristine := os.DirFS(dir)
	n, statuses := 0, map[report.Status]int{}
	replayed := func(a, file string, text []byte) ([]*bootstrap.Run, error) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, fmt.Errorf("not done after 20 s"))
		defer cancel()
		tree := bootstrap.NewTree(replaced{pristine, file, text})
		found, err := bootstrap.Find(tree, []string{a})
		if err != nil {
			return nil, err
		}
		runs := []*bootstrap.Run{bootstrap.Replay(ctx, tree, found, bootstrap.Options{Programs: known})}
		bootstrap.Compare(runs, refs, false)
		return runs, nil
	}
	check := func(a, how, file string, text []byte) {
		n++
		runs, err := replayed(a, file, text)
		if err == nil {
			err = (&tampering{files: []string{file}}).caught(runs)
			statuses[report.Conclude(runs).Status]++
		}
		if err != nil {
			t.Errorf("%s: %s: %v", file, how, err)
		}
	}
	read := func(name string) []byte {
		text, err := fs.ReadFile(pristine, name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	flip := func(a, name string) {
		text := read(name)
		text[len(text)/2] ^= 1
		check(a, "one bit flipped", name, text)
	}
	for _, a := range arch.Ladders() {
		runs, err := replayed(a.Name, "", nil)
		require.NoError(t, err, "%v %v", a.Name, report.Conclude(runs).Text)
		require.Equal(t, report.Match, report.Conclude(runs).Status, "%v %v", a.Name, report.Conclude(runs).Text)
	}
	for _, f := range refs[len(refs)-1].Sources {
		switch script := strings.HasSuffix(f.Path, ".kaem") || strings.HasSuffix(f.Path, ".run"); {
		case f.Path == "kaem.x86" || script && strings.HasPrefix(f.Path, "x86/"):
			lines := slices.Collect(strings.Lines(string(read(f.Path))))
			for i, line := range lines {
				if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
					continue
				}
				check("x86", fmt.Sprintf("line %d deleted", i+1), f.Path, []byte(strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")))
			}
		case strings.HasPrefix(f.Path, "x86/") || strings.HasPrefix(f.Path, "M2libc/x86/"):
			flip("x86", f.Path)
		}
	}
	for _, a := range arch.Ladders() {
		seeds := "bootstrap-seeds/POSIX/" + a.Dir + "/"
		flip(a.Name, seeds+"hex0-seed")
		flip(a.Name, seeds+"kaem-optional-seed")
		list := read(a.Name + ".answers")
		check(a.Name, "forged", a.Name+".answers", append([]byte(digest("").String()), list[64:]...))
		check(a.Name, "emptied", a.Name+".answers", nil)
		_, rest, _ := bytes.Cut(list, []byte("\n"))
		check(a.Name, "first line deleted", a.Name+".answers", rest)
	}
	t.Logf("%d replays; verdicts: %v", n, statuses)
}
