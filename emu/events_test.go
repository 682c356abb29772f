package emu_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"stage0/emu"
	"stage0/emu/emutest"
)

// execute runs the program whose name is at i of the text; it goes on if it
// cannot.
func execute(i int) []uint32 {
	return join(text(a0, i), []uint32{li(a1, 0), li(a2, 0)}, call(sysExecve))
}

// TestEvents looks at what is told of a run: a program whose child fails to run
// a file, and runs another; then it runs one in its own place.
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
	if err != nil || got.Status != 4 {
		t.Fatalf("status %d, %v", got.Status, err)
	}
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
	if got := strings.Join(log, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if want := map[string]uint64{"clone": 1, "execve": 3, "exit": 2, "wait4": 1}; !reflect.DeepEqual(got.Stats.ByName, want) {
		t.Errorf("%v, want %v", got.Stats.ByName, want)
	}
	if progress == 0 {
		t.Error("there was no progress")
	}
}

// TestAlone has programs that depend on more than their files, and some that do
// not.
func TestAlone(t *testing.T) {
	fork := join([]uint32{li(a0, 17), li(a1, 0)}, call(sysClone))
	end := join([]uint32{li(a0, 0)}, exit)
	read := func(fd int) []uint32 { return join([]uint32{li(a0, fd), mv(a1, sp), li(a2, 1)}, call(sysRead)) }
	open := join([]uint32{li(a0, -100)}, text(a1, 0), []uint32{li(a2, 0), li(a3, 0)}, call(sysOpenat))
	wait := join([]uint32{li(a0, -1), li(a1, 0), li(a2, 0), li(a3, 0)}, call(sysWait4))
	for _, test := range []struct {
		name string
		code []uint32
		want bool
	}{
		{"nothing", end, true},
		{"printing", join(text(a1, 0), []uint32{li(a0, 1), li(a2, 1)}, call(sysWrite), end), true},
		{"reading a file", join(open, read(3), end), true},
		{"reading standard input", join(read(0), end), false},
		{"a child that does nothing", join(fork, []uint32{bnez(a0, 4)}, end, wait, end), true},
		{"a child that reads its parent's file", join(open, fork, []uint32{bnez(a0, 9)}, read(3), end, wait, end), true},
		{"a child that reads standard input", join(fork, []uint32{bnez(a0, 9)}, read(0), end, wait, end), false},
		{"a child that runs a program", join(fork, []uint32{bnez(a0, 10)}, execute(16), end, wait, end), true},
		{"a child that runs one that shares a file", join(open, fork, []uint32{bnez(a0, 10)}, execute(32), end, wait, end), false},
		{"a child that runs one that opens what is open", join(open, fork, []uint32{bnez(a0, 10)}, execute(48), end, wait, end), false},
		{"a child that runs what is no program", join(fork, []uint32{bnez(a0, 10)}, execute(0), end, wait, end), false},
		{"a child that runs what is not there", join(fork, []uint32{bnez(a0, 10)}, execute(64), end, wait, end), true},
		{"a child that reads standard input and runs a program", join(fork, []uint32{bnez(a0, 15)}, read(0), execute(16), end, wait, end), false},
		{"running a program in one's place", execute(16), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			names := "file............leaf............shares..........opens...........none"
			files := emutest.Files{
				"/file":   {Data: []byte("contents"), Perm: 0o700},
				"/leaf":   {Data: program(end, ""), Perm: 0o700},
				"/shares": {Data: program(join(read(3), end), ""), Perm: 0o700},
				"/opens":  {Data: program(join(open, end), "file\x00"), Perm: 0o700},
			}
			_, err := emutest.Run(program(test.code, strings.ReplaceAll(names, ".", "\x00")+"\x00"), files, func(c *emu.Config) {
				c.Exit = func(x emu.Exit) {
					if x.Program == 1 && x.Alone != test.want {
						t.Errorf("alone: %v, want %v", x.Alone, test.want)
					}
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
