// Package cpu is what the emulator's machine and its processors agree on: the
// interface CPU, and the Memory that both work on. It knows no architecture.
package cpu

import (
	"errors"
	"fmt"

	"stage0/internal/emu/micro"
)

// A CPU is one processor with its registers. It works on one Memory and is
// used by one goroutine. A new CPU's registers are all zero.
//
// What a CPU does depends on its registers and its memory alone: it knows no
// clock, no random source, and no host. It executes one instruction at a time,
// written to be compared with the processor's manual; package translate is for
// speed, and does the same.
type CPU interface {
	// Step executes one instruction. The error is ErrSyscall if it asked for a
	// system call: then PC is behind it. It is a *Fault if the instruction cannot
	// be executed: then PC is its address, and neither registers nor memory show
	// anything of it.
	Step() error

	// Syscall returns the number and the arguments of the system call that
	// Step stopped for. On a 32-bit processor they are zero-extended.
	Syscall() (number uint64, args [6]uint64)

	// SetResult gives a system call's result: a value, or a negative errno.
	SetResult(v int64)

	PC() uint64
	SetPC(pc uint64)
	SetSP(sp uint64)

	// Clone returns a CPU with the same registers that works on mem, which
	// holds the same as this CPU's memory: what fork needs.
	Clone(mem *Memory) CPU

	// Registers appends the registers, PC left out, to regs, always the same
	// ones in the same order, for traces.
	Registers(regs []Register) []Register

	// Length returns how many bytes the instruction at PC takes. The error is
	// the one that executing it would give.
	Length() (int, error)

	// Target says what the translator needs to know of the processor; nil if
	// its programs are not translated. Then Register and SetRegister are of a
	// register by its number there, and Flags are its flags, nil if there are
	// none.
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

// ErrSyscall is what Step returns when the program asks for a system call.
var ErrSyscall = errors.New("system call")

// A FaultKind says why an instruction could not be executed.
type FaultKind string

// The kinds of faults.
const (
	Undefined   FaultKind = "unknown instruction"          // or one that this emulator lacks
	BadLoad     FaultKind = "load from"                    // Addr is not readable
	BadStore    FaultKind = "store to"                     // Addr is not writable
	BadFetch    FaultKind = "jump to"                      // PC is not executable
	Unaligned   FaultKind = "unaligned access"             // by an instruction that cannot do it
	DivideError FaultKind = "division by zero or overflow" // where the processor traps it
	Breakpoint  FaultKind = "breakpoint"
)

// A Fault is an instruction that cannot be executed.
type Fault struct {
	Kind  FaultKind
	PC    uint64 // address of the instruction
	Bytes []byte // its bytes, as many as are known; for Undefined those at PC
	Addr  uint64 // for BadLoad and BadStore
}

func (f *Fault) Error() string {
	switch f.Kind {
	case BadLoad, BadStore:
		return fmt.Sprintf("%#x: % x: %s %#x, where the program has no such right", f.PC, f.Bytes, f.Kind, f.Addr)
	case BadFetch:
		return fmt.Sprintf("%#x: jump to where there is no code", f.PC)
	}
	return fmt.Sprintf("%#x: % x: %s", f.PC, f.Bytes, f.Kind)
}
