package gdb

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// Errors that end a run before the program ends.
var (
	ErrKilled = errors.New("killed by the debugger")
	ErrGone   = errors.New("the debugger has disconnected")
)

// Errors that end a run so that another run starts.
var (
	errAnew    = errors.New("the run restarts")
	errOverrun = errors.New("the run restarts in single steps")
)

// debugged is the process that is debugged: the first one.
const debugged = 1

// A session is the state of a debugging session.
type session struct {
	conn    *conn
	connect func() error
	input   replayed
	outputs [2]output // standard output and error

	at       emu.Event         // the process when it was last seen
	child    bool              // a forked child is running
	ended    bool              // it cannot continue
	path     string            // of the program's file
	files    emu.FS            // of the program
	opened   [maxOpened][]byte // files that gdb has open
	goal     goal
	then     *goal // the goal after this one, if not nil
	detached bool

	breaks   map[uint64]breakpoint
	watches  []watch
	hit      *watchHit // the watchpoint that the last instruction triggered
	executed bool      // the process has executed another program

	edits  []edit // sorted by at
	edited int    // how many of them this run has repeated
	single bool   // this run uses single steps
	limit  uint64 // instruction limit of a run

	swbreak, hwbreak, exec bool // gdb supports these stop reasons
}

// An edit is a change that gdb made before the instruction at.
type edit struct {
	at  uint64
	set *register // register to set to num; nil: write mem at address num
	num uint64    // value or address
	mem []byte
}

// Run runs the program in the file called name like emu.Run, under a gdb that
// connects through accept when the program is about to start. Each run, whether it is
// the first or a restart, uses the Config that begin returns. That must be the same
// every time, with files as they were at the start. Its Step is not used.
func Run(ctx context.Context, name string, begin func() (emu.Config, error), accept func() (io.ReadWriteCloser, error)) (int, emu.Statistics, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &session{breaks: map[uint64]breakpoint{}, goal: reach(0, quiet)}
	s.connect = func() error {
		rw, err := accept()
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, func() { rw.Close() })
		s.conn = newConn(rw)
		go s.conn.serve(func() { cancel(ErrGone) })
		return nil
	}
	defer func() {
		if s.conn != nil {
			s.conn.close()
		}
	}()
	for {
		cfg, err := begin()
		if err != nil {
			return 0, emu.Statistics{}, err
		}
		status, stats, err := emu.Run(ctx, name, s.configure(cfg))
		switch {
		case err == errAnew:
			s.single = false
		case err == errOverrun && !s.single:
			s.single = true
		case s.conn == nil, s.detached, errors.Is(err, ErrKilled), errors.Is(err, ErrGone), ctx.Err() != nil:
			return status, stats, err
		default:
			again, failed := s.end(status, stats, err)
			if again {
				continue
			}
			if failed != nil {
				err = failed
			}
			return status, stats, err
		}
	}
}

// configure adapts the Config of a run to the session.
func (s *session) configure(cfg emu.Config) emu.Config {
	s.edited, s.hit, s.ended, s.limit = 0, nil, false, cfg.Limits.Steps
	if s.input.r == nil {
		s.input.r = cfg.Stdin
	}
	cfg.Stdin = s.input.reader()
	for i, w := range []*io.Writer{&cfg.Stdout, &cfg.Stderr} {
		s.outputs[i].w, s.outputs[i].again = *w, 0
		*w = &s.outputs[i]
	}
	exec := cfg.Exec
	cfg.Exec = func(x emu.Exec) (emu.FS, error) {
		files := cfg.FS
		if exec != nil {
			var err error
			if files, err = exec(x); err != nil {
				return nil, err
			}
		}
		if x.PID == debugged {
			s.path, s.files = x.Path, files
		}
		return files, nil
	}
	cfg.Step = s.step
	return cfg
}

// childSlice is how many instructions other processes run between checks for an
// interrupt.
const childSlice = 1 << 16

// step implements emu.Config.Step.
func (s *session) step(e emu.Event) (uint64, error) {
	if s.conn == nil {
		if err := s.connect(); err != nil {
			return 0, err
		}
	}
	if s.detached {
		return ^uint64(0), nil
	}
	if s.child = e.PID != debugged; s.child {
		return childSlice, nil
	}
	s.at.CPU, s.at.Steps = e.CPU, e.Steps
	if e.Memory != s.at.Memory { // it has started to run a program, or another one
		s.executed = s.at.Memory != nil && e.Steps > 0
		s.at = e
		s.observe()
	}
	if err := s.repeatEdits(); err != nil {
		return 0, err
	}
	for {
		again, stop, err := s.goal.pursue(s)
		s.hit, s.executed = nil, false
		if err != nil || stop == "" {
			return again, err
		}
		if s.then != nil {
			s.goal, s.then = *s.then, nil
			continue
		}
		if err := s.still(stop); err != nil {
			return 0, err
		}
		if s.detached {
			return ^uint64(0), nil
		}
	}
}

// repeatEdits repeats the changes that were made here in an earlier run.
func (s *session) repeatEdits() error {
	for ; s.edited < len(s.edits) && s.edits[s.edited].at <= s.at.Steps; s.edited++ {
		if s.edits[s.edited].at < s.at.Steps {
			return errOverrun
		}
		s.apply(&s.edits[s.edited])
	}
	return nil
}

// maxEdits is the maximum number of changes.
const maxEdits = 10000

// change makes an edit here, and discards all edits later in the run.
func (s *session) change(x edit) bool {
	if s.edited == maxEdits || !s.apply(&x) {
		return false
	}
	x.at = s.at.Steps
	s.edits = append(s.edits[:s.edited], x)
	s.edited++
	return true
}

// apply makes an edit, which must not trigger watchpoints. It reports whether it
// succeeded.
func (s *session) apply(x *edit) bool {
	if x.set != nil {
		return writeRegister(s.at, *x.set, x.num)
	}
	hit := s.hit
	defer func() { s.hit = hit }()
	mem := s.at.Memory
	if mem.Write(x.num, x.mem) {
		return true
	}
	if mem.Init(x.num, x.mem) != nil {
		return false
	}
	mem.Modified = true // it may be code
	return true
}

// still answers gdb while the process is stopped. stop is the stop reply, which is
// sent if gdb waits for it.
func (s *session) still(stop string) error {
	if stop != quiet {
		if err := s.conn.send(stop); err != nil {
			return ErrGone
		}
	} else {
		stop = stopped(sigTrap, "")
	}
	for {
		packet, err := s.conn.receive()
		if err != nil {
			return ErrGone
		}
		reply, next, err := s.answer(packet, stop)
		if err != nil {
			return err
		}
		if next != nil {
			return s.resume(*next)
		}
		if s.detached {
			s.conn.leave()
		}
		if err := s.conn.send(reply); err != nil && !s.detached {
			return ErrGone
		}
		if s.detached {
			return nil
		}
	}
}

// resume runs the process for a goal, in this run or in another one.
func (s *session) resume(g goal) error {
	s.goal, s.then = g, nil
	if g.back {
		return errAnew
	}
	if s.ended { // gdb may have changed something before the end
		s.goal, s.then = reach(s.at.Steps, quiet), &g
		return errAnew
	}
	return nil
}

// end tells gdb that the run has ended, and answers it if it may still look at the
// process. again means that another run must start.
func (s *session) end(status int, stats emu.Statistics, err error) (again bool, _ error) {
	s.at.Steps, s.ended = stats.Steps, true
	stop := stopped(s.signal(err), "")
	s.repeatEdits()
	switch {
	case s.goal.back && s.goal.to != stats.Steps && !s.single:
		s.single = true
		return true, nil
	case s.goal.back && (err == nil || s.goal.to != stats.Steps):
		return false, fmt.Errorf("the run was not reproduced: it ended after %d instructions, expected to stop after %d", stats.Steps, s.goal.to)
	case s.goal.back && s.then == nil: // back to the end of the run
		var anew error
		if _, stop, anew = s.goal.pursue(s); anew != nil {
			return anew == errAnew, anew // other errors cannot occur
		}
	case err == nil:
		s.conn.send(fmt.Sprintf("W%02x", status&0xFF))
		return false, nil
	default:
		if s.conn.send("O"+hexText(err.Error()+"\n")) != nil {
			return false, ErrGone
		}
	}
	e := s.still(stop)
	if e == errAnew {
		return true, nil
	}
	return false, e
}

// Signal numbers of the protocol.
const (
	sigInt  = 2
	sigIll  = 4
	sigTrap = 5
	sigAbrt = 6
	sigFPE  = 8
	sigSegv = 11
)

// signal returns the signal that Linux would send for the error that ends the run. If
// Linux would send none, because the error is not a fault or is in another process,
// it returns sigAbrt.
func (s *session) signal(err error) int {
	var fault *cpu.Fault
	if !errors.As(err, &fault) || s.child {
		return sigAbrt
	}
	switch fault.Kind {
	case cpu.Undefined:
		return sigIll
	case cpu.DivideError:
		return sigFPE
	case cpu.Breakpoint:
		return sigTrap
	}
	return sigSegv
}

// quiet is a stop that gdb does not wait for.
const quiet = "quiet"

// stopped returns a stop reply.
func stopped(signal int, reason string) string {
	return fmt.Sprintf("T%02xthread:1;%s", signal, reason)
}
