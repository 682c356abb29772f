// Package clean makes text that somebody else wrote fit to be shown: names of
// files, messages, lines of a source. Left in, an escape sequence could move a
// terminal's cursor and rewrite what stands there, and a control for text that
// runs from right to left could show a line otherwise than it is.
//
// Shown are what unicode.IsPrint has (letters, marks, numbers, punctuation,
// symbols and the space) and the tab. Anything else is replaced by a question
// mark: control and format characters, what is not UTF-8, spaces and separators
// of other kinds.
package clean

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// replacement stands for what is not shown.
const replacement = '?'

// Shown reports whether a character is shown.
func Shown(r rune) bool { return r == '\t' || unicode.IsPrint(r) }

// String returns s as it may be shown in a line: line feeds are replaced, too.
func String(s string) string { return replace(s, false) }

// Text returns s as it may be shown in several lines.
func Text(s string) string { return replace(s, true) }

// A Writer writes to W what is written to it as Text. It keeps nothing from one
// call of Write to the next: a character is to be written by one call, as the
// functions of package fmt do.
type Writer struct{ W io.Writer }

// Write writes p. The number it returns is len(p) unless there is an error.
func (w Writer) Write(p []byte) (int, error) {
	if plain(p, true) == len(p) {
		return w.W.Write(p)
	}
	if _, err := w.W.Write([]byte(replace(string(p), true))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plain returns how many of the first bytes of s are ASCII, and shown.
func plain[T string | []byte](s T, lines bool) int {
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c > '~') && c != '\t' && !(lines && c == '\n') {
			return i
		}
	}
	return len(s)
}

func replace(s string, lines bool) string {
	n := plain(s, lines)
	if n == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:n])
	for _, r := range strings.ToValidUTF8(s[n:], string(replacement)) {
		if !Shown(r) && !(lines && r == '\n') {
			r = replacement
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Name returns how to speak of a character: U+202E RIGHT-TO-LEFT OVERRIDE, or
// its number alone if it is none of those that have no width or order text.
func Name(r rune) string {
	number := fmt.Sprintf("U+%04X", r)
	if name := names[r]; name != "" {
		return number + " " + name
	}
	return number
}

// names are those of characters that are used to deceive, as Unicode has them.
var names = map[rune]string{
	'\x00':   "NULL",
	'\b':     "BACKSPACE",
	'\t':     "TAB",
	'\n':     "LINE FEED",
	'\r':     "CARRIAGE RETURN",
	'\x1B':   "ESCAPE",
	'\x7F':   "DELETE",
	'\u0085': "NEXT LINE",
	'\u009B': "CONTROL SEQUENCE INTRODUCER",
	'\u009D': "OPERATING SYSTEM COMMAND",
	'\u00AD': "SOFT HYPHEN",
	'\u061C': "ARABIC LETTER MARK",
	'\u180E': "MONGOLIAN VOWEL SEPARATOR",
	'\u200B': "ZERO WIDTH SPACE",
	'\u200C': "ZERO WIDTH NON-JOINER",
	'\u200D': "ZERO WIDTH JOINER",
	'\u200E': "LEFT-TO-RIGHT MARK",
	'\u200F': "RIGHT-TO-LEFT MARK",
	'\u2028': "LINE SEPARATOR",
	'\u2029': "PARAGRAPH SEPARATOR",
	'\u202A': "LEFT-TO-RIGHT EMBEDDING",
	'\u202B': "RIGHT-TO-LEFT EMBEDDING",
	'\u202C': "POP DIRECTIONAL FORMATTING",
	'\u202D': "LEFT-TO-RIGHT OVERRIDE",
	'\u202E': "RIGHT-TO-LEFT OVERRIDE",
	'\u2060': "WORD JOINER",
	'\u2066': "LEFT-TO-RIGHT ISOLATE",
	'\u2067': "RIGHT-TO-LEFT ISOLATE",
	'\u2068': "FIRST STRONG ISOLATE",
	'\u2069': "POP DIRECTIONAL ISOLATE",
	'\uFEFF': "ZERO WIDTH NO-BREAK SPACE",
}

// Hidden returns where in a line the first character is that shows nothing, or
// orders what is shown, and which it is; -1 if there is none. The tab is none,
// nor is a carriage return that ends the line.
func Hidden(line string) (at int, r rune) {
	line = strings.TrimSuffix(line, "\r")
	for i := plain(line, false); i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		if r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return i, r
		}
		i += size
	}
	return -1, 0
}
