package extra

import "strings"

// ParseMode parses the permissions for chmod and mkdir: an octal number, a
// hexadecimal one after an x, or a binary one after a b. Underscores are
// skipped. Anything else is 0, with ok false, including +x. upstream: strtoint,
// M2libc/bootstrappable.c, of "0" and the text
func ParseMode(text string) (mode uint32, ok bool) {
	digits, base := text, uint32(8)
	switch {
	case strings.HasPrefix(text, "x"):
		digits, base = text[1:], 16
	case strings.HasPrefix(text, "b"):
		digits, base = text[1:], 2
	}
	digits, negative := strings.CutPrefix(digits, "-")
	for _, c := range strings.ToUpper(digits) {
		d := strings.IndexRune("0123456789ABCDEF"[:base], c)
		switch {
		case c == '_':
		case d < 0:
			return 0, false
		default:
			mode = mode*base + uint32(d)
		}
	}
	if negative {
		mode = -mode
	}
	return mode & 0o7777, strings.Trim(digits, "_") != ""
}
