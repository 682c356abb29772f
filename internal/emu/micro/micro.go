// Package micro is the language in which a processor says what its instructions
// do: to registers, to memory, and to flags. Package translate makes
// WebAssembly of it, for every processor in the same way.
//
// An instruction is a list of operations on words (of 32 or 64 bits, as the
// processor's registers are) and, at its end, a way on. An operation reads
// registers, temporaries, and constants, and sets one register or temporary.
// Temporaries live as long as the instruction.
//
// An instruction is done as a whole or not at all: its loads, its stores and its
// guards come before it sets any register or flags, and a store comes after its
// loads and guards. If there are several stores, all have to be allowed before
// the first is done. What a processor does not want to say in this language it
// leaves to its single-step executor (Instruction.Step).
package micro

// A Reg is a register of the processor, by its number, or a temporary.
type Reg uint8

const (
	// MaxRegs is how many registers a processor may have.
	MaxRegs = 64

	// T0 is the first of the temporaries, of which there are 32.
	T0 Reg = MaxRegs

	// None is no register: the operand is a constant.
	None Reg = 0xFF
)

// An Arg is an operand: a register plus a constant, or a constant alone.
type Arg struct {
	Reg   Reg
	Const uint64 // cut to a word
}

// R is the operand that is a register, K the one that is a constant.
func R(r Reg) Arg    { return Arg{r, 0} }
func K(c uint64) Arg { return Arg{None, c} }

// Plus returns the sum of an operand and a constant.
func (a Arg) Plus(c uint64) Arg { return Arg{a.Reg, a.Const + c} }

// A Code says what an operation does.
type Code uint8

// The operations. A comparison, a Condition and a logical operation on such
// have the results 0 and 1.
const (
	Set Code = iota // To = A

	Add
	Sub
	Mul
	MulHighU // the upper word of the product, unsigned
	MulHighS
	DivU // B is not zero, and what is divided signed does not overflow: see Guard
	DivS
	RemU
	RemS
	And
	Or
	Xor
	Shl // by B, which is less than the bits of a word
	ShrU
	ShrS

	Equal
	NotEqual
	LessU
	LessS
	LessEqualU
	LessEqualS

	ZeroExtend // To = the low Size bytes of A
	SignExtend
	InsertByte // To = B with the lowest byte of A
	Select     // To = B if A is not zero, else C

	Load       // To = the Size bytes at A, extended by zeros
	LoadSigned // or by their sign
	Store      // the Size bytes at A are those of B

	// Guard leaves the instruction to the single-step executor if A is zero. It
	// comes before everything that has an effect.
	Guard

	SetFlags  // the flags are those of Kind, Size, A, B and, as R, C; without a carry or borrow in C
	Condition // To = whether Cond holds
	FlagsWord // To = the register that has the flags: Target.FlagsWord
)

// An Op is a micro-operation. Fields that its code does not mention are zero.
type Op struct {
	Code    Code
	Size    uint8 // in bytes: of memory, of what is extended, of the operands of flags
	To      Reg
	A, B, C Arg
	Kind    FlagKind
	Cond    Cond
}

// A Flow says where an instruction leads.
type Flow uint8

// The ways on.
const (
	Next    Flow = iota // to the instruction behind it
	Jump                // to the address To
	Branch              // to the address To, a constant, if If is not zero, else to the next one
	Call                // to the address To, from where it comes back to the next instruction
	Return              // to the address To, from where the function at hand was called
	Syscall             // the system is called, then to the next instruction
	Stop                // the single-step executor knows: it does it, there are no Ops
)

// An Instruction is what one instruction does.
type Instruction struct {
	PC     uint64
	Length uint8 // in bytes
	Step   bool  // Ops are not here: the executor does it. Flow is Next.
	Ops    []Op
	Flow   Flow
	To     Arg // To and If are read after Ops
	If     Arg

	// After is done behind a system call, which has set its result.
	After []Op

	// Literal is how many bytes at LiteralAt the instruction reads as if they
	// were part of it, in the code: what it loads from there is a constant.
	Literal   uint8
	LiteralAt uint64
}

// Next returns the address of the instruction behind it.
func (in *Instruction) Next() uint64 { return in.PC + uint64(in.Length) }

// StackRegs is how many registers point into the stack.
const StackRegs = 3

// A Target is what the translator knows of a processor.
type Target struct {
	Name string
	Bits int  // of a word
	Regs int  // registers, which have the numbers 0 to Regs-1
	Big  bool // memory is big-endian

	// Stack are the registers that point into the stack, as M2-Planet has it: the
	// stack pointer, the base of the arguments, and that of the local variables.
	// Programs that do otherwise are slower, and as right.
	Stack [StackRegs]Reg

	// MaxLength and Align are of instructions, in bytes.
	MaxLength, Align int

	// Lower decodes the instruction at pc of which these are the bytes, or the
	// first of the bytes that can be executed. code gives more of them, for
	// literals, as cpu.Memory.Fetch does. ok is false if there is no such
	// instruction.
	Lower func(pc uint64, bytes []byte, code func(a uint64, n int) []byte) (in Instruction, ok bool)

	// Of a system call: its number, its arguments, its result, and the
	// numbers of the calls that do not come back.
	Number Reg
	Args   []Reg
	Result Reg
	Exits  []uint64

	// FlagsWord returns the register that has the flags, if there is one.
	FlagsWord func(f *Flags) uint64
}
