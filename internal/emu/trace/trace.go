// Package trace tells what a program does in the emulator: every instruction
// and system call (Tracer), or which bytes of its file are never executed
// (Coverage). Both take the events of emu.Config.Trace.
//
// A line of a trace is
//
//	PID ADDRESS SYMBOL  BYTES  INSTRUCTION  REGISTER=VALUE...  ; SOURCE
//
// with the last symbol at or before the address if the program's file has any,
// the registers that the instruction changed, apart from the program counter
// (of those of flags, the names of the flags that are set), and the line of the
// source if it is known; or
//
//	PID NAME(ARGUMENT...) = RESULT
//
// for a system call, with no result if it does not return. Numbers with 0x
// are hexadecimal, with a leading 0 octal. An instruction without registers at
// the end of a trace may not have been executed: what is wrong with it is the
// error of the run.
package trace

import (
	"bufio"
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"slices"
	"strings"

	"stage0/internal/disasm"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// maxInstruction is how long an instruction may be, in bytes (x86's limit).
const maxInstruction = 15

// changedColumn is how wide the column of the registers is that an instruction
// changed, if there is one behind it: room for one.
const changedColumn = 16

// A Tracer writes what happens. Close ends it.
type Tracer struct {
	w       *bufio.Writer
	begun   string         // the instruction that was begun, or empty
	before  []cpu.Register // the registers before it
	after   []cpu.Register
	source  string // of the instruction that was begun, or empty
	call    string // the system call that was begun, or empty
	callPID int

	symbols map[int]symbols           // by program
	sources map[int]map[uint64]string // by program and address
}

// New returns a Tracer that writes to w.
func New(w io.Writer) *Tracer {
	return &Tracer{w: bufio.NewWriter(w), symbols: map[int]symbols{}, sources: map[int]map[uint64]string{}}
}

// Begin is for emu.Config.Exec: the program x begins, and this is its file.
func (t *Tracer) Begin(x emu.Exec, file []byte) {
	if f, err := elf.NewFile(bytes.NewReader(file)); err == nil {
		t.symbols[x.Program] = newSymbols(f)
	}
}

// Source says which lines of its source the instructions of a program stand on,
// by address. It is called before the program begins.
func (t *Tracer) Source(program int, lines map[uint64]string) { t.sources[program] = lines }

// Event is for emu.Config.Trace.
func (t *Tracer) Event(e emu.Event) {
	t.finish(e.CPU)
	switch e.Kind {
	case emu.Instruction:
		t.before = e.CPU.Registers(t.before[:0])
		t.begun = fmt.Sprintf("%d %s", e.PID, t.instruction(e))
		t.source = t.sources[e.Program][e.CPU.PC()]
	case emu.CallBegin:
		t.call, t.callPID = callText(e), e.PID
		t.w.Flush() // the program may print something
	case emu.CallEnd:
		fmt.Fprintf(t.w, "%d %s = %s\n", t.callPID, t.call, result(e))
		t.call = ""
		t.w.Flush()
	case emu.CallGone:
		fmt.Fprintf(t.w, "%d %s\n", t.callPID, t.call)
		t.call = ""
		t.w.Flush()
	}
}

// finish ends the line of the instruction that was begun, if there is one,
// with what it changed in the registers of c, which may be nil.
func (t *Tracer) finish(c cpu.CPU) {
	if t.begun == "" {
		return
	}
	line := t.begun
	width := len(line) + changedColumn
	t.begun = ""
	if c != nil {
		t.after = c.Registers(t.after[:0])
		for i, r := range t.after {
			if r.Value != t.before[i].Value {
				line += " " + registerText(r)
			}
		}
	}
	if t.source != "" {
		line = fmt.Sprintf("%-*s  ; %s", width, line, t.source)
	}
	fmt.Fprintln(t.w, strings.TrimRight(line, " "))
}

// Close ends the trace of a run that has ended, and returns the first error of
// writing it.
func (t *Tracer) Close() error {
	t.finish(nil)
	if t.call != "" {
		fmt.Fprintf(t.w, "%d %s\n", t.callPID, t.call)
	}
	return t.w.Flush()
}

// instruction shows the instruction that is about to be executed.
func (t *Tracer) instruction(e emu.Event) string {
	pc := e.CPU.PC()
	at := fmt.Sprintf("%#x", pc)
	if list := t.symbols[e.Program]; len(list) > 0 {
		at = fmt.Sprintf("%s %-16s", at, list.name(pc))
	}
	code := e.Memory.Fetch(pc, maxInstruction)
	n, err := e.CPU.Length()
	if err != nil {
		return at // the run's error says what is there
	}
	text := "?"
	if inst, err := disasm.Decode(e.Arch, pc, slices.Clone(code)); err == nil && inst.Len == n {
		text = inst.Text()
	}
	return fmt.Sprintf("%s  %-20s  %-28s", at, fmt.Sprintf("% x", code[:n]), text)
}
