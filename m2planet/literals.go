package m2planet

import (
	"fmt"
	"strings"

	"stage0/strtoint"
)

// escape returns the value of the first character or escape of text, and its size
// in bytes. at is the token, for errors.
// upstream: escape_lookup
func (b *build) escape(at *token, text string) (value int64, size int) {
	if text == "" {
		return 0, 0
	}
	if text[0] != '\\' {
		return b.char(text[0]), 1
	}
	if len(text) == 1 {
		at.Fail("the escape \\ is not complete")
	}
	switch e := text[1]; e {
	case 'x':
		if len(text) < 4 || strtoint.Digit(text[2]) > 15 || strtoint.Digit(text[3]) > 15 {
			at.Fail("found %q, expected two hex digits after \\x", text[2:min(4, len(text))])
		}
		return strtoint.Digit(text[2])<<4 + strtoint.Digit(text[3]), 4
	case 'a', 'b', 't', 'n', 'v', 'f', 'r':
		return int64(7 + strings.IndexByte("abtnvfr", e)), 2
	case 'e':
		return 27, 2
	case '"', '\'', '\\', '?':
		return int64(e), 2
	}
	size = 1
	for size < min(len(text), 4) && '0' <= text[size] && text[size] <= '7' {
		value = value*8 + int64(text[size]-'0')
		size++
	}
	if size == 1 {
		at.Fail("unknown escape \\%c", text[1])
	}
	for value > 127 {
		value -= 256
	}
	return value, size
}

// stringData returns the M1 text of a string literal at at; text has its opening
// quote. Strings that M1 would not read back are written in hex.
// upstream: parse_string
func (c *compiler) stringData(at *token, text string) string {
	var plain, weird []byte
	plain = append(plain, '"')
	weird = append(weird, '\'')
	isWeird := false
	for rest := text[1:]; rest != ""; {
		value, size := c.build.escape(at, rest)
		rest = rest[size:]
		char := byte(value)
		plain = append(plain, char)
		weird = fmt.Appendf(weird, " %02X", char)
		if !isPlain(value) || isSpace(char) && strings.HasPrefix(rest, ":") {
			isWeird = true // but go on: an unknown escape is an error all the same
		}
	}
	if !isWeird {
		c.checkLength(at, len(plain)+2, "string")
		return string(append(plain, '"', '\n'))
	}
	c.checkLength(at, len(weird)+3, "string, in hex,")
	return string(append(weird, " 00'\n"...))
}

// isPlain reports whether M1 reads the character back in a string.
// upstream: weird
func isPlain(value int64) bool {
	return value == '\t' || value == '\n' || value >= ' ' && value <= '~' && value != '"'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
