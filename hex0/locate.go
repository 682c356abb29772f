package hex0

import (
	"fmt"

	"stage0/source"
)

// Locate returns the position in src of the first digit of the byte at offset
// in the output.
func Locate(src source.Source, opt Options, offset int64) (source.Position, error) {
	var (
		class  = opt.classes()
		win    = src.Window(0)
		digits = 2 * offset // digits still to skip
		at     int64
	)
	for i := 0; ; i++ {
		if i == len(win.Buf) {
			if !win.More(i) {
				break
			}
			i = 0
		}
		switch class[win.Buf[i]] {
		default:
			if digits == 0 {
				at = win.Offset(i)
			}
			if digits--; digits == -2 {
				return src.Position(at), nil
			}
		case comment:
			i = opt.skipComment(win, i+1)
		case space, other:
		}
	}
	if err := win.Err(); err != nil {
		return source.Position{}, err
	}
	return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
}
