package diff

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// A printer writes lines, fit for a terminal. Flush returns the first error.
type printer struct{ *bufio.Writer }

func newPrinter(w io.Writer) printer { return printer{bufio.NewWriter(w)} }

func (p printer) line(format string, args ...any) {
	p.WriteString(clean.String(fmt.Sprintf(format, args...)))
	p.WriteByte('\n')
}

// Print writes how the binaries differ.
func (d *Binaries) Print(w io.Writer) error {
	p := newPrinter(w)
	for _, side := range []struct {
		name string
		Side
	}{{"A", d.A}, {"B", d.B}} {
		p.line("%s  %s  %s  sha256 %x", side.name, side.Name, count(len(side.Data), "byte"), sha256.Sum256(side.Data))
	}
	if d.Same() {
		p.line("the same")
		return p.Flush()
	}
	if longer := len(d.B.Data) - len(d.A.Data); longer == 0 {
		p.line("%d of %s differ", d.Differing, count(len(d.A.Data), "byte"))
	} else {
		than := "longer"
		if longer < 0 {
			than, longer = "shorter", -longer
		}
		p.line("B is %s by %s; the first %d and the last %d are the same, between them are %d in A and %d in B",
			than, count(longer, "byte"), d.Start, d.End, len(d.A.Data)-d.Start-d.End, len(d.B.Data)-d.Start-d.End)
	}
	for _, h := range d.Headers {
		p.line("header: %s", h)
	}
	d.Labels.print(p)
	if d.Offset < 0 {
		p.line("")
		p.line("after the headers there is no difference")
		return p.Flush()
	}
	p.line("")
	where := fmt.Sprintf("first difference at offset %#x, address %#x", d.Offset, d.Address)
	if d.In != "" {
		where += ", in " + d.In
	}
	if d.InB != "" {
		where += " (B: " + d.InB + ")"
	}
	switch d.Offset {
	case len(d.A.Data):
		where += ", where A ends"
	case len(d.B.Data):
		where += ", where B ends"
	}
	p.line("%s", where)
	switch {
	case d.SourceError != nil:
		p.line("from an unknown line of the sources: %v", d.SourceError)
	case d.From.Line > 0:
		after := ""
		if d.FromLabel != "" {
			after = ", after " + d.FromLabel
		}
		p.line("from %s%s: %s", d.From, after, d.FromText)
	}
	for _, row := range d.Rows {
		p.line("%s", row)
	}
	if d.Grown != "" {
		p.line("")
		p.line("first of another size: %s", d.Grown)
		for _, row := range d.GrownRows {
			p.line("%s", row)
		}
	}
	return p.Flush()
}

func (l Labels) print(p printer) {
	if len(l.Same)+len(l.Bytes)+len(l.Sizes)+len(l.OnlyA)+len(l.OnlyB) == 0 {
		return
	}
	p.line("labels: %d with the same bytes", len(l.Same))
	for _, group := range []struct {
		what string
		list []string
	}{
		{"of another size", l.Sizes},
		{"with other bytes (also if something else has moved)", l.Bytes},
		{"in A only", l.OnlyA},
		{"in B only", l.OnlyB},
	} {
		if len(group.list) > 0 {
			p.line("        %d %s: %s", len(group.list), group.what, few(group.list))
		}
	}
}

// few returns names in a row, not too many.
func few(list []string) string {
	if rest := len(list) - names; rest > 0 {
		return strings.Join(list[:names], " ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(list, " ")
}
