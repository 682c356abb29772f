package trace

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"

	"stage0/internal/clean"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// A Coverage finds out which bytes of the programs' files are never executed.
type Coverage struct {
	programs []*covered // in the order in which they began
	byNumber map[int]*covered
}

// A covered is a program that has begun.
type covered struct {
	path     string
	err      error // its headers cannot be read
	file     []byte
	executed []bool // by offset in file
	segments []elf.ProgHeader
	symbols  symbols
}

// NewCoverage returns a Coverage of no programs.
func NewCoverage() *Coverage { return &Coverage{byNumber: map[int]*covered{}} }

// Begin is for emu.Config.Exec: the program x begins, and this is its file.
func (c *Coverage) Begin(x emu.Exec, file []byte) {
	p := &covered{path: x.Path, file: file, executed: make([]bool, len(file))}
	c.byNumber[x.Program] = p
	c.programs = append(c.programs, p)
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		p.err = err
		return
	}
	for _, s := range f.Progs {
		if s.Type == elf.PT_LOAD {
			p.segments = append(p.segments, s.ProgHeader)
		}
	}
	p.symbols = newSymbols(f)
}

// Event is for emu.Config.Trace.
func (c *Coverage) Event(e emu.Event) {
	p := c.byNumber[e.Program]
	if e.Kind != emu.Instruction || p == nil {
		return
	}
	pc := e.CPU.PC()
	n, err := e.CPU.Length()
	if err != nil {
		return
	}
	for _, s := range p.segments {
		// An instruction that has been written over is not the file's.
		off := pc - s.Vaddr + s.Off
		if pc >= s.Vaddr && off < uint64(len(p.file)) && bytes.HasPrefix(p.file[off:], e.Memory.Bytes(pc, n, cpu.Exec)) {
			for i := range uint64(n) {
				p.executed[off+i] = true
			}
			return
		}
	}
}

// WriteTo writes, of each program, a line of how many bytes were executed, and
// one for each range of those that never were: its offset in the file, its
// address, how many bytes there are, what the program header says of the
// segment that they are in (r, w and x: to be read, written and executed; a
// dash where it is in none), and the last symbol before, if the file has any.
func (c *Coverage) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	for _, p := range c.programs {
		if p.err != nil {
			fmt.Fprintf(&b, "%s: %v\n", clean.String(p.path), p.err)
			continue
		}
		n := 0
		for _, x := range p.executed {
			if x {
				n++
			}
		}
		fmt.Fprintf(&b, "%s: %d of %d bytes were executed\n", clean.String(p.path), n, len(p.file))
		for from := 0; from < len(p.file); {
			to := p.rangeEnd(from)
			if !p.executed[from] {
				p.line(&b, from, to-from)
			}
			from = to
		}
	}
	return b.WriteTo(w)
}

// rangeEnd returns the offset where a range of bytes ends that are alike, and
// of which no symbol but the first has one.
func (p *covered) rangeEnd(from int) int {
	to := from + 1
	for to < len(p.file) && p.executed[to] == p.executed[from] && p.segment(to) == p.segment(from) && !p.symbolAt(to) {
		to++
	}
	return to
}

// segment returns the segment in which an offset is, or nil.
func (p *covered) segment(off int) *elf.ProgHeader {
	for i := range p.segments {
		if s := &p.segments[i]; uint64(off) >= s.Off && uint64(off)-s.Off < s.Filesz {
			return s
		}
	}
	return nil
}

// symbolAt reports whether a symbol is at an offset.
func (p *covered) symbolAt(off int) bool {
	s := p.segment(off)
	if s == nil {
		return false
	}
	return p.symbols.at(uint64(off) - s.Off + s.Vaddr)
}

// line describes a range.
func (p *covered) line(b *bytes.Buffer, off, n int) {
	s := p.segment(off)
	if s == nil {
		fmt.Fprintf(b, "  %#08x  %10s  %6d  -\n", off, "-", n)
		return
	}
	addr := uint64(off) - s.Off + s.Vaddr
	flags := []byte("---")
	for i, f := range []elf.ProgFlag{elf.PF_R, elf.PF_W, elf.PF_X} {
		if s.Flags&f != 0 {
			flags[i] = "rwx"[i]
		}
	}
	fmt.Fprintf(b, "  %#08x  %#10x  %6d  %s", off, addr, n, flags)
	if name := p.symbols.name(addr); name != "" {
		fmt.Fprintf(b, "  %s", name)
	}
	b.WriteByte('\n')
}
