// Package x86 is the emulator's processors amd64 and x86 (i386), as a program
// of Linux sees them: the integer instructions of the Intel 64 and IA-32
// Architectures Software Developer's Manual that opcodes.go lists.
//
//	opcodes.go  the opcode maps, in the manual's notation
//	decode.go   from bytes to an inst
//	exec.go     what each instruction does, for every size and operand
//	flags.go    the arithmetic flags, computed when they are asked for
//	block.go    decoded instructions, kept in blocks
//	op.go       the fast forms of instructions
//	expression.go  those of several instructions, as compilers write them
//	fuse.go     which op does which instructions
//	loop.go     what ops do, and the way from op to op
//	fill.go     a loop of ops that is done at once
//	run.go      the way from block to block, and single steps
//
// exec alone would do: every op does what exec does, to operands that it finds
// without a detour, and leaves the rest to exec. A test compares the two.
//
// # What is not there
//
// Undefined stops the program at prefixes other than 66, amd64's 67, and REX, at
// 16-bit addresses and near jumps, at string, x87 and vector instructions, and at a
// popf that sets more than the arithmetic flags.
//
// Flags that the manual leaves undefined have some value, always the same one.
package x86

import "stage0/emu/cpu"

// New64 returns an amd64 processor.
func New64(mem *cpu.Memory) cpu.CPU { return &machine[uint64]{mem: mem, bits: 64} }

// New32 returns an x86 (i386) processor.
func New32(mem *cpu.Memory) cpu.CPU { return &machine[uint32]{mem: mem, bits: 32} }

// The numbers of registers that instructions and Linux give a meaning to.
const (
	ax = iota
	cx
	dx
	bx
	sp
	bp
	si
	di
	r8
	r9
	r10
	r11
	noReg = 20 // always zero: the base or index of an address that has none
)

// A word is what a register holds.
type word interface{ uint32 | uint64 }

// A machine is a processor with registers of W.
type machine[W word] struct {
	r [256]W // general-purpose registers by number, and noReg
	flags
	pc    W
	bits  int // of W
	mem   *cpu.Memory
	fault *cpu.Fault // why exec failed
	cache
}

func (c *machine[W]) PC() uint64      { return uint64(c.pc) }
func (c *machine[W]) SetPC(pc uint64) { c.pc = W(pc) }
func (c *machine[W]) SetSP(v uint64)  { c.r[sp] = W(v) }

// Linux's calling conventions for system calls: registers of the arguments.
var (
	args64 = [6]uint8{di, si, dx, r10, r8, r9} // after syscall
	args32 = [6]uint8{bx, cx, dx, si, di, bp}  // after int 0x80
)

func (c *machine[W]) Syscall() (number uint64, args [6]uint64) {
	order := &args64
	if c.bits == 32 {
		order = &args32
	}
	for i, r := range order {
		args[i] = uint64(c.r[r])
	}
	return uint64(c.r[ax]), args
}

func (c *machine[W]) SetResult(v int64) { c.r[ax] = W(v) }

func (c *machine[W]) Clone(mem *cpu.Memory) cpu.CPU {
	return &machine[W]{r: c.r, flags: c.flags, pc: c.pc, bits: c.bits, mem: mem}
}

var (
	names64 = []string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
	names32 = []string{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
)

func (c *machine[W]) Registers(regs []cpu.Register) []cpu.Register {
	names, flags := names64, "rflags"
	if c.bits == 32 {
		names, flags = names32, "eflags"
	}
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: uint64(c.r[i])})
	}
	return append(regs, cpu.Register{Name: flags, Value: c.all()})
}

func (c *machine[W]) Length() (int, error) {
	in, fault := c.decode(uint64(c.pc))
	if fault != nil {
		return 0, fault
	}
	return int(in.length), nil
}
