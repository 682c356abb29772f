package gdb

import (
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/arm"
	"stage0/internal/emu/armv7"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/riscv"
	"stage0/internal/emu/x86"
)

// processors are the processors of the emulator.
var processors = map[string]func(*cpu.Memory) cpu.CPU{
	"amd64": x86.New64, "x86": x86.New32, "aarch64": arm.New64, "armv7l": armv7.New, "riscv64": riscv.New64, "riscv32": riscv.New32,
}

// TestTargets checks that gdb is told about all registers of all processors, and
// writes and reads each of them.
func TestTargets(t *testing.T) {
	for name, begin := range processors {
		t.Run(name, func(t *testing.T) {
			target := targets()[name]
			mem := cpu.NewMemory(cpu.Layout{Base: 0x1000, Perms: []cpu.Perm{7}, StackTop: 0x100000, StackSize: 0x1000})
			s := &session{}
			s.at.CPU, s.at.Memory, s.at.Arch = begin(mem), mem, name
			from := map[string]bool{}
			for i, r := range target.registers() {
				from[r.from] = true
				if r.from == nowhere || r.from == isZero {
					continue
				}
				v := uint64(i+1) * 0x01010101
				switch r.kind {
				case "flags":
					v = 0x202 | 1<<6 | 1
				case "cpsr_flags":
					v = 5 << 28
				}
				if !writeRegister(s.at, r, v) {
					t.Errorf("%s cannot be written", r.name)
				}
				if got := readRegister(s.at, r); got != hexText(string(little(v, r.bits/8))) {
					t.Errorf("%s is %s, want %#x", r.name, got, v)
				}
			}
			for _, r := range s.at.CPU.Registers(nil) {
				if !from[r.Name] {
					t.Errorf("gdb is not told about %s", r.Name)
				}
			}
			var description struct {
				Architecture string   `xml:"architecture"`
				Registers    []string `xml:"feature>reg"`
			}
			require.NoError(t, xml.Unmarshal([]byte(target.description()), &description))
			assert.Equal(t, target.arch, description.Architecture)
			if len(description.Registers) != len(target.registers()) {
				t.Errorf("%d registers, want %d", len(description.Registers), len(target.registers()))
			}
		})
	}
}
