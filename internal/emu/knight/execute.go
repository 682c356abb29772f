package knight

import (
	"math/bits"

	"stage0/internal/emu/cpu"
)

// An action executes an instruction. PC is already the address after it. An action
// sets registers last, so that a fault has no effect, and in the virtual machine's
// order, which matters if operands are the same register.
type action func(k *core, o operands) error

// The bits that a comparison or an addition sets in a register (enum condition,
// vm_instructions.c), and the sign bit.
const (
	bitLess     = 1 << 0
	bitEqual    = 1 << 1
	bitGreater  = 1 << 2
	bitOverflow = 1 << 3 // no instruction sets it
	bitBorrow   = 1 << 4
	bitCarry    = 1 << 5
	bitSign     = 1 << 31
)

// A test checks a register.
type test func(v uint32) bool

func oneOf(mask uint32) test  { return func(v uint32) bool { return v&mask != 0 } }
func noneOf(mask uint32) test { return func(v uint32) bool { return v&mask == 0 } }

// A relation compares two registers.
type relation func(x, y uint32) bool

func equal(x, y uint32) bool          { return x == y }
func notEqual(x, y uint32) bool       { return x != y }
func greater(x, y uint32) bool        { return int32(x) > int32(y) }
func greaterOrEqual(x, y uint32) bool { return int32(x) >= int32(y) }
func lessOrEqual(x, y uint32) bool    { return int32(x) <= int32(y) }
func less(x, y uint32) bool           { return int32(x) < int32(y) }
func above(x, y uint32) bool          { return x > y }
func aboveOrEqual(x, y uint32) bool   { return x >= y }
func belowOrEqual(x, y uint32) bool   { return x <= y }
func below(x, y uint32) bool          { return x < y }

// An operation combines two registers.
type operation func(x, y uint32) uint32

func and(x, y uint32) uint32  { return x & y }
func or(x, y uint32) uint32   { return x | y }
func xor(x, y uint32) uint32  { return x ^ y }
func nand(x, y uint32) uint32 { return ^(x & y) }
func nor(x, y uint32) uint32  { return ^(x | y) }
func xnor(x, y uint32) uint32 { return ^(x ^ y) }

// pick returns x if is(x, y), else y.
func pick(is relation, x, y uint32) uint32 {
	if is(x, y) {
		return x
	}
	return y
}

func order(greater relation) operation {
	return func(x, y uint32) uint32 {
		switch {
		case greater(x, y):
			return bitGreater
		case x == y:
			return bitEqual
		}
		return bitLess
	}
}

func signedOrder(x, y uint32) uint32   { return order(greater)(x, y) }
func unsignedOrder(x, y uint32) uint32 { return order(above)(x, y) }

func absolute(x uint32) uint32 {
	if int32(x) < 0 {
		return -x
	}
	return x
}

// SAL and SAR are << and >> in C, on unsigned numbers; so SAR shifts in zeros, like
// SR0. For shifts by 32 and more, whose result C does not define, they do what GCC
// generates on x86.

func shiftLeft(x, n uint32) uint32  { return x << (n & 31) }
func shiftRight(x, n uint32) uint32 { return x >> (n & 31) }

// The others shift by one bit at a time (shift_register, vm_instructions.c). After 32
// and more, only the bits shifted in are left.

func fillLeft0(x, n uint32) uint32  { return x << n }
func fillRight0(x, n uint32) uint32 { return x >> n }
func fillLeft1(x, n uint32) uint32  { return ^(^x << n) }
func fillRight1(x, n uint32) uint32 { return ^(^x >> n) }

func rotateLeft(x, n uint32) uint32 { return bits.RotateLeft32(x, int(n&31)) }

// with returns flags with bit set or cleared.
func with(flags, bit uint32, on bool) uint32 {
	if on {
		return flags | bit
	}
	return flags &^ bit
}

// These relations set carry and borrow. They depend only on the operands, not on the
// incoming carry or borrow. SUB.BO and SUB.BIO treat the minuend as unsigned, and
// then check whether the difference and the subtrahend add up to it as signed
// numbers; so a negative minuend always borrows.

func signedCarry(b, c uint32) bool    { return (int64(int32(b))+int64(int32(c)))>>31 == 1 }
func unsignedCarry(b, c uint32) bool  { return b+c < b }
func signedBorrow(b, _ uint32) bool   { return int32(b) < 0 }
func unsignedBorrow(b, c uint32) bool { return b < c }

// add computes a = b + c. If in is set, it adds the carry of d; if carry is not nil,
// it sets the carry.
func add(in bool, carry relation) action {
	return func(k *core, o operands) error {
		b, c, flags := k.r[o.b], k.r[o.c], k.r[o.d]
		if carry != nil {
			k.r[o.d] = with(flags, bitCarry, carry(b, c))
		}
		k.r[o.a] = b + c
		if in && flags&bitCarry != 0 {
			k.r[o.a]++
		}
		return nil
	}
}

// subtract computes a = b - c. If in is set, it subtracts the borrow of d; if borrow
// is not nil, it sets the borrow.
func subtract(in bool, borrow relation) action {
	return func(k *core, o operands) error {
		b, c, flags := k.r[o.b], k.r[o.c], k.r[o.d]
		if borrow != nil {
			k.r[o.d] = with(flags, bitBorrow, borrow(b, c))
		}
		k.r[o.a] = b - c
		if in && flags&bitBorrow != 0 {
			k.r[o.a]--
		}
		return nil
	}
}

// signedProduct rounds the upper half toward zero.
func signedProduct(c, d uint32) (low, high uint32) {
	return c * d, uint32(int64(int32(c)) * int64(int32(d)) / (1 << 32))
}

func unsignedProduct(c, d uint32) (low, high uint32) {
	high, low = bits.Mul32(c, d)
	return low, high
}

// pair computes a, b = f(c, d).
func pair(f func(c, d uint32) (uint32, uint32)) action {
	return func(k *core, o operands) error {
		x, y := f(k.r[o.c], k.r[o.d])
		k.r[o.a] = x
		k.r[o.b] = y
		return nil
	}
}

// A division returns quotient and remainder. ok is false if it would trap.
type division func(x, y uint32) (quotient, remainder uint32, ok bool)

func signedQuotient(x, y uint32) (uint32, uint32, bool) {
	if y == 0 || x == 1<<31 && y == ^uint32(0) {
		return 0, 0, false
	}
	return uint32(int32(x) / int32(y)), uint32(int32(x) % int32(y)), true
}

func unsignedQuotient(x, y uint32) (uint32, uint32, bool) {
	if y == 0 {
		return 0, 0, false
	}
	return x / y, x % y, true
}

// dividePair computes a, b = f(c, d).
func dividePair(f division) action {
	return func(k *core, o operands) error {
		q, r, ok := f(k.r[o.c], k.r[o.d])
		if !ok {
			return &cpu.Fault{Kind: cpu.DivideError}
		}
		k.r[o.a] = q
		k.r[o.b] = r
		return nil
	}
}

func quotient(q, _ uint32) uint32  { return q }
func remainder(_, r uint32) uint32 { return r }

// divide computes a = of(f(b, c)).
func divide(of operation, f division) action {
	return func(k *core, o operands) error {
		q, r, ok := f(k.r[o.b], k.r[o.c])
		if !ok {
			return &cpu.Fault{Kind: cpu.DivideError}
		}
		k.r[o.a] = of(q, r)
		return nil
	}
}

// mux copies each bit of a from d where b is one, and from c where b is zero; with
// flip, it is the other way round.
func mux(flip uint32) action {
	return func(k *core, o operands) error {
		b := k.r[o.b] ^ flip
		k.r[o.a] = k.r[o.c]&^b | k.r[o.d]&b
		return nil
	}
}

// operate computes a = f(b, c).
func operate(f operation) action {
	return func(k *core, o operands) error {
		k.r[o.a] = f(k.r[o.b], k.r[o.c])
		return nil
	}
}

// immediate computes a = f(b, immediate).
func immediate(f operation) action {
	return func(k *core, o operands) error {
		k.r[o.a] = f(k.r[o.b], o.imm)
		return nil
	}
}

// shiftI computes a = f(a, immediate).
func shiftI(f operation) action {
	return func(k *core, o operands) error {
		k.r[o.a] = f(k.r[o.a], o.imm)
		return nil
	}
}

// unary computes a = f(b).
func unary(f func(b uint32) uint32) action {
	return func(k *core, o operands) error {
		k.r[o.a] = f(k.r[o.b])
		return nil
	}
}

// set computes a = f().
func set(f func(k *core) uint32) action {
	return func(k *core, o operands) error {
		k.r[o.a] = f(k)
		return nil
	}
}

// setIf sets b to the immediate if the test holds for a, else to zero.
func setIf(t test) action {
	return func(k *core, o operands) error {
		v := uint32(0)
		if t(k.r[o.a]) {
			v = o.imm
		}
		k.r[o.b] = v
		return nil
	}
}

func loadI(k *core, o operands) error {
	k.r[o.a] = o.imm
	return nil
}

func swap(k *core, o operands) error {
	k.r[o.a], k.r[o.b] = k.r[o.b], k.r[o.a]
	return nil
}

func move(k *core, o operands) error {
	k.r[o.a] = k.r[o.b]
	k.r[o.b] = 0
	return nil
}

func nop(*core, operands) error { return nil }

func halcode(k *core, o operands) error {
	k.r[call] = o.code
	return cpu.ErrSyscall
}

func halt(k *core, o operands) error {
	k.r[call] = halted
	return cpu.ErrSyscall
}
