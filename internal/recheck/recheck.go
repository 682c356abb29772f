// Package recheck checks a proof of hex0 by executing the program on the processor that
// it runs on, one instruction at a time. It shares no code with package emu, so what it
// confirms does not depend on the emulator. It runs on Linux on amd64, and checks
// programs for amd64, and for x86 if the kernel runs them.
//
// A certificate lists the states in which the program makes a system call, and where
// each answer to the call leads; package prove documents the format. The checker takes
// one thing from it: which bytes of memory are live at each system call. Everything else
// it finds out again, and compares. It has Linux start the program, sets the process to
// each state, lets the processor execute it for each answer, and checks three things:
//
//   - It comes to the state that the certificate names.
//   - On the way, it loads no byte of memory that is neither live in the state that it
//     comes from nor stored to since. An instruction is refused if the checker cannot
//     tell what it loads.
//   - The system call that it makes there is the one that hex0 makes. No call is executed.
//
// A program that stores to memory outside of two pages of stack is refused, and so is one
// that executes code there. Its files may have any names: the path that it opens must be an
// argument itself, and it must not use a byte of the arguments in any other way.
package recheck

// A Result is what a check found out.
type Result struct {
	Arch        string
	States      int // in which the program makes a system call
	Transitions int // the ways on from them, and from the start, each executed
	Steps       int // instructions executed
}

// A MachineError is the reason why this machine cannot check a certificate.
type MachineError struct{ Err error }

func (e *MachineError) Error() string { return e.Err.Error() }
