// Package knight implements the emulator's processor Knight, a 32-bit big-endian
// processor from oriansj's stage0, as defined by its virtual machine (vm_decode.c
// and vm_instructions.c, built with VM32). Names of instructions and their groups
// are those of the Knight Reference, ISA_HEX_Map.org. Where the two differ, this
// package follows the virtual machine, and says so.
//
// There are no flags: a comparison sets bits in a register, which a jump then
// tests. The two modes differ in the meaning of HALCODEs: in POSIX mode they are
// system calls, which package emu implements; in native mode they access tapes and
// a console, which Native implements.
//
// instructions.go contains the table of instructions; execute.go and memory.go
// execute them, one at a time; lower.go translates those that compiled programs use
// to micro-operations, for package translate.
//
// There are two intentional differences. The virtual machine also rejects accesses
// that end with the last byte of memory. Its lseek treats the offset as unsigned,
// so that programs cannot seek backwards; package emu's lseek can.
package knight

import (
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Registers with a special role, by convention (vm.c and M2libc).
const (
	heapPointer   = 12
	localsPointer = 12
	framePointer  = 14
	stackPointer  = 15 // the stack grows upwards
)

// Heap is the number of the register that holds the start of the heap when a program
// in POSIX mode starts (vm.c).
const Heap micro.Reg = heapPointer

// A core is the state of a processor.
type core struct {
	r   [17]uint32 // R0 to R15, and call
	pc  uint32
	mem *cpu.Memory
}

// call is the number of a pseudo-register. It holds what Step stopped for: a HALCODE,
// or halted, which is not a HALCODE because those have 24 bits.
const (
	call   = 16
	halted = 1 << 24
)

// New returns a Knight in POSIX mode for mem, which must be big-endian.
func New(mem *cpu.Memory) cpu.CPU { return &core{mem: mem} }

// Step executes the instruction at PC.
func (k *core) Step() error {
	at := k.pc
	in, o, err := k.fetch()
	if err != nil {
		return err
	}
	k.pc += uint32(in.format().length)
	err = in.do(k, o)
	if fault, ok := err.(*cpu.Fault); ok {
		k.pc = at
		fault.PC = uint64(at)
		fault.Bytes = append([]byte(nil), k.mem.Fetch(uint64(at), in.format().length)...)
	}
	return err
}

// Length implements cpu.CPU.
func (k *core) Length() (int, error) {
	in, _, err := k.fetch()
	if err != nil {
		return 0, err
	}
	return in.format().length, nil
}

// Syscall returns the HALCODE, and R0 to R5. HALT is exit(0).
func (k *core) Syscall() (uint64, [6]uint64) {
	var args [6]uint64
	if k.r[call] == halted {
		return sysExit, args
	}
	for i := range args {
		args[i] = uint64(k.r[i])
	}
	return uint64(k.r[call]), args
}

// HALCODEs of POSIX mode with a special result.
const (
	sysClose  = 0x03
	sysExit   = 0x3C
	sysUname  = 0x3F
	sysGetcwd = 0x4F
	sysChmod  = 0x5A
)

// SetResult sets R0 as the virtual machine does (vm_halcode.c): to the result of the
// C function, which is -1 for every error. Some HALCODEs do not change R0; getcwd
// sets it to a null pointer on error, and otherwise leaves the pointer in it.
func (k *core) SetResult(v int64) {
	v = int64(int32(v)) // truncated to a word
	switch k.r[call] {
	case sysClose, sysUname, sysChmod:
		return
	case sysGetcwd:
		if v < 0 {
			k.r[0] = 0
		}
		return
	}
	k.r[0] = uint32(max(v, -1))
}

// PC implements cpu.CPU.
func (k *core) PC() uint64 { return uint64(k.pc) }

// SetPC implements cpu.CPU.
func (k *core) SetPC(pc uint64) { k.pc = uint32(pc) }

// SetSP implements cpu.CPU.
func (k *core) SetSP(sp uint64) { k.r[stackPointer] = uint32(sp) }

// Clone implements cpu.CPU.
func (k *core) Clone(mem *cpu.Memory) cpu.CPU {
	c := *k
	c.mem = mem
	return &c
}

// names are the registers' names in assembly language.
var names = [16]string{
	"R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7",
	"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
}

// Registers implements cpu.CPU.
func (k *core) Registers(regs []cpu.Register) []cpu.Register {
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: uint64(k.r[i])})
	}
	return regs
}

// Target implements cpu.CPU.
func (k *core) Target() *micro.Target { return target }

// Register implements cpu.CPU.
func (k *core) Register(r micro.Reg) uint64 { return uint64(k.r[r]) }

// SetRegister implements cpu.CPU.
func (k *core) SetRegister(r micro.Reg, v uint64) { k.r[r] = uint32(v) }

// Flags returns nil: the Knight has no flags.
func (k *core) Flags() *micro.Flags { return nil }
