// Package clean makes text written by others safe to show: file names,
// messages, source lines. An escape sequence could otherwise move a terminal's
// cursor and overwrite what is there, and a control for right-to-left text
// could reorder a line.
//
// It keeps what unicode.IsPrint accepts (letters, marks, numbers, punctuation,
// symbols and the space) and the tab. It replaces anything else by a question
// mark: control and format characters, invalid UTF-8, and other spaces and
// separators.
package clean

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// replacement replaces what is not shown.
const replacement = '?'

// Shown reports whether a character is kept.
func Shown(r rune) bool { return r == '\t' || unicode.IsPrint(r) }

// String cleans text for a single line: it replaces line feeds, too.
func String(s string) string { return replace(s, false) }

// Text cleans text that may have several lines.
func Text(s string) string { return replace(s, true) }

// A Writer applies Text to what is written to it and writes the result to W. It
// keeps no state between calls of Write, so each character must be written in a
// single call, as the functions of package fmt do.
type Writer struct{ W io.Writer }

// Write writes p. It returns len(p) unless there is an error.
func (w Writer) Write(p []byte) (int, error) {
	if plain(p, true) == len(p) {
		return w.W.Write(p)
	}
	if _, err := w.W.Write([]byte(Text(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A Printer writes lines, cleaned by String. Flush must be called at the end.
type Printer struct{ out *bufio.Writer }

// NewPrinter returns a Printer that writes to w.
func NewPrinter(w io.Writer) Printer { return Printer{bufio.NewWriter(w)} }

// Line formats a line and writes it with a line feed.
func (p Printer) Line(format string, args ...any) {
	p.out.WriteString(String(fmt.Sprintf(format, args...)))
	p.out.WriteByte('\n')
}

// Flush writes what is buffered, and returns the first error of writing.
func (p Printer) Flush() error { return p.out.Flush() }

// Count returns "1 file" or "2 files".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// plain returns the length of the prefix of s that is ASCII and kept.
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

// Name returns a character's number and name, such as U+202E RIGHT-TO-LEFT
// OVERRIDE, or its number alone if names does not have it.
func Name(r rune) string {
	number := fmt.Sprintf("U+%04X", r)
	if name := names[r]; name != "" {
		return number + " " + name
	}
	return number
}

// names has the Unicode names of characters used to deceive: those without
// width, and those that order text.
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

// Hidden returns the offset and value of the first character in a line that is
// invisible or reorders text, or -1 if there is none. It ignores tabs, and a
// carriage return at the end of the line.
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
