package hex2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"

	"stage0/source"
)

// texts is all the texts of a run, end to end, so that a place in any of them
// is one number. Each text begins on a page of its own, and NULs, which no name
// has, fill up its last page. If the texts are small they are in memory. If
// not, the pages are that were read last.
type texts struct {
	srcs    []source.Source
	starts  []uint32   // the place of each text, a multiple of pageSize
	ends    *[256]bool // the bytes that end a name; nil: a name is one byte
	maxName int        // of bytes in a name
	memory  []byte     // all of it, if small
	pages   [pageCount]page
	err     error // the first of reading
}

type page struct {
	number uint32 // place / pageSize
	data   *[pageSize]byte
}

const (
	pageSize  = 4 << 10
	pageCount = 192
)

// errTooLong is what the 32 bits of a place come to.
var errTooLong = errors.New("the texts are longer than 4 GiB together")

// init prepares t for srcs. They are small if they take at most that many bytes.
func (t *texts) init(srcs []source.Source, ends *[256]bool, maxName int, small int64) error {
	t.srcs, t.ends, t.maxName = srcs, ends, maxName
	var end int64
	for _, src := range srcs {
		t.starts = append(t.starts, uint32(end))
		end += (src.Size/pageSize + 1) * pageSize
		if end > 1<<32-pageSize {
			return errTooLong
		}
	}
	if end > small {
		return nil
	}
	t.srcs, t.memory = make([]source.Source, len(srcs)), make([]byte, end)
	for i, src := range srcs {
		text := t.memory[t.starts[i]:][:src.Size]
		if n, err := src.Text.ReadAt(text, 0); n < len(text) {
			return readError(src, err)
		}
		t.srcs[i] = source.Bytes(src.Name, text)
	}
	return nil
}

// readError returns an error of ReadAt with the name of the text.
func readError(src source.Source, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // shorter than Size: the file changed under us
	}
	return fmt.Errorf("%s: %w", src.Name, err)
}

// source returns the text that a place is in, and the offset there.
func (t *texts) source(at uint32) (source.Source, int64) {
	i := sort.Search(len(t.starts), func(i int) bool { return t.starts[i] > at }) - 1
	return t.srcs[i], int64(at - t.starts[i])
}

// from returns what stands at a place, up to the end of its page at least.
func (t *texts) from(at uint32) []byte {
	if t.memory != nil {
		return t.memory[at:]
	}
	number := at / pageSize
	p := &t.pages[number%pageCount]
	if p.data == nil || p.number != number {
		t.read(p, number)
	}
	return p.data[at%pageSize:]
}

func (t *texts) read(p *page, number uint32) {
	if p.data == nil {
		p.data = new([pageSize]byte)
	}
	p.number = number
	src, off := t.source(number * pageSize)
	n, err := src.Text.ReadAt(p.data[:max(0, min(pageSize, src.Size-off))], off)
	clear(p.data[n:])
	if err != nil && err != io.EOF && t.err == nil {
		t.err = readError(src, err)
	}
}

// appendName appends the name at a place to buf.
func (t *texts) appendName(buf []byte, at uint32) []byte {
	if t.ends == nil {
		return append(buf, t.from(at)[0])
	}
	for {
		stretch := t.from(at)
		for i, c := range stretch {
			// A name has been checked when it was added, but the text may be
			// another one now.
			if t.ends[c] || len(buf)+i == t.maxName {
				return append(buf, stretch[:i]...)
			}
		}
		buf = append(buf, stretch...)
		at += uint32(len(stretch))
	}
}

// nameIs reports whether name is the name at a place.
func (t *texts) nameIs(name []byte, at uint32) bool {
	stretch := t.from(at)
	for len(name) >= len(stretch) {
		if !bytes.Equal(name[:len(stretch)], stretch) {
			return false
		}
		name = name[len(stretch):]
		at += uint32(len(stretch))
		stretch = t.from(at)
	}
	return bytes.Equal(name, stretch[:len(name)]) && (t.ends == nil || t.ends[stretch[len(name)]])
}
