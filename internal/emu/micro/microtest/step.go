package microtest

import (
	"bytes"
	"errors"
	"fmt"

	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// Step executes c's next instruction with c.Step, and compares the result with that
// of its micro-operations. mem is c's memory. left is true if the instruction has no
// micro-operations, or they leave it to c.Step; then only the result of a fault is
// compared: nothing must have changed. fault is the error of c.Step; err describes
// the difference.
func Step(c cpu.CPU, mem *cpu.Memory) (left bool, fault, err error) {
	t, pc := c.Target(), c.PC()
	want := state{pc, registers(c), nil, mem.Clone()}
	if f := c.Flags(); f != nil {
		want.flags = new(*f)
	}
	in, ok := t.Lower(pc, mem.Fetch(pc, t.MaxLength), mem.Fetch)
	left = !ok
	if ok {
		if n, err := c.Length(); err != nil || n != int(in.Length) || in.PC != pc {
			return false, nil, fmt.Errorf("at %#x, %d bytes long; the executor has %#x, %d, %v", in.PC, in.Length, pc, n, err)
		}
		want.pc, left = Do(t, in, want.regs, want.flags, want.mem)
	}
	fault = c.Step()
	if !left && !errors.Is(fault, wanted[in.Flow]) {
		return false, fault, fmt.Errorf("the executor has %v", fault)
	}
	if f := c.Flags(); f != nil && f.Size == 4 && (f.A|f.B|f.R)>>32 != 0 {
		return left, fault, fmt.Errorf("the executor's flags %+v are not of 4 bytes", *f)
	}
	if f := (*cpu.Fault)(nil); !left || errors.As(fault, &f) {
		err = want.compare(t, c, mem)
	}
	return left, fault, err
}

// wanted is what c.Step returns after an instruction that was executed.
var wanted = map[micro.Flow]error{micro.Syscall: cpu.ErrSyscall}

// A state is the state of a processor and its memory.
type state struct {
	pc    uint64
	regs  []uint64
	flags *micro.Flags
	mem   *cpu.Memory
}

// registers returns c's registers, by their numbers in micro-operations.
func registers(c cpu.CPU) []uint64 {
	regs := make([]uint64, c.Target().Regs)
	for i := range regs {
		regs[i] = c.Register(micro.Reg(i))
	}
	return regs
}

// compare returns an error that describes how c and mem differ.
func (s *state) compare(t *micro.Target, c cpu.CPU, mem *cpu.Memory) error {
	if s.pc != c.PC() {
		return fmt.Errorf("the next instruction is at %#x; the executor has %#x", s.pc, c.PC())
	}
	for i, v := range registers(c) {
		if s.regs[i] != v {
			return fmt.Errorf("register %d is %#x; the executor has %#x", i, s.regs[i], v)
		}
	}
	if s.flags != nil {
		if a, b := t.FlagsWord(s.flags), t.FlagsWord(c.Flags()); a != b {
			return fmt.Errorf("flags are %#x; the executor has %#x", a, b)
		}
	}
	if !bytes.Equal(s.mem.Linear(), mem.Linear()) {
		return errors.New("memory differs from the executor's")
	}
	return nil
}
