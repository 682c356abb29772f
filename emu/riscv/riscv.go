// Package riscv is the emulator's processors riscv64 and riscv32: the base
// instruction sets RV64I and RV32I, and the extension M, little-endian, as the
// unprivileged ISA manual (volume I, version 20191213) has them. Names of
// chapters and instructions are the manual's.
//
// The registers of riscv32 are kept sign-extended to 64 bits. Then its
// instructions are those of riscv64 or its W forms (ADD is ADDW, and so on),
// comparisons come out the same, signed and unsigned, and addresses do as no
// memory is at or above 0x7ffff000; only MULH and its kin are its own.
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
	sp = 2
	a0 = 10
	a7 = 17

	// sink is where results for register zero go.
	sink = 32
)

// A hart is the state of a processor.
type hart struct {
	x    [64]uint64 // registers; those after sink are for indexing without a check
	pc   uint64
	mem  *cpu.Memory
	bits int    // of a register: 32 or 64
	base uint64 // address of the first instruction in code
	code []inst // by (address - base) / 4; behind the last one is opStop
}

// New64 returns a riscv64.
func New64(mem *cpu.Memory) cpu.CPU { return newHart(mem, 64) }

// New32 returns a riscv32.
func New32(mem *cpu.Memory) cpu.CPU { return newHart(mem, 32) }

func newHart(mem *cpu.Memory, bits int) *hart {
	h := &hart{mem: mem, bits: bits}
	h.forget()
	return h
}

// forget drops what has been decoded.
func (h *hart) forget() {
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
func (h *hart) Syscall() (uint64, [6]uint64) {
	var args [6]uint64
	for i := range args {
		args[i] = h.value(a0 + i)
	}
	return h.value(a7), args
}

func (h *hart) SetResult(v int64) { h.x[a0] = h.extend(uint64(v)) }
func (h *hart) PC() uint64        { return h.pc }
func (h *hart) SetPC(pc uint64)   { h.pc = pc }
func (h *hart) SetSP(v uint64)    { h.x[sp] = h.extend(v) }

// extend returns v as registers have it.
func (h *hart) extend(v uint64) uint64 {
	if h.bits == 32 {
		return uint64(int64(int32(v)))
	}
	return v
}

// value returns a register as the program sees it.
func (h *hart) value(n int) uint64 {
	if h.bits == 32 {
		return uint64(uint32(h.x[n]))
	}
	return h.x[n]
}

func (h *hart) Clone(mem *cpu.Memory) cpu.CPU {
	c := newHart(mem, h.bits)
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

func (h *hart) Registers(regs []cpu.Register) []cpu.Register {
	for i := 1; i < len(names); i++ {
		regs = append(regs, cpu.Register{Name: names[i], Value: h.value(i)})
	}
	return regs
}

func (h *hart) Length() (int, error) {
	if _, err := h.decodeAt(h.pc); err != nil {
		return 0, err
	}
	return 4, nil
}

// decodeAt decodes the instruction at pc.
func (h *hart) decodeAt(pc uint64) (inst, error) {
	b := h.mem.Fetch(pc, 4)
	if pc%4 != 0 || len(b) < 4 {
		return inst{}, &cpu.Fault{Kind: cpu.BadFetch, PC: pc}
	}
	in := decode(binary.LittleEndian.Uint32(b), h.bits)
	if in.op == opNone {
		return inst{}, h.fault(cpu.Undefined, pc, 0)
	}
	return in, nil
}

// fault returns a fault of the instruction at pc.
func (h *hart) fault(kind cpu.FaultKind, pc, addr uint64) error {
	if h.bits == 32 {
		addr = uint64(uint32(addr))
	}
	bytes := append([]byte(nil), h.mem.Fetch(pc, 4)...)
	return &cpu.Fault{Kind: kind, PC: pc, Bytes: bytes, Addr: addr}
}
