package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/emu/micro"
)

// TestLostBy tests instructions that read flags, set them, and preserve some of them.
func TestLostBy(t *testing.T) {
	const t0, t1, all = micro.T0, micro.T0 + 1, micro.AllFlags
	r, k := micro.R, micro.K
	condition := func(c micro.Cond) micro.Op { return micro.Op{Code: micro.Condition, To: t0, Cond: c} }
	set := micro.Op{Code: micro.SetFlags, Kind: micro.Logic, C: r(1)}
	increment := micro.Op{Code: micro.SetFlags, Kind: micro.Increment, A: r(1), B: r(t0), C: r(t1)}
	for _, test := range []struct {
		name  string
		in    micro.Instruction
		lost  uint64
		after uint64
		ok    bool
	}{
		{"nothing", micro.Instruction{Ops: []micro.Op{{Code: micro.Set, To: 1, A: k(1)}}}, all, all, true},
		{"sets them", micro.Instruction{Ops: []micro.Op{set}}, all, 0, true},
		{"may set them", micro.Instruction{Ops: []micro.Op{{Code: micro.Guard, A: r(2)}, set}}, all, all, true},
		{"keeps the carry flag", micro.Instruction{Ops: []micro.Op{condition(micro.IfC), increment}}, all, micro.FlagC, true},
		{"branches", micro.Instruction{Ops: []micro.Op{condition(micro.IfZ)}, Flow: micro.Branch, If: r(t0)}, all, all, false},
		{"branches by the carry flag", micro.Instruction{Ops: []micro.Op{condition(micro.IfNotC)}, If: r(t0)}, micro.FlagC, micro.FlagC, false},
		{"branches by another", micro.Instruction{Ops: []micro.Op{condition(micro.IfLessOrZ)}, If: r(t0)}, micro.FlagC, micro.FlagC, true},
		{"computes with one", micro.Instruction{Ops: []micro.Op{condition(micro.IfC), {Code: micro.Add, To: 1, A: r(1), B: r(t0)}, set}}, all, all, false},
		{"reads all", micro.Instruction{Ops: []micro.Op{{Code: micro.FlagsWord, To: 1}}}, micro.FlagP, micro.FlagP, false},
		{"calls the system", micro.Instruction{Ops: []micro.Op{{Code: micro.FlagsWord, To: 11}}, Flow: micro.Syscall}, all, all, true},
		{"left to the executor", micro.Instruction{Step: true}, micro.FlagP, micro.FlagP, false},
	} {
		after, ok := lostBy(&test.in, test.lost)
		assert.Equal(t, test.ok, ok, test.name)
		if test.ok {
			assert.Equal(t, test.after, after, test.name)
		}
	}
}
