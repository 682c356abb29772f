package tapes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
	"stage0/hex2"
	"stage0/m1"
	"stage0/source"
)

// Programs for a ladder whose steps are copies: the seed copies tape_01 to
// tape_02, and the monitor the console to tape_01.
const (
	copier = "E0002D201101 42100001" + // LOADUI R0 0x1101, FOPEN_WRITE
		"E0002D201100 42100000" + // LOADUI R0 0x1100, FOPEN_READ
		"E0002D211100 42100100" + // LOADUI R1 0x1100, FGETC
		"E0002CC0000E" + // JUMP.NP R0, to the end
		"E0002D211101 42100200" + // LOADUI R1 0x1101, FPUTC
		"3C00FFE2 FFFFFFFF" // JUMP back, HALT
	monitor = "E0002D201100 42100001" + // LOADUI R0 0x1100, FOPEN_WRITE
		"0D000021 42100100" + // FALSE R1, FGETC
		"E0002CC0000E" + // JUMP.NP R0, to the end
		"E0002D211100 42100200" + // LOADUI R1 0x1100, FPUTC
		"3C00FFE4 FFFFFFFF" // JUMP back, HALT
)

func program(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// copies returns the tree of that ladder.
func copies(t *testing.T) fstest.MapFS {
	t.Helper()
	copies := program(t, copier)
	tree := fstest.MapFS{
		seed: {Data: copies},
		defs: {},
		checksums: {Data: []byte(
			digest(program(t, monitor)) + "  roms/stage0_monitor\n" +
				digest(copies) + "  roms/M0\n" +
				digest(nil) + "  roms/lisp\n")},
	}
	for _, s := range ladder {
		tree[s.source] = &fstest.MapFile{Data: copies}
	}
	tree["stage0/stage0_monitor.hex0"] = &fstest.MapFile{Data: program(t, monitor)}
	return tree
}

func TestReplay(t *testing.T) {
	verdicts := map[string]Verdict{}
	n := 0
	err := Replay(t.Context(), copies(t), func(a Artefact) error {
		n++
		verdicts[a.Name] = a.Verdict()
		want := program(t, copier)
		if a.Name == "stage0_monitor" {
			want = program(t, monitor)
		}
		assert.Equal(t, want, a.Data, a.Name)
		assert.Equal(t, digest(want), a.Digest, a.Name)
		assert.NotEqual(t, 0, a.Steps, a.Name)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, len(ladder), n)
	for name, want := range map[string]Verdict{"stage0_monitor": Published, "M0": Published, "lisp": Different, "cc_x86": Unpublished} {
		if verdicts[name] != want {
			t.Errorf("%s: %s, want %s", name, verdicts[name], want)
		}
	}
	a := Artefact{Name: "cc_x86", Digest: made["cc_x86"], Published: digest(nil)}
	if a.Verdict() != Known {
		t.Errorf("cc_x86: %s", a.Verdict())
	}
}

func TestReplayErrors(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for _, test := range []struct {
		name, file string
		data       *fstest.MapFile // nil: it is not there
		want       string
	}{
		{"no checksums", checksums, nil, "open test/SHA256SUMS: file does not exist"},
		{"checksums", checksums, text("abc  roms/M0\n"), `test/SHA256SUMS: "abc  roms/M0\n" is not a line of sha256sum for a file in roms`},
		{"no seed", seed, nil, "open seed/NATIVE/knight/hex0-seed: file does not exist; it is in a submodule"},
		{"no source", "stage1/SET.hex2", nil, "stage1/SET.hex2: open stage1/SET.hex2: file does not exist"},
		{"no defs", defs, nil, "stage1/CAT.s: open High_level_prototypes/defs: file does not exist"},
		{"broken program", "stage1/M0-macro.hex2", text("\x02\x00\x00\x00"), "stage1/CAT.s: M0: 0x0: 02 00 00 00: unknown instruction"},
		{"no result", "stage1/M0-macro.hex2", text("\xFF\x00\x00\x00"), "stage1/CAT.s: M0: nothing on the tape"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := copies(t)
			delete(tree, test.file)
			if test.data != nil {
				tree[test.file] = test.data
			}
			err := Replay(t.Context(), tree, func(Artefact) error { return nil })
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestReplayStops(t *testing.T) {
	enough := errors.New("enough")
	if err := Replay(t.Context(), copies(t), func(Artefact) error { return enough }); err != enough {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if err := Replay(ctx, copies(t), func(Artefact) error { return nil }); !errors.Is(err, enough) {
		t.Errorf("error %v", err)
	}
}

// upstream returns the tree that STAGE0_KNIGHT names: a checkout of stage0 of
// commit eaae434, with its submodule seed.
func upstream(t *testing.T) fs.FS {
	t.Helper()
	dir := os.Getenv("STAGE0_KNIGHT")
	if dir == "" {
		t.Skip("STAGE0_KNIGHT does not name a stage0 tree")
	}
	return os.DirFS(dir)
}

// Every rung of upstream's ladder is what upstream publishes, or what its own
// virtual machine makes, and what our own assemblers make of the same source.
func TestUpstream(t *testing.T) {
	tree := upstream(t)
	var got []string
	err := Replay(t.Context(), tree, func(a Artefact) error {
		got = append(got, a.Name+": "+string(a.Verdict()))
		if own, ok := assemble(t, tree, a.Source); ok && digest(own) != a.Digest {
			t.Errorf("%s: our own tools make something else, with digest %s", a.Source, digest(own))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"stage0_monitor: as published",
		"stage1_assembler-0: as published",
		"stage1_assembler-0: as published",
		"DEHEX: as published",
		"stage1_assembler-1: as published",
		"stage1_assembler-2: as published",
		"SET: as published",
		"M0: as published",
		"CAT: as published",
		"M0-compact: as published",
		"lisp: as published",
		"cc_x86: as upstream's virtual machine makes it",
		"cc_aarch64: as upstream's virtual machine makes it",
		"cc_amd64: as upstream's virtual machine makes it",
		"cc_armv7l: as upstream's virtual machine makes it",
		"cc_knight-posix: as upstream's virtual machine makes it",
		"cc_knight-native: as upstream's virtual machine makes it",
		"forth: as published",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// assemble makes of a source what our own tools make of it. They do not know
// FORTH's names that begin with a digit.
func assemble(t *testing.T, tree fs.FS, name string) (image []byte, ok bool) {
	t.Helper()
	read := func(name string) source.Source {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		return source.Bytes(name, text)
	}
	var b bytes.Buffer
	var err error
	switch base := filepath.Base(name); {
	case base == "forth.s":
		return nil, false
	case path.Ext(base) == ".hex0":
		err = hex0.Assemble(&b, read(name), hex0.Options{})
	default:
		text := read(name)
		if path.Ext(base) == ".s" {
			var macros bytes.Buffer
			if err := m1.Assemble(&macros, []source.Source{read(defs), text}, m1.Options{Arch: "knight-native", BigEndian: true}); err != nil {
				t.Fatal(err)
			}
			text = source.Bytes(name, macros.Bytes())
		}
		err = hex2.Link(&b, []source.Source{text}, hex2.Options{Arch: "knight-native", BigEndian: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), true
}
