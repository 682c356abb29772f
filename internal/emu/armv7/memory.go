package armv7

import (
	"math/bits"

	"stage0/internal/emu/cpu"
)

// An access describes a load or store of one register.
type access struct {
	size   int // in bytes
	signed bool
	load   bool
}

var accesses = map[op]access{
	opSTR:   {4, false, false},
	opSTRB:  {1, false, false},
	opSTRH:  {2, false, false},
	opLDR:   {4, false, true},
	opLDRB:  {1, false, true},
	opLDRH:  {2, false, true},
	opLDRSB: {1, true, true},
	opLDRSH: {2, true, true},
}

// value decodes loaded bytes.
func (a access) value(b []byte) uint32 {
	var v uint32
	for i := range b {
		v |= uint32(b[i]) << (8 * i)
	}
	return a.extend(v)
}

// extend extends a loaded value to a word.
func (a access) extend(v uint32) uint32 {
	if unused := 32 - 8*a.size; a.signed {
		return uint32(int32(v<<unused) >> unused)
	}
	return v
}

// access executes a load or store of one register. The address may be unaligned. PC
// as a base is aligned, like all instructions.
func (c *core) access(in *inst) (next uint32, err error) {
	next = c.pc + 4
	address, moved := c.addresses(in)
	if in.p {
		address = moved
	}
	how := accesses[in.op]
	if !how.load {
		if !c.mem.Store(uint64(address), how.size, uint64(c.reg(in.t))) {
			return 0, c.fault(cpu.BadStore, address)
		}
	} else {
		v, ok := c.mem.Load(uint64(address), how.size)
		if !ok {
			return 0, c.fault(cpu.BadLoad, address)
		}
		data := how.extend(uint32(v))
		if in.t == pc {
			if next, err = c.bxWritePC(data); err != nil {
				return 0, err
			}
		} else {
			c.r[in.t] = data
		}
	}
	if in.writeBack() {
		c.r[in.n] = moved
	}
	return next, nil
}

// addresses returns the base of a load or store, and its value after writeback.
func (c *core) addresses(in *inst) (base, moved uint32) {
	offset := in.imm
	if in.form == register {
		kind, n := decodeImmShift(in.shift, in.imm)
		offset, _ = shift(c.r[in.m], kind, n, c.flags.C())
	}
	base = c.reg(in.n)
	if in.u {
		return base, base + offset
	}
	return base, base - offset
}

// block returns the lowest address that LDM or STM accesses, and the value of the
// base after writeback, for LDMDA, LDMDB, LDMIA, LDMIB and the corresponding forms of
// STM.
func (in *inst) block(base uint32) (start, moved uint32) {
	size := 4 * uint32(bits.OnesCount32(in.list))
	switch {
	case in.u && !in.p: // IA
		return base, base + size
	case in.u: // IB
		return base + 4, base + size
	case !in.p: // DA
		return base - size + 4, base - size
	}
	return base - size, base - size // DB
}

// loadMultiple executes LDM. The lowest register is loaded from the lowest address.
func (c *core) loadMultiple(in *inst) (next uint32, err error) {
	address, moved := in.block(c.r[in.n])
	if address%4 != 0 {
		return 0, c.fault(cpu.Unaligned, address)
	}
	r := c.r
	next = c.pc + 4
	for i := range uint8(16) {
		if !in.has(i) {
			continue
		}
		v, ok := c.mem.Load(uint64(address), 4)
		if !ok {
			return 0, c.fault(cpu.BadLoad, address)
		}
		if i == pc {
			if next, err = c.bxWritePC(uint32(v)); err != nil {
				return 0, err
			}
		} else {
			r[i] = uint32(v)
		}
		address += 4
	}
	if in.w {
		r[in.n] = moved
	}
	c.r = r
	return next, nil
}

// storeMultiple executes STM. It stores nothing if it cannot store all words.
func (c *core) storeMultiple(in *inst) error {
	start, moved := in.block(c.r[in.n])
	if start%4 != 0 {
		return c.fault(cpu.Unaligned, start)
	}
	for i := range bits.OnesCount32(in.list) {
		address := start + 4*uint32(i)
		if c.mem.Bytes(uint64(address), 4, cpu.Write) == nil {
			return c.fault(cpu.BadStore, address)
		}
	}
	address := start
	for i := range uint8(16) {
		if in.has(i) {
			c.mem.Store(uint64(address), 4, uint64(c.reg(i)))
			address += 4
		}
	}
	if in.w {
		c.r[in.n] = moved
	}
	return nil
}
