package extra

import (
	"io"

	"stage0/source"
)

// Catm writes srcs to w, one after the other. Its errors are those of reading
// and of writing.
//
// It is all that catm does besides opening files: the ladder's seed
// (<ARCH>/catm_<ARCH>.hex2), and the program of mescc-tools-extra.
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
