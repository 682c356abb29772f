package diff

import (
	"debug/elf"
	"fmt"
	"sort"

	"stage0/internal/disasm"
	"stage0/internal/elffile"
)

// An image is a binary with its headers, sections and labels.
type image struct {
	data    []byte
	arch    string // empty if there is no disassembler for it
	base    uint64 // address of the first byte
	headers int    // size of the ELF and program headers at the start
	fields  []field
	parts   []part
	labels  []label       // by offset
	named   map[int]label // the first label at an offset, if possible one that is not hidden
	codeEnd int           // offset of the first byte that cannot be code
}

// A field is a field of an ELF header.
type field struct {
	name  string
	value uint64
}

// A part is a section.
type part struct {
	name       string
	start, end int
}

// A label is a symbol, at an offset of the file.
type label struct {
	name   string
	offset int
	hidden bool // blood-elf hides symbols that begin with an underscore
}

// newImage reads the headers of a binary. A file that is not ELF has only bytes.
func newImage(data []byte) *image {
	im := &image{data: data, named: map[int]label{}, codeEnd: len(data)}
	f, err := elffile.Open(data)
	if err != nil {
		return im
	}
	if a := elffile.Arch(data); disasm.Known(a) {
		im.arch = a
	}
	im.base, _ = f.Base()
	h := f.Header()
	for _, name := range []string{"e_type", "e_machine", "e_entry", "e_phnum"} {
		im.fields = append(im.fields, field{name, h.Value(name)})
	}
	im.headers = h.End()
	for i, r := range f.Segments() {
		im.headers = max(im.headers, r.End())
		for _, at := range r.Fields {
			im.fields = append(im.fields, field{fmt.Sprintf("%s of program header %d", at.Name, i+1), r.Value(at.Name)})
		}
	}
	im.fields = append(im.fields, field{"e_shnum", h.Value("e_shnum")})
	for _, s := range f.Sections() {
		if s.Type == elf.SHT_NOBITS || !f.Holds(s.Offset, s.Size) {
			continue
		}
		p := part{s.Name, int(s.Offset), int(s.Offset + s.Size)}
		im.parts = append(im.parts, p)
		if s.Name == ".text" {
			im.codeEnd = p.end
		}
	}
	for _, s := range f.Symbols() {
		if offset := s.Value - im.base; offset < uint64(len(data)) {
			l := label{s.Name, int(offset), s.Other != 0}
			im.labels = append(im.labels, l)
			if first, ok := im.named[l.offset]; !ok || first.hidden && !l.hidden {
				im.named[l.offset] = l
			}
		}
	}
	return im
}

// part returns the name of the section that has the byte at offset, or "".
func (im *image) part(offset int) string {
	for _, p := range im.parts {
		if p.start <= offset && offset < p.end {
			return p.name
		}
	}
	return ""
}

// label returns the last label at or before offset. Of several with the same
// offset it returns the first that is not hidden. ok is false if there is none.
func (im *image) label(offset int) (l label, ok bool) {
	i := im.after(offset)
	if i == 0 {
		return l, false
	}
	return im.named[im.labels[i-1].offset], true
}

// after returns the index of the first label after offset.
func (im *image) after(offset int) int {
	return sort.Search(len(im.labels), func(i int) bool { return im.labels[i].offset > offset })
}

// end returns the offset of the next label or section after offset.
func (im *image) end(offset int) int {
	end := len(im.data)
	if i := im.after(offset); i < len(im.labels) {
		end = im.labels[i].offset
	}
	for _, p := range im.parts {
		if p.start > offset {
			end = min(end, p.start)
		}
	}
	return end
}

// A row is an instruction, or other bytes.
type row struct {
	offset int
	code   []byte
	text   string // empty if it is not an instruction
}

// rows returns an iterator over the rows from start on: instructions up to the
// end of the code, where they can be decoded, then 16 bytes per row. No row
// extends past a label. The iterator returns false at the end of the file.
func (im *image) rows(start int) func() (row, bool) {
	return func() (r row, ok bool) {
		if start == len(im.data) {
			return r, false
		}
		end := im.end(start)
		r = row{offset: start, code: im.data[start:min(start+16, end)]}
		if start < im.codeEnd && im.arch != "" {
			r.code = im.data[start:min(start+im.unit(), end)]
			if inst, err := disasm.Decode(im.arch, im.base+uint64(start), im.data[start:end]); err == nil {
				r.code, r.text = im.data[start:start+inst.Len], inst.Text()
				if l, ok := im.label(int(inst.Target - im.base)); ok && inst.HasTarget && im.base+uint64(l.offset) == inst.Target {
					r.text += " <" + l.name + ">"
				}
			}
		}
		start += len(r.code)
		return r, true
	}
}

// unit returns the number of bytes to skip if they are not an instruction.
func (im *image) unit() int {
	if variable[im.arch] {
		return 1
	}
	return 4
}

// variable has the architectures whose instructions vary in length.
var variable = map[string]bool{"x86": true, "amd64": true}
