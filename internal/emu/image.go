package emu

import (
	"encoding/binary"
	"fmt"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/knight"
)

// knightPosix is the processor of programs that are not ELF files but memory images
// starting at address zero. M2-Planet generates them for its target knight-posix;
// stage0's virtual machine runs them in its POSIX mode.
var knightPosix = processor{arch: "knight-posix", bits: 32, uname: "knight32-base", calls: knightCalls, new: knight.New}

// imageMemory is the size of such a program's memory, with image, stack and heap, in
// bytes.
const imageMemory = cpu.MaxCode

// parseImage treats a file as a memory image.
func parseImage(file []byte, limits Limits) (*program, error) {
	size := min(limits.Memory, imageMemory)
	if uint64(len(file)) > size {
		return nil, fmt.Errorf("image of %d bytes, more than the limit of %d", len(file), size)
	}
	p := &program{processor: &knightPosix, perms: make([]cpu.Perm, size/cpu.PageSize)}
	for i := range p.perms {
		p.perms[i] = cpu.Read | cpu.Write | cpu.Exec
	}
	p.segments = []segment{{0, file}}
	return p, nil
}

// imageLayout returns the layout of an image's memory, which has no other parts.
func (p *program) imageLayout() cpu.Layout {
	return cpu.Layout{Perms: p.perms, MaxImage: uint64(len(p.perms)) * cpu.PageSize, Big: true}
}

// startImage returns a processor that is ready to execute the image (vm.c). The
// arguments follow the image, then the stack, which grows upwards, then the heap; R12
// holds the start of the heap.
func (p *program) startImage(mem *cpu.Memory, args []string, limits Limits) (cpu.CPU, *cpu.Memory, error) {
	image := appendArguments(p.segments[0].data, args)
	if err := mem.Init(0, image); err != nil {
		return nil, nil, err
	}
	c := p.new(mem)
	c.SetSP(uint64(len(image)))
	c.SetRegister(knight.Heap, uint64(len(image))+min(limits.Stack, uint64(len(p.perms))*cpu.PageSize/4))
	return c, mem, nil
}

// appendArguments appends arguments to an image as upstream's function execve_image
// does: the strings, each padded with zeros to a multiple of four bytes; pointers to
// them; a null pointer; and the start of the stack: the number of arguments, a
// pointer to the pointers, and two zeros. There is no environment.
func appendArguments(file []byte, args []string) []byte {
	image := append([]byte(nil), file...)
	var pointers []uint32
	for _, s := range args {
		pointers = append(pointers, uint32(len(image)))
		image = append(image, s...)
		image = append(image, make([]byte, 4-len(s)%4)...)
	}
	table := uint32(len(image))
	for _, word := range append(pointers, 0, uint32(len(args)), table, 0, 0) {
		image = binary.BigEndian.AppendUint32(image, word)
	}
	return image
}

// sysImageUname describes the system as stage0's virtual machine does: five strings,
// without their terminating zero bytes.
func sysImageUname(m *machine, p *process, a [6]uint64) (int64, error) {
	const size = 65
	for i, name := range [...]string{"sysname", "nodename", "release", "version", p.on.uname} {
		if !p.mem.Write(a[0]+uint64(i)*size, []byte(name)) {
			return 0, errno(eFAULT)
		}
	}
	return 0, nil
}
