package unpack

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"stage0/internal/golden"
	"stage0/source"
)

// sample returns an input file from one of program's goldens.
func sample(t testing.TB, program, name, file string) []byte {
	g, err := golden.Load(filepath.Join("..", "..", "testdata", program, name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return g.Inputs[file]
}

func compress(t testing.TB, text string, to func(io.Writer) (io.WriteCloser, error)) []byte {
	var b bytes.Buffer
	w, err := to(&b)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An unpacker is one of the decompressors.
type unpacker func(w io.Writer, src source.Source, limit int64) (rest int64, err error)

func ungz(w io.Writer, src source.Source, limit int64) (int64, error) {
	z, err := OpenGzip(src)
	if err != nil {
		return 0, err
	}
	return z.Unpack(w, limit)
}

// texts returns texts to pack, longer than a buffer and than a bzip2 block.
func texts() map[string]string {
	return map[string]string{"empty": "", "short": "abc\n", "long": strings.Repeat("0123456789abcde\n", 70_000)}
}

// Packed data is unpacked, up to its end and no further than the limit.
func TestUnpack(t *testing.T) {
	packers := map[string]struct {
		unpack unpacker
		pack   func(io.Writer) (io.WriteCloser, error)
	}{
		"gzip": {ungz, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
		"xz":   {Unxz, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }},
		"xz of blocks": {Unxz, func(w io.Writer) (io.WriteCloser, error) {
			return xz.WriterConfig{BlockSize: 10_000, CheckSum: xz.CRC32}.NewWriter(w)
		}},
		"xz without a check": {Unxz, func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{NoCheckSum: true}.NewWriter(w) }},
		"lzma":               {Unxz, func(w io.Writer) (io.WriteCloser, error) { return lzma.NewWriter(w) }},
	}
	for name, p := range packers {
		for size, text := range texts() {
			packed := compress(t, text, p.pack)
			for _, rest := range []string{"", "garbage"} {
				src := source.Bytes("in", append(bytes.Clone(packed), rest...))
				var out strings.Builder
				left, err := p.unpack(&out, src, int64(len(text)))
				if err != nil || out.String() != text || left != int64(len(rest)) {
					t.Errorf("%s, %s: %d bytes of %d, rest %d of %q, %v", name, size, out.Len(), len(text), left, rest, err)
				}
			}
			if text == "" {
				continue
			}
			if _, err := p.unpack(io.Discard, source.Bytes("in", packed), int64(len(text)-1)); err == nil || !strings.HasSuffix(err.Error(), "--limit if it is meant to") {
				t.Errorf("%s, %s, with a limit: %v", name, size, err)
			}
			fails(t, name+", "+size, p.unpack, packed)
		}
	}
}

// fails checks that a file truncated at any point is an error.
func fails(t *testing.T, name string, unpack unpacker, packed []byte) {
	for n := 0; n < len(packed); n += 1 + len(packed)/20 {
		_, err := unpack(io.Discard, source.Bytes("in", packed[:n]), DefaultLimit)
		if fault := new(Error); !errors.As(err, &fault) {
			t.Errorf("%s, the first %d bytes of %d: %v", name, n, len(packed), err)
		}
	}
}

// Of several streams, only the first is unpacked.
func TestUnbz2(t *testing.T) {
	for _, name := range []string{"output", "runs", "empty"} {
		packed := sample(t, "unbz2", name, "a.bz2")
		want, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed)))
		if err != nil {
			t.Fatal(err)
		}
		for _, rest := range []string{"", "garbage", string(packed)} {
			var out strings.Builder
			left, err := Unbz2(&out, source.String("in", string(packed)+rest), int64(len(want)))
			if err != nil || out.String() != string(want) || left != int64(len(rest)) {
				t.Errorf("%s: %d bytes of %d, rest %d of %d, %v", name, out.Len(), len(want), left, len(rest), err)
			}
		}
		fails(t, name, Unbz2, packed)
	}
}

// A block's mark is never taken for the end mark: at no bit offset do the two
// overlap.
func TestBzip2Marks(t *testing.T) {
	const block = 0x314159265359
	for shift := 1; shift < 8+8; shift++ {
		mask := uint64(1)<<(bzip2EndBits-shift) - 1
		if block&mask == bzip2End>>shift || bzip2End&mask == block>>shift {
			t.Errorf("the marks overlap by %d bits", bzip2EndBits-shift)
		}
	}
}

// If any bit of an .xz file is flipped, there is an error, or the data is
// unchanged: the decoder ignores parts of a chunk's header.
func TestUnxzFlips(t *testing.T) {
	const limit = 1 << 14 // small, to make the dictionary small, too
	for _, name := range []string{"block-sizes", "crc32"} {
		packed := sample(t, "unxz", name, "a.xz")
		var want strings.Builder
		if _, err := Unxz(&want, source.Bytes("in", packed), limit); err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(packed) {
			flipped := bytes.Clone(packed)
			flipped[bit/8] ^= 1 << (bit % 8)
			var out strings.Builder
			_, err := Unxz(&out, source.Bytes("in", flipped), limit)
			if fault := new(Error); !errors.As(err, &fault) && (err != nil || out.String() != want.String()) {
				t.Errorf("%s: bit %d of byte %d: %v", name, bit%8, bit/8, err)
			}
			if header := bit/8 < 24; header && err == nil {
				t.Errorf("%s: bit %d of byte %d, in a header, is not noticed", name, bit%8, bit/8)
			}
			if tail := bit/8 >= len(packed)-28; tail && err == nil {
				t.Errorf("%s: bit %d of byte %d, in the index or the footer, is not noticed", name, bit%8, bit/8)
			}
		}
	}
}

// A name in a gzip file may be any bytes.
func TestGzipName(t *testing.T) {
	z, err := OpenGzip(source.String("in", "\x1F\x8B\x08\x08\x00\x00\x00\x00\x00\x03\xC3\xA9\xFF\x00"))
	if err != nil || z.Name != "\xC3\xA9\xFF" {
		t.Errorf("%q, %v", z.Name, err)
	}
}

// Errors of the writer are returned unchanged.
func TestUnpackWriteError(t *testing.T) {
	packed := compress(t, "abc", func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
	if _, err := Unxz(failing{}, source.Bytes("in", packed), DefaultLimit); err != os.ErrClosed {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func fuzz(f *testing.F, unpack unpacker) {
	f.Fuzz(func(t *testing.T, packed []byte) {
		var out bytes.Buffer
		const limit = 1 << 16
		rest, err := unpack(&out, source.Bytes("in", packed), limit)
		if fault := new(Error); err != nil && !errors.As(err, &fault) {
			t.Fatalf("%v has no position", err)
		}
		if out.Len() > limit+1 || rest < 0 || rest > int64(len(packed)) {
			t.Fatalf("%d bytes, rest %d", out.Len(), rest)
		}
	})
}

func FuzzUngz(f *testing.F) {
	f.Add(sample(f, "ungz", "name", "a.gz"))
	f.Add(sample(f, "ungz", "extra", "a.gz"))
	fuzz(f, ungz)
}

func FuzzUnbz2(f *testing.F) {
	f.Add(sample(f, "unbz2", "streams", "a.bz2"))
	f.Add(sample(f, "unbz2", "runs", "a.bz2"))
	fuzz(f, Unbz2)
}

func FuzzUnxz(f *testing.F) {
	f.Add(sample(f, "unxz", "block-sizes", "a.xz"))
	f.Add(sample(f, "unxz", "none", "a.xz"))
	f.Add(sample(f, "unxz", "lzma", "a.lzma"))
	fuzz(f, Unxz)
}
