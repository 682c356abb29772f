package knight

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/internal/emu/cpu"
)

func noError(t *testing.T, err error) {
	t.Helper()
	require.NoError(t, err)
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	require.EqualError(t, err, text)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// newCore returns a core with a page of memory that starts with code, and a read-only
// page.
func newCore(t *testing.T, code ...byte) *core {
	t.Helper()
	const all = cpu.Read | cpu.Write | cpu.Exec
	mem := cpu.NewMemory(cpu.Layout{Perms: []cpu.Perm{all, cpu.Read}, MaxImage: 2 * cpu.PageSize, Big: true})
	noError(t, mem.Init(0, code))
	return &core{mem: mem}
}

// Instructions that cannot be executed leave registers, PC and memory unchanged.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name string
		code []byte
		want string
	}{
		{"NOP that is none", []byte{0x00, 0x00, 0x00, 0x01}, "0x0: 00 00 00 01: unknown instruction"},
		{"no opcode", []byte{0x02, 0x00, 0x00, 0x00}, "0x0: 02 00 00 00: unknown instruction"},
		{"4OP", []byte{0x01, 0x14, 0x00, 0x00}, "0x0: 01 14 00 00: unknown instruction"},
		{"3OP, reserved", []byte{0x05, 0x01, 0x40, 0x00}, "0x0: 05 01 40 00: unknown instruction"},
		{"2OP", []byte{0x09, 0xFF, 0xFF, 0x00}, "0x0: 09 ff ff 00: unknown instruction"},
		{"1OPI", []byte{0xE0, 0x00, 0x00, 0x00, 0x12, 0x34}, "0x0: e0 00 00 00: unknown instruction"},
		{"0OPI", []byte{0x3C, 0x01, 0x00, 0x00}, "0x0: 3c 01 00 00: unknown instruction"},
		{"LOAD R0 R1 -1", []byte{0xE1, 0x00, 0x13, 0x01, 0xFF, 0xFF}, "0x0: e1 00 13 01 ff ff: load from 0xffffffff is not allowed"},
		{"STORE R0 R2", []byte{0xE1, 0x00, 0x20, 0x02, 0x00, 0x00}, "0x0: e1 00 20 02 00 00: store to 0x1000 is not allowed"},
		{"PUSHR R0 R2", []byte{0x09, 0x02, 0x00, 0x02}, "0x0: 09 02 00 02: store to 0x1000 is not allowed"},
		{"POPR R0 R1", []byte{0x09, 0x02, 0x80, 0x01}, "0x0: 09 02 80 01: load from 0xfffffffc is not allowed"},
		{"POPR R0 R3", []byte{0x09, 0x02, 0x80, 0x03}, "0x0: 09 02 80 03: store to 0x1000 is not allowed"},
		{"RET R3", []byte{0x0D, 0x01, 0x00, 0x13}, "0x0: 0d 01 00 13: store to 0x1000 is not allowed"},
		{"CALL R0 R2", []byte{0x09, 0x01, 0x01, 0x02}, "0x0: 09 01 01 02: store to 0x1000 is not allowed"},
		{"CALLI R2", []byte{0xE0, 0x00, 0x2D, 0x02, 0x00, 0x00}, "0x0: e0 00 2d 02 00 00: store to 0x1000 is not allowed"},
		{"BRANCH R0 R2", []byte{0x09, 0x01, 0x00, 0x02}, "0x0: 09 01 00 02: store to 0x1000 is not allowed"},
		{"DIVIDE by 0", []byte{0x01, 0x0E, 0x00, 0x21}, "0x0: 01 0e 00 21: division by zero or overflow"},
		{"DIVIDEU by 0", []byte{0x01, 0x0F, 0x00, 0x21}, "0x0: 01 0f 00 21: division by zero or overflow"},
		{"DIV overflows", []byte{0x05, 0x00, 0xA0, 0x45}, "0x0: 05 00 a0 45: division by zero or overflow"},
		{"MOD overflows", []byte{0x05, 0x00, 0xB0, 0x45}, "0x0: 05 00 b0 45: division by zero or overflow"},
		{"MODU by 0", []byte{0x05, 0x00, 0xD0, 0x21}, "0x0: 05 00 d0 21: division by zero or overflow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newCore(t, test.code...)
			k.r = [17]uint32{7, 0, 0x1000, 0x1004, 1 << 31, ^uint32(0)}
			registers, memory := k.r, append([]byte(nil), k.mem.Linear()...)
			err := k.Step()
			wantError(t, err, test.want)
			want(t, "registers", k.r, registers)
			want(t, "PC", k.pc, 0)
			want(t, "memory", string(k.mem.Linear()), string(memory))
		})
	}
}

func TestFetchFaults(t *testing.T) {
	for _, test := range []struct {
		pc   uint64
		want string
	}{
		{0x1000, "0x1000: jump to an address without code"},
		{0xFFFFFFFC, "0xfffffffc: jump to an address without code"},
		{0xFFE, "0xffe: 00 00: unknown instruction"},
	} {
		k := newCore(t)
		k.SetPC(test.pc)
		wantError(t, k.Step(), test.want)
		_, err := k.Length()
		wantError(t, err, test.want)
	}
}

// CMPSKIP has to read the next instruction.
func TestSkipOutside(t *testing.T) {
	const all = cpu.Read | cpu.Write | cpu.Exec
	mem := cpu.NewMemory(cpu.Layout{Perms: []cpu.Perm{all}, MaxImage: cpu.PageSize, Big: true})
	noError(t, mem.Init(0xFFC, []byte{0x09, 0x03, 0x02, 0x00})) // CMPSKIP.E R0 R0
	k := &core{mem: mem, pc: 0xFFC}
	wantError(t, k.Step(), "0xffc: 09 03 02 00: load from 0x1000 is not allowed")
}

func TestLength(t *testing.T) {
	for code, length := range map[string]int{
		"\x00\x00\x00\x00":         4,
		"\xE0\x00\x2D\x20\x11\x01": 6,
		"\xE1\xAA\x0E\x00\x00\x01": 6, // the byte after the opcode is ignored
		"\x42\x12\x34\x56":         4,
		"\xFF\x00\x00\x00":         4,
	} {
		got, err := newCore(t, []byte(code)...).Length()
		noError(t, err)
		want(t, fmt.Sprintf("% x", code), got, length)
	}
}

func TestSyscall(t *testing.T) {
	type call struct {
		Number uint64
		Args   [6]uint64
	}
	for code, expected := range map[string]call{
		"\x42\x00\x00\x02": {2, [6]uint64{1, 2, 3, 4, 5, 0xFFFFFFFF}},
		"\xFF\xFF\xFF\xFF": {60, [6]uint64{}},
	} {
		k := newCore(t, []byte(code)...)
		k.r = [17]uint32{1, 2, 3, 4, 5, ^uint32(0), 7}
		want(t, "error", k.Step(), cpu.ErrSyscall)
		number, args := k.Syscall()
		want(t, "call", call{number, args}, expected)
		want(t, "PC", k.PC(), 4)
	}
}

func TestSetResult(t *testing.T) {
	for _, test := range []struct {
		name   string
		call   uint32
		result int64
		want   uint32
	}{
		{"read", 0x00, 12, 12},
		{"read fails", 0x00, -14, 0xFFFFFFFF},
		{"close", 0x03, 0, 5},
		{"close fails", 0x03, -9, 5},
		{"uname", 0x3F, 0, 5},
		{"getcwd", 0x4F, 8, 5},
		{"getcwd fails", 0x4F, -34, 0},
		{"chmod fails", 0x5A, -2, 5},
	} {
		k := newCore(t, 0x42, 0, byte(test.call>>8), byte(test.call))
		k.r[0] = 5
		want(t, "error", k.Step(), cpu.ErrSyscall)
		k.SetResult(test.result)
		want(t, test.name, k.r[0], test.want)
	}
}

func TestClone(t *testing.T) {
	code := []byte{0xE0, 0x00, 0x2D, 0x10, 0x00, 0x2A} // LOADI R0 42
	k := newCore(t, code...)
	k.SetSP(9)
	clone := k.Clone(k.mem.Clone())
	noError(t, clone.Step())
	want(t, "R0", clone.Registers(nil)[0], cpu.Register{Name: "R0", Value: 42})
	want(t, "R15", clone.Registers(nil)[15], cpu.Register{Name: "R15", Value: 9})
	want(t, "the other R0", k.r[0], 0)
	k.SetRegister(Heap, 1<<32+3)
	want(t, "R12", k.Register(Heap), 3)
	want(t, "the other R12", clone.Register(Heap), 0)
	want(t, "target", k.Target(), target)
	want(t, "flags", k.Flags(), nil)
}

// All instructions have different encodings, which fit their formats.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i := range instructions {
		in := &instructions[i]
		want(t, in.name+" seen", seen[in.name], false)
		seen[in.name] = true
		f := in.format()
		want(t, in.name+" has a format", f.length != 0, true)
		want(t, in.name, in.xop&f.mask, in.xop)
		want(t, in.name, table()[in.opcode][in.xop], in)
	}
}
