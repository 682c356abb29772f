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
// without a result if the call does not return. ADDRESS, BYTES and numbers with 0x
// are hexadecimal, other numbers with a leading 0 are octal. If the last line of a trace is an instruction
// without registers, it may not have been executed; the error of the run says why.
package trace

import (
	"debug/elf"
	"fmt"
	"io"
	"slices"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/disasm"
	"stage0/internal/elffile"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/listing"
)

// maxInstruction is the maximum length of an instruction, in bytes (x86's limit).
const maxInstruction = 15

// changedColumn is the width of the column of changed registers if another column
// follows: room for one register.
const changedColumn = 17

// A Tracer writes a trace. Close must be called at the end.
type Tracer struct {
	out     clean.Printer
	begun   bool // there is a current instruction
	pid     int  // of its process
	row     listing.Row
	before  []cpu.Register // the registers before it
	after   []cpu.Register
	source  string // of the current instruction, or empty
	call    string // the current system call, or empty
	callPID int

	symbols map[int]elffile.Symbols   // by program
	sources map[int]map[uint64]string // by program and address
}

// New returns a Tracer that writes to w.
func New(w io.Writer) *Tracer {
	return &Tracer{out: clean.NewPrinter(w), symbols: map[int]elffile.Symbols{}, sources: map[int]map[uint64]string{}}
}

// Begin is called from emu.Config.Exec: program x starts, and file is its file.
func (t *Tracer) Begin(x emu.Exec, file []byte) {
	if f, err := elffile.Open(file); err == nil {
		t.symbols[x.Program] = symbols(f)
	}
}

// symbols returns the symbols of a file that are addresses.
func symbols(f *elffile.File) elffile.Symbols {
	return slices.DeleteFunc(f.Symbols(), func(s elf.Symbol) bool { return s.Section == elf.SHN_ABS })
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
		t.begun, t.pid, t.row = true, e.PID, t.instruction(e)
		t.source = t.sources[e.Program][e.CPU.PC()]
	case emu.CallBegin:
		t.call, t.callPID = callText(e), e.PID
		t.out.Flush() // the program may print something
	case emu.CallEnd:
		t.out.Line("%d %s = %s", t.callPID, t.call, result(e))
		t.call = ""
		t.out.Flush()
	case emu.CallGone:
		t.out.Line("%d %s", t.callPID, t.call)
		t.call = ""
		t.out.Flush()
	}
}

// finish ends the line of the current instruction, if there is one, with the changed
// registers of c, which may be nil.
func (t *Tracer) finish(c cpu.CPU) {
	if !t.begun {
		return
	}
	t.begun = false
	var changed []string
	if c != nil {
		t.after = c.Registers(t.after[:0])
		for i, r := range t.after {
			if r.Value != t.before[i].Value {
				changed = append(changed, registerText(r))
			}
		}
	}
	t.row.Comment = strings.Join(changed, " ")
	if t.source != "" {
		t.row.Comment = fmt.Sprintf("%-*s  ; %s", changedColumn, t.row.Comment, t.source)
	}
	t.out.Line("%d %s", t.pid, t.row)
}

// Close ends the trace after the run, and returns the first error of writing it.
func (t *Tracer) Close() error {
	t.finish(nil)
	if t.call != "" {
		t.out.Line("%d %s", t.callPID, t.call)
	}
	return t.out.Flush()
}

// instruction returns the instruction that is about to be executed.
func (t *Tracer) instruction(e emu.Event) listing.Row {
	pc := e.CPU.PC()
	row := listing.Row{Address: pc, Label: t.symbols[e.Program].Name(pc), Text: "?"}
	code := slices.Clone(e.Memory.Fetch(pc, maxInstruction)) // the instruction may overwrite itself
	n, err := e.CPU.Length()
	if err != nil {
		return row // the error of the run says what is wrong
	}
	row.Bytes = code[:n]
	if inst, err := disasm.Decode(e.Arch, pc, code); err == nil && inst.Len == n {
		row.Text = inst.Text()
	}
	return row
}
