package m1

import (
	"errors"
	"fmt"

	"stage0/source"
)

// Locate returns the position in srcs of the token that the byte at offset of the
// output comes from. It assembles the output again up to that byte.
func Locate(srcs []source.Source, opt Options, offset int64) (source.Position, error) {
	opt.Diagnostics = source.Diagnostics{}
	var flushed counter
	a, err := newAssembler(&flushed, srcs, opt)
	if err != nil {
		return source.Position{}, err
	}
	a.enough = func() bool { return int64(flushed)+int64(a.out.Buffered()) > offset }
	switch err := a.run(); {
	case errors.Is(err, errEnough):
		return a.src.Position(a.off), nil
	case err != nil:
		return source.Position{}, err
	}
	return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
}

// A counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
