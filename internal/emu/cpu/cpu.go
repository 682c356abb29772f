// Package cpu defines what the emulator's machine and its processors share: the
// interface CPU, and the Memory that both use. It depends on no architecture.
package cpu

import (
	"errors"
	"fmt"

	"stage0/internal/emu/micro"
)

// A CPU is a processor with its registers. It works on one Memory and must be used
// by one goroutine at a time. The registers of a new CPU are all zero.
//
// A CPU depends only on its registers and memory: it has no clock, no source of
// randomness and no access to the host. It executes one instruction at a time, in
// code that is written to be compared with the processor's manual. Package
// translate does the same at higher speed.
type CPU interface {
	// Step executes one instruction. If the instruction is a system call, Step
	// returns ErrSyscall, and PC is the address after it. If the instruction cannot
	// be executed, Step returns a *Fault; PC is then the address of the instruction,
	// and registers and memory are unchanged.
	Step() error

	// Syscall returns the number and arguments of the system call that Step stopped
	// for, zero-extended on 32-bit processors.
	Syscall() (number uint64, args [6]uint64)

	// SetResult sets the result of a system call: a value, or a negative errno.
	SetResult(v int64)

	PC() uint64
	SetPC(pc uint64)
	SetSP(sp uint64)

	// Clone returns a CPU with the same registers for mem, which is a copy of this
	// CPU's memory. It implements fork.
	Clone(mem *Memory) CPU

	// Registers appends the registers, without PC, to regs: always the same registers
	// in the same order, for traces.
	Registers(regs []Register) []Register

	// Length returns the length in bytes of the instruction at PC. The error is the
	// one that executing it would return.
	Length() (int, error)

	// Target describes the processor to the translator. It is nil if programs are not
	// translated. Register and SetRegister use the Target's register numbers. Flags
	// returns the flags, or nil if the processor has none.
	Target() *micro.Target
	Register(r micro.Reg) uint64
	SetRegister(r micro.Reg, v uint64)
	Flags() *micro.Flags
}

// A Register is a register's name and value.
type Register struct {
	Name  string
	Value uint64
}

// ErrSyscall is returned by Step when the program makes a system call.
var ErrSyscall = errors.New("system call")

// A FaultKind is the reason why an instruction could not be executed.
type FaultKind string

// The kinds of faults.
const (
	Undefined   FaultKind = "unknown instruction"          // or one that the emulator does not implement
	BadLoad     FaultKind = "load from"                    // Addr is not readable
	BadStore    FaultKind = "store to"                     // Addr is not writable
	BadFetch    FaultKind = "jump to"                      // PC is not executable
	Unaligned   FaultKind = "unaligned access"             // by an instruction that requires alignment
	DivideError FaultKind = "division by zero or overflow" // on processors that trap it
	Breakpoint  FaultKind = "breakpoint"
)

// A Fault is the error of an instruction that cannot be executed.
type Fault struct {
	Kind  FaultKind
	PC    uint64 // address of the instruction
	Bytes []byte // its bytes, as many as are known; for Undefined, the bytes at PC
	Addr  uint64 // for BadLoad and BadStore
}

func (f *Fault) Error() string {
	switch f.Kind {
	case BadLoad, BadStore:
		return fmt.Sprintf("%#x: % x: %s %#x is not allowed", f.PC, f.Bytes, f.Kind, f.Addr)
	case BadFetch:
		return fmt.Sprintf("%#x: jump to an address without code", f.PC)
	}
	return fmt.Sprintf("%#x: % x: %s", f.PC, f.Bytes, f.Kind)
}
