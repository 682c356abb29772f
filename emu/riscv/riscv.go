// Package riscv is the emulator's processors riscv64 and riscv32: the base
// instruction sets RV64I and RV32I, and the extension M, little-endian, as the
// unprivileged ISA manual (volume I, version 20191213) has them. Names of
// chapters and instructions are the manual's.
//
// Both are one program, over the type of a register: an instruction is the same
// on both if it works on whole registers, as ADD does, and the loads and stores
// of whole registers (LD and SD of RV64, LW and SW of RV32) count as the same.
//
// Instructions are four bytes long and at addresses that four divides: there
// is no extension C.
package riscv

import (
	"encoding/binary"

	"stage0/emu/cpu"
)

// Registers with a part of their own, by number ("Programmer's Model for Base
// Integer ISA", and the calling convention's names).
const (
	zero = 0
	sp   = 2
	a0   = 10
	a7   = 17

	// sink is where results for register zero go.
	sink = 32
)

// A register is what one of RV32 or RV64 holds.
type register interface{ uint32 | uint64 }

// bits returns how many a register has.
func bits[T register]() int {
	if ^T(0)>>31 == 1 {
		return 32
	}
	return 64
}

// signed returns a register as a signed number.
func signed[T register](v T) int64 {
	if bits[T]() == 32 {
		return int64(int32(v))
	}
	return int64(v)
}

// A hart is the state of a processor.
type hart[T register] struct {
	x    [64]T // registers; those after sink are for indexing without a check
	pc   uint64
	mem  *cpu.Memory
	base uint64 // address of the first instruction in code
	code []inst // by (address - base) / 4; behind the last one is opStop
}

// New64 returns a riscv64.
func New64(mem *cpu.Memory) cpu.CPU { return newHart[uint64](mem) }

// New32 returns a riscv32.
func New32(mem *cpu.Memory) cpu.CPU { return newHart[uint32](mem) }

func newHart[T register](mem *cpu.Memory) *hart[T] {
	h := &hart[T]{mem: mem}
	h.forget()
	return h
}

// forget drops what has been decoded.
func (h *hart[T]) forget() {
	base, size := h.mem.CodeRange()
	h.base = base
	if h.code == nil {
		h.code = make([]inst, size/4+1)
	} else {
		clear(h.code)
	}
	h.code[size/4].op = opStop
	h.mem.ForgetCode()
}

// Syscall returns what ECALL asks for.
func (h *hart[T]) Syscall() (uint64, [6]uint64) {
	var args [6]uint64
	for i := range args {
		args[i] = uint64(h.x[a0+i])
	}
	return uint64(h.x[a7]), args
}

func (h *hart[T]) SetResult(v int64) { h.x[a0] = T(v) }
func (h *hart[T]) PC() uint64        { return h.pc }
func (h *hart[T]) SetPC(pc uint64)   { h.pc = pc }
func (h *hart[T]) SetSP(v uint64)    { h.x[sp] = T(v) }

func (h *hart[T]) Clone(mem *cpu.Memory) cpu.CPU {
	c := newHart[T](mem)
	c.x, c.pc = h.x, h.pc
	return c
}

// names are the registers' names in assembly language.
var names = [32]string{
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1",
	"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
	"s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
	"t3", "t4", "t5", "t6",
}

func (h *hart[T]) Registers(regs []cpu.Register) []cpu.Register {
	for i := 1; i < len(names); i++ {
		regs = append(regs, cpu.Register{Name: names[i], Value: uint64(h.x[i])})
	}
	return regs
}

func (h *hart[T]) Length() (int, error) {
	if _, err := h.decodeAt(h.pc); err != nil {
		return 0, err
	}
	return 4, nil
}

// decodeAt decodes the instruction at pc.
func (h *hart[T]) decodeAt(pc uint64) (inst, error) {
	b := h.mem.Fetch(pc, 4)
	if pc%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: pc}
	}
	in := decode(binary.LittleEndian.Uint32(b), bits[T]())
	if in.op == opNone {
		return inst{}, h.fault(cpu.Undefined, pc, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at pc.
func (h *hart[T]) fault(kind cpu.FaultKind, pc, addr uint64) error {
	bytes := append([]byte(nil), h.mem.Fetch(pc, 4)...)
	return &cpu.Fault{Kind: kind, PC: pc, Bytes: bytes, Addr: addr}
}
