package emu

import (
	"errors"
	"fmt"

	"stage0/internal/emu/cpu"
)

// A LimitError is returned when a run reaches one of its limits.
type LimitError struct {
	Limit string // name of the field of Limits
	msg   string
}

func (e *LimitError) Error() string { return e.msg }

func limitError(limit, format string, args ...any) error {
	return &LimitError{limit, fmt.Sprintf(format, args...)}
}

// bytesText formats a number of bytes in the largest unit that divides it.
func bytesText(n uint64) string {
	switch {
	case n == 0 || n%(1<<10) != 0:
		return fmt.Sprintf("%d bytes", n)
	case n%(1<<20) != 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// countFailure counts consecutive system calls that fail.
func (m *machine) countFailure(result int64) error {
	name := ""
	if result < 0 {
		name = ErrorName(result)
	}
	if name == "" {
		m.failures = 0
		return nil
	}
	if m.failures++; m.Limits.Failures > 0 && m.failures >= m.Limits.Failures {
		return limitError("Failures", "stopped after %d failed system calls in a row, the last with %s", m.failures, name)
	}
	return nil
}

// nearStack is how far below the stack an access may be, in bytes, to be reported as
// a stack overflow.
const nearStack = 1 << 20

// explain adds to the error of an access just below p's stack that the stack is full.
func (m *machine) explain(p *process, err error) error {
	var fault *cpu.Fault
	if !errors.As(err, &fault) || fault.Kind != cpu.BadLoad && fault.Kind != cpu.BadStore {
		return err
	}
	if end := p.on.stackTop - m.Limits.Stack; end-fault.Addr-1 < nearStack {
		return fmt.Errorf("%w: %w", err, limitError("Stack", "the stack reached its limit of %s", bytesText(m.Limits.Stack)))
	}
	return err
}

// event fills in the fields of an event that every event of p has.
func (m *machine) event(p *process, e Event) Event {
	e.PID, e.Program, e.CPU, e.Memory, e.Arch, e.Steps = p.pid, p.number, p.cpu, p.mem, p.on.arch, m.Steps
	return e
}

// tellCall reports a system call of p.
func (m *machine) tellCall(p *process, e Event) {
	e = m.event(p, e)
	if m.Call != nil {
		m.Call(e)
	}
	if m.Trace != nil {
		m.Trace(e)
	}
}

// stepUpTo executes at most budget instructions, in single steps.
func (p *process) stepUpTo(budget uint64) (n uint64, err error) {
	for n < budget && err == nil {
		if err = p.cpu.Step(); err == nil || err == cpu.ErrSyscall {
			n++
		}
	}
	return n, err
}
