package riscv

import (
	"encoding/binary"
	"math/bits"

	"stage0/emu/cpu"
)

// Run executes instructions. It counts them, and compares with budget, where
// one jumps, so that it overruns budget by what stands between two jumps;
// with a budget of 1 it takes a step.
func (h *hart) Run(budget uint64) (uint64, error) {
	if h.mem.Modified {
		h.forget()
	}
	if budget == 1 {
		return h.step()
	}
	return h.run(budget)
}

// step executes one instruction: as run does, but with nothing decoded behind
// the next instruction.
func (h *hart) step() (uint64, error) {
	in, err := h.decodeAt(h.pc)
	if err != nil {
		return 0, err
	}
	code, base := h.code, h.base
	h.code, h.base = []inst{in, {op: opStop}}, h.pc
	n, err := h.run(1)
	h.code, h.base = code, base
	return n, err
}

// run is the processor. i is the index in code of the instruction at hand;
// from is that of the one where the last jump went.
func (h *hart) run(budget uint64) (executed uint64, err error) {
	var (
		x     = &h.x
		code  = h.code
		mem   = h.mem
		stack = mem.Stack
		load  = mem.Load
		store = mem.Store
		i     = (h.pc - h.base) / 4
		from  = i
		addr  uint64 // of a load or store that is not in a window
	)
	if h.pc%4 != 0 || i >= uint64(len(code)) {
		return 0, &cpu.Fault{Kind: cpu.BadFetch, PC: h.pc}
	}
	for {
		in := &code[i]
		rd, a, b := &x[in.rd&63], x[in.rs1&63], x[in.rs2&63]
		switch in.op {
		case opNone:
			pc := h.base + i*4
			d, err := h.fuse(pc)
			if err != nil {
				h.pc = pc
				return executed + i - from, err
			}
			*in = d
			mem.MarkCode(pc, 4*int(d.n))
			store = mem.Store
			continue
		case opStop: // a step ends, or the code does
			h.pc = h.base + i*4
			return executed + i - from, nil

		// "Integer Computational Instructions".
		case opLUI:
			*rd = uint64(int64(in.imm))
		case opAUIPC:
			*rd = h.extend(h.base + i*4 + uint64(int64(in.imm)))
		case opADDI:
			*rd = a + uint64(int64(in.imm))
		case opSLTI:
			*rd = truth(int64(a) < int64(in.imm))
		case opSLTIU:
			*rd = truth(a < uint64(int64(in.imm)))
		case opXORI:
			*rd = a ^ uint64(int64(in.imm))
		case opORI:
			*rd = a | uint64(int64(in.imm))
		case opANDI:
			*rd = a & uint64(int64(in.imm))
		case opSLLI:
			*rd = a << (in.imm & 63)
		case opSRLI:
			*rd = a >> (in.imm & 63)
		case opSRAI:
			*rd = uint64(int64(a) >> (in.imm & 63))
		case opADD:
			*rd = a + b
		case opSUB:
			*rd = a - b
		case opSLL:
			*rd = a << (b & 63)
		case opSLT:
			*rd = truth(int64(a) < int64(b))
		case opSLTU:
			*rd = truth(a < b)
		case opXOR:
			*rd = a ^ b
		case opSRL:
			*rd = a >> (b & 63)
		case opSRA:
			*rd = uint64(int64(a) >> (b & 63))
		case opOR:
			*rd = a | b
		case opAND:
			*rd = a & b
		case opADDIW:
			*rd = word(uint32(a) + uint32(in.imm))
		case opSLLIW:
			*rd = word(uint32(a) << (in.imm & 31))
		case opSRLIW:
			*rd = word(uint32(a) >> (in.imm & 31))
		case opSRAIW:
			*rd = uint64(int64(int32(a) >> (in.imm & 31)))
		case opADDW:
			*rd = word(uint32(a) + uint32(b))
		case opSUBW:
			*rd = word(uint32(a) - uint32(b))
		case opSLLW:
			*rd = word(uint32(a) << (b & 31))
		case opSRLW:
			*rd = word(uint32(a) >> (b & 31))
		case opSRAW:
			*rd = uint64(int64(int32(a) >> (b & 31)))

		// "Control Transfer Instructions".
		case opJAL:
			if in.imm&3 == 0 {
				*rd = h.base + i*4 + 4
			}
			goto branch
		case opJALR:
			pc := h.base + i*4
			target := (a + uint64(int64(in.imm))) &^ 1
			if target%4 != 0 {
				return h.misaligned(executed+i-from, pc, int64(target-pc))
			}
			*rd = pc + 4
			executed += i + 1 - from
			i = (target - h.base) / 4
			from = i
			if executed >= budget || i >= uint64(len(code)) {
				h.pc = target
				if h.bits == 32 {
					h.pc = uint64(uint32(target))
				}
				return executed, nil
			}
			continue
		case opBEQ:
			if a == b {
				goto branch
			}
			executed -= uint64(in.n - 1) // see fuse: the jump is jumped over
		case opBNE:
			if a != b {
				goto branch
			}
			executed -= uint64(in.n - 1)
		case opBLT:
			if int64(a) < int64(b) {
				goto branch
			}
		case opBGE:
			if int64(a) >= int64(b) {
				goto branch
			}
		case opBLTU:
			if a < b {
				goto branch
			}
		case opBGEU:
			if a >= b {
				goto branch
			}

		// "Load and Store Instructions".
		case opLD:
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
			} else if off := addr - load.Base; off < uint64(len(load.Bytes)) && uint64(len(load.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(load.Bytes[off:])
			} else {
				goto slow
			}
		case opLW:
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
			} else if off := addr - load.Base; off < uint64(len(load.Bytes)) && uint64(len(load.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(load.Bytes[off:]))
			} else {
				goto slow
			}
		case opLBU:
			addr = a + uint64(int64(in.imm))
			if off := addr - load.Base; off < uint64(len(load.Bytes)) {
				*rd = uint64(load.Bytes[off])
			} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
				*rd = uint64(stack.Bytes[off])
			} else {
				goto slow
			}
		case opLB:
			addr = a + uint64(int64(in.imm))
			if off := addr - load.Base; off < uint64(len(load.Bytes)) {
				*rd = uint64(int64(int8(load.Bytes[off])))
			} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
				*rd = uint64(int64(int8(stack.Bytes[off])))
			} else {
				goto slow
			}
		case opLH, opLHU, opLWU:
			addr = a + uint64(int64(in.imm))
			goto slow
		case opSD:
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				binary.LittleEndian.PutUint64(stack.Bytes[off:], b)
			} else if off := addr - store.Base; off < uint64(len(store.Bytes)) && uint64(len(store.Bytes))-off >= 8 {
				binary.LittleEndian.PutUint64(store.Bytes[off:], b)
			} else {
				goto slow
			}
		case opSW:
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				binary.LittleEndian.PutUint32(stack.Bytes[off:], uint32(b))
			} else if off := addr - store.Base; off < uint64(len(store.Bytes)) && uint64(len(store.Bytes))-off >= 4 {
				binary.LittleEndian.PutUint32(store.Bytes[off:], uint32(b))
			} else {
				goto slow
			}
		case opSB:
			addr = a + uint64(int64(in.imm))
			if off := addr - store.Base; off < uint64(len(store.Bytes)) {
				store.Bytes[off] = byte(b)
			} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
				stack.Bytes[off] = byte(b)
			} else {
				goto slow
			}
		case opSH:
			addr = a + uint64(int64(in.imm))
			goto slow

		// "Memory Ordering Instructions": there is one hart.
		case opFENCE:

		// "Environment Call and Breakpoints".
		case opECALL:
			h.pc = h.base + i*4 + 4
			return executed + i + 1 - from, cpu.ErrSyscall
		case opEBREAK:
			h.pc = h.base + i*4
			return executed + i - from, h.fault(cpu.Breakpoint, h.pc, 0)

		// "M" Standard Extension.
		case opMUL:
			*rd = a * b
		case opMULW:
			*rd = word(uint32(a) * uint32(b))

		// What fuse makes. The stack pointer is inside of the stack's window,
		// where adding to it does not overflow.
		case opPUSH:
			if off := x[sp] - 8 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				binary.LittleEndian.PutUint64(stack.Bytes[off:], b)
				x[sp] -= 8
			} else {
				goto apart
			}
		case opPOP:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
				x[sp] += 8
			} else {
				goto apart
			}
		case opPUSH2:
			if off := x[sp] - 16 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 16 {
				binary.LittleEndian.PutUint64(stack.Bytes[off+8:], b)
				binary.LittleEndian.PutUint64(stack.Bytes[off:], x[in.r2&63])
				x[sp] -= 16
			} else {
				goto apart
			}
		case opPOP2:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 16 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
				x[in.r2&63] = binary.LittleEndian.Uint64(stack.Bytes[off+8:])
				x[sp] += 16
			} else {
				goto apart
			}
		case opADDIPUSH:
			if off := x[sp] - 8 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = a + uint64(int64(in.imm))
				binary.LittleEndian.PutUint64(stack.Bytes[off:], *rd)
				x[sp] -= 8
			} else {
				goto apart
			}
		case opLDPUSH:
			to := x[sp] - 8 - stack.Base
			if to >= uint64(len(stack.Bytes)) || uint64(len(stack.Bytes))-to < 8 {
				goto apart
			}
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
			} else if off := addr - load.Base; off < uint64(len(load.Bytes)) && uint64(len(load.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(load.Bytes[off:])
			} else {
				goto apart
			}
			binary.LittleEndian.PutUint64(stack.Bytes[to:], *rd)
			x[sp] -= 8
		case opPOPADD:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
				x[in.r2&63] = x[in.rs1&63] + x[in.rs2&63]
				x[sp] += 8
			} else {
				goto apart
			}
		case opPOPSUB:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = binary.LittleEndian.Uint64(stack.Bytes[off:])
				x[in.r2&63] = x[in.rs1&63] - x[in.rs2&63]
				x[sp] += 8
			} else {
				goto apart
			}
		case opPUSH32:
			if off := x[sp] - 4 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				binary.LittleEndian.PutUint32(stack.Bytes[off:], uint32(b))
				x[sp] -= 4
			} else {
				goto apart
			}
		case opPOP32:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
				x[sp] += 4
			} else {
				goto apart
			}
		case opPUSH2x32:
			if off := x[sp] - 8 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				binary.LittleEndian.PutUint32(stack.Bytes[off+4:], uint32(b))
				binary.LittleEndian.PutUint32(stack.Bytes[off:], uint32(x[in.r2&63]))
				x[sp] -= 8
			} else {
				goto apart
			}
		case opPOP2x32:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 8 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
				x[in.r2&63] = word(binary.LittleEndian.Uint32(stack.Bytes[off+4:]))
				x[sp] += 8
			} else {
				goto apart
			}
		case opADDIPUSH32:
			if off := x[sp] - 4 - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(uint32(a) + uint32(in.imm))
				binary.LittleEndian.PutUint32(stack.Bytes[off:], uint32(*rd))
				x[sp] -= 4
			} else {
				goto apart
			}
		case opLWPUSH32:
			to := x[sp] - 4 - stack.Base
			if to >= uint64(len(stack.Bytes)) || uint64(len(stack.Bytes))-to < 4 {
				goto apart
			}
			addr = a + uint64(int64(in.imm))
			if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
			} else if off := addr - load.Base; off < uint64(len(load.Bytes)) && uint64(len(load.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(load.Bytes[off:]))
			} else {
				goto apart
			}
			binary.LittleEndian.PutUint32(stack.Bytes[to:], uint32(*rd))
			x[sp] -= 4
		case opPOPADD32:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
				x[in.r2&63] = word(uint32(x[in.rs1&63]) + uint32(x[in.rs2&63]))
				x[sp] += 4
			} else {
				goto apart
			}
		case opPOPSUB32:
			if off := x[sp] - stack.Base; off < uint64(len(stack.Bytes)) && uint64(len(stack.Bytes))-off >= 4 {
				*rd = word(binary.LittleEndian.Uint32(stack.Bytes[off:]))
				x[in.r2&63] = word(uint32(x[in.rs1&63]) - uint32(x[in.rs2&63]))
				x[sp] += 4
			} else {
				goto apart
			}
		default:
			*rd = multiplyDivide(in.op, a, b)
		}
		i += uint64(in.n)
		continue

	branch:
		executed += i + uint64(in.n) - from
		if in.imm&3 != 0 {
			return h.misaligned(executed-uint64(in.n), h.base+i*4, int64(in.imm))
		}
		i += uint64(int64(in.imm >> 2))
		from = i
		if executed >= budget || i >= uint64(len(code)) {
			h.pc = h.base + i*4
			return executed, nil
		}
		continue

	slow:
		if in.n > 1 {
			goto apart
		}
		if err := h.access(in, addr); err != "" {
			h.pc = h.base + i*4
			return executed + i - from, h.fault(err, h.pc, addr)
		}
		i++
		if mem.Modified {
			h.pc = h.base + i*4
			return executed + i - from, nil
		}
		stack, load, store = mem.Stack, mem.Load, mem.Store
		continue

	apart:
		// What was made one is taken apart, for good.
		if *in, err = h.decodeAt(h.base + i*4); err != nil {
			return executed + i - from, err
		}
	}
}

// misaligned returns the fault of a jump at pc to an address that four does
// not divide.
func (h *hart) misaligned(executed, pc uint64, distance int64) (uint64, error) {
	h.pc = pc
	return executed, &cpu.Fault{Kind: cpu.BadFetch, PC: pc + uint64(distance)}
}

// access does a load or store that is not in a window. It returns what is
// wrong with it, or nothing.
func (h *hart) access(in *inst, addr uint64) cpu.FaultKind {
	size := map[op]int{opLB: 1, opLBU: 1, opSB: 1, opLH: 2, opLHU: 2, opSH: 2, opLW: 4, opLWU: 4, opSW: 4, opLD: 8, opSD: 8}[in.op]
	switch in.op {
	case opSB, opSH, opSW, opSD:
		if !h.mem.StoreSlow(addr, size, h.x[in.rs2]) {
			return cpu.BadStore
		}
		return ""
	}
	v, ok := h.mem.LoadSlow(addr, size)
	if !ok {
		return cpu.BadLoad
	}
	switch in.op {
	case opLB:
		v = uint64(int64(int8(v)))
	case opLH:
		v = uint64(int64(int16(v)))
	case opLW:
		v = uint64(int64(int32(v)))
	}
	h.x[in.rd] = v
	return ""
}

// multiplyDivide does what is rare of "M" ("Multiplication Operations",
// "Division Operations"). Division by zero gives all ones and the dividend,
// overflow the dividend and zero.
func multiplyDivide(op op, a, b uint64) uint64 {
	switch op {
	case opMULH:
		hi, _ := bits.Mul64(a, b)
		return hi - sign(a)&b - sign(b)&a
	case opMULHSU:
		hi, _ := bits.Mul64(a, b)
		return hi - sign(a)&b
	case opMULHU:
		hi, _ := bits.Mul64(a, b)
		return hi
	case opMULH32:
		return word(uint32(int64(int32(a)) * int64(int32(b)) >> 32))
	case opMULHSU32:
		return word(uint32(int64(int32(a)) * int64(uint32(b)) >> 32))
	case opMULHU32:
		return word(uint32(uint64(uint32(a)) * uint64(uint32(b)) >> 32))
	case opDIV:
		switch {
		case b == 0:
			return ^uint64(0)
		case int64(b) == -1:
			return -a
		}
		return uint64(int64(a) / int64(b))
	case opDIVU:
		if b == 0 {
			return ^uint64(0)
		}
		return a / b
	case opREM:
		switch {
		case b == 0:
			return a
		case int64(b) == -1:
			return 0
		}
		return uint64(int64(a) % int64(b))
	case opREMU:
		if b == 0 {
			return a
		}
		return a % b
	case opDIVW:
		switch {
		case int32(b) == 0:
			return ^uint64(0)
		case int32(b) == -1:
			return word(-uint32(a))
		}
		return uint64(int64(int32(a) / int32(b)))
	case opDIVUW:
		if uint32(b) == 0 {
			return ^uint64(0)
		}
		return word(uint32(a) / uint32(b))
	case opREMW:
		switch {
		case int32(b) == 0:
			return word(uint32(a))
		case int32(b) == -1:
			return 0
		}
		return uint64(int64(int32(a) % int32(b)))
	default: // opREMUW
		if uint32(b) == 0 {
			return word(uint32(a))
		}
		return word(uint32(a) % uint32(b))
	}
}

// sign returns all ones if a is negative, zero otherwise.
func sign(a uint64) uint64 { return uint64(int64(a) >> 63) }

// word sign-extends.
func word(v uint32) uint64 { return uint64(int64(int32(v))) }

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
