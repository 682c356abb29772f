package m1

import (
	"bytes"
	"fmt"

	"stage0/source"
)

// lookahead is how much of a text a cursor shows at least, unless the text
// ends before: more than the longest token of any of the assemblers.
const lookahead = 4096

// A cursor goes through a text from front to back.
type cursor struct {
	src  source.Source
	win  *source.Window
	i    int // what comes next is win.Buf[i]
	safe int // before this index Buf shows lookahead bytes or what is left
}

func newCursor(src source.Source) cursor {
	c := cursor{src: src, win: src.Window(0)}
	c.look()
	return c
}

// more reports whether any of the text is left. It may move what is shown.
func (c *cursor) more() bool {
	for c.i >= c.safe && c.refill() {
	}
	return c.i < c.safe
}

// refill shows more of the text. It reports whether any is left.
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

// at returns the offset in the text of what comes next.
func (c *cursor) at() int64 { return c.win.Offset(c.i) }

// skipLine passes over what is left of the line, without the LF. It reports
// whether there is an LF.
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

// shown is a token as it stands in a message.
type shown []byte

func (text shown) String() string {
	const limit = 60
	if len(text) > limit {
		return fmt.Sprintf("%q...", []byte(text[:limit]))
	}
	return fmt.Sprintf("%q", []byte(text))
}
