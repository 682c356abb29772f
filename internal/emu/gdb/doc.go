// Package gdb lets gdb debug a program in the emulator, forwards and backwards. It
// implements gdb's remote serial protocol ("Remote Protocol" in gdb's manual; names
// of packets are the manual's).
//
// gdb debugs the first process of the run, whatever programs that executes.
// Processes that it forks run to their end without being debugged.
//
// # Reverse execution
//
// The same input gives the same run. To go back to where the run had executed n
// instructions, the package restarts the run and stops it after n instructions.
// gdb does not notice: files are as they were at the start, standard input is
// replayed, output that was already written is not written again, and gdb's changes
// to registers and memory are repeated at the same places. Only the last stretch is
// executed in single steps.
//
//	packet.go   packets, and the connection
//	target.go   the registers of each processor, as described to gdb
//	session.go  the state of a debugging session
//	command.go  gdb's commands while the program is stopped
//	goal.go     running the program up to a breakpoint, or to an earlier place
//	replay.go   input and output of restarted runs
package gdb
