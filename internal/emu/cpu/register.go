package cpu

// A RegisterWriter is a CPU whose registers a debugger can set.
type RegisterWriter interface {
	// WriteRegister sets the register with a name from CPU.Registers. It reports
	// whether there is such a register.
	WriteRegister(name string, v uint64) bool
}
