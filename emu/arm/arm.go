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
// Three things execute instructions. core.execute (execute.go) is the whole
// processor, one instruction at a time, written to be compared with the
// manual. core.run (run.go) is for speed: it has blocks of decoded
// instructions (block.go), does those and the sequences (fuse.go) that are
// frequent itself, and leaves the rest, and every access that is not in a
// window of the memory, to execute. core.runLoop (loop.go) runs paths that lead
// back to where they begin, boiled down to what they do (trace.go, fill.go). The
// tests want of all of them what execute does.
package arm

import (
	"encoding/binary"

	"stage0/emu/cpu"
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
	x     [64]uint64 // by index; those after sink are for indexing without a check
	pc    uint64
	flags flags
	mem   *cpu.Memory
	slots [256]uint64 // of the loop that runs
	heat  uint32      // how often a block is entered before a loop is looked for

	base    uint64   // address of the first instruction that can be
	blocks  []*block // by (address - base) / 4
	decoded []uint32 // indices in blocks of those that are there
	insts   int      // how many instructions they have
}

// New64 returns an aarch64.
func New64(mem *cpu.Memory) cpu.CPU { return newCore(mem) }

func newCore(mem *cpu.Memory) *core {
	c := &core{mem: mem, heat: firstHeat}
	base, size := mem.CodeRange()
	c.base, c.blocks = base, make([]*block, size/4)
	mem.ForgetCode()
	return c
}

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
	d := newCore(mem)
	d.x, d.pc, d.flags = c.x, c.pc, c.flags
	return d
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
	return append(regs, cpu.Register{Name: "nzcv", Value: uint64(c.flags.nzcv()) << 28})
}

func (c *core) Length() (int, error) {
	if _, err := c.decodeAt(c.pc); err != nil {
		return 0, err
	}
	return 4, nil
}

// decodeAt decodes the instruction at pc.
func (c *core) decodeAt(pc uint64) (inst, error) {
	b := c.mem.Fetch(pc, 4)
	if pc%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: pc}
	}
	in := decode(binary.LittleEndian.Uint32(b))
	if in.op == opNone {
		return inst{}, c.fault(cpu.Undefined, pc, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at pc.
func (c *core) fault(kind cpu.FaultKind, pc, addr uint64) error {
	bytes := append([]byte(nil), c.mem.Fetch(pc, 4)...)
	return &cpu.Fault{Kind: kind, PC: pc, Bytes: bytes, Addr: addr}
}

// Run executes instructions. It counts them, and compares with budget, where
// a block ends, so that it overruns budget by a block; with a budget of 1 it
// takes a step.
func (c *core) Run(budget uint64) (uint64, error) {
	if c.mem.Modified {
		c.forget()
	}
	if budget == 1 {
		return c.step()
	}
	return c.run(budget)
}

// step executes one instruction, and decodes nothing else.
func (c *core) step() (uint64, error) {
	in, err := c.decodeAt(c.pc)
	if err != nil {
		return 0, err
	}
	next := c.pc + 4
	switch kind, addr := c.execute(&in, c.pc, &next); kind {
	case "":
		c.pc = next
	default:
		return 0, c.fault(kind, c.pc, addr)
	}
	if in.op == opSVC {
		return 1, cpu.ErrSyscall
	}
	return 1, nil
}
