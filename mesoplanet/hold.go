package mesoplanet

// A hold is the buffer in which upstream puts tokens and paths together, where
// it is not clear: a byte that is not 0 is left of the name of a file. Upstream
// clears a token or a path before the next one, but only up to the first 0, and
// ends only paths with a 0.
type hold []byte

// name puts the name of a file in the buffer, whose directory starts the path
// that comes next.
func (h *hold) name(name string) {
	*h = append([]byte(name+"\x00"), (*h)[min(len(name)+1, len(*h)):]...)
}

// put puts a token or a path of n bytes in the buffer and clears it. It reports
// whether the buffer was clear after these bytes.
func (h *hold) put(n int) (ends bool) {
	ends = n >= len(*h) || (*h)[n] == 0
	clear((*h)[:min(n+1, len(*h))])
	return ends
}
