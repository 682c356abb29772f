package prove

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"stage0/hex0"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/knight"
	"stage0/internal/emu/micro"
)

// ProveKnight proves that a program for a Knight in native mode is a hex0, or finds where
// it is not. Such a program is loaded at address 0, reads tape_01 and writes tape_02:
//
//	FOPEN_READ tape_01
//	FOPEN_WRITE tape_02
//	FGETC tape_01, and after each byte that completes one of the output,
//	FPUTC tape_02, that byte
//	FCLOSE tape_01 and FCLOSE tape_02 after the end of the input
//	HALT
//
// The states are the values of the registers: a program that stores to memory is not
// proved. The error is that the program is too large.
//
// There are two variants: at the end of a text that ends in a comment, it closes the tapes,
// or it reads for ever, as upstream's seed does.
func ProveKnight(program []byte) (*Proof, error) {
	if len(program) > knightMemory {
		return nil, fmt.Errorf("the program has %d bytes, expected at most %d", len(program), knightMemory)
	}
	digest := sha256.Sum256(program)
	var first *Proof
	for _, hangs := range []bool{false, true} {
		e, err := newKnightExploration(program, hangs)
		if err != nil {
			return nil, err
		}
		err = e.explore()
		p := &Proof{
			Arch: knightNative, SHA256: hex.EncodeToString(digest[:]), Size: len(program), Variant: []string{},
			States: e.reads, Transitions: e.transitions, Facts: []Fact{},
		}
		p.Executed, p.Instructions = e.executed()
		switch {
		case err == nil:
			p.Proved = true
			if hangs {
				p.Variant = []string{"a text that ends in a comment is read for ever"}
			}
			return p, nil
		case err != errDifference:
			p.Reason = err.Error()
			return p, nil
		}
		p.Difference = e.difference
		if first == nil {
			first = p
		}
	}
	return first, nil
}

// knightNative is the architecture, as in package arch.
const knightNative = "knight-native"

// knightMemory is the size of the memory that upstream gives the seed, in bytes.
const knightMemory = 16 << 10

// Devices and HALCODEs of the Knight (vm_halcode.c).
const (
	tape01 = 0x1100
	tape02 = 0x1101

	fopenRead  = 0x100000
	fopenWrite = 0x100001
	fclose     = 0x100002
	fgetc      = 0x100100
	fputc      = 0x100200
	halt       = 0x3C // as package knight has it
)

// A halcode is a call of the machine.
type halcode struct {
	number uint64
	device uint64 // not of HALT
	data   byte   // of FPUTC
}

func (h halcode) String() string {
	device := map[uint64]string{tape01: "tape_01", tape02: "tape_02"}[h.device]
	if device == "" {
		device = fmt.Sprintf("device %#x", h.device)
	}
	switch h.number {
	case fopenRead:
		return "FOPEN_READ " + device
	case fopenWrite:
		return "FOPEN_WRITE " + device
	case fclose:
		return "FCLOSE " + device
	case fgetc:
		return "FGETC " + device
	case fputc:
		return fmt.Sprintf("FPUTC %s, %02x", device, h.data)
	case halt:
		return "HALT"
	}
	return fmt.Sprintf("HALCODE %06X", h.number)
}

// A knightContract is the specification, as a sequence of calls.
type knightContract struct {
	opens, closes int
	text          hex0.State
	pending       input
	ended         bool // the input
	done          bool // the text is done
}

func (c *knightContract) expected() halcode {
	switch {
	case c.opens == 0:
		return halcode{fopenRead, tape01, 0}
	case c.opens == 1:
		return halcode{fopenWrite, tape02, 0}
	case c.pending != nothing:
		return halcode{fputc, tape02, byte(c.pending)}
	case !c.done:
		return halcode{fgetc, tape01, 0}
	case c.closes == 0:
		return halcode{fclose, tape01, 0}
	case c.closes == 1:
		return halcode{fclose, tape02, 0}
	}
	return halcode{number: halt}
}

// after returns the contract after a call that it allows. in is what FGETC returned; hangs
// says which variant of hex0 it is.
func (c knightContract) after(h halcode, in input, hangs bool) knightContract {
	switch h.number {
	case fopenRead, fopenWrite:
		c.opens++
	case fclose:
		c.closes++
	case fputc:
		c.pending = nothing
	case fgetc:
		if in == endOfFile {
			c.ended = true
			c.done = !c.text.Comment || !hangs
			return c
		}
		var out byte
		var ok bool
		if c.text, out, ok = (hex0.Options{}).Step(c.text, byte(in)); ok {
			c.pending = input(out)
		}
	}
	return c
}

// A knightNode is a state in which a program makes a call.
type knightNode struct {
	pc        uint64
	registers [16]uint64
	call      halcode
	contract  knightContract
}

// A knightExploration visits all nodes that a program can reach.
type knightExploration struct {
	cpu     cpu.CPU
	program []byte
	hangs   bool // the variant of hex0 that the program should be

	nodes       map[knightNode][]byte // the input on a shortest way to each
	now, later  []knightNode          // not visited yet: those that need no more input than the last one, and the others
	code        map[uint64]int        // the instructions that were executed: address and length
	reads       int
	transitions int
	difference  *Difference
}

func newKnightExploration(program []byte, hangs bool) (*knightExploration, error) {
	perms := make([]cpu.Perm, knightMemory/cpu.PageSize)
	for i := range perms {
		perms[i] = cpu.Read | cpu.Exec
	}
	mem := cpu.NewMemory(cpu.Layout{Perms: perms, MaxImage: knightMemory, Big: true})
	if err := mem.Init(0, program); err != nil {
		return nil, err
	}
	return &knightExploration{cpu: knight.New(mem), program: program, hangs: hangs, nodes: map[knightNode][]byte{}, code: map[uint64]int{}}, nil
}

// explore visits all nodes. The error is errDifference, or why nothing is decided.
func (e *knightExploration) explore() error {
	if err := e.follow(knightContract{pending: nothing}, nil, nothing); err != nil {
		return err
	}
	for len(e.now)+len(e.later) > 0 {
		if len(e.now) == 0 {
			e.now, e.later = e.later, nil
		}
		n := e.now[0]
		e.now = e.now[1:]
		answers := []input{nothing}
		if n.call.number == fgetc {
			answers = []input{endOfFile}
			for b := input(0); b < endOfFile && !n.contract.ended; b++ {
				answers = append(answers, b)
			}
			e.reads++
			e.transitions += len(answers)
		}
		for _, in := range answers {
			e.set(n, in)
			if err := e.follow(n.contract.after(n.call, in, e.hangs), e.nodes[n], in); err != nil {
				return err
			}
		}
	}
	return nil
}

// set sets the processor to a node, with the answer to its call.
func (e *knightExploration) set(n knightNode, in input) {
	e.cpu.SetPC(n.pc)
	for r, v := range n.registers {
		e.cpu.SetRegister(micro.Reg(r), v)
	}
	switch {
	case in == endOfFile:
		e.cpu.SetRegister(0, 0xFFFFFFFF)
	case in >= 0:
		e.cpu.SetRegister(0, uint64(in))
	}
}

// follow runs the program to its next call, and notes where that is. text is the input up
// to the last call, and in what that read.
func (e *knightExploration) follow(c knightContract, text []byte, in input) error {
	made, err := e.run()
	if fault := (*cpu.Fault)(nil); errors.As(err, &fault) && fault.Kind == cpu.BadStore {
		return errors.New("the program stores to memory")
	}
	isByte := in >= 0 && in < endOfFile
	if isByte {
		text = append(slices.Clip(text), byte(in))
	}
	want := c.expected()
	if err != nil || made != want {
		got := made.String()
		if err != nil {
			got = err.Error()
		}
		e.difference = &Difference{Input: text, AtEnd: c.ended, Call: got, Expected: want.String()}
		return errDifference
	}
	if made.number == halt {
		return nil
	}
	n := knightNode{pc: e.cpu.PC(), call: made, contract: c}
	for r := range n.registers {
		n.registers[r] = e.cpu.Register(micro.Reg(r))
	}
	if _, found := e.nodes[n]; found {
		return nil
	}
	if len(e.nodes) == mostStates {
		return fmt.Errorf("more than %d states", mostStates)
	}
	e.nodes[n] = text
	if isByte {
		e.later = append(e.later, n)
	} else {
		e.now = append(e.now, n)
	}
	return nil
}

// run executes the program to its next call.
func (e *knightExploration) run() (halcode, error) {
	for range longest {
		at := e.cpu.PC()
		if n, err := e.cpu.Length(); err == nil {
			e.code[at] = n
		}
		err := e.cpu.Step()
		if err == cpu.ErrSyscall {
			number, args := e.cpu.Syscall()
			switch number {
			case halt:
				return halcode{number: halt}, nil
			case fgetc:
				return halcode{number, args[1], 0}, nil
			case fputc:
				return halcode{number, args[1], byte(args[0])}, nil
			}
			return halcode{number, args[0], 0}, nil
		}
		if err != nil {
			return halcode{}, err
		}
	}
	return halcode{}, errRuns
}

// executed returns how many bytes were executed, and the instructions' mnemonics.
func (e *knightExploration) executed() (size int, mnemonics []string) {
	names := maps.Collect(knight.Digits())
	found := map[string]bool{}
	for pc, n := range e.code {
		size += n
		digits := strings.ToUpper(hex.EncodeToString(e.program[min(pc, uint64(len(e.program))):min(pc+uint64(n), uint64(len(e.program)))]))
		name := "HALCODE"
		for candidate, prefix := range names {
			if strings.HasPrefix(digits, prefix) && (name == "HALCODE" || candidate < name) {
				name = candidate
			}
		}
		found[name] = true
	}
	return size, slices.Sorted(maps.Keys(found))
}
