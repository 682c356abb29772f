// Package arm is the emulator's processor aarch64: of the A64 instruction set,
// little-endian, the general-purpose instructions that the aarch64 ladder's
// hand-written and compiled programs use, as the Arm Architecture Reference
// Manual (DDI 0487) has them. Names of instructions and tables are the manual's.
//
// They are there with all their operands: the classes add/subtract, logical,
// move wide, bitfield, divide, shift and multiply-add of 32 and 64 bits, loads
// and stores of one register of 1 to 8 bytes in every addressing mode,
// branches, SVC, BRK and NOP. What the manual calls constrained unpredictable
// is not there, nor are exclusive, pair and vector accesses.
//
// What an instruction does is there twice, in the same order: execute.go does
// it, one instruction at a time; lower.go says it in micro-operations, for
// package translate. The tests want the same of both.
package arm

import (
	"encoding/binary"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Indices of core.x that are not numbers of registers.
const (
	sp   = 31 // the stack pointer
	zero = 32 // always zero: register 31 as an operand
	sink = 33 // for what is dropped: register 31 as a destination
	lr   = 30 // where BL and BLR put the return address
)

// A core is the state of a processor.
type core struct {
	x     [34]uint64 // by index
	pc    uint64
	flags micro.Flags
	mem   *cpu.Memory
}

// New64 returns an aarch64.
func New64(mem *cpu.Memory) cpu.CPU { return &core{mem: mem} }

// Syscall returns what SVC asks for, in Linux's convention.
func (c *core) Syscall() (uint64, [6]uint64) {
	return c.x[8], [6]uint64(c.x[:6])
}

func (c *core) SetResult(v int64) { c.x[0] = uint64(v) }
func (c *core) PC() uint64        { return c.pc }
func (c *core) SetPC(pc uint64)   { c.pc = pc }
func (c *core) SetSP(v uint64)    { c.x[sp] = v }

// Clone returns a core with the same registers and flags.
func (c *core) Clone(mem *cpu.Memory) cpu.CPU {
	d := *c
	d.mem = mem
	return &d
}

// names are the registers' names in assembly language.
var names = [32]string{
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
	"x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp",
}

// Registers appends x0 to x30, sp, and nzcv, which has the flags in its bits
// 31 to 28.
func (c *core) Registers(regs []cpu.Register) []cpu.Register {
	for i, name := range names {
		regs = append(regs, cpu.Register{Name: name, Value: c.x[i]})
	}
	return append(regs, cpu.Register{Name: "nzcv", Value: micro.NZCV(&c.flags)})
}

func (c *core) Target() *micro.Target             { return &target }
func (c *core) Register(r micro.Reg) uint64       { return c.x[r] }
func (c *core) SetRegister(r micro.Reg, v uint64) { c.x[r] = v }
func (c *core) Flags() *micro.Flags               { return &c.flags }

func (c *core) Length() (int, error) {
	if _, err := c.decode(); err != nil {
		return 0, err
	}
	return 4, nil
}

// decode decodes the instruction at the core's pc.
func (c *core) decode() (inst, error) {
	b := c.mem.Fetch(c.pc, 4)
	if c.pc%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: c.pc}
	}
	in := decode(binary.LittleEndian.Uint32(b))
	if in.op == opNone {
		return inst{}, c.fault(cpu.Undefined, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at the core's pc.
func (c *core) fault(kind cpu.FaultKind, addr uint64) error {
	bytes := append([]byte(nil), c.mem.Fetch(c.pc, 4)...)
	return &cpu.Fault{Kind: kind, PC: c.pc, Bytes: bytes, Addr: addr}
}

// Step executes one instruction.
func (c *core) Step() error {
	in, err := c.decode()
	if err != nil {
		return err
	}
	next := c.pc + 4
	if kind, addr := c.execute(&in, c.pc, &next); kind != "" {
		return c.fault(kind, addr)
	}
	c.pc = next
	if in.op == opSVC {
		return cpu.ErrSyscall
	}
	return nil
}
