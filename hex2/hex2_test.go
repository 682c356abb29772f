package hex2

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/hex0"
	"stage0/source"
)

// sources returns Sources called in0, in1 and so on.
func sources(texts ...string) []source.Source {
	srcs := make([]source.Source, len(texts))
	for i, text := range texts {
		srcs[i] = source.String(fmt.Sprint("in", i), text)
	}
	return srcs
}

func link(t testing.TB, opt Options, texts ...string) ([]byte, error) {
	t.Helper()
	var out bytes.Buffer
	err := Link(&out, sources(texts...), opt)
	return out.Bytes(), err
}

// everyMode calls f for each row of the table.
func everyMode(f func(name string, opt Options)) {
	for _, d := range dialects {
		f(fmt.Sprintf("%v-%s", d.mode, d.arch), Options{Mode: d.mode, Arch: d.arch})
	}
}

func TestTable(t *testing.T) {
	rows := map[string]int{}
	everyMode(func(name string, _ Options) { rows[name]++ })
	for _, a := range arch.All {
		if rows["hex2-"+a.Name] != 1 {
			t.Errorf("%d rows for hex2 of %s", rows["hex2-"+a.Name], a.Name)
		}
		ladder := 0
		if a.Dir != "" {
			ladder = 1
		}
		for _, seed := range []string{"hex1-", "hex2-0-"} {
			if rows[seed+a.Name] != ladder {
				t.Errorf("%d rows for %s%s, want %d", rows[seed+a.Name], seed, a.Name, ladder)
			}
		}
	}
	for _, opt := range []Options{
		{},
		{Arch: "vax"},
		{Mode: SeedHex1, Arch: "armv7l"},
		{Mode: 7, Arch: "x86"},
		{Arch: "x86", Radix: 10},
	} {
		if _, err := link(t, opt, "00"); err == nil {
			t.Errorf("no error for %+v", opt)
		}
	}
}

// A branch, decoded as in the processor's manual, must lead to its label.
func TestBranches(t *testing.T) {
	for _, test := range []struct {
		arch, forward, backward string
		target                  func(address, word uint32) uint32
	}{
		{"aarch64", "^~%s 14", "^~%s 17", func(address, word uint32) uint32 { // B: imm26, in words
			return address + uint32(int32(word<<6)>>4)
		}},
		{"armv7l", "^~%s EA", "^~%s EA", func(address, word uint32) uint32 { // B: imm24, in words, from 8 bytes after the instruction
			return address + 8 + uint32(int32(word<<8)>>6)
		}},
		{"amd64", "%%%s", "%%%s", func(address, word uint32) uint32 { // rel32, from the next instruction
			return address + 4 + word
		}},
		{"ppc64le", "~%s 48", "~%s 4B", func(address, word uint32) uint32 { // b: LI, in bytes; AA and LK are 0
			return address + uint32(int32(word<<6)>>6)
		}},
		{"ppc64le", "^~%s 48", "^~%s 4B", func(address, word uint32) uint32 { // bl: LK is 1
			return address + uint32(int32((word-1)<<6)>>6)
		}},
	} {
		const base = 0x10000
		text := fmt.Sprintf(":a 00000000 "+test.forward+"\n"+test.backward+"\n"+test.forward+"\n:c :b 00000000", "b", "a", "c")
		out, err := link(t, Options{Arch: test.arch, Base: base}, text)
		if err != nil {
			t.Errorf("%s: %v", test.arch, err)
			continue
		}
		for i, want := range []uint32{base + 16, base, base + 16} {
			address := uint32(base + 4 + 4*i)
			if got := test.target(address, binary.LittleEndian.Uint32(out[4+4*i:])); got != want {
				t.Errorf("%s: %q: the branch at %X leads to %X, want %X", test.arch, text, address, got, want)
			}
		}
	}
}

// Every mode gives the same result as hex0 for a text without labels.
func TestAsHex0(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var text strings.Builder
		for range rng.IntN(60) {
			text.WriteString([]string{"0", "7f", "E4", "A", "b", " ", "\t", "\n", "# 12 :a %a\n", "; x\r\n", "3"}[rng.IntN(11)])
		}
		text.WriteString("\n")
		everyMode(func(name string, opt Options) {
			var want bytes.Buffer
			if err := hex0.Assemble(&want, source.String("", text.String()), hex0.Options{CommentEndsAtCR: true}); err != nil {
				t.Fatal(err)
			}
			got, err := link(t, opt, text.String())
			require.NoError(t, err, "%v %v", name, text.String())
			assert.Equal(t, want.Bytes(), got, "%v %v", name, text.String())
		})
	}
}

// piece returns a complete token or byte in an architecture's format.
func piece(rng *rand.Rand, opt Options) string {
	name := func() string { return string(rune('a' + rng.IntN(5))) }
	branches := strings.HasPrefix(opt.Arch, "riscv")
	switch rng.IntN(9) {
	case 0:
		return ":" + name() + "\n"
	case 1:
		return "%" + name() + " "
	case 2:
		return "%" + name() + ">" + name() + "\n"
	case 3:
		return "&" + name() + " # comment\n"
	case 4:
		return "< "
	case 5:
		if branches {
			return "." + fmt.Sprintf("%08x", rng.Uint32())
		}
		return "^ "
	case 6:
		if branches {
			return "!" + name() + " ~" + name() + " "
		}
		return "@" + name() + " "
	}
	return fmt.Sprintf("%02X", rng.IntN(256))
}

// allLabels defines the labels used by pieces.
const allLabels = ":a 00 00 00 00 :b 00 00 00 00 :c :d :e\n"

// It makes no difference where texts are split, except inside a token or byte.
func TestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, a := range arch.All {
		for range 200 {
			opt := Options{Arch: a.Name, BigEndian: a.BigEndian, Base: 0x1000}
			texts := []string{allLabels}
			for range 20 {
				if rng.IntN(4) == 0 {
					texts = append(texts, "")
				}
				texts[len(texts)-1] += piece(rng, opt)
			}
			want, err1 := link(t, opt, strings.Join(texts, ""))
			got, err2 := link(t, opt, texts...)
			if (err1 == nil) != (err2 == nil) || err1 == nil && !bytes.Equal(got, want) {
				t.Errorf("%s: %q gives\n% X (%v), in one text\n% X (%v)", a.Name, texts, got, err2, want, err1)
			}
		}
	}
}

// In aarch64's hex2-0, a '^' has no effect in the next text.
func TestSplitHat(t *testing.T) {
	opt := Options{Mode: SeedHex2, Arch: "aarch64"}
	want, _ := link(t, opt, ":a 00000000 ~a 00")
	got, err := link(t, opt, ":a 00000000 ^", "~a 00")
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestLocate(t *testing.T) {
	for _, test := range []struct {
		opt   Options
		texts []string
		want  string // the position of each byte of the output
	}{
		{Options{Arch: "amd64"}, []string{"01 2\n3 :a # 45\n%a", "&a 6 %a 7"},
			"in0:1:1 in0:1:4 in0:3:1 in0:3:1 in0:3:1 in0:3:1 in1:1:1 in1:1:1 in1:1:1 in1:1:1 in1:1:6 in1:1:6 in1:1:6 in1:1:6 in1:1:4"},
		{Options{Arch: "amd64"}, []string{":a 01\n23 !a ", "&a 6 %a 7"},
			"in0:1:4 in0:2:1 in0:2:4 in1:1:1 in1:1:1 in1:1:1 in1:1:1 in1:1:6 in1:1:6 in1:1:6 in1:1:6 in1:1:4"},
		{Options{Arch: "riscv64"}, []string{":a 01 <\n$a .00000080 6F000000"},
			"in0:1:4 in0:1:7 in0:1:7 in0:1:7 in0:2:14 in0:2:16 in0:2:18 in0:2:20"},
		{Options{Arch: "amd64", Radix: 8}, []string{"001 0\n02"}, "in0:1:1 in0:1:5"},
		{Options{Mode: SeedHex1, Arch: "amd64"}, []string{"12 :a%a"}, "in0:1:1 in0:1:6 in0:1:6 in0:1:6 in0:1:6"},
	} {
		var got []string
		for offset := int64(0); ; offset++ {
			at, err := Locate(sources(test.texts...), test.opt, offset)
			if err != nil {
				if want := fmt.Sprintf("offset %d is past the end of the output", offset); err.Error() != want && !strings.Contains(err.Error(), "not defined") {
					t.Errorf("%q: %v", test.texts, err)
				}
				break
			}
			got = append(got, at.String())
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%q comes from\n%s, want\n%s", test.texts, got, test.want)
		}
	}
	_, err := Locate(sources("00 &a"), Options{Arch: "amd64"}, 9)
	assert.EqualError(t, err, `in0:1:4: label "a" is not defined`)
}

// failing is a writer that fails after that many bytes.
type failing int

func (f *failing) Write(p []byte) (int, error) {
	if *f -= failing(len(p)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteError(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("00", 100000),
		strings.Repeat("0 0", 100000),
		":a " + strings.Repeat("%a\n", 30000),
		"." + strings.Repeat("00", 100000),
		strings.Repeat("00<", 30000),
	} {
		for _, most := range []failing{0, 50000} {
			w := most
			if err := Link(&w, sources(text), Options{Arch: "riscv32"}); err != io.ErrShortWrite {
				t.Errorf("%.20q after %d bytes: %v", text, most, err)
			}
		}
	}
}
