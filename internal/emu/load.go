package emu

import "stage0/internal/emu/cpu"

// A Process is a loaded program that no machine runs: its owner steps the CPU and
// makes the system calls. Packages prove and bounded do so to try every answer to a call.
type Process struct {
	Arch   string // name in package arch
	CPU    cpu.CPU
	Memory *cpu.Memory // must be freed

	calls map[uint64]string
}

// Load loads an ELF file as Run does for a program with these arguments and
// environment variables. Of the limits, Memory and Stack apply.
func Load(file []byte, args, env []string, limits Limits) (*Process, error) {
	return LoadLower(file, args, env, limits, 0)
}

// LoadLower is Load with a stack that is lower by a number of bytes, a multiple of
// cpu.PageSize.
func LoadLower(file []byte, args, env []string, limits Limits, lower uint64) (*Process, error) {
	room := limits
	room.Stack += lower
	prog, err := parseELF(file, room)
	if err != nil {
		return nil, err
	}
	moved := *prog.processor
	moved.stackTop -= lower
	prog.processor = &moved
	c, mem, err := prog.load(args, env, limits)
	if err != nil {
		return nil, err
	}
	p := &Process{Arch: prog.arch, CPU: c, Memory: mem, calls: map[uint64]string{}}
	for _, row := range prog.calls {
		p.calls[uint64(row.number)] = row.name
	}
	return p, nil
}

// Syscall returns the name of the system call that Step stopped for, and its arguments.
// The name is empty if no program of the ladders makes the call.
func (p *Process) Syscall() (name string, args [6]uint64) {
	number, args := p.CPU.Syscall()
	return p.calls[number], args
}

// Text returns the zero-terminated text at an address, as a system call reads the name of
// a file. It reports whether there is one.
func (p *Process) Text(a uint64) (string, bool) {
	s, err := text(p.Memory, a, pathMax)
	return s, err == nil
}

// StoreExited stores the siginfo_t at an address that waitid fills in for a child that has
// exited. It reports whether the store is allowed.
func (p *Process) StoreExited(at uint64, pid, status int) bool {
	return storeSiginfo(p.Memory, p.CPU.Target().Bits, at, [...]uint64{sigchld, 0, cldExited, uint64(pid), 0, uint64(status)})
}
