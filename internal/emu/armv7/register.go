package armv7

import (
	"slices"

	"stage0/internal/emu/micro"
)

// WriteRegister implements cpu.RegisterWriter.
func (c *core) WriteRegister(name string, v uint64) bool {
	if name == "apsr" {
		c.flags = micro.FromNZCV(v)
		return true
	}
	i := slices.Index(names[:], name)
	if i >= 0 {
		c.r[i] = uint32(v)
	}
	return i >= 0
}
