package audit

import (
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/listing"
)

// pageWidth is the width of a printed listing, in bytes of text.
const pageWidth = 100

// Print writes the listing as text, 100 columns wide if the author's lines
// allow: address, bytes, instruction and comment side by side, labels on lines
// of their own, and findings below their lines. The last line is the summary.
// Package clean replaces what a terminal would obey. The only errors are those
// of w.
func (l *Listing) Print(w io.Writer) error {
	p := clean.NewPrinter(w)
	for _, line := range l.Lines {
		said := ""
		if line.Comment != "" {
			said = "# " + line.Comment
		}
		if l.Format == M1 { // in M1 the words themselves come first
			said = strings.TrimSpace(line.Code + "  " + said)
		}
		line.print(p, said)
		for _, f := range line.Findings {
			p.Line("    ^^^ %v: %s [%s]", f.Severity, f.Message, f.Check)
		}
	}
	p.Line("")
	p.Line("%s", l.summary())
	return p.Flush()
}

// summary returns one line that says how much there is, was checked and was
// found.
func (l *Listing) summary() string {
	insts := 0
	count := map[Severity]int{}
	for _, line := range l.Lines {
		insts += len(line.Insts)
		for _, f := range line.Findings {
			count[f.Severity]++
		}
	}
	arch := l.Arch
	if arch == "" {
		arch = "no architecture"
	}
	return fmt.Sprintf("%s: %s, %s, %s, %s, %d unchecked; %s, %s, %s", l.name, l.Format, arch,
		clean.Count(l.Size, "byte"), clean.Count(insts, "instruction"), l.Unchecked,
		clean.Count(count[Error], "error"), clean.Count(count[Warning], "warning"), clean.Count(count[Note], "note"))
}

// print writes one line, with the author's words in the last column. Bytes or
// words that do not fit in a row continue in rows below.
func (line Line) print(p clean.Printer, said string) {
	labels := strings.Join(line.Labels, ": ")
	if labels != "" {
		labels = line.Row(0, 0).At() + "  " + labels + ":"
	}
	if len(line.Bytes) == 0 {
		if labels == "" {
			labels = line.Code // a DEFINE of M1, or nothing
		}
		if line.Comment != "" {
			labels = strings.TrimLeft(labels+"  # "+line.Comment, " ")
		}
		p.Line("%s", labels)
		return
	}
	if labels != "" {
		p.Line("%s", labels)
	}
	comment := wrap(said, pageWidth-listing.CommentStart)
	insts := line.Insts
	for at := 0; at < len(line.Bytes) || len(comment) > 0; {
		end := min(at+listing.RowBytes, len(line.Bytes))
		text := ""
		if at < len(line.Bytes) && len(insts) > 0 && int(insts[0].Address-line.Address) <= at {
			text = strings.TrimSpace(insts[0].Text + " " + insts[0].Target)
			end = min(at+insts[0].Len, end)
			insts = insts[1:]
		}
		row := line.Row(at, end)
		row.Text = text
		if len(comment) > 0 {
			row.Comment, comment = comment[0], comment[1:]
		}
		p.Line("%s", row)
		at = end
	}
}

// Row returns a row with the bytes between two indexes.
func (line Line) Row(from, to int) listing.Row {
	row := listing.Row{Address: line.Address + uint64(from), Bytes: line.Bytes[from:to]}
	if line.Unresolved != nil {
		row.Unknown = line.Unresolved[from:to]
	}
	return row
}

// wrap breaks a text into rows of at most width bytes, unless a word is longer.
// Spaces between columns become two.
func wrap(text string, width int) []string {
	var rows []string
	row := ""
	gap := ""
	for _, word := range strings.SplitAfter(text, " ") {
		space := strings.HasSuffix(word, " ")
		if word = strings.TrimSpace(word); word == "" {
			gap = "  "
			continue
		}
		if row != "" && len(row)+len(gap)+len(word) > width {
			rows = append(rows, row)
			row, gap = "", ""
		}
		row += gap + word
		if gap = ""; space {
			gap = " "
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}
