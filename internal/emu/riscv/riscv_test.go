package riscv_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/internal/emu/emutest"
	"stage0/internal/emu/micro/microtest"
)

const machine = 0xF3

var references = map[int]string{32: "qemu-riscv32-static", 64: "qemu-riscv64-static"}

// agree runs a program, consisting of code followed by data, translated, in single
// steps, and in qemu, and compares the outputs.
func agree(t *testing.T, bits int, code, data []byte, size int) {
	t.Helper()
	file := emutest.ELF(machine, bits, append(code, data...), size)
	ours := emutest.RunBoth(t, file)
	theirs := emutest.Reference(t, references[bits], file)
	require.NotEmpty(t, ours.Stdout)
	require.Equal(t, len(theirs), len(ours.Stdout))
	for i := 0; i < len(theirs); i += bits / 8 {
		if got, want := ours.Stdout[i:i+bits/8], theirs[i:i+bits/8]; got != want {
			t.Fatalf("result %d is % x, want % x", i/(bits/8), got, want)
		}
	}
}

// both runs a test for both sizes of registers.
func both(t *testing.T, test func(t *testing.T, a *assembler, r *rand.Rand)) {
	for _, bits := range []int{32, 64} {
		t.Run(fmt.Sprint("riscv", bits), func(t *testing.T) {
			test(t, &assembler{bits: bits}, rand.New(rand.NewPCG(1, uint64(bits))))
		})
	}
}

// layout of the test programs, relative to the start of the code.
const (
	operandsAt = 0x10000
	resultsAt  = 0x40000
)

// pairs returns the number of pairs of operands.
func pairs() int { return microtest.Trials(2000) }

// operands returns pairs of operands.
func operands(a *assembler, r *rand.Rand) []byte {
	var b []byte
	for range 2 * pairs() {
		if a.bits == 64 {
			b = binary.LittleEndian.AppendUint64(b, operand(r))
		} else {
			b = binary.LittleEndian.AppendUint32(b, uint32(operand(r)))
		}
	}
	return b
}

// pad returns the code, padded up to the operands.
func pad(t *testing.T, a *assembler) []byte {
	code := a.bytes()
	if len(code) > operandsAt {
		t.Fatalf("%d bytes of code", len(code))
	}
	return append(code, make([]byte, operandsAt-len(code))...)
}

// loop runs body for every pair of operands, in t0 and t1. body leaves a result in
// t2.
func (a *assembler) loop(body func()) {
	a.address(gp, operandsAt)
	a.address(tp, resultsAt)
	a.constant(s1, pairs())
	top := len(a.code)
	a.load(t0, gp, 0)
	a.load(t1, gp, a.word())
	body()
	a.store(tp, t2, 0)
	a.addi(gp, gp, 2*a.word())
	a.addi(tp, tp, a.word())
	a.addi(s1, s1, -1)
	a.b(0x1063, s1, zero, 4*(top-len(a.code)))
}

func TestRegisterInstructions(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		data := operands(a, r)
		for _, in := range registerOps {
			if in.only64 && a.bits == 32 {
				continue
			}
			t.Run(in.name, func(t *testing.T) {
				a := &assembler{bits: a.bits}
				a.loop(func() { a.r(in.bits, t2, t0, t1) })
				a.print(resultsAt, pairs()*a.word())
				agree(t, a.bits, pad(t, a), data, 0x60000)
			})
		}
	})
}

func TestConstantInstructions(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		data := operands(a, r)
		for _, in := range constantOps {
			if in.only64 && a.bits == 32 {
				continue
			}
			t.Run(in.name, func(t *testing.T) {
				a := &assembler{bits: a.bits}
				a.loop(func() {
					a.addi(t2, zero, 0)
					for range 16 {
						imm := r.IntN(4096) - 2048
						if in.shift > 0 {
							imm = r.IntN(min(1<<in.shift, a.bits))
						}
						a.i(in.bits, t3, t0, imm)
						a.r(0x33, t2, t2, t3)
						a.i(0x1013, t3, t2, 1)
						a.r(0x4033, t2, t2, t3)
					}
				})
				a.print(resultsAt, pairs()*a.word())
				agree(t, a.bits, pad(t, a), data, 0x60000)
			})
		}
	})
}

func TestBranches(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		data := operands(a, r)
		a.loop(func() {
			a.addi(t2, zero, 0)
			for i, in := range branches {
				a.b(in.bits, t0, t1, 8)
				a.i(0x6013, t2, t2, 1<<i) // ori
				a.b(in.bits, t0, t0, 8)
				a.jal(zero, 8) // skips every other one
				a.i(0x4013, t2, t2, 64<<i)
				a.b(in.bits, t0, zero, 8)
				a.jal(t4, 8)
				a.addi(t2, t2, 3)
			}
		})
		a.print(resultsAt, pairs()*a.word())
		agree(t, a.bits, pad(t, a), data, 0x60000)
	})
}

// TestAddresses tests upper immediates, and jumps to addresses in registers, whose
// lowest bit is ignored.
func TestAddresses(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		const rounds = 500
		a.address(tp, resultsAt)
		for range rounds {
			upper := r.Uint32() &^ 0xFFF
			a.emit(0x37 | t0<<7 | upper) // lui
			a.emit(0x17 | t1<<7 | upper) // auipc
			a.emit(0x17 | t2<<7)
			low := r.IntN(2048) - 1024
			a.addi(t2, t2, 16-low+r.IntN(2))
			a.i(0x67, t2, t2, low) // jalr
			a.addi(t0, t0, 1)      // which the jump skips
			for i, reg := range []int{t0, t1, t2} {
				a.store(tp, reg, i*a.word())
			}
			a.addi(tp, tp, 3*a.word())
		}
		a.print(resultsAt, 3*rounds*a.word())
		agree(t, a.bits, pad(t, a), nil, 0x60000)
	})
}

func TestLoadsAndStores(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		data := operands(a, r)
		for off := 8; off <= 256; off += 4 { // loads the same value everywhere
			a.s(0x2023, sp, zero, -off)
		}
		a.loop(func() {
			a.addi(t2, zero, 0)
			for _, base := range []int{sp, s2} {
				a.address(s2, resultsAt+0x10000)
				for _, st := range stores {
					for _, ld := range loads {
						if a.bits == 32 && (st.only64 || ld.only64) {
							continue
						}
						at := 16 + r.IntN(64) // not aligned
						a.store(base, t0, -8)
						a.s(st.bits, base, t1, -at)
						a.i(ld.bits, t3, base, -at-r.IntN(3)+1)
						a.r(0x4033, t2, t2, t3)
						a.i(0x1013, t3, t2, 3)
						a.r(0x33, t2, t2, t3)
					}
				}
			}
		})
		a.print(resultsAt, pairs()*a.word())
		agree(t, a.bits, pad(t, a), data, 0x60000)
	})
}

// TestSequences runs sequences that compilers generate, in random order and with
// random registers.
func TestSequences(t *testing.T) {
	registers := []int{a0, a1, a2, t0, t1, t2, s2, t3, t4, zero}
	both(t, func(t *testing.T, _ *assembler, r *rand.Rand) {
		for i := range microtest.Trials(40) {
			bits := 32
			if t.Name() == "TestSequences/riscv64" {
				bits = 64
			}
			a := &assembler{bits: bits}
			word := a.word()
			a.address(gp, operandsAt)
			for _, reg := range registers {
				a.load(reg, gp, word*r.IntN(100))
			}
			a.addi(sp, sp, -64*word)
			for off := range 64 {
				a.store(sp, registers[r.IntN(len(registers))], off*word)
			}
			a.addi(fp, sp, 0)
			pick := func() int { return registers[r.IntN(len(registers))] }
			depth := 0
			for range 300 {
				x := pick()
				y := registers[r.IntN(len(registers)-1)] // not zero
				switch r.IntN(9) {
				case 0, 1:
					a.push(x)
					depth++
				case 2, 3:
					if depth > 0 {
						a.pop(x)
						depth--
					}
				case 4: // a local variable
					a.addi(y, fp, word*r.IntN(64))
					a.load(y, y, 0)
				case 5: // a global one
					a.address(y, operandsAt+word*r.IntN(100))
					if r.IntN(4) > 0 {
						a.load(y, y, 0)
					}
					a.load(x, gp, 0)
				case 6:
					a.b(branches[r.IntN(2)].bits, x, pick(), 8)
					a.jal(zero, 12)
					a.addi(x, x, 5)
					a.push(x)
					a.pop(pick())
				case 7:
					in := registerOps[r.IntN(10)]
					a.r(in.bits, x, pick(), pick())
				case 8:
					a.addi(x, pick(), r.IntN(100))
				}
			}
			a.address(tp, resultsAt)
			for j, reg := range registers {
				a.store(tp, reg, j*word)
			}
			a.print(resultsAt, len(registers)*word)
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				agree(t, bits, pad(t, a), operands(a, r), 0x60000)
			})
		}
	})
}
