package emu

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"

	"stage0/internal/elffile"
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

// parseELF parses the headers of a static little-endian executable.
func parseELF(file []byte, limits Limits) (*program, error) {
	f, err := elffile.Open(file)
	if err != nil {
		return nil, err
	}
	h := f.Header()
	bits := map[uint64]int{1: 32, 2: 64}[h.Value("EI_CLASS")]
	machine, size, count := h.Value("e_machine"), h.Value("e_phentsize"), h.Value("e_phnum")
	p := &program{processor: findProcessor(elffile.Arch(file)), entry: h.Value("e_entry")}
	want := map[int]uint64{32: 32, 64: 56}[bits]
	switch {
	case bits == 0:
		return nil, fmt.Errorf("ELF class is %d, expected 1 or 2", h.Value("EI_CLASS"))
	case h.Value("EI_DATA") != 1:
		return nil, fmt.Errorf("ELF byte order is %d, expected 1, little-endian", h.Value("EI_DATA"))
	case h.Value("e_type") != uint64(elf.ET_EXEC):
		return nil, fmt.Errorf("ELF type is %d, expected 2, executable", h.Value("e_type"))
	case p.processor == nil:
		return nil, fmt.Errorf("ELF machine %#x (%d-bit) is not supported", machine, bits)
	case size != want:
		return nil, fmt.Errorf("ELF program headers of %d bytes, expected %d", size, want)
	case count > elffile.MaxHeaders:
		return nil, fmt.Errorf("%d ELF program headers, more than %d", count, elffile.MaxHeaders)
	case !f.Holds(h.Value("e_phoff"), size*count):
		return nil, errors.New("ELF program headers outside of the file")
	}
	var headers []elf.ProgHeader
	for _, s := range f.Programs() {
		switch {
		case s.Type == elf.PT_INTERP || s.Type == elf.PT_DYNAMIC:
			return nil, errors.New("ELF file is not static")
		case s.Type == elf.PT_LOAD && s.Memsz > 0:
			headers = append(headers, s)
		}
	}
	return p, p.place(file, headers, limits)
}

// place determines the pages that the segments occupy.
func (p *program) place(file []byte, headers []elf.ProgHeader, limits Limits) error {
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
		case h.Vaddr >= top || h.Memsz > top-h.Vaddr:
			return fmt.Errorf("ELF segment of %d bytes at %#x does not fit below the stack", h.Memsz, h.Vaddr)
		case h.Filesz > h.Memsz || h.Off > uint64(len(file)) || h.Filesz > inPages-h.Off:
			return fmt.Errorf("ELF segment at %#x is outside of the file", h.Vaddr)
		case h.Vaddr%page > h.Off || (h.Vaddr-h.Off)%page != 0:
			return fmt.Errorf("ELF segment at %#x begins at offset %#x of the file, which is not congruent modulo %d", h.Vaddr, h.Off, page)
		}
		p.base = min(p.base, h.Vaddr&^(page-1))
		end = max(end, (h.Vaddr+h.Memsz+page-1)&^(page-1))
	}
	if size := end - p.base; size > limits.Memory {
		return fmt.Errorf("ELF segments take %d bytes, more than the limit of %d", size, limits.Memory)
	}
	p.perms = make([]cpu.Perm, (end-p.base)/page)
	for _, h := range headers {
		first := (h.Vaddr - p.base) / page
		last := (h.Vaddr + h.Memsz - 1 - p.base) / page
		for i := first; i <= last; i++ {
			// Writable and executable pages are readable too: these processors do not
			// distinguish the two in a Linux process.
			if perm := cpu.Perm(h.Flags & 7); perm != 0 {
				p.perms[i] |= perm | cpu.Read
			}
		}
		from, to := h.Off-h.Vaddr%page, h.Off+h.Filesz
		if h.Filesz == h.Memsz {
			to = (to + page - 1) &^ (page - 1)
		}
		to = min(to, uint64(len(file)))
		p.segments = append(p.segments, segment{h.Vaddr &^ (page - 1), file[from:to]})
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
