package ccseed

var x86v15 = target{
	Name: "x86",
	Word: 4,

	SlotStep:   -4,
	FirstLocal: -8,
	MainLocal:  -20,

	ColonAfter:   "\t\n\r SQR", // the unterminated set includes the code after it: push ebx, push ecx, push edx
	HexLetters:   true,
	OddElements:  true,
	StructArrays: true,

	LoadNumber:   "LOAD_IMMEDIATE_eax %(x)\n",
	LoadSmall:    "LOAD_IMMEDIATE_eax %(x)\n",
	LoadString:   "LOAD_IMMEDIATE_eax &STRING_(x)\n",
	LoadFunction: "LOAD_IMMEDIATE_eax &FUNCTION_(x)\n",
	LoadGlobal:   "LOAD_IMMEDIATE_eax &GLOBAL_(x)\n",
	LocalAddress: "LOAD_BASE_ADDRESS_eax %(x)\n",

	Load:      "LOAD_INTEGER\n",
	LoadByte:  "LOAD_BYTE\n",
	Store:     "STORE_INTEGER\n",
	StoreByte: "STORE_CHAR\n",

	ScaleIndex:   "SAL_eax_Immediate8 !(x)\n",
	MemberOffset: "LOAD_IMMEDIATE_ebx %(x)\n",

	Add:          "ADD_ebx_to_eax\n",
	Subtract:     "SUBTRACT_eax_from_ebx_into_ebx\nMOVE_ebx_to_eax\n",
	Multiply:     "MULTIPLY_eax_by_ebx_into_eax\n",
	Divide:       "XCHG_eax_ebx\nLOAD_IMMEDIATE_edx %0\nDIVIDE_eax_by_ebx_into_eax\n",
	Modulus:      "XCHG_eax_ebx\nLOAD_IMMEDIATE_edx %0\nMODULUS_eax_from_ebx_into_ebx\nMOVE_edx_to_eax\n",
	ShiftLeft:    "COPY_eax_to_ecx\nCOPY_ebx_to_eax\nSAL_eax_cl\n",
	ShiftRight:   "COPY_eax_to_ecx\nCOPY_ebx_to_eax\nSAR_eax_cl\n",
	Less:         "CMP\nSETL\nMOVEZBL\n",
	LessEqual:    "CMP\nSETLE\nMOVEZBL\n",
	GreaterEqual: "CMP\nSETGE\nMOVEZBL\n",
	Greater:      "CMP\nSETG\nMOVEZBL\n",
	Equal:        "CMP\nSETE\nMOVEZBL\n",
	NotEqual:     "CMP\nSETNE\nMOVEZBL\n",
	And:          "AND_eax_ebx\n",
	Or:           "OR_eax_ebx\n",
	Xor:          "XOR_ebx_eax_into_eax\n",
	NegateFirst:  "LOAD_IMMEDIATE_eax %0\n",
	NotFirst:     "LOAD_IMMEDIATE_eax %1\n",
	Not:          "XOR_ebx_eax_into_eax\n",
	Complement:   "NOT_eax\n",

	PushOperand: "PUSH_eax\t#_common_recursion\n",
	PopOperand:  "POP_ebx\t# _common_recursion\n",
	Push:        "PUSH_eax\t#(x)\n",
	Drop:        "POP_ebx\t# (x)\n",
	DropBlock:   "POP_ebx\t# _recursive_statement_locals\n",
	DropReturn:  "POP_ebx\t# _return_result_locals\n",

	CallFirst:    "PUSH_edi\t# Prevent overwriting in recursion\nPUSH_ebp\t# Protect the old base pointer\nCOPY_esp_to_edi\t# Copy new base pointer\n",
	CallFunction: "COPY_edi_to_ebp\nCALL_IMMEDIATE %FUNCTION_(x)\n",
	CallPointer:  "LOAD_BASE_ADDRESS_eax %(x)\nLOAD_INTEGER\nCOPY_edi_to_ebp\nCALL_eax\n",
	CallLast:     "POP_ebp\t# Restore old base pointer\nPOP_edi\t# Prevent overwrite\n",
	Return:       "RETURN\n",

	Jump:       "JUMP %(x)\n",
	JumpIfZero: "TEST\nJUMP_EQ %(x)\n",
	Goto:       "JUMP %(x)\n",
	DoWhile:    "TEST\nJUMP_NE %DO_(x)\n",

	GlobalsHeader: "\n# Program global variables\n",
}
