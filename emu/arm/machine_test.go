package arm_test

import (
	"errors"
	"testing"

	"stage0/emu/arm"
	"stage0/emu/cpu"
	"stage0/emu/emutest"
)

// start returns a processor about to execute words, and its memory.
func start(t *testing.T, words ...uint32) (cpu.CPU, *cpu.Memory) {
	t.Helper()
	p := &program{code: words}
	mem := newMemory()
	if err := mem.Init(emutest.Base, p.file()); err != nil {
		t.Fatal(err)
	}
	c := arm.New64(mem)
	c.SetPC(emutest.Entry)
	c.SetSP(stackTop - 4096)
	return c, mem
}

// TestFaults has instructions that cannot be executed, behind some that can.
// Registers and PC are as they were before them, at full speed and by steps.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		words []uint32
		want  string
		after uint64 // instructions that are executed before
	}{
		{"undefined", []uint32{movz(1, 5, 0), 0}, "0x600104: 00 00 00 00: unknown instruction", 1},
		{"breakpoint", []uint32{movz(1, 5, 0), 0xD4200000}, "0x600104: 00 00 20 d4: breakpoint", 1},
		{"jump to nowhere", []uint32{movz(1, 5, 0), 0xD61F0020}, "0x5: jump to where there is no code", 2},
		{"jump into an instruction", []uint32{0x10000021, addImm(1, 1, 2), 0xD61F0020}, "0x600106: jump to where there is no code", 3},
		{"load", []uint32{movz(1, 5, 0), 0xF9400022}, "0x600104: 22 00 40 f9: load from 0x5, where the program has no such right", 1},
		{"store", []uint32{movz(1, 5, 0), 0xF9000022}, "0x600104: 22 00 00 f9: store to 0x5, where the program has no such right", 1},
		{"push", []uint32{movz(18, 16, 0), 0xF81F8E40}, "0x600104: 40 8e 1f f8: store to 0x8, where the program has no such right", 1},
		{"pop", []uint32{movz(18, 16, 0), 0xF8408640}, "0x600104: 40 86 40 f8: load from 0x10, where the program has no such right", 1},
		{"local", []uint32{movz(17, 64, 0), move(0, 17), 0x18000041, 0x14000002, 16, 0xCB010000, 0xF9400000},
			"0x600118: 00 00 40 f9: load from 0x30, where the program has no such right", 5},
		{"push, local", []uint32{move(18, 17), 0x910003F2, movz(17, 64, 0), 0xF81F8E40, move(0, 17), 0x18000041, 0x14000002, 16, 0xCB010000, 0xF9400000},
			"0x600124: 00 00 40 f9: load from 0x30, where the program has no such right", 8},
		{"pop, store", []uint32{0x910003F2, movz(0, 7, 0), 0xF81F8E40, 0xF8408641, 0xF9000020},
			"0x600110: 20 00 00 f9: store to 0x7, where the program has no such right", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			var states [2][]cpu.Register
			for i, budget := range []uint64{1 << 20, 1} {
				c, _ := start(t, test.words...)
				var n uint64
				var err error
				for err == nil {
					var more uint64
					more, err = c.Run(budget)
					n += more
				}
				if err.Error() != test.want {
					t.Errorf("budget %d: error %q, want %q", budget, err, test.want)
				}
				var fault *cpu.Fault
				if !errors.As(err, &fault) || fault.PC != c.PC() {
					t.Errorf("budget %d: PC is %#x, that of the fault %#v", budget, c.PC(), fault)
				}
				if n != test.after {
					t.Errorf("budget %d: %d executed, want %d", budget, n, test.after)
				}
				states[i] = c.Registers(nil)
			}
			for i, r := range states[0] {
				if r != states[1][i] {
					t.Errorf("%s is %#x, by steps %#x", r.Name, r.Value, states[1][i].Value)
				}
			}
		})
	}
}

// TestModifiedCode has programs that overwrite what they have executed: an
// instruction, and a literal.
func TestModifiedCode(t *testing.T) {
	for _, test := range []struct {
		name  string
		words []uint32
	}{
		{"an instruction", []uint32{
			movz(3, 5, 0),
			addImm(0, 0, 1), // loop: becomes add x0, x0, 17
			0x10FFFFE1,      // adr x1, loop
			0xB9400022,      // ldr w2, [x1]
			0x11401042,      // add w2, w2, 4, lsl 12
			0xB9000022,      // str w2, [x1]
			0xF1000463,      // subs x3, x3, 1
			branchIf(1, ^uint32(23)),
			svc,
		}},
		{"a literal", []uint32{
			movz(3, 5, 0),
			0x180000E4, // loop: ldr w4, literal
			0x8B040000, // add x0, x0, x4
			0x100000A1, // adr x1, literal
			0xB9000023, // str w3, [x1]
			0xF1000463, // subs x3, x3, 1
			branchIf(1, ^uint32(19)),
			svc,
			100, // literal
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var results []uint64
			for _, budget := range []uint64{1 << 20, 1} {
				c, _ := start(t, test.words...)
				var err error
				for err == nil {
					_, err = c.Run(budget)
				}
				if err != cpu.ErrSyscall {
					t.Fatal(err)
				}
				_, args := c.Syscall()
				results = append(results, args[0])
			}
			if results[0] != results[1] || results[0] < 10 {
				t.Errorf("result is %d, by steps %d", results[0], results[1])
			}
		})
	}
}

// TestEndless has a jump to itself, and wants that a budget ends it.
func TestEndless(t *testing.T) {
	c, _ := start(t, 0x14000000)
	if n, err := c.Run(1000); err != nil || n < 1000 || n > 2000 {
		t.Errorf("executed %d, error %v", n, err)
	}
}

// TestClone wants that a clone goes on alone, with the same flags.
func TestClone(t *testing.T) {
	c, mem := start(t, movz(0, 3, 0), 0xF100041F, branchIf(0, 8), addImm(0, 0, 1), svc)
	if _, err := c.Run(1); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(1); err != nil {
		t.Fatal(err)
	}
	d := c.Clone(mem.Clone())
	for _, one := range []cpu.CPU{c, d} {
		if _, err := one.Run(100); err != cpu.ErrSyscall {
			t.Fatal(err)
		}
		if _, args := one.Syscall(); args[0] != 4 {
			t.Errorf("result is %d, want 4", args[0])
		}
		one.SetResult(-2)
	}
}
