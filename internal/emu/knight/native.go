package knight

import (
	"context"
	"fmt"
	"io"

	"stage0/internal/emu/cpu"
)

// A Native is a machine in native mode: a Knight, memory, two tapes and a
// console (vm.c and vm_halcode.c).
type Native struct {
	Memory  int       // in bytes
	Tapes   [2][]byte // initial contents of tape_01 and tape_02; nil if a tape does not exist
	Console io.Reader // nil: empty
	screen  io.Writer // output of the console; nil: discarded
	Steps   uint64    // maximum number of instructions
	Output  int       // maximum size of a tape, in bytes
}

// A result is the result of a native program.
type result struct {
	Tapes [2][]byte
	Steps uint64 // instructions
}

// maxMemory is the maximum of Native.Memory, in bytes.
const maxMemory = 1 << 30

// A device is the number of a tape or of the console in HALCODEs.
const (
	console = 0x0000
	tape01  = 0x1100
	tape02  = 0x1101
)

// A tape is a file that a program opens like C's fopen, with "r" or "w".
type tape struct {
	name          string
	data          []byte
	there         bool // it was written, or existed before
	open, writing bool
	position      int
}

// A native is the state of a run.
type native struct {
	Native
	*core
	tapes [2]tape
}

// look is how many instructions run between checks of the context.
const look = 1 << 20

// Run executes a program, loaded at address zero, until it halts.
func (n Native) Run(ctx context.Context, program []byte) (result, error) {
	switch {
	case n.Memory < 0 || n.Memory > maxMemory:
		return result{}, fmt.Errorf("%d bytes of memory, expected at most %d", n.Memory, maxMemory)
	case len(program) > n.Memory:
		return result{}, fmt.Errorf("program of %d bytes, but only %d bytes of memory", len(program), n.Memory)
	}
	perms := make([]cpu.Perm, (n.Memory+cpu.PageSize-1)/cpu.PageSize)
	for i := range perms {
		perms[i] = cpu.Read | cpu.Write | cpu.Exec
	}
	mem := cpu.NewMemory(cpu.Layout{Perms: perms, MaxImage: uint64(len(perms)) * cpu.PageSize, Big: true})
	if err := mem.Init(0, program); err != nil {
		return result{}, err
	}
	m := &native{Native: n, core: &core{mem: mem}}
	for i, name := range [2]string{"tape_01", "tape_02"} {
		m.tapes[i] = tape{name: name, data: append([]byte(nil), n.Tapes[i]...), there: n.Tapes[i] != nil}
	}
	steps, err := m.run(ctx)
	return result{[2][]byte{m.tapes[0].data, m.tapes[1].data}, steps}, err
}

// run executes instructions until HALT, and returns their number.
func (m *native) run(ctx context.Context) (steps uint64, err error) {
	for ; steps < m.Native.Steps; steps++ {
		if steps%look == 0 && ctx.Err() != nil {
			return steps, context.Cause(ctx)
		}
		at := m.pc
		err := m.Step()
		if err == cpu.ErrSyscall {
			if m.r[call] == halted {
				return steps + 1, nil
			}
			if err = m.halcode(); err != nil {
				err = fmt.Errorf("%#x: %w", at, err)
			}
		}
		if err != nil {
			return steps, err
		}
	}
	return steps, fmt.Errorf("%d instructions executed, which is the limit", steps)
}

// halcode executes a HALCODE (eval_HALCODE, vm_decode.c). FGETC and FPUTC take the
// device in R1, the others in R0. An unknown device is ignored.
func (m *native) halcode() error {
	switch m.r[call] {
	case 0x100000:
		return m.tape(m.r[0], "", (*tape).openRead)
	case 0x100001:
		return m.tape(m.r[0], "", (*tape).openWrite)
	case 0x100002:
		return m.tape(m.r[0], "FCLOSE", (*tape).close)
	case 0x100003:
		return m.tape(m.r[0], "REWIND", (*tape).rewind)
	case 0x100100:
		return m.getc()
	case 0x100200:
		return m.putc()
	case 0x110000: // HAL_MEM
		m.r[0] = uint32(m.Memory)
		return nil
	}
	return fmt.Errorf("unknown HALCODE %06X", m.r[call])
}

// tape calls do with the tape of a device. what is the name of the HALCODE if it
// requires the tape to be open, or empty.
func (m *native) tape(device uint32, what string, do func(*tape) error) error {
	if device != tape01 && device != tape02 {
		return nil
	}
	t := &m.tapes[device-tape01]
	if what != "" && !t.open {
		return fmt.Errorf("%s: %s is not open", what, t.name)
	}
	return do(t)
}

func (t *tape) openRead() error {
	if !t.there {
		return fmt.Errorf("there is no %s to read", t.name)
	}
	t.open, t.writing, t.position = true, false, 0
	return nil
}

func (t *tape) openWrite() error {
	t.there, t.open, t.writing, t.position, t.data = true, true, true, 0, nil
	return nil
}

func (t *tape) close() error {
	t.open = false
	return nil
}

func (t *tape) rewind() error {
	t.position = 0
	return nil
}

// getc executes FGETC: it sets R0 to a byte, or to -1 at the end, on a tape that is
// open for writing, and for an unknown device.
func (m *native) getc() error {
	var err error
	result := ^uint32(0)
	if m.r[1] == console {
		result, err = m.key()
	} else {
		err = m.tape(m.r[1], "FGETC", func(t *tape) error {
			if !t.writing && t.position < len(t.data) {
				result = uint32(t.data[t.position])
				t.position++
			}
			return nil
		})
	}
	if err == nil {
		m.r[0] = result
	}
	return err
}

// key returns a byte from the console, or -1 at the end of its input.
func (m *native) key() (uint32, error) {
	if m.Console == nil {
		return ^uint32(0), nil
	}
	var b [1]byte
	switch _, err := io.ReadFull(m.Console, b[:]); err {
	case nil:
		return uint32(b[0]), nil
	case io.EOF:
		return ^uint32(0), nil
	default:
		return 0, fmt.Errorf("console: cannot read: %w", err)
	}
}

// putc executes FPUTC. Output to a tape that is open for reading is lost.
func (m *native) putc() error {
	b := byte(m.r[0])
	if m.r[1] == console {
		if m.screen == nil {
			return nil
		}
		if _, err := m.screen.Write([]byte{b}); err != nil {
			return fmt.Errorf("console: cannot write: %w", err)
		}
		return nil
	}
	return m.tape(m.r[1], "FPUTC", func(t *tape) error {
		switch {
		case !t.writing:
			return nil
		case t.position == m.Output:
			return fmt.Errorf("%s has %d bytes, which is the limit", t.name, m.Output)
		case t.position == len(t.data):
			t.data = append(t.data, b)
		default:
			t.data[t.position] = b
		}
		t.position++
		return nil
	})
}
