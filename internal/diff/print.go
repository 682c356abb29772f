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
	}{{"A", d.a}, {"B", d.b}} {
		p.Line("%s  %s  %s  sha256 %x", side.name, side.Name, clean.Count(len(side.Data), "byte"), sha256.Sum256(side.Data))
	}
	if d.Same() {
		p.Line("the same")
		return p.Flush()
	}
	if longer := len(d.b.Data) - len(d.a.Data); longer == 0 {
		p.Line("%d of %s differ", d.differing, clean.Count(len(d.a.Data), "byte"))
	} else {
		than := "longer"
		if longer < 0 {
			than, longer = "shorter", -longer
		}
		p.Line("B is %s by %s; the first %d and the last %d are the same; between them, A has %d and B %d",
			than, clean.Count(longer, "byte"), d.Start, d.end, len(d.a.Data)-d.Start-d.end, len(d.b.Data)-d.Start-d.end)
	}
	for _, h := range d.headers {
		p.Line("header: %s", h)
	}
	d.labels.print(p)
	if d.offset < 0 {
		p.Line("")
		p.Line("only the headers differ")
		return p.Flush()
	}
	p.Line("")
	where := fmt.Sprintf("first difference at offset %#x, address %#x", d.offset, d.address)
	if d.in != "" {
		where += ", in " + d.in
	}
	if d.inB != "" {
		where += " (B: " + d.inB + ")"
	}
	switch d.offset {
	case len(d.a.Data):
		where += ", where A ends"
	case len(d.b.Data):
		where += ", where B ends"
	}
	p.Line("%s", where)
	switch {
	case d.sourceError != nil:
		p.Line("the source line is unknown: %v", d.sourceError)
	case d.from.Line > 0:
		after := ""
		if d.fromLabel != "" {
			after = ", after " + d.fromLabel
		}
		p.Line("from %s%s: %s", d.from, after, d.fromText)
	}
	for _, row := range d.rows {
		p.Line("%s", row)
	}
	if d.grown != "" {
		p.Line("")
		p.Line("first label that differs in size: %s", d.grown)
		for _, row := range d.grownRows {
			p.Line("%s", row)
		}
	}
	return p.Flush()
}

func (l labels) print(p clean.Printer) {
	if len(l.same)+len(l.bytes)+len(l.sizes)+len(l.onlyA)+len(l.onlyB) == 0 {
		return
	}
	p.Line("labels: %d with the same bytes", len(l.same))
	for _, group := range []struct {
		what string
		list []string
	}{
		{"that differ in size", l.sizes},
		{"of the same size that differ, perhaps only in addresses", l.bytes},
		{"in A only", l.onlyA},
		{"in B only", l.onlyB},
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
