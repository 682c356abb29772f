// Package arch is the table of the architectures that the stage0-posix tools
// support. It holds facts only, no behaviour.
package arch

import "fmt"

// An Arch is a row of the table.
type Arch struct {
	Name      string // as spelled for --architecture
	Dir       string // directory in a stage0-posix tree; empty if there is no ladder
	WordSize  int    // of a register, in bytes
	BigEndian bool   // byte order of the processor
	Machine   uint16 // ELF e_machine; 0 if there is none
	Base      uint32 // address at which M2-Mesoplanet links a program (its cc_env.c, setup_env; ppc64le: get_machine.c)
}

// MarshalText returns the architecture's name.
func (a Arch) MarshalText() ([]byte, error) { return []byte(a.Name), nil }

// UnmarshalText looks up the architecture called text.
func (a *Arch) UnmarshalText(text []byte) error {
	found, ok := Lookup(string(text))
	if !ok {
		return fmt.Errorf("no such architecture: %q", text)
	}
	*a = found
	return nil
}

// All lists the architectures in the order that reports use: those with a
// ladder first.
var All = []Arch{
	{"x86", "x86", 4, false, 0x03, 0x08048000},
	{"amd64", "AMD64", 8, false, 0x3E, 0x00600000},
	{"aarch64", "AArch64", 8, false, 0xB7, 0x00400000},
	{"riscv32", "riscv32", 4, false, 0xF3, 0x00600000},
	{"riscv64", "riscv64", 8, false, 0xF3, 0x00600000},
	{"armv7l", "", 4, false, 0x28, 0x00010000},
	{"ppc64le", "", 8, false, 0x15, 0x00010000},
	{"knight-native", "", 4, true, 0, 0},
	{"knight-posix", "", 4, true, 0, 0},
}

// Lookup returns the row of the architecture called name.
func Lookup(name string) (Arch, bool) {
	for _, a := range All {
		if a.Name == name {
			return a, true
		}
	}
	return Arch{}, false
}

// Ladders returns the architectures that stage0-posix climbs from a seed.
func Ladders() []Arch {
	var ladders []Arch
	for _, a := range All {
		if a.Dir != "" {
			ladders = append(ladders, a)
		}
	}
	return ladders
}
