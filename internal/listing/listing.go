// Package listing formats the rows of listings and traces: an address, the bytes
// there, the instruction that they are, and a comment. Addresses and numbers are
// in lower case, bytes in upper case, as in hex0.
package listing

import (
	"fmt"
	"strings"
)

// RowBytes is the maximum number of bytes of data in a row of a listing.
const RowBytes = 8

// Widths of the columns, in bytes of text.
const (
	bytesColumn = 3*RowBytes + 1
	textColumn  = 26

	// CommentStart is the column of the comment in a row without a label.
	CommentStart = 8 + 2 + bytesColumn + textColumn
)

// A Row is a row of a listing. Without bytes and text it has no address either.
type Row struct {
	Address uint64
	Label   string // what the address belongs to; or empty
	Bytes   []byte
	Unknown []bool // for each of Bytes: it is not known; nil if all are
	Text    string // the instruction, or what else the bytes are
	Comment string
}

// String returns the row as a line, without a line feed.
func (r Row) String() string {
	line := fmt.Sprintf("%*s", CommentStart, "")
	if len(r.Bytes) > 0 || r.Text != "" {
		line = r.At()
		if r.Label != "" {
			line += fmt.Sprintf(" %-16s", r.Label)
		}
		line += fmt.Sprintf("  %-*s%-*s", bytesColumn, r.Hex()+" ", textColumn, r.Text)
	}
	if len(r.Text) >= textColumn && r.Comment != "" {
		line += " "
	}
	return strings.TrimRight(line+r.Comment, " ")
}

// At returns the address.
func (r Row) At() string { return fmt.Sprintf("%08x", r.Address) }

// Hex returns the bytes: 7F 45 4C 46. An unknown one is ??.
func (r Row) Hex() string {
	var list []string
	for i, c := range r.Bytes {
		text := fmt.Sprintf("%02X", c)
		if r.Unknown != nil && r.Unknown[i] {
			text = "??"
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}
