package m2planet

var armv7l = target{
	Name:     "armv7l",
	Macros:   []Define{{"__arm__", "1"}},
	WordSize: 4,
	StackUp:  false,
	Link:     linkAtCall,
	Registers: [registers]string{
		regZero:     "R0",
		regOne:      "R1",
		regTemp:     "R11",
		regBase:     "BP",
		regReturn:   "LR",
		regStack:    "SP",
		regLocals:   "R8",
		regEmitTemp: "R9",
		regTemp2:    "R10",
	},

	FirstArgument: 4,
	NextArgument:  4,

	NoArguments:   false,
	NegativeHalf:  '@',
	EndOfCore:     "",
	EndOfCoreElf:  "\n:ELF_data\n",
	EndOfFile:     "\n:ELF_end\n",
	EndOfFileElf:  "",
	SubtractsZero: true,
	ComparesOne:   true,

	Move:        "'0' (other) (reg) NO_SHIFT MOVE_ALWAYS(note)",
	Push:        "{(reg)} PUSH_ALWAYS(note)",
	Pop:         "{(reg)} POP_ALWAYS(note)",
	Dereference: "!0 (reg) LOAD32 (reg) MEMORY(note)",
	LoadLabel:   "!0 (reg) LOAD32 R15 MEMORY\n~0 JUMP_ALWAYS\n&(label)(note)",

	Jump:          "^~(label) JUMP_ALWAYS(note)",
	JumpIfZero:    "!0 CMPI8 (reg) IMM_ALWAYS\n^~(label) JUMP_EQUAL(note)",
	JumpIfNotZero: "!0 CMPI8 (reg) IMM_ALWAYS\n^~(label) JUMP_NE(note)",
	JumpIfEqual:   "'0' (reg) CMP (other) AUX_ALWAYS\n^~(label) JUMP_EQUAL(note)",
	Call:          "^~FUNCTION_(name) CALL_ALWAYS\n{LR} POP_ALWAYS # Restore the old link register\n",
	CallPointer:   "'3' R0 CALL_REG_ALWAYS\n{LR} POP_ALWAYS # Prevent overwrite\n",
	Return:        "'1' LR RETURN\n",

	Load8:   op{"LOADS8 R0 LOAD R0 HALF_MEMORY\n", "!0 R0 LOAD R0 MEMORY\n"},
	Load16:  op{"LOADS16 R0 LOAD R0 HALF_MEMORY\n", "NO_OFFSET R0 LOAD R0 HALF_MEMORY\n"},
	Load32:  same("!0 R0 LOAD32 R0 MEMORY\n"),
	Load64:  same(""),
	Store8:  "!0 R0 STORE8 R1 MEMORY\n",
	Store16: "NO_OFFSET R0 STORE16 R1 HALF_MEMORY\n",
	Store32: "!0 R0 STORE32 R1 MEMORY\n",
	Store64: "",

	LoadOne:     "!0 R1 LOAD32 R1 MEMORY\n",
	LoadOneByte: "LOADU8 R1 LOAD R1 MEMORY\n", // for !0 R1 LOAD R1 MEMORY
	ShortLoad:   true,

	Multiply:     op{"'9' R0 '0' R1 MULS R0 ARITH2_ALWAYS\n", "'9' R0 '0' R1 MUL R0 ARITH2_ALWAYS\n"},
	Divide:       op{"{LR} PUSH_ALWAYS\n^~divides CALL_ALWAYS\n{LR} POP_ALWAYS\n", "{LR} PUSH_ALWAYS\n^~divide CALL_ALWAYS\n{LR} POP_ALWAYS\n"},
	Modulo:       op{"{LR} PUSH_ALWAYS\n^~moduluss CALL_ALWAYS\n{LR} POP_ALWAYS\n", "{LR} PUSH_ALWAYS\n^~modulus CALL_ALWAYS\n{LR} POP_ALWAYS\n"},
	Plus:         same("'0' R0 R0 ADD R1 ARITH2_ALWAYS\n"),
	Minus:        same("'0' R0 R0 SUB R1 ARITH2_ALWAYS\n"),
	ShiftLeft:    same("LEFT R1 R0 R0 SHIFT AUX_ALWAYS\n"),
	ShiftRight:   op{"ARITH_RIGHT R1 R0 R0 SHIFT AUX_ALWAYS\n", "RIGHT R1 R0 R0 SHIFT AUX_ALWAYS\n"},
	Less:         op{"'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_L\n", "'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_LO\n"},
	LessEqual:    op{"'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_LE\n", "'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_LS\n"},
	GreaterEqual: op{"'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_GE\n", "'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_HS\n"},
	Greater:      op{"'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_G\n", "'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_HI\n"},
	Equal:        same("'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_EQUAL\n"),
	NotEqual:     same("'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_NE\n"),
	And:          same("NO_SHIFT R0 R0 AND R1 ARITH2_ALWAYS\n"),
	Or:           same("NO_SHIFT R0 R0 OR R1 AUX_ALWAYS\n"),
	Xor:          same("'0' R0 R0 XOR R1 ARITH2_ALWAYS\n"),
	PlusAssign:   same("'0' R0 R0 ADD R1 ARITH2_ALWAYS # compound operation\n"),
	TimesAssign:  same("'9' R0 '0' R1 MULS R0 ARITH2_ALWAYS\n"), // upstream has the signed one for both

	Negate:     "'0' R0 R0 SUB R1 ARITH2_ALWAYS\n",
	Not:        "'0' R0 CMP R1 AUX_ALWAYS\n!0 R0 LOADI8_ALWAYS\n!1 R0 LOADI8_HI\n",
	Complement: "'0' R0 R0 MVN_ALWAYS\n",

	Add:      "'0' (reg) (reg) ADD (other) ARITH2_ALWAYS(note)",
	Subtract: "'0' (other) (reg) SUB (reg) ARITH2_ALWAYS(note)",
	Scale:    "'9' R0 '0' (reg) MUL R0 ARITH2_ALWAYS(note)",

	LoadImmediate:     armLoadImmediate,
	AddImmediate:      loadThenAdd,
	SubtractImmediate: loadThenSubtract,
	LoadRelative:      armLoadRelative,
}

// upstream: write_load_immediate
func armLoadImmediate(e *emitter, reg register, value int64, note string) {
	template := "!0 (reg) LOAD32 R15 MEMORY\n~0 JUMP_ALWAYS\n%(value)(note)"
	if 0 <= value && value <= 127 {
		template = "!(value) (reg) LOADI8_ALWAYS(note)"
	}
	e.emit(template, operands{reg: reg, value: e.build.signed(value), note: note})
}

// upstream: emit_load_relative_to_register
func armLoadRelative(e *emitter, reg, base register, value int64, note string) {
	// Only offsets below the base are meant; of one above it upstream takes
	// the absolute value. It writes a note, or its newline, once too often.
	value = e.build.abs(value)
	if 0 <= value && value <= 127 {
		e.emit("!(value) (reg) SUB (other) ARITH_ALWAYS\n(note)", operands{reg: reg, other: base, value: e.build.unsigned(value), note: note})
		return
	}
	e.move(reg, base, note)
	e.target.SubtractImmediate(e, reg, value, note)
	e.emit("(note)", operands{note: note})
}
