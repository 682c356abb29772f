package listing

import "strings"

// A Word is a word or a comment of a text in hex0, hex1, hex2 or M1.
type Word struct {
	Text   string // with the quotes of a string, or the sign of a comment
	Offset int    // in bytes
	Line   int    // from 0
	Col    int    // in bytes, from 1
}

const white = " \t\r\n\f\v"

// Words splits a text into words and comments. A word ends at white space, or
// before a byte of stops; a string in quotes is one word. A comment begins with
// # or ; where a word could begin, and ends with the line.
func Words(text, stops string) (words, comments []Word) {
	line, start := 0, 0 // the current line, and its offset
	for i := 0; i < len(text); {
		w := Word{Offset: i, Line: line, Col: i - start + 1}
		end := i + 1
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n', '\f', '\v':
		case '#', ';':
			end = i + until(text[i:], "\n")
			w.Text = strings.TrimSuffix(text[i:end], "\r")
			comments = append(comments, w)
		default:
			if c == '"' || c == '\'' {
				end = min(end+until(text[end:], string(c))+1, len(text))
			} else {
				end += until(text[end:], white+stops)
			}
			w.Text = text[i:end]
			words = append(words, w)
		}
		if last := strings.LastIndexByte(text[i:end], '\n'); last >= 0 {
			line, start = line+strings.Count(text[i:end], "\n"), i+last+1
		}
		i = end
	}
	return words, comments
}

// until returns the length of text before the first of some bytes.
func until(text, bytes string) int {
	if i := strings.IndexAny(text, bytes); i >= 0 {
		return i
	}
	return len(text)
}
