package arm

// What M2-Planet and cc_aarch64 make of C is a few sequences over and over:
// x0 has a value, x1 is a second operand, values wait on a stack below x18, and
// local variables are at a distance from x17. fuse makes one of each that is
// frequent. The registers may be any that differ; they are called
//
//	d  the value         (x0)
//	s  second operand    (x1)
//	b  base of locals    (x17)
//	p  stack pointer     (x18)
//
// and stand in rd, rm, rn, ra of what is made. It has the place (at, before) of
// the sequence's first instruction: run does all of it, or, where a step of it
// needs more than a window of the memory, has the first instruction executed
// alone and goes on behind it.
//
//	runAddress       mov d, b; s = imm; sub d, d, s
//	runLocal         runAddress; ldr d, [d]
//	runPushLocal     push d; runLocal
//	runPushLocalPop  runPushLocal; pop s
//	runPushAddress   runAddress; push d
//	runAddConst      push d; d = imm; pop s; add d, s, d (or sub: imm is negative)
//	runLocalAdd      runLocal; runAddConst (of imm2)
//	runPopStore8     pop s; str d, [s]
//	runPopStore1     pop s; strb d, [s]
//	runIncrement     runPushAddress; runLocalAdd; runPopStore8 (of one variable)

// fuse looks at the end of the block, and makes one of the instructions there
// for as long as it can.
func (t *translation) fuse() {
	for {
		in := t.b.insts
		n := len(in)
		var made inst
		var used int
		switch last := &in[n-1]; {
		case n >= 3 && last.do == runSub:
			made, used = fuseAddress(in[n-3:])
		case n >= 2 && last.do == runLoad8:
			made, used = fuseLocal(in[n-2:])
		case n >= 2 && last.do == runLocal:
			made, used = fusePushLocal(in[n-2:])
		case n >= 2 && last.do == runPop:
			made, used = fusePop(in[n-2:])
		case n >= 2 && last.do == runPush:
			made, used = fusePush(in[n-2:])
		case n >= 2 && last.do == runAddConst:
			made, used = fuseLocalAdd(in[n-2:])
		case n >= 2 && (last.do == runStore8 || last.do == runStore1):
			made, used = fuseStore(in[n-2:])
		case n >= 3 && last.do == runPopStore8:
			made, used = fuseIncrement(in[n-3:])
		}
		if used == 0 && n >= 4 {
			made, used = fuseAddConst(in[n-4:])
		}
		if used == 0 {
			return
		}
		t.b.insts = append(in[:n-used], made)
	}
}

// isPush reports whether in pushes d, and isPop whether it pops, on a stack
// below p; d, s and p differ.
func isPush(in *inst, d, p uint8) bool {
	return in.do == runPush && in.rd == d && in.rn == p && int64(in.imm) == -8 && d != p
}

func isPop(in *inst, s, p uint8) bool {
	return in.do == runPop && in.rd == s && in.rn == p && in.imm == 8 && s != p
}

// general reports whether registers are real ones, all different.
func general(r ...uint8) bool {
	var seen uint64
	for _, i := range r {
		if i >= zero || seen>>i&1 != 0 {
			return false
		}
		seen |= 1 << i
	}
	return true
}

func fuseAddress(in []inst) (inst, int) {
	move, set, sub := in[0], in[1], in[2]
	d, s, b := move.rd, set.rd, move.rn
	if move.do != runMove || set.do != runSet || sub.rd != d || sub.rn != d || sub.rm != s || !general(d, s, b) {
		return inst{}, 0
	}
	return inst{do: runAddress, rd: d, rm: s, rn: b, imm: set.imm, at: move.at, before: move.before}, 3
}

func fuseLocal(in []inst) (inst, int) {
	made, load := in[0], in[1]
	if made.do != runAddress || load.rd != made.rd || load.rn != made.rd || load.imm != 0 {
		return inst{}, 0
	}
	made.do = runLocal
	return made, 2
}

func fusePushLocal(in []inst) (inst, int) {
	push, made := in[0], in[1]
	p := push.rn
	if !isPush(&push, made.rd, p) || !general(made.rd, made.rm, made.rn, p) {
		return inst{}, 0
	}
	made.do, made.ra, made.at, made.before = runPushLocal, p, push.at, push.before
	return made, 2
}

func fusePop(in []inst) (inst, int) {
	made, pop := in[0], in[1]
	if made.do != runPushLocal || !isPop(&pop, made.rm, made.ra) {
		return inst{}, 0
	}
	made.do = runPushLocalPop
	return made, 2
}

func fusePush(in []inst) (inst, int) {
	made, push := in[0], in[1]
	if made.do != runAddress || !isPush(&push, made.rd, push.rn) || !general(made.rd, made.rm, made.rn, push.rn) {
		return inst{}, 0
	}
	made.do, made.ra = runPushAddress, push.rn
	return made, 2
}

func fuseAddConst(in []inst) (inst, int) {
	push, set, pop, sum := in[0], in[1], in[2], in[3]
	d, s, p := push.rd, pop.rd, push.rn
	if !isPush(&push, d, p) || set.do != runSet || set.rd != d || !isPop(&pop, s, p) || !general(d, s, p) ||
		sum.rd != d || sum.rn != s || sum.rm != d {
		return inst{}, 0
	}
	made := inst{do: runAddConst, rd: d, rm: s, ra: p, imm: set.imm, at: push.at, before: push.before}
	switch sum.do {
	case runAdd:
	case runSub:
		made.imm = -made.imm
	default:
		return inst{}, 0
	}
	return made, 4
}

func fuseLocalAdd(in []inst) (inst, int) {
	made, sum := in[0], in[1]
	if made.do != runLocal || sum.rd != made.rd || sum.rm != made.rm || sum.ra == made.rn || uint64(int64(int32(sum.imm))) != sum.imm {
		return inst{}, 0
	}
	made.do, made.ra, made.imm2 = runLocalAdd, sum.ra, int32(sum.imm)
	return made, 2
}

func fuseStore(in []inst) (inst, int) {
	pop, store := in[0], in[1]
	d, s, p := store.rd, pop.rd, pop.rn
	if !isPop(&pop, s, p) || store.rn != s || store.imm != 0 || !general(d, s, p) {
		return inst{}, 0
	}
	made := inst{do: runPopStore8, rd: d, rm: s, ra: p, at: pop.at, before: pop.before}
	if store.do == runStore1 {
		made.do = runPopStore1
	}
	return made, 2
}

func fuseIncrement(in []inst) (inst, int) {
	push, made, store := in[0], in[1], in[2]
	if push.do != runPushAddress || made.do != runLocalAdd ||
		[4]uint8{push.rd, push.rm, push.rn, push.ra} != [4]uint8{made.rd, made.rm, made.rn, made.ra} || push.imm != made.imm ||
		store.rd != made.rd || store.rm != made.rm || store.ra != made.ra {
		return inst{}, 0
	}
	made.do, made.at, made.before = runIncrement, push.at, push.before
	return made, 3
}

// fuseBranch makes the block's end of the conditional branch in at pc, if it
// stands in what compilers make of a comparison:
//
//	cmp n, m; d = 1; b.cond skip; d = 0; skip: cbz d, somewhere (or cbnz)
//
// What is made has n, m and d in rn, rm and rd, the condition in how, and in
// amount the value of d with which it goes to imm; else it goes on after the
// last instruction, which is five behind at. It counts all five; run
// takes one off when the branch is taken.
func (t *translation) fuseBranch(in *inst, pc uint64) bool {
	n := len(t.b.insts)
	if in.imm != 8 || n < 2 {
		return false
	}
	compare, one := t.b.insts[n-2], t.b.insts[n-1]
	zeroSet, err := t.c.decodeAt(pc + 4)
	branch, err2 := t.c.decodeAt(pc + 8)
	d := one.rd
	if err != nil || err2 != nil || compare.do != runCompare || one.do != runSet || one.imm != 1 || one.at != compare.at+1 ||
		t.b.count != uint64(one.before)+2 || uint64(one.at)*4+4 != pc-t.c.base ||
		zeroSet.op != opMOVZ || zeroSet.imm != 0 || zeroSet.rd != d || !general(d) ||
		branch.op != opCBZ && branch.op != opCBNZ || branch.rm != d || !branch.wide {
		return false
	}
	t.c.mem.MarkCode(pc+4, 8)
	made := inst{
		do: runIfCompare, rd: d, rn: compare.rn, rm: compare.rm, how: in.how,
		imm: pc + 8 + branch.imm, at: compare.at, before: compare.before,
	}
	if branch.op == opCBNZ {
		made.amount = 1
	}
	t.b.insts = append(t.b.insts[:n-2], made)
	t.b.count += 2
	return true
}

// pairs makes one of two pushes, and of two pops, with the same stack. It comes
// when a block is complete: the other sequences have pushes and pops in them.
func pairs(in []inst) []inst {
	out := in[:0]
	for i := 0; i < len(in); i++ {
		made := in[i]
		if i+1 < len(in) {
			second := &in[i+1]
			p := made.rn
			switch {
			case isPush(&made, made.rd, p) && isPush(second, second.rd, p):
				made.do, made.rm = runPush2, second.rd
				i++
			case isPop(&made, made.rd, p) && isPop(second, second.rd, p):
				made.do, made.rm = runPop2, second.rd
				i++
			}
		}
		out = append(out, made)
	}
	return out
}
