package audit

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// Widths of the columns of a printed listing, in bytes of text.
const (
	rowBytes     = 8 // bytes of data per row, and per line of a binary
	bytesColumn  = 3*rowBytes + 1
	instColumn   = 26
	commentStart = 8 + 2 + bytesColumn + instColumn
	pageWidth    = 100
)

// Print writes the listing as text, 100 columns wide if the author's lines
// allow: address, bytes, instruction and comment side by side, labels on lines
// of their own, and findings below their lines. The last line is the summary.
// Package clean replaces what a terminal would obey. The only errors are those
// of w.
func (l *Listing) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	b := clean.Writer{W: out}
	for _, line := range l.Lines {
		said := ""
		if line.Comment != "" {
			said = "# " + line.Comment
		}
		if l.Format == M1 { // in M1 the words themselves come first
			said = strings.TrimSpace(line.Code + "  " + said)
		}
		line.print(b, said)
		for _, f := range line.Findings {
			fmt.Fprintf(b, "    ^^^ %v: %s [%s]\n", f.Severity, f.Message, f.Check)
		}
	}
	fmt.Fprintf(b, "\n%s\n", l.Summary())
	return out.Flush()
}

// Summary returns one line that says how much there is, was checked and was
// found.
func (l *Listing) Summary() string {
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
	return fmt.Sprintf("%s: %s, %s, %s, %s, %d unchecked; %s, %s, %s", l.Name, l.Format, arch,
		plural(l.Size, "byte"), plural(insts, "instruction"), l.Unchecked,
		plural(count[Error], "error"), plural(count[Warning], "warning"), plural(count[Note], "note"))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// print writes one line, with the author's words in the last column. Bytes or
// words that do not fit in a row continue in rows below.
func (line Line) print(b io.Writer, said string) {
	labels := strings.Join(line.Labels, ": ")
	if labels != "" {
		labels = fmt.Sprintf("%08x  %s:", line.Address, labels)
	}
	if len(line.Bytes) == 0 {
		if labels == "" {
			labels = line.Code // a DEFINE of M1, or nothing
		}
		if line.Comment != "" {
			labels = strings.TrimLeft(labels+"  # "+line.Comment, " ")
		}
		fmt.Fprintln(b, labels)
		return
	}
	if labels != "" {
		fmt.Fprintln(b, labels)
	}
	comment := wrap(said, pageWidth-commentStart)
	insts := line.Insts
	for at := 0; at < len(line.Bytes) || len(comment) > 0; {
		end := min(at+rowBytes, len(line.Bytes))
		row := ""
		if at < len(line.Bytes) {
			text := ""
			if len(insts) > 0 && int(insts[0].Address-line.Address) <= at {
				text = insts[0].Text
				if insts[0].Target != "" {
					text += " " + insts[0].Target
				}
				end = min(at+insts[0].Len, end)
				insts = insts[1:]
			}
			row = fmt.Sprintf("%08x  %-*s%-*s", line.Address+uint64(at), bytesColumn, line.hex(at, end), instColumn, text)
		}
		if len(comment) > 0 {
			row = fmt.Sprintf("%-*s%s", commentStart, row, comment[0])
			comment = comment[1:]
		}
		fmt.Fprintln(b, strings.TrimRight(row, " "))
		at = end
	}
}

// hex returns the bytes between two indexes, with ?? for unknown ones.
func (line Line) hex(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if line.Unresolved != nil && line.Unresolved[i] {
			b.WriteString("?? ")
		} else {
			fmt.Fprintf(&b, "%02X ", line.Bytes[i])
		}
	}
	return b.String()
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
