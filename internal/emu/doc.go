// Package emu runs Linux programs inside this process: the programs that a
// stage0-posix ladder starts from, and those that it builds. They see a file system
// that the caller provides. They cannot reach host files, host system calls, a
// clock or a source of randomness. The same input gives the same run.
//
//	emu            the machine: ELF files, processes, files, system calls, limits
//	emu/cpu        what the machine and the processors share: interface CPU, Memory
//	emu/riscv      processors riscv64 and riscv32
//	emu/x86        processors amd64 and x86 (i386)
//	emu/arm        processor aarch64
//	emu/armv7      processor armv7l
//	emu/knight     processor Knight, for memory images, and a machine without an operating system
//	emu/micro      micro-operations, in which processors describe their instructions
//	emu/translate  translates programs to WebAssembly, for speed
//	emu/trace      prints what a program does
//	emu/gdb        lets gdb debug a program
//
// # Adding a processor
//
// A processor is a package below emu that imports emu/cpu, emu/micro and the
// standard library. It exports one function for each of its architectures,
//
//	func New64(mem *cpu.Memory) cpu.CPU
//
// Each architecture has a row in the table processors of processors.go, and a table
// of system call numbers in calls.go. A processor has three parts:
//
//   - A decoder, from bytes to instructions: a table in the manual's notation.
//   - An executor, Step, which executes one instruction. It is written to be read
//     beside the manual. An instruction, or a form of one, that it does not
//     implement is a cpu.Fault of kind Undefined, never a guess.
//   - A lowering, Target().Lower, which describes the instructions a second time,
//     in micro-operations. What it does not describe is left to the executor. A
//     processor without a lowering works too, only slower.
//
// The tests of a processor are in its package. They compare the executor with an
// independent source (the host's processor, or qemu-user), the lowering with the
// executor (package micro/microtest), and both by running programs.
package emu
