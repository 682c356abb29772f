package extra

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// Replace writes src to w with each occurrence of pattern replaced, from the
// start on, without rescanning replacements. NULs are dropped. The source must
// be longer than the pattern. upstream: check_match, replace.c
func Replace(w io.Writer, src source.Source, pattern, replacement string) error {
	switch {
	case pattern == "": // upstream writes the replacement over and over, and before its buffer
		return errors.New("found an empty text to match on")
	case len(src.Text) <= len(pattern):
		return fmt.Errorf("%s: has %d bytes, expected more than the %d of the text to match on", src.Name, len(src.Text), len(pattern))
	}
	out := bufio.NewWriter(w) // Flush returns its errors
	for text := src.Text; ; {
		before, after, found := bytes.Cut(text, []byte(pattern))
		out.Write(bytes.ReplaceAll(before, []byte{0}, nil))
		if !found {
			return out.Flush()
		}
		out.WriteString(replacement)
		text = after
	}
}
