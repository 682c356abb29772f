package knight

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

// left lists the instructions that translated code leaves to the executor.
const left = "ADD.CI ADD.CO ADD.CIO ADDU.CI ADDU.CO ADDU.CIO SUB.BI SUB.BO SUB.BIO SUBU.BI SUBU.BO SUBU.BIO" +
	" MULTIPLY MULTIPLYU DIVIDE DIVIDEU MUX NMUX SORT SORTU MULH MULUH MAX MAXU MIN MINU" +
	" NAND NOR XNOR MPQ LPQ CPQ BPQ SL0 SR0 SL1 SR1 ROL ROR ABS NABS NANDI NORI XNORI SL1I SR1I"

// Micro-operations and executor agree in every case of every instruction.
func TestLower(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var alone []string
	for i := range instructions {
		in := &instructions[i]
		if in.opcode == opHALCODE || in.opcode == opHALT {
			continue
		}
		for n := range each {
			p := &probe{}
			p.add(in, r)
			k := newCore(t, p.image...)
			for range 1 + 16 { // the jump, and registers
				noError(t, k.Step())
			}
			wasLeft, _, err := microtest.Step(k, k.mem)
			if err != nil {
				t.Fatalf("%s: % x: %v", in.name, p.cases[0].bytes, err)
			}
			if wasLeft && n == 0 {
				alone = append(alone, in.name)
			}
		}
	}
	want(t, "what is left", strings.Join(alone, " "), left)
}

// Instructions that trap are left to the executor; those that fault change nothing.
func TestLowerFaults(t *testing.T) {
	for name, code := range map[string][]byte{
		"DIV by 0":       {0x05, 0x00, 0xA0, 0x10},
		"DIV overflows":  {0x05, 0x00, 0xA0, 0x45},
		"MODU by 0":      {0x05, 0x00, 0xD0, 0x10},
		"POPR, load":     {0x09, 0x02, 0x80, 0x00},
		"POPR, store":    {0x09, 0x02, 0x80, 0x03},
		"RET":            {0x0D, 0x01, 0x00, 0x13},
		"CALL":           {0x09, 0x01, 0x01, 0x02},
		"STORE R0 R2":    {0xE1, 0x00, 0x20, 0x02, 0x00, 0x00},
		"no instruction": {0x02, 0x00, 0x00, 0x00},
	} {
		k := newCore(t, code...)
		k.r = [17]uint32{0, 7, 0x1000, 0x1004, 1 << 31, ^uint32(0)}
		wasLeft, fault, err := microtest.Step(k, k.mem)
		require.NoError(t, err, name)
		assert.True(t, wasLeft, name)
		assert.ErrorAs(t, fault, new(*cpu.Fault), name)
	}
}

// A HALCODE is its own number. The operations after it do what SetResult does.
func TestLowerSyscalls(t *testing.T) {
	for _, number := range []uint32{0x00, sysClose, sysUname, sysGetcwd, sysChmod, sysExit, 0x100000} {
		code := []byte{0x42, byte(number >> 16), byte(number >> 8), byte(number)}
		for _, result := range []int64{0, 12, -1, -14} {
			k := newCore(t, code...)
			k.r[0] = 5
			in, ok := lower(0, code, k.mem.Fetch)
			want(t, "ok", ok, true)
			want(t, "flow", in.Flow, micro.Syscall)
			regs := make([]uint64, target.Regs)
			regs[0] = 5
			// The temporaries must survive the call: execute everything at once, and
			// set the result in between.
			ops := slices.Concat(in.Ops, []micro.Op{{Code: micro.Set, To: target.Result, A: micro.K(uint64(result))}}, in.After)
			microtest.Do(target, micro.Instruction{Length: 4, Ops: ops}, regs, nil, k.mem)
			want(t, "error", k.Step(), cpu.ErrSyscall)
			k.SetResult(result)
			want(t, "R0", regs[0], k.Register(0))
			want(t, "HALCODE", regs[call], uint64(number))
			want(t, "HALCODE", k.Register(call), uint64(number))
		}
	}
	k := newCore(t, 0xFF, 0xFF, 0xFF, 0xFF)
	in, ok := lower(0, []byte{0xFF, 0xFF, 0xFF, 0xFF}, k.mem.Fetch)
	want(t, "HALT", ok && in.Flow == micro.Stop, true)
}
