// Package arm implements the emulator's processor aarch64: the general-purpose
// instructions of the A64 instruction set, little-endian, that hand-written and
// compiled programs of the aarch64 ladder use, as specified in the Arm Architecture
// Reference Manual (DDI 0487). Names of instructions and tables are those of the
// manual.
//
// The implemented instructions support all their operands: the classes
// add/subtract, logical, move wide, bitfield, divide, shift and multiply-add of 32
// and 64 bits; loads and stores of one register of 1 to 8 bytes in every addressing
// mode; branches, SVC, BRK and NOP. Instructions that the manual calls constrained
// unpredictable are not implemented, nor are exclusive, pair and vector accesses.
//
// Each instruction is implemented twice, in the same order: execute.go executes one
// instruction at a time; lower.go translates it to micro-operations, for package
// translate. Tests check that both agree.
package arm

import (
	"encoding/binary"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Indices of core.x that are not register numbers.
const (
	sp   = 31 // the stack pointer
	zero = 32 // always zero: register 31 as a source
	sink = 33 // ignored: register 31 as a destination
	lr   = 30 // link register, set by BL and BLR
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

// Syscall implements cpu.CPU for SVC, with Linux's convention.
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

// Registers appends x0 to x30, sp, and nzcv, which contains the flags in bits 31 to
// 28.
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

// decode decodes the instruction at pc.
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

// fault returns a fault of the instruction at pc.
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
