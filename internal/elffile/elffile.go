// Package elffile reads the headers and symbols of ELF files (System V ABI,
// chapters 4 and 5; ELF-64 Object File Format).
//
// Unlike debug/elf it reads whatever is there of a damaged file, says where in
// the file each field is, and reads a limited number of headers, whatever the
// file says. Its results have debug/elf's types.
package elffile

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"

	"stage0/arch"
)

// MaxHeaders is the maximum number of program headers, and of section headers,
// that are read.
const MaxHeaders = 64

// More limits on what is read.
const (
	maxSymbols = 1 << 18
	maxName    = 1000 // bytes of the name of a section or symbol
)

// Errors of Open.
var (
	ErrNotELF = errors.New("not an ELF file")
	ErrCutOff = errors.New("the ELF header is cut off")
)

// A layout has the offset and size of a field in its record, in bytes, in
// 32-bit and 64-bit files.
type layout struct {
	name       string
	off32, n32 int
	off64, n64 int
}

// The layouts of the records, with the ABI's names.
var (
	headerLayout = []layout{
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
	segmentLayout = []layout{
		{"p_type", 0, 4, 0, 4},
		{"p_offset", 4, 4, 8, 8},
		{"p_vaddr", 8, 4, 16, 8},
		{"p_paddr", 12, 4, 24, 8},
		{"p_filesz", 16, 4, 32, 8},
		{"p_memsz", 20, 4, 40, 8},
		{"p_flags", 24, 4, 4, 4},
		{"p_align", 28, 4, 48, 8},
	}
	sectionLayout = []layout{
		{"sh_name", 0, 4, 0, 4},
		{"sh_type", 4, 4, 4, 4},
		{"sh_offset", 16, 4, 24, 8},
		{"sh_size", 20, 4, 32, 8},
		{"sh_link", 24, 4, 40, 4},
		{"sh_entsize", 36, 4, 56, 8},
	}
	symbolLayout = []layout{
		{"st_name", 0, 4, 0, 4},
		{"st_value", 4, 4, 8, 8},
		{"st_size", 8, 4, 16, 8},
		{"st_other", 13, 1, 5, 1},
		{"st_shndx", 14, 2, 6, 2},
	}
)

// A File is an ELF file.
type File struct {
	Data      []byte
	Unknown   []bool // for each byte: its value is not known; nil if all are known
	Wide      bool   // 64-bit
	BigEndian bool
}

// A Field is a field of a record: its offset in the file and its size, in bytes.
type Field struct {
	Name         string
	Offset, Size int
}

// A Record is a header or a symbol.
type Record struct {
	file   *File
	Fields []Field
}

// Open returns a file that begins with an ELF header.
func Open(data []byte) (*File, error) {
	if !bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return nil, ErrNotELF
	}
	f := &File{Data: data}
	if len(data) > elf.EI_DATA {
		f.Wide = elf.Class(data[elf.EI_CLASS]) == elf.ELFCLASS64
		f.BigEndian = elf.Data(data[elf.EI_DATA]) == elf.ELFDATA2MSB
	}
	if !f.Holds(0, f.size(headerLayout)) {
		return nil, ErrCutOff
	}
	return f, nil
}

// Arch returns the architecture that an ELF header names, or "".
func Arch(data []byte) string {
	if len(data) < 20 || string(data[:4]) != elf.ELFMAG {
		return ""
	}
	for _, a := range arch.All {
		if a.Machine != 0 && a.Machine == binary.LittleEndian.Uint16(data[18:]) && a.WordSize == 4*int(data[elf.EI_CLASS]) {
			return a.Name
		}
	}
	return ""
}

// place returns the offset and the size of a field in its record.
func (l layout) place(wide bool) (off, n int) {
	if wide {
		return l.off64, l.n64
	}
	return l.off32, l.n32
}

// size returns the size of a record in bytes. Each layout has the last field.
func (f *File) size(fields []layout) uint64 { return uint64(f.record(fields, 0).End()) }

// Holds reports whether the n bytes at off are in the file. off + n may
// overflow 64 bits.
func (f *File) Holds(off, n uint64) bool {
	size := uint64(len(f.Data))
	return off <= size && n <= size-off
}

// record returns the record at an offset.
func (f *File) record(fields []layout, at uint64) Record {
	r := Record{file: f}
	for _, l := range fields {
		off, n := l.place(f.Wide)
		r.Fields = append(r.Fields, Field{l.name, int(at) + off, n})
	}
	return r
}

// records returns up to n records at an offset, as far as they are in the file.
func (f *File) records(fields []layout, at, n uint64) []Record {
	var list []Record
	for size := f.size(fields); n > 0 && f.Holds(at, size); n-- {
		list = append(list, f.record(fields, at))
		at += size
	}
	return list
}

// Lookup returns the field called name.
func (r Record) Lookup(name string) (Field, bool) {
	i := slices.IndexFunc(r.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return r.Fields[i], true
}

// End returns the offset of the first byte after the record.
func (r Record) End() int {
	end := 0
	for _, f := range r.Fields {
		end = max(end, f.Offset+f.Size)
	}
	return end
}

// Get returns the value of a field. ok is false if it is not known.
func (r Record) Get(name string) (v uint64, ok bool) {
	f, ok := r.Lookup(name)
	if !ok {
		return 0, false
	}
	return r.file.Number(f)
}

// Value returns the value of a field, or 0 if it is not known.
func (r Record) Value(name string) uint64 {
	v, _ := r.Get(name)
	return v
}

// Number returns the value of a field. ok is false if it is not known.
func (f *File) Number(at Field) (v uint64, ok bool) {
	end := at.Offset + at.Size
	if end > len(f.Data) || f.Unknown != nil && slices.Contains(f.Unknown[at.Offset:end], true) {
		return 0, false
	}
	var b [8]byte
	if f.BigEndian {
		copy(b[8-at.Size:], f.Data[at.Offset:end])
		return binary.BigEndian.Uint64(b[:]), true
	}
	copy(b[:], f.Data[at.Offset:end])
	return binary.LittleEndian.Uint64(b[:]), true
}

// Header returns the ELF header.
func (f *File) Header() Record { return f.record(headerLayout, 0) }

// Segments returns the program headers that are in the file. If it is not known
// where they are, they follow the ELF header; if it is not known how many there
// are, there is one.
func (f *File) Segments() []Record {
	h := f.Header()
	at, ok := h.Get("e_phoff")
	if !ok {
		at = f.size(headerLayout)
	}
	n, ok := h.Get("e_phnum")
	if !ok {
		n = 1
	}
	if at == 0 {
		return nil
	}
	return f.records(segmentLayout, at, min(n, MaxHeaders))
}

// Programs returns the contents of the program headers.
func (f *File) Programs() []elf.ProgHeader {
	var list []elf.ProgHeader
	for _, r := range f.Segments() {
		list = append(list, elf.ProgHeader{
			Type: elf.ProgType(r.Value("p_type")), Flags: elf.ProgFlag(r.Value("p_flags")),
			Off: r.Value("p_offset"), Vaddr: r.Value("p_vaddr"), Paddr: r.Value("p_paddr"),
			Filesz: r.Value("p_filesz"), Memsz: r.Value("p_memsz"), Align: r.Value("p_align"),
		})
	}
	return list
}

// Base returns the address of the first byte of the file, according to the
// first program header.
func (f *File) Base() (addr uint64, ok bool) {
	segments := f.Segments()
	if len(segments) == 0 {
		return 0, false
	}
	addr, ok = segments[0].Get("p_vaddr")
	off, known := segments[0].Get("p_offset")
	return addr - off, ok && known && off < uint64(len(f.Data)) && off <= addr
}

// Sections returns the section headers that are in the file: their names,
// types, links, and the offsets and sizes of what they describe.
func (f *File) Sections() []elf.SectionHeader {
	h := f.Header()
	if h.Value("e_shoff") == 0 {
		return nil
	}
	records := f.records(sectionLayout, h.Value("e_shoff"), min(h.Value("e_shnum"), MaxHeaders))
	names := uint64(0)
	if i := h.Value("e_shstrndx"); i < uint64(len(records)) {
		names = records[i].Value("sh_offset")
	}
	var list []elf.SectionHeader
	for _, r := range records {
		list = append(list, elf.SectionHeader{
			Name: f.Text(names+r.Value("sh_name"), maxName), Type: elf.SectionType(r.Value("sh_type")), Link: uint32(r.Value("sh_link")),
			Offset: r.Value("sh_offset"), Size: r.Value("sh_size"),
		})
	}
	return list
}

// Text returns the text at an offset, up to a NUL, of at most most bytes.
func (f *File) Text(at, most uint64) string {
	text := f.Data[min(at, uint64(len(f.Data))):]
	text, _, _ = bytes.Cut(text[:min(uint64(len(text)), most)], []byte{0})
	return string(text)
}

// Symbols are symbols in the order of their addresses. Those with the same
// address are in the order of the symbol table.
type Symbols []elf.Symbol

// Symbols returns the symbols of the first symbol table that have names: their
// names, values, sections and st_other.
func (f *File) Symbols() Symbols {
	sections := f.Sections()
	i := slices.IndexFunc(sections, func(s elf.SectionHeader) bool { return s.Type == elf.SHT_SYMTAB })
	if i < 0 || int(sections[i].Link) >= len(sections) {
		return nil
	}
	names := sections[sections[i].Link].Offset
	var list Symbols
	for _, r := range f.records(symbolLayout, sections[i].Offset, min(sections[i].Size/f.size(symbolLayout), maxSymbols)) {
		s := elf.Symbol{
			Name: f.Text(names+r.Value("st_name"), maxName), Other: byte(r.Value("st_other")),
			Section: elf.SectionIndex(r.Value("st_shndx")), Value: r.Value("st_value"),
		}
		if s.Name != "" {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b elf.Symbol) int { return cmp.Compare(a.Value, b.Value) })
	return list
}

// Last returns the last symbol at or before an address, if there is one.
func (l Symbols) Last(addr uint64) (s elf.Symbol, ok bool) {
	i := sort.Search(len(l), func(i int) bool { return l[i].Value > addr })
	if i == 0 {
		return s, false
	}
	return l[i-1], true
}

// Name formats an address as the last symbol before it plus an offset, or "" if
// there is none.
func (l Symbols) Name(addr uint64) string {
	s, _ := l.Last(addr)
	if s.Name == "" || s.Value == addr {
		return s.Name
	}
	return fmt.Sprintf("%s+%#x", s.Name, addr-s.Value)
}
