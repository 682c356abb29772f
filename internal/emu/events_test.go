package emu_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
)

// execute executes the program whose name is at text[i]; if that fails, the caller
// continues.
func execute(i int) []uint32 {
	return join(text(a0, i), []uint32{li(a1, 0), li(a2, 0)}, call(sysExecve))
}

// TestEvents checks the events of a run: a program's child fails to execute one file,
// and executes another; then the program executes one itself.
func TestEvents(t *testing.T) {
	main := program(join(
		[]uint32{li(a0, 17), li(a1, 0)}, call(sysClone),
		[]uint32{bnez(a0, 13)},
		execute(0),  // 6 instructions
		execute(16), // 6 instructions
		[]uint32{li(a0, -1), li(a1, 0), li(a2, 0), li(a3, 0)}, call(sysWait4),
		execute(32)), "bad\x00............leaf\x00...........last\x00")
	files := emutest.Files{
		"/bad":  {Data: []byte("no program"), Perm: 0o700},
		"/leaf": {Data: program(join([]uint32{li(a0, 3)}, exit), ""), Perm: 0o700},
		"/last": {Data: program(join([]uint32{li(a0, 4)}, exit), ""), Perm: 0o700},
	}
	var log []string
	note := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	progress := 0
	got, err := emutest.Run(main, files, func(c *emu.Config) {
		c.Exec = func(x emu.Exec) (emu.FS, error) {
			note("process %d: program %d, %s, of %d", x.PID, x.Program, x.Path, x.Parent)
			return c.FS, nil
		}
		c.Exit = func(x emu.Exit) {
			note("process %d: program %d ends with %d after %d and %d", x.PID, x.Program, x.Status, x.Steps, x.Calls)
		}
		c.Trace = func(e emu.Event) {
			switch e.Kind {
			case emu.CallEnd:
				note("process %d: program %d calls %s: %d", e.PID, e.Program, e.Call, e.Result)
			case emu.CallGone:
				note("process %d: program %d is gone with %s", e.PID, e.Program, e.Call)
			}
		}
		c.Progress = func(emu.Statistics) { progress++ }
	})
	require.NoError(t, err)
	assert.Equal(t, 4, got.Status)
	want := `process 1: program 1, /program, of 0
process 1: program 1 calls clone: 2
process 2: program 2, /bad, of 1
process 2: program 2 ends with 126 after 0 and 0
process 2: program 1 calls execve: -8
process 2: program 3, /leaf, of 1
process 2: program 3 is gone with execve
process 2: program 3 ends with 3 after 3 and 1
process 2: program 3 is gone with exit
process 1: program 1 calls wait4: 2
process 1: program 4, /last, of 1
process 1: program 1 ends with 0 after 17 and 3
process 1: program 4 is gone with execve
process 1: program 4 ends with 4 after 3 and 1
process 1: program 4 is gone with exit`
	assert.Equal(t, want, strings.Join(log, "\n"))
	assert.Equal(t, map[string]uint64{"clone": 1, "execve": 3, "exit": 2, "wait4": 1}, got.Stats.ByName)
	assert.NotZero(t, progress)
}

// Flags of open.
const (
	oRDONLY = 0
	oRDWR   = 2
)

// openFile opens the file whose name is at the start of the text.
func openFile(flags int) []uint32 {
	return join([]uint32{li(a0, -100)}, text(a1, 0), []uint32{li(a2, flags), li(a3, 0)}, call(sysOpenat))
}

// end ends the program with status 0.
var end = join([]uint32{li(a0, 0)}, exit)

// fork forks a child that executes code, and waits for it.
func fork(code []uint32) []uint32 {
	return join([]uint32{li(a0, 17), li(a1, 0)}, call(sysClone), []uint32{bnez(a0, 1+len(code)+len(end))}, code, end)
}

func child(code []uint32) []uint32 {
	return join(fork(code), []uint32{li(a0, -1), li(a1, 0), li(a2, 0), li(a3, 0)}, call(sysWait4))
}

// closeFile closes a descriptor.
func closeFile(fd int) []uint32 { return join([]uint32{li(a0, fd)}, call(sysClose)) }

// TestOpenFiles runs a program that opens a file three times and writes to it once.
// It executes another program after each step.
func TestOpenFiles(t *testing.T) {
	run := child(execute(16))
	write := func(i int) []uint32 { return join(text(a1, i), []uint32{li(a2, 4)}, call(sysWrite)) }
	main := program(join(openFile(oRDONLY), openFile(oRDONLY), openFile(oRDWR), write(16), run,
		closeFile(3), run, closeFile(5), run,
		openFile(oRDWR), write(0), run, closeFile(3), run,
		end), "file............leaf\x00")
	main = []byte(strings.ReplaceAll(string(main), ".", "\x00"))
	files := emutest.Files{
		"/file": {Data: []byte("contents"), Perm: 0o600},
		"/leaf": {Data: program(end, ""), Perm: 0o700},
	}
	var log []string
	got, err := emutest.Run(main, files, func(c *emu.Config) {
		c.Exec = func(x emu.Exec) (emu.FS, error) {
			data, err := c.FS.ReadFile("/file")
			log = append(log, fmt.Sprintf("%s: open %v, written %v, %s %v", x.Path, x.Open, x.Written, data, err))
			return c.FS, nil
		}
	})
	require.NoError(t, err)
	assert.Zero(t, got.Status)
	want := `/program: open [], written [], contents <nil>
/leaf: open [/file], written [/file], contents <nil>
/leaf: open [/file], written [/file], contents <nil>
/leaf: open [/file], written [], leafents <nil>
/leaf: open [/file], written [/file], leafents <nil>
/leaf: open [/file], written [], fileents <nil>`
	assert.Equal(t, want, strings.Join(log, "\n"))
}

// TestAlone runs programs that depend on more than their files, and some that do not.
// The first program has number 1; want lists the programs that were alone, in the
// order in which they end.
func TestAlone(t *testing.T) {
	read := func(fd int) []uint32 { return join([]uint32{li(a0, fd), mv(a1, sp), li(a2, 1)}, call(sysRead)) }
	open, openWrite := openFile(oRDONLY), openFile(oRDWR)
	write := join([]uint32{mv(a1, sp), li(a2, 1)}, call(sysWrite)) // to the last opened file
	const leaf, shares, opens, none, writes, parent, owner, removes, runs = 16, 32, 48, 64, 80, 96, 112, 128, 144
	names := "file............leaf............shares..........opens...........none............writes.........." +
		"parent..........owner...........removes.........runs."
	names = strings.ReplaceAll(names, ".", "\x00")
	for _, test := range []struct {
		name string
		code []uint32
		want string
	}{
		{"nothing", nil, "1"},
		{"printing", join(text(a1, 0), []uint32{li(a0, 1), li(a2, 1)}, call(sysWrite)), "1"},
		{"reading a file", join(open, read(3)), "1"},
		{"reading standard input", read(0), ""},
		{"a child that does nothing", child(nil), "1"},
		{"a child that reads its parent's file", join(open, child(read(3))), "1"},
		{"a child that reads standard input", child(read(0)), ""},
		{"a child that runs a program", child(execute(leaf)), "2 1"},
		{"a child that runs one that shares a file", join(open, child(execute(shares))), "1"},
		{"a child that runs one that opens what is open", join(open, child(execute(opens))), "2 1"},
		{"a child that runs one that opens what can be written to", join(openWrite, child(execute(opens))), "2 1"},
		{"a child that runs one that opens what has been written to", join(openWrite, write, child(execute(opens))), "1"},
		{"a child that runs one that opens what has been written to and closed", join(open, openWrite, write, closeFile(4), child(execute(opens))), "2 1"},
		{"a child that runs one that writes to what is open", join(open, child(execute(writes))), "1"},
		{"a child that runs one that removes what is open", join(open, child(execute(removes))), "1"},
		{"a child that runs one that runs what can be written to", join(openWrite, child(execute(runs))), "1"},
		{"a child that runs one that has a child to wait for", child(join(fork(nil), execute(leaf))), ""},
		{"a grandchild that writes to what is open", join(open, child(execute(parent))), "1"},
		{"a grandchild that writes to what its parent has open", child(execute(owner)), "2 1"},
		{"a grandchild that writes to what is not open", child(execute(parent)), "3 2 1"},
		{"a child that runs what is not a program", child(execute(0)), ""},
		{"a child that runs what is not there", child(execute(none)), "1"},
		{"a child that reads standard input and runs a program", child(join(read(0), execute(leaf))), "2"},
		{"running a program in one's place", execute(leaf), "2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := emutest.Files{
				"/file":    {Data: []byte("contents"), Perm: 0o700},
				"/leaf":    {Data: program(end, ""), Perm: 0o700},
				"/shares":  {Data: program(join(read(3), end), ""), Perm: 0o700},
				"/opens":   {Data: program(join(open, end), names), Perm: 0o700},
				"/writes":  {Data: program(join(openWrite, write, end), names), Perm: 0o700},
				"/parent":  {Data: program(join(child(execute(writes)), end), names), Perm: 0o700},
				"/owner":   {Data: program(join(open, child(execute(writes)), end), names), Perm: 0o700},
				"/removes": {Data: program(join([]uint32{li(a0, -100)}, text(a1, 0), []uint32{li(a2, 0)}, call(sysUnlinkat), end), names), Perm: 0o700},
				"/runs":    {Data: program(join(execute(0), end), names), Perm: 0o700},
			}
			var alone []string
			_, err := emutest.Run(program(join(test.code, end), names), files, func(c *emu.Config) {
				c.Exit = func(x emu.Exit) {
					if x.Alone {
						alone = append(alone, fmt.Sprint(x.Program))
					}
				}
			})
			require.NoError(t, err)
			assert.Equal(t, test.want, strings.Join(alone, " "))
		})
	}
}
