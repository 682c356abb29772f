package trace

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"slices"

	"stage0/internal/clean"
	"stage0/internal/elffile"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// A Coverage records which bytes of the programs' files are executed.
type Coverage struct {
	programs []*covered // in the order in which they start
	byNumber map[int]*covered
}

// A covered is a program that has started.
type covered struct {
	path     string
	err      error // the error of reading its headers
	file     []byte
	executed []bool // by offset in the file
	segments []elf.ProgHeader
	symbols  elffile.Symbols
}

// NewCoverage returns a Coverage of no programs.
func NewCoverage() *Coverage { return &Coverage{byNumber: map[int]*covered{}} }

// Begin is called from emu.Config.Exec: program x starts, and file is its file.
func (c *Coverage) Begin(x emu.Exec, file []byte) {
	p := &covered{path: x.Path, file: file, executed: make([]bool, len(file))}
	c.byNumber[x.Program] = p
	c.programs = append(c.programs, p)
	f, err := elffile.Open(file)
	if err != nil {
		p.err = err
		return
	}
	p.segments = slices.DeleteFunc(f.Programs(), func(s elf.ProgHeader) bool { return s.Type != elf.PT_LOAD })
	p.symbols = symbols(f)
}

// Event is called from emu.Config.Trace.
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
		// An overwritten instruction is not from the file.
		off := pc - s.Vaddr + s.Off
		if pc >= s.Vaddr && off < uint64(len(p.file)) && bytes.HasPrefix(p.file[off:], e.Memory.Bytes(pc, n, cpu.Exec)) {
			for i := range uint64(n) {
				p.executed[off+i] = true
			}
			return
		}
	}
}

// Print writes, for each program, a line with the number of executed bytes, and a
// line for each range of bytes that were never executed: its offset in the file, its
// address, its size, the permissions of its segment (rwx, with dashes for those that
// are missing), and the last symbol before it, if the file has symbols. A range that
// is in no segment has dashes for address and permissions.
func (c *Coverage) Print(w io.Writer) error {
	out := clean.NewPrinter(w)
	for _, p := range c.programs {
		if p.err != nil {
			out.Line("%s: %v", p.path, p.err)
			continue
		}
		n := 0
		for _, x := range p.executed {
			if x {
				n++
			}
		}
		out.Line("%s: %d of %d bytes were executed", p.path, n, len(p.file))
		for from := 0; from < len(p.file); {
			to := p.rangeEnd(from)
			if !p.executed[from] {
				out.Line("%s", p.line(from, to-from))
			}
			from = to
		}
	}
	return out.Flush()
}

// rangeEnd returns the end of a range of bytes of the same state. No byte but the
// first has a symbol.
func (p *covered) rangeEnd(from int) int {
	to := from + 1
	for to < len(p.file) && p.executed[to] == p.executed[from] && p.segment(to) == p.segment(from) && !p.symbolAt(to) {
		to++
	}
	return to
}

// segment returns the segment that contains an offset, or nil.
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
	addr := uint64(off) - s.Off + s.Vaddr
	symbol, ok := p.symbols.Last(addr)
	return ok && symbol.Value == addr
}

// line formats a range of n bytes.
func (p *covered) line(off, n int) string {
	s := p.segment(off)
	if s == nil {
		return fmt.Sprintf("  %#08x  %10s  %6d  -", off, "-", n)
	}
	addr := uint64(off) - s.Off + s.Vaddr
	flags := []byte("---")
	for i, f := range []elf.ProgFlag{elf.PF_R, elf.PF_W, elf.PF_X} {
		if s.Flags&f != 0 {
			flags[i] = "rwx"[i]
		}
	}
	line := fmt.Sprintf("  %#08x  %#10x  %6d  %s", off, addr, n, flags)
	if name := p.symbols.Name(addr); name != "" {
		line += "  " + name
	}
	return line
}
