package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	const digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	d, zero := digestOf("hello"), digestOf("")
	for _, c := range []struct {
		text string
		want []File
	}{
		{digits + "  a b\n", []File{{name: "a b", digest: &d}}},
		{digits + " *bin/a", []File{{name: "bin/a", digest: &d}}},
		{strings.ToUpper(digits) + "  ./a\r\n", []File{{name: "a", digest: &d}}},
		{digits + "  -\n" + digits + "\n", []File{{name: "-", digest: &d}, {digest: &d}}},
		{`\` + digits + `  a\nb\\c` + "\n", []File{{name: "a\nb\\c", digest: &d}}},
		{digits + `  a\nb` + "\n", []File{{name: `a\nb`, digest: &d}}},
		{"SHA256 (a (b)) = " + digits + "\n", []File{{name: "a (b)", digest: &d}}},
		{"SHA256(a)= " + digits + "\n", []File{{name: "a", digest: &d}}},
		{"SHA2-256(a)= " + digits + "\n", []File{{name: "a", digest: &d}}},
		{"./a: OK\nb: c: FAILED\n", []File{{name: "a", said: passed}, {name: "b: c", said: refused}}},
		{" +> sha256sum -c x\na: FAILED\nWanted:   " + digits + "\nReceived: " + fmt.Sprint(zero) + "\nb: OK\nsha256sum: WARNING: 1 computed checksum did NOT match\n",
			[]File{{name: "a", said: refused, wanted: &d, digest: &zero}, {name: "b", said: passed}}},
		{"deadbeef  a\n" + digits + "  b\n", []File{{name: "b", digest: &d}}}, // it is a word
	} {
		got, err := Parse("list", []byte(c.text))
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		assert.Equal(t, c.want, got, "%q", c.text)
	}
	files, err := Parse("list", []byte("a: FAILED open or read\n"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.EqualError(t, files[0].err, "the log says that it could not be read")
}

func TestParseErrors(t *testing.T) {
	const digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	for _, c := range []struct{ text, want string }{
		{"", "list: has no digest in the format of sha256sum"},
		{"hello\nworld  x\n", "list: has no digest in the format of sha256sum"},
		{digits + "  a\n" + digits[1:] + "  b\n", `list:2:1: "` + digits[1:] + `" is not a SHA-256 digest`},
		{digits + digits + "  a\n", `list:1:1: "` + digits + digits + `" is not a SHA-256 digest`},
		{digits + digits + digits + "  a\n", "list:1:1: 192 digits, expected 64 of SHA-256"},
		{"SHA256 (a) = 12\n", `list:1:1: "12" is not a SHA-256 digest`},
		{"Received: " + digits + "\n", "list:1:1: a digest of no file: expected NAME: FAILED before it"},
		{"a: OK\nReceived: " + digits + "\n", "list:2:1: a digest of no file: expected NAME: FAILED before it"},
		{"a: FAILED\nReceived: 12\n", `list:2:1: "12" is not a SHA-256 digest`},
		{strings.Repeat("a: OK\n", maxFiles+1), "list:200001:1: more than 200000 files"},
	} {
		_, err := Parse("list", []byte(c.text))
		assert.EqualError(t, err, c.want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  a\nb: FAILED\nWanted: 0\n")
	f.Add("SHA256 (M1) = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nhex2: OK\n")
	known := releases(true)
	f.Fuzz(func(t *testing.T, text string) {
		files, err := Parse("list", []byte(text))
		if err != nil {
			assert.Regexp(t, "^list:", err)
			return
		}
		printed(t, Check(files, known, ""))
	})
}
