package audit

import (
	"fmt"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/internal/elffile"
	"stage0/internal/lazyregexp"
)

// fieldNames has other names that authors use for fields.
var fieldNames = map[string]string{
	"EI_MAG0-3": "e_ident", "p_physaddr": "p_paddr", "Flags": "p_flags", "Required alignment": "p_align", "p_alignment": "p_align",
	"class": "EI_CLASS", "data": "EI_DATA", "version": "EI_VERSION", "OS ABI": "EI_OSABI", "its version": "EI_ABIVERSION", "padding": "EI_PAD",
}

// A header is a file's ELF header and program headers.
type header struct {
	*elffile.File
	elffile.Record // the ELF header
	segs           []elffile.Record
	end            int // of all headers, in bytes
}

// parseHeader finds the headers at the start of data. gaps marks unknown bytes.
func parseHeader(data []byte, gaps []bool) (header, bool) {
	f, err := elffile.Open(data)
	if err != nil {
		return header{}, false
	}
	f.Unknown, f.BigEndian = gaps, false
	h := header{File: f, Record: f.Header(), segs: f.Segments()}
	for _, r := range h.records() {
		h.end = max(h.end, r.End())
	}
	return h, true
}

// records returns all headers, the ELF header first.
func (h header) records() []elffile.Record { return append([]elffile.Record{h.Record}, h.segs...) }

// places returns a field of all headers that have it.
func (h header) places(name string) []elffile.Field {
	var list []elffile.Field
	for _, r := range h.records() {
		if f, ok := r.Lookup(name); ok {
			list = append(list, f)
		}
	}
	return list
}

// checkHeader checks the ELF header against the file and against its comments.
func (u *unit) checkHeader() {
	h, ok := parseHeader(u.data, u.gaps)
	if !ok {
		return
	}
	u.checkHeaderValues(h)
	for i := range u.Lines {
		line := &u.Lines[i]
		off := int(line.Address - u.Base)
		if len(line.Bytes) > 0 && off < h.end {
			u.checkField(h, i, off)
		}
	}
}

// headerError reports a problem with a field.
func (u *unit) headerError(r elffile.Record, name string, severity Severity, format string, args ...any) {
	field, _ := r.Lookup(name)
	if i := u.lineAt(u.Base + uint64(field.Offset)); i >= 0 {
		u.report(i, u.codeCol(i), severity, "elf", format, args...)
	}
}

// want checks that a field of the ELF header has one of the given values.
func (u *unit) want(h header, name string, values ...uint64) {
	v, ok := h.Get(name)
	if !ok || slices.Contains(values, v) {
		return
	}
	var texts []string
	for _, w := range values {
		texts = append(texts, fmt.Sprintf("%#x", w))
	}
	u.headerError(h.Record, name, Error, "%s is %#x, expected %s", name, v, strings.Join(texts, " or "))
}

// checkHeaderValues checks the fields against the file and each other.
func (u *unit) checkHeaderValues(h header) {
	size, segment, section := uint64(52), uint64(32), uint64(40)
	if a, ok := arch.Lookup(u.Arch); ok {
		class := uint64(a.WordSize / 4)
		u.want(h, "e_machine", uint64(a.Machine))
		u.want(h, "EI_CLASS", class)
	} else if m, ok := h.Get("e_machine"); ok {
		u.headerError(h.Record, "e_machine", Error, "e_machine is %#x, which is of no architecture here, with EI_CLASS %d", m, h.Data[4])
	}
	if h.Wide {
		size, segment, section = 64, 56, 64
	}
	u.want(h, "EI_DATA", 1)
	u.want(h, "EI_VERSION", 1)
	u.want(h, "EI_OSABI", 0, 3)
	u.want(h, "EI_ABIVERSION", 0)
	u.want(h, "EI_PAD", 0)
	u.want(h, "e_type", 2)
	u.want(h, "e_version", 1)
	if u.Format != Binary {
		u.want(h, "e_flags", u.flags)
	}
	u.want(h, "e_ehsize", size)
	u.want(h, "e_phentsize", segment)
	if n, ok := h.Get("e_shnum"); ok {
		if n > 0 {
			u.want(h, "e_shentsize", section)
		} else {
			u.want(h, "e_shoff", 0)
			u.want(h, "e_shentsize", 0, section)
			u.want(h, "e_shstrndx", 0)
		}
		if index, ok := h.Get("e_shstrndx"); ok && n > 0 && index >= n {
			u.headerError(h.Record, "e_shstrndx", Error, "e_shstrndx is %d, of %d sections", index, n)
		}
	}
	for i, s := range h.segs {
		u.checkSegment(h, s, i == 0)
	}
	u.checkEntry(h)
	if off, ok := h.Get("e_phoff"); ok && len(h.segs) == 0 {
		u.headerError(h.Record, "e_phoff", Error, "e_phoff is %#x, and there is no program header", off)
	}
}

// checkSegment checks a program header against the file.
func (u *unit) checkSegment(h header, s elffile.Record, first bool) {
	if kind, ok := s.Get("p_type"); ok && first && kind != 1 {
		u.headerError(s, "p_type", Error, "p_type is %#x, expected 1, a part of the file to be loaded", kind)
		return
	}
	offset := s.Value("p_offset")
	filesz, ok := s.Get("p_filesz")
	if ok && first && offset == 0 && u.whole() && (u.Format != Binary || h.Value("e_shnum") == 0) && filesz != uint64(len(u.data)) {
		u.headerError(s, "p_filesz", Error, "p_filesz is %d, and the file has %d bytes", filesz, len(u.data))
	}
	if ok && offset != 0 && u.whole() && !h.Holds(offset, filesz) {
		u.headerError(s, "p_offset", Error, "p_offset and p_filesz are %d and %d, and the file has %d bytes", offset, filesz, len(u.data))
	}
	memsz, known := s.Get("p_memsz")
	if ok && known && memsz < filesz {
		u.headerError(s, "p_memsz", Error, "p_memsz is %d, and p_filesz %d", memsz, filesz)
	}
	if ok && known && memsz > filesz && u.Format != Binary {
		u.headerError(s, "p_memsz", Note, "p_memsz is %d, and p_filesz %d", memsz, filesz)
	}
	vaddr, ok := s.Get("p_vaddr")
	paddr, known := s.Get("p_paddr")
	if ok && known && vaddr != paddr && paddr != 0 {
		u.headerError(s, "p_paddr", Warning, "p_paddr is %#x, and p_vaddr %#x", paddr, vaddr)
	}
	if flags, ok := s.Get("p_flags"); ok && first && (flags&1 == 0 || flags > 7) {
		u.headerError(s, "p_flags", Error, "p_flags is %d, expected execution (1) allowed", flags)
	}
	if align, ok := s.Get("p_align"); ok {
		if align&(align-1) != 0 {
			u.headerError(s, "p_align", Error, "p_align is %#x, expected a power of two", align)
		} else if align > 1 && (vaddr-offset)&(align-1) != 0 {
			u.headerError(s, "p_vaddr", Error, "p_vaddr is %#x, expected p_offset modulo p_align, %#x", vaddr, align)
		}
	}
}

// whole reports whether the text is the whole file: nothing in it points
// outside.
func (u *unit) whole() bool {
	return !slices.ContainsFunc(u.parts, func(p part) bool { return p.missing })
}

// checkEntry checks that the program starts at its label, or at code.
func (u *unit) checkEntry(h header) {
	entry, ok := h.Get("e_entry")
	if !ok {
		return
	}
	start, known := u.address("_start")
	switch {
	case known && start != entry:
		u.headerError(h.Record, "e_entry", Error, "e_entry is %#x, and _start %#x", entry, start)
	case u.at(entry) == nil && u.whole():
		u.headerError(h.Record, "e_entry", Error, "e_entry is %#x, which is not in the file", entry)
	case entry < u.Base+uint64(h.end) && u.whole():
		u.headerError(h.Record, "e_entry", Error, "e_entry is %#x, which is in the headers", entry)
	}
}

var (
	fieldWord  = lazyregexp.New(`^(?:e_ident\[)?(\w+(?:-\d)?)\]?`)
	saidValue  = lazyregexp.New(`(?:Set at|=|our) (0x[0-9A-Fa-f]+|\d+)\b`)
	asBefore   = lazyregexp.New(`^(the same|as many)\b`)
	firstValue = lazyregexp.New(`^(0[0-9A-F]{7}|\d+)(:|,| bytes|$)`)
)

// checkField checks a comment that names a field against the field's place and
// value.
func (u *unit) checkField(h header, i, off int) {
	line := &u.Lines[i]
	texts := columns.Split(line.Comment, -1)
	for len(texts) > 0 && addressWord.MatchString(texts[0]) {
		texts = texts[1:]
	}
	if len(texts) == 0 {
		return
	}
	name := fieldNames[texts[0]]
	if name == "" {
		m := fieldWord.FindStringSubmatch(strings.Replace(texts[0], "ph_", "p_", 1))
		if m == nil {
			return
		}
		if name = fieldNames[m[1]]; name == "" {
			name = m[1]
		}
	}
	places := h.places(name)
	if len(places) == 0 {
		return
	}
	line.Checked = true
	here := elffile.Field{Name: name, Offset: off, Size: len(line.Bytes)}
	if !slices.Contains(places, here) {
		u.report(i, u.commentCol(i, texts[0]), Error, "field", "the comment says %s, which is the %d bytes at %#x, but these are %d at %#x", name, places[0].Size, u.Base+uint64(places[0].Offset), here.Size, line.Address)
		return
	}
	value, known := h.Number(here)
	if !known {
		return
	}
	if len(texts) > 1 && asBefore.MatchString(texts[1]) && i > 0 {
		if before := little(u.Lines[i-1].Bytes); before != value {
			u.report(i, u.commentCol(i, texts[1]), Error, "field", "the comment says that %s is the same as the field before, %d, but it is %d", name, before, value)
		}
		return
	}
	said := ""
	if m := saidValue.FindStringSubmatch(texts[0]); m != nil {
		said = m[1]
	} else if len(texts) > 1 {
		if m := firstValue.FindStringSubmatch(texts[1]); m != nil {
			said = m[1]
		}
	}
	if said == "" {
		return
	}
	n, ok := parseAddress(said)
	if !ok {
		n, ok = parseNumber(said)
	}
	if ok && uint64(n) != value {
		u.report(i, u.commentCol(i, said), Error, "field", "the comment says that %s is %s, but it is %d", name, said, value)
	}
}
