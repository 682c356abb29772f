package x86

import (
	"encoding/binary"

	"stage0/emu/cpu"
)

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

// An exit says why loop returned.
type exit uint8

const (
	atBudget  exit = iota // c.pc is where to go on
	atSyscall             // the instruction at ip calls the system
	atSlow                // the instruction at ip is for exec
	atStep                // the instruction at ip is for step
	atJump                // the op at ip jumps, and is not linked yet, or to a loop for fill
	atAddress             // c.pc is an address with no known block
)

// run executes blocks until it has executed budget instructions, one fails,
// or one calls the system.
func (c *machine[W]) run(budget uint64) (executed uint64, fault *cpu.Fault, calls bool) {
	budget = min(budget, 1<<62)
	left := int64(budget)
	ip, fault := c.find()
	for fault == nil {
		var why exit
		ip, left, why = c.loop(ip, left)
		o, in := &c.ops[ip], &c.code[ip]
		before := int64(o.count - o.n) // instructions of the block
		switch why {
		case atSyscall:
			c.pc = W(in.next())
			c.afterSyscall(in)
			return budget - uint64(left), nil, true
		case atJump:
			c.pc = W(c.code[ip+int(o.n)-1].imm)
			if left <= 0 {
				return budget - uint64(left), nil, false
			}
			if target := o.target; target < 0 {
				left -= c.fill(ip, left)
				ip = int(-target)
				continue
			}
			known := len(c.code)
			to, fault := c.find()
			if fault != nil {
				return budget - uint64(left), fault, false
			}
			if len(c.code) >= known { // none were dropped
				c.ops[ip].target = c.link(ip, to)
			}
			ip = to
			continue
		case atSlow:
			if !c.exec(in) {
				c.pc = W(in.pc)
				return budget - uint64(left-before), c.fault, false
			}
			if !c.mem.Modified {
				ip++
				continue
			}
			c.pc = W(in.next())
			left -= before + 1
		case atStep:
			c.pc = W(in.pc)
			if _, err := c.step(1); err != nil {
				return budget - uint64(left-before), c.fault, false
			}
			left -= before + 1
		}
		if c.mem.Modified {
			c.drop()
		}
		if left <= 0 {
			break
		}
		ip, fault = c.find()
	}
	return budget - uint64(left), fault, false
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

// inside reports whether n bytes at an offset are all in b.
func inside(b []byte, off uint64, n int64) bool {
	return int64(off) >= 0 && int64(off) < int64(len(b))-n+1
}

// get returns the word at an offset into b, where it is inside.
func get(b []byte, off uint64, is64 bool) uint64 {
	if is64 {
		return binary.LittleEndian.Uint64(b[off:])
	}
	return uint64(binary.LittleEndian.Uint32(b[off:]))
}

// put stores a word at an offset into b, where it is inside.
func put(b []byte, off, v uint64, is64 bool) {
	if is64 {
		binary.LittleEndian.PutUint64(b[off:], v)
	} else {
		binary.LittleEndian.PutUint32(b[off:], uint32(v))
	}
}

// number returns 1 if b, else 0.
func number(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
