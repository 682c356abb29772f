package extra

import (
	"fmt"
	"io"

	"stage0/source"
)

// Catm writes srcs to w, one after the other. Its errors are those of w.
//
// Both versions of catm do this: the ladder's seed (<ARCH>/catm_<ARCH>.hex2),
// and the program of mescc-tools-extra. Opening files is the caller's part.
func Catm(w io.Writer, srcs []source.Source) error {
	for _, src := range srcs {
		if _, err := w.Write(src.Text); err != nil {
			return err
		}
	}
	return nil
}

// Locate returns the position in srcs of the byte at offset in Catm's output.
func Locate(srcs []source.Source, offset int64) (source.Position, error) {
	left := offset
	for _, src := range srcs {
		size := int64(len(src.Text))
		if left < size {
			return src.Position(int(left)), nil
		}
		left -= size
	}
	return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
}
