package riscv

import "slices"

// WriteRegister is cpu.RegisterWriter's.
func (h *hart[T]) WriteRegister(name string, v uint64) bool {
	i := slices.Index(names[:], name)
	if i >= 1 {
		h.x[i] = T(v)
	}
	return i >= 1
}
