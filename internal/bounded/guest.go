package bounded

import (
	"encoding/binary"
	"errors"
	"fmt"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/micro"
)

// limits are small: the programs get inputs of a few bytes. Some ask for a heap of
// megabytes and use little of it.
var limits = emu.Limits{Memory: 64 << 20, Stack: 256 << 10}

const (
	longest  = 400_000 // instructions between two bytes of the input, after which a program is taken to hang
	mostEnds = 64      // reads at the end of the input, likewise
)

// A guest is a program that can be set back to an earlier state.
type guest struct {
	*emu.Process
	world
	undo     []undo
	base     uint64 // address of the image
	executed []bool // by offset from base: the first bytes of instructions
}

// An undo is a few bytes of memory before they were stored to.
type undo struct {
	addr uint64
	size int
	was  uint64
}

// A world is the state of the files and processes that a guest sees. It is copied to
// save it, so its slices are never changed but by appending.
type world struct {
	open     []stream // by descriptor
	complete bool     // nothing follows the input that was chosen
	ends     int      // reads at the end of the input
	output   []byte
	commands []command
}

// A stream is an open file, or none.
type stream struct {
	file fileKind
	pos  int
}

type fileKind byte

const (
	noFile fileKind = iota
	inFile
	outFile
)

// A command is a program that the guest has run, with its exit status.
type command struct {
	args   []string
	status int
}

// A state is what a guest can be set back to.
type state struct {
	undo  int
	pc    uint64
	flags uint64
	regs  []uint64
	brk   uint64
	world world
}

// newGuest loads a program. Its owner must free its memory.
func newGuest(file []byte, args []string) (*guest, error) {
	p, err := emu.Load(file, args, nil, limits)
	if err != nil {
		return nil, err
	}
	g := &guest{Process: p, world: world{open: make([]stream, 3)}}
	g.base = p.Memory.HeapBase() - p.Memory.Size()
	g.executed = make([]bool, p.Memory.Size())
	p.Memory.Observe(func(a cpu.Access) {
		if !a.Store {
			return
		}
		for at, left := a.Addr, a.Size; left > 0; {
			n := min(left, 8)
			var b [8]byte
			copy(b[:], p.Memory.Bytes(at, n, cpu.Write))
			g.undo = append(g.undo, undo{at, n, binary.LittleEndian.Uint64(b[:])})
			at, left = at+uint64(n), left-n
		}
	})
	return g, nil
}

// save returns the state that the guest is in.
func (g *guest) save() state {
	s := state{undo: len(g.undo), pc: g.CPU.PC(), brk: g.Memory.Break(), world: g.world}
	if f := g.CPU.Flags(); f != nil {
		s.flags = f.All()
	}
	for r := range g.CPU.Target().Regs {
		s.regs = append(s.regs, g.CPU.Register(micro.Reg(r)))
	}
	s.world.open = append([]stream(nil), g.open...)
	return s
}

// restore sets the guest back to a state, which must not be later than it is.
func (g *guest) restore(s state) {
	for len(g.undo) > s.undo {
		n := len(g.undo)
		u := g.undo[n-1]
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], u.was)
		g.Memory.Write(u.addr, b[:u.size]) // notes an undo of its own
		g.undo = g.undo[:n-1]
	}
	g.Memory.SetBreak(s.brk)
	g.CPU.SetPC(s.pc)
	if f := g.CPU.Flags(); f != nil {
		*f = micro.Flags{Kind: micro.Literal, A: s.flags}
	}
	for r, v := range s.regs {
		g.CPU.SetRegister(micro.Reg(r), v)
	}
	g.world = s.world
	g.open = append([]stream(nil), s.world.open...)
}

// Results of system calls, from Linux's include/uapi/asm-generic/errno-base.h.
const (
	noEntry = -2
	badFile = -9
	fault   = -14
	invalid = -22
	noCall  = -38
)

// Names of the files: the arguments of the programs.
const (
	inName  = "in"
	outName = "out"
)

// run executes the program until it needs a byte of the input that is not known, when
// it returns errInput, or to its end. input is what is known.
func (g *guest) run(input []byte) (end, error) {
	for range longest {
		pc := g.CPU.PC()
		err := g.CPU.Step()
		if off := pc - g.base; off < uint64(len(g.executed)) {
			g.executed[off] = true
		}
		if err == nil {
			continue
		}
		if err != cpu.ErrSyscall {
			return end{how: crashes, why: err.Error()}, nil
		}
		name, a := g.Syscall()
		switch name {
		case "exit":
			return end{how: exits, status: int(a[0] & 0xFF)}, nil
		case "execve":
			if !g.execute(a) {
				return end{how: crashes, why: "execve of a bad address"}, nil
			}
			return end{how: executes}, nil
		}
		if name == "read" && g.needs(a, input) {
			g.CPU.SetPC(pc) // the call is made again
			return end{}, errInput
		}
		if g.ends > mostEnds {
			break
		}
		result, ok := g.call(name, a, input)
		if !ok {
			return end{how: "makes an unexpected call", why: name}, nil
		}
		g.CPU.SetResult(result)
	}
	return end{how: hangs}, nil
}

// errInput is returned by run when the guest reads more than is known.
var errInput = errors.New("the input goes on")

// An end is how a run of a guest has ended.
type end struct {
	how    string // exits, executes, crashes, hangs or makes an unexpected call
	status int
	why    string
}

func (e end) String() string {
	switch {
	case e.how == exits:
		return fmt.Sprintf("exits with %d", e.status)
	case e.why != "":
		return e.how + ": " + e.why
	}
	return e.how
}

// needs reports whether a read asks for bytes that are not known. It gets as many as it
// asks for, unless the input ends: a program may take fewer for the end.
func (g *guest) needs(a [6]uint64, input []byte) bool {
	s := g.stream(a[0])
	return s != nil && s.file == inFile && uint64(len(input)-s.pos) < a[2] && !g.complete
}

// stream returns an open file, or nil.
func (g *guest) stream(fd uint64) *stream {
	if i := int32(fd); i >= 0 && int(i) < len(g.open) && g.open[i].file != noFile {
		return &g.open[i]
	}
	return nil
}

// call makes a system call. ok reports that it is one that the programs should make.
func (g *guest) call(name string, a [6]uint64, input []byte) (result int64, ok bool) {
	switch name {
	case "openat":
		return g.openFile(a[1], a[2]), true
	case "open":
		return g.openFile(a[0], a[1]), true
	case "close":
		if s := g.stream(a[0]); s != nil {
			s.file = noFile
		}
		return 0, true
	case "read":
		s := g.stream(a[0])
		if s == nil || s.file != inFile {
			return badFile, true
		}
		n := min(int(min(a[2], 1<<20)), len(input)-s.pos)
		if n == 0 && a[2] > 0 {
			g.ends++
			return 0, true
		}
		if !g.Memory.Write(a[1], input[s.pos:][:n]) {
			return fault, true
		}
		s.pos += n
		return int64(n), true
	case "write":
		data := g.Memory.Bytes(a[1], int(min(a[2], 1<<20)), cpu.Read)
		s := g.stream(a[0])
		switch {
		case data == nil:
			return fault, true
		case s != nil && s.file == outFile:
			g.output = append(g.output[:len(g.output):len(g.output)], data...)
		case s != nil:
			return badFile, true
		}
		return int64(len(data)), true // also to standard output and error
	case "lseek":
		return g.seek(a[0], int64(a[1]), a[2], input), true
	case "llseek":
		at := g.seek(a[0], int64(a[1]<<32|a[2]&0xFFFFFFFF), a[4], input)
		if at >= 0 && !g.Memory.Store(a[3], 8, uint64(at)) {
			return fault, true
		}
		return min(at, 0), true
	case "brk":
		g.Memory.SetBreak(a[0])
		return int64(g.Memory.Break()), true
	case "chmod", "fchmod", "fchmodat":
		return 0, true
	case "fork", "clone", "wait4", "waitid":
		return g.process(name, a)
	}
	return noCall, false
}

// openFile opens the input, or creates the output.
func (g *guest) openFile(addr, flags uint64) int64 {
	const create = 0o100
	path, ok := g.Text(addr)
	var s stream
	switch {
	case !ok:
		return fault
	case path == inName && flags&create == 0:
		s.file = inFile
	case path == outName && flags&create != 0:
		s.file, g.output = outFile, nil
	default:
		return noEntry
	}
	for fd := 3; fd < len(g.open); fd++ {
		if g.open[fd].file == noFile {
			g.open[fd] = s
			return int64(fd)
		}
	}
	g.open = append(g.open, s)
	return int64(len(g.open) - 1)
}

// seek moves the position in the input.
func (g *guest) seek(fd uint64, offset int64, whence uint64, input []byte) int64 {
	s := g.stream(fd)
	if s == nil || s.file != inFile {
		return badFile
	}
	switch whence {
	case 1:
		offset += int64(s.pos)
	case 2:
		offset += int64(len(input))
	}
	if offset < 0 || offset > int64(len(input)) {
		return invalid
	}
	s.pos = int(offset)
	return offset
}

// process makes the calls of a shell. After fork, the guest is the child, whose execve
// succeeds and ends it: then the guest is the parent again, and its child has exited
// with status 1 if the last argument ends in "f", else with 0.
func (g *guest) process(name string, a [6]uint64) (int64, bool) {
	const pid = 100
	switch name {
	case "fork", "clone":
		parent := g.save()
		g.CPU.SetResult(0)
		e, err := g.run(nil)
		commands := g.commands
		g.restore(parent)
		if err != nil || e.how != executes {
			return noCall, false
		}
		g.commands = commands
		return pid, true
	case "wait4":
		if len(g.commands) > 0 && a[1] != 0 {
			g.Memory.Store(a[1], 4, uint64(g.commands[len(g.commands)-1].status)<<8)
		}
		return pid, true
	}
	if len(g.commands) > 0 && a[2] != 0 { // waitid
		g.StoreExited(a[2], pid, g.commands[len(g.commands)-1].status)
	}
	return 0, true
}

// execute notes the program that execve names.
func (g *guest) execute(a [6]uint64) bool {
	var c command
	word := uint64(g.CPU.Target().Bits / 8)
	for at := a[1]; len(c.args) < 1000; at += word {
		p, ok := g.Memory.Load(at, int(word))
		if p == 0 {
			c.status = statusOf(c.args)
			g.commands = append(g.commands[:len(g.commands):len(g.commands)], c)
			return ok && len(c.args) > 0
		}
		arg, ok := g.Text(p)
		if !ok {
			return false
		}
		c.args = append(c.args, arg)
	}
	return false
}

// How runs end.
const (
	exits    = "exits"
	executes = "executes a program"
	crashes  = "crashes"
	hangs    = "hangs"
)

// statusOf returns the exit status of a command that a shell runs.
func statusOf(args []string) int {
	if last := args[len(args)-1]; last != "" && last[len(last)-1] == 'f' {
		return 1
	}
	return 0
}
