package ccseed

var aarch64 = target{
	Name: "aarch64",
	Word: 8,

	SlotStep:   8,
	FirstLocal: 8,
	MainLocal:  32,

	ColonAfter:   "\t\n\r ",
	HexLetters:   true,
	OddElements:  true,
	StructArrays: true,

	LoadNumber:   "LOAD_W0_AHEAD\nSKIP_32_DATA\n%(x)\n",
	LoadSmall:    "LOAD_W0_AHEAD\nSKIP_32_DATA\n%(x)\n",
	LoadString:   "LOAD_W0_AHEAD\nSKIP_32_DATA\n&STRING_(x)\n",
	LoadFunction: "LOAD_W0_AHEAD\nSKIP_32_DATA\n&FUNCTION_(x)\n",
	LoadGlobal:   "LOAD_W0_AHEAD\nSKIP_32_DATA\n&GLOBAL_(x)\n",
	LocalAddress: "SET_X0_FROM_BP\nLOAD_W1_AHEAD\nSKIP_32_DATA\n%(x)\nSUB_X0_X0_X1\n\n",

	Load:      "DEREF_X0\n",
	LoadByte:  "DEREF_X0_BYTE\n",
	Store:     "STR_X0_[X1]\n",
	StoreByte: "STR_BYTE_W0_[X1]\n",

	ScaleIndex:   "LOAD_W2_AHEAD\nSKIP_32_DATA\n%(x)\nLSHIFT_X0_X0_X2\n",
	MemberOffset: "LOAD_W1_AHEAD\nSKIP_32_DATA\n%(x)\n",

	Add:          "ADD_X0_X1_X0\n",
	Subtract:     "SUB_X0_X1_X0\n",
	Multiply:     "MUL_X0_X1_X0\n",
	Divide:       "SDIV_X0_X1_X0\n",
	Modulus:      "SDIV_X2_X1_X0\nMSUB_X0_X0_X2_X1\n",
	ShiftLeft:    "LSHIFT_X0_X1_X0\n",
	ShiftRight:   "ARITH_RSHIFT_X0_X1_X0\n",
	Less:         "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LT\nSET_X0_TO_0\n",
	LessEqual:    "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_LE\nSET_X0_TO_0\n",
	GreaterEqual: "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_GE\nSET_X0_TO_0\n",
	Greater:      "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_GT\nSET_X0_TO_0\n",
	Equal:        "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_EQ\nSET_X0_TO_0\n",
	NotEqual:     "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_NE\nSET_X0_TO_0\n",
	And:          "AND_X0_X1_X0\n",
	Or:           "OR_X0_X1_X0\n",
	Xor:          "XOR_X0_X1_X0\n",
	NegateFirst:  "SET_X0_TO_0\n",
	NotFirst:     "SET_X0_TO_1\n",
	Not:          "CMP_X1_X0\nSET_X0_TO_1\nSKIP_INST_HI\nSET_X0_TO_0\n",
	Complement:   "MVN_X0\n",

	PushOperand: "PUSH_X0\t#_common_recursion\n",
	PopOperand:  "POP_X1\t# _common_recursion\n",
	Push:        "PUSH_X0\t#(x)\n",
	Drop:        "POP_X1\t# (x)\n",
	DropBlock:   "POP_X1  # _recursive_statement_locals\n",
	DropReturn:  "POP_X1    # _return_result_locals\n",

	CallFirst:    "PUSH_X16\t# Protect a tmp register we're going to use\nPUSH_LR\t# Protect the old return pointer (link)\nPUSH_BP\t# Protect the old base pointer\nSET_X16_FROM_SP\t# The base pointer to-be\n",
	CallFunction: "SET_BP_FROM_X16\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&FUNCTION_(x)\nBLR_X16\n",
	CallPointer:  "SET_X0_FROM_BP\nLOAD_W1_AHEAD\nSKIP_32_DATA\n%(x)\nSUB_X0_X0_X1\nDEREF_X0\nSET_BP_FROM_X16\nSET_X16_FROM_X0\nBLR_X16\n",
	CallLast:     "POP_BP\t# Restore the old base pointer\nPOP_LR\t# Restore the old return pointer (link)\nPOP_X16\t# Restore a register we used as tmp\n",
	Return:       "RETURN\n",

	Jump:       "LOAD_W16_AHEAD\nSKIP_32_DATA\n&(x)\n\nBR_X16\n",
	JumpIfZero: "CBNZ_X0_PAST_BR\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&(x)\n\nBR_X16\n",
	Goto:       "LOAD_W16_AHEAD\nSKIP_32_DATA\n&(x)\nBR_X16\n",
	DoWhile:    "CBZ_X0_PAST_BR\nLOAD_W16_AHEAD\nSKIP_32_DATA\n&DO_(x)\n\nBR_X16\n",

	GlobalsHeader: "\n# Program global variables\n",
}
