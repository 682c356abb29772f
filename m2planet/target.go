package m2planet

// A register is a role in the generated code; target.Registers has the
// processor's register for it.
type register int

const (
	regZero     register = iota // the value of an expression
	regOne                      // its left operand, and addresses to store to
	regTemp                     // the base pointer of a call being prepared
	regBase                     // where the arguments are
	regReturn                   // the return address, where a register holds it
	regStack                    // the stack pointer
	regLocals                   // where the locals are
	regEmitTemp                 // scratch, for constants
	regTemp2                    // the address of a function to be called
	registers                   // how many there are
)

// A target has the code of an architecture.
//
// The strings are templates of M1 text. Words in parentheses are replaced:
//
//	(reg)    name of the register, or of the destination of two
//	(other)  name of the second register
//	(bare)   name of the register without its first letter
//	(label)  label of a jump or an address
//	(name)   name of a function
//	(value)  decimal constant
//	(note)   the rest of the line: " # what for" and LF, or LF alone
//
// A template may have several lines; each ends in (note) or LF.
type target struct {
	Name      string
	Macros    []Define // predefined
	WordSize  int64    // of a register and of int, in bytes
	StackUp   bool     // the stack grows to higher addresses
	Link      linkStyle
	Registers [registers]string

	FirstArgument int64 // offset of the first argument from the base pointer, in bytes
	NextArgument  int64 // and of each from the one before

	NoArguments   bool // main takes none
	NegativeHalf  byte // the M1 sigil of a negative 16-bit constant
	EndOfCore     string
	EndOfCoreElf  string // the same with --debug
	EndOfFile     string
	EndOfFileElf  string // the same with --debug
	SubtractsZero bool   // -x is 0-x: the zero is loaded first
	ComparesOne   bool   // !x is 1>x: the one is loaded first

	Move        string
	Push        string
	Pop         string
	Dereference string
	LoadLabel   string

	Jump          string
	JumpIfZero    string
	JumpIfNotZero string
	JumpIfEqual   string
	Call          string
	CallPointer   string
	Return        string

	Load8   op // from the address in regZero to regZero
	Load16  op
	Load32  op
	Load64  op
	Store8  string // regZero, to the address in regOne
	Store16 string
	Store32 string
	Store64 string

	LoadOne     string // regOne, a word, from the address in it
	LoadOneByte string // regOne, a byte
	ShortLoad   bool   // LoadOneByte has half a byte too little

	// regZero becomes regOne, operator, regZero.
	Multiply     op
	Divide       op
	Modulo       op
	Plus         op
	Minus        op
	ShiftLeft    op
	ShiftRight   op
	Less         op
	LessEqual    op
	GreaterEqual op
	Greater      op
	Equal        op
	NotEqual     op
	And          op
	Or           op
	Xor          op
	PlusAssign   op // += and *= have templates of their own
	TimesAssign  op

	Negate     string
	Not        string
	Complement string

	Add      string // (reg) becomes (reg) + (other)
	Subtract string
	Scale    string // regZero becomes (reg) * regZero

	// The code that depends on the value of a constant.
	LoadImmediate     func(e *emitter, reg register, value int64, note string)
	AddImmediate      func(e *emitter, reg register, value int64, note string)
	SubtractImmediate func(e *emitter, reg register, value int64, note string)
	LoadRelative      func(e *emitter, reg, base register, value int64, note string)
}

// An op is an operation, whose code may depend on the sign of its operands.
type op struct{ Signed, Unsigned string }

// same returns an op with the same code for both.
func same(template string) op { return op{template, template} }

// A linkStyle says how the return address survives a call.
type linkStyle int

const (
	linkOnStack linkStyle = iota // the call itself puts it on the stack
	linkInFrame                  // it is saved with the other registers
	linkAtCall                   // it is saved around the call instruction
)

// targets lists all architectures.
var targets = []*target{
	&knightNative,
	&knightPosix,
	&x86,
	&amd64,
	&armv7l,
	&aarch64,
	&riscv32,
	&riscv64,
}

// lookupTarget returns the target called name, or nil.
func lookupTarget(name string) *target {
	for _, t := range targets {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Predefined returns the macros that --architecture NAME defines.
func Predefined(name string) []Define {
	if t := lookupTarget(name); t != nil {
		return t.Macros
	}
	return nil
}

// bySize returns the choice for an object of size bytes, or "".
func bySize(size int64, choice1, choice2, choice4, choice8 string) string {
	switch size {
	case 1:
		return choice1
	case 2:
		return choice2
	case 4:
		return choice4
	case 8:
		return choice8
	}
	return ""
}

// upstream: load_value
func (t *target) load(size int64, signed bool) string {
	if signed {
		return bySize(size, t.Load8.Signed, t.Load16.Signed, t.Load32.Signed, t.Load64.Signed)
	}
	return bySize(size, t.Load8.Unsigned, t.Load16.Unsigned, t.Load32.Unsigned, t.Load64.Unsigned)
}

// upstream: store_value
func (t *target) store(size int64) string {
	return bySize(size, t.Store8, t.Store16, t.Store32, t.Store64)
}

// loadThenAdd adds a constant from the scratch register.
func loadThenAdd(e *emitter, reg register, value int64, note string) {
	e.target.LoadImmediate(e, regEmitTemp, value, note)
	e.add(reg, regEmitTemp, note)
}

// loadThenSubtract subtracts a constant from the scratch register.
func loadThenSubtract(e *emitter, reg register, value int64, note string) {
	e.target.LoadImmediate(e, regEmitTemp, value, note)
	e.subtract(reg, regEmitTemp, note)
}
