package extra

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/source"
)

// The digests that NIST publishes for the empty text and for "abc".
func TestDigests(t *testing.T) {
	for _, test := range []struct {
		bits       int // of SHA3; 0 means SHA-256
		text, want string
	}{
		{0, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{0, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{224, "", "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7"},
		{256, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
		{384, "", "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004"},
		{512, "abc", "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
	} {
		got, err := SHA256([]byte(test.text)), error(nil)
		if test.bits != 0 {
			got, err = SHA3([]byte(test.text), test.bits)
		}
		assert.NoError(t, err)
		assert.Equal(t, test.want, got, "%d of %q", test.bits, test.text)
	}
	_, err := SHA3(nil, 128)
	assert.EqualError(t, err, "there is no SHA3 of 128 bits; there are 224, 256, 384 and 512")
}

// checksums returns all lines of a list, and its error.
func checksums(text string) (all []Checksum, err error) {
	list := NewChecksumList(source.String("l", text), source.Diagnostics{})
	for err == nil {
		var c Checksum
		if c, err = list.Next(); err == nil {
			all = append(all, c)
		}
	}
	if err == io.EOF {
		err = nil
	}
	return all, err
}

func TestChecksumList(t *testing.T) {
	digest := strings.Repeat("0123456789abcdeF", 4)
	for _, test := range []struct {
		text  string
		names string // of the valid lines
		err   string
	}{
		{digest + "  a\n" + digest + "  b c\n", "a,b c", ""},
		{digest + "  a", "a", ""},
		{digest + "  a\n\x00garbage", "a", ""},
		{digest + "  a\x00b\n", "a", ""},
		{digest + "  \n", "", ""},
		{"", "", "l:1:1: the line ends in the digest, expected 64 digits"},
		{"\n", "", "l:1:1: the line ends in the digest, expected 64 digits"},
		{digest + "  a\n\n", "a", "l:2:1: the line ends in the digest, expected 64 digits"},
		{digest + "  a\n" + digest[:63] + "\n", "a", "l:2:64: the line ends in the digest, expected 64 digits"},
		{digest[:63] + "A  a\n", "", "l:1:64: found 'A' in the digest, expected 0 to 9 and a to f"},
		{digest + " *a\n", "", "l:1:65: expected two spaces between the digest and the name"},
		{digest + " ", "", "l:1:65: expected two spaces between the digest and the name"},
		{digest + "  " + strings.Repeat("x", 4096), "", "l:1:67: the name is longer than 4095 bytes"},
	} {
		all, err := checksums(test.text)
		var names []string
		for _, c := range all {
			names = append(names, c.Name)
			if c.Digest != strings.ToLower(digest) {
				t.Errorf("%q: digest %s", test.text, c.Digest)
			}
		}
		got := strings.Join(names, ",")
		assert.Equal(t, test.names, got, test.text)
		assert.Equal(t, test.err, message(err), test.text)
	}
}

// message returns the text of an error, or "".
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzChecksumList(f *testing.F) {
	f.Add(strings.Repeat("0123456789abcdeF", 4) + "  a\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := checksums(text)
		if _, ok := err.(*source.Error); err != nil && !ok {
			t.Fatalf("%v has no position", err)
		}
	})
}

func TestReplace(t *testing.T) {
	for _, test := range []struct{ text, pattern, replacement, want, err string }{
		{"one two one", "one", "three", "three two three", ""},
		{"aaaaa", "aa", "a", "aaa", ""},
		{"abab", "ab", "", "", ""},
		{"a\x00b ab\x00", "ab", "c", "ab c", ""},
		{"ab", "b", "b", "ab", ""},
		{"ab", "ab", "c", "", "in: has 2 bytes, expected more than the 2 of the text to match on"},
		{"ab", "", "c", "", "found an empty text to match on"},
	} {
		var out strings.Builder
		err := Replace(&out, source.String("in", test.text), test.pattern, test.replacement)
		assert.Equal(t, test.want, out.String(), "%v %v %v", test.text, test.pattern, test.replacement)
		assert.Equal(t, test.err, message(err), "%v %v %v", test.text, test.pattern, test.replacement)
	}
}

func FuzzReplace(f *testing.F) {
	f.Add("one two one", "one", "three")
	f.Fuzz(func(t *testing.T, text, pattern, replacement string) {
		var out strings.Builder
		if Replace(&out, source.String("in", text), pattern, replacement) != nil {
			return
		}
		// Upstream's algorithm: a window that moves byte by byte.
		var want strings.Builder
		for text != "" {
			if strings.HasPrefix(text, pattern) {
				want.WriteString(replacement)
				text = text[len(pattern):]
				continue
			}
			if text[0] != 0 {
				want.WriteByte(text[0])
			}
			text = text[1:]
		}
		if out.String() != want.String() {
			t.Fatalf("%q, want %q", out.String(), want.String())
		}
	})
}

func TestParseMode(t *testing.T) {
	for text, want := range map[string]uint32{
		"755": 0o755, "0755": 0o755, "4_7_5_5": 0o4755, "x1Ff": 0o777, "b110": 6, "1000000755": 0o755, "-1": 0o7777,
		"": 0, "+x": 0, "u+x": 0, "758": 0, "x": 0, "x1g": 0, "b2": 0, "_": 0, "7 5": 0, "é": 0,
	} {
		got, ok := ParseMode(text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, want != 0, ok, text)
	}
}
