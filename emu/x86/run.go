package x86

import "stage0/emu/cpu"

// Run is cpu.CPU's.
func (c *machine[W]) Run(budget uint64) (executed uint64, err error) {
	if c.mem.Modified {
		c.drop()
	}
	if budget <= 1 {
		return c.step(budget)
	}
	executed, fault, calls := c.run(budget)
	switch {
	case fault != nil:
		err = fault
	case calls:
		err = cpu.ErrSyscall
	}
	return executed, err
}

// step executes one instruction, whatever the budget's rest.
func (c *machine[W]) step(budget uint64) (executed uint64, err error) {
	if budget == 0 {
		return 0, nil
	}
	in, fault := c.decode(uint64(c.pc))
	if fault != nil {
		return 0, fault
	}
	next := W(in.next())
	ok := true
	switch in.kind {
	case jcc:
		if c.cond(in.aux) {
			next = W(in.imm)
		}
	case jmp:
		next = W(in.imm)
	case jmpTo, callTo:
		var to uint64
		if to, ok = c.read(&in, in.dst, in.size); !ok {
			break
		}
		if in.kind == callTo {
			ok = c.pushNext(&in)
		}
		next = W(to)
	case call:
		ok = c.pushNext(&in)
		next = W(in.imm)
	case ret:
		var to uint64
		if to, ok = c.load(&in, c.r[sp], in.size); ok {
			c.r[sp] += W(in.size) + W(in.imm)
			next = W(to)
		}
	case syscall:
		c.pc = next
		c.afterSyscall(&in)
		return 1, cpu.ErrSyscall
	default:
		ok = c.exec(&in)
	}
	if !ok {
		return 0, c.fault
	}
	c.pc = next
	return 1, nil
}

// pushNext pushes the address of the instruction after in.
func (c *machine[W]) pushNext(in *inst) bool {
	if !c.store(in, c.r[sp]-W(in.size), in.size, in.next()) {
		return false
	}
	c.r[sp] -= W(in.size)
	return true
}

// afterSyscall sets the registers that the instruction syscall overwrites: rcx
// gets the address of the next instruction, r11 the flags.
func (c *machine[W]) afterSyscall(in *inst) {
	if c.bits == 64 {
		c.r[cx], c.r[r11] = W(in.next()), W(c.all())
	}
}
