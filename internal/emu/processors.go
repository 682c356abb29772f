package emu

import (
	"stage0/internal/emu/arm"
	"stage0/internal/emu/armv7"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/riscv"
	"stage0/internal/emu/x86"
)

// A processor is a row of the table of supported processors.
type processor struct {
	arch     string // name in package arch
	bits     int    // word size: ELF class, sizes on the stack
	uname    string // machine name in uname
	stackTop uint64 // end of the stack: where Linux has it without randomization, on amd64 for x86
	calls    []numbered
	legacy   bool // programs use legacy call numbers
	new      func(*cpu.Memory) cpu.CPU
}

var processors = []processor{
	{"amd64", 64, "x86_64", 0x7ffffffff000, amd64Calls, false, x86.New64},
	{"riscv32", 32, "riscv32", 0x7ffff000, riscv32Calls, false, riscv.New32},
	{"riscv64", 64, "riscv64", 0x3ffffff000, riscv64Calls, false, riscv.New64},
	{"x86", 32, "i686", 0xffffe000, x86Calls, false, x86.New32},
	{"aarch64", 64, "aarch64", 0x7ffffff000, aarch64Calls, true, arm.New64},
	{"armv7l", 32, "armv7l", 0xff7fe000, armv7lCalls, false, armv7.New},
}

// findProcessor returns the row for an architecture, or nil.
func findProcessor(arch string) *processor {
	for i := range processors {
		if p := &processors[i]; p.arch == arch {
			return p
		}
	}
	return nil
}
