package sample_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap/sample"
)

// The four spellings of the program are one program, and so are the two of
// each table.
func TestSpellings(t *testing.T) {
	for _, a := range arch.Ladders() {
		digest := known(t, a)
		for _, same := range [][]string{
			{"hello-hex0-seed", "hello-hex0", "hello-hex1", "hello-hex2", "hello-M0", "hello-M1"},
			{"sigils-M0", "sigils-M1"},
			{"more", "more-binary"},
		} {
			first := digest[a.Dir+"/out/"+same[0]]
			for _, name := range same {
				got := digest[a.Dir+"/out/"+name]
				assert.NotEqual(t, "", got, "%v %v %v", a.Name, name, same[0])
				assert.Equal(t, first, got, "%v %v %v", a.Name, name, same[0])
			}
		}
	}
}

// split returns the lines of a text that stand for bytes, in two columns: what
// the assembler reads, and the comment.
func split(t *testing.T, name string) (lines [][2]string) {
	t.Helper()
	text, err := fs.ReadFile(sample.Tree(), name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if code, comment, ok := strings.Cut(line, "#"); ok && strings.TrimSpace(code) != "" {
			lines = append(lines, [2]string{code, strings.TrimSpace(comment)})
		}
	}
	return lines
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		t.Fatalf("%q: %v", digits, err)
	}
	return b
}

// The comments of hello.hex0 give each line's address and, where instructions
// are words, the word.
func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		dir   string
		base  uint32 // hex2-0's
		words int
	}{
		{"x86", 0x08048000, 0},
		{"AMD64", 0x00600000, 0},
		{"AArch64", 0x00600000, 17},
		{"riscv32", 0x00600000, 16},
		{"riscv64", 0x00600000, 16},
	} {
		at, words := test.base, 0
		for _, line := range split(t, test.dir+"/hello.hex0") {
			b := unhex(t, line[0])
			columns := strings.Split(line[1], "  ")
			if want := fmt.Sprintf("%08X", at); columns[0] != want {
				t.Errorf("%s: %s: the address is %s", test.dir, line, want)
			}
			if _, err := hex.DecodeString(columns[1]); err == nil && len(columns[1]) == 8 {
				words++
				if want := fmt.Sprintf("%08X", binary.LittleEndian.Uint32(b)); columns[1] != want {
					t.Errorf("%s: %s: the word is %s", test.dir, line, want)
				}
			}
			at += uint32(len(b))
		}
		if words != test.words {
			t.Errorf("%s: %d words, want %d", test.dir, words, test.words)
		}
	}
}

// The comments of the tables give the bytes.
func TestTables(t *testing.T) {
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			dir, _, _ := replay(t, a)
			for _, test := range []struct {
				text   string
				column int
				made   string
			}{
				{"sigils.hex2", 0, "sigils-hex2-0"},
				{"sigils.hex2", 1, "sigils-hex2"},
				{"sigils.M1", 0, "sigils-M0"},
				{"sigils.M1", 0, "sigils-M1"},
				{"more.M1", 0, "more"},
			} {
				var want []byte
				for _, line := range split(t, a.Dir+"/"+test.text) {
					want = append(want, unhex(t, strings.Split(line[1], "|")[test.column])...)
				}
				got, err := os.ReadFile(filepath.Join(dir, a.Dir, "out", test.made))
				require.NoError(t, err, "%v %v", test.made, test.text)
				assert.Equal(t, want, got, "%v %v", test.made, test.text)
			}
		})
	}
}
