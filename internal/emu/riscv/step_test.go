package riscv_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFaults tests instructions that cannot be executed: they change nothing, and PC
// stays at them. t0 is the address of read-only data, t1 is 0x12346.
func TestFaults(t *testing.T) {
	type test struct {
		name string
		emit func(a *assembler)
		want string
	}
	common := []test{
		{"no instruction", func(a *assembler) { a.emit(0xFFFFFFFF) }, "0x10000: ff ff ff ff: unknown instruction"},
		{"zeros", func(a *assembler) { a.emit(0) }, "0x10000: 00 00 00 00: unknown instruction"},
		{"ebreak", func(a *assembler) { a.emit(0x00100073) }, "0x10000: 73 00 10 00: breakpoint"},
		{"lw", func(a *assembler) { a.i(0x2003, t2, zero, 16) }, "0x10000: 83 23 00 01: load from 0x10 is not allowed"},
		{"lb zero", func(a *assembler) { a.i(0x3, zero, zero, 16) }, "0x10000: 03 00 00 01: load from 0x10 is not allowed"},
		{"sb", func(a *assembler) { a.s(0x23, t0, t1, 1) }, "0x10000: a3 80 62 00: store to 0x12001 is not allowed"},
		{"jal", func(a *assembler) { a.jal(ra, 6) }, "0x10006: jump to an address without code"},
		{"jalr", func(a *assembler) { a.i(0x67, t1, t1, 1) }, "0x12346: jump to an address without code"},
		{"beq", func(a *assembler) { a.b(0x63, t1, t1, -6) }, "0xfffa: jump to an address without code"},
	}
	only32 := []test{
		{"ld", func(a *assembler) { a.i(0x3003, t2, t0, 0) }, "0x10000: 83 b3 02 00: unknown instruction"},
		{"slli by 32", func(a *assembler) { a.i(0x1013, t2, t0, 32) }, "0x10000: 93 93 02 02: unknown instruction"},
		{"addw", func(a *assembler) { a.r(0x3B, t2, t0, t1) }, "0x10000: bb 83 62 00: unknown instruction"},
	}
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		tests := common
		if a.bits == 32 {
			tests = slices.Concat(common, only32)
		}
		for _, tt := range tests {
			c, mem := newCPU(t, a.bits, r)
			c.SetPC(codeAt)
			c.SetRegister(t0, fixedAt)
			c.SetRegister(t1, 0x12346)
			a := &assembler{bits: a.bits}
			tt.emit(a)
			require.NoError(t, mem.Init(codeAt, a.bytes()))
			before := c.Registers(nil)
			assert.EqualError(t, c.Step(), tt.want, tt.name)
			assert.EqualValues(t, codeAt, c.PC(), tt.name)
			assert.Equal(t, before, c.Registers(nil), tt.name)
		}
	})
}

// TestFetch tests addresses without an instruction.
func TestFetch(t *testing.T) {
	both(t, func(t *testing.T, a *assembler, r *rand.Rand) {
		for pc, want := range map[uint64]string{
			0:          "0x0: jump to an address without code",
			codeAt + 2: "0x10002: jump to an address without code",
			dataAt:     "0x11000: jump to an address without code",
		} {
			c, mem := newCPU(t, a.bits, r)
			c.SetPC(pc)
			assert.EqualError(t, c.Step(), want)
			assert.Equal(t, pc, c.PC())
			_, err := c.Length()
			assert.EqualError(t, err, want)
			_, ok := c.Target().Lower(pc, mem.Fetch(pc, 4), mem.Fetch)
			assert.False(t, ok, "%#x", pc)
		}
	})
}
