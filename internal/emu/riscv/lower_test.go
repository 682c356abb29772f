package riscv_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
	"stage0/internal/emu/riscv"
)

// Addresses in the tests of single instructions: one page each of code, writable
// data, and read-only data.
const (
	codeAt   = 0x10000
	dataAt   = codeAt + cpu.PageSize
	fixedAt  = dataAt + cpu.PageSize
	stackTop = 0x7FFF0000
)

// newCPU returns a processor at codeAt, with random data in memory.
func newCPU(t *testing.T, bits int, r *rand.Rand) (cpu.CPU, *cpu.Memory) {
	t.Helper()
	mem := cpu.NewMemory(cpu.Layout{
		Base:     codeAt,
		Perms:    []cpu.Perm{cpu.Read | cpu.Write | cpu.Exec, cpu.Read | cpu.Write, cpu.Read},
		MaxImage: 1 << 20, StackTop: stackTop, StackSize: cpu.PageSize,
	})
	var data []byte
	for range 2 * cpu.PageSize / 8 {
		data = binary.LittleEndian.AppendUint64(data, r.Uint64())
	}
	require.NoError(t, mem.Init(dataAt, data))
	c := map[int]func(*cpu.Memory) cpu.CPU{32: riscv.New32, 64: riscv.New64}[bits](mem)
	return c, mem
}

// A form is an instruction with random operands.
type form struct {
	name string
	emit func(a *assembler, r *rand.Rand)

	// The executor may have to execute it, even without a fault.
	left bool
}

// forms returns all instructions of a processor.
func forms(bits int) []form {
	var all []form
	add := func(rows []instruction, emit func(a *assembler, in instruction, r *rand.Rand)) {
		for _, in := range rows {
			if bits == 64 || !in.only64 {
				all = append(all, form{in.name, func(a *assembler, r *rand.Rand) { emit(a, in, r) }, in.divides()})
			}
		}
	}
	reg := func(r *rand.Rand) int { return r.IntN(32) }
	add(registerOps, func(a *assembler, in instruction, r *rand.Rand) { a.r(in.bits, reg(r), reg(r), reg(r)) })
	add(constantOps, func(a *assembler, in instruction, r *rand.Rand) {
		imm := r.IntN(4096) - 2048
		if in.shift > 0 {
			imm = r.IntN(min(1<<in.shift, a.bits))
		}
		a.i(in.bits, reg(r), reg(r), imm)
	})
	add(branches, func(a *assembler, in instruction, r *rand.Rand) {
		a.b(in.bits, reg(r), reg(r), 2*(r.IntN(1<<12)-1<<11))
	})
	add(loads, func(a *assembler, in instruction, r *rand.Rand) { a.i(in.bits, reg(r), reg(r), r.IntN(64)-32) })
	add(stores, func(a *assembler, in instruction, r *rand.Rand) { a.s(in.bits, reg(r), reg(r), r.IntN(64)-32) })
	add([]instruction{{name: "lui", bits: 0x37}, {name: "auipc", bits: 0x17}},
		func(a *assembler, in instruction, r *rand.Rand) {
			a.emit(in.bits | uint32(reg(r))<<7 | r.Uint32()&^0xFFF)
		})
	add([]instruction{{name: "jal"}}, func(a *assembler, in instruction, r *rand.Rand) {
		a.jal(reg(r)&r.IntN(32), 2*(r.IntN(1<<20)-1<<19))
	})
	add([]instruction{{name: "jalr", bits: 0x67}}, func(a *assembler, in instruction, r *rand.Rand) {
		a.i(in.bits, reg(r)&r.IntN(32), reg(r), r.IntN(64)-32)
	})
	add([]instruction{{name: "fence", bits: 0x0FF0000F}, {name: "ecall", bits: 0x73}},
		func(a *assembler, in instruction, _ *rand.Rand) { a.emit(in.bits) })
	return all
}

// TestMicroOperations compares the micro-operations of instructions with the
// executor, which other tests compare with qemu.
func TestMicroOperations(t *testing.T) {
	rounds := microtest.Trials(1000)
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		c, mem := newCPU(t, a.bits, r)
		for _, f := range forms(a.bits) {
			t.Run(f.name, func(t *testing.T) {
				done := 0
				for range rounds {
					a := &assembler{bits: a.bits}
					f.emit(a, r)
					require.NoError(t, mem.Init(codeAt, a.bytes()))
					setRegisters(c, r)
					left, fault, err := microtest.Step(c, mem)
					require.NoError(t, err, "%08x", a.code)
					if !left {
						done++
					} else if fault == nil {
						require.True(t, f.left, "%08x: left to the executor", a.code)
					}
				}
				assert.GreaterOrEqual(t, done, rounds/10, "not left to the executor")
			})
		}
	})
}

// TestWords does the same with random words, most of which are not instructions.
func TestWords(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		c, mem := newCPU(t, a.bits, r)
		for range microtest.Trials(10000) {
			w := r.Uint32() | 3
			require.NoError(t, mem.Init(codeAt, binary.LittleEndian.AppendUint32(nil, w)))
			setRegisters(c, r)
			_, undefined := c.Length()
			left, fault, err := microtest.Step(c, mem)
			require.NoError(t, err, "%08x", w)
			if undefined != nil {
				require.True(t, left, "%08x: not left to the executor", w)
				require.Equal(t, undefined, fault, "%08x", w)
			}
		}
	})
}

// TestFlows tests where instructions lead according to their micro-operations.
func TestFlows(t *testing.T) {
	tests := []struct {
		name string
		emit func(a *assembler)
		flow micro.Flow
		to   micro.Arg
	}{
		{"addi", func(a *assembler) { a.addi(t0, t0, 1) }, micro.Next, micro.Arg{}},
		{"jal zero", func(a *assembler) { a.jal(zero, -8) }, micro.Jump, micro.K(codeAt - 8)},
		{"jal ra", func(a *assembler) { a.jal(ra, 8) }, micro.Call, micro.K(codeAt + 8)},
		{"jal t0", func(a *assembler) { a.jal(t0, 8) }, micro.Call, micro.K(codeAt + 8)},
		{"jal, misaligned", func(a *assembler) { a.jal(ra, 6) }, micro.Stop, micro.Arg{}},
		{"ret", func(a *assembler) { a.i(0x67, zero, ra, 0) }, micro.Return, micro.R(micro.T0)},
		{"jalr zero, 4(ra)", func(a *assembler) { a.i(0x67, zero, ra, 4) }, micro.Jump, micro.R(micro.T0)},
		{"jalr zero, 0(t0)", func(a *assembler) { a.i(0x67, zero, t0, 0) }, micro.Jump, micro.R(micro.T0)},
		{"jalr ra, 0(ra)", func(a *assembler) { a.i(0x67, ra, ra, 0) }, micro.Call, micro.R(micro.T0)},
		{"jalr t1, 0(t0)", func(a *assembler) { a.i(0x67, t1, t0, 0) }, micro.Call, micro.R(micro.T0)},
		{"beq", func(a *assembler) { a.b(0x63, t0, t1, 16) }, micro.Branch, micro.K(codeAt + 16)},
		{"beq, misaligned", func(a *assembler) { a.b(0x63, t0, t1, 18) }, micro.Next, micro.Arg{}},
		{"ecall", func(a *assembler) { a.emit(0x73) }, micro.Syscall, micro.Arg{}},
		{"ebreak", func(a *assembler) { a.emit(0x00100073) }, micro.Stop, micro.Arg{}},
	}
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		c, mem := newCPU(t, a.bits, r)
		for _, tt := range tests {
			a := &assembler{bits: a.bits}
			tt.emit(a)
			in, ok := c.Target().Lower(codeAt, a.bytes(), mem.Fetch)
			assert.True(t, ok, tt.name)
			assert.False(t, in.Step, tt.name)
			assert.Equal(t, tt.flow, in.Flow, tt.name)
			assert.Equal(t, tt.to, in.To, tt.name)
		}
	})
}

// divides reports whether it is a division. Divisions by zero and minus one are left
// to the executor.
func (in instruction) divides() bool { return in.bits&0xFE004077 == 0x02004033 }

// setRegisters sets PC to codeAt and the registers to numbers and addresses.
func setRegisters(c cpu.CPU, r *rand.Rand) {
	c.SetPC(codeAt)
	for reg := range micro.Reg(32) {
		v := operand(r)
		switch r.IntN(8) {
		case 0, 1, 2:
			v = dataAt + r.Uint64N(cpu.PageSize)
		case 3:
			v = fixedAt + r.Uint64N(cpu.PageSize)
		case 4:
			v = stackTop - r.Uint64N(cpu.PageSize)
		}
		c.SetRegister(reg, v)
	}
}
