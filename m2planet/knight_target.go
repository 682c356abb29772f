package m2planet

var knightPosix = target{
	Name:     "knight-posix",
	Macros:   []Define{{"__knight_posix__", "1"}},
	WordSize: 4,
	StackUp:  true,
	Link:     linkOnStack,
	Registers: [registers]string{
		regZero:     "0",
		regOne:      "1",
		regTemp:     "13",
		regBase:     "14",
		regStack:    "15",
		regLocals:   "12",
		regEmitTemp: "10",
		regTemp2:    "11",
	},

	FirstArgument: 0,
	NextArgument:  4,

	NoArguments:   false,
	NegativeHalf:  '@',
	EndOfCore:     "",
	EndOfCoreElf:  "\n:ELF_data\n",
	EndOfFile:     "\n:ELF_end\n",
	EndOfFileElf:  "",
	SubtractsZero: false,
	ComparesOne:   true,

	Move:        "COPY R(reg) R(other)(note)",
	Push:        "PUSHR R(reg) R15(note)",
	Pop:         "POPR R(reg) R15(note)",
	Dereference: "LOAD R(reg) R(reg) 0(note)",
	LoadLabel:   "LOADR R(reg) 4\nJUMP 4\n&(label)(note)",

	Jump:          "JUMP @(label)(note)",
	JumpIfZero:    "JUMP.Z R(reg) @(label)(note)",
	JumpIfNotZero: "JUMP.NZ R(reg) @(label)(note)",
	JumpIfEqual:   "CMPU R(reg) R(reg) R(other)\nJUMP.E R(reg) @(label)(note)",
	Call:          "LOADR R0 4\nJUMP 4\n&FUNCTION_(name) # function call\nCALL R0 R15\n",
	CallPointer:   "CALL R0 R15\n",
	Return:        "RET R15\n",

	Load8:   op{"LOAD8 R0 R0 0\n", "LOADU8 R0 R0 0\n"},
	Load16:  op{"LOAD16 R0 R0 0\n", "LOADU16 R0 R0 0\n"},
	Load32:  same("LOAD R0 R0 0\n"),
	Load64:  same(""),
	Store8:  "STORE8 R0 R1 0\n",
	Store16: "STORE16 R0 R1 0\n",
	Store32: "STORE R0 R1 0\n",
	Store64: "",

	LoadOne:     "LOAD R1 R1 0\n",
	LoadOneByte: "LOAD8 R1 R1 0\n",

	Multiply:     op{"MUL R0 R1 R0\n", "MULU R0 R1 R0\n"},
	Divide:       op{"DIV R0 R1 R0\n", "DIVU R0 R1 R0\n"},
	Modulo:       op{"MOD R0 R1 R0\n", "MODU R0 R1 R0\n"},
	Plus:         op{"ADD R0 R1 R0\n", "ADDU R0 R1 R0\n"},
	Minus:        op{"SUB R0 R1 R0\n", "SUBU R0 R1 R0\n"},
	ShiftLeft:    op{"SAL R0 R1 R0\n", "SL0 R0 R1 R0\n"},
	ShiftRight:   op{"SAR R0 R1 R0\n", "SR0 R0 R1 R0\n"},
	Less:         op{"CMP R0 R1 R0\nSET.L R0 R0 1\n", "CMPU R0 R1 R0\nSET.L R0 R0 1\n"},
	LessEqual:    op{"CMP R0 R1 R0\nSET.LE R0 R0 1\n", "CMPU R0 R1 R0\nSET.LE R0 R0 1\n"},
	GreaterEqual: op{"CMP R0 R1 R0\nSET.GE R0 R0 1\n", "CMPU R0 R1 R0\nSET.GE R0 R0 1\n"},
	Greater:      op{"CMP R0 R1 R0\nSET.G R0 R0 1\n", "CMPU R0 R1 R0\nSET.G R0 R0 1\n"},
	Equal:        op{"CMP R0 R1 R0\nSET.E R0 R0 1\n", "CMPU R0 R1 R0\nSET.E R0 R0 1\n"},
	NotEqual:     op{"CMP R0 R1 R0\nSET.NE R0 R0 1\n", "CMPU R0 R1 R0\nSET.NE R0 R0 1\n"},
	And:          same("AND R0 R0 R1\n"),
	Or:           same("OR R0 R0 R1\n"),
	Xor:          same("XOR R0 R0 R1\n"),
	PlusAssign:   op{"ADD R0 R1 R0\n", "ADDU R0 R1 R0\n"},
	TimesAssign:  op{"MUL R0 R1 R0\n", "MULU R0 R1 R0\n"},

	Negate:     "NEG R0 R0\n",
	Not:        "CMPU R0 R1 R0\nSET.G R0 R0 1\n",
	Complement: "NOT R0 R0\n",

	Add:      "ADD R(reg) R(reg) R(other)(note)",
	Subtract: "SUB R(reg) R(reg) R(other)(note)",
	Scale:    "MULU R0 R(reg) R0(note)",

	LoadImmediate:     knightLoadImmediate,
	AddImmediate:      loadThenAdd,
	SubtractImmediate: loadThenSubtract,
	LoadRelative:      knightLoadRelative,
}

// knightNative differs from knightPosix in the environment of a program.
var knightNative = func() target {
	t := knightPosix
	t.Name = "knight-native"
	t.Macros = []Define{{"__knight__", "1"}}
	t.NoArguments = true
	t.EndOfCore = "\n"
	t.EndOfCoreElf = "\n"
	t.EndOfFile = "\n:STACK\n"
	t.EndOfFileElf = "\n:STACK\n"
	return t
}()
