package ccseed

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"stage0/source"
)

// isNumber reports whether word is a decimal or hexadecimal number.
func isNumber(word string) bool {
	digits, hex := strings.CutPrefix(word, "0x")
	set := "0123456789"
	if hex {
		set += "ABCDEFabcdef"
	}
	return digits != "" && strings.Trim(digits, set) == ""
}

// number formats n in decimal. All digits before the last nine go into one
// character: 10000000000 is :000000000.
//
// upstream: numerate_number
func (c *compiler) number(n int64) string {
	const rest = 1000000000
	var digits []byte
	u := uint64(n)
	if n < 0 {
		digits = append(digits, '-')
		u = -u
	}
	if u < 10*rest {
		return string(strconv.AppendUint(digits, u, 10))
	}
	c.warn(c.tok.off, "found a size or an offset of more than ten digits, %d, whose first digits are mangled", n)
	first := byte(u/rest) + '0'
	if first == 0 {
		return string(digits) // upstream's text ends at the NUL
	}
	return fmt.Sprintf("%s%09d", append(digits, first), u%rest)
}

// maxElements is the largest number of array elements whose size is sure to fit
// in a register.
const maxElements = 1 << 27

// numerate returns the value of the word in an array's brackets, or 0 if it is
// not a number.
//
// upstream: numerate_string
func (c *compiler) numerate(word string) int64 {
	digits, base := word, int64(10)
	if len(word) > 1 && word[1] == 'x' { // upstream ignores word[0]
		digits, base = word[2:], 16
	}
	var (
		n     int64
		large bool
	)
	for _, b := range []byte(digits) {
		digit := int64(b) - '0'
		if base == 16 && digit >= 10 {
			digit -= 'A' - '9' - 1 // lower case is still too large
		}
		if digit < 0 || digit >= base {
			n = 0
			break
		}
		n = c.wrap(n*base + digit)
		large = large || n < 0 || n > maxElements
	}
	switch {
	case !isNumber(word), n == 0 && strings.Trim(word, "0x") != "":
		c.warn(c.tok.off, "found %s for the size of an array, which is taken for %d", c.tok, n)
	case large:
		c.warn(c.tok.off, "found %s for the size of an array, expected at most %d; its size in bytes is mangled", c.tok, maxElements)
	}
	return n
}

// charLiteral loads a character constant: its first character. Others are
// dropped.
//
// upstream: primary_expr_char
func (c *compiler) charLiteral() {
	chars := c.decode(c.tok, 1, 1)
	if len(chars) == 0 {
		c.warn(c.tok.off, "found an empty character constant, which is taken for 0")
		chars = append(chars, char{})
	}
	if len(c.tok.text) > 1 && chars[0].end < len(c.tok.raw) {
		c.warn(c.tok.off, "found more than one character in a character constant; the first is taken")
	}
	c.emit(c.LoadSmall, c.number(chars[0].value))
	c.next()
}

// stringLiteral loads the address of a string, and adds it to the strings.
//
// upstream: primary_expr_string
func (c *compiler) stringLiteral() {
	id := c.unique()
	c.emit(c.LoadString, id)
	c.literals.WriteString(":STRING_" + id + "\n")
	chars := c.decode(c.tok, 1, len(c.tok.raw))
	if c.weird(chars) {
		c.literals.Write(c.hexString(chars))
	} else {
		c.literals.Write(c.regularString(chars))
	}
	c.next()
}

// A char is a character of a string.
type char struct {
	value int64 // 0 to 255, unless \x is followed by something other than digits
	plain bool  // it is not an escape
	end   int   // offset of the next one in the token
}

// decode returns at most most characters of a string, from offset i in the
// token. A NUL ends the string.
func (c *compiler) decode(t token, i, most int) []char {
	at := func(i int) byte {
		if i < len(t.raw) {
			return t.raw[i]
		}
		return 0
	}
	var chars []char
	for at(i) != 0 && len(chars) < most {
		next := char{value: int64(at(i)), plain: true, end: i + 1}
		if at(i) == '\\' {
			next = char{value: c.escape(t.off+i, at(i+1)), end: i + 2}
			if at(i+1) == 'x' {
				if next.end = i + 4; next.end > len(t.raw) {
					c.failAt(t.off+i, "found the end of %s, expected two hex digits", t)
				}
				next.value = c.hexDigit(t.off+i+2, at(i+2))<<4 + c.hexDigit(t.off+i+3, at(i+3))
			}
		}
		chars = append(chars, next)
		i = next.end
	}
	return chars
}

// escape returns the value of the escape \b at offset off of the source; for
// \x, the caller still has to read the digits.
//
// upstream: escape_lookup
func (c *compiler) escape(off int, b byte) int64 {
	switch b {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case '\\', '\'', '"':
		return int64(b)
	case 'x':
		return 0
	}
	c.failAt(off, "found %s after a backslash, expected one of n t r x \\ ' \"", source.Char(b))
	return 0
}

// hexDigit returns the value of the digit b at offset off of the source.
// Characters below the digits in ASCII count as digits with negative values.
//
// upstream: char2hex
func (c *compiler) hexDigit(off int, b byte) int64 {
	letter := b &^ ('a' - 'A')
	switch {
	case b <= '9':
		if b < '0' {
			c.warn(off, "found %s, expected a hex digit; it is taken for one of value %d", source.Char(b), int64(b)-'0')
		}
		return int64(b) - '0'
	case 'A' <= letter && letter <= 'F' && c.HexLetters:
		return int64(letter) - 'A' + 10
	case 'A' <= letter && letter <= 'F':
		c.failAt(off, "found the hex digit %s; upstream's compiler for %s takes 0 to 9 only", source.Char(b), c.Name)
	}
	c.failAt(off, "found %s, expected a hex digit", source.Char(b))
	return 0
}

// weird reports whether a string must be written in hex: it has a character
// that M0 would not read back, or a colon where M0 would see a label.
//
// upstream: weird
func (c *compiler) weird(chars []char) bool {
	for i, b := range chars {
		printable := ' ' <= b.value && b.value <= '~' && b.value != '"'
		if !printable && b.value != '\t' && b.value != '\n' && b.value != 0 {
			return true
		}
		colon := i+1 < len(chars) && chars[i+1].plain && chars[i+1].value == ':'
		if colon && (b.value == 0 || strings.IndexByte(c.ColonAfter, byte(b.value)) >= 0) {
			return true
		}
	}
	return false
}

// regularString returns a string in M0's notation. A NUL in it ends the output,
// and the closing quote is missing then.
//
// upstream: collect_regular_string
func (c *compiler) regularString(chars []char) []byte {
	text := []byte{'"'}
	for _, b := range chars {
		text = append(text, byte(b.value))
	}
	text = append(text, "\"\n"...)
	if nul := bytes.IndexByte(text, 0); nul >= 0 {
		c.warn(c.tok.off, "found a NUL in a string; it and the rest are dropped, the closing quote too")
		text = text[:nul]
	}
	const most = 255 // upstream's buffer has 256 bytes, including a NUL
	if len(text) > most {
		c.fail("found a string of %d bytes, expected at most %d", len(text)-len("\"\"\n"), most-len("\"\"\n"))
	}
	return text
}

// hexString returns a string in hex, with its terminating NUL.
//
// upstream: collect_weird_string
func (c *compiler) hexString(chars []char) []byte {
	text := []byte{'\''}
	for _, b := range chars {
		text = fmt.Appendf(text, " %02X", byte(b.value))
	}
	text = append(text, " 00'\n"...)
	const most = 511 // upstream's buffer has 512 bytes, including a NUL
	if len(text) > most {
		c.fail("found a string of %d bytes that is written in hex, expected at most %d", len(chars), (most-len("' 00'\n"))/len(" 00"))
	}
	return text
}
