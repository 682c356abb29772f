package extra

import (
	"fmt"
	"io"

	"stage0/source"
)

// Catm writes srcs to w, one after the other. Its errors are those of reading
// srcs and of writing to w.
//
// Both versions of catm do this: the ladder's seed (<ARCH>/catm_<ARCH>.hex2),
// and the program of mescc-tools-extra. Opening files is the caller's part.
func Catm(w io.Writer, srcs []source.Source) error {
	for _, src := range srcs {
		win := src.Window(0)
		for ok := true; ok; ok = win.More(len(win.Buf)) {
			if _, err := w.Write(win.Buf); err != nil {
				return err
			}
		}
		if err := win.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Locate returns the position in srcs of the byte at offset in Catm's output.
func Locate(srcs []source.Source, offset int64) (source.Position, error) {
	left := offset
	for _, src := range srcs {
		if left < src.Size {
			return src.Position(left), nil
		}
		left -= src.Size
	}
	return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
}
