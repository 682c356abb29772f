package m2planet

var aarch64 = target{
	Name:     "aarch64",
	Macros:   []Define{{"__aarch64__", "1"}},
	WordSize: 8,
	StackUp:  false,
	Link:     linkInFrame,
	Registers: [registers]string{
		regZero:     "X0",
		regOne:      "X1",
		regTemp:     "X16",
		regBase:     "BP",
		regReturn:   "LR",
		regStack:    "SP",
		regLocals:   "X13",
		regEmitTemp: "X14",
		regTemp2:    "X15",
	},

	FirstArgument: 8,
	NextArgument:  8,

	NoArguments:   false,
	NegativeHalf:  '@',
	EndOfCore:     "",
	EndOfCoreElf:  "\n:ELF_data\n",
	EndOfFile:     "\n:ELF_end\n",
	EndOfFileElf:  "",
	SubtractsZero: true,
	ComparesOne:   true,

	Move:        "SET_(reg)_FROM_(other)(note)",
	Push:        "PUSH_(reg)(note)",
	Pop:         "POP_(reg)(note)",
	Dereference: "DEREF_(reg)(note)",
	LoadLabel:   "LOAD_W(bare)_AHEAD\nSKIP_32_DATA\n&(label)(note)",

	Jump:          "LOAD_W16_AHEAD\nSKIP_32_DATA\n&(label)(note)BR_X16(note)",
	JumpIfZero:    "CBNZ_(reg)_PAST_BR\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&(label)(note)BR_X16(note)",
	JumpIfNotZero: "CBZ_(reg)_PAST_BR\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&(label)(note)BR_X16(note)",
	JumpIfEqual:   "CMP_(other)_(reg)\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&(label)(note)SKIP_INST_NE\nBR_X16(note)",
	Call:          "LOAD_W16_AHEAD\nSKIP_32_DATA\n&FUNCTION_(name) # function call\nBLR_X16\n",
	CallPointer:   "SET_X16_FROM_X0 # function pointer call\nBLR_X16\n",
	Return:        "RETURN\n",

	Load8:   op{"LDRSB_X0_[X0]\n", "DEREF_X0_BYTE\n"},
	Load16:  op{"LDRSH_X0_[X0]\n", "LDRH_W0_[X0]\n"},
	Load32:  same("LDR_W0_[X0]\n"), // upstream does not extend the sign
	Load64:  same("DEREF_X0\n"),
	Store8:  "STR_BYTE_W0_[X1]\n",
	Store16: "STRH_W0_[X1]\n",
	Store32: "STR_W0_[X1]\n",
	Store64: "STR_X0_[X1]\n",

	LoadOne:     "DEREF_X1\n",
	LoadOneByte: "DEREF_X1_BYTE\n",

	Multiply:     same("MUL_X0_X1_X0\n"),
	Divide:       op{"SDIV_X0_X1_X0\n", "UDIV_X0_X1_X0\n"},
	Modulo:       op{"SDIV_X2_X1_X0\nMSUB_X0_X0_X2_X1\n", "UDIV_X2_X1_X0\nMSUB_X0_X0_X2_X1\n"},
	Plus:         same("ADD_X0_X1_X0\n"),
	Minus:        same("SUB_X0_X1_X0\n"),
	ShiftLeft:    same("LSHIFT_X0_X1_X0\n"),
	ShiftRight:   op{"ARITH_RSHIFT_X0_X1_X0\n", "LOGICAL_RSHIFT_X0_X1_X0\n"},
	Less:         op{"CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LT\nSET_X0_TO_0\n", "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LO\nSET_X0_TO_0\n"},
	LessEqual:    op{"CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LE\nSET_X0_TO_0\n", "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LS\nSET_X0_TO_0\n"},
	GreaterEqual: op{"CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_GE\nSET_X0_TO_0\n", "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_HS\nSET_X0_TO_0\n"},
	Greater:      op{"CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_GT\nSET_X0_TO_0\n", "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_HI\nSET_X0_TO_0\n"},
	Equal:        same("CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_EQ\nSET_X0_TO_0\n"),
	NotEqual:     same("CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_NE\nSET_X0_TO_0\n"),
	And:          same("AND_X0_X1_X0\n"),
	Or:           same("OR_X0_X1_X0\n"),
	Xor:          same("XOR_X0_X1_X0\n"),
	PlusAssign:   same("ADD_X0_X1_X0 # compound operation\n"),
	TimesAssign:  same("MUL_X0_X1_X0\n"),

	Negate:     "SUB_X0_X1_X0\n",
	Not:        "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_HI\nSET_X0_TO_0\n",
	Complement: "MVN_X0\n",

	Add:      "ADD_(reg)_(other)_(reg)(note)",
	Subtract: "SUB_(reg)_(reg)_(other)(note)",
	Scale:    "MUL_X0_(reg)_X0(note)",

	LoadImmediate:     aarch64LoadImmediate,
	AddImmediate:      loadThenAdd,
	SubtractImmediate: loadThenSubtract,
	LoadRelative:      aarch64LoadRelative,
}

// upstream: write_load_immediate
func aarch64LoadImmediate(e *emitter, reg register, value int64, note string) {
	template := "LOAD_W(bare)_AHEAD\nSKIP_32_DATA\n%(value)(note)"
	if value == 0 && (reg == regZero || reg == regOne) || value == 1 && reg == regZero {
		template = "SET_(reg)_TO_(value)(note)"
	}
	e.emit(template, operands{reg: reg, value: e.build.signed(value), note: note})
}

// upstream: emit_load_relative_to_register
func aarch64LoadRelative(e *emitter, reg, base register, value int64, note string) {
	// As on armv7l, offsets lie below the base, and the note comes once too often.
	e.move(reg, base, note)
	e.target.SubtractImmediate(e, reg, e.build.abs(value), note)
	e.emit("(note)", operands{note: note})
}
