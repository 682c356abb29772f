package unpack

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

// archive returns archive/tar's output for the members.
func archive(t testing.TB, headers ...tar.Header) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, h.Size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// message returns the text of an error, or nothing.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// members lists the members of an archive, and returns its error.
func members(text string) (list string, err error) {
	a := NewTar(source.String("a", text))
	for {
		m, err := a.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		data, err := a.Data(m)
		if err != nil {
			return list, err
		}
		if int64(len(data)) != m.Size {
			return list, fmt.Errorf("%d bytes of %d", len(data), m.Size)
		}
		list += fmt.Sprintf("%c %o %d %q %q %s\n", m.Type, m.Mode, m.Size, m.Name, m.Link, m.Doubt)
	}
}

func TestTar(t *testing.T) {
	plain := archive(t,
		tar.Header{Name: "d/", Typeflag: tar.TypeDir, Mode: 0o750},
		tar.Header{Name: "d/f", Size: 513, Mode: 0o640},
		tar.Header{Name: "d/l", Typeflag: tar.TypeSymlink, Linkname: "f", Mode: 0o777},
		tar.Header{Name: strings.Repeat("n", 99), Size: 0, Mode: 0o600},
	)
	want := "5 750 0 \"d/\" \"\" \n0 640 513 \"d/f\" \"\" \n2 777 0 \"d/l\" \"f\" \n0 600 0 \"" + strings.Repeat("n", 99) + "\" \"\" \n"
	got, err := members(plain)
	assert.Equal(t, want, got)
	require.NoError(t, err)
	for _, test := range []struct{ name, text, list, err string }{
		{"no bytes", "", "", "a: byte 0: the archive ends, expected a header of 512 bytes or a block of zeros"},
		{"a short header", plain[:511], "", "a: byte 0: the archive ends, expected a header of 512 bytes or a block of zeros"},
		{"no end mark", plain[:512], "5 750 0 \"d/\" \"\" \n", "a: byte 512: the archive ends, expected a header of 512 bytes or a block of zeros"},
		{"short data", plain[:2047], "5 750 0 \"d/\" \"\" \n", "a: byte 1024: the archive ends in \"d/f\", expected 2 more blocks of 512 bytes"},
		{"noise", strings.Repeat("noise!!!", 64), "", "a: byte 0: the checksum of the header is 0, expected 117277"},
	} {
		list, err := members(test.text)
		assert.Equal(t, test.list, list, test.name)
		assert.Equal(t, test.err, message(err), test.name)
	}
}

func TestOctal(t *testing.T) {
	for field, want := range map[string]int64{
		"0000644\x00": 0o644, "   644 \x00": 0o644, "777777777777": 1<<36 - 1, "-17": 0o17, "": 0, "\x00\x00": 0, "8": 0, "9 17 6": 0o17,
	} {
		if got := octal([]byte(field)); got != want {
			t.Errorf("%q: %o, want %o", field, got, want)
		}
	}
}

func FuzzTar(f *testing.F) {
	f.Add(archive(f, tar.Header{Name: "f", Size: 3}, tar.Header{Name: "d/", Typeflag: tar.TypeDir}))
	f.Fuzz(func(t *testing.T, text string) {
		_, err := members(text)
		if fault := new(Error); err != nil && !errors.As(err, &fault) {
			t.Fatalf("%v has no position", err)
		}
		// With the right checksum, more of the code is reached.
		if head := []byte(text); len(head) >= tarBlock {
			copy(head[148:], fmt.Sprintf("%07o\x00", max(tarSum(head), 0)))
			if _, err := members(string(head)); err != nil && !errors.As(err, new(*Error)) {
				t.Fatalf("%v has no position", err)
			}
		}
	})
}
