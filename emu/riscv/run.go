package riscv

import (
	"encoding/binary"

	"stage0/emu/cpu"
)

// Run executes instructions. It counts them, and compares with budget, where
// one jumps, so that it overruns budget by what stands between two jumps;
// with a budget of 1 it takes a step.
func (h *hart[T]) Run(budget uint64) (uint64, error) {
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
func (h *hart[T]) step() (uint64, error) {
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
func (h *hart[T]) run(budget uint64) (executed uint64, err error) {
	var (
		word  = uint64(bits[T]() / 8)
		x     = &h.x
		code  = h.code
		mem   = h.mem
		stack = mem.Stack
		load  = mem.Load
		store = mem.Store
		i     = (h.pc - h.base) / 4
		from  = i
		addr  uint64 // of a load or store
	)
	if h.pc%4 != 0 || i >= uint64(len(code)) {
		return 0, &cpu.Fault{Kind: cpu.BadFetch, PC: h.pc}
	}
	for {
		in := &code[i]
		switch in.op {
		case opNone:
			pc := h.base + i*4
			d, err := h.fuse(pc)
			if err != nil {
				h.pc = pc
				return executed + i - from, err
			}
			if begin := i + uint64(int64(d.imm>>2)); d.op == opJAL && d.rd == sink && begin < i {
				if _, ok := h.clears(begin, i); ok {
					d.op = opFILL
				}
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
			x[in.rd&63] = T(in.imm)
		case opAUIPC:
			x[in.rd&63] = T(h.base+i*4) + T(in.imm)
		case opADDI:
			x[in.rd&63] = x[in.rs1&63] + T(in.imm)
		case opSLTI:
			x[in.rd&63] = truth[T](signed(x[in.rs1&63]) < int64(in.imm))
		case opSLTIU:
			x[in.rd&63] = truth[T](x[in.rs1&63] < T(in.imm))
		case opXORI:
			x[in.rd&63] = x[in.rs1&63] ^ T(in.imm)
		case opORI:
			x[in.rd&63] = x[in.rs1&63] | T(in.imm)
		case opANDI:
			x[in.rd&63] = x[in.rs1&63] & T(in.imm)
		case opSLLI:
			x[in.rd&63] = x[in.rs1&63] << (in.imm & 63)
		case opSRLI:
			x[in.rd&63] = x[in.rs1&63] >> (in.imm & 63)
		case opSRAI:
			x[in.rd&63] = T(signed(x[in.rs1&63]) >> (in.imm & 63))
		case opADD:
			x[in.rd&63] = x[in.rs1&63] + x[in.rs2&63]
		case opSUB:
			x[in.rd&63] = x[in.rs1&63] - x[in.rs2&63]
		case opSLL:
			x[in.rd&63] = x[in.rs1&63] << (uint64(x[in.rs2&63]) & (8*word - 1))
		case opSLT:
			x[in.rd&63] = truth[T](signed(x[in.rs1&63]) < signed(x[in.rs2&63]))
		case opSLTU:
			x[in.rd&63] = truth[T](x[in.rs1&63] < x[in.rs2&63])
		case opXOR:
			x[in.rd&63] = x[in.rs1&63] ^ x[in.rs2&63]
		case opSRL:
			x[in.rd&63] = x[in.rs1&63] >> (uint64(x[in.rs2&63]) & (8*word - 1))
		case opSRA:
			x[in.rd&63] = T(signed(x[in.rs1&63]) >> (uint64(x[in.rs2&63]) & (8*word - 1)))
		case opOR:
			x[in.rd&63] = x[in.rs1&63] | x[in.rs2&63]
		case opAND:
			x[in.rd&63] = x[in.rs1&63] & x[in.rs2&63]
		case opADDIW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) + in.imm)
		case opSLLIW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) << (in.imm & 31))
		case opSRLIW:
			x[in.rd&63] = T(int32(uint32(x[in.rs1&63]) >> (in.imm & 31)))
		case opSRAIW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) >> (in.imm & 31))
		case opADDW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) + int32(x[in.rs2&63]))
		case opSUBW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) - int32(x[in.rs2&63]))
		case opSLLW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) << (x[in.rs2&63] & 31))
		case opSRLW:
			x[in.rd&63] = T(int32(uint32(x[in.rs1&63]) >> (x[in.rs2&63] & 31)))
		case opSRAW:
			x[in.rd&63] = T(int32(x[in.rs1&63]) >> (x[in.rs2&63] & 31))

		// "Control Transfer Instructions".
		case opJAL:
			if in.imm&3 == 0 {
				x[in.rd&63] = T(h.base + i*4 + 4)
			}
			goto branch
		case opJALR:
			pc := h.base + i*4
			target := uint64(x[in.rs1&63]+T(in.imm)) &^ 1
			if target%4 != 0 {
				return h.misaligned(executed+i-from, pc, target)
			}
			x[in.rd&63] = T(pc + 4)
			executed += i + 1 - from
			i = (target - h.base) / 4
			from = i
			if executed >= budget || i >= uint64(len(code)) {
				h.pc = target
				return executed, nil
			}
			continue
		case opBEQ:
			if x[in.rs1&63] == x[in.rs2&63] {
				goto branch
			}
			executed -= uint64(in.how)
		case opBNE:
			if x[in.rs1&63] != x[in.rs2&63] {
				goto branch
			}
			executed -= uint64(in.how)
		case opBLT:
			if signed(x[in.rs1&63]) < signed(x[in.rs2&63]) {
				goto branch
			}
		case opBGE:
			if signed(x[in.rs1&63]) >= signed(x[in.rs2&63]) {
				goto branch
			}
		case opBLTU:
			if x[in.rs1&63] < x[in.rs2&63] {
				goto branch
			}
		case opBGEU:
			if x[in.rs1&63] >= x[in.rs2&63] {
				goto branch
			}

		// "Load and Store Instructions".
		case opLD:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			src, off := pick(&stack, &load, addr)
			if off < uint64(len(src)) && off+word <= uint64(len(src)) {
				x[in.rd&63] = get[T](src[off : off+word : off+word])
			} else {
				goto slow
			}
		case opLW:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			src, off := pick(&stack, &load, addr)
			if off < uint64(len(src)) && off+4 <= uint64(len(src)) {
				x[in.rd&63] = T(int32(binary.LittleEndian.Uint32(src[off : off+4 : off+4])))
			} else {
				goto slow
			}
		case opLBU:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			src, off := pick(&stack, &load, addr)
			if off < uint64(len(src)) {
				x[in.rd&63] = T(src[off])
			} else {
				goto slow
			}
		case opLB:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			src, off := pick(&stack, &load, addr)
			if off < uint64(len(src)) {
				x[in.rd&63] = T(int8(src[off]))
			} else {
				goto slow
			}
		case opSD:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			to, off := pick(&stack, &store, addr)
			if off < uint64(len(to)) && off+word <= uint64(len(to)) {
				put(to[off:off+word:off+word], x[in.rs2&63])
			} else {
				goto slow
			}
		case opSW:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			to, off := pick(&stack, &store, addr)
			if off < uint64(len(to)) && off+4 <= uint64(len(to)) {
				binary.LittleEndian.PutUint32(to[off:off+4:off+4], uint32(x[in.rs2&63]))
			} else {
				goto slow
			}
		case opSB:
			addr = uint64(x[in.rs1&63] + T(in.imm))
			to, off := pick(&stack, &store, addr)
			if off < uint64(len(to)) {
				to[off] = byte(x[in.rs2&63])
			} else {
				goto slow
			}
		case opLH, opLHU, opLWU, opSH:
			addr = uint64(x[in.rs1&63] + T(in.imm))
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
			x[in.rd&63] = x[in.rs1&63] * x[in.rs2&63]

		// What fuse makes: all of it is done here, in the order of the
		// instructions, or none of it. The stack pointer is inside of the
		// stack's window, where adding to it does not overflow.
		case opPUSH:
			to := uint64(x[sp]) - word - stack.Base
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			put(stack.Bytes[to:to+word:to+word], x[in.rs2&63])
			x[sp] -= T(word)
		case opPOP:
			off := uint64(x[sp]) - stack.Base
			if off >= uint64(len(stack.Bytes)) || off+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			x[in.rd&63] = get[T](stack.Bytes[off : off+word : off+word])
			x[sp] += T(word)
		case opPUSH2:
			to := uint64(x[sp]) - 2*word - stack.Base
			if to >= uint64(len(stack.Bytes)) || to+2*word > uint64(len(stack.Bytes)) {
				goto apart
			}
			put(stack.Bytes[to+word:to+2*word:to+2*word], x[in.rs2&63])
			put(stack.Bytes[to:to+word:to+word], x[in.r2&63])
			x[sp] -= T(2 * word)
		case opPOP2:
			off := uint64(x[sp]) - stack.Base
			if off >= uint64(len(stack.Bytes)) || off+2*word > uint64(len(stack.Bytes)) {
				goto apart
			}
			x[in.rd&63] = get[T](stack.Bytes[off : off+word : off+word])
			x[in.r2&63] = get[T](stack.Bytes[off+word : off+2*word : off+2*word])
			x[sp] += T(2 * word)
		case opADDIPUSH:
			to := uint64(x[sp]) - word - stack.Base
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			v := x[in.rs1&63] + T(in.imm)
			x[in.rd&63] = v
			put(stack.Bytes[to:to+word:to+word], v)
			x[sp] -= T(word)
		case opLDPUSH:
			to := uint64(x[sp]) - word - stack.Base
			src, off := pick(&stack, &load, uint64(x[in.rs1&63]+T(in.imm)))
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			v := get[T](src[off : off+word : off+word])
			x[in.rd&63] = v
			put(stack.Bytes[to:to+word:to+word], v)
			x[sp] -= T(word)
		case opPUSHLD:
			to := uint64(x[sp]) - word - stack.Base
			src, off := pick(&stack, &load, uint64(x[in.rs1&63]+T(in.imm)))
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			v := x[in.rd&63]
			put(stack.Bytes[to:to+word:to+word], v)
			x[in.rd&63] = get[T](src[off : off+word : off+word])
			x[in.r2&63] = v
			goto calculate
		case opPUSHADDI:
			to := uint64(x[sp]) - word - stack.Base
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			v := x[in.rd&63]
			put(stack.Bytes[to:to+word:to+word], v)
			x[in.rd&63] = x[in.rs1&63] + T(in.imm)
			x[in.r2&63] = v
			goto calculate
		case opLDLD:
			to := uint64(x[sp]) - word - stack.Base
			src, off := pick(&stack, &load, uint64(x[in.rs1&63]+T(in.imm)))
			src2, off2 := pick(&stack, &load, uint64(x[in.rs2&63]+T(in.imm2)))
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(src)) || off+word > uint64(len(src)) ||
				off2 >= uint64(len(src2)) || off2+word > uint64(len(src2)) {
				goto apart
			}
			v := get[T](src[off : off+word : off+word])
			put(stack.Bytes[to:to+word:to+word], v)
			x[in.rd&63] = get[T](src2[off2 : off2+word : off2+word])
			x[in.r2&63] = v
			goto calculate
		case opLDADDI:
			to := uint64(x[sp]) - word - stack.Base
			src, off := pick(&stack, &load, uint64(x[in.rs1&63]+T(in.imm)))
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			v := get[T](src[off : off+word : off+word])
			put(stack.Bytes[to:to+word:to+word], v)
			x[in.rd&63] = x[in.rs2&63] + T(in.imm2)
			x[in.r2&63] = v
			goto calculate
		case opADDILD:
			to := uint64(x[sp]) - word - stack.Base
			src, off := pick(&stack, &load, uint64(x[in.rs2&63]+T(in.imm2)))
			if to >= uint64(len(stack.Bytes)) || to+word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			v := x[in.rs1&63] + T(in.imm)
			put(stack.Bytes[to:to+word:to+word], v)
			x[in.rd&63] = get[T](src[off : off+word : off+word])
			x[in.r2&63] = v
			goto calculate
		case opCALC:
			off := uint64(x[sp]) - stack.Base
			if off >= uint64(len(stack.Bytes)) || off+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			x[in.r2&63] = get[T](stack.Bytes[off : off+word : off+word])
			x[sp] += T(word)
			goto calculate
		case opADDC:
			x[in.r2&63] = T(in.imm)
			x[in.rd&63] += T(in.imm)
		case opFIELD:
			src, off := pick(&stack, &load, uint64(x[in.rd&63]+T(in.imm)))
			if off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			x[in.r2&63] = T(in.imm)
			x[in.rd&63] = get[T](src[off : off+word : off+word])
		case opLDFIELD:
			src, off := pick(&stack, &load, uint64(x[in.rs1&63]+T(in.imm)))
			if off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			v := get[T](src[off : off+word : off+word])
			src, off = pick(&stack, &load, uint64(v+T(in.imm2)))
			if off >= uint64(len(src)) || off+word > uint64(len(src)) {
				goto apart
			}
			x[in.r2&63] = T(in.imm2)
			x[in.rd&63] = get[T](src[off : off+word : off+word])
		case opPOPSD:
			off := uint64(x[sp]) - stack.Base
			if off >= uint64(len(stack.Bytes)) || off+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			v := get[T](stack.Bytes[off : off+word : off+word])
			to, off := pick(&stack, &store, uint64(v))
			if off >= uint64(len(to)) || off+word > uint64(len(to)) {
				goto apart
			}
			put(to[off:off+word:off+word], x[in.rd&63])
			x[in.r2&63] = v
			x[sp] += T(word)
		case opPOPSB:
			off := uint64(x[sp]) - stack.Base
			if off >= uint64(len(stack.Bytes)) || off+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			v := get[T](stack.Bytes[off : off+word : off+word])
			to, off := pick(&stack, &store, uint64(v))
			if off >= uint64(len(to)) {
				goto apart
			}
			to[off] = byte(x[in.rd&63])
			x[in.r2&63] = v
			x[sp] += T(word)
		case opFILL:
			if done := executed + i + 1 - from; done < budget {
				executed += h.fill(i+uint64(int64(in.imm>>2)), i, budget-done)
			}
			goto branch
		case opINC:
			at := x[in.rs1&63] + T(in.imm)
			to := uint64(x[sp]) - 2*word - stack.Base
			off := uint64(at) - stack.Base
			if to >= uint64(len(stack.Bytes)) || to+2*word > uint64(len(stack.Bytes)) ||
				off >= uint64(len(stack.Bytes)) || off+word > uint64(len(stack.Bytes)) {
				goto apart
			}
			put(stack.Bytes[to+word:to+2*word:to+2*word], at)
			v := get[T](stack.Bytes[off : off+word : off+word])
			put(stack.Bytes[to:to+word:to+word], v)
			v += T(in.imm2)
			put(stack.Bytes[off:off+word:off+word], v)
			x[in.r2&63] = at
			x[in.rd&63] = v
		case opIFZ:
			if x[in.rs1&63] != 0 {
				goto otherwise
			}
			goto then
		case opIFNZ:
			if x[in.rs1&63] == 0 {
				goto otherwise
			}
			goto then
		case opIFLT:
			if signed(x[in.rs1&63]) >= signed(x[in.rs2&63]) {
				goto otherwise
			}
			goto then
		case opIFGE:
			if signed(x[in.rs1&63]) < signed(x[in.rs2&63]) {
				goto otherwise
			}
			goto then
		case opIFLTU:
			if x[in.rs1&63] >= x[in.rs2&63] {
				goto otherwise
			}
			goto then
		case opIFGEU:
			if x[in.rs1&63] < x[in.rs2&63] {
				goto otherwise
			}
			goto then
		default:
			x[in.rd&63] = multiplyDivide(in.op, x[in.rs1&63], x[in.rs2&63])
		}
		i += uint64(in.n)
		continue

	then:
		x[in.rd&63] = 1
		executed -= uint64(in.how)
		i += uint64(in.n)
		continue

	calculate:
		i += uint64(in.n)
		switch in.how {
		case calcADD:
			x[in.rd&63] += x[in.r2&63]
		case calcSUB:
			x[in.rd&63] = x[in.r2&63] - x[in.rd&63]
		case calcRSUB:
			x[in.rd&63] -= x[in.r2&63]
		case calcADDLB:
			v := x[in.r2&63] + x[in.rd&63]
			x[in.rd&63] = v
			src, off := pick(&stack, &load, uint64(v))
			if off < uint64(len(src)) {
				x[in.rd&63] = T(int8(src[off]))
			} else {
				i-- // the load is executed where it stands
			}
		}
		continue

	otherwise:
		x[in.rd&63] = 0
	branch:
		executed += i + uint64(in.n) - from
		if in.imm&3 != 0 {
			return h.misaligned(executed-uint64(in.n), h.base+i*4, h.base+i*4+uint64(int64(in.imm)))
		}
		i += uint64(int64(in.imm >> 2))
		from = i
		if executed >= budget || i >= uint64(len(code)) {
			h.pc = uint64(T(h.base + i*4))
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
			h.pc = h.base + i*4
			return executed + i - from, err
		}
	}
}

// pick returns the bytes of the one of two windows in which the address a is,
// and the offset there; it is outside of both if the offset is.
func pick(w, other *cpu.Window, a uint64) ([]byte, uint64) {
	if off := a - w.Base; off < uint64(len(w.Bytes)) {
		return w.Bytes, off
	}
	return other.Bytes, a - other.Base
}

// get loads a register, and put stores one.
func get[T register](b []byte) T {
	if bits[T]() == 32 {
		return T(binary.LittleEndian.Uint32(b))
	}
	return T(binary.LittleEndian.Uint64(b))
}

func put[T register](b []byte, v T) {
	if bits[T]() == 32 {
		binary.LittleEndian.PutUint32(b, uint32(v))
	} else {
		binary.LittleEndian.PutUint64(b, uint64(v))
	}
}

func truth[T register](b bool) T {
	if b {
		return 1
	}
	return 0
}
