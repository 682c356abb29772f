package riscv

import (
	"slices"

	isa "stage0/internal/riscv"
)

// WriteRegister implements cpu.RegisterWriter.
func (h *hart[T]) WriteRegister(name string, v uint64) bool {
	i := slices.Index(isa.Registers, name)
	if i >= 1 {
		h.x[i] = T(v)
	}
	return i >= 1
}
