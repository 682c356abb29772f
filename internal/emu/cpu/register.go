package cpu

// A RegisterWriter is a CPU of which a debugger can set registers.
type RegisterWriter interface {
	// WriteRegister sets the register with a name, as CPU.Registers has it. It
	// reports whether there is one.
	WriteRegister(name string, v uint64) bool
}
