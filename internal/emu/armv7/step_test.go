package armv7

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro/microtest"
)

// faultCore returns a core that is about to execute an instruction. R1 is the end of
// the code page, after which nothing is mapped; R2 is an odd address, R3 a number.
func faultCore(t *testing.T, word uint32) *core {
	t.Helper()
	mem := cpu.NewMemory(cpu.Layout{
		Base: microtest.Base, Perms: []cpu.Perm{cpu.Read | cpu.Write | cpu.Exec, 0},
		MaxImage: 1 << 20, StackTop: trialStack, StackSize: cpu.PageSize,
	})
	require.NoError(t, mem.Init(microtest.Base, binary.LittleEndian.AppendUint32(nil, word)))
	c := &core{mem: mem, pc: microtest.Base}
	c.r[1], c.r[2], c.r[3] = microtest.Base+cpu.PageSize, microtest.Base+0x101, 0xABCDEF
	c.r[sp] = trialStack
	return c
}

// TestFaults tests instructions that cannot be executed, and checks that they change
// nothing.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name string
		word uint32
		kind cpu.FaultKind
		addr uint64
	}{
		{"ldr r0, [r1]", 0xE5910000, cpu.BadLoad, microtest.Base + 0x1000},
		{"ldr r0, [r1, -2]!", 0xE5310002, cpu.BadLoad, microtest.Base + 0xFFE},
		{"ldrh r0, [r1], 2", 0xE0D100B2, cpu.BadLoad, microtest.Base + 0x1000},
		{"str r3, [r1], 4", 0xE4813004, cpu.BadStore, microtest.Base + 0x1000},
		{"str r3, [r1, -2]!", 0xE5213002, cpu.BadStore, microtest.Base + 0xFFE},
		{"ldmda r1!, {r0, r3}", 0xE8310009, cpu.BadLoad, microtest.Base + 0x1000},
		{"stmda r1!, {r0, r3}", 0xE8210009, cpu.BadStore, microtest.Base + 0x1000},
		{"ldm r2, {r0}", 0xE8920001, cpu.Unaligned, microtest.Base + 0x101},
		{"stmib r2!, {r0, r3}", 0xE9A20009, cpu.Unaligned, microtest.Base + 0x105},
		{"bkpt", 0xE1200070, cpu.Breakpoint, 0},
		{"bx r2, to Thumb code", 0xE12FFF12, cpu.Undefined, 0},
		{"blx r2, to Thumb code", 0xE12FFF32, cpu.Undefined, 0},
		{"mov pc, r2", 0xE1A0F002, cpu.Undefined, 0},
		{"add pc, pc, 2", 0xE28FF002, cpu.Undefined, 0},
		{"ldr pc, [r2, -0xFD]!, to Thumb code", 0xE532F0FD, cpu.Undefined, 0},
		{"ldmia r4!, {r0, pc}", 0xE8B48001, cpu.Undefined, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := faultCore(t, test.word)
			c.r[4] = microtest.Base + 0x100
			c.mem.Store(microtest.Base+4, 4, 0x101)
			c.mem.Store(microtest.Base+0x104, 4, 0x101)
			before, linear := *c, bytes.Clone(c.mem.Linear())
			assert.Equal(t, &cpu.Fault{
				Kind: test.kind, PC: microtest.Base, Addr: test.addr,
				Bytes: binary.LittleEndian.AppendUint32(nil, test.word),
			}, c.Step())
			assert.Equal(t, before, *c)
			assert.True(t, bytes.Equal(linear, c.mem.Linear()), "the memory has changed")
		})
	}
}

// TestUndefined tests instructions that the manual calls UNPREDICTABLE or UNDEFINED,
// and instructions that are not implemented.
func TestUndefined(t *testing.T) {
	for _, test := range []struct {
		name string
		word uint32
	}{
		{"the condition 15", 0xF1A00001},
		{"udf", 0xE7F000F0},
		{"subs pc, lr, 4", 0xE25EF004},
		{"movs pc, lr", 0xE1B0F00E},
		{"cmp with Rd", 0xE1501001},
		{"cmp without S", 0xE1400001},
		{"mov with Rn", 0xE1A10001},
		{"add r0, r1, r2, lsl pc", 0xE0810F12},
		{"add r0, pc, r2, lsl r3", 0xE08F0312},
		{"tst r0, pc, lsl r3", 0xE110031F},
		{"mul r0, r1, pc", 0xE0000F91},
		{"mla with Ra pc", 0xE020F291},
		{"umull r0, r0, r1, r2", 0xE0800291},
		{"umull with RdLo pc", 0xE080F291},
		{"umaal r0, r0, r1, r2", 0xE0400291},
		{"sdiv r0, pc, r1", 0xE710F11F},
		{"movw pc", 0xE300F000},
		{"clz r0, pc", 0xE16F0F1F},
		{"blx pc", 0xE12FFF3F},
		{"bxj r0", 0xE12FFF20},
		{"ldrt r0, [r1]", 0xE4B10000},
		{"ldrb pc, [r1]", 0xE5D1F000},
		{"strh pc, [r1]", 0xE1C1F0B0},
		{"ldr r0, [r0], 4", 0xE4900004},
		{"str r0, [pc, 4]!", 0xE5AF0004},
		{"ldr r0, [r1, pc]", 0xE791000F},
		{"ldrd r0, [r2]", 0xE1C200D0},
		{"ldrex r0, [r1]", 0xE1910F9F},
		{"swp r0, r1, [r2]", 0xE1020091},
		{"ldm r1, {}", 0xE8910000},
		{"ldm pc, {r0}", 0xE89F0001},
		{"ldm r1!, {r0, r1}", 0xE8B10003},
		{"ldm r1, {r0}^", 0xE8D10001},
		{"stm r1!, {r0, r1}", 0xE8A10003},
		{"blx #0", 0xFA000000},
		{"mrs r0, apsr", 0xE10F0000},
		{"msr apsr, r0", 0xE128F000},
		{"yield", 0xE320F001},
		{"qadd r0, r1, r2", 0xE1020051},
		{"uxtb r0, r1", 0xE6EF0071},
		{"ubfx r0, r1, 0, 1", 0xE7E00051},
		{"mcr p15", 0xEE070F15},
		{"vldr s0, [r0]", 0xED900A00},
	} {
		c := faultCore(t, test.word)
		want := &cpu.Fault{Kind: cpu.Undefined, PC: microtest.Base, Bytes: binary.LittleEndian.AppendUint32(nil, test.word)}
		assert.Equal(t, want, c.Step(), test.name)
	}
}

// TestStores tests stores of a base that is written back. If the base is the lowest
// register, its old value is stored.
func TestStores(t *testing.T) {
	assert.Equal(t, opNone, decode(0xE92D6001).op, "stmdb sp!, {r0, sp, lr}")
	c := faultCore(t, 0xE92D6000) // stmdb sp!, {sp, lr}
	require.NoError(t, c.Step())
	v, _ := c.mem.Load(trialStack-8, 4)
	assert.EqualValues(t, uint64(trialStack), v)
	assert.EqualValues(t, uint64(trialStack-8), c.r[sp])
}

// TestFetch tests addresses without code.
func TestFetch(t *testing.T) {
	for _, at := range []uint32{microtest.Base + 2, microtest.Base + cpu.PageSize, trialStack - 4, 0, 0xFFFFFFFC} {
		c := faultCore(t, 0xE320F000)
		c.pc = at
		want := &cpu.Fault{Kind: cpu.BadFetch, PC: uint64(at)}
		assert.Equal(t, want, c.Step())
		_, err := c.Length()
		assert.Equal(t, want, err)
	}
}

// TestCore tests the methods that the machine uses.
func TestCore(t *testing.T) {
	c := faultCore(t, 0xEF000000) // svc 0
	for i := range c.r {
		c.r[i] = uint32(i) + 0x80000000
	}
	_, c.flags = difference(1, 1, true)
	assert.Equal(t, cpu.ErrSyscall, c.Step())
	assert.EqualValues(t, microtest.Base+4, c.PC())
	n, args := c.Syscall()
	assert.EqualValues(t, uint64(0x80000007), n)
	assert.Equal(t, [6]uint64{0x80000000, 0x80000001, 0x80000002, 0x80000003, 0x80000004, 0x80000005}, args)
	c.SetResult(-2)
	d := c.Clone(nil)
	d.SetPC(0x123)
	d.SetSP(0x456)
	d.SetRegister(lr, 0x789)
	want := []cpu.Register{
		{Name: "r0", Value: 0xFFFFFFFE}, {Name: "r1", Value: 0x80000001}, {Name: "r2", Value: 0x80000002},
		{Name: "r3", Value: 0x80000003}, {Name: "r4", Value: 0x80000004}, {Name: "r5", Value: 0x80000005},
		{Name: "r6", Value: 0x80000006}, {Name: "r7", Value: 0x80000007}, {Name: "r8", Value: 0x80000008},
		{Name: "r9", Value: 0x80000009}, {Name: "r10", Value: 0x8000000A}, {Name: "r11", Value: 0x8000000B},
		{Name: "r12", Value: 0x8000000C}, {Name: "sp", Value: 0x456}, {Name: "lr", Value: 0x789},
		{Name: "apsr", Value: 0x60000000},
	}
	assert.Equal(t, want, d.Registers(nil))
	assert.EqualValues(t, microtest.Base+4, c.PC())
	assert.EqualValues(t, uint64(0x8000000D), c.Register(sp))
}
