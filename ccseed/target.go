package ccseed

// A Target is what the compiler of an architecture writes in a dialect, and the
// few places where it reads its input in a way of its own. In a template (x) stands for
// what the field's comment says; everything else is written as it is.
type Target struct {
	Name string // of the architecture, as package arch spells it
	Word int64  // size of an int, a pointer and a member that is neither char nor an array, in bytes

	// Where the frame's slots are, in bytes. A depth is what LocalAddress and
	// CallPointer are given.
	SlotStep   int64 // depth of the first argument; from each argument, and each local, to the next
	FirstLocal int64 // depth of the first local, or how far it is from the last argument
	MainLocal  int64 // depth of main's first local

	ColonAfter   string // a colon after one of these, or after NUL, has a string written in hex
	HexLetters   bool   // \x takes the digits A to F
	StructArrays bool   // a structure may have arrays, and a member at offset 1
	LogStart     int64  // what the rounded binary logarithm of a size is counted from

	LoadNumber   string // a number or a constant: x as it stands in the source
	LoadSmall    string // a character or a size: x in decimal
	LoadString   string // the address of a string: x is FUNCTION_COUNT
	LoadFunction string // the address of a function: x is its name
	LoadGlobal   string // the address of a global: x is its name
	LocalAddress string // the address of a local or an argument: x is its depth

	Load      string // what the accumulator points to
	LoadByte  string // the byte that the accumulator points to
	Store     string // the accumulator to where the operand points
	StoreByte string // the accumulator's low byte, likewise

	ScaleIndex   string // an array's index: x is the binary logarithm of an element's size
	MemberOffset string // into the operand: x is a member's offset, not 0

	Add          string // and so on: operand OP accumulator, to the accumulator
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

	PushOperand string // the accumulator, for the time that the other operand takes
	PopOperand  string // to the operand register
	Push        string // the accumulator, as an argument or a local: x is a note
	Drop        string // what an argument, or a local that break leaves, took: x is a note
	DropBlock   string // what a local took, at the end of a block
	DropReturn  string // what a local took, at a return

	CallFirst    string // before the arguments are pushed
	CallFunction string // x is the function's name
	CallPointer  string // x is the depth of the local or the argument that points to the function
	CallLast     string // after the arguments are dropped
	Return       string

	Jump       string // within a statement: x is a label
	JumpIfZero string // likewise
	Goto       string // goto and break: x is a label
	DoWhile    string // back to DO_x, out to DO_END_x

	GlobalsHeader string // what stands between the functions and the globals
}

// operators returns the code of the binary operators, by their spelling: those
// that bind loosest first. Within a level they group from the left.
//
// upstream: bitwise_expr_stub, relational_expr_stub, additive_expr_stub
func (t *Target) operators() [3]map[string]string {
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
