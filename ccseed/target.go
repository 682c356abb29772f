package ccseed

// A target has the code that an architecture's compiler writes in a dialect,
// and the few places where it reads its input differently. In a template, (x)
// stands for what the field's comment says; everything else is written
// unchanged.
type target struct {
	Name string // of the architecture, as package arch spells it
	Word int64  // size of an int, a pointer, and a member that is neither a char nor an array, in bytes

	// The layout of the frame, in bytes. LocalAddress and CallPointer take a
	// depth.
	SlotStep   int64 // depth of the first argument, and step to each further argument and local
	FirstLocal int64 // depth of the first local, or its distance from the last argument
	MainLocal  int64 // depth of main's first local

	ColonAfter   string // a string with a colon after one of these, or after NUL, is written in hex
	HexLetters   bool   // \x accepts the digits A to F
	OddElements  bool   // the size of an array's elements need not be a power of two
	StructArrays bool   // a structure may have arrays, and a member at offset 1

	LoadNumber   string // a number or a constant: x as in the source
	LoadSmall    string // a character or a size: x is decimal
	LoadString   string // the address of a string: x is FUNCTION_COUNT
	LoadFunction string // the address of a function: x is its name
	LoadGlobal   string // the address of a global: x is its name
	LocalAddress string // the address of a local or an argument: x is its depth

	Load      string // the word that the accumulator points to
	LoadByte  string // the byte that the accumulator points to
	Store     string // the accumulator to the address in the operand
	StoreByte string // the accumulator's low byte, to the same address

	ScaleIndex   string // the index of an array: x is the binary logarithm of an element's size
	MemberOffset string // to the operand: x is a member's offset, not 0

	Add          string // this and those below: operand OP accumulator, to the accumulator
	Subtract     string
	Multiply     string
	Divide       string
	Modulus      string
	ShiftLeft    string
	ShiftRight   string
	Less         string
	LessEqual    string
	GreaterEqual string
	Greater      string
	Equal        string
	NotEqual     string
	And          string
	Or           string
	Xor          string
	NegateFirst  string // before the operand of a unary minus is pushed; Subtract follows it
	NotFirst     string // before the operand of ! is pushed
	Not          string // after it
	Complement   string // after the operand of ~

	PushOperand string // the accumulator, while the other operand is computed
	PopOperand  string // to the operand register
	Push        string // the accumulator, as an argument or a local: x is a note
	Drop        string // pops an argument, or a local at a break: x is a note
	DropBlock   string // pops a local at the end of a block
	DropReturn  string // pops a local at a return

	CallFirst    string // before the arguments are pushed
	CallFunction string // x is the function's name
	CallPointer  string // x is the depth of the local or argument that points to the function
	CallLast     string // after the arguments are dropped
	Return       string

	Jump       string // within a statement: x is a label
	JumpIfZero string // the same, if the accumulator is 0
	Goto       string // goto and break: x is a label
	DoWhile    string // back to DO_x, out to DO_END_x

	GlobalsHeader string // written between the functions and the globals
}

// operators returns the code of the binary operators by spelling, lowest
// precedence first. Within a level they are left-associative.
//
// upstream: bitwise_expr_stub, relational_expr_stub, additive_expr_stub
func (t *target) operators() [3]map[string]string {
	return [3]map[string]string{
		{
			"&":  t.And,
			"&&": t.And,
			"|":  t.Or,
			"||": t.Or,
			"^":  t.Xor,
		},
		{
			"<":  t.Less,
			"<=": t.LessEqual,
			">=": t.GreaterEqual,
			">":  t.Greater,
			"==": t.Equal,
			"!=": t.NotEqual,
		},
		{
			"+":  t.Add,
			"-":  t.Subtract,
			"*":  t.Multiply,
			"/":  t.Divide,
			"%":  t.Modulus,
			"<<": t.ShiftLeft,
			">>": t.ShiftRight,
		},
	}
}
