package x86

import (
	"slices"

	"stage0/internal/emu/micro"
)

// WriteRegister implements cpu.RegisterWriter. It sets only the arithmetic flags.
func (c *machine) WriteRegister(name string, v uint64) bool {
	names, flags := names64, "rflags"
	if c.word() == 4 {
		names, flags = names32, "eflags"
	}
	if name == flags {
		c.flags = micro.Flags{Kind: micro.Literal, A: v & micro.AllFlags}
		return true
	}
	i := slices.Index(names, name)
	if i >= 0 {
		c.SetRegister(micro.Reg(i), v)
	}
	return i >= 0
}
