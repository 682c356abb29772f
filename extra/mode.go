package extra

import (
	"strings"

	"stage0/strtoint"
)

// ParseMode parses the permissions for chmod and mkdir: an octal number, a
// hexadecimal one after an x, or a binary one after a b. Anything else
// is 0, with ok false, including +x.
func ParseMode(text string) (mode uint32, ok bool) {
	value, problem := strtoint.Parse("0" + text)
	isZero := value == 0 && strings.Contains(text, "0")
	return uint32(value) & 0o7777, problem != strtoint.NoNumber && (value != 0 || isZero)
}
