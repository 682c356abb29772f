package ccseed

var amd64 = target{
	Name: "amd64",
	Word: 8,

	SlotStep:   -8,
	FirstLocal: -16,
	MainLocal:  -40,

	ColonAfter:   "\t\n\r ",
	HexLetters:   true,
	OddElements:  true,
	StructArrays: true,

	LoadNumber:   "mov_rax, %(x)\n",
	LoadSmall:    "mov_rax, %(x)\n",
	LoadString:   "lea_rax,[rip+DWORD] %STRING_(x)\n",
	LoadFunction: "lea_rax,[rip+DWORD] %FUNCTION_(x)\n",
	LoadGlobal:   "lea_rax,[rip+DWORD] %GLOBAL_(x)\n",
	LocalAddress: "lea_rax,[rbp+DWORD] %(x)\n",

	Load:      "mov_rax,[rax]\n",
	LoadByte:  "movsx_rax,BYTE_PTR_[rax]\n",
	Store:     "mov_[rbx],rax\n",
	StoreByte: "mov_[rbx],al\n",

	ScaleIndex:   "sal_rax, !(x)\n",
	MemberOffset: "mov_rbx, %(x)\n",

	Add:          "add_rax,rbx\n",
	Subtract:     "sub_rbx,rax\nmov_rax,rbx\n",
	Multiply:     "mul_rbx\n",
	Divide:       "xchg_rbx,rax\nmov_rdx, %0\ndiv_rbx\n",
	Modulus:      "xchg_rbx,rax\nmov_rdx, %0\ndiv_rbx\nmov_rax,rdx\n",
	ShiftLeft:    "mov_rcx,rax\nmov_rax,rbx\nsal_rax,cl\n",
	ShiftRight:   "mov_rcx,rax\nmov_rax,rbx\nsar_rax,cl\n",
	Less:         "cmp_rbx,rax\nsetl_al\nmovzx_rax,al\n",
	LessEqual:    "cmp_rbx,rax\nsetle_al\nmovzx_rax,al\n",
	GreaterEqual: "cmp_rbx,rax\nsetge_al\nmovzx_rax,al\n",
	Greater:      "cmp_rbx,rax\nsetg_al\nmovzx_rax,al\n",
	Equal:        "cmp_rbx,rax\nsete_al\nmovzx_rax,al\n",
	NotEqual:     "cmp_rbx,rax\nsetne_al\nmovzx_rax,al\n",
	And:          "and_rax,rbx\n",
	Or:           "or_rax,rbx\n",
	Xor:          "xor_rax,rbx\n",
	NegateFirst:  "mov_rax, %0\n",
	NotFirst:     "mov_rax, %1\n",
	Not:          "cmp_rbx,rax\nseta_al\nmovzx_rax,al\n",
	Complement:   "not_rax\n",

	PushOperand: "push_rax\t#_common_recursion\n",
	PopOperand:  "pop_rbx\t# _common_recursion\n",
	Push:        "push_rax\t#(x)\n",
	Drop:        "pop_rbx\t# (x)\n",
	DropBlock:   "pop_rbx\t# _recursive_statement_locals\n",
	DropReturn:  "pop_rbx\t# _return_result_locals\n",

	CallFirst:    "push_rdi\t# Prevent overwriting in recursion\npush_rbp\t# Protect the old base pointer\nmov_rdi,rsp\t# Copy new base pointer\n",
	CallFunction: "mov_rbp,rdi\ncall %FUNCTION_(x)\n",
	CallPointer:  "lea_rax,[rbp+DWORD] %(x)\nmov_rax,[rax]\nmov_rbp,rdi\ncall_rax\n",
	CallLast:     "pop_rbp\t# Restore old base pointer\npop_rdi\t# Prevent overwrite\n",
	Return:       "ret\n",

	Jump:       "jmp %(x)\n",
	JumpIfZero: "test_rax,rax\nje %(x)\n",
	Goto:       "jmp %(x)\n",
	DoWhile:    "test_rax,rax\njne %DO_(x)\n",

	GlobalsHeader: "\n# Program global variables\n",
}
