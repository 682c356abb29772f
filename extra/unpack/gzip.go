package unpack

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"

	"stage0/source"
)

// Exit statuses of ungz.
const (
	gzipHeader = 1 // also if the file ends too early
	gzipData   = 3
)

// A Gzip is a gzip file whose first member's header has been read.
type Gzip struct {
	Name string // from the header, empty if it has none; any bytes

	in *input
	z  *gzip.Reader
}

// OpenGzip reads the header of src.
func OpenGzip(src source.Source) (*Gzip, error) {
	in := newInput(src)
	head, _ := in.buf.Peek(3)
	switch {
	case len(src.Text) < 10:
		return nil, in.errorf(gzipHeader, "the file ends in the gzip header, which has 10 bytes or more")
	case head[0] != 0x1F || head[1] != 0x8B:
		return nil, in.errorf(gzipHeader, "found %02X %02X, expected 1F 8B of a gzip header", head[0], head[1])
	case head[2] != 8:
		return nil, in.errorf(gzipHeader, "compression is %d, expected 8 for deflate", head[2])
	}
	z, err := gzip.NewReader(in)
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return nil, in.errorf(gzipHeader, "the gzip header is not right, or has a name or comment of more than 511 bytes")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, in.errorf(gzipHeader, "the file ends in the gzip header")
	case err != nil:
		return nil, err
	}
	z.Multistream(false)
	return &Gzip{latin1(z.Name), in, z}, nil
}

// latin1 returns a name as the bytes in the file; compress/gzip decodes it as
// Latin-1.
func latin1(name string) string {
	var raw []byte
	for _, c := range name {
		raw = append(raw, byte(c))
	}
	return string(raw)
}

// Unpack writes the data of the first member, at most limit bytes, and returns
// how many bytes follow it in the file.
func (g *Gzip) Unpack(w io.Writer, limit int64) (rest int64, err error) {
	err = unpack(w, g.z, g.in, limit, func(err error) error {
		var corrupt flate.CorruptInputError
		switch {
		case errors.Is(err, gzip.ErrChecksum):
			return g.in.errorf(gzipData, "the checksum or the length at the end is not that of the data")
		case errors.As(err, &corrupt):
			return g.in.errorf(gzipData, "this is not deflated data")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return g.in.errorf(gzipHeader, "the file ends in the deflated data, or in the checksum after it")
		}
		return err
	})
	return g.in.rest(), err
}
