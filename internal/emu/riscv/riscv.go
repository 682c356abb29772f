// Package riscv implements the emulator's processors riscv64 and riscv32: the base
// instruction sets RV64I and RV32I with the extension M, little-endian, as
// specified in the unprivileged ISA manual (volume I, version 20191213). Names of
// chapters and instructions are those of the manual.
//
// The code is generic over the type of a register. An instruction that works on
// whole registers, such as ADD, is the same on both processors. One whose name ends
// in W operates on the low 32 bits of a register, like the instruction without the
// W on riscv32.
//
// Instructions are four bytes long and aligned to four bytes; the extension C is
// not implemented.
package riscv

import (
	"encoding/binary"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
	isa "stage0/internal/riscv"
)

// Registers with a special role ("Programmer's Model for Base Integer ISA", and the
// names of the calling convention).
const (
	zero = 0
	ra   = 1
	sp   = 2
	fp   = 8
	a0   = 10
	a7   = 17
)

// A register is the contents of a register of RV32 or RV64.
type register interface{ uint32 | uint64 }

// bits returns the number of bits of a register.
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
	x      [32]T // registers; x[zero] is never set
	pc     uint64
	mem    *cpu.Memory
	target *micro.Target
}

// New64 returns a riscv64.
func New64(mem *cpu.Memory) cpu.CPU { return &hart[uint64]{mem: mem, target: target64} }

// New32 returns a riscv32.
func New32(mem *cpu.Memory) cpu.CPU { return &hart[uint32]{mem: mem, target: target32} }

// Syscall implements cpu.CPU for ECALL.
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
	c := *h
	c.mem = mem
	return &c
}

func (h *hart[T]) Registers(regs []cpu.Register) []cpu.Register {
	for i := 1; i < len(isa.Registers); i++ {
		regs = append(regs, cpu.Register{Name: isa.Registers[i], Value: uint64(h.x[i])})
	}
	return regs
}

func (h *hart[T]) Target() *micro.Target             { return h.target }
func (h *hart[T]) Register(r micro.Reg) uint64       { return uint64(h.x[r]) }
func (h *hart[T]) SetRegister(r micro.Reg, v uint64) { h.set(uint8(r), T(v)) }
func (h *hart[T]) Flags() *micro.Flags               { return nil }

func (h *hart[T]) Length() (int, error) {
	if _, err := h.decode(); err != nil {
		return 0, err
	}
	return 4, nil
}

// decode decodes the instruction at pc.
func (h *hart[T]) decode() (inst, error) {
	b := h.mem.Fetch(h.pc, 4)
	if h.pc%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: h.pc}
	}
	in, ok := decode(binary.LittleEndian.Uint32(b), bits[T]())
	if !ok {
		return inst{}, h.fault(cpu.Undefined, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at pc. addr is for loads and stores only.
func (h *hart[T]) fault(kind cpu.FaultKind, addr uint64) error {
	bytes := append([]byte(nil), h.mem.Fetch(h.pc, 4)...)
	return &cpu.Fault{Kind: kind, PC: h.pc, Bytes: bytes, Addr: addr}
}
