package translate

import (
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// An address is a base, held in a local, plus a constant. One check of a base
// covers all constants that are added to it until memory may change its size. If
// one of those addresses is not accessible, the executor continues at the current
// instruction, so checked code never faults.

// maxFrame is how far from the stack registers' values at entry a function's frame
// may reach, in bytes.
const maxFrame = 1 << 15

// nearness is the range of constants that one check can cover, in bytes.
const nearness = 1 << 20

// address pushes the base of an access of size bytes at a, and returns its constant
// offset.
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

// fixed reports whether an access at a constant address is always allowed and does
// not store to code.
func (e *emitter) fixed(a uint64, size uint8, store bool) bool {
	perm := cpu.Read
	if store {
		perm = cpu.Write
	}
	return a >= e.p.load.Base && a+uint64(size) <= e.p.mem.HeapBase() && e.p.mem.Bytes(a, int(size), perm) != nil &&
		!(store && e.p.bytes.Has(a, int(size)))
}

// inFrame is address for an access in a frame, which the function's entry has
// checked.
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

// bound makes wazero check an access of the last of n bytes from a local, if the
// first access ends before that. wazero itself checks each access that ends after all
// previous accesses from the same local.
func (e *emitter) bound(local int, first, n int64) {
	if first < n {
		e.offset(local)
		e.w.access(e.ops.load8U, uint64(n-1))
		e.w.op(opDrop)
	}
}

// inImage is address for an access at a constant offset in Linear that is always
// allowed. The base is a local that is zero: wazero would check each constant address
// separately.
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

// offset pushes a local that holds an offset in Linear. It also sets the local: where
// paths merge, wazero remembers checks only of a local's first value, and may give
// the local another one unless it is set.
func (e *emitter) offset(local int) {
	e.w.index(opLocalGet, local)
	e.w.index(opLocalTee, local)
}

// checkedFor returns the check for an address, and the local that holds the offset in
// Linear of the check's first byte.
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

// widen extends a check to cover more bytes.
func (e *emitter) widen(c *check, off int64, size uint8, store bool) {
	end := off + int64(size)
	if off >= c.min && end <= c.max && (c.store || !store) {
		return
	}
	c.min, c.max, c.store = min(c.min, off), max(c.max, end), c.store || store
	e.changed = true
}

// emitCheck checks base plus the range of c, and returns the local that holds the
// offset in Linear of base plus c.min. It tries the most frequent case first: image
// and heap, not near their end.
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

// roughly is the largest size, in bytes, for which a single comparison can check an
// access: it requires that much space before the end of image and heap.
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

// reversed returns the low size bytes of v in reverse order, as a word.
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

// apart reports whether two accesses cannot overlap: because they are at different
// offsets from the same base, or one is in the frame and the other in the image.
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

// restored handles instructions that reload stack registers from where they were
// saved. The values are expected to be unchanged; if one is not, the function leaves
// after the instruction.
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

// loaded reports whether v is the value loaded from at.
func (e *emitter) loaded(v, at value) bool {
	for _, k := range e.s.memory {
		if k.at == at && k.v == v {
			return true
		}
	}
	return false
}
