package emu

import (
	"errors"
	"fmt"

	"stage0/internal/emu/cpu"
)

// A LimitError says that a run reached one of its limits.
type LimitError struct {
	Limit string // the field of Limits
	msg   string
}

func (e *LimitError) Error() string { return e.msg }

func limitError(limit, format string, args ...any) error {
	return &LimitError{limit, fmt.Sprintf(format, args...)}
}

// bytesText returns a number of bytes in the largest unit in which it is whole.
func bytesText(n uint64) string {
	switch {
	case n == 0 || n%(1<<10) != 0:
		return fmt.Sprintf("%d bytes", n)
	case n%(1<<20) != 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// countFailure counts the system calls that fail, one after the other.
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
		return limitError("Failures", "stopped after %d system calls in a row that failed, the last one with %s", m.failures, name)
	}
	return nil
}

// nearStack is how far below the stack's end an access is taken for one that
// wanted a larger stack, in bytes.
const nearStack = 1 << 20

// explain says of an access below p's stack that it is one.
func (m *machine) explain(p *process, err error) error {
	var fault *cpu.Fault
	if !errors.As(err, &fault) || fault.Kind != cpu.BadLoad && fault.Kind != cpu.BadStore {
		return err
	}
	if end := p.on.stackTop - m.Limits.Stack; end-fault.Addr-1 < nearStack {
		return fmt.Errorf("%w: %w", err, limitError("Stack", "the stack is full, with %s", bytesText(m.Limits.Stack)))
	}
	return err
}

// event completes an event of p.
func (m *machine) event(p *process, e Event) Event {
	e.PID, e.Program, e.CPU, e.Memory, e.Arch, e.Steps = p.pid, p.number, p.cpu, p.mem, p.on.arch, m.Steps
	return e
}

// tellCall tells of a system call of p.
func (m *machine) tellCall(p *process, e Event) {
	e = m.event(p, e)
	if m.Call != nil {
		m.Call(e)
	}
	if m.Trace != nil {
		m.Trace(e)
	}
}

// stepUpTo executes at most so many instructions, each by itself.
func (p *process) stepUpTo(budget uint64) (n uint64, err error) {
	for n < budget && err == nil {
		if err = p.cpu.Step(); err == nil || err == cpu.ErrSyscall {
			n++
		}
	}
	return n, err
}
