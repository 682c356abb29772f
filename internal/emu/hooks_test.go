package emu_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
				assert.True(t, e.CPU.(cpu.RegisterWriter).WriteRegister("a0", 9))
			}
			return 1, nil
		}
	})
	require.NoError(t, err)
	assert.Equal(t, 9, got.Status)
	want := "1:0:0x600100 1:1:0x600104 1:2:0x600108 1:3:0x60010c " +
		"2:4:0x600110 2:5:0x600114 2:6:0x600118 1:7:0x600110 1:8:0x600114 1:9:0x600118"
	assert.Equal(t, want, strings.Join(seen, " "))

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
	assert.Equal(t, enough, err)
	assert.InDelta(t, 2050, got.Stats.Steps, 50)
}

// TestCall tests Config.Call alone.
func TestCall(t *testing.T) {
	var seen []string
	_, err := emutest.Run(program(join([]uint32{li(a0, 9)}, call(sysClose), exit), ""), nil, func(c *emu.Config) {
		c.Call = func(e emu.Event) { seen = append(seen, fmt.Sprint(e.Kind, e.Call, e.Result)) }
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		fmt.Sprint(emu.CallBegin, "close", 0), fmt.Sprint(emu.CallEnd, "close", -9),
		fmt.Sprint(emu.CallBegin, "exit", 0), fmt.Sprint(emu.CallGone, "exit", 0),
	}, seen)
}

// TestFailures runs programs whose system calls fail, with and without a success in
// between.
func TestFailures(t *testing.T) {
	run := func(code ...[]uint32) error {
		_, err := emutest.Run(program(join(code...), ""), nil, func(c *emu.Config) { c.Limits.Failures = 3 })
		return err
	}
	closeBad := join([]uint32{li(a0, 9)}, call(sysClose))
	assert.NoError(t, run(closeBad, closeBad, []uint32{li(a0, 0)}, call(sysBrk), closeBad, closeBad, []uint32{li(a0, 0)}, exit))
	err := run(closeBad, closeBad, closeBad, []uint32{li(a0, 0)}, exit)
	assert.EqualError(t, err, "process 1, riscv64: stopped after 3 failed system calls in a row, the last with EBADF")
	var limit *emu.LimitError
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, "Failures", limit.Limit)
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
	assert.EqualError(t, err, "process 1, riscv64: 0x600110: 03 33 00 01: load from 0x10 is not allowed")
	assert.Equal(t, want, seen)
}
