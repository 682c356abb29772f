// Package armv7 implements the emulator's processor armv7l: the instructions of the
// A32 instruction set, little-endian, that M2-Planet's programs and hand-written
// ones use, as specified in the Arm Architecture Reference Manual, ARMv7-A and
// ARMv7-R edition (DDI 0406C). Names of instructions, tables and functions are those
// of the manual.
//
// The implemented instructions support all their operands and conditions: data
// processing, multiplication and division; loads and stores of one register of 1, 2
// and 4 bytes in every addressing mode; LDM and STM; MOVW, MOVT, CLZ, NOP; B, BL,
// BX, BLX (register), SVC and BKPT. Not implemented are Thumb code, which BX can
// jump to; what the manual calls UNPREDICTABLE; coprocessors; and the status
// register as an operand.
//
// The instructions are listed in a table (encodings.go). core.execute (execute.go)
// executes one instruction, and is written to be compared with the manual's
// pseudocode; lower.go translates it to micro-operations, for package translate.
package armv7

import (
	"encoding/binary"
	"slices"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Registers with a name of their own.
const (
	sp = 13
	lr = 14
	pc = 15
)

// A core is the state of a processor.
type core struct {
	r     [15]uint32 // R0 to R12, SP, LR
	pc    uint32     // address of the instruction
	flags micro.Flags
	mem   *cpu.Memory
}

// New returns an armv7l.
func New(mem *cpu.Memory) cpu.CPU { return &core{mem: mem} }

// Step executes one instruction.
func (c *core) Step() error {
	in, err := c.decodeAt(c.pc)
	if err != nil {
		return err
	}
	next := c.pc + 4
	if in.cond == always || c.flags.Holds(micro.ArmConditions[in.cond]) {
		next, err = c.execute(&in)
	}
	if err == nil || err == cpu.ErrSyscall {
		c.pc = next
	}
	return err
}

// decodeAt decodes the instruction at an address.
func (c *core) decodeAt(at uint32) (inst, error) {
	b := c.mem.Fetch(uint64(at), 4)
	if at%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: uint64(at)}
	}
	in := decode(binary.LittleEndian.Uint32(b))
	if in.op == opNone {
		return inst{}, c.fault(cpu.Undefined, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at pc.
func (c *core) fault(kind cpu.FaultKind, addr uint32) error {
	bytes := slices.Clone(c.mem.Fetch(uint64(c.pc), 4))
	return &cpu.Fault{Kind: kind, PC: uint64(c.pc), Bytes: bytes, Addr: uint64(addr)}
}

// Length implements cpu.CPU. Instructions are 4 bytes long.
func (c *core) Length() (int, error) {
	if _, err := c.decodeAt(c.pc); err != nil {
		return 0, err
	}
	return 4, nil
}

// Syscall implements cpu.CPU for SVC, with Linux's EABI.
func (c *core) Syscall() (number uint64, args [6]uint64) {
	for i := range args {
		args[i] = uint64(c.r[i])
	}
	return uint64(c.r[7]), args
}

func (c *core) SetResult(v int64) { c.r[0] = uint32(v) }
func (c *core) PC() uint64        { return uint64(c.pc) }
func (c *core) SetPC(pc uint64)   { c.pc = uint32(pc) }
func (c *core) SetSP(v uint64)    { c.r[sp] = uint32(v) }

// Clone returns a core with the same registers and flags.
func (c *core) Clone(mem *cpu.Memory) cpu.CPU {
	d := *c
	d.mem = mem
	return &d
}

// names are the registers' names in assembly language.
var names = [...]string{
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr",
}

// Registers appends r0 to r12, sp, lr, and apsr, which contains the flags N, Z, C and
// V in bits 31 to 28.
func (c *core) Registers(regs []cpu.Register) []cpu.Register {
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: uint64(c.r[i])})
	}
	return append(regs, cpu.Register{Name: "apsr", Value: micro.NZCV(&c.flags)})
}

func (c *core) Register(r micro.Reg) uint64       { return uint64(c.r[r]) }
func (c *core) SetRegister(r micro.Reg, v uint64) { c.r[r] = uint32(v) }
func (c *core) Flags() *micro.Flags               { return &c.flags }
func (c *core) Target() *micro.Target             { return &target }
