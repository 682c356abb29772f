package m1

import (
	"bytes"
	"fmt"

	"stage0/source"
)

// lookahead is how many bytes a cursor shows at least, unless the text ends
// first. It exceeds the longest token of any of the assemblers.
const lookahead = 4096

// A cursor reads a text from front to back.
type cursor struct {
	src  source.Source
	win  *source.Window
	i    int // win.Buf[i] is the next byte
	safe int // up to this index, Buf shows lookahead bytes or the rest of the text
}

func newCursor(src source.Source) cursor {
	c := cursor{src: src, win: src.Window(0)}
	c.look()
	return c
}

// more reports whether any of the text is left. It may move the window.
func (c *cursor) more() bool {
	for c.i >= c.safe && c.refill() {
	}
	return c.i < c.safe
}

// refill shows more of the text, and reports whether any is left.
func (c *cursor) refill() bool {
	more := c.win.More(c.i)
	c.i = 0
	c.look()
	return more || c.safe > 0
}

// look sets c.safe.
func (c *cursor) look() {
	c.safe = len(c.win.Buf)
	if c.win.Err() == nil && c.win.Offset(c.safe) < c.src.Size {
		c.safe -= lookahead
	}
}

// at returns the offset of the next byte in the text.
func (c *cursor) at() int64 { return c.win.Offset(c.i) }

// skipLine skips the rest of the line, up to its LF, and reports whether there
// is an LF.
func (c *cursor) skipLine() bool {
	for {
		n := bytes.IndexByte(c.win.Buf[c.i:], '\n')
		if n >= 0 {
			c.i += n
			return true
		}
		c.i = len(c.win.Buf)
		if !c.refill() {
			return false
		}
	}
}

// shown is a token as messages show it.
type shown []byte

func (text shown) String() string {
	const limit = 60
	if len(text) > limit {
		return fmt.Sprintf("%q...", []byte(text[:limit]))
	}
	return fmt.Sprintf("%q", []byte(text))
}
