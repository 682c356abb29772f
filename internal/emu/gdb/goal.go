package gdb

import (
	"fmt"

	"stage0/internal/emu/cpu"
)

// A goal is what the process runs for. Where it is in the run is told by how
// many instructions were executed, of all processes.
type goal struct {
	back bool // it lies in the past: the run has been begun anew for it
	step bool // one instruction
	to   uint64

	// reached is the stop reply at to; it is empty if that has to be found: the
	// last place before to, and after from, where gdb wants to stop.
	reached string
	from    uint64
	found   string // the stop reply at last, if there is one
	last    uint64

	begun bool   // the instruction at which it began is being executed
	prev  uint64 // the last instruction
	turns uint32
}

// forward is the goal to go on, for one instruction or up to the next stop.
func forward(step bool) goal { return goal{step: step} }

// reach is the goal to be at a place in the past.
func reach(to uint64, stop string) goal { return goal{back: true, to: to, reached: stop} }

// firstStretch is how many instructions are looked through at first for a place
// before the end, in single steps; then 8 times as many.
const firstStretch = 1 << 16

// backward is the goal to be at the last stop before to.
func backward(to uint64, step bool) goal {
	return goal{back: true, step: step, to: to, from: to - min(to, firstStretch)}
}

// margin is how much a run of many instructions may be too long, without being
// begun anew.
const margin = 1 << 12

// ask is how many instructions are executed between looks at what gdb wants.
const (
	askSingle = 1 << 12
	askFast   = 1 << 20
)

// pursue is called before each instruction, unless it has returned that it need
// not be. It returns after how many it is to be called again, or a stop reply.
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

// goOn pursues a goal that lies ahead.
func (g *goal) goOn(s *session) (again uint64, stop string, err error) {
	if !g.begun {
		g.begun = true
		s.conn.interrupted() // that was for the time before
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

// budget returns how many instructions may be executed at once.
func (s *session) budget(g *goal) uint64 {
	if g.step || len(s.breaks) > 0 || len(s.watches) > 0 {
		return 1
	}
	return s.upTo(s.at.Steps + askFast)
}

// upTo returns how many instructions may be executed at once on the way to a
// place, so that neither an edit on it nor the limit is missed.
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

// search looks for the last stop before g.to. What an instruction does that is
// watched is a stop in front of it.
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

// searched begins another run, to go to what has been found, or to look for it
// earlier.
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

// A breakpoint says of which kinds there is one at an address: software,
// hardware.
type breakpoint [2]bool

// breakHere returns the stop reply if there is a breakpoint at the next
// instruction.
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

// stopHere returns the stop reply if there is a reason to stop.
func (s *session) stopHere() string {
	switch {
	case s.executed && s.exec:
		return stopped(sigTrap, "exec:"+hexText(s.path)+";")
	case s.hit != nil:
		return s.hit.stop()
	}
	return s.breakHere()
}

// A watchKind is what is watched for.
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

// A watchHit is that the process did what is watched for.
type watchHit struct {
	kind watchKind
	addr uint64
}

func (h *watchHit) stop() string {
	return stopped(sigTrap, fmt.Sprintf("%s:%x;", h.kind, h.addr))
}

// observe has the accesses of the process looked at, if some are watched.
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
