package emu

import "context"

// A system implements translate.System for a process.
type system struct {
	*machine
	process *process
	ctx     context.Context
	failed  error // the reason why the run ends
}

// Call makes a system call unless it may change which program runs.
func (s *system) Call(pc, number uint64, args [6]uint64) (result int64, made bool) {
	p := s.process
	if number >= uint64(len(p.calls)) || p.calls[number].do == nil || p.calls[number].leaves {
		return 0, false
	}
	result, s.failed = s.make(p, &p.calls[number], pc, args)
	return result, s.failed == nil
}

// Tick checks the limits and the context, and returns how many more instructions may
// run.
func (s *system) Tick(executed uint64) uint64 {
	now := s.Statistics
	now.Steps += executed
	if err := s.ctx.Err(); err != nil {
		s.failed = context.Cause(s.ctx)
		return 0
	}
	if s.Progress != nil && now.Steps >= s.due {
		s.due = now.Steps + slice
		s.Progress(now)
	}
	return min(slice, s.Limits.Steps-min(s.Limits.Steps, now.Steps))
}
