package gdb

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// A target describes a processor to gdb: the features of its target description
// ("Standard Target Features" in gdb's manual), and the sources of their registers.
type target struct {
	arch     string // gdb's name of the architecture
	features []feature
}

type feature struct {
	name  string
	types string // XML
	regs  []register
}

// A register is a register as gdb knows it.
type register struct {
	name string
	bits int
	kind string // gdb's type
	from string // name in cpu.CPU.Registers, or one of those below
}

// Sources of registers that are not in cpu.CPU.Registers.
const (
	fromPC  = "pc"
	nowhere = ""  // not emulated: gdb prints <unavailable>
	isZero  = "0" // always zero
)

// row returns registers with the given names, which are also their sources.
func row(bits int, kind, names string) []register {
	var regs []register
	for _, name := range strings.Fields(names) {
		regs = append(regs, register{name, bits, kind, name})
	}
	return regs
}

// missing returns registers that are not emulated, but that gdb requires.
func missing(bits int, kind, names string) []register {
	regs := row(bits, kind, names)
	for i := range regs {
		regs[i].from = nowhere
	}
	return regs
}

func join(lists ...[]register) []register {
	var all []register
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// numbered returns register names with a prefix and a range of numbers.
func numbered(prefix string, from, to int) string {
	var names []string
	for i := from; i <= to; i++ {
		names = append(names, fmt.Sprint(prefix, i))
	}
	return strings.Join(names, " ")
}

// flagsType returns the type of a flags register. flags are names, each with its bit.
func flagsType(id string, flags ...any) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<flags id="%s" size="4">`, id)
	for i := 0; i < len(flags); i += 2 {
		fmt.Fprintf(&b, `<field name="%s" start="%[2]d" end="%[2]d"/>`, flags[i], flags[i+1])
	}
	b.WriteString("</flags>")
	return b.String()
}

// riscvRegisters returns the registers of org.gnu.gdb.riscv.cpu.
func riscvRegisters(bits int) []register {
	return join(
		[]register{{"zero", bits, "int", isZero}, {"ra", bits, "code_ptr", "ra"}},
		row(bits, "data_ptr", "sp gp tp"),
		row(bits, "int", "t0 t1 t2"),
		[]register{{"fp", bits, "data_ptr", "s0"}},
		row(bits, "int", "s1 "+numbered("a", 0, 7)+" "+numbered("s", 2, 11)+" "+numbered("t", 3, 6)),
		[]register{{"pc", bits, "code_ptr", fromPC}})
}

// targets are the processors, by their names in package arch.
var targets = sync.OnceValue(func() map[string]*target {
	// The x87 registers, which org.gnu.gdb.i386.core requires, and the segment registers.
	segments := missing(32, "int32", "cs ss ds es fs gs")
	x87 := join(missing(80, "i387_ext", numbered("st", 0, 7)),
		missing(32, "int", "fctrl fstat ftag fiseg fioff foseg fooff fop"))
	x86Flags := flagsType("flags", "CF", 0, "PF", 2, "AF", 4, "ZF", 6, "SF", 7, "TF", 8, "IF", 9, "DF", 10, "OF", 11)
	cpsrFlags := flagsType("cpsr_flags", "V", 28, "C", 29, "Z", 30, "N", 31)
	return map[string]*target{
		"amd64": {arch: "i386:x86-64", features: []feature{{"org.gnu.gdb.i386.core", x86Flags, join(
			row(64, "int64", "rax rbx rcx rdx rsi rdi"),
			row(64, "data_ptr", "rbp rsp"),
			row(64, "int64", numbered("r", 8, 15)),
			[]register{{"rip", 64, "code_ptr", fromPC}, {"eflags", 32, "flags", "rflags"}},
			segments, x87)}}},
		"x86": {arch: "i386", features: []feature{{"org.gnu.gdb.i386.core", x86Flags, join(
			row(32, "int32", "eax ecx edx ebx"),
			row(32, "data_ptr", "esp ebp"),
			row(32, "int32", "esi edi"),
			[]register{{"eip", 32, "code_ptr", fromPC}, {"eflags", 32, "flags", "eflags"}},
			segments, x87)}}},
		"aarch64": {arch: "aarch64", features: []feature{{"org.gnu.gdb.aarch64.core",
			cpsrFlags, join(
				row(64, "int", numbered("x", 0, 30)),
				row(64, "data_ptr", "sp"),
				[]register{{"pc", 64, "code_ptr", fromPC}, {"cpsr", 32, "cpsr_flags", "nzcv"}})}}},
		"armv7l": {arch: "arm", features: []feature{{"org.gnu.gdb.arm.core", cpsrFlags, join(
			row(32, "uint32", numbered("r", 0, 12)),
			row(32, "data_ptr", "sp"),
			row(32, "int", "lr"),
			[]register{{"pc", 32, "code_ptr", fromPC}, {"cpsr", 32, "cpsr_flags", "apsr"}})}}},
		"riscv64": {arch: "riscv:rv64", features: []feature{{"org.gnu.gdb.riscv.cpu", "", riscvRegisters(64)}}},
		"riscv32": {arch: "riscv:rv32", features: []feature{{"org.gnu.gdb.riscv.cpu", "", riscvRegisters(32)}}},
	}
})

// description returns the target description ("Target Description Format" in
// gdb's manual).
func (t *target) description() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">`+
		`<architecture>%s</architecture>`, t.arch)
	for _, f := range t.features {
		fmt.Fprintf(&b, `<feature name="%s">%s`, f.name, f.types)
		for _, r := range f.regs {
			fmt.Fprintf(&b, `<reg name="%s" bitsize="%d" type="%s"/>`, r.name, r.bits, r.kind)
		}
		b.WriteString("</feature>")
	}
	b.WriteString("</target>\n")
	return b.String()
}

// registers returns gdb's registers in the order of their numbers.
func (t *target) registers() []register {
	var all []register
	for _, f := range t.features {
		all = append(all, f.regs...)
	}
	return all
}

// register returns the register with a number.
func (t *target) register(n uint64) (register, bool) {
	regs := t.registers()
	if n >= uint64(len(regs)) {
		return register{}, false
	}
	return regs[n], true
}

// readRegister returns the contents of a register, in the protocol's hexadecimal.
func readRegister(e emu.Event, r register) string {
	var v uint64
	switch r.from {
	case nowhere:
		return strings.Repeat("x", r.bits/4)
	case isZero:
	case fromPC:
		v = e.CPU.PC()
	default:
		for _, have := range e.CPU.Registers(nil) {
			if have.Name == r.from {
				v = have.Value
			}
		}
	}
	return hex.EncodeToString(little(v, r.bits/8))
}

// writeRegister sets a register. It reports whether it succeeded.
func writeRegister(e emu.Event, r register, v uint64) bool {
	switch r.from {
	case nowhere, isZero:
		return false
	case fromPC:
		e.CPU.SetPC(v)
		return true
	}
	w, ok := e.CPU.(cpu.RegisterWriter)
	return ok && w.WriteRegister(r.from, v)
}

// little returns the low n bytes of a number, lowest first.
func little(v uint64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	return b
}

// number is the reverse of little.
func number(b []byte) uint64 {
	var v uint64
	for i, x := range b[:min(len(b), 8)] {
		v |= uint64(x) << (8 * i)
	}
	return v
}
