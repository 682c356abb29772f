package hex0

import (
	"fmt"

	"stage0/source"
)

// Locate returns the position in src of the first digit of the byte at offset
// in the output.
func Locate(src source.Source, opt Options, offset int64) (source.Position, error) {
	at, found := opt.firstDigit(src.Text, offset)
	if !found {
		return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
	}
	return src.Position(at), nil
}

// firstDigit returns the offset in text of the first digit of byte n of the
// output. If there is no such byte, at is the offset of the last digit that began
// one.
func (opt Options) firstDigit(text []byte, n int64) (at int, found bool) {
	var s State
	for i, c := range text {
		next, _, completes := opt.Step(s, c)
		if next.Half && !s.Half {
			at = i
		}
		if s = next; completes {
			if n == 0 {
				return at, true
			}
			n--
		}
	}
	return at, false
}
