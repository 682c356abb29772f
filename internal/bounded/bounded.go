// Package bounded compares programs of the ladder that have no bound on their states
// with this project's tools, on every input up to a size. That is not a proof for all
// inputs, as package prove's is for hex0-seed: it says nothing about longer ones.
//
// An input is a sequence of symbols: bytes, one for each class of bytes that a language
// tells apart, or whole words of the language. The emulator executes the program up to
// the first byte that it reads of the input, then goes on with each symbol, and with the
// end of the input, from the same state: what two inputs have in common is executed once.
// At each end, what the program wrote, its exit status and the programs that it ran are
// compared with what the tool does with the same input.
//
// Where upstream hangs, crashes or reads out of bounds, the tools report an error. If the
// program does not succeed either, the input counts as refused by both. If it does, the
// tool is stricter; such inputs are counted by the tool's message.
package bounded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"stage0/bootstrap"
)

// A Result says how a program compares with a tool.
type Result struct {
	Program string  `json:"program"` // the tool and its options, as hex1 -A amd64
	Arch    string  `json:"arch"`
	Symbols []Text  `json:"symbols"` // what inputs consist of
	Frames  []Frame `json:"frames"`  // what comes before and after the symbols
	Length  int     `json:"length"`  // the most symbols of an input

	Inputs   int                `json:"inputs"`   // compared
	Same     int                `json:"same"`     // the same output, status and commands
	Refused  map[string]Example `json:"refused"`  // by both, by what the program does
	Stricter map[string]Example `json:"stricter"` // the tool refuses, the program exits with 0, by the tool's message
	Differ   int                `json:"differ"`

	// Difference is a shortest input on which they differ, if there is one.
	Difference *Difference `json:"difference,omitempty"`

	Executed int     `json:"executed"` // bytes of instructions
	NotRun   []Range `json:"notRun"`   // the rest of the file, without headers: data, and code that no input reached
}

// bytesNotRun returns the number of bytes that were not executed.
func (r *Result) bytesNotRun() (n int) {
	for _, x := range r.NotRun {
		n += x.Size
	}
	return n
}

// A Frame is a text around the symbols of an input, to get further into a program with
// few symbols.
type Frame struct {
	Before Text `json:"before"`
	After  Text `json:"after"`
}

// A Text is bytes of an input. In JSON it is ASCII, with the escapes of Go.
type Text string

// MarshalText returns the text with escapes.
func (t Text) MarshalText() ([]byte, error) {
	q := strconv.QuoteToASCII(string(t))
	return []byte(q[1 : len(q)-1]), nil
}

// An Example is one of several inputs.
type Example struct {
	Inputs int  `json:"inputs"`
	Input  Text `json:"input"` // a shortest
}

// A Difference is an input on which a program and a tool differ.
type Difference struct {
	Input   Text   `json:"input"`
	Program string `json:"program"` // what the program does
	Tool    string `json:"tool"`    // what the tool does
}

// A Range is a range of bytes in memory, of an instruction or data.
type Range struct {
	Addr uint64 `json:"addr"`
	Size int    `json:"size"` // bytes
}

// An UnknownError is the reason why a program cannot be compared with a tool.
type UnknownError struct{ Reason string }

func (e *UnknownError) Error() string { return e.Reason }

// programs has the programs of all releases.
var programs = sync.OnceValues(bootstrap.LoadPrograms)

// find returns the tool that a program is known to be the same as.
func find(file []byte) (p bootstrap.Program, k kind, err error) {
	known, err := programs()
	if err != nil {
		return p, k, err
	}
	p, ok := known[sha256.Sum256(file)]
	if !ok {
		return p, k, &UnknownError{"no release has this program"}
	}
	if k, ok = kinds[p.Name]; !ok {
		return p, k, &UnknownError{fmt.Sprintf("it is %s, which is not compared", p.Name)}
	}
	return p, k, nil
}

// Known reports whether a program can be compared.
func Known(file []byte) bool {
	_, _, err := find(file)
	return err == nil
}

// Compare compares a program with the tool that it is known to be the same as. length is
// the number of symbols of the longest inputs; 0 means as many as take a few seconds.
// The error is an *UnknownError, or why ctx has ended.
func Compare(ctx context.Context, file []byte, length int) (*Result, error) {
	p, k, err := find(file)
	if err != nil {
		return nil, err
	}
	return compare(ctx, file, p, k, length)
}

func compare(ctx context.Context, file []byte, p bootstrap.Program, k kind, length int) (*Result, error) {
	if length == 0 {
		length = k.length
	}
	g, err := newGuest(file, append([]string{p.Name}, k.args...))
	if err != nil {
		return nil, err
	}
	defer g.Memory.Free()
	e := explorer{ctx: ctx, guest: g, tool: newTool(p, k.args), length: length, result: &Result{
		Program: p.String(), Arch: g.Arch, Symbols: k.symbols, Length: length,
		Frames: k.frames, Refused: map[string]Example{}, Stricter: map[string]Example{},
	}}
	start := g.save()
	for _, e.frame = range k.frames {
		e.input = []byte(e.frame.Before)
		if err := e.explore(0); err != nil {
			return nil, err
		}
		g.restore(start)
	}
	e.cover(file)
	return e.result, nil
}

// An explorer follows all inputs.
type explorer struct {
	*guest
	ctx    context.Context
	tool   *tool
	frame  Frame
	input  []byte
	length int
	result *Result
}

// explore goes on from the guest's state, after an input of some symbols.
func (e *explorer) explore(symbols int) error {
	if err := e.ctx.Err(); err != nil {
		return context.Cause(e.ctx)
	}
	end, err := e.run(e.input)
	if err == nil {
		e.compare(end)
		return nil
	}
	here, n := e.save(), len(e.input)
	if symbols < e.length {
		for _, s := range e.result.Symbols {
			e.input = append(e.input[:n], s...)
			if err := e.explore(symbols + 1); err != nil {
				return err
			}
			e.restore(here)
		}
	}
	e.input, e.complete = append(e.input[:n], e.frame.After...), true
	err = e.explore(symbols)
	e.restore(here)
	return err
}

// compare compares the end of the guest with what the tool does.
func (e *explorer) compare(end end) {
	r := e.result
	r.Inputs++
	t := e.tool.run(e.input)
	good := end.how == exits && end.status == 0
	switch {
	case t.status == 0 && good && bytes.Equal(t.output, e.output) && equalCommands(t.commands, e.commands):
		r.Same++
	case t.status != 0 && end.how == exits && end.status != 0 && equalCommands(t.commands, e.commands):
		note(r.Refused, end.String(), e.input)
	case t.status != 0 && t.message != "" && (end.how == crashes || end.how == hangs):
		note(r.Refused, end.how, e.input)
	case t.status != 0 && t.message != "" && good:
		note(r.Stricter, t.message, e.input)
	default:
		r.Differ++
		if r.Difference == nil || len(e.input) < len(r.Difference.Input) {
			r.Difference = &Difference{
				Input:   Text(e.input),
				Program: describe(end.String(), e.output, e.commands),
				Tool:    describe(t.String(), t.output, t.commands),
			}
		}
	}
}

// note counts an input.
func note(list map[string]Example, what string, input []byte) {
	x := list[what]
	if x.Inputs == 0 || len(input) < len(x.Input) {
		x.Input = Text(input)
	}
	x.Inputs++
	list[what] = x
}

func equalCommands(a, b []command) bool {
	return slices.EqualFunc(a, b, func(a, b command) bool { return a.status == b.status && slices.Equal(a.args, b.args) })
}

// describe describes an end for people.
func describe(end string, output []byte, commands []command) string {
	if len(commands) > 0 {
		end = fmt.Sprintf("runs %q, %s", argsOf(commands), end)
	}
	return fmt.Sprintf("%s, having written %q", end, output)
}

func argsOf(commands []command) (list [][]string) {
	for _, c := range commands {
		list = append(list, c.args)
	}
	return list
}

// cover notes which instructions were executed, and what else the file has.
func (e *explorer) cover(file []byte) {
	r := e.result
	entry := firstCode(e.executed)
	run := make([]bool, len(e.executed))
	for off, first := range e.executed {
		if !first {
			continue
		}
		e.CPU.SetPC(e.base + uint64(off))
		n, err := e.CPU.Length()
		if err != nil { // it is not what was executed
			continue
		}
		for i := off; i < min(off+n, len(run)); i++ {
			run[i] = true
		}
	}
	for off := entry; off < min(len(file), len(run)); off++ {
		switch last := len(r.NotRun) - 1; {
		case run[off]:
			r.Executed++
		case last >= 0 && r.NotRun[last].Addr+uint64(r.NotRun[last].Size) == e.base+uint64(off):
			r.NotRun[last].Size++
		default:
			r.NotRun = append(r.NotRun, Range{e.base + uint64(off), 1})
		}
	}
}

// firstCode returns the first offset that was executed.
func firstCode(executed []bool) int { return max(slices.Index(executed, true), 0) }
