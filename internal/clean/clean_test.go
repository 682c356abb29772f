package clean

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

func TestString(t *testing.T) {
	for _, test := range []struct{ in, line, text string }{
		{"", "", ""},
		{"x86/bin/M1: it's \"so\"\t$`\\", "x86/bin/M1: it's \"so\"\t$`\\", "x86/bin/M1: it's \"so\"\t$`\\"},
		{"Grüße, 漢字, e\u0301, 🙂", "Grüße, 漢字, e\u0301, 🙂", "Grüße, 漢字, e\u0301, 🙂"},
		{"a\nb\r\n", "a?b??", "a\nb?\n"},
		{"\x1b[31mred\x1b]0;title\x07", "?[31mred?]0;title?", "?[31mred?]0;title?"},
		{"\u009b31m\x7f\x00", "?31m??", "?31m??"},
		{"\x9b31m \xff\xfe", "?31m ?", "?31m ?"}, // not UTF-8
		{"cut off \xe2\x80", "cut off ?", "cut off ?"},
		{"a\u202Eb\u2066c\u2069\u200F\u061C\u200B\uFEFF\u00AD", "a?b?c??????", "a?b?c??????"},
		{"\u2028\u00a0\U000e0041", "???", "???"},
	} {
		assert.Equal(t, test.line, String(test.in))
		assert.Equal(t, test.text, Text(test.in))
		var b strings.Builder
		n, err := io.WriteString(Writer{&b}, test.in)
		assert.NoError(t, err)
		assert.Equal(t, len(test.in), n, "%q", test.in)
		assert.Equal(t, test.text, b.String())
	}
}

// No control character, and none that orders text, gets through.
func TestEveryCharacter(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		bad := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp, unicode.Bidi_Control) && r != '\t'
		if got := String(string(r)); bad && got != "?" && r != unicode.ReplacementChar && !(r >= 0xD800 && r < 0xE000) {
			t.Errorf("%U becomes %q", r, got)
		}
		if at, _ := Hidden("x" + string(r)); unicode.Is(unicode.Bidi_Control, r) && at != 1 {
			t.Errorf("%U is not found", r)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriterError(t *testing.T) {
	for _, text := range []string{"plain", "\x1b"} {
		n, err := io.WriteString(Writer{broken{}}, text)
		assert.Zero(t, n)
		assert.Equal(t, errBroken, err)
	}
}

func TestHidden(t *testing.T) {
	for _, test := range []struct {
		line string
		at   int
		name string
	}{
		{"58 # pop_eax", -1, "U+0000 NULL"},
		{"58 # pop_eax\t\r", -1, "U+0000 NULL"},
		{"é 漢 \u00a0 \xff", -1, "U+0000 NULL"},
		{"58 # \u202Expe_pop", 5, "U+202E RIGHT-TO-LEFT OVERRIDE"},
		{"é\u200bx\u202E", 2, "U+200B ZERO WIDTH SPACE"},
		{"a\rb", 1, "U+000D CARRIAGE RETURN"},
		{"\x1b[2K", 0, "U+001B ESCAPE"},
		{"x\f", 1, "U+000C"},
		{"\U000e0041", 0, "U+E0041"},
	} {
		at, r := Hidden(test.line)
		assert.Equal(t, test.at, at, "%q", test.line)
		assert.Equal(t, test.name, Name(r), "%q", test.line)
	}
}

func BenchmarkWriter(b *testing.B) {
	line := []byte("08048054  58                       pop eax                   # pop_eax          ; take what is there\n")
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		Writer{io.Discard}.Write(line)
	}
}
