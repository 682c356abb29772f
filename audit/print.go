package audit

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Print writes the listing as text: a line for each line of the source, with
// address, bytes, label, instruction and the author's comment in columns, and
// its findings below it. Its errors are w's.
func (l *Listing) Print(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, line := range l.Lines {
		l.printLine(b, line)
		for _, f := range line.Findings {
			fmt.Fprintf(b, "        ^ %v: %s [%s]\n", f.Severity, f.Message, f.Check)
		}
	}
	return b.Flush()
}

// bytesWidth is how many bytes stand in a row.
const bytesWidth = 8

func (l *Listing) printLine(b *bufio.Writer, line Line) {
	label := strings.Join(line.Labels, ", ")
	if label != "" {
		label += ":"
	}
	if len(line.Bytes) == 0 {
		switch {
		case label != "":
			fmt.Fprintf(b, "%08x  %s\n", line.Address, label)
		case line.Comment != "":
			fmt.Fprintf(b, "%34s# %s\n", "", line.Comment)
		default:
			fmt.Fprintln(b)
		}
		return
	}
	if label != "" {
		fmt.Fprintf(b, "%08x  %s\n", line.Address, label)
	}
	insts := line.Insts
	for at := 0; at < len(line.Bytes); {
		end := min(at+bytesWidth, len(line.Bytes))
		text := ""
		if len(insts) > 0 && int(insts[0].Address-line.Address) <= at {
			text = insts[0].Text
			if insts[0].Target != "" {
				text += " " + insts[0].Target
			}
			if n := at + insts[0].Len; n < end {
				end = n
			}
			insts = insts[1:]
		}
		row := fmt.Sprintf("%08x  %-24s%-28s", line.Address+uint64(at), line.hex(at, end), text)
		if at == 0 && line.Comment != "" {
			row += "# " + line.Comment
		}
		fmt.Fprintln(b, strings.TrimRight(row, " "))
		at = end
	}
}

// hex returns the bytes from one to another, with ?? for those that are not
// known.
func (line Line) hex(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if line.Unresolved != nil && line.Unresolved[i] {
			b.WriteString("?? ")
		} else {
			fmt.Fprintf(&b, "%02x ", line.Bytes[i])
		}
	}
	return b.String()
}
