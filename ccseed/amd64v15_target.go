package ccseed

var amd64v15 = target{
	Name: "amd64",
	Word: 8,

	SlotStep:   -8,
	FirstLocal: -16,
	MainLocal:  -40,

	ColonAfter:   "\t\n\r ",
	HexLetters:   true,
	OddElements:  true,
	StructArrays: true,

	LoadNumber:   "LOAD_IMMEDIATE_rax %(x)\n",
	LoadSmall:    "LOAD_IMMEDIATE_rax %(x)\n",
	LoadString:   "LOAD_IMMEDIATE_rax &STRING_(x)\n",
	LoadFunction: "LOAD_IMMEDIATE_rax &FUNCTION_(x)\n",
	LoadGlobal:   "LOAD_IMMEDIATE_rax &GLOBAL_(x)\n",
	LocalAddress: "LOAD_BASE_ADDRESS_rax %(x)\n",

	Load:      "LOAD_INTEGER\n",
	LoadByte:  "LOAD_BYTE\n",
	Store:     "STORE_INTEGER\n",
	StoreByte: "STORE_CHAR\n",

	ScaleIndex:   "SAL_rax_Immediate8 !(x)\n",
	MemberOffset: "LOAD_IMMEDIATE_rbx %(x)\n",

	Add:          "ADD_rbx_to_rax\n",
	Subtract:     "SUBTRACT_rax_from_rbx_into_rbx\nMOVE_rbx_to_rax\n",
	Multiply:     "MULTIPLY_rax_by_rbx_into_rax\n",
	Divide:       "XCHG_rax_rbx\nLOAD_IMMEDIATE_rdx %0\nDIVIDE_rax_by_rbx_into_rax\n",
	Modulus:      "XCHG_rax_rbx\nLOAD_IMMEDIATE_rdx %0\nMODULUS_rax_from_rbx_into_rbx\nMOVE_rdx_to_rax\n",
	ShiftLeft:    "COPY_rax_to_rcx\nCOPY_rbx_to_rax\nSAL_rax_cl\n",
	ShiftRight:   "COPY_rax_to_rcx\nCOPY_rbx_to_rax\nSAR_rax_cl\n",
	Less:         "CMP\nSETL\nMOVEZX\n",
	LessEqual:    "CMP\nSETLE\nMOVEZX\n",
	GreaterEqual: "CMP\nSETGE\nMOVEZX\n",
	Greater:      "CMP\nSETG\nMOVEZX\n",
	Equal:        "CMP\nSETE\nMOVEZX\n",
	NotEqual:     "CMP\nSETNE\nMOVEZX\n",
	And:          "AND_rax_rbx\n",
	Or:           "OR_rax_rbx\n",
	Xor:          "XOR_rbx_rax_into_rax\n",
	NegateFirst:  "LOAD_IMMEDIATE_rax %0\n",
	NotFirst:     "LOAD_IMMEDIATE_rax %1\n",
	Not:          "XOR_rbx_rax_into_rax\n",
	Complement:   "NOT_rax\n",

	PushOperand: "PUSH_RAX\t#_common_recursion\n",
	PopOperand:  "POP_RBX\t# _common_recursion\n",
	Push:        "PUSH_RAX\t#(x)\n",
	Drop:        "POP_RBX\t# (x)\n",
	DropBlock:   "POP_RBX\t# _recursive_statement_locals\n",
	DropReturn:  "POP_RBX\t# _return_result_locals\n",

	CallFirst:    "PUSH_RDI\t# Prevent overwriting in recursion\nPUSH_RBP\t# Protect the old base pointer\nCOPY_RSP_to_RDI\t# Copy new base pointer\n",
	CallFunction: "COPY_rdi_to_rbp\nCALL_IMMEDIATE %FUNCTION_(x)\n",
	CallPointer:  "LOAD_BASE_ADDRESS_rax %(x)\nLOAD_INTEGER\nCOPY_rdi_to_rbp\nCALL_rax\n",
	CallLast:     "POP_RBP\t# Restore old base pointer\nPOP_RDI\t# Prevent overwrite\n",
	Return:       "RETURN\n",

	Jump:       "JUMP %(x)\n",
	JumpIfZero: "TEST\nJUMP_EQ %(x)\n",
	Goto:       "JUMP %(x)\n",
	DoWhile:    "TEST\nJUMP_NE %DO_(x)\n",

	GlobalsHeader: "\n# Program global variables\n",
}
