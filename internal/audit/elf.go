package audit

import (
	"fmt"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/internal/lazyregexp"
)

// A fieldSpec is a field of the ELF header or of a program header.
type fieldSpec struct {
	name       string
	off32, n32 int // offset and size in a 32-bit file, in bytes
	off64, n64 int
}

// The fields, named as in the System V ABI.
var (
	headerFields = []fieldSpec{
		{"e_ident", 0, 4, 0, 4},
		{"EI_CLASS", 4, 1, 4, 1},
		{"EI_DATA", 5, 1, 5, 1},
		{"EI_VERSION", 6, 1, 6, 1},
		{"EI_OSABI", 7, 1, 7, 1},
		{"EI_ABIVERSION", 8, 1, 8, 1},
		{"EI_PAD", 9, 7, 9, 7},
		{"e_type", 16, 2, 16, 2},
		{"e_machine", 18, 2, 18, 2},
		{"e_version", 20, 4, 20, 4},
		{"e_entry", 24, 4, 24, 8},
		{"e_phoff", 28, 4, 32, 8},
		{"e_shoff", 32, 4, 40, 8},
		{"e_flags", 36, 4, 48, 4},
		{"e_ehsize", 40, 2, 52, 2},
		{"e_phentsize", 42, 2, 54, 2},
		{"e_phnum", 44, 2, 56, 2},
		{"e_shentsize", 46, 2, 58, 2},
		{"e_shnum", 48, 2, 60, 2},
		{"e_shstrndx", 50, 2, 62, 2},
	}
	segmentFields = []fieldSpec{
		{"p_type", 0, 4, 0, 4},
		{"p_offset", 4, 4, 8, 8},
		{"p_vaddr", 8, 4, 16, 8},
		{"p_paddr", 12, 4, 24, 8},
		{"p_filesz", 16, 4, 32, 8},
		{"p_memsz", 20, 4, 40, 8},
		{"p_flags", 24, 4, 4, 4},
		{"p_align", 28, 4, 48, 8},
	}
)

// fieldNames has other names that authors use for fields.
var fieldNames = map[string]string{
	"EI_MAG0-3": "e_ident", "p_physaddr": "p_paddr", "Flags": "p_flags", "Required alignment": "p_align", "p_alignment": "p_align",
	"class": "EI_CLASS", "data": "EI_DATA", "version": "EI_VERSION", "OS ABI": "EI_OSABI", "its version": "EI_ABIVERSION", "padding": "EI_PAD",
}

// A header is a file's ELF header and program headers.
type header struct {
	data []byte
	gaps []bool
	wide bool // 64-bit
	end  int  // of all headers, in bytes
	segs []int
}

// parseHeader finds the headers at the start of data. gaps marks unknown bytes.
func parseHeader(data []byte, gaps []bool) (header, bool) {
	h := header{data: data, gaps: gaps}
	if len(data) < 52 || string(data[:4]) != "\x7FELF" {
		return h, false
	}
	h.wide = data[4] == 2
	size, segment := 52, 32
	if h.wide {
		size, segment = 64, 56
	}
	if len(data) < size {
		return h, false
	}
	h.end = size
	off, known := h.get("e_phoff")
	n, ok := h.get("e_phnum")
	if !known || off == 0 {
		off = uint64(size)
	}
	if !ok {
		n = 1
	}
	for i := range min(n, 16) {
		at := off + i*uint64(segment)
		if !h.holds(at, uint64(segment)) {
			break
		}
		h.segs = append(h.segs, int(at))
		h.end = max(h.end, int(at)+segment)
	}
	return h, true
}

// holds reports whether the n bytes at off are in the file. off + n may
// overflow 64 bits.
func (h header) holds(off, n uint64) bool {
	size := uint64(len(h.data))
	return off <= size && n <= size-off
}

func (f fieldSpec) place(wide bool) (off, n int) {
	if wide {
		return f.off64, f.n64
	}
	return f.off32, f.n32
}

func (h header) value(off, n int) (uint64, bool) {
	if off+n > len(h.data) || slices.Contains(h.gaps[off:off+n], true) {
		return 0, false
	}
	return little(h.data[off : off+n]), true
}

// findField returns the field called name.
func findField(fields []fieldSpec, name string) (fieldSpec, bool) {
	i := slices.IndexFunc(fields, func(f fieldSpec) bool { return f.name == name })
	if i < 0 {
		return fieldSpec{}, false
	}
	return fields[i], true
}

// get returns the value of a field of the ELF header, if it is known.
func (h header) get(name string) (uint64, bool) {
	f, ok := findField(headerFields, name)
	if !ok {
		return 0, false
	}
	return h.value(f.place(h.wide))
}

// segment returns the value of a field of the program header at start, if it is
// known, and the field's offset.
func (h header) segment(start int, name string) (value uint64, off int, ok bool) {
	f, ok := findField(segmentFields, name)
	if !ok {
		return 0, 0, false
	}
	off, n := f.place(h.wide)
	value, ok = h.value(start+off, n)
	return value, start + off, ok
}

// places returns the offsets and the size of a field in all headers that have
// it.
func (h header) places(name string) (offs []int, size int) {
	if f, ok := findField(headerFields, name); ok {
		off, n := f.place(h.wide)
		return []int{off}, n
	}
	f, ok := findField(segmentFields, name)
	if !ok {
		return nil, 0
	}
	off, n := f.place(h.wide)
	for _, s := range h.segs {
		offs = append(offs, s+off)
	}
	return offs, n
}

// archOfELF returns the architecture named by an ELF header, or "".
func archOfELF(data []byte) string {
	if len(data) < 20 || string(data[:4]) != "\x7FELF" {
		return ""
	}
	for _, a := range arch.All {
		if a.Machine == uint16(little(data[18:20])) && a.WordSize == 4*int(data[4]) {
			return a.Name
		}
	}
	return ""
}

// baseOfELF returns the address of the first byte of a file, if the headers
// say.
func baseOfELF(data []byte, gaps []bool) (uint64, bool) {
	h, ok := parseHeader(data, gaps)
	if !ok || len(h.segs) == 0 {
		return 0, false
	}
	addr, _, ok := h.segment(h.segs[0], "p_vaddr")
	off, _, known := h.segment(h.segs[0], "p_offset")
	return addr - off, ok && known && off < uint64(len(data)) && off <= addr
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

// headerError reports a problem with the bytes at off.
func (u *unit) headerError(off int, severity Severity, format string, args ...any) {
	i := u.lineAt(u.Base + uint64(off))
	if i >= 0 {
		u.report(i, u.codeCol(i), severity, "elf", format, args...)
	}
}

// want checks that a field of the ELF header has one of the given values.
func (u *unit) want(h header, name string, values ...uint64) {
	v, ok := h.get(name)
	if !ok || slices.Contains(values, v) {
		return
	}
	offs, _ := h.places(name)
	var texts []string
	for _, w := range values {
		texts = append(texts, fmt.Sprintf("%#x", w))
	}
	u.headerError(offs[0], Error, "%s is %#x, want %s", name, v, strings.Join(texts, " or "))
}

// checkHeaderValues checks the fields against the file and each other.
func (u *unit) checkHeaderValues(h header) {
	size, segment, section := uint64(52), uint64(32), uint64(40)
	if a, ok := arch.Lookup(u.Arch); ok {
		class := uint64(a.WordSize / 4)
		u.want(h, "e_machine", uint64(a.Machine))
		u.want(h, "EI_CLASS", class)
	} else if m, ok := h.get("e_machine"); ok {
		offs, _ := h.places("e_machine")
		u.headerError(offs[0], Error, "e_machine is %#x, which is of no architecture here, with EI_CLASS %d", m, h.data[4])
	}
	if h.wide {
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
	if n, ok := h.get("e_shnum"); ok {
		if n > 0 {
			u.want(h, "e_shentsize", section)
		} else {
			u.want(h, "e_shoff", 0)
			u.want(h, "e_shentsize", 0, section)
			u.want(h, "e_shstrndx", 0)
		}
		if index, ok := h.get("e_shstrndx"); ok && n > 0 && index >= n {
			offs, _ := h.places("e_shstrndx")
			u.headerError(offs[0], Error, "e_shstrndx is %d, of %d sections", index, n)
		}
	}
	for i, s := range h.segs {
		u.checkSegment(h, s, i == 0)
	}
	u.checkEntry(h)
	if off, ok := h.get("e_phoff"); ok && len(h.segs) == 0 && !h.holds(off, segment) {
		offs, _ := h.places("e_phoff")
		u.headerError(offs[0], Error, "e_phoff is %#x, which is not in the file", off)
	}
}

// checkSegment checks a program header against the file.
func (u *unit) checkSegment(h header, at int, first bool) {
	field := func(name string) (value uint64, off int, ok bool) { return h.segment(at, name) }
	if kind, off, ok := field("p_type"); ok && first && kind != 1 {
		u.headerError(off, Error, "p_type is %#x, want 1, a part of the file to be loaded", kind)
		return
	}
	offset, offsetAt, _ := field("p_offset")
	filesz, filesAt, ok := field("p_filesz")
	sections, _ := h.get("e_shnum")
	if ok && first && offset == 0 && u.whole() && (u.Format != Binary || sections == 0) && filesz != uint64(len(u.data)) {
		u.headerError(filesAt, Error, "p_filesz is %d, and the file has %d bytes", filesz, len(u.data))
	}
	if ok && offset != 0 && u.whole() && !h.holds(offset, filesz) {
		u.headerError(offsetAt, Error, "p_offset and p_filesz are %d and %d, and the file has %d bytes", offset, filesz, len(u.data))
	}
	memsz, memAt, known := field("p_memsz")
	if ok && known && memsz < filesz {
		u.headerError(memAt, Error, "p_memsz is %d, and p_filesz %d", memsz, filesz)
	}
	if ok && known && memsz > filesz && u.Format != Binary {
		u.headerError(memAt, Note, "p_memsz is %d, and p_filesz %d", memsz, filesz)
	}
	vaddr, vaddrAt, ok := field("p_vaddr")
	paddr, paddrAt, known := field("p_paddr")
	if ok && known && vaddr != paddr && paddr != 0 {
		u.headerError(paddrAt, Warning, "p_paddr is %#x, and p_vaddr %#x", paddr, vaddr)
	}
	if flags, off, ok := field("p_flags"); ok && first && (flags&1 == 0 || flags > 7) {
		u.headerError(off, Error, "p_flags is %d, want execution (1) allowed", flags)
	}
	if align, off, ok := field("p_align"); ok {
		if align&(align-1) != 0 {
			u.headerError(off, Error, "p_align is %#x, want a power of two", align)
		} else if align > 1 && (vaddr-offset)&(align-1) != 0 {
			u.headerError(vaddrAt, Error, "p_vaddr is %#x, want p_offset modulo p_align, %#x", vaddr, align)
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
	entry, ok := h.get("e_entry")
	if !ok {
		return
	}
	offs, _ := h.places("e_entry")
	start, known := u.address("_start")
	switch {
	case known && start != entry:
		u.headerError(offs[0], Error, "e_entry is %#x, and _start %#x", entry, start)
	case u.at(entry) == nil && u.whole():
		u.headerError(offs[0], Error, "e_entry is %#x, which is not in the file", entry)
	case entry < u.Base+uint64(h.end) && u.whole():
		u.headerError(offs[0], Error, "e_entry is %#x, which is in the headers", entry)
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
	offs, size := h.places(name)
	if len(offs) == 0 {
		return
	}
	line.Checked = true
	if !slices.Contains(offs, off) || size != len(line.Bytes) {
		u.report(i, u.commentCol(i, texts[0]), Error, "field", "%s is said; it is the %d bytes at %#x, and these are %d at %#x", name, size, u.Base+uint64(offs[0]), len(line.Bytes), line.Address)
		return
	}
	value, known := h.value(off, size)
	if !known {
		return
	}
	if len(texts) > 1 && asBefore.MatchString(texts[1]) && i > 0 {
		if before := little(u.Lines[i-1].Bytes); before != value {
			u.report(i, u.commentCol(i, texts[1]), Error, "field", "%s is said to be as the field before, %d, and is %d", name, before, value)
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
		u.report(i, u.commentCol(i, said), Error, "field", "%s is said to be %s, and is %d", name, said, value)
	}
}
