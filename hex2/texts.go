package hex2

import (
	"bytes"
	"errors"
	"io"
	"sort"

	"stage0/source"
)

// texts is all the texts of a run, end to end, so that a place in any of them
// is one number. Each text begins on a page of its own, and NULs, which no name
// has, fill up its last page. Pages that were read last are kept.
type texts struct {
	srcs   []source.Source
	starts []uint32   // the place of each text, a multiple of pageSize
	ends   *[256]bool // the bytes that end a name; nil: a name is one byte
	pages  [cacheSize]page
	err    error // the first of reading
}

// A page is a stretch of a text, filled up with NULs.
type page struct {
	number uint32 // place / pageSize
	data   *[pageSize]byte
}

const (
	pageSize  = 4 << 10
	cacheSize = 256 // pages
)

// errTooLong is the limit of the format of label.
var errTooLong = errors.New("the texts are longer than 4 GiB together")

func (t *texts) init(srcs []source.Source, ends *[256]bool) error {
	t.srcs, t.ends = srcs, ends
	var end int64
	for _, src := range srcs {
		t.starts = append(t.starts, uint32(end))
		end += (src.Size/pageSize + 1) * pageSize
		if end > 1<<32-1 {
			return errTooLong
		}
	}
	return nil
}

// source returns the text that a place is in, and the offset there.
func (t *texts) source(at uint32) (source.Source, int64) {
	i := sort.Search(len(t.starts), func(i int) bool { return t.starts[i] > at }) - 1
	return t.srcs[i], int64(at - t.starts[i])
}

// from returns what stands at a place, up to the end of its page.
func (t *texts) from(at uint32) []byte {
	number := at / pageSize
	p := &t.pages[number%cacheSize]
	if p.data == nil {
		p.data = new([pageSize]byte)
	} else if p.number == number {
		return p.data[at%pageSize:]
	}
	p.number = number
	src, off := t.source(number * pageSize)
	n, err := src.Text.ReadAt(p.data[:max(0, min(pageSize, src.Size-off))], off)
	if err != nil && err != io.EOF && t.err == nil {
		t.err = err
	}
	clear(p.data[n:])
	return p.data[at%pageSize:]
}

// appendName appends the name at a place to buf.
func (t *texts) appendName(buf []byte, at uint32) []byte {
	for {
		stretch := t.from(at)
		if t.ends == nil {
			return append(buf, stretch[0])
		}
		for i, c := range stretch {
			// The text may have changed since it was checked.
			if t.ends[c] || len(buf)+i == maxName {
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
