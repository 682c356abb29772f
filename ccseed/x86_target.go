package ccseed

var x86 = target{
	Name: "x86",
	Word: 4,

	SlotStep:   -4,
	FirstLocal: -8,
	MainLocal:  -20,

	ColonAfter:   "\t\n\r SQR", // the unterminated set includes the code after it: push ebx, push ecx, push edx
	HexLetters:   true,
	OddElements:  true,
	StructArrays: true,

	LoadNumber:   "mov_eax, %(x)\n",
	LoadSmall:    "mov_eax, %(x)\n",
	LoadString:   "mov_eax, &STRING_(x)\n",
	LoadFunction: "mov_eax, &FUNCTION_(x)\n",
	LoadGlobal:   "mov_eax, &GLOBAL_(x)\n",
	LocalAddress: "lea_eax,[ebp+DWORD] %(x)\n",

	Load:      "mov_eax,[eax]\n",
	LoadByte:  "movsx_eax,BYTE_PTR_[eax]\n",
	Store:     "mov_[ebx],eax\n",
	StoreByte: "mov_[ebx],al\n",

	ScaleIndex:   "sal_eax, !(x)\n",
	MemberOffset: "mov_ebx, %(x)\n",

	Add:          "add_eax,ebx\n",
	Subtract:     "sub_ebx,eax\nmov_eax,ebx\n",
	Multiply:     "mul_ebx\n",
	Divide:       "xchg_ebx,eax\nmov_edx, %0\ndiv_ebx\n",
	Modulus:      "xchg_ebx,eax\nmov_edx, %0\ndiv_ebx\nmov_eax,edx\n",
	ShiftLeft:    "mov_ecx,eax\nmov_eax,ebx\nsal_eax,cl\n",
	ShiftRight:   "mov_ecx,eax\nmov_eax,ebx\nsar_eax,cl\n",
	Less:         "cmp_ebx,eax\nsetl_al\nmovzx_eax,al\n",
	LessEqual:    "cmp_ebx,eax\nsetle_al\nmovzx_eax,al\n",
	GreaterEqual: "cmp_ebx,eax\nsetge_al\nmovzx_eax,al\n",
	Greater:      "cmp_ebx,eax\nsetg_al\nmovzx_eax,al\n",
	Equal:        "cmp_ebx,eax\nsete_al\nmovzx_eax,al\n",
	NotEqual:     "cmp_ebx,eax\nsetne_al\nmovzx_eax,al\n",
	And:          "and_eax,ebx\n",
	Or:           "or_eax,ebx\n",
	Xor:          "xor_eax,ebx\n",
	NegateFirst:  "mov_eax, %0\n",
	NotFirst:     "mov_eax, %1\n",
	Not:          "cmp_ebx,eax\nseta_al\nmovzx_eax,al\n",
	Complement:   "not_eax\n",

	PushOperand: "push_eax\t#_common_recursion\n",
	PopOperand:  "pop_ebx\t# _common_recursion\n",
	Push:        "push_eax\t#(x)\n",
	Drop:        "pop_ebx\t# (x)\n",
	DropBlock:   "pop_ebx\t# _recursive_statement_locals\n",
	DropReturn:  "pop_ebx\t# _return_result_locals\n",

	CallFirst:    "push_edi\t# Prevent overwriting in recursion\npush_ebp\t# Protect the old base pointer\nmov_edi,esp\t# Copy new base pointer\n",
	CallFunction: "mov_ebp,edi\ncall %FUNCTION_(x)\n",
	CallPointer:  "lea_eax,[ebp+DWORD] %(x)\nmov_eax,[eax]\nmov_ebp,edi\ncall_eax\n",
	CallLast:     "pop_ebp\t# Restore old base pointer\npop_edi\t# Prevent overwrite\n",
	Return:       "ret\n",

	Jump:       "jmp %(x)\n",
	JumpIfZero: "test_eax,eax\nje %(x)\n",
	Goto:       "jmp %(x)\n",
	DoWhile:    "test_eax,eax\njne %DO_(x)\n",

	GlobalsHeader: "\n# Program global variables\n",
}
