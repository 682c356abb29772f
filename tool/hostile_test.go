//go:build unix

package tool_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// A tarEntry is a header of a tar archive, and data after it. Fields that are
// not given are as they should be.
type tarEntry struct {
	name, link, data string
	kind             byte
	size, mode, sum  string
}

func tarOf(entries ...tarEntry) string {
	var b strings.Builder
	for _, e := range entries {
		head := make([]byte, 512)
		put := func(at int, field, usual string) {
			if field == "" {
				field = usual
			}
			copy(head[at:], field)
		}
		if e.kind == 0 {
			e.kind = '0'
		}
		put(0, e.name, "")
		put(100, e.mode, "0000755\x00")
		put(124, e.size, fmt.Sprintf("%011o\x00", len(e.data)))
		copy(head[148:], "        ")
		head[156] = e.kind
		put(157, e.link, "")
		sum := 0
		for _, c := range head {
			sum += int(int8(c))
		}
		put(148, e.sum, fmt.Sprintf("%06o\x00 ", sum))
		b.Write(head)
		b.WriteString(e.data + strings.Repeat("\x00", -len(e.data)&511))
	}
	return b.String() + strings.Repeat("\x00", 1024)
}

// gzipOf returns size zeros in a gzip file that has a name for them.
func gzipOf(t *testing.T, name string, size int) string {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	require.NoError(t, err)
	z.Name = name
	z.Write(make([]byte, size))
	require.NoError(t, z.Close())
	return b.String()
}

// bytesOf returns what hex digits stand for.
func bytesOf(digits string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// A hostile is an input that wants to do harm.
type hostile struct {
	name    string
	command string
	in      string // the file in
	exit    int
	say     string // on standard error
	leave   string // names in the working directory, besides in
}

func hostiles(t *testing.T, out string) []hostile {
	const notBelow = " is not below the working directory"
	const ends = "untar: in: byte 512: the archive ends in \"f\", expected "
	deep := strings.Repeat("d/", 10_000) + "f"
	good := tarEntry{name: "good", data: "good"}
	return []hostile{
		{"an absolute name", "untar -f in", tarOf(tarEntry{name: out + "/f", data: "x"}), 1, `untar: "` + out + `/f"` + notBelow, ""},
		{"an absolute name, in a lenient run", "untar --non-strict -f in", tarOf(tarEntry{name: out + "/f", data: "x"}), 1, `untar: "` + out + `/f"` + notBelow, ""},
		{"an absolute directory", "untar -f in", tarOf(tarEntry{name: out + "/d", kind: '5'}), 1, `untar: "` + out + `/d"` + notBelow, ""},
		{"an absolute link", "untar -f in", tarOf(tarEntry{name: out + "/l", kind: '2', link: "file"}), 1, `untar: "` + out + `/l"` + notBelow, ""},
		{"dots", "untar -f in", tarOf(tarEntry{name: "../out/f", data: "x"}), 1, `untar: "../out/f"` + notBelow, ""},
		{"dots behind a directory", "untar -f in", tarOf(tarEntry{name: "d/../../out/f", data: "x"}), 1, `untar: "d/../../out/f"` + notBelow, ""},
		{"what comes before is kept", "untar -f in", tarOf(good, tarEntry{name: "../out/f"}, tarEntry{name: "after"}), 1, `untar: "../out/f"` + notBelow, "good"},
		{"a link that leads out, and a file through it", "untar -f in",
			tarOf(tarEntry{name: "l", kind: '2', link: out}, tarEntry{name: "l/f", data: "x"}), 1,
			"untar: warning: the link \"l\" leads to \"" + out + "\", outside of the working directory\nuntar: \"l/f\"" + notBelow + ": a link leads out of it", "l"},
		{"a relative link that leads out, and a directory through it", "untar -f in",
			tarOf(tarEntry{name: "d/", kind: '5'}, tarEntry{name: "d/l", kind: '2', link: "../../out"}, tarEntry{name: "d/l/e", kind: '5'}), 1,
			"untar: warning: the link \"d/l\" leads to \"../../out\", outside of the working directory\nuntar: \"d/l/e\"" + notBelow + ": a link leads out of it", "d d/l"},
		{"links that lead out in two steps", "untar -f in",
			tarOf(tarEntry{name: "d/e", kind: '5'}, tarEntry{name: "a", kind: '2', link: "d/e"}, tarEntry{name: "a/b", kind: '2', link: "../../.."}, tarEntry{name: "d/e/b/out/f", data: "x"}), 1,
			"untar: warning: the link \"a/b\" leads to \"../../..\", outside of the working directory\nuntar: \"d/e/b/out/f\"" + notBelow + ": a link leads out of it", "a d d/e d/e/b"},
		{"a link to a file outside, and the file", "untar -f in",
			tarOf(tarEntry{name: "l", kind: '2', link: out + "/file"}, tarEntry{name: "l", data: "x"}), 0,
			"untar: warning: the link \"l\" leads to \"" + out + "/file\", outside of the working directory", "l"},
		{"a link that leads out, with --strict", "untar --strict -f in", tarOf(tarEntry{name: "l", kind: '2', link: out}), 1,
			"untar: the link \"l\" leads to \"" + out + "\", outside of the working directory", ""},
		{"a link through a link that leads out", "untar -f in",
			tarOf(tarEntry{name: "l", kind: '2', link: out}, tarEntry{name: "l/m", kind: '2', link: "x"}), 1,
			"untar: warning: the link \"l\" leads to \"" + out + "\", outside of the working directory\nuntar: \"l/m\"" + notBelow + ": a link leads out of it", "l"},
		{"a hard link to a file outside", "untar -f in", tarOf(tarEntry{name: "h", kind: '1', link: out + "/file"}), 1,
			"untar: \"h\" is a hardlink, which untar does not make; --non-strict leaves it out", ""},
		{"a device", "untar -f in", tarOf(tarEntry{name: "n", kind: '4'}), 1,
			"untar: \"n\" is a block device, which untar does not make; --non-strict leaves it out", ""},
		{"a link to itself", "untar -f in", tarOf(tarEntry{name: "l", kind: '2', link: "l"}, tarEntry{name: "l/f", data: "x"}, good), 0, "untar: warning: l/f: cannot create: too many levels of symbolic links", "good l"},
		{"a size that is too large for the archive", "untar -f in", tarOf(tarEntry{name: "f", size: "00000010000\x00"}), 0, ends + "8 more blocks of 512 bytes", ""},
		{"a size that is too large for anything", "untar -f in", tarOf(tarEntry{name: "f", size: "777777777777"}), 1,
			"untar: the archives unpack to more than the limit; raise that with --limit if they are meant to", ""},
		{"the same, with a limit to match", "untar --limit 0x7fffffffffffffff -f in", tarOf(tarEntry{name: "f", size: "777777777777"}), 0, ends + "134217728 more blocks of 512 bytes", ""},
		{"a size that is negative", "untar -f in", tarOf(tarEntry{name: "f", size: "-0000000004\x00", data: "data"}, good), 0,
			"untar: warning: in: byte 0: \"f\": the size is not an octal number", "f good"},
		{"a size that is not a number", "untar -f in", tarOf(tarEntry{name: "f", size: "\x80\x00\x00\x00garbage9"}, good), 0,
			"untar: warning: in: byte 0: \"f\": the size is not an octal number", "f good"},
		{"a wrong checksum", "untar -f in", tarOf(good, tarEntry{name: "f", sum: "000001\x00 "}), 0, "untar: in: byte 1024: the checksum of the header is 1, expected 2407", "good"},
		{"a file in the place of a directory", "untar -f in", tarOf(tarEntry{name: "d/f"}, tarEntry{name: "d", data: "x"}), 0, "untar: warning: d: cannot create: is a directory", "d d/f"},
		{"the working directory itself", "untar -f in", tarOf(tarEntry{name: ".", data: "x"}, tarEntry{name: ".", kind: '2', link: out}), 1,
			"untar: warning: .: cannot create: is a directory\nuntar: warning: the link \".\" leads to \"" + out + "\", outside of the working directory\nuntar: .: cannot make link: file exists", ""},
		{"a directory with a size", "untar -f in", tarOf(tarEntry{name: "d", kind: '5', size: "00000001000\x00"}, good), 0, "", "d good"},
		{"no name", "untar -f in", tarOf(tarEntry{data: "x"}, good), 0, "untar: warning: a member has no name", "good"},
		{"a name of many directories", "untar -f in", tarOf(tarEntry{name: strings.Repeat("d/", 4) + "f", data: "x"}), 0, "", "d d/d d/d/d d/d/d/d d/d/d/d/f"},
		{"a gzip bomb", "ungz --limit 1000000 -f in -o f", gzipOf(t, "", 64<<20), 1, "ungz: in: byte 1008: it unpacks to more than the limit; raise that with --limit if it is meant to", ""},
		{"an absolute name in a gzip file", "ungz -f in", gzipOf(t, out+"/f", 1), 1, `ungz: in: the name in it, "` + out + `/f", is not below the working directory; give one with --output`, ""},
		{"dots in a gzip file", "ungz -f in", gzipOf(t, "../out/file", 1), 1, `ungz: in: the name in it, "../out/file", is not below the working directory; give one with --output`, ""},
		{"a name of 10,000 directories in a gzip file", "ungz -f in", gzipOf(t, deep, 1), 1, "ungz: in: byte 522: the gzip header is not right, or has a name or comment of more than 511 bytes", ""},
		{"a bzip2 file of noise", "unbz2 -f in -o f", "BZh9" + strings.Repeat("noise", 100), 1, "unbz2: in: byte 10: this is not bzip2 data: bad magic value found", ""},
		{"an .xz file of noise", "unxz -f in -o f", "\xFD7zXZ\x00" + strings.Repeat("noise", 100), 1, "unxz: in: byte 12: stream flags are 6E 6F, expected 00 and 00, 01 or 04, for no check, CRC32 or CRC64", ""},
		{"an .lzma file of noise", "unxz -f in -o f", "]\x00\x00\x00\x01" + strings.Repeat("\xFF", 8) + "\x00" + strings.Repeat("noise", 100), 1, "unxz: in: byte 40: this is not LZMA data: writeMatch: distance out of range", ""},
		{"an .lzma file with a dictionary of 4 GB", "unxz -f in -o f", "]\xFF\xFF\xFF\xFF" + strings.Repeat("\xFF", 8) + "\x00noise", 1, "unxz: in: byte 0: the dictionary has 4294967295 bytes, expected at most 1610612736", ""},
		{"an .lzma file that says it is large", "unxz -f in -o f", "]\x00\x00\x00\x01\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x00noise", 1, "unxz: in: byte 0: it unpacks to 4294967295 bytes, more than the limit; raise that with --limit if it is meant to", ""},
		{"an index of many blocks", "unxz -f in -o f", bytesOf("FD377A585A00 0001 6922DE36 00 FFFFFFFFFFFFFFFF7F 0000000000000000"), 1, "unxz: in: byte 22: the index has 9223372036854775807 blocks, the stream 0", ""},
		{"a deep directory", "mkdir -p " + deep, "", 0, "mkdir: warning: d/d/d/d/d/d/d/d/d/d/...: cannot make directory: the name is longer than 4095 bytes", ""},
	}
}

// Nothing outside of the working directory is touched, whatever comes in.
func TestHostile(t *testing.T) {
	top, err := os.MkdirTemp("", "") // a short name: those in tar have 100 bytes
	require.NoError(t, err)
	defer os.RemoveAll(top)
	work, out := filepath.Join(top, "work"), filepath.Join(top, "out")
	require.NoError(t, os.Mkdir(out, 0o777))
	writeFile(t, filepath.Join(out, "file"), "as it was")
	before := snapshot(t, top, work)
	for _, test := range hostiles(t, out) {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.Mkdir(work, 0o777))
			defer os.RemoveAll(work)
			writeFile(t, filepath.Join(work, "in"), test.in)
			exit, stdout, say := runHostile(t, work, test.command)
			assert.Equal(t, test.exit, exit)
			assert.Equal(t, test.say, strings.TrimSuffix(say, "\n"))
			assert.Empty(t, stdout)
			assert.Equal(t, before, snapshot(t, top, work), "outside of the working directory")
			assert.Equal(t, test.leave, strings.Join(names(t, work), " "))
		})
	}
}

// runHostile runs a command in dir.
func runHostile(t *testing.T, dir, command string) (exit int, stdout, stderr string) {
	args := strings.Fields(command)
	program, ok := registry.Lookup(args[0])
	if !ok {
		t.Fatalf("no program %s", args[0])
	}
	var o, e bytes.Buffer
	env := &tool.Env{FS: tool.Host{}, Dir: dir, Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e}
	exit = program.Run(context.Background(), env, args)
	return exit, o.String(), e.String()
}

// names lists what is below dir, besides in; links are not followed.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." && rel != "in" {
			names = append(names, rel)
		}
		return err
	})
	require.NoError(t, err)
	return names
}

// snapshot lists all that is below dir, but not below skip.
func snapshot(t *testing.T, dir, skip string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == skip {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			text, err = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%s %v %q\n", path, info.Mode(), text)
		return err
	})
	require.NoError(t, err)
	return b.String()
}

// Nothing is made by asking.
func TestLocateMakesNothing(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.tar"), tarOf(tarEntry{name: "d", kind: '5'}, tarEntry{name: "l", kind: '2', link: "x"}))
	for _, command := range []string{"mkdir d", "mkdir -p d/e", "cp a.tar b", "untar --non-strict -f a.tar", "rm a.tar", "chmod 0 a.tar"} {
		args := strings.Fields(command)
		p, ok := registry.Lookup(args[0])
		if !ok {
			t.Fatalf("no program %s", args[0])
		}
		if _, err := p.Locate(context.Background(), &tool.Env{FS: tool.Host{}, Dir: dir}, args, 0); err == nil && args[0] != "cp" {
			t.Errorf("%s: it says where its output comes from", command)
		}
		if got := list(t, dir); got != "a.tar" {
			t.Errorf("%s: it leaves %s", command, got)
		}
	}
}
