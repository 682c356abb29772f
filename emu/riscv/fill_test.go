package riscv_test

import (
	"math/rand/v2"
	"testing"

	"stage0/emu/cpu"
)

// TestFill compares the loop that fill knows, and those that are almost it,
// with single steps: with variables, a pointer, a stack's pointer and a budget
// that may be in each other's way.
func TestFill(t *testing.T) { compareAll(t, 3000, 30, (*assembler).clearing) }

// clearing emits the loop, in most cases with something else in one place,
// among what makes its variables, and enters it a second time by its last jump.
func (a *assembler) clearing(r *rand.Rand) {
	near := r.IntN(32)
	pointer := []int{dataAt + 16, dataAt + 16, stackEnd - 64}[r.IntN(3)]
	offset := a.word() * r.IntN(4)
	buffer := func() int {
		return []int{
			dataAt + 32, dataAt + near, dataAt + 2*cpu.PageSize - 8 - near, codeAt + 4*32 + 8*near, codeAt + 0x300 + near,
			stackEnd - 900 - near, int(r.Uint32() >> 1),
		}[r.IntN(7)]
	}
	set := func(buffer int) { // the variables
		a.constant(t3, pointer)
		a.constant(t4, buffer)
		a.store(t3, t4, 0)
		a.constant(t4, []int{
			near, 4 * near, near - 2, -1 << 31, 2*cpu.PageSize - near, dataAt + 16 + near - buffer, codeAt + 0x250 + near - buffer,
		}[r.IntN(7)])
		a.store(fp, t4, offset)
	}
	frame := func() {
		switch r.IntN(10) {
		case 0: // it is not on the stack
			a.constant(fp, dataAt+64)
		case 1: // the stack has to grow for what is pushed
			a.constant(sp, stackEnd-1<<16+a.word()*r.IntN(4))
			a.addi(fp, sp, 0)
		default: // some is overwritten by what is pushed
			a.addi(fp, sp, a.word()*(r.IntN(8)-4))
		}
		a.addi(t1, fp, a.word())
	}
	a.constant(t0, 2)
	frame()
	set(buffer())

	begin := len(a.code)
	other := r.IntN(24) // what is not as it should be
	leave := a.clearLoop(pointer, offset, other, r)
	last := len(a.code)
	link := zero
	if r.IntN(16) == 0 {
		link = ra
	}
	a.jal(link, 4*(begin-last))
	if r.IntN(4) == 0 {
		spoil(a.code[begin:], r)
	}

	jump := &assembler{}
	jump.jal(zero, 4*(len(a.code)-leave))
	a.code[leave] = jump.code[0]
	a.addi(t0, t0, -1)
	a.b(branches[1].bits, t0, zero, 8) // bne
	a.emit(0x00100073)                 // ebreak
	if r.IntN(2) == 0 {
		frame()
	}
	set(buffer())
	a.jal(zero, 4*(last-len(a.code)))
}

// clearLoop emits the loop without its last jump, and with something else in the
// place called other, if there is such a place. It returns where there has to be
// a jump out of it.
func (a *assembler) clearLoop(pointer, offset, other int, r *rand.Rand) (leave int) {
	place := -1
	is := func() bool { // the next place is another
		place++
		return place == other
	}
	pick := func(usual, another int) int {
		if is() {
			return another
		}
		return usual
	}
	variable := func(rd int) {
		a.addi(rd, pick(fp, t1), offset)
		a.load(rd, rd, 0)
	}
	add, sub, slt, sltu := registerOps[0].bits, registerOps[1].bits, registerOps[3].bits, registerOps[4].bits
	d, s := a0, a1

	test := pick(s, a2)
	a.addi(d, pick(zero, t1), pick(0, 1))
	a.push(d)
	variable(d)
	a.pop(test)
	if is() {
		a.r(add, d, test, d)
	}

	compared := []uint32{slt, sltu}[pick(0, 1)]
	if is() {
		a.r(compared, d, s, d)
	} else {
		a.r(compared, d, d, pick(s, a2))
	}
	a.i(constantOps[3].bits, d, d, 1) // xori
	a.b(branches[1].bits, d, zero, 8) // bne
	leave = len(a.code)
	a.emit(0)

	if is() {
		a.addi(d, t3, 0)
	} else {
		a.constant(d, pointer)
	}
	a.load(d, d, 0)
	a.push(d)
	variable(d)
	a.pop(s)
	a.r([]uint32{add, sub}[pick(0, 1)], d, s, d)

	value := pick(d, a2)
	a.push(value)
	switch v := r.IntN(3); {
	case is():
		variable(value)
	case is():
		a.addi(value, zero, v)
		a.pop(s)
		a.push(s)
	default:
		a.addi(value, zero, v)
	}
	a.pop(s)
	if is() {
		a.r(add, value, s, value)
	}
	a.s(stores[pick(0, 1)].bits, s, value, 0)

	step := pick(d, a2)
	if is() {
		a.addi(step, fp, offset)
		a.load(step, step, 0)
		a.addi(step, step, -1)
		a.store(fp, step, offset)
		return leave
	}
	a.addi(step, fp, offset)
	a.push(step)
	a.addi(step, fp, offset)
	a.load(step, step, 0)
	a.push(step)
	a.addi(step, zero, pick(1, 2))
	a.pop(s)
	a.r([]uint32{sub, add}[pick(0, 1)], step, s, step)
	a.pop(s)
	a.store(s, step, 0)
	if is() {
		a.addi(a2, a2, 1)
	}
	return leave
}
