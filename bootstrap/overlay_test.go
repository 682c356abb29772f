package bootstrap

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// view returns a tree as a step sees it.
func view(t *testing.T, m files) *stepFiles {
	t.Helper()
	return &stepFiles{overlay: newOverlay(m.tree(), "x86/bin"), step: 7}
}

// put writes a file.
func put(t *testing.T, f *stepFiles, name, data string, perm tool.Perm) error {
	t.Helper()
	out, err := f.Create(name, perm)
	if err != nil {
		return err
	}
	if _, err := out.Write([]byte(data)); err != nil {
		out.Discard()
		return err
	}
	return out.Commit()
}

func get(t *testing.T, f *stepFiles, name string) string {
	t.Helper()
	data, err := f.ReadFile(name)
	must(t, err)
	return string(data)
}

func TestOverlay(t *testing.T) {
	f := view(t, files{"a": "in the tree", "d/b": "b", "x86/bin/M1": "an earlier run's"})
	if got := get(t, f, "/tree/a"); got != "in the tree" {
		t.Errorf("%q", got)
	}
	must(t, put(t, f, "/tree/a", "written over", 0o700))
	must(t, put(t, f, "/tree/d/c", "new", 0o666))
	must(t, put(t, f, "/tree/x86/bin/M1", "ours", 0o777))
	must(t, put(t, f, "/tree/d/c", "newer", 0o777))
	must(t, f.Chmod("/tree/d/b", 0o750))
	for _, c := range []struct {
		name, data string
		perm       fs.FileMode
	}{
		{"/tree/a", "written over", 0o644}, // it keeps its own
		{"/tree/d/c", "newer", 0o600},
		{"/tree/x86/bin/M1", "ours", 0o700},
		{"/tree/d/b", "b", 0o750},
	} {
		info, err := f.Stat(c.name)
		must(t, err)
		got := get(t, f, c.name)
		assert.Equal(t, c.data, got, c.name)
		assert.Equal(t, c.perm, info.Mode(), c.name)
		assert.Equal(t, int64(len(c.data)), info.Size(), c.name)
	}
	info, err := f.Stat("/tree/d")
	require.NoError(t, err)
	assert.True(t, info.IsDir())
	v, err := f.tree.read("a")
	require.NoError(t, err)
	assert.Equal(t, "in the tree", string(v.data))
	for _, v := range f.made {
		if want := 7; string(v.data) != "b" && v.step != want {
			t.Errorf("%q was made by step %d", v.data, v.step)
		}
	}
}

// A file is written in any number of pieces.
func TestPieces(t *testing.T) {
	f := view(t, files{})
	out, err := f.Create("/tree/a", 0o666)
	must(t, err)
	var want []byte
	for size := range 1000 {
		p := bytes.Repeat([]byte{byte(size)}, size*7%977)
		n, err := out.Write(p)
		require.Equal(t, len(p), n)
		require.NoError(t, err)
		want = append(want, p...)
		clear(p) // it is the caller's
	}
	big := make([]byte, 3*pieceSize)
	if _, err := out.Write(big); err != nil {
		t.Fatal(err)
	}
	must(t, out.Commit())
	if got := get(t, f, "/tree/a"); got != string(want)+string(big) {
		t.Errorf("%d bytes, want %d", len(got), len(want)+len(big))
	}
}

// Nothing is seen of an output that is not committed.
func TestDiscard(t *testing.T) {
	f := view(t, files{"a": "old"})
	out, err := f.Create("/tree/a", 0o666)
	must(t, err)
	if _, err := out.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	out.Discard()
	must(t, out.Commit())
	got := get(t, f, "/tree/a")
	assert.Equal(t, "old", got)
	assert.Empty(t, f.outputs)
}

// A file that was removed is not there, until it is made again; that the step
// wrote it is still to be seen.
func TestRemove(t *testing.T) {
	f := view(t, files{"a": "in the tree", "d/b": "b"})
	must(t, put(t, f, "/tree/new", "new", 0o666))
	for _, name := range []string{"/tree/a", "/tree/d/b", "/tree/new"} {
		must(t, f.Remove(name))
		if _, err := f.ReadFile(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %s: %v", name, err)
		}
		if _, err := f.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat %s: %v", name, err)
		}
		if err := f.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("remove %s again: %v", name, err)
		}
	}
	must(t, put(t, f, "/tree/a", "again", 0o700))
	if got := get(t, f, "/tree/a"); got != "again" {
		t.Errorf("%q", got)
	}
	require.Len(t, f.outputs, 2)
	assert.Equal(t, "new", f.outputs[0].name)
	assert.Equal(t, "new", string(f.outputs[0].data))
	assert.EqualValues(t, 0o700, f.outputs[1].perm)
	v, err := f.tree.read("a")
	require.NoError(t, err)
	assert.Equal(t, "in the tree", string(v.data))
}

// A directory that was made is there for what comes after, and only in memory.
func TestMkdir(t *testing.T) {
	f := view(t, files{"a": "", "d/b": ""})
	must(t, f.Mkdir("/tree/new", 0o777))
	must(t, f.Mkdir("/tree/new/er", 0o755))
	must(t, put(t, f, "/tree/new/er/file", "text", 0o666))
	if got := get(t, f, "/tree/new/er/file"); got != "text" {
		t.Errorf("%q", got)
	}
	info, err := f.Stat("/tree/new/er")
	must(t, err)
	assert.True(t, info.IsDir())
	assert.Equal(t, fs.ModeDir|0o700, info.Mode())
	assert.Equal(t, "er", info.Name())
	for _, c := range []struct {
		name string
		want error
	}{
		{"/tree/new", fs.ErrExist},
		{"/tree/new/er/file", fs.ErrExist},
		{"/tree/a", fs.ErrExist},
		{"/tree/d", fs.ErrExist},
		{"/tree", fs.ErrExist},
		{"/tree/a/b", syscall.ENOTDIR},
		{"/tree/none/b", fs.ErrNotExist},
		{"/etc/new", errOutside},
	} {
		if err := f.Mkdir(c.name, 0o777); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for name, do := range map[string]func(string) error{
		"open":   func(name string) error { _, err := f.ReadFile(name); return err },
		"create": func(name string) error { return put(t, f, name, "", 0o666) },
		"remove": f.Remove,
	} {
		if err := do("/tree/new"); !errors.Is(err, syscall.EISDIR) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Symlink("a", "/tree/link"); !errors.Is(err, errNoLinks) {
		t.Error(err)
	}
	f.left.Store(3)
	err = f.Mkdir("/tree/more", 0o777)
	assert.EqualError(t, err, "mkdir more: the ladder writes more than 256 MiB")
}

func TestOverlayErrors(t *testing.T) {
	f := view(t, files{"a": "", "d/b": "", "x86/bin/M1": "an earlier run's"})
	open := func(name string) error { _, err := f.ReadFile(name); return err }
	stat := func(name string) error { _, err := f.Stat(name); return err }
	create := func(name string) error { return put(t, f, name, "", 0o666) }
	chmod := func(name string) error { return f.Chmod(name, 0o777) }
	for _, c := range []struct {
		do   func(string) error
		name string
		want error
	}{
		{open, "/etc/passwd", errOutside},
		{open, "/treetop", errOutside},
		{open, "/", errOutside},
		{open, "/tree/../etc/passwd", errOutside},
		{open, "relative", errOutside},
		{open, "/tree/\xFF", fs.ErrInvalid},
		{create, "/etc/motd", errOutside},
		{stat, "/etc", errOutside},
		{chmod, "/etc/passwd", errOutside},
		{f.Remove, "/etc/passwd", errOutside},
		{open, "/tree/none", fs.ErrNotExist},
		{open, "/tree/a/b", fs.ErrNotExist},
		{open, "/tree/x86/bin/M1", fs.ErrNotExist},
		{stat, "/tree/x86/bin/M1", fs.ErrNotExist},
		{stat, "/tree/none", fs.ErrNotExist},
		{chmod, "/tree/none", fs.ErrNotExist},
		{create, "/tree/none/c", fs.ErrNotExist},
		{create, "/tree/a/c", syscall.ENOTDIR},
	} {
		if err := c.do(c.name); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for _, dir := range []string{"/tree", "/tree/d"} {
		if err := create(dir); err == nil {
			t.Errorf("%s was written", dir)
		}
		if err := f.Remove(dir); !errors.Is(err, syscall.EISDIR) {
			t.Errorf("remove %s: %v", dir, err)
		}
		if err := open(dir); err == nil {
			t.Errorf("%s was read", dir)
		}
	}
}

func TestWriteLimit(t *testing.T) {
	f := view(t, files{})
	f.left.Store(10)
	must(t, put(t, f, "/tree/a", "1234567890", 0o666))
	err := put(t, f, "/tree/a", "1", 0o666)
	assert.EqualError(t, err, "write a: the ladder writes more than 256 MiB")
	if got := get(t, f, "/tree/a"); got != "1234567890" {
		t.Errorf("%q", got)
	}
}

// The programs that make files work in a replay, and an archive cannot lead
// them out of the tree.
func TestFilesInReplay(t *testing.T) {
	archive := func(name string) string {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		must(t, w.WriteHeader(&tar.Header{Name: name}))
		must(t, w.Close())
		return b.String()
	}
	f := view(t, files{"a": "text", "in.tar": archive("x/y"), "dots.tar": archive("../../etc/passwd"), "root.tar": archive("/tree/root")})
	for _, c := range []struct {
		command string
		exit    int
		says    string
	}{
		{"mkdir -p d/e", 0, ""},
		{"cp a d/e/", 0, ""},
		{"chmod 700 d/e/a", 0, ""},
		{"rm a", 0, ""},
		{"untar -f in.tar", 0, ""},
		{"untar -f dots.tar", 1, "untar: \"../../etc/passwd\" is not below the working directory\n"},
		{"untar -f root.tar", 1, "untar: \"/tree/root\" is not below the working directory\n"},
		{"mkdir -p /etc/d", 0, "mkdir: warning: /etc/d: cannot make directory: outside of the tree\n"},
		{"cp d/e/a /etc/a", 1, "cp: /etc/a: cannot create: outside of the tree\n"},
		{"wrap d/e/a", 1, "wrap: there is no kernel here to make a root directory; wrap runs on a Linux host only\n"},
	} {
		args := strings.Fields(c.command)
		p, ok := registry.Lookup(args[0])
		if !ok {
			t.Fatalf("no program %s", args[0])
		}
		var says strings.Builder
		env := &tool.Env{FS: f, Dir: mount, Stdout: io.Discard, Stderr: &says}
		exit := p.Run(context.Background(), env, args)
		assert.Equal(t, c.exit, exit, c.command)
		assert.Equal(t, c.says, says.String(), c.command)
	}
	info, err := f.Stat("/tree/d/e/a")
	must(t, err)
	assert.EqualValues(t, 0o700, info.Mode())
	assert.Equal(t, "text", get(t, f, "/tree/d/e/a"))
	assert.Empty(t, get(t, f, "/tree/x/y"))
	if len(f.made) != 2 {
		t.Errorf("%d files are made", len(f.made))
	}
}
