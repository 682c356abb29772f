package diff

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// Print writes the comparison as text.
func (d *Binaries) Print(w io.Writer) error {
	p := clean.NewPrinter(w)
	for _, side := range []struct {
		name string
		Side
	}{{"A", d.A}, {"B", d.B}} {
		p.Line("%s  %s  %s  sha256 %x", side.name, side.Name, count(len(side.Data), "byte"), sha256.Sum256(side.Data))
	}
	if d.Same() {
		p.Line("the same")
		return p.Flush()
	}
	if longer := len(d.B.Data) - len(d.A.Data); longer == 0 {
		p.Line("%d of %s differ", d.Differing, count(len(d.A.Data), "byte"))
	} else {
		than := "longer"
		if longer < 0 {
			than, longer = "shorter", -longer
		}
		p.Line("B is %s by %s; the first %d and the last %d are the same; between them, A has %d and B %d",
			than, count(longer, "byte"), d.Start, d.End, len(d.A.Data)-d.Start-d.End, len(d.B.Data)-d.Start-d.End)
	}
	for _, h := range d.Headers {
		p.Line("header: %s", h)
	}
	d.Labels.print(p)
	if d.Offset < 0 {
		p.Line("")
		p.Line("only the headers differ")
		return p.Flush()
	}
	p.Line("")
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
	p.Line("%s", where)
	switch {
	case d.SourceError != nil:
		p.Line("the source line is unknown: %v", d.SourceError)
	case d.From.Line > 0:
		after := ""
		if d.FromLabel != "" {
			after = ", after " + d.FromLabel
		}
		p.Line("from %s%s: %s", d.From, after, d.FromText)
	}
	for _, row := range d.Rows {
		p.Line("%s", row)
	}
	if d.Grown != "" {
		p.Line("")
		p.Line("first label that differs in size: %s", d.Grown)
		for _, row := range d.GrownRows {
			p.Line("%s", row)
		}
	}
	return p.Flush()
}

func (l Labels) print(p clean.Printer) {
	if len(l.Same)+len(l.Bytes)+len(l.Sizes)+len(l.OnlyA)+len(l.OnlyB) == 0 {
		return
	}
	p.Line("labels: %d with the same bytes", len(l.Same))
	for _, group := range []struct {
		what string
		list []string
	}{
		{"that differ in size", l.Sizes},
		{"of the same size that differ, perhaps only in addresses", l.Bytes},
		{"in A only", l.OnlyA},
		{"in B only", l.OnlyB},
	} {
		if len(group.list) > 0 {
			p.Line("        %d %s: %s", len(group.list), group.what, few(group.list))
		}
	}
}

// few joins names, and leaves out those after the first 10.
func few(list []string) string {
	if rest := len(list) - names; rest > 0 {
		return strings.Join(list[:names], " ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(list, " ")
}
