package microtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

const dataAt = 0x1000

// target is a processor with four registers.
func target(bits int) *micro.Target {
	return &micro.Target{Bits: bits, Regs: 4, FlagsWord: (*micro.Flags).All}
}

// data maps a page that contains the bytes 0x81, 0x82 and so on, and a page that is
// not writable.
func data(t *testing.T) *cpu.Memory {
	t.Helper()
	mem := cpu.NewMemory(cpu.Layout{Base: dataAt, Perms: []cpu.Perm{cpu.Read | cpu.Write, cpu.Read}})
	require.NoError(t, mem.Init(dataAt, []byte{0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88}))
	return mem
}

// TestDo tests the result of each operation, for words of 32 and 64 bits. Register 1
// is -7, register 2 is 3, and the flags are those of 1-2.
func TestDo(t *testing.T) {
	const to, a, b = micro.Reg(3), micro.Reg(1), micro.Reg(2)
	op := func(code micro.Code) micro.Op { return micro.Op{Code: code, A: micro.R(a), B: micro.R(b)} }
	sized := func(code micro.Code, size uint8, at uint64) micro.Op {
		return micro.Op{Code: code, Size: size, A: micro.K(at)}
	}
	tests := []struct {
		op             micro.Op
		want32, want64 uint64
	}{
		{micro.Op{Code: micro.Set, A: micro.R(a).Plus(1)}, 0xFFFFFFFA, 0xFFFFFFFFFFFFFFFA},
		{op(micro.Add), 0xFFFFFFFC, 0xFFFFFFFFFFFFFFFC},
		{op(micro.Sub), 0xFFFFFFF6, 0xFFFFFFFFFFFFFFF6},
		{op(micro.Mul), 0xFFFFFFEB, 0xFFFFFFFFFFFFFFEB},
		{op(micro.MulHighU), 2, 2},
		{op(micro.MulHighS), 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF},
		{op(micro.DivU), 0x55555553, 0x5555555555555553},
		{op(micro.DivS), 0xFFFFFFFE, 0xFFFFFFFFFFFFFFFE},
		{op(micro.RemU), 0, 0},
		{op(micro.RemS), 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF},
		{op(micro.And), 1, 1},
		{op(micro.Or), 0xFFFFFFFB, 0xFFFFFFFFFFFFFFFB},
		{op(micro.Xor), 0xFFFFFFFA, 0xFFFFFFFFFFFFFFFA},
		{op(micro.Shl), 0xFFFFFFC8, 0xFFFFFFFFFFFFFFC8},
		{op(micro.ShrU), 0x1FFFFFFF, 0x1FFFFFFFFFFFFFFF},
		{op(micro.ShrS), 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF},
		{op(micro.Equal), 0, 0},
		{op(micro.NotEqual), 1, 1},
		{op(micro.LessU), 0, 0},
		{op(micro.LessS), 1, 1},
		{op(micro.LessEqualU), 0, 0},
		{op(micro.LessEqualS), 1, 1},
		{op(micro.InsertByte), 0xF9, 0xF9},
		{sized(micro.ZeroExtend, 2, 0x12348765), 0x8765, 0x8765},
		{sized(micro.SignExtend, 2, 0x12348765), 0xFFFF8765, 0xFFFFFFFFFFFF8765},
		{sized(micro.SignExtend, 4, 0x87654321), 0x87654321, 0xFFFFFFFF87654321},
		{micro.Op{Code: micro.Select, A: micro.K(2), B: micro.K(5), C: micro.K(6)}, 5, 5},
		{micro.Op{Code: micro.Select, A: micro.K(0), B: micro.K(5), C: micro.K(6)}, 6, 6},
		{sized(micro.Load, 2, dataAt), 0x8281, 0x8281},
		{sized(micro.LoadSigned, 2, dataAt), 0xFFFF8281, 0xFFFFFFFFFFFF8281},
		{micro.Op{Code: micro.Condition, Cond: micro.IfC}, 1, 1},
		{micro.Op{Code: micro.Condition, Cond: micro.IfNotLess}, 0, 0},
		{micro.Op{Code: micro.FlagsWord}, 0x95, 0x95}, // N, A, P and C
	}
	for _, tt := range tests {
		for bits, want := range map[int]uint64{32: tt.want32, 64: tt.want64} {
			tt.op.To = to
			minus := zeroExtend(^uint64(6), bits)
			regs := []uint64{0, minus, 3, 0}
			flags := micro.Flags{Kind: micro.Difference, Size: 4, A: 1, B: 2, R: 0xFFFFFFFF}
			in := micro.Instruction{PC: 0x100, Length: 2, Ops: []micro.Op{tt.op}}
			next, left := Do(target(bits), in, regs, &flags, data(t))
			assert.False(t, left, "%d bits, %+v", bits, tt.op)
			assert.EqualValues(t, 0x102, next, "%d bits, %+v", bits, tt.op)
			assert.Equal(t, want, regs[to], "%d bits, %+v", bits, tt.op)
		}
	}
}

// TestLeft tests instructions that are left to the executor after some of their
// operations, which must have no effect.
func TestLeft(t *testing.T) {
	store := func(at uint64) micro.Op { return micro.Op{Code: micro.Store, Size: 2, A: micro.K(at), B: micro.K(0)} }
	set := micro.Op{Code: micro.Set, To: micro.T0, A: micro.K(1)}
	tests := map[string]micro.Instruction{
		"step":  {Step: true},
		"stop":  {Flow: micro.Stop},
		"guard": {Ops: []micro.Op{set, {Code: micro.Guard, A: micro.R(micro.T0).Plus(^uint64(0))}}},
		"load":  {Ops: []micro.Op{{Code: micro.Load, Size: 1, To: 1, A: micro.K(0)}}},
		"store": {Ops: []micro.Op{store(dataAt), store(dataAt + cpu.PageSize - 1)}},
	}
	for name, in := range tests {
		in.PC, in.Length = 0x100, 2
		mem, regs := data(t), make([]uint64, 4)
		next, left := Do(target(64), in, regs, nil, mem)
		assert.True(t, left, name)
		assert.Equal(t, in.PC, next, name)
		v, _ := mem.Load(dataAt, 1)
		assert.EqualValues(t, 0x81, v, name)
		assert.Zero(t, regs[1], name)
	}
}

// TestRules tests instructions that break a rule.
func TestRules(t *testing.T) {
	var (
		set   = micro.Op{Code: micro.Set, To: 1, A: micro.K(1)}
		flags = micro.Op{Code: micro.SetFlags, Kind: micro.Logic, Size: 1, C: micro.K(1)}
		guard = micro.Op{Code: micro.Guard, A: micro.K(1)}
		load  = micro.Op{Code: micro.Load, Size: 1, To: micro.T0, A: micro.K(dataAt)}
		store = micro.Op{Code: micro.Store, Size: 1, A: micro.K(dataAt), B: micro.K(1)}
		carry = micro.Op{Code: micro.SetFlags, Kind: micro.Sum, Size: 1, A: micro.K(1), B: micro.K(1), C: micro.K(3)}
		wide  = micro.Op{Code: micro.SetFlags, Kind: micro.Logic, Size: 1, C: micro.K(0x100)}
	)
	tests := []struct {
		ops  []micro.Op
		want string
	}{
		{[]micro.Op{set, guard}, "a guard after something is set or stored"},
		{[]micro.Op{store, guard}, "a guard after something is set or stored"},
		{[]micro.Op{set, load}, "an access to memory after something is set"},
		{[]micro.Op{flags, store}, "an access to memory after something is set"},
		{[]micro.Op{store, load}, "a load after a store"},
		{[]micro.Op{wide}, "0x100 of flags of 1 bytes"},
		{[]micro.Op{carry}, "flags of 0x1 and 0x1 with the result 0x3"},
		{[]micro.Op{{Code: micro.Set, A: micro.R(micro.T0)}}, "register 64 has no value"},
		{[]micro.Op{{Code: micro.Set, To: 4}}, "there is no register 4"},
		{[]micro.Op{{Code: micro.Set, To: micro.T0 + 32}}, "there is no temporary 96"},
		{[]micro.Op{{Code: micro.Shl, A: micro.K(1), B: micro.K(32)}}, "a shift by 32"},
		{[]micro.Op{{Code: micro.DivU, A: micro.K(1), B: micro.K(0)}}, "a division by zero"},
		{[]micro.Op{{Code: micro.RemS, A: micro.K(1 << 31), B: micro.K(^uint64(0))}}, "a division that overflows"},
		{[]micro.Op{{Code: micro.Load, Size: 8, A: micro.K(dataAt)}}, "8 bytes of memory"},
	}
	for _, tt := range tests {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasSuffix(got, ": "+tt.want) {
					t.Errorf("%s, want %s", got, tt.want)
				}
			}()
			Do(target(32), micro.Instruction{Ops: tt.ops}, make([]uint64, 4), &micro.Flags{}, data(t))
		}()
	}
}
