package mesoplanet

import (
	"fmt"
	"strings"

	"stage0/arch"
)

// A Target is the platform that a program is compiled for, and its library.
type Target struct {
	Arch   string // as --architecture spells it
	System string // operating system: Linux, UEFI, or one without <> includes
	Libc   string // directory of M2libc
}

// The operating systems that upstream knows.
const (
	linux = "Linux"
	uefi  = "UEFI"
)

// skips has, for an operating system, a part of the paths of files that are not
// included.
var skips = map[string]string{linux: "uefi", uefi: "linux"}

// An architecture has the facts that package arch does not have.
type architecture struct {
	name     string
	base     string   // base address of programs, as an option of hex2
	macros   []Define // predefined
	machines string   // other names of it in uname
}

var architectures = []architecture{
	{"knight-native", "0x0", nil, ""},
	{"knight-posix", "0x0", nil, ""},
	{"x86", "0x8048000", []Define{{"__i386__", "1"}}, "i386 i486 i586 i686 i686-pae"},
	{"amd64", "0x00600000", []Define{{"__x86_64__", "1"}}, "x86_64"},
	{"armv7l", "0x10000", []Define{{"__arm__", "1"}}, ""},
	{"aarch64", "0x400000", []Define{{"__aarch64__", "1"}}, ""},
	{"riscv32", "0x600000", []Define{{"__riscv", "1"}, {"__riscv_xlen", "32"}}, ""},
	{"riscv64", "0x600000", []Define{{"__riscv", "1"}, {"__riscv_xlen", "64"}}, ""},
}

func lookupArchitecture(name string) (architecture, error) {
	var known []string
	for _, a := range architectures {
		if a.name == name {
			return a, nil
		}
		known = append(known, a.name)
	}
	return architecture{}, fmt.Errorf("unknown architecture %q; known are %s", name, strings.Join(known, ", "))
}

// Discover completes t as upstream does: machine is the processor's name in uname,
// and lookup returns a variable of the environment. ARCHITECTURE_OVERRIDE and
// OS_OVERRIDE set empty fields of t, M2LIBC_PATH always sets Libc.
// upstream: setup_env
func (t Target) Discover(machine string, lookup func(name string) (value string, ok bool)) (Target, error) {
	if t.Arch == "" {
		t.Arch = machine
		for _, a := range architectures {
			for _, name := range strings.Fields(a.machines) {
				if name == machine {
					t.Arch = a.name
				}
			}
		}
		if name, ok := lookup("ARCHITECTURE_OVERRIDE"); ok {
			t.Arch = name
		}
	}
	if t.System == "" {
		t.System = linux
		if name, ok := lookup("OS_OVERRIDE"); ok {
			t.System = name
		}
	}
	t.Libc = "./M2libc"
	if path, ok := lookup("M2LIBC_PATH"); ok {
		t.Libc = path
	}
	_, err := lookupArchitecture(t.Arch)
	return t, err
}

// macros returns the predefined macros.
func (t Target) macros() ([]Define, error) {
	a, err := lookupArchitecture(t.Arch)
	if t.System == uefi {
		return append(a.macros[:len(a.macros):len(a.macros)], Define{"__uefi__", "1"}), err
	}
	return a.macros, err
}

// base returns the base address of programs.
func (t Target) base() string {
	a, _ := lookupArchitecture(t.Arch)
	if t.System == uefi {
		return "0x0"
	}
	return a.base
}

// word returns the architecture's word size in bytes.
func (t Target) word() int {
	a, _ := arch.Lookup(t.Arch)
	return a.WordSize
}

// byteOrder returns the option for the byte order.
func (t Target) byteOrder() string {
	if a, _ := arch.Lookup(t.Arch); a.BigEndian {
		return "--big-endian"
	}
	return "--little-endian"
}

// Header returns the file of the program's ELF or PE header.
func (t Target) Header(debug bool) string {
	kind, suffix := "/ELF-", ".hex2"
	if t.System == uefi {
		kind = "/uefi/PE32-"
	}
	if debug {
		suffix = "-debug.hex2"
	}
	return t.Libc + "/" + t.Arch + kind + t.Arch + suffix
}

// Definitions returns the file that defines M2-Planet's mnemonics.
func (t Target) Definitions() string {
	return t.Libc + "/" + t.Arch + "/" + t.Arch + "_defs.M1"
}

// Start returns the file of the code that calls main.
func (t Target) Start(stdio bool) string {
	name := "/libc-core.M1"
	switch {
	case t.System == uefi:
		name = "/uefi/libc-full.M1"
	case stdio:
		name = "/libc-full.M1"
	}
	return t.Libc + "/" + t.Arch + name
}
