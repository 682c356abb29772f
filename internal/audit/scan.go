package audit

import "strings"

// A partKind is the kind of a part of a text.
type partKind uint8

const (
	digits  partKind = iota // hex digits: bytes
	label                   // :name
	pointer                 // sets bits of what follows if size is 0
	word                    // .00112233
	padding                 // <
	caret                   // ^
	junk                    // has no meaning; the assembler skips it
)

// A part is the smallest meaningful item of a hex2 text. In M1, one word can
// consist of several.
type part struct {
	kind partKind
	line int // index in Listing.Lines
	col  int // in bytes, from 1
	text string
	size int // bytes of output

	sigil      byte
	name, base string // of a label, or of the labels of a pointer
	missing    bool   // a pointer to an undefined label
	addr       uint64 // of its first byte; if there is none, of the next one
}

// A syntax describes the parts of a format.
type syntax struct {
	names   bool // there are labels and pointers
	oneChar bool // their names are one character
	fields  bool // pointers ! @ $ ~ set bits, and there are words
	align   int  // of '<'; 0 if there is none
}

func syntaxOf(format Format, m *machine) syntax {
	switch format {
	case Hex0:
		return syntax{}
	case Hex1:
		return syntax{names: true, oneChar: true, fields: m.fields}
	}
	return syntax{names: true, fields: m.fields, align: m.align}
}

// sigilSizes is the size of a pointer in bytes.
var sigilSizes = map[byte]int{'!': 1, '@': 2, '$': 2, '~': 3, '%': 4, '&': 4}

// scanCode splits code, which has no comment and starts at column col, into
// parts. The digits of a byte may be on two lines: open says whether a digit
// was missing before, and stillOpen whether one is missing now.
func (s syntax) scanCode(code string, line, col int, open bool) (parts []part, stillOpen bool) {
	for i := 0; i < len(code); {
		c := code[i]
		at := part{line: line, col: col + i}
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
			i++
			continue
		case isHex(c):
			n := 0
			for i < len(code) && isHex(code[i]) {
				i++
				n++
			}
			at.kind = digits
			if open {
				n++
			}
			at.size, open = n/2, n%2 == 1
		case s.names && c == ':':
			i++
			at.kind = label
			at.name, i = s.scanName(code, i)
		case s.names && sigilSizes[c] != 0:
			i++
			at.kind, at.sigil, at.size = pointer, c, sigilSizes[c]
			if s.fields && c != '%' && c != '&' {
				at.size = 0
			}
			at.name, i = s.scanName(code, i)
			if !s.oneChar && i < len(code) && code[i] == '>' {
				at.base, i = s.scanName(code, i+1)
			}
		case s.names && s.fields && !s.oneChar && c == '.':
			n := 0
			for i++; i < len(code) && n < 8 && (isHex(code[i]) || code[i] == ' '); i++ {
				if isHex(code[i]) {
					n++
				}
			}
			at.kind = word
		case s.names && c == '^':
			i++
			at.kind = caret
		case s.align != 0 && c == '<':
			i++
			at.kind = padding
		default:
			i++
			at.kind = junk
		}
		at.text = code[start:i]
		parts = append(parts, at)
	}
	return parts, open
}

func (s syntax) scanName(code string, i int) (string, int) {
	if s.oneChar {
		end := min(i+1, len(code))
		return code[min(i, len(code)):end], end
	}
	end := i
	for end < len(code) && !strings.ContainsRune(" \t\n>", rune(code[end])) {
		end++
	}
	return code[i:end], end
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f'
}

// splitComment splits a line of hex0, hex1 or hex2 into code and comment; the
// comment includes its sign. A sign inside a name is part of the name.
func (s syntax) splitComment(text string) (code, comment string) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '#' || c == ';':
			return text[:i], text[i:]
		case s.names && (c == ':' || sigilSizes[c] != 0):
			_, end := s.scanName(text, i+1)
			i = max(i, end-1)
		}
	}
	return text, ""
}
