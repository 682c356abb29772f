package arm

import (
	"slices"

	"stage0/internal/emu/micro"
)

// WriteRegister is cpu.RegisterWriter's.
func (c *core) WriteRegister(name string, v uint64) bool {
	if name == "nzcv" {
		var flags uint64
		for i, flag := range [...]uint64{micro.FlagV, micro.FlagC, micro.FlagZ, micro.FlagN} {
			if v>>(28+i)&1 != 0 {
				flags |= flag
			}
		}
		c.flags = micro.Flags{Kind: micro.Literal, A: flags}
		return true
	}
	i := slices.Index(names[:], name)
	if i >= 0 {
		c.x[i] = v
	}
	return i >= 0
}
