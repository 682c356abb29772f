package check

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stage0/arch"
)

// Limits on what is read of an ELF file, which may be malicious: debug/elf
// reads as many headers as a file says it has.
const (
	maxHeaders = 64
	maxText    = 100 // bytes of a name
)

// A program has what the headers of an ELF file say, as far as it distinguishes
// the programs of stage0-posix from others.
type program struct {
	isELF    bool
	arch     string // empty if package arch does not have it
	machine  elf.Machine
	loads    int    // segments that are loaded
	interp   string // the dynamic linker
	dynamic  bool
	sections []section
	comment  string // the compiler, as it names itself
	buildID  bool

	order binary.ByteOrder
	wide  bool // 64-bit
	data  []byte
}

type section struct {
	name         string
	kind         elf.SectionType
	link         int
	offset, size uint64
}

// layouts has the offsets of header fields, in bytes, for 64-bit (true) and
// 32-bit files.
var layouts = map[bool]struct {
	phoff, shoff, counts  int // counts is e_phentsize and the fields after it
	pOffset, pAddress     int
	pSize                 int
	sOffset, sSize, sLink int
	symbol, value, other  int // symbol is the size of one
}{
	false: {28, 32, 42, 4, 8, 16, 16, 20, 24, 16, 4, 13},
	true:  {32, 40, 54, 8, 16, 32, 24, 32, 40, 24, 8, 5},
}

// inspect reads the headers of an ELF file.
func inspect(data []byte) program {
	p := program{data: data}
	if len(data) < 52 || string(data[:4]) != elf.ELFMAG || data[4] != 1 && data[4] != 2 || data[5] != 1 && data[5] != 2 {
		return p
	}
	p.isELF, p.wide, p.order = true, data[4] == 2, binary.LittleEndian
	if data[5] == 2 {
		p.order = binary.BigEndian
	}
	l := layouts[p.wide]
	p.machine = elf.Machine(p.number(18, 2))
	for _, a := range arch.All {
		if a.Machine == uint16(p.machine) && (a.WordSize == 8) == p.wide && a.Machine != 0 {
			p.arch = a.Name
		}
	}
	at, size, n := p.word(uint64(l.phoff)), p.number(uint64(l.counts), 2), p.number(uint64(l.counts)+2, 2)
	for i := range min(n, maxHeaders) {
		h := at + i*size
		offset, length := p.word(h+uint64(l.pOffset)), p.word(h+uint64(l.pSize))
		switch elf.ProgType(p.number(h, 4)) {
		case elf.PT_LOAD:
			p.loads++
		case elf.PT_DYNAMIC:
			p.dynamic = true
		case elf.PT_INTERP:
			p.interp = p.text(offset, length)
		}
	}
	p.readSections(p.word(uint64(l.shoff)), p.number(uint64(l.counts)+4, 2), p.number(uint64(l.counts)+6, 2), p.number(uint64(l.counts)+8, 2))
	return p
}

// readSections reads n section headers. names is the index of the section that
// has their names.
func (p *program) readSections(at, size, n, names uint64) {
	l := layouts[p.wide]
	base := p.word(at + names*size + uint64(l.sOffset))
	for i := range min(n, maxHeaders) {
		h := at + i*size
		p.sections = append(p.sections, section{
			name:   p.text(base+p.number(h, 4), maxText),
			kind:   elf.SectionType(p.number(h+4, 4)),
			link:   int(p.number(h+uint64(l.sLink), 4)),
			offset: p.word(h + uint64(l.sOffset)),
			size:   p.word(h + uint64(l.sSize)),
		})
	}
	for _, s := range p.sections {
		switch s.name {
		case ".comment":
			p.comment = p.text(s.offset, s.size)
		case ".note.gnu.build-id":
			p.buildID = true
		}
	}
}

// number returns the size-byte number at an offset, or 0 if it is outside the
// file.
func (p *program) number(at uint64, size int) uint64 {
	if at > uint64(len(p.data)) || uint64(len(p.data))-at < uint64(size) {
		return 0
	}
	switch b := p.data[at:]; size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(p.order.Uint16(b))
	case 4:
		return uint64(p.order.Uint32(b))
	default:
		return p.order.Uint64(b)
	}
}

// word returns the number of register size at an offset.
func (p *program) word(at uint64) uint64 {
	if p.wide {
		return p.number(at, 8)
	}
	return p.number(at, 4)
}

// text returns the text at an offset, up to a NUL, of at most most bytes.
func (p *program) text(at, most uint64) string {
	if at >= uint64(len(p.data)) {
		return ""
	}
	b := p.data[at:]
	b = b[:min(uint64(len(b)), most, maxText)]
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// ours are the sections that stage0-posix's programs may have.
var ours = []string{"", ".text", ".shstrtab", ".strtab", ".symtab"}

// foreign says why an ELF file was not made by the tools of stage0-posix, which
// write one segment, and at most the sections above. It returns "" if nothing
// shows that.
func (p *program) foreign() string {
	var signs []string
	if p.comment != "" {
		signs = append(signs, "it was compiled by "+strconv.Quote(p.comment))
	}
	if p.interp != "" {
		signs = append(signs, "it is linked with "+strconv.Quote(p.interp))
	} else if p.dynamic {
		signs = append(signs, "it is linked dynamically")
	}
	if p.buildID {
		signs = append(signs, "it has a build id")
	}
	if p.loads > 1 {
		signs = append(signs, fmt.Sprintf("it has %d segments", p.loads))
	}
	for _, s := range p.sections {
		if len(signs) == 0 && !slices.Contains(ours, s.name) {
			signs = append(signs, "it has a section "+strconv.Quote(s.name))
			break
		}
	}
	return strings.Join(signs, ", ")
}

// function returns the symbol that the byte at offset belongs to, with its
// distance, or "". It ignores symbols that blood-elf hides. If there are
// function symbols, as M2-Planet names them, it ignores all others.
func (p *program) function(offset uint64) string {
	if !p.isELF || p.loads == 0 {
		return ""
	}
	l := layouts[p.wide]
	segment := p.word(uint64(l.phoff))
	address := offset + p.word(segment+uint64(l.pAddress)) - p.word(segment+uint64(l.pOffset))
	type symbol struct {
		name  string
		value uint64
	}
	var function, other symbol
	for _, s := range p.sections {
		if s.kind != elf.SHT_SYMTAB || s.link >= len(p.sections) {
			continue
		}
		for at := uint64(0); at < min(s.size, uint64(len(p.data))); at += uint64(l.symbol) {
			value := p.word(s.offset + at + uint64(l.value))
			if value > address || value < other.value && value < function.value || p.number(s.offset+at+uint64(l.other), 1) != 0 {
				continue
			}
			name := p.text(p.sections[s.link].offset+p.number(s.offset+at, 4), maxText)
			best := &other
			if strings.HasPrefix(name, "FUNCTION_") {
				best = &function
			}
			if name != "" && value >= best.value {
				*best = symbol{name, value}
			}
		}
	}
	best := function
	if best.name == "" {
		best = other
	}
	switch {
	case best.name == "":
		return ""
	case best.value == address:
		return best.name
	}
	return fmt.Sprintf("%s+%#x", best.name, address-best.value)
}
