package arm

import (
	"encoding/binary"
)

// run executes blocks. A load or store that is not wholly in a window is
// execute's, and so is what has no form here. Only what few registers hold
// lives from one instruction to the next: windows are read where they are, as
// the compiler would move copies of them to and fro around every instruction.
func (c *core) run(budget uint64) (executed uint64, err error) {
	var (
		x      = &c.x
		mem    = c.mem
		stack  = &mem.Stack
		load   = &mem.Load
		store  = &mem.Store
		b      *block
		insts  []inst
		in     *inst
		target uint64  // where the block at hand leads to
		link   **block // what is known of the block there
		none   *block
		n      uint64
	)
	if b, err = c.lookup(c.pc); err != nil {
		return 0, err
	}
	for {
		if b.heat--; b.heat == 0 {
			n, err = c.hot(b, budget-executed)
			executed += n
			if err != nil {
				return executed, err
			}
			goto enter
		}
		insts = b.insts
		for i := range insts {
			in = &insts[i]
			switch in.do {
			case runSet:
				x[in.rd&63] = in.imm
			case runMove:
				x[in.rd&63] = x[in.rn&63]
			case runAdd:
				x[in.rd&63] = x[in.rn&63] + x[in.rm&63]
			case runSub:
				x[in.rd&63] = x[in.rn&63] - x[in.rm&63]
			case runAddImm:
				x[in.rd&63] = x[in.rn&63] + in.imm
			case runSubImm:
				x[in.rd&63] = x[in.rn&63] - in.imm
			case runAnd:
				x[in.rd&63] = x[in.rn&63] & x[in.rm&63]
			case runOr:
				x[in.rd&63] = x[in.rn&63] | x[in.rm&63]
			case runXor:
				x[in.rd&63] = x[in.rn&63] ^ x[in.rm&63]
			case runNot:
				x[in.rd&63] = ^x[in.rm&63]
			case runMul:
				x[in.rd&63] = x[in.rn&63] * x[in.rm&63]
			case runCompare:
				c.flags.a, c.flags.b, c.flags.compared = x[in.rn&63], x[in.rm&63], true
			case runCompareImm:
				c.flags.a, c.flags.b, c.flags.compared = x[in.rn&63], in.imm, true

			case runLoad8:
				addr := x[in.rn&63] + in.imm
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
					x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
				} else if off := addr - load.Base; off < uint64(len(load.Bytes)) && off+8 <= uint64(len(load.Bytes)) {
					x[in.rd&63] = binary.LittleEndian.Uint64(load.Bytes[off : off+8 : off+8])
				} else {
					goto slow
				}
			case runPop:
				addr := x[in.rn&63]
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
					x[in.ra&63] = addr + in.imm
					x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
				} else {
					goto slow
				}
			case runLoad4:
				addr := x[in.rn&63] + in.imm
				if off := addr - load.Base; off < uint64(len(load.Bytes)) && off+4 <= uint64(len(load.Bytes)) {
					x[in.rd&63] = uint64(binary.LittleEndian.Uint32(load.Bytes[off : off+4 : off+4]))
				} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+4 <= uint64(len(stack.Bytes)) {
					x[in.rd&63] = uint64(binary.LittleEndian.Uint32(stack.Bytes[off : off+4 : off+4]))
				} else {
					goto slow
				}
			case runLoad1:
				addr := x[in.rn&63] + in.imm
				if off := addr - load.Base; off < uint64(len(load.Bytes)) {
					x[in.rd&63] = uint64(load.Bytes[off])
				} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
					x[in.rd&63] = uint64(stack.Bytes[off])
				} else {
					goto slow
				}
			case runLoad1Signed:
				addr := x[in.rn&63] + in.imm
				if off := addr - load.Base; off < uint64(len(load.Bytes)) {
					x[in.rd&63] = uint64(int64(int8(load.Bytes[off])))
				} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
					x[in.rd&63] = uint64(int64(int8(stack.Bytes[off])))
				} else {
					goto slow
				}
			case runLoad1Next:
				addr := x[in.rn&63]
				if off := addr - load.Base; off < uint64(len(load.Bytes)) {
					x[in.ra&63] = addr + in.imm
					x[in.rd&63] = uint64(load.Bytes[off])
				} else {
					goto slow
				}
			case runStore8:
				addr := x[in.rn&63] + in.imm
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
					binary.LittleEndian.PutUint64(stack.Bytes[off:off+8:off+8], x[in.rd&63])
				} else if off := addr - store.Base; off < uint64(len(store.Bytes)) && off+8 <= uint64(len(store.Bytes)) {
					binary.LittleEndian.PutUint64(store.Bytes[off:off+8:off+8], x[in.rd&63])
				} else {
					goto slow
				}
			case runPush:
				addr := x[in.rn&63] + in.imm
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
					binary.LittleEndian.PutUint64(stack.Bytes[off:off+8:off+8], x[in.rd&63])
					x[in.ra&63] = addr
				} else {
					goto slow
				}
			case runPush2:
				addr := x[in.rn&63] - 16
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+16 <= uint64(len(stack.Bytes)) {
					binary.LittleEndian.PutUint64(stack.Bytes[off+8:off+16:off+16], x[in.rd&63])
					binary.LittleEndian.PutUint64(stack.Bytes[off:off+8:off+8], x[in.rm&63])
					x[in.ra&63] = addr
				} else {
					goto single
				}
			case runPop2:
				addr := x[in.rn&63]
				if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+16 <= uint64(len(stack.Bytes)) {
					x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
					x[in.rm&63] = binary.LittleEndian.Uint64(stack.Bytes[off+8 : off+16 : off+16])
					x[in.ra&63] = addr + 16
				} else {
					goto single
				}
			case runStore4:
				addr := x[in.rn&63] + in.imm
				if off := addr - store.Base; off < uint64(len(store.Bytes)) && off+4 <= uint64(len(store.Bytes)) {
					binary.LittleEndian.PutUint32(store.Bytes[off:off+4:off+4], uint32(x[in.rd&63]))
				} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+4 <= uint64(len(stack.Bytes)) {
					binary.LittleEndian.PutUint32(stack.Bytes[off:off+4:off+4], uint32(x[in.rd&63]))
				} else {
					goto slow
				}
			case runStore1:
				addr := x[in.rn&63] + in.imm
				if off := addr - store.Base; off < uint64(len(store.Bytes)) {
					store.Bytes[off] = byte(x[in.rd&63])
				} else if off := addr - stack.Base; off < uint64(len(stack.Bytes)) {
					stack.Bytes[off] = byte(x[in.rd&63])
				} else {
					goto slow
				}

			// What fuse makes: either all of it is done here, in the order
			// of the instructions, or none of it.
			case runAddress:
				x[in.rd&63] = x[in.rn&63] - in.imm
				x[in.rm&63] = in.imm
			case runLocal:
				if off := x[in.rn&63] - in.imm - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
					x[in.rm&63] = in.imm
					x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
				} else {
					goto single
				}
			case runPushLocal:
				addr := x[in.ra&63] - 8
				if to := addr - stack.Base; to < uint64(len(stack.Bytes)) && to+8 <= uint64(len(stack.Bytes)) {
					if off := x[in.rn&63] - in.imm - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
						binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], x[in.rd&63])
						x[in.ra&63] = addr
						x[in.rm&63] = in.imm
						x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
						continue
					}
				}
				goto single
			case runPushLocalPop:
				if to := x[in.ra&63] - 8 - stack.Base; to < uint64(len(stack.Bytes)) && to+8 <= uint64(len(stack.Bytes)) {
					if off := x[in.rn&63] - in.imm - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
						binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], x[in.rd&63])
						x[in.rm&63] = x[in.rd&63]
						x[in.rd&63] = binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
						continue
					}
				}
				goto single
			case runPushAddress:
				addr := x[in.ra&63] - 8
				if to := addr - stack.Base; to < uint64(len(stack.Bytes)) && to+8 <= uint64(len(stack.Bytes)) {
					v := x[in.rn&63] - in.imm
					x[in.rd&63] = v
					x[in.rm&63] = in.imm
					binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], v)
					x[in.ra&63] = addr
				} else {
					goto single
				}
			case runAddConst:
				if to := x[in.ra&63] - 8 - stack.Base; to < uint64(len(stack.Bytes)) && to+8 <= uint64(len(stack.Bytes)) {
					v := x[in.rd&63]
					binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], v)
					x[in.rm&63] = v
					x[in.rd&63] = v + in.imm
				} else {
					goto single
				}
			case runLocalAdd:
				if to := x[in.ra&63] - 8 - stack.Base; to < uint64(len(stack.Bytes)) && to+8 <= uint64(len(stack.Bytes)) {
					if off := x[in.rn&63] - in.imm - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
						v := binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
						binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], v)
						x[in.rm&63] = v
						x[in.rd&63] = v + uint64(int64(in.imm2))
						continue
					}
				}
				goto single
			case runIncrement:
				addr := x[in.rn&63] - in.imm
				if to := x[in.ra&63] - 16 - stack.Base; to < uint64(len(stack.Bytes)) && to+16 <= uint64(len(stack.Bytes)) {
					if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
						binary.LittleEndian.PutUint64(stack.Bytes[to+8:to+16:to+16], addr)
						v := binary.LittleEndian.Uint64(stack.Bytes[off : off+8 : off+8])
						binary.LittleEndian.PutUint64(stack.Bytes[to:to+8:to+8], v)
						v += uint64(int64(in.imm2))
						binary.LittleEndian.PutUint64(stack.Bytes[off:off+8:off+8], v)
						x[in.rm&63] = addr
						x[in.rd&63] = v
						continue
					}
				}
				goto single
			case runPopStore8:
				if from := x[in.ra&63] - stack.Base; from < uint64(len(stack.Bytes)) && from+8 <= uint64(len(stack.Bytes)) {
					addr := binary.LittleEndian.Uint64(stack.Bytes[from : from+8 : from+8])
					if off := addr - stack.Base; off < uint64(len(stack.Bytes)) && off+8 <= uint64(len(stack.Bytes)) {
						binary.LittleEndian.PutUint64(stack.Bytes[off:off+8:off+8], x[in.rd&63])
					} else if off := addr - store.Base; off < uint64(len(store.Bytes)) && off+8 <= uint64(len(store.Bytes)) {
						binary.LittleEndian.PutUint64(store.Bytes[off:off+8:off+8], x[in.rd&63])
					} else {
						goto single
					}
					x[in.rm&63] = addr
					x[in.ra&63] += 8
				} else {
					goto single
				}
			case runPopStore1:
				if from := x[in.ra&63] - stack.Base; from < uint64(len(stack.Bytes)) && from+8 <= uint64(len(stack.Bytes)) {
					addr := binary.LittleEndian.Uint64(stack.Bytes[from : from+8 : from+8])
					if off := addr - store.Base; off < uint64(len(store.Bytes)) {
						store.Bytes[off] = byte(x[in.rd&63])
					} else {
						goto single
					}
					x[in.rm&63] = addr
					x[in.ra&63] += 8
				} else {
					goto single
				}

			case runIfCompare:
				c.flags.a, c.flags.b, c.flags.compared = x[in.rn&63], x[in.rm&63], true
				if holdsFor(in.how, c.flags.a, c.flags.b) {
					executed-- // one is skipped
					n = 1
				} else {
					n = 0
				}
				x[in.rd&63] = n
				if n == uint64(in.amount) {
					target, link = in.imm, &b.taken
				} else {
					target, link = c.base+uint64(in.at)*4+20, &b.next
				}
				goto leave

			case runJump:
				target, link = in.imm, &b.next
				goto leave
			case runCall:
				x[lr] = c.base + uint64(in.at)*4 + 4
				target, link = in.imm, &b.next
				goto leave
			case runBranch:
				if c.flags.holds(in.how) {
					target, link = in.imm, &b.taken
				} else {
					target, link = c.base+uint64(in.at)*4+4, &b.next
				}
				goto leave
			case runIfZero:
				if x[in.rm&63] == 0 {
					target, link = in.imm, &b.taken
				} else {
					target, link = c.base+uint64(in.at)*4+4, &b.next
				}
				goto leave
			case runIfNonzero:
				if x[in.rm&63] != 0 {
					target, link = in.imm, &b.taken
				} else {
					target, link = c.base+uint64(in.at)*4+4, &b.next
				}
				goto leave
			case runIndirectCall:
				target, link = x[in.rn&63], &none
				x[lr] = c.base + uint64(in.at)*4 + 4
				goto find
			case runIndirect:
				target, link = x[in.rn&63], &none
				goto find
			case runStep:
				goto single
			default:
				goto slow
			}
			continue

		slow:
			// What execute does. It is none that jumps.
			c.pc = c.base + uint64(in.at)*4
			var next uint64
			if kind, addr := c.execute(in, c.pc, &next); kind != "" {
				return executed + uint64(in.before), c.fault(kind, c.pc, addr)
			}
			if mem.Modified {
				executed += uint64(in.before) + 1
				c.pc += 4
				goto enter
			}
		}

	find:
		if i := (target - c.base) / 4; target%4 == 0 && i < uint64(len(c.blocks)) && c.blocks[i] != nil {
			executed += b.count
			if executed >= budget {
				c.pc = target
				return executed, nil
			}
			b = c.blocks[i]
			continue
		}
	leave:
		executed += b.count
		if executed >= budget {
			c.pc = target
			return executed, nil
		}
		if *link == nil {
			if *link, err = c.lookup(target); err != nil {
				c.pc = target
				return executed, err
			}
		}
		b = *link
		none = nil
		continue

	single:
		executed += uint64(in.before)
		c.pc = c.base + uint64(in.at)*4
		n, err = c.step()
		executed += n
		if err != nil {
			return executed, err
		}

	enter:
		if mem.Modified {
			c.forget()
		}
		if executed >= budget {
			return executed, nil
		}
		if b, err = c.lookup(c.pc); err != nil {
			return executed, err
		}
	}
}
