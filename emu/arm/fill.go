package arm

import "stage0/emu/cpu"

// A fill is what a loop does that sets one byte after the other to the same
// value: all that changes from one iteration to the next changes by a fixed
// number, the step of its slot. So many iterations can be done at once.
type fill struct {
	step  [256]uint64 // by slot
	made  [256]bool   // the slot is computed in the iteration
	store loopOp
	test  loopOp   // the one branch
	loads []loopOp // of what stays the same
}

// newFill returns what fills in the loop, or nil if that is not all it does.
func newFill(l *loop) *fill {
	f := &fill{}
	for _, m := range l.moves {
		if m.from.slot != m.to {
			return nil
		}
		f.step[m.to] = m.from.add
	}
	var stores, tests int
	for _, op := range l.ops {
		switch op.do {
		case loopAdd:
			f.step[op.to] = f.step[op.a.slot] + f.step[op.b.slot]
		case loopLoad8:
			if f.step[op.a.slot] != 0 {
				return nil
			}
			f.loads = append(f.loads, op)
		case loopStore1:
			f.store = op
			stores++
		case loopIfLess, loopIfLessEqual:
			f.test = op
			tests++
		default:
			return nil
		}
		f.made[op.to] = op.to != 0
	}
	step := int64(f.step[f.store.a.slot])
	if stores != 1 || tests != 1 || step != 1 && step != -1 || f.step[f.store.b.slot] != 0 ||
		f.step[f.test.a.slot]-f.step[f.test.b.slot] != 1 {
		return nil
	}
	return f
}

// next returns a value in the next iteration.
func (f *fill) next(v *[256]uint64, a value) uint64 {
	if f.made[a.slot] {
		a.add += f.step[a.slot]
	}
	return v[a.slot] + a.add
}

// run does iterations at a loop's begin, after one that was done op by op, and
// returns how many: at most limit, and none after which the loop is left.
func (f *fill) run(v *[256]uint64, store cpu.Window, limit uint64) uint64 {
	const far = 1 << 62
	a, b := int64(f.next(v, f.test.a)), int64(f.next(v, f.test.b))
	if f.test.do == loopIfLessEqual {
		b++
	}
	if a <= -far || a >= far || b <= -far || b >= far || a >= b {
		return 0
	}
	n := min(uint64(b-a), limit)
	off := f.next(v, f.store.a) - store.Base
	if off >= uint64(len(store.Bytes)) {
		return 0
	}
	if f.step[f.store.a.slot] == 1 {
		n = min(n, uint64(len(store.Bytes))-off)
	} else {
		n = min(n, off+1)
		off -= n - 1
	}
	for _, op := range f.loads {
		// It may not see the bytes being set, the one before them included.
		if at := f.next(v, op.a); at < store.Base+off+n+1 && store.Base+off < at+8+1 {
			return 0
		}
	}
	set, with := store.Bytes[off:off+n], byte(f.next(v, f.store.b))
	for i := range set {
		set[i] = with
	}
	for slot, step := range f.step {
		v[slot] += n * step
	}
	return n
}
