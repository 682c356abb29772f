package translate

import (
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// An address is a base, which is a local, plus a constant. A base is checked
// once for all the constants that are added to it before memory can change its
// extent: if one of these addresses may not be accessed, the executor goes on
// with the instruction at hand. So the checked code never faults.

// maxFrame is how far from where SP and FP point to when a function begins its
// frame may reach, in bytes.
const maxFrame = 1 << 15

// nearness is the distance of two constants that one check can be for, in bytes.
const nearness = 1 << 20

// address puts on the stack what an access of size bytes at a begins with, and
// returns the offset that is the rest.
func (e *emitter) address(a value, size uint8, store bool) uint64 {
	switch a.kind {
	case aConstant:
		if !e.fixed(a.c, size, store) {
			e.w.i32(1)
			e.stepIf()
			a.c = e.p.load.Base
		}
		return e.inImage(a.c-e.p.load.Base+e.p.load.Offset, size)
	case aTest:
		e.push(a)
		a = e.define()
	}
	off := int64(a.c<<(64-e.bits)) >> (64 - e.bits)
	if i := e.root(a); i >= 0 && off > -maxFrame && off < maxFrame && e.p.stack.Size > 0 {
		return e.inFrame(i, off, size)
	}
	c, local := e.checkedFor(a.base(), off, size, store)
	e.offset(local)
	return uint64(off - c.min)
}

// fixed reports whether an access at a constant address is always allowed, and
// is no store to code.
func (e *emitter) fixed(a uint64, size uint8, store bool) bool {
	perm := cpu.Read
	if store {
		perm = cpu.Write
	}
	return a >= e.p.load.Base && a+uint64(size) <= e.p.mem.HeapBase() && e.p.mem.Bytes(a, int(size), perm) != nil &&
		!(store && e.p.bytes.Has(a, int(size)))
}

// inFrame is address in a frame, which the function's begin has checked.
func (e *emitter) inFrame(i int, off int64, size uint8) uint64 {
	fr := &e.frames[i]
	if !fr.used {
		fr.used, fr.min, fr.max = true, off, off+int64(size)
		e.changed = true
	}
	if off < fr.min || off+int64(size) > fr.max {
		fr.min, fr.max = min(fr.min, off), max(fr.max, off+int64(size))
		e.changed = true
	}
	local := e.local(localFrame + i)
	if !e.s.framed[i] {
		e.s.framed[i] = true
		e.bound(local, off+int64(size)-fr.min, fr.max-fr.min)
	}
	e.offset(local)
	return uint64(off - fr.min)
}

// bound has wazero check an access of the last of n bytes from a local, if what is
// accessed first ends earlier: it checks each access of its own accord that ends
// behind all others from the same local.
func (e *emitter) bound(local int, first, n int64) {
	if first < n {
		e.offset(local)
		e.w.access(e.ops.load8U, uint64(n-1))
		e.w.op(opDrop)
	}
}

// inImage is address for one that may always be accessed, at an offset in Linear. It
// is an offset from a local that is zero, and not a constant, of which wazero would
// check each one.
func (e *emitter) inImage(off uint64, size uint8) uint64 {
	local, end := e.local(localZero), int64(off)+int64(size)
	if end > e.imageEnd {
		e.imageEnd = end
		e.changed = true
	}
	if !e.s.image {
		e.s.image = true
		e.bound(local, end, e.imageEnd)
	}
	e.offset(local)
	return off
}

// offset puts a local with an offset in Linear on the stack. Where blocks meet, what
// wazero gives a local at first is the value of which it knows what it has checked,
// and later another one, unless the local is set.
func (e *emitter) offset(local int) {
	e.w.index(opLocalGet, local)
	e.w.index(opLocalTee, local)
}

// checkedFor returns the check for an address, and the local that has the offset
// in Linear of what it begins with.
func (e *emitter) checkedFor(base value, off int64, size uint8, store bool) (*check, int) {
	near := (off + nearness/2) / nearness
	for _, k := range e.s.checked {
		if k.check.base == base && k.check.near == near {
			e.widen(k.check, off, size, store)
			return k.check, k.local
		}
	}
	place := checkPlace{e.b, e.i, e.nCheck}
	e.nCheck++
	c := e.checks[place]
	if c == nil || c.base != base || c.near != near {
		c = &check{base: base, near: near, min: off, max: off}
		e.checks[place] = c
	}
	e.widen(c, off, size, store)
	local := e.emitCheck(base, c)
	e.bound(local, off+int64(size)-c.min, c.max-c.min)
	e.s.checked = append(e.s.checked, checked{c, local})
	return c, local
}

// widen makes a check one of some more bytes.
func (e *emitter) widen(c *check, off int64, size uint8, store bool) {
	end := off + int64(size)
	if off >= c.min && end <= c.max && (c.store || !store) {
		return
	}
	c.min, c.max, c.store = min(c.min, off), max(c.max, end), c.store || store
	e.changed = true
}

// emitCheck checks base plus what c says, and returns the local with the offset
// in Linear of base plus c.min. Most addresses are in image and heap, and not
// near their end.
func (e *emitter) emitCheck(base value, c *check) int {
	n := uint64(c.max - c.min)
	w, limit := e.p.load, globalLoad
	if c.store {
		w, limit = e.p.store, globalStore
	}
	local := e.temp(typeI32)
	from := func(low uint64) value { // the distance of base+c.min from low
		e.push(value{kind: aLocal, n: base.n, c: e.word(uint64(c.min) - low)})
		return e.define()
	}
	d := from(w.Base)
	e.push(d)
	e.wrap()
	e.w.i32(int32(w.Offset))
	e.w.op(opI32Add)
	e.w.index(opLocalSet, local)
	e.push(d)
	if n <= roughly {
		e.w.index(opGlobalGet, limit)
	} else {
		e.constant(0)
	}
	e.w.op(e.compare[lessU][0])
	e.unless(func() {
		// size >= n && d <= size-n
		size := value{kind: aGlobal, n: limit + 1}
		e.push(size)
		e.constant(n)
		e.w.op(e.ops.geU)
		e.push(d)
		e.push(size)
		e.constant(n)
		e.w.op(e.ops.sub)
		e.w.op(e.compare[lessEqualU][0], opI32And)
		e.unless(func() {
			s := from(e.p.stack.Base)
			e.push(s)
			e.constant(e.p.stack.Size + 1 - min(n, e.p.stack.Size+1))
			e.w.op(e.ops.geU)
			e.stepIf()
			e.push(s)
			e.wrap()
			e.w.index(opLocalSet, local)
		})
	})
	return local
}

// roughly is how far from the end of image and heap an access may end so that
// one comparison is enough for it, in bytes.
const roughly = 4096

// load loads from a.
func (e *emitter) load(a value, size uint8, signed bool) value {
	if !signed {
		for _, k := range e.s.memory {
			if k.at == a && k.size == size {
				return k.v
			}
		}
	}
	big := e.p.target.Big && size > 1
	off := e.address(a, size, false)
	o := e.ops
	word := size == uint8(e.bits/8)
	extend := signed && !big
	switch {
	case word:
		e.w.access(o.load, off)
	case size == 1 && extend:
		e.w.access(o.load8S, off)
	case size == 1:
		e.w.access(o.load8U, off)
	case size == 2 && extend:
		e.w.access(o.load16S, off)
	case size == 2:
		e.w.access(o.load16U, off)
	case extend:
		e.w.access(opI64Load32S, off)
	default:
		e.w.access(opI64Load32U, off)
	}
	v := e.define()
	if big {
		v = e.reversed(v, size)
		if signed {
			v = e.extended(v, size, true)
		}
	}
	if !signed {
		if !word {
			v.width = size
		}
		if a.kind != aTest {
			e.s.memory = append(e.s.memory, stored{a, size, v})
		}
	}
	return v
}

// store stores v at a.
func (e *emitter) store(a value, size uint8, v value) {
	off := e.address(a, size, true)
	if e.p.target.Big && size > 1 {
		e.push(e.reversed(v, size))
	} else {
		e.push(v)
	}
	o := e.ops
	word := size == uint8(e.bits/8)
	switch {
	case word:
		e.w.access(o.store, off)
	case size == 1:
		e.w.access(o.store8, off)
	case size == 2:
		e.w.access(o.store16, off)
	default:
		e.w.access(opI64Store32, off)
	}
	kept := make([]stored, 0, len(e.s.memory)+1)
	for _, k := range e.s.memory {
		if e.apart(k.at, k.size, a, size) {
			kept = append(kept, k)
		}
	}
	e.s.memory = kept
	if word && a.kind != aTest {
		e.s.memory = append(kept, stored{a, size, v})
		for i := 1; i < micro.StackRegs; i++ {
			if e.root(v) >= 0 && e.s.regs[e.tracked(i)] == v {
				e.s.saved = append(e.s.saved, stored{a, size, v})
				break
			}
		}
	}
}

// reversed returns the size low bytes of v, the lowest one first, as a word.
func (e *emitter) reversed(v value, size uint8) value {
	o := e.ops
	for i := range size {
		e.push(v)
		e.constant(8 * uint64(i))
		e.w.op(o.shrU)
		e.constant(0xFF)
		e.w.op(o.and)
		e.constant(8 * uint64(size-1-i))
		e.w.op(o.shl)
		if i > 0 {
			e.w.op(o.or)
		}
	}
	return e.define()
}

// apart reports whether two accesses are surely of different bytes: those at
// two distances from the same base, or in the frame and in the image.
func (e *emitter) apart(a value, n uint8, b value, m uint8) bool {
	if a.base() == b.base() {
		d := int64((b.c-a.c)<<(64-e.bits)) >> (64 - e.bits)
		return d >= int64(n) || d <= -int64(m)
	}
	framed := func(v value) bool {
		off := int64(v.c<<(64-e.bits)) >> (64 - e.bits)
		return e.root(v) >= 0 && off > -maxFrame && off < maxFrame && e.p.stack.Size > 0
	}
	return framed(a) && b.isConstant() || a.isConstant() && framed(b)
}

// restored handles that registers that point to the stack have been loaded from
// where they were saved: they are expected to be what they were. If one is not, the
// executor goes on, behind the instruction.
func (e *emitter) restored(in instruction) {
	for i := 1; i < micro.StackRegs; i++ {
		r := e.tracked(i)
		v := e.s.regs[r]
		if !e.hasRoot(i) || !v.plain() || e.root(v) >= 0 || !slices.ContainsFunc(in.Ops, func(op micro.Op) bool { return op.To == r && op.Code != micro.Store }) {
			continue
		}
		for _, k := range slices.Backward(e.s.saved) {
			if !e.loaded(v, k.at) {
				continue
			}
			e.push(v)
			e.push(k.v)
			e.w.op(e.ops.ne)
			e.ifRarely(func() { e.leave(constantOf(in.Next())) })
			e.write(r, k.v)
			break
		}
	}
}

// loaded reports whether v is what was loaded from a place.
func (e *emitter) loaded(v, at value) bool {
	for _, k := range e.s.memory {
		if k.at == at && k.v == v {
			return true
		}
	}
	return false
}
