// Package knight is the emulator's processor Knight, of 32 bits, big-endian: the
// one of oriansj's stage0, as its virtual machine has it (vm_decode.c and
// vm_instructions.c, built with VM32). Names of instructions and their groups
// are those of its Knight Reference, ISA_HEX_Map.org. Where the two differ, the
// virtual machine is followed, and the code says so.
//
// There are no flags: a comparison puts the bits of its outcome into a register,
// which a jump then looks at. Two modes exist, which differ in what HALCODEs ask
// for: in POSIX mode they are system calls, which package emu does; in native
// mode they are tapes and a console, and Native is the machine around it.
//
// instructions.go has the table of the instructions, execute.go and memory.go what
// they do, a step at a time; lower.go says the same in micro-operations, of those
// that compiled programs use, for package translate.
//
// Two things differ on purpose. The virtual machine also refuses accesses that
// end with the memory's last byte. Its lseek takes an offset for unsigned, so that
// no program can go back; package emu's does not.
package knight

import (
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Registers with a part of their own, by convention (vm.c and M2libc).
const (
	heapPointer   = 12
	localsPointer = 12
	framePointer  = 14
	stackPointer  = 15 // the stack grows upwards
)

// Heap is the number of the register in which a program in POSIX mode finds
// where its heap begins (vm.c).
const Heap micro.Reg = heapPointer

// A core is the state of a processor.
type core struct {
	r   [17]uint32 // R0 to R15, and call
	pc  uint32
	mem *cpu.Memory
}

// call is the number of what counts as a register, too: it has what Step stopped
// for, a HALCODE, or halted, which is none, as they have 24 bits.
const (
	call   = 16
	halted = 1 << 24
)

// New returns a Knight in POSIX mode that works on mem, which is big-endian.
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

// Length is cpu.CPU's.
func (k *core) Length() (int, error) {
	in, _, err := k.fetch()
	if err != nil {
		return 0, err
	}
	return in.format().length, nil
}

// Syscall returns the HALCODE and R0 to R5. HALT is exit(0).
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

// The HALCODEs of POSIX mode that are not like others.
const (
	sysClose  = 0x03
	sysExit   = 0x3C
	sysUname  = 0x3F
	sysGetcwd = 0x4F
	sysChmod  = 0x5A
)

// SetResult sets R0 to what the virtual machine does (vm_halcode.c): that is what
// the function of C returns, -1 for every error. Some leave R0 alone, and getcwd
// makes it a null pointer for an error, and leaves the pointer that is there.
func (k *core) SetResult(v int64) {
	v = int64(int32(v)) // a word
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

// PC is cpu.CPU's.
func (k *core) PC() uint64 { return uint64(k.pc) }

// SetPC is cpu.CPU's.
func (k *core) SetPC(pc uint64) { k.pc = uint32(pc) }

// SetSP is cpu.CPU's.
func (k *core) SetSP(sp uint64) { k.r[stackPointer] = uint32(sp) }

// Clone is cpu.CPU's.
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

// Registers is cpu.CPU's.
func (k *core) Registers(regs []cpu.Register) []cpu.Register {
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: uint64(k.r[i])})
	}
	return regs
}

// Target is what the translator needs to know.
func (k *core) Target() *micro.Target { return target }

// Register is cpu.CPU's.
func (k *core) Register(r micro.Reg) uint64 { return uint64(k.r[r]) }

// SetRegister is cpu.CPU's.
func (k *core) SetRegister(r micro.Reg, v uint64) { k.r[r] = uint32(v) }

// Flags is nil: there are none.
func (k *core) Flags() *micro.Flags { return nil }
