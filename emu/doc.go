// Package emu runs Linux programs inside the process: those that a stage0-posix
// ladder begins with and builds. What they see is a file system that the caller
// gives; no host file, no host system call, no clock and no random source is in
// their reach. The same input gives the same run.
//
//	emu        the machine: ELF files, processes, files, system calls, limits
//	emu/cpu    what machine and processors agree on: interface CPU, Memory
//	emu/riscv  processors riscv64 and riscv32
//	emu/x86    processors amd64 and x86 (i386)
//	emu/arm    processor aarch64
//
// # Adding a processor
//
// A processor is a package below emu, which imports emu/cpu and the standard
// library. It exports a function for each of its architectures,
//
//	func New64(mem *cpu.Memory) cpu.CPU
//
// and has one row an architecture in the table processors of processors.go,
// beside the numbers of the system calls in calls.go. The comments on cpu.CPU
// and cpu.Memory say what is expected. In short:
//
//   - Run stops behind a system call's instruction with cpu.ErrSyscall; the
//     machine does the call, sets the result, and calls Run again.
//   - An instruction, or a form of one, that is not there is a cpu.Fault of
//     the kind Undefined, never a guess.
//   - Loads and stores try mem.Stack and mem.Load or mem.Store, and go through
//     mem.LoadSlow and mem.StoreSlow otherwise. mem.Fetch gives the bytes to
//     decode, and only those may be executed.
//   - Decoded instructions may be kept, a block at a time, if their bytes are
//     marked with mem.MarkCode; when mem.Modified is set they are dropped (how
//     often that happens is up to the program, so dropping is cheap: a new
//     map, or a generation number).
//   - What one Run allocates is bounded: in proportion to cpu.MaxCode, or so
//     many decoded instructions, then all are dropped.
//
// The tests of a processor are in its package: each instruction against a
// source that is not ours (the host's processor, or qemu-user).
package emu
