package emu_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/emutest"
)

// TestStep steps through a program that forks, and changes its registers: it exits
// with 9 instead of 3.
func TestStep(t *testing.T) {
	code := join([]uint32{li(a0, 17), li(a1, 0)}, call(sysClone), []uint32{li(a0, 3)}, exit)
	var seen []string
	got, err := emutest.Run(program(code, ""), nil, func(c *emu.Config) {
		c.Step = func(e emu.Event) (uint64, error) {
			seen = append(seen, fmt.Sprintf("%d:%d:%#x", e.PID, e.Steps, e.CPU.PC()))
			if e.PID == 1 && e.CPU.PC() == 0x600114 { // after li a0, 3
				if !e.CPU.(cpu.RegisterWriter).WriteRegister("a0", 9) {
					t.Error("a0 cannot be written")
				}
			}
			return 1, nil
		}
	})
	if err != nil || got.Status != 9 {
		t.Errorf("status %d, %v, want 9", got.Status, err)
	}
	want := "1:0:0x600100 1:1:0x600104 1:2:0x600108 1:3:0x60010c " +
		"2:4:0x600110 2:5:0x600114 2:6:0x600118 1:7:0x600110 1:8:0x600114 1:9:0x600118"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}

	// Step may return a number greater than 1, and an error that ends the run.
	enough := errors.New("enough")
	calls := 0
	got, err = emutest.Run(program([]uint32{j(0)}, ""), nil, func(c *emu.Config) {
		c.Step = func(e emu.Event) (uint64, error) {
			if calls++; calls == 3 {
				return 0, enough
			}
			return 1000, nil
		}
	})
	if err != enough || got.Stats.Steps < 2000 || got.Stats.Steps > 2100 {
		t.Errorf("%v after %d instructions", err, got.Stats.Steps)
	}
}

// TestCall tests Config.Call alone.
func TestCall(t *testing.T) {
	var seen []string
	_, err := emutest.Run(program(join([]uint32{li(a0, 9)}, call(sysClose), exit), ""), nil, func(c *emu.Config) {
		c.Call = func(e emu.Event) { seen = append(seen, fmt.Sprint(e.Kind, e.Call, e.Result)) }
	})
	want := fmt.Sprint([]string{fmt.Sprint(emu.CallBegin, "close", 0), fmt.Sprint(emu.CallEnd, "close", -9), fmt.Sprint(emu.CallBegin, "exit", 0), fmt.Sprint(emu.CallGone, "exit", 0)})
	if got := fmt.Sprint(seen); got != want || err != nil {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// TestFailures runs programs whose system calls fail, with and without a success in
// between.
func TestFailures(t *testing.T) {
	closeBad := join([]uint32{li(a0, 9)}, call(sysClose))
	for name, test := range map[string]struct {
		code []uint32
		want string
	}{
		"in a row": {join(closeBad, closeBad, closeBad, []uint32{li(a0, 0)}, exit), "process 1, riscv64: stopped after 3 failed system calls in a row, the last with EBADF"},
		"in two":   {join(closeBad, closeBad, []uint32{li(a0, 0)}, call(sysBrk), closeBad, closeBad, []uint32{li(a0, 0)}, exit), ""},
	} {
		_, err := emutest.Run(program(test.code, ""), nil, func(c *emu.Config) { c.Limits.Failures = 3 })
		var limit *emu.LimitError
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || err.Error() != test.want || !errors.As(err, &limit) || limit.Limit != "Failures"):
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// TestObserve observes the accesses of a single step, and of a system call.
func TestObserve(t *testing.T) {
	code := join([]uint32{lui(t0, textAt>>12), ld(t1, t0, 0), lw(t1, t0, 4), sw(t0, t1), ld(t1, zero, 16)})
	var seen []cpu.Access
	_, err := emutest.Run(program(code, "text"), nil, func(c *emu.Config) {
		c.Step = func(e emu.Event) (uint64, error) {
			e.Memory.Observe(func(a cpu.Access) { seen = append(seen, a) })
			e.Memory.Clone().Load(textAt, 1)
			return 1, nil
		}
	})
	want := []cpu.Access{{Addr: textAt, Size: 8}, {Addr: textAt + 4, Size: 4}, {Addr: textAt, Size: 4, Store: true}}
	if fmt.Sprint(seen) != fmt.Sprint(want) || err == nil {
		t.Errorf("%v, %v, want %v", seen, err, want)
	}
}
