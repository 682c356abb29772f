package diff_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/diff"
	"stage0/source"
)

func compared(t *testing.T, a, b string) string {
	t.Helper()
	var text strings.Builder
	d := diff.CompareTexts(source.String("a", a), source.String("b", b))
	require.NoError(t, d.Print(&text))
	if got := strings.Contains(text.String(), "\nthe same\n"); got != d.Same() {
		t.Errorf("Same is %v, printed is %v", d.Same(), got)
	}
	return text.String()
}

func TestTexts(t *testing.T) {
	hello := file(t, "x86/hello.M1")
	long := strings.Repeat("00\n", 100)
	golden(t, "texts", []example{
		{"same", compared(t, hello, hello)},
		{"comments", compared(t, hello, strings.ReplaceAll(hello, "    # file", "# File"))},
		{"semicolon", compared(t, "00 ; one\n01", "00\n;two\n01")},
		{"word", compared(t, hello, strings.Replace(hello, "mov_ebx, %1 ", "mov_ebx, %2 ", 1))},
		{"line", compared(t, hello, strings.Replace(hello, "    inc_edx ", "    inc_edx\n\n    inc_edx ", 1))},
		{"string", compared(t, hello, strings.Replace(hello, "ladder!\n", "ladder?\n", 1))},
		{"in-a-string", compared(t, "\"a # b\"\n'a ; b' 00", "\"a # c\"\n'a ; c' 00")},
		{"unclosed", compared(t, ":a \"b c", ":a \"b d")},
		{"unclosed-alone", compared(t, "\"", "'")},
		{"shorter", compared(t, ":a 00 # one\n:b 01 02\n", ":a 00\n:b 01\n")},
		{"nothing", compared(t, "", " \n")},
		{"nothing-else", compared(t, "", "00")},
		{"long", compared(t, long+"01\n"+long, long+"02\n"+long)},
		{"other", compared(t, long, strings.Repeat("11\n", 90))},
		{"cr", compared(t, "00\r\n01\r\n", "00\r\n02\r\n")},
	})
}

func TestKindOf(t *testing.T) {
	for text, want := range map[string]diff.Kind{
		"":               diff.Text,
		"00 # caf\u00e9": diff.Text,
		"00 \xe9":        diff.Binary,
		"\x7fELF\x01":    diff.Binary,
		"\n\t {\"a\":1}": diff.JSON,
		"a {":            diff.Text,
		"a\vb\fc\r\n":    diff.Text,
		"a\x00":          diff.Binary,
	} {
		assert.Equal(t, want, diff.KindOf([]byte(text)), "%q", text)
	}
	assert.Equal(t, "a binary, a text, JSON", fmt.Sprintf("%v, %v, %v", diff.Binary, diff.Text, diff.JSON))
}

// Fuzz compares anything, and checks that nothing panics and that what is said
// of the same is right.
func Fuzz(f *testing.F) {
	f.Add([]byte("00 # a\n:b \"c"), []byte(":b"))
	f.Add([]byte("\x7fELF\x01\x01\x01"), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d := diff.CompareBinaries(diff.Side{Data: a}, diff.Side{Data: b}, nil)
		assert.NoError(t, d.Print(io.Discard))
		assert.Equal(t, bytes.Equal(a, b), d.Same())
		assert.Equal(t, d.Start == len(a) && len(a) == len(b), d.Same())
		texts := diff.CompareTexts(source.Bytes("a", a), source.Bytes("b", b))
		assert.NoError(t, texts.Print(io.Discard))
		if bytes.Equal(a, b) {
			assert.True(t, texts.Same())
		}
	})
}
