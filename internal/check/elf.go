package check

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stage0/internal/elffile"
)

// maxText is the maximum length of a text quoted from a file, in bytes.
const maxText = 100

// A program is an ELF file, with what its headers say as far as it distinguishes
// the programs of stage0-posix from others.
type program struct {
	*elffile.File        // nil if it is not an ELF file
	arch          string // empty if package arch does not have it
	loads         int    // segments that are loaded
	interp        string // the dynamic linker
	dynamic       bool
	sections      []elf.SectionHeader
	comment       string // the compiler, as it names itself
	buildID       bool
}

// inspect reads the headers of an ELF file.
func inspect(data []byte) program {
	f, err := elffile.Open(data)
	if err != nil || !slices.Contains([]byte{1, 2}, data[elf.EI_CLASS]) || !slices.Contains([]byte{1, 2}, data[elf.EI_DATA]) {
		return program{}
	}
	p := program{File: f, arch: elffile.Arch(data), sections: f.Sections()}
	for _, s := range f.Programs() {
		switch s.Type {
		case elf.PT_LOAD:
			p.loads++
		case elf.PT_DYNAMIC:
			p.dynamic = true
		case elf.PT_INTERP:
			p.interp = f.Text(s.Off, min(s.Filesz, maxText))
		}
	}
	for _, s := range p.sections {
		switch s.Name {
		case ".comment":
			p.comment = f.Text(s.Offset, min(s.Size, maxText))
		case ".note.gnu.build-id":
			p.buildID = true
		}
	}
	return p
}

// machine returns the processor that the program is for.
func (p *program) machine() elf.Machine { return elf.Machine(p.Header().Value("e_machine")) }

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
		if len(signs) == 0 && !slices.Contains(ours, s.Name) {
			signs = append(signs, "it has a section "+strconv.Quote(s.Name))
			break
		}
	}
	return strings.Join(signs, ", ")
}

// function returns the symbol that the byte at offset belongs to, with its
// distance, or "". It ignores symbols that blood-elf hides. If there are
// function symbols, as M2-Planet names them, it ignores all others.
func (p *program) function(offset uint64) string {
	if p.File == nil {
		return ""
	}
	base, ok := p.Base()
	if !ok {
		return ""
	}
	symbols := slices.DeleteFunc(p.Symbols(), func(s elf.Symbol) bool { return s.Other != 0 })
	functions := slices.DeleteFunc(slices.Clone(symbols), func(s elf.Symbol) bool { return !strings.HasPrefix(s.Name, "FUNCTION_") })
	return cmp.Or(functions.Name(base+offset), symbols.Name(base+offset))
}
