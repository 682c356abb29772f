package m2planet

import "stage0/internal/cpp"

// A token is a word of the program. Tokens form a doubly linked list, which
// the preprocessor edits.
//
// A string or character literal has its opening quote but not its closing one;
// its escapes are not replaced.
type token struct {
	cpp.Token
	next, prev *token
	line       int32 // the value of __LINE__
	id         int32 // shared by the copies of a token; upstream compares some texts by address
}

// unlink removes t from its list and returns the token after it. t keeps its
// links.
// upstream: eat_token
func (t *token) unlink() *token {
	if t.prev != nil {
		t.prev.next = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	return t.next
}

// insertBefore inserts t before point.
func (t *token) insertBefore(point *token) {
	t.next = point
	t.prev = point.prev
	if point.prev != nil {
		point.prev.next = t
	}
	point.prev = t
}

// A tokenPool allocates tokens in blocks.
type tokenPool struct {
	free []token
	ids  int32
}

// get returns a zero token.
func (p *tokenPool) get() *token {
	if len(p.free) == 0 {
		p.free = make([]token, 512)
	}
	t := &p.free[0]
	p.free = p.free[1:]
	return t
}

// newID returns the id of a new text.
func (p *tokenPool) newID() int32 {
	p.ids++
	return p.ids
}
