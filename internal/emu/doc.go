// Package emu runs Linux programs inside the process: those that a stage0-posix
// ladder begins with and builds. What they see is a file system that the caller
// gives; no host file, no host system call, no clock and no random source is in
// their reach. The same input gives the same run.
//
//	emu            the machine: ELF files, processes, files, system calls, limits
//	emu/cpu        what machine and processors agree on: interface CPU, Memory
//	emu/riscv      processors riscv64 and riscv32
//	emu/x86        processors amd64 and x86 (i386)
//	emu/arm        processor aarch64
//	emu/armv7      processor armv7l
//	emu/knight     processor Knight, for images of memory, and a machine without a system
//	emu/micro      the language in which processors say what instructions do
//	emu/translate  makes WebAssembly of programs, for speed
//	emu/trace      tells what a program does
//	emu/gdb        lets gdb debug it
//
// # Adding a processor
//
// A processor is a package below emu, which imports emu/cpu, emu/micro and the
// standard library. It exports a function for each of its architectures,
//
//	func New64(mem *cpu.Memory) cpu.CPU
//
// and has one row an architecture in the table processors of processors.go,
// beside the numbers of the system calls in calls.go. It has three parts:
//
//   - A decoder, from bytes to an instruction: a table in the manual's notation.
//   - An executor, Step, which does one instruction, to be read beside the
//     manual. An instruction, or a form of one, that is not there is a cpu.Fault
//     of the kind Undefined, never a guess.
//   - A lowering, Target().Lower, which says the same in micro-operations. What
//     it leaves out the executor does. A processor without one is slower, and as
//     right.
//
// The tests of a processor are in its package: the executor against a source
// that is not ours (the host's processor, or qemu-user), the lowering against
// the executor (package micro/microtest), and both as programs.
package emu
