// Package x86 implements the emulator's processors amd64 and x86 (i386), as Linux
// programs see them: the integer instructions of the Intel 64 and IA-32
// Architectures Software Developer's Manual that are listed in opcodes.go.
//
//	x86.go          the registers, and Linux's conventions
//	opcodes.go      the opcode maps, in the manual's notation
//	decode.go       from bytes to an inst
//	step.go         executes one instruction: those that jump
//	exec.go         the others, for every size and operand
//	lower.go        micro-operations of most instructions, for package translate
//	lower_arith.go  those of arithmetic instructions
//
// # Limitations
//
// Unsupported instructions are cpu.Undefined faults: prefixes other than 66, REX,
// and 67 on amd64; 16-bit addresses and near jumps; string, x87 and vector
// instructions; and a popf that sets more than the arithmetic flags.
//
// Flags that the manual leaves undefined get the same value in every run.
package x86

import (
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// New64 returns an amd64 processor.
func New64(mem *cpu.Memory) cpu.CPU { return &machine{mem: mem, target: &target64} }

// New32 returns an x86 (i386) processor.
func New32(mem *cpu.Memory) cpu.CPU { return &machine{mem: mem, target: &target32} }

// Registers that instructions or Linux use implicitly.
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
	r12
	r13
	noReg = 16 // always zero: the missing base or index of an address
)

// Descriptions of the processors for the translator, with Linux's calling conventions
// for system calls (syscall(2)).
var (
	target64 = micro.Target{
		Name: "amd64", Bits: 64, Regs: 16, Stack: [...]micro.Reg{sp, bp, r13}, MaxLength: maxLength, Align: 1,
		Lower:  lower64,
		Number: ax, Args: []micro.Reg{di, si, dx, r10, r8, r9}, Result: ax,
		Exits:     []uint64{60, 231}, // exit, exit_group
		FlagsWord: flagsWord,
	}
	target32 = micro.Target{
		Name: "x86", Bits: 32, Regs: 8, Stack: [...]micro.Reg{sp, bp, si}, MaxLength: maxLength, Align: 1,
		Lower:  lower32,
		Number: ax, Args: []micro.Reg{bx, cx, dx, si, di, bp}, Result: ax,
		Exits:     []uint64{1, 252}, // exit, exit_group
		FlagsWord: flagsWord,
	}
)

// flagsWord returns the register rflags. Bit 1 is always set, and so is bit 9, which
// means that interrupts are enabled.
func flagsWord(f *micro.Flags) uint64 { return f.All() | 1<<1 | 1<<9 }

// A machine is a processor. Its registers are zero-extended words.
type machine struct {
	r      [noReg + 1]uint64 // general-purpose registers by number, and noReg
	flags  micro.Flags
	pc     uint64
	target *micro.Target
	mem    *cpu.Memory
	fault  *cpu.Fault // set when exec fails
}

// word is the size of a register in bytes.
func (c *machine) word() uint8 { return uint8(c.target.Bits / 8) }

// cut truncates v to a word.
func (c *machine) cut(v uint64) uint64 { return truncate(v, c.word()) }

func (c *machine) PC() uint64      { return c.pc }
func (c *machine) SetPC(pc uint64) { c.pc = c.cut(pc) }
func (c *machine) SetSP(v uint64)  { c.r[sp] = c.cut(v) }

func (c *machine) Syscall() (number uint64, args [6]uint64) {
	for i, r := range c.target.Args {
		args[i] = c.r[r]
	}
	return c.r[c.target.Number], args
}

func (c *machine) SetResult(v int64) { c.SetRegister(c.target.Result, uint64(v)) }

func (c *machine) Clone(mem *cpu.Memory) cpu.CPU {
	clone := *c
	clone.mem = mem
	return &clone
}

var (
	names64 = []string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
	names32 = []string{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
)

func (c *machine) Registers(regs []cpu.Register) []cpu.Register {
	names, flags := names64, "rflags"
	if c.word() == 4 {
		names, flags = names32, "eflags"
	}
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: c.r[i]})
	}
	return append(regs, cpu.Register{Name: flags, Value: flagsWord(&c.flags)})
}

func (c *machine) Length() (int, error) {
	in, fault := c.fetch()
	if fault != nil {
		return 0, fault
	}
	return int(in.length), nil
}

func (c *machine) Target() *micro.Target             { return c.target }
func (c *machine) Register(r micro.Reg) uint64       { return c.r[r] }
func (c *machine) SetRegister(r micro.Reg, v uint64) { c.r[r] = c.cut(v) }
func (c *machine) Flags() *micro.Flags               { return &c.flags }
