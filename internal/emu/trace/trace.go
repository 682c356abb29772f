// Package trace prints what a program does in the emulator: every instruction and
// system call (Tracer), or which bytes of its file are never executed (Coverage).
// Both take the events of emu.Config.Trace.
//
// A line of a trace is
//
//	PID ADDRESS SYMBOL  BYTES  INSTRUCTION  REGISTER=VALUE...  ; SOURCE
//
// for an instruction. SYMBOL is the last symbol at or before the address, if the
// program's file has symbols. The registers are those that the instruction changed,
// except the program counter; for a flags register, the names of the flags that are
// set are printed. SOURCE is the line of the source, if it is known. For a system
// call, the line is
//
//	PID NAME(ARGUMENT...) = RESULT
//
// without a result if the call does not return. Numbers with 0x are hexadecimal,
// numbers with a leading 0 are octal. If the last line of a trace is an instruction
// without registers, it may not have been executed; the error of the run says why.
package trace

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"stage0/internal/disasm"
	"stage0/internal/elffile"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// maxInstruction is the maximum length of an instruction, in bytes (x86's limit).
const maxInstruction = 15

// changedColumn is the width of the column of changed registers if another column
// follows: room for one register.
const changedColumn = 16

// A Tracer writes a trace. Close must be called at the end.
type Tracer struct {
	w       *bufio.Writer
	begun   string         // the current instruction, or empty
	before  []cpu.Register // the registers before it
	after   []cpu.Register
	source  string // of the current instruction, or empty
	call    string // the current system call, or empty
	callPID int

	symbols map[int]symbols           // by program
	sources map[int]map[uint64]string // by program and address
}

// New returns a Tracer that writes to w.
func New(w io.Writer) *Tracer {
	return &Tracer{w: bufio.NewWriter(w), symbols: map[int]symbols{}, sources: map[int]map[uint64]string{}}
}

// Begin is called from emu.Config.Exec: program x starts, and file is its file.
func (t *Tracer) Begin(x emu.Exec, file []byte) {
	if f, err := elffile.Open(file); err == nil {
		t.symbols[x.Program] = newSymbols(f)
	}
}

// Source sets the source lines of a program's instructions, by address. It must be
// called before the program starts.
func (t *Tracer) Source(program int, lines map[uint64]string) { t.sources[program] = lines }

// Event is called from emu.Config.Trace.
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

// finish ends the line of the current instruction, if there is one, with the changed
// registers of c, which may be nil.
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

// Close ends the trace after the run, and returns the first error of writing it.
func (t *Tracer) Close() error {
	t.finish(nil)
	if t.call != "" {
		fmt.Fprintf(t.w, "%d %s\n", t.callPID, t.call)
	}
	return t.w.Flush()
}

// instruction formats the instruction that is about to be executed.
func (t *Tracer) instruction(e emu.Event) string {
	pc := e.CPU.PC()
	at := fmt.Sprintf("%#x", pc)
	if list := t.symbols[e.Program]; len(list) > 0 {
		at = fmt.Sprintf("%s %-16s", at, list.name(pc))
	}
	code := e.Memory.Fetch(pc, maxInstruction)
	n, err := e.CPU.Length()
	if err != nil {
		return at // the error of the run says what is wrong
	}
	text := "?"
	if inst, err := disasm.Decode(e.Arch, pc, slices.Clone(code)); err == nil && inst.Len == n {
		text = inst.Text()
	}
	return fmt.Sprintf("%s  %-20s  %-28s", at, fmt.Sprintf("% x", code[:n]), text)
}
