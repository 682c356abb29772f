package emu

import (
	"encoding/binary"
	"errors"
	"fmt"

	"stage0/internal/emu/cpu"
)

// A program is a parsed ELF file.
type program struct {
	*processor
	entry    uint64
	segments []segment
	base     uint64 // address of the first page
	perms    []cpu.Perm
}

// A segment is a range of the file and the address it is loaded at. It starts and
// ends at page boundaries, as the kernel maps it, so it may contain bytes of the file
// before and after those that the program header names.
type segment struct {
	addr uint64
	data []byte
}

// maxSegments is the maximum number of program headers.
const maxSegments = 64

var errNotELF = errors.New("not an ELF file")

// parseELF parses the headers of a static little-endian executable (System V ABI,
// chapter 4; ELF-64 Object File Format).
func parseELF(file []byte, limits Limits) (*program, error) {
	if len(file) < 52 || string(file[:4]) != "\x7fELF" {
		return nil, errNotELF
	}
	le := binary.LittleEndian
	bits := map[byte]int{1: 32, 2: 64}[file[4]]
	switch {
	case bits == 0 || bits == 64 && len(file) < 64:
		return nil, fmt.Errorf("ELF class is %d, want 1 or 2", file[4])
	case file[5] != 1:
		return nil, fmt.Errorf("ELF byte order is %d, want 1, little-endian", file[5])
	case le.Uint16(file[16:]) != 2:
		return nil, fmt.Errorf("ELF type is %d, want 2, executable", le.Uint16(file[16:]))
	}
	machine := le.Uint16(file[18:])
	p := &program{processor: findProcessor(machine, bits)}
	if p.processor == nil {
		return nil, fmt.Errorf("ELF machine %#x (%d-bit) is not supported", machine, bits)
	}
	var offset uint64
	var size, count int
	if bits == 64 {
		p.entry, offset = le.Uint64(file[24:]), le.Uint64(file[32:])
		size, count = int(le.Uint16(file[54:])), int(le.Uint16(file[56:]))
	} else {
		p.entry, offset = uint64(le.Uint32(file[24:])), uint64(le.Uint32(file[28:]))
		size, count = int(le.Uint16(file[42:])), int(le.Uint16(file[44:]))
	}
	want := map[int]int{32: 32, 64: 56}[bits]
	switch {
	case size != want:
		return nil, fmt.Errorf("ELF program headers of %d bytes, want %d", size, want)
	case count > maxSegments:
		return nil, fmt.Errorf("%d ELF program headers, more than %d", count, maxSegments)
	case offset > uint64(len(file)) || uint64(size*count) > uint64(len(file))-offset:
		return nil, errors.New("ELF program headers outside of the file")
	}
	var headers []header
	for ; count > 0; count-- {
		h := parseHeader(file[offset:], bits)
		offset += uint64(size)
		switch {
		case h.kind == ptInterp || h.kind == ptDynamic:
			return nil, errors.New("ELF file is not static")
		case h.kind == ptLoad && h.memSize > 0:
			headers = append(headers, h)
		}
	}
	return p, p.place(file, headers, limits)
}

// Kinds of program headers, p_type.
const (
	ptLoad    = 1
	ptDynamic = 2
	ptInterp  = 3
)

// A header is an ELF program header.
type header struct {
	kind, flags                     uint32
	offset, addr, fileSize, memSize uint64
}

func parseHeader(b []byte, bits int) header {
	le := binary.LittleEndian
	if bits == 64 {
		return header{le.Uint32(b), le.Uint32(b[4:]), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[32:]), le.Uint64(b[40:])}
	}
	word := func(i int) uint64 { return uint64(le.Uint32(b[i:])) }
	return header{le.Uint32(b), le.Uint32(b[24:]), word(4), word(8), word(16), word(20)}
}

// place determines the pages that the segments occupy.
func (p *program) place(file []byte, headers []header, limits Limits) error {
	if len(headers) == 0 {
		return errors.New("ELF file has no segment to load")
	}
	const page = cpu.PageSize
	// Linux maps whole pages; the last page of the file is filled with zeros.
	// aarch64's hex2-0 claims to be 148 bytes longer than it is.
	inPages := (uint64(len(file)) + page - 1) &^ (page - 1)
	top := p.stackTop - limits.Stack
	var end uint64
	p.base = top
	for _, h := range headers {
		switch {
		case h.addr >= top || h.memSize > top-h.addr:
			return fmt.Errorf("ELF segment of %d bytes at %#x does not fit below the stack", h.memSize, h.addr)
		case h.fileSize > h.memSize || h.offset > uint64(len(file)) || h.fileSize > inPages-h.offset:
			return fmt.Errorf("ELF segment at %#x is outside of the file", h.addr)
		case h.addr%page > h.offset || (h.addr-h.offset)%page != 0:
			return fmt.Errorf("ELF segment at %#x begins at offset %#x of the file, which is not congruent modulo %d", h.addr, h.offset, page)
		}
		p.base = min(p.base, h.addr&^(page-1))
		end = max(end, (h.addr+h.memSize+page-1)&^(page-1))
	}
	if size := end - p.base; size > limits.Memory {
		return fmt.Errorf("ELF segments take %d bytes, more than the limit of %d", size, limits.Memory)
	}
	p.perms = make([]cpu.Perm, (end-p.base)/page)
	for _, h := range headers {
		first := (h.addr - p.base) / page
		last := (h.addr + h.memSize - 1 - p.base) / page
		for i := first; i <= last; i++ {
			// Writable and executable pages are readable too: these processors do not
			// distinguish the two in a Linux process.
			if perm := cpu.Perm(h.flags & 7); perm != 0 {
				p.perms[i] |= perm | cpu.Read
			}
		}
		from, to := h.offset-h.addr%page, h.offset+h.fileSize
		if h.fileSize == h.memSize {
			to = (to + page - 1) &^ (page - 1)
		}
		to = min(to, uint64(len(file)))
		p.segments = append(p.segments, segment{h.addr &^ (page - 1), file[from:to]})
	}
	if code := cpu.CodePages(p.perms) * page; code > cpu.MaxCode {
		return fmt.Errorf("ELF segments have code up to %d bytes after their start, more than %d", code, cpu.MaxCode)
	}
	return nil
}

// memory returns the program's memory, with an empty stack.
func (p *program) memory(limits Limits) (*cpu.Memory, error) {
	layout := cpu.Layout{
		Base:      p.base,
		Perms:     p.perms,
		MaxImage:  min(limits.Memory, p.stackTop-limits.Stack-p.base),
		StackTop:  p.stackTop,
		StackSize: limits.Stack,
	}
	if p.processor == &knightPosix {
		layout = p.imageLayout()
	}
	layout.Reserve = true
	mem := cpu.NewMemory(layout)
	for _, s := range p.segments {
		if err := mem.Init(s.addr, s.data); err != nil {
			return nil, err
		}
	}
	return mem, nil
}

// load returns a processor that is ready to execute the program, and its memory.
func (p *program) load(args, env []string, limits Limits) (cpu.CPU, *cpu.Memory, error) {
	mem, err := p.memory(limits)
	if err != nil {
		return nil, nil, err
	}
	if p.processor == &knightPosix {
		return p.startImage(mem, args, limits)
	}
	stack, sp := p.stack(args, env)
	if err := mem.Init(sp, stack); err != nil {
		return nil, nil, err
	}
	c := p.new(mem)
	c.SetPC(p.entry)
	c.SetSP(sp)
	return c, mem, nil
}

// stack returns the initial stack of a process, and the stack pointer: the number of
// arguments, pointers to them, a null pointer, pointers to the environment strings, a
// null pointer, the auxiliary vector, and finally the strings (System V ABI, "Process
// Initialization").
func (p *program) stack(args, env []string) (stack []byte, sp uint64) {
	word := uint64(p.bits / 8)
	var text []byte
	for _, list := range [][]string{args, env} {
		for _, s := range list {
			text = append(append(text, s...), 0)
		}
	}
	words := []uint64{uint64(len(args))}
	at := p.stackTop - word - uint64(len(text)) // the stack ends with a null word
	size := word * uint64(1+len(args)+1+len(env)+1+2*2)
	sp = (at - size) &^ 15
	for _, list := range [][]string{args, env} {
		for _, s := range list {
			words = append(words, at)
			at += uint64(len(s)) + 1
		}
		words = append(words, 0)
	}
	const atPageSize = 6 // AT_PAGESZ
	words = append(words, atPageSize, cpu.PageSize, 0, 0)
	for _, w := range words {
		if p.bits == 64 {
			stack = binary.LittleEndian.AppendUint64(stack, w)
		} else {
			stack = binary.LittleEndian.AppendUint32(stack, uint32(w))
		}
	}
	gap := p.stackTop - word - uint64(len(text)) - sp - uint64(len(stack))
	stack = append(stack, make([]byte, gap)...)
	return append(stack, text...), sp
}
