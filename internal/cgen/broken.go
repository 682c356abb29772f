package cgen

import "strings"

// vocabulary has the tokens that Broken inserts.
var vocabulary = strings.Fields(`
	{ } ( ) [ ] ; , = -> + - * / % << >> < <= > >= == != & && | || ^ ! ~ -- ++ !! -= . : ? @ \
	void int char char* FILE FUNCTION unsigned long struct enum sizeof
	if else do while for asm goto return break continue switch case default typedef static const
	main a f 0 1 0x1F 12ab 'c' 'cd' '' "s" "\q" "\x" "\x4" "a\x0" "\x41:" lab: 5:`)

// Broken returns the program with a few tokens dropped, doubled, swapped, replaced,
// inserted or joined, or without its end.
func (p Program) Broken(seed uint64) Program {
	r := newRand(seed)
	p = append(Program(nil), p...)
	for range 1 + r.IntN(3) {
		if len(p) < 3 {
			return p
		}
		i := r.IntN(len(p) - 1)
		switch r.IntN(12) {
		case 0, 1:
			p = append(p[:i], p[i+1:]...)
		case 2:
			p = insert(p, i, p[i])
		case 3, 4:
			p[i], p[i+1] = p[i+1], p[i]
		case 5, 6, 7:
			p[i] = vocabulary[r.IntN(len(vocabulary))]
		case 8, 9:
			p = insert(p, i, vocabulary[r.IntN(len(vocabulary))])
		case 10:
			p[i] += p[i+1]
			p = append(p[:i+1], p[i+2:]...)
		case 11:
			if r.IntN(4) == 0 {
				p = p[:i+1]
			} else {
				j := r.IntN(len(p))
				p[i], p[j] = p[j], p[i]
			}
		}
	}
	return p
}

func insert(p Program, i int, token string) Program {
	return append(p[:i:i], append(Program{token}, p[i:]...)...)
}

// Noisy returns a text with a few of its bytes replaced by others.
func Noisy(text []byte, seed uint64) []byte {
	r := newRand(seed)
	text = append([]byte(nil), text...)
	const bytes = "\x00\x00\x01\r\x0b\x0c\x1b\x7f\x80\xfb\xfc\xff'\"\\/*#:;={}()[]<>-!~ aZ0_\n\t"
	for range 1 + r.IntN(4) {
		text[r.IntN(len(text))] = bytes[r.IntN(len(bytes))]
	}
	return text
}
