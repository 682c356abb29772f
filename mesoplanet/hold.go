package mesoplanet

// A hold is the buffer in which upstream builds tokens and paths. Before each of
// them upstream clears the buffer up to the first 0. It ends paths with a 0, but
// not tokens, so that the end of an including file's name, which was longer than
// the path built from it, may become part of a later token.
type hold []byte

// name puts the name of an including file in the buffer.
func (h *hold) name(name string) {
	*h = append([]byte(name+"\x00"), (*h)[min(len(name)+1, len(*h)):]...)
}

// put puts a token or a path of n bytes in the buffer and clears it. It reports
// whether a 0 was after these bytes.
func (h *hold) put(n int) (ends bool) {
	ends = n >= len(*h) || (*h)[n] == 0
	clear((*h)[:min(n+1, len(*h))])
	return ends
}
