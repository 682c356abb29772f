package x86

import "stage0/internal/emu/cpu"

// fetch decodes the instruction at c.pc.
func (c *machine) fetch() (inst, *cpu.Fault) {
	text := c.mem.Fetch(c.pc, maxLength)
	if len(text) == 0 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: c.pc}
	}
	in, ok := decode(c.pc, text, c.word() == 8)
	if !ok {
		return inst{}, &cpu.Fault{Kind: cpu.Undefined, PC: c.pc, Bytes: text}
	}
	return in, nil
}

// Step implements cpu.CPU.
func (c *machine) Step() error {
	in, fault := c.fetch()
	if fault != nil {
		return fault
	}
	next, ok := in.next(), true
	switch in.kind {
	case jcc:
		if c.flags.Holds(in.cond) {
			next = in.imm
		}
	case jmp:
		next = in.imm
	case jmpTo:
		next, ok = c.read(&in, in.dst, in.size)
	case call:
		ok = c.push(&in, next)
		next = in.imm
	case callTo:
		var to uint64
		if to, ok = c.read(&in, in.dst, in.size); ok {
			ok = c.push(&in, next)
		}
		next = to
	case ret:
		if next, ok = c.load(&in, c.r[sp], in.size); ok {
			c.r[sp] = c.cut(c.r[sp] + uint64(in.size) + in.imm)
		}
	case syscall:
		c.pc = c.cut(next)
		if c.word() == 8 { // the instruction syscall overwrites these
			c.r[cx], c.r[r11] = next, flagsWord(&c.flags)
		}
		return cpu.ErrSyscall
	default:
		ok = c.exec(&in)
	}
	if !ok {
		return c.fault
	}
	c.pc = c.cut(next)
	return nil
}
