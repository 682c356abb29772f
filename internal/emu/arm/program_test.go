package arm_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/internal/emu/arm"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/emutest"
)

// A program is a test program under construction: code, then data, then a buffer that
// it prints at the end.
type program struct {
	code []uint32
	data []byte
	size int // of the buffer, in bytes
}

const (
	dataBase   = emutest.Base + 64<<10
	bufferBase = emutest.Base + 192<<10
	memorySize = 256 << 10
)

func (p *program) add(words ...uint32) { p.code = append(p.code, words...) }

// address sets a register to a 32-bit constant.
func (p *program) address(rd, v uint32) {
	p.add(movz(rd, v&0xFFFF, 0), movk(rd, v>>16, 16))
}

// flags stores NZCV, as a number in x4, at x21.
func (p *program) flags() {
	p.add(movz(4, 0, 0),
		branchIf(5, 8), addImm(4, 4, 8), // pl
		branchIf(1, 8), addImm(4, 4, 4), // ne
		branchIf(3, 8), addImm(4, 4, 2), // cc
		branchIf(7, 8), addImm(4, 4, 1), // vc
		storeNext(4, 21))
}

// finish adds code that prints the buffer and exits.
func (p *program) finish() {
	p.add(movz(0, 1, 0))
	p.address(1, bufferBase)
	p.address(2, uint32(p.size))
	p.add(movz(8, 64, 0), svc, movz(0, 0, 0), movz(8, 93, 0), svc)
}

// file returns the program as an ELF file.
func (p *program) file() []byte {
	image := make([]byte, dataBase-emutest.Entry, dataBase-emutest.Entry+len(p.data))
	for i, w := range p.code {
		binary.LittleEndian.PutUint32(image[4*i:], w)
	}
	return emutest.ELF(0xB7, 64, append(image, p.data...), memorySize)
}

// run runs the program in the emulator and returns its output.
func (p *program) run(t *testing.T) string {
	t.Helper()
	perms := make([]cpu.Perm, memorySize/cpu.PageSize)
	for i := range perms {
		perms[i] = cpu.Read | cpu.Write | cpu.Exec
	}
	const stackTop = 0x7f_ffff_f000
	mem := cpu.NewMemory(cpu.Layout{
		Base: emutest.Base, Perms: perms, MaxImage: 64 << 20, StackTop: stackTop, StackSize: 1 << 20,
	})
	require.NoError(t, mem.Init(emutest.Base, p.file()))
	c := arm.New64(mem)
	c.SetPC(emutest.Entry)
	c.SetSP(stackTop - 4096)
	var out []byte
	for range 100_000_000 {
		err := c.Step()
		if err == nil {
			continue
		}
		number, args := c.Syscall()
		switch {
		case err != cpu.ErrSyscall:
			t.Fatal(err)
		case number == 93:
			return string(out)
		case number == 64:
			out = append(out, mem.Bytes(args[1], int(args[2]), cpu.Read)...)
			c.SetResult(int64(args[2]))
		default:
			t.Fatalf("system call %d", number)
		}
	}
	t.Fatal("does not end")
	return ""
}

// firstDifference describes the first difference between two outputs with 16 bytes
// per result.
func firstDifference(got, want string) string {
	for i := 0; i+16 <= min(len(got), len(want)); i += 16 {
		if got[i:i+16] != want[i:i+16] {
			return fmt.Sprintf("result %d is %x, expected %x", i/16, got[i:i+16], want[i:i+16])
		}
	}
	return fmt.Sprintf("%d bytes, expected %d", len(got), len(want))
}
