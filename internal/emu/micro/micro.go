// Package micro defines micro-operations, in which a processor describes the
// effects of its instructions on registers, memory and flags. Package translate
// turns them into WebAssembly, in the same way for every processor.
//
// An instruction is a list of operations on words (of 32 or 64 bits, the size of
// the processor's registers), followed by a Flow, which says where execution
// continues. An operation reads registers, temporaries and constants, and sets one
// register or temporary. Temporaries last until the end of the instruction.
//
// An instruction is executed completely or not at all. Its loads, stores and
// guards precede all operations that set registers or flags, and its stores follow
// its loads and guards. If there are several stores, all must be allowed before
// the first is done. A processor can leave an instruction that it does not
// describe this way to its single-step executor (Instruction.Step).
package micro

// A Reg is the number of a register, or a temporary.
type Reg uint8

const (
	// MaxRegs is how many registers a processor may have.
	MaxRegs = 64

	// T0 is the first of 32 temporaries.
	T0 Reg = MaxRegs

	// None means no register: the operand is a constant.
	None Reg = 0xFF
)

// An Arg is an operand: a register plus a constant, or a constant alone.
type Arg struct {
	Reg   Reg
	Const uint64 // truncated to a word
}

// R returns a register operand, K a constant operand.
func R(r Reg) Arg    { return Arg{r, 0} }
func K(c uint64) Arg { return Arg{None, c} }

// Plus returns the sum of an operand and a constant.
func (a Arg) Plus(c uint64) Arg { return Arg{a.Reg, a.Const + c} }

// A Code is the code of an operation.
type Code uint8

// The operations. The result of a comparison or a Condition is 0 or 1, and so is that
// of a logical operation on such results.
const (
	Set Code = iota // To = A

	Add
	Sub
	Mul
	MulHighU // the upper word of the product, unsigned
	MulHighS
	DivU // B must not be zero, and signed division must not overflow: see Guard
	DivS
	RemU
	RemS
	And
	Or
	Xor
	Shl // by B, which must be less than the number of bits in a word
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
	InsertByte // To = B with its lowest byte replaced by that of A
	Select     // To = B if A is not zero, else C

	Load       // To = the Size bytes at address A, zero-extended
	LoadSigned // the same, sign-extended
	Store      // stores the low Size bytes of B at address A

	// Guard leaves the instruction to the single-step executor if A is zero. It
	// precedes all operations that have an effect.
	Guard

	SetFlags  // sets flags to those of Kind, Size, A, B and R=C; the operation had no carry or borrow in
	Condition // To = 1 if Cond holds, else 0
	FlagsWord // To = the register that contains the flags: Target.FlagsWord
)

// An Op is a micro-operation. Fields that its Code does not use are zero.
type Op struct {
	Code    Code
	Size    uint8 // in bytes: of the memory accessed, the value extended, or the operands of flags
	To      Reg
	A, B, C Arg
	Kind    FlagKind
	Cond    Cond
}

// A Flow says where execution continues after an instruction.
type Flow uint8

// The flows.
const (
	Next    Flow = iota // at the next instruction
	Jump                // at address To
	Branch              // at address To, a constant, if If is not zero, else at the next instruction
	Call                // at address To, which returns to the next instruction
	Return              // at address To, in the caller
	Syscall             // after a system call, at the next instruction
	Stop                // known only to the single-step executor; there are no Ops
)

// An Instruction describes the effects of a machine instruction.
type Instruction struct {
	PC     uint64
	Length uint8 // in bytes
	Step   bool  // the executor does the instruction; there are no Ops, and Flow is Next
	Ops    []Op
	Flow   Flow
	To     Arg // To and If are read after Ops
	If     Arg

	// After is done after a system call, when its result has been set.
	After []Op

	// The instruction also depends on Literal bytes of code at LiteralAt: what it
	// loads from there is a constant.
	Literal   uint8
	LiteralAt uint64
}

// Next returns the address of the next instruction in memory.
func (in *Instruction) Next() uint64 { return in.PC + uint64(in.Length) }

// StackRegs is how many registers point to the stack.
const StackRegs = 3

// A Target describes a processor to the translator.
type Target struct {
	Name string
	Bits int  // of a word
	Regs int  // number of registers, which are numbered from 0
	Big  bool // memory is big-endian

	// Stack lists the registers that point to the stack in code that M2-Planet
	// generates: the stack pointer, the base of the arguments, and the base of the
	// local variables. Programs that use other registers run correctly, but slower.
	Stack [StackRegs]Reg

	// The maximum length and the alignment of instructions, in bytes.
	MaxLength, Align int

	// Lower decodes the instruction at pc. bytes starts with the instruction, and is
	// shorter than MaxLength only if the executable memory ends there. code returns
	// other code, as cpu.Memory.Fetch does, for literals. ok is false if there is no
	// such instruction.
	Lower func(pc uint64, bytes []byte, code func(a uint64, n int) []byte) (in Instruction, ok bool)

	// System calls: the registers of their number, arguments and result, and the
	// numbers of the calls that do not return.
	Number Reg
	Args   []Reg
	Result Reg
	Exits  []uint64

	// FlagsWord returns the register that contains the flags. It is nil if there is
	// none.
	FlagsWord func(f *Flags) uint64
}
