package unpack

import (
	"compress/bzip2"
	"errors"
	"io"

	"stage0/source"
)

// Unbz2 writes the data of the first bzip2 stream in src, at most limit bytes,
// and returns how many bytes follow the stream.
func Unbz2(w io.Writer, src source.Source, limit int64) (rest int64, err error) {
	in := newInput(src)
	first := &firstStream{input: in, left: -1}
	first.r = bzip2.NewReader(blockBytes{first})
	err = unpack(w, first, in, limit, func(err error) error {
		var corrupt bzip2.StructuralError
		switch {
		case errors.As(err, &corrupt):
			return in.errorf(1, "this is not bzip2 data: %s", string(corrupt))
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
			return in.errorf(1, "the file ends in the bzip2 data")
		}
		return err
	})
	if err == nil && first.left != 0 {
		return 0, in.errorf(1, "the file ends in the bzip2 data") // it is empty
	}
	return in.rest(), err
}

const (
	bzip2End     = 0x177245385090 // 48 bits before the last checksum, not byte-aligned
	bzip2EndBits = 48
)

// A firstStream is the input of compress/bzip2 up to the end of the first
// stream. compress/bzip2 alone would continue with the next one.
//
// When a call of Read needs bytes, its first ones are the start of another
// block or the end mark. So firstStream looks for the mark only in those bytes:
// inside a block it may occur by chance.
type firstStream struct {
	*input
	r      io.Reader // compress/bzip2's
	window uint64    // the last 8 bytes
	fresh  int       // how many bytes the current call has read
	left   int       // bytes left before the end; -1 if not known
}

func (s *firstStream) Read(p []byte) (int, error) {
	s.fresh = 0
	return s.r.Read(p)
}

// blockBytes is how compress/bzip2 sees a firstStream.
type blockBytes struct{ s *firstStream }

func (b blockBytes) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

func (b blockBytes) ReadByte() (byte, error) {
	s := b.s
	if s.left == 0 {
		return 0, io.EOF
	}
	c, err := s.input.ReadByte()
	if err != nil {
		return c, err
	}
	s.window = s.window<<8 | uint64(c)
	switch {
	case s.left > 0:
		s.left--
	case s.fresh < 4+7: // 4 bytes of stream header, and the mark, which may start in the byte before
		for bits := range 8 {
			if s.window>>bits&(1<<bzip2EndBits-1) == bzip2End {
				s.left = 4 // the checksum, and the padding of its last byte
			}
		}
	}
	s.fresh++
	return c, nil
}
