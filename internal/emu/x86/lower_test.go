package x86

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	"stage0/internal/emu/micro/microtest"
)

// Addresses in the tests.
const (
	codeAt   = 0x400000
	dataAt   = codeAt + cpu.PageSize
	stackTop = 0x7ff00000
)

// A form is an opcode, with ModRM's middle field if that belongs to the opcode.
type form struct {
	opcode []byte
	group  int // -1 if the middle field is an operand
}

// forms returns all forms in the opcode maps.
func forms() []form {
	var list []form
	for op := range 512 {
		row, opcode := oneByte[op&255], []byte{byte(op)}
		if op > 255 {
			row, opcode = twoByte[op&255], []byte{0x0F, byte(op)}
		}
		switch {
		case row.kind == undefined:
		case row.kind < groups:
			list = append(list, form{opcode, -1})
		default:
			for i, kind := range groupTable[row.kind-groups] {
				if kind != undefined {
					list = append(list, form{opcode, i})
				}
			}
		}
	}
	return list
}

// text returns an instruction of a form with random operands, followed by random
// bytes.
func (f form) text(rnd *rand.Rand, amd64 bool) []byte {
	var text []byte
	if rnd.IntN(4) == 0 {
		text = append(text, 0x66)
	}
	if amd64 && rnd.IntN(4) == 0 {
		text = append(text, 0x67)
	}
	if amd64 && rnd.IntN(2) == 0 {
		text = append(text, 0x40|byte(rnd.IntN(16)))
	}
	text = append(text, f.opcode...)
	modrm := byte(rnd.Uint32())
	if rnd.IntN(8) == 0 {
		modrm = modrm&^0xC7 | 0x05 // a constant or relative address
	}
	if f.group >= 0 {
		modrm = modrm&^0x38 | byte(f.group)<<3
	}
	text = append(text, modrm)
	switch rnd.IntN(4) {
	case 0: // any displacement or immediate
		text = append(text, byte(rnd.Uint32()))
		text = binary.LittleEndian.AppendUint64(text, rnd.Uint64())
	case 1: // an address, possibly after ModRM
		text = binary.LittleEndian.AppendUint64(text[:len(text)-rnd.IntN(2)], dataAt+uint64(rnd.IntN(cpu.PageSize)))
	case 2: // a small displacement or immediate, possibly after SIB
		text = append(text, byte(rnd.Uint32()))
	}
	for range 4 {
		text = binary.LittleEndian.AppendUint32(text, uint32(rnd.IntN(256)-128))
	}
	return text
}

// numbers are register values that are used besides pointers and random numbers.
var numbers = []uint64{0, 1, 2, 31, 32, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
	0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFF80, 0xFFFFFFFFFFFFFFFF}

// number returns a number; pointer returns a number that may be an address.
func number(rnd *rand.Rand) uint64 {
	if rnd.IntN(2) == 0 {
		return rnd.Uint64() >> (8 * rnd.IntN(8))
	}
	return numbers[rnd.IntN(len(numbers))]
}

func pointer(rnd *rand.Rand) uint64 {
	near := uint64(rnd.IntN(24))
	switch rnd.IntN(16) {
	case 0:
		return dataAt + 2*cpu.PageSize - near
	case 1:
		return stackTop - near
	case 2:
		return codeAt + near
	case 3: // the low 32 bits are an address
		return 1<<40 + dataAt + uint64(rnd.IntN(cpu.PageSize))
	case 4, 5, 6, 7, 8:
		return dataAt + uint64(rnd.IntN(2*cpu.PageSize))
	}
	return stackTop - 128 - 8*uint64(rnd.IntN(64))
}

// newMachine returns a processor and its memory, which contains code, executable
// data, and a stack.
func newMachine(amd64 bool) (*machine, *cpu.Memory) {
	mem := cpu.NewMemory(cpu.Layout{
		Base:      codeAt,
		Perms:     []cpu.Perm{cpu.Read | cpu.Exec, cpu.Read | cpu.Write | cpu.Exec, cpu.Read | cpu.Write},
		MaxImage:  1 << 20,
		StackTop:  stackTop,
		StackSize: cpu.PageSize,
	})
	if amd64 {
		return New64(mem).(*machine), mem
	}
	return New32(mem).(*machine), mem
}

// randomize sets registers, flags, and some of the memory.
func (c *machine) randomize(rnd *rand.Rand) {
	for r := range c.target.Regs {
		v := pointer(rnd)
		if rnd.IntN(2) == 0 {
			v = number(rnd)
		}
		c.SetRegister(micro.Reg(r), v)
	}
	switch rnd.IntN(8) {
	case 0: // a random stack pointer
	default:
		c.SetRegister(sp, stackTop-uint64(rnd.IntN(100))*uint64(c.word()))
	}
	switch rnd.IntN(4) {
	case 0: // a dividend that is the extension of its low half
		c.SetRegister(dx, 0)
	case 1:
		c.SetRegister(dx, uint64(int64(c.r[ax]<<(64-c.target.Bits))>>63))
	}
	c.setLiteral(rnd.Uint64() & micro.AllFlags)
	for range 8 {
		at := pointer(rnd)
		c.mem.Store(at&^7, 8, number(rnd))
	}
}

// TestLower compares micro-operations with Step for all forms of instructions.
func TestLower(t *testing.T) {
	t.Parallel()
	t.Run("amd64", func(t *testing.T) { testLower(t, true) })
	t.Run("x86", func(t *testing.T) { testLower(t, false) })
}

func testLower(t *testing.T, amd64 bool) {
	t.Parallel()
	trials := microtest.Trials(1000) // per form
	done := map[kind]int{}           // executed, not left to Step
	for i, f := range forms() {
		c, mem := newMachine(amd64)
		rnd := rand.New(rand.NewPCG(1, uint64(i)))
		for range trials {
			text := f.text(rnd, amd64)
			require.NoError(t, mem.Init(codeAt, text))
			c.randomize(rnd)
			c.SetPC(codeAt)
			before := *c
			in, _ := decode(codeAt, text[:min(len(text), maxLength)], amd64)
			left, fault, err := microtest.Step(c, mem)
			if err != nil {
				t.Fatalf("% x: %v", text[:max(in.length, 1)], err)
			}
			if !left {
				done[in.kind]++
			}
			if changed := c.r != before.r || c.flags != before.flags || c.pc != before.pc; changed && fault != nil && fault != cpu.ErrSyscall {
				t.Fatalf("% x: %v, and there is an effect", text, fault)
			}
		}
	}
	for k := range kind(groups) {
		switch k {
		case undefined, control, breakpoint, adc, sbb, rol, ror, rcl, rcr, clc, stc, cmc, bswap:
			assert.Zero(t, done[k], "done of kind %d", k)
		case syscall:
		default:
			assert.GreaterOrEqual(t, done[k], trials/10, "done of kind %d", k)
		}
	}
}
