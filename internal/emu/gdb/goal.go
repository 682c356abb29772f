package gdb

import (
	"fmt"

	"stage0/internal/emu/cpu"
)

// A goal is what the process runs for. Places in the run are numbers of executed
// instructions, of all processes.
type goal struct {
	back bool // it is in the past: the run was restarted for it
	step bool // a single instruction
	to   uint64

	// reached is the stop reply for stopping at to. If it is empty, the goal is the
	// last place before to where gdb wants to stop; the search starts at from.
	reached string
	from    uint64
	found   string // the stop reply at last, if any
	last    uint64

	begun bool   // the first instruction of the search is being executed
	prev  uint64 // place of the previous instruction
	turns uint32
}

// forward returns the goal to execute one instruction, or to run to the next stop.
func forward(step bool) goal { return goal{step: step} }

// reach returns the goal to go back to a place.
func reach(to uint64, stop string) goal { return goal{back: true, to: to, reached: stop} }

// firstStretch is how many instructions before the end a backward search covers at
// first, in single steps; each further search covers 8 times as many.
const firstStretch = 1 << 16

// backward returns the goal to go back to the last stop before to.
func backward(to uint64, step bool) goal {
	return goal{back: true, step: step, to: to, from: to - min(to, firstStretch)}
}

// margin is how many instructions a long run may overshoot; closer to its end, the
// run takes single steps.
const margin = 1 << 12

// How many instructions are executed between checks for an interrupt.
const (
	askSingle = 1 << 12
	askFast   = 1 << 20
)

// pursue is called before instructions. It returns the stop reply if the process has
// to stop, and otherwise the number of instructions until the next call.
func (g *goal) pursue(s *session) (again uint64, stop string, err error) {
	switch now := s.at.Steps; {
	case g.back && now > g.to:
		return 0, "", errOverrun
	case !g.back:
		return g.goOn(s)
	case g.reached != "":
		if now == g.to {
			return 0, g.reached, nil
		}
		return s.upTo(g.to), "", nil
	case now < g.from:
		return s.upTo(g.from), "", nil
	default:
		return g.search(s)
	}
}

// goOn pursues a goal in the future.
func (g *goal) goOn(s *session) (again uint64, stop string, err error) {
	if !g.begun {
		g.begun = true
		return s.budget(g), "", nil
	}
	if stop := s.stopHere(); stop != "" {
		return 0, stop, nil
	}
	if g.step {
		return 0, stopped(sigTrap, ""), nil
	}
	if g.turns++; g.turns%askSingle == 0 || s.budget(g) > 1 {
		if s.conn.interrupted() {
			return 0, stopped(sigInt, ""), nil
		}
	}
	return s.budget(g), "", nil
}

// budget returns how many instructions may be executed without a check.
func (s *session) budget(g *goal) uint64 {
	if g.step || len(s.breaks) > 0 || len(s.watches) > 0 {
		return 1
	}
	return s.upTo(s.at.Steps + askFast)
}

// upTo returns how many instructions may be executed at once on the way to a place
// without missing an edit or the limit.
func (s *session) upTo(to uint64) uint64 {
	to = min(to, s.limit)
	if s.edited < len(s.edits) {
		to = min(to, s.edits[s.edited].at)
	}
	if d := to - s.at.Steps; d > margin && !s.single {
		return d - margin
	}
	return 1
}

// search looks for the last stop before g.to. An instruction that triggers a
// watchpoint is a stop before that instruction.
func (g *goal) search(s *session) (again uint64, stop string, err error) {
	now := s.at.Steps
	if g.begun && s.hit != nil {
		g.found, g.last = s.hit.stop(), g.prev
	}
	if now == g.to {
		return 0, "", s.searched(g)
	}
	switch stop := s.breakHere(); {
	case g.step:
		g.found, g.last = stopped(sigTrap, ""), now
	case stop != "":
		g.found, g.last = stop, now
	}
	g.begun, g.prev = true, now
	return 1, "", nil
}

// searched restarts the run, to go to the stop that was found, or to search an
// earlier stretch.
func (s *session) searched(g *goal) error {
	switch {
	case g.found != "":
		s.goal = reach(g.last, g.found)
	case g.from == 0:
		s.goal = reach(0, stopped(sigTrap, "replaylog:begin;"))
	default:
		s.goal = backward(g.to, g.step)
		s.goal.from = g.to - min(g.to, 8*(g.to-g.from))
	}
	return errAnew
}

// A breakpoint says which kinds of breakpoint are set at an address: software,
// hardware.
type breakpoint [2]bool

// breakHere returns the stop reply if there is a breakpoint at the next instruction,
// else "".
func (s *session) breakHere() string {
	if len(s.breaks) == 0 {
		return ""
	}
	b, ok := s.breaks[s.at.CPU.PC()]
	switch {
	case !ok:
		return ""
	case b[0] && s.swbreak:
		return stopped(sigTrap, "swbreak:;")
	case b[1] && s.hwbreak:
		return stopped(sigTrap, "hwbreak:;")
	}
	return stopped(sigTrap, "")
}

// stopHere returns the stop reply if there is a reason to stop, else "".
func (s *session) stopHere() string {
	switch {
	case s.executed && s.exec:
		return stopped(sigTrap, "exec:"+hexText(s.path)+";")
	case s.hit != nil:
		return s.hit.stop()
	}
	return s.breakHere()
}

// A watchKind is a kind of watchpoint.
type watchKind string

// The kinds of watchpoints, by their names in stop replies.
const (
	writes   watchKind = "watch"
	reads    watchKind = "rwatch"
	accesses watchKind = "awatch"
)

// A watch is a watchpoint.
type watch struct {
	kind watchKind
	addr uint64
	size uint64
}

// A watchHit is an access that triggered a watchpoint.
type watchHit struct {
	kind watchKind
	addr uint64
}

func (h *watchHit) stop() string {
	return stopped(sigTrap, fmt.Sprintf("%s:%x;", h.kind, h.addr))
}

// observe observes the memory accesses of the process if there are watchpoints.
func (s *session) observe() {
	if s.at.Memory == nil {
		return
	}
	if len(s.watches) == 0 {
		s.at.Memory.Observe(nil)
		return
	}
	s.at.Memory.Observe(func(a cpu.Access) {
		if s.hit != nil {
			return
		}
		for _, w := range s.watches {
			if w.kind == writes && !a.Store || w.kind == reads && a.Store {
				continue
			}
			if a.Addr-w.addr < w.size || w.addr-a.Addr < uint64(a.Size) {
				s.hit = &watchHit{w.kind, w.addr}
				return
			}
		}
	})
}
