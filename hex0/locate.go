package hex0

import (
	"fmt"

	"stage0/source"
)

// Locate returns the position in src of the first digit of the byte at offset
// in the output.
func Locate(src source.Source, opt Options, offset int64) (source.Position, error) {
	var (
		text   = src.Text
		class  = opt.classes()
		digits = 2 * offset // digits still to skip
		first  int
	)
	for i := 0; i < len(text); i++ {
		switch class[text[i]] {
		case comment:
			i += opt.comment(text[i:])
		case space, other:
		default:
			if digits == 0 {
				first = i
			}
			if digits--; digits == -2 {
				return src.Position(first), nil
			}
		}
	}
	return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
}
