package diff

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"stage0/hex0"
	"stage0/hex2"
	"stage0/internal/clean"
	"stage0/internal/listing"
	"stage0/source"
)

// names is the maximum number of labels, or files, that are listed.
const names = 10

// A Side is one of two binaries.
type Side struct {
	Name string
	Data []byte
}

// Sources are the texts that binary A was made from: one .hex0 or .hex1 text, or
// the .hex2 texts in the order of hex2's command line.
type Sources []source.Source

// Binaries is a comparison of two binaries.
type Binaries struct {
	a, b       Side
	arch       string   // the architecture of both; empty if unknown or different
	differing  int      // number of bytes that differ at the same offset, up to the shorter size
	Start, end int      // lengths of the common prefix, and of the common suffix of the rest
	headers    []string // ELF header fields that differ
	labels     labels

	// The first difference after the headers.
	offset      int             // -1 if there is none
	address     uint64          // in A
	in          string          // label and distance in A, or the section; empty if unknown
	inB         string          // the same in B, if it is different
	from        source.Position // the source line; zero if unknown
	fromText    string          // its text
	fromLabel   string          // the label before it; empty if there is none
	sourceError error           // why the source line is unknown although there are sources
	rows        []string        // the code or data there, each with ' ', '-' or '+' before it

	// The first label whose code differs in size, if rows do not show it already.
	grown     string
	grownRows []string // from the first instruction on that differs in more than its operands
}

// labels compares two binaries label by label. A label's bytes end at the next
// label or section.
type labels struct {
	same, bytes, sizes, onlyA, onlyB []string
}

// CompareBinaries compares two binaries.
func CompareBinaries(a, b Side, sources Sources) *Binaries {
	d := &Binaries{a: a, b: b, offset: -1}
	for i := range min(len(a.Data), len(b.Data)) {
		if a.Data[i] != b.Data[i] {
			d.differing++
		}
	}
	d.Start, d.end = ends(a.Data, b.Data)
	if d.Same() {
		return d
	}
	ia, ib := newImage(a.Data), newImage(b.Data)
	if ia.arch == ib.arch {
		d.arch = ia.arch
	}
	if ia.headers == ib.headers {
		d.headers = headers(ia.fields, ib.fields)
	} else {
		ia.headers, ib.headers = 0, 0
	}
	d.labels = compareLabels(ia, ib)
	n, _ := ends(a.Data[ia.headers:], b.Data[ib.headers:])
	if n += ia.headers; n == len(a.Data) && n == len(b.Data) {
		return d // only the headers differ
	}
	d.offset, d.address = n, ia.base+uint64(n)
	d.in = ia.place(n)
	if in := ib.place(n); in != d.in {
		d.inB = in
	}
	start := ia.start(n)
	d.rows = view(ia, ib, start, start, sameCode)
	d.setGrown(ia, ib)
	if len(sources) > 0 && n < len(a.Data) {
		d.from, d.sourceError = sources.locate(ia, n)
		d.fromText, d.fromLabel = sources.line(d.from)
	}
	return d
}

// Same reports whether the binaries are equal.
func (d *Binaries) Same() bool { return bytes.Equal(d.a.Data, d.b.Data) }

// setGrown sets grown and grownRows.
func (d *Binaries) setGrown(a, b *image) {
	if d.arch == "" || len(d.labels.sizes) == 0 {
		return
	}
	d.grown = d.labels.sizes[0]
	named := func(l label) bool { return l.name == d.grown }
	la, lb := a.labels[slices.IndexFunc(a.labels, named)], b.labels[slices.IndexFunc(b.labels, named)]
	d.grownRows = view(a, b, la.offset, lb.offset, sameKind)
	if slices.Equal(d.grownRows, d.rows) {
		d.grown, d.grownRows = "", nil
	}
}

// headers returns the fields in which two ELF headers differ.
func headers(a, b []field) (list []string) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			list = append(list, fmt.Sprintf("%s is %#x and %#x", a[i].name, a[i].value, b[i].value))
		}
	}
	return list
}

// place returns the label, with the distance, or the section of a byte, or "".
func (im *image) place(offset int) string {
	if offset >= len(im.data) {
		return ""
	}
	if part := im.part(offset); offset >= im.codeEnd && part != "" {
		return part
	}
	l, ok := im.label(offset)
	if !ok {
		return im.part(offset)
	}
	if offset == l.offset {
		return l.name
	}
	return fmt.Sprintf("%s+%#x", l.name, offset-l.offset)
}

// compareLabels compares two binaries label by label.
func compareLabels(a, b *image) (l labels) {
	codes := func(im *image) map[string][]byte {
		all := map[string][]byte{}
		for _, at := range im.labels {
			all[at.name] = im.data[at.offset:im.end(at.offset)]
		}
		return all
	}
	ca, cb := codes(a), codes(b)
	same := map[[2]*byte]bool{} // many labels may be in one place
	for _, at := range a.labels {
		code, ok := cb[at.name]
		switch {
		case !ok:
			l.onlyA = append(l.onlyA, at.name)
		case len(code) != len(ca[at.name]):
			l.sizes = append(l.sizes, at.name)
		default:
			place := [2]*byte{&code[0], &ca[at.name][0]}
			equal, known := same[place]
			if !known {
				equal = bytes.Equal(code, ca[at.name])
				same[place] = equal
			}
			if equal {
				l.same = append(l.same, at.name)
			} else {
				l.bytes = append(l.bytes, at.name)
			}
		}
	}
	for _, at := range b.labels {
		if _, ok := ca[at.name]; !ok {
			l.onlyB = append(l.onlyB, at.name)
		}
	}
	return l
}

// start returns an offset before the byte at offset where a row starts: that of
// a label or section, so that instructions are decoded from their first byte.
func (im *image) start(offset int) int {
	start := im.headers
	for _, p := range im.parts {
		if p.start <= offset && offset < p.end {
			start = max(start, p.start)
		}
	}
	if l, ok := im.label(offset); ok {
		start = max(start, l.offset)
	}
	if im.arch == "" || offset >= im.codeEnd {
		start += max(0, (offset-start)/16-before) * 16
	}
	return start
}

// view returns the rows to print of two binaries: the first ones from startA and
// startB on that are not the same, with those before and after them.
func view(a, b *image, startA, startB int, same func(a, b row) bool) (shown []string) {
	rowsA, rowsB := a.rows(startA), b.rows(startB)
	var earlier, laterA, laterB []row
	for {
		ra, okA := rowsA()
		rb, okB := rowsB()
		switch {
		case !okA && !okB, len(laterA) == window, len(laterB) == window:
			for _, r := range earlier[max(0, len(earlier)-before):] {
				_, lines := a.both([]row{r})
				for _, line := range lines {
					shown = append(shown, "  "+line)
				}
			}
			keysA, linesA := a.both(laterA)
			keysB, linesB := b.both(laterB)
			return append(shown, excerpt(keysA, linesA, keysB, linesB)...)
		case len(laterA)+len(laterB) == 0 && okA && okB && same(ra, rb):
			earlier = append(earlier, ra)
			continue
		}
		if okA {
			laterA = append(laterA, ra)
		}
		if okB {
			laterB = append(laterB, rb)
		}
	}
}

// sameCode reports whether two rows have the same bytes.
func sameCode(a, b row) bool { return bytes.Equal(a.code, b.code) }

// sameKind reports whether two instructions are equal except for their operands.
func sameKind(a, b row) bool {
	verbA, _, _ := strings.Cut(a.text, " ")
	verbB, _, _ := strings.Cut(b.text, " ")
	return verbA == verbB && len(a.code) == len(b.code) && (verbA != "" || sameCode(a, b))
}

// both returns the keys by which rows are compared, without addresses, and the
// lines to print. Labels have lines of their own.
func (im *image) both(rows []row) (keys, lines []string) {
	for _, r := range rows {
		labels := im.labels[im.after(r.offset-1):im.after(r.offset)]
		for _, l := range labels[:min(len(labels), names)] {
			keys, lines = append(keys, l.name+":"), append(lines, l.name+":")
		}
		if more := len(labels) - names; more > 0 {
			text := clean.Count(more, "more label")
			keys, lines = append(keys, text), append(lines, text)
		}
		text := r.text
		if text == "" {
			text = ascii(r.code)
		}
		keys = append(keys, fmt.Sprintf("%x", r.code))
		lines = append(lines, listing.Row{Address: im.base + uint64(r.offset), Bytes: r.code, Text: text}.String())
	}
	return keys, lines
}

// ascii returns bytes as ASCII text, with a dot for any that is not printable.
func ascii(data []byte) string {
	return "|" + string(bytes.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, data)) + "|"
}

// locate returns the source position of the byte at offset. It is an error if the
// sources do not assemble to the image.
func (s Sources) locate(im *image, offset int) (at source.Position, err error) {
	var made bytes.Buffer
	if strings.HasSuffix(s[0].Name, ".hex0") {
		opt := hex0.ForArch(im.arch)
		if err = hex0.Assemble(&made, s[0], opt); err == nil {
			at, err = hex0.Locate(s[0], opt, int64(offset))
		}
	} else {
		opt := hex2.Options{Arch: im.arch, Base: uint32(im.base)}
		if strings.HasSuffix(s[0].Name, ".hex1") {
			opt.Mode = hex2.SeedHex1
		}
		if err = hex2.Link(&made, s, opt); err == nil {
			at, err = hex2.Locate(s, opt, int64(offset))
		}
	}
	switch {
	case err != nil:
		return source.Position{}, err
	case !bytes.Equal(made.Bytes(), im.data):
		return source.Position{}, fmt.Errorf("%s does not assemble to this binary", s[0].Name)
	}
	return at, nil
}

// line returns the text of a source line, and the last label before it.
func (s Sources) line(at source.Position) (line, label string) {
	for _, text := range s {
		if text.Name != at.Name {
			continue
		}
		end, n := 0, 0
		for l := range bytes.Lines(text.Text) {
			if n++; n == at.Line {
				return strings.TrimSpace(string(l)), lastLabel(words(text.Text[:end+at.Col-1]))
			}
			end += len(l)
		}
	}
	return "", ""
}
