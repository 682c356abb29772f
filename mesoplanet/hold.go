package mesoplanet

import (
	"bytes"
	"strings"
)

// A hold is the buffer in which upstream puts tokens and paths together. It
// clears the buffer before each of them, but only up to the first NUL, and it
// ends paths with a NUL, but not tokens: what is left of something longer comes
// up at the end of a token that reaches it.
type hold struct {
	rest []byte // what is left, 0 where nothing is
}

// token returns what upstream takes for a token.
func (h *hold) token(text string) string {
	if h.rest == nil && strings.IndexByte(text, 0) < 0 {
		return text
	}
	h.write(text)
	taken, _, _ := bytes.Cut(h.rest, []byte{0})
	text = string(taken)
	h.clear(len(text))
	return text
}

// path puts a path together.
func (h *hold) path(path string) { h.clear(len(path) + 1) }

// write writes over what is left.
func (h *hold) write(text string) {
	if n := len(text) - len(h.rest); n > 0 {
		h.rest = append(h.rest, make([]byte, n)...)
	}
	copy(h.rest, text)
}

// clear clears the first n bytes.
func (h *hold) clear(n int) {
	clear(h.rest[:min(n, len(h.rest))])
	if h.rest = bytes.TrimRight(h.rest, "\x00"); len(h.rest) == 0 {
		h.rest = nil
	}
}
