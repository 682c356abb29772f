// Package gdb lets gdb debug a program that the emulator runs, forwards and
// backwards: it speaks gdb's remote serial protocol ("Remote Protocol" in gdb's
// manual; names of packets are the manual's).
//
// What is debugged is the run's first process, whatever programs it executes.
// Processes that it forks run to their end, unseen.
//
// # Going back
//
// The same input gives the same run. So to go back to where the run had
// executed n instructions is to begin it anew, and to stop after n of them:
// without gdb's noticing, with files as they were at the beginning, with what
// was read from standard input before, and without writing again what has been
// written. What gdb has changed in registers and memory is changed again at the
// same place. Only the last stretch is run step by step.
//
//	packet.go   packets, and the connection
//	target.go   the registers of each processor, as gdb wants them described
//	session.go  what is known while a program is debugged
//	command.go  what gdb asks for while the program stands still
//	goal.go     what the program runs for: to a breakpoint, or to where it was
//	replay.go   input and output of runs that are begun anew
package gdb
