package ccseed

var riscv32v15 = target{
	Name: "riscv32",
	Word: 4,

	SlotStep:   4,
	FirstLocal: 4,
	MainLocal:  16,

	ColonAfter:   "\t\n\r ",
	HexLetters:   false, // upstream compares with 10 instead of 16
	OddElements:  false, // upstream starts the logarithm of a size from what is left in a register
	StructArrays: false, // upstream encodes a branch with the immediate of a jump, so it compares with the offset

	LoadNumber:   "RD_A0 ~(x) LUI\nRD_A0 RS1_A0 !(x) ADDI\n",
	LoadSmall:    "RD_A0 !(x) ADDI\n",
	LoadString:   "RD_A0 ~STRING_(x)\nAUIPC\nRD_A0 RS1_A0 !STRING_(x)\nADDI\n",
	LoadFunction: "RD_A0 ~FUNCTION_(x) AUIPC\nRD_A0 RS1_A0 !FUNCTION_(x) ADDI\n",
	LoadGlobal:   "RD_A0 ~GLOBAL_(x) AUIPC\nRD_A0 RS1_A0 !GLOBAL_(x) ADDI\n",
	LocalAddress: "RD_A0 RS1_FP !-(x) ADDI\n",

	Load:      "RD_A0 RS1_A0 LW\n",
	LoadByte:  "RD_A0 RS1_A0 LBU\n",
	Store:     "RS1_A1 RS2_A0 SW\n",
	StoreByte: "RS1_A1 RS2_A0 SB\n",

	ScaleIndex:   "RD_A0 RS1_A0 RS2_X(x) SLLI\n",
	MemberOffset: "RD_A1 !(x) ADDI\n",

	Add:          "RD_A0 RS1_A1 RS2_A0 ADD\n",
	Subtract:     "RD_A0 RS1_A1 RS2_A0 SUB\n",
	Multiply:     "RD_A0 RS1_A1 RS2_A0 MUL\n",
	Divide:       "RD_A0 RS1_A1 RS2_A0 DIV\n",
	Modulus:      "RD_A0 RS1_A1 RS2_A0 REM\n",
	ShiftLeft:    "RD_A0 RS1_A1 RS2_A0 SLL\n",
	ShiftRight:   "RD_A0 RS1_A1 RS2_A0 SRL\n", // logical; the others shift arithmetically
	Less:         "RD_A0 RS1_A1 RS2_A0 SLT\n",
	LessEqual:    "RD_A0 RS1_A0 RS2_A1 SLT\nRD_A0 RS1_A0 !1 XORI\n",
	GreaterEqual: "RD_A0 RS1_A1 RS2_A0 SLT\nRD_A0 RS1_A0 !1 XORI\n",
	Greater:      "RD_A0 RS1_A0 RS2_A1 SLT\n",
	Equal:        "RD_A0 RS1_A0 RS2_A1 SUB\nRD_A0 RS1_A0 !1 SLTIU\n",
	NotEqual:     "RD_A0 RS1_A0 RS2_A1 SUB\nRD_A0 RS2_A0 SLTU\n",
	And:          "RD_A0 RS1_A1 RS2_A0 AND\n",
	Or:           "RD_A0 RS1_A1 RS2_A0 OR\n",
	Xor:          "RD_A0 RS1_A1 RS2_A0 XOR\n",
	NegateFirst:  "RD_A0 MV\n",
	NotFirst:     "RD_A0 !1 ADDI\n",
	Not:          "RD_A0 RS1_A1 RS2_A0 XOR\n",
	Complement:   "RD_A0 RS1_A0 NOT\n",

	PushOperand: "RD_SP RS1_SP !-4 ADDI\t# _common_recursion\nRS1_SP RS2_A0 SW\n",
	PopOperand:  "RD_A1 RS1_SP LW\nRD_SP RS1_SP !4 ADDI\t# _common_recursion\n",
	Push:        "RD_SP RS1_SP !-4 ADDI\nRS1_SP RS2_A0 SW\t#(x)\n",
	Drop:        "RD_A1 RS1_SP LW\t# (x)\nRD_SP RS1_SP !4 ADDI\n",
	DropBlock:   "RD_A1 RS1_SP LW\t# _recursive_statement_locals\nRD_SP RS1_SP !4 ADDI\n",
	DropReturn:  "RD_A1 RS1_SP LW\t# _return_result_locals\nRD_SP RS1_SP !4 ADDI\n",

	CallFirst:    "RD_SP RS1_SP !-12 ADDI\nRS1_SP RS2_RA @4 SW\t# Protect the old return pointer\nRS1_SP RS2_FP SW\t# Protect the old frame pointer\nRS1_SP RS2_TP @8 SW\t# Protect temp register we are going to use\nRD_TP RS1_SP MV\t# The base pointer to-be\n",
	CallFunction: "RD_FP RS1_TP MV\nRD_RA $FUNCTION_(x) JAL\n",
	CallPointer:  "RD_A0 RS1_FP !-(x) ADDI\nRD_A0 RS1_A0 LW\nRD_FP RS1_TP MV\nRD_RA RS1_A0 JALR\n",
	CallLast:     "RD_FP RS1_SP LW\t# Restore old frame pointer\nRD_TP RS1_SP !8 LW\t# Restore temp register\nRD_RA RS1_SP !4 LW\t# Restore return address\nRD_SP RS1_SP !12 ADDI\n",
	Return:       "RETURN\n",

	Jump:       "$(x)\nJAL\n",
	JumpIfZero: "RS1_A0 @8 BNEZ\n$(x)\nJAL\n",
	Goto:       "$(x) JAL\n",
	DoWhile:    "RS1_A0 @DO_END_(x)\nBEQZ\n$DO_(x)\nJAL\n",

	GlobalsHeader: "\n:ELF_data\n\n# Program global variables\n",
}

// riscv64v15 is riscv32v15 with wider words.
var riscv64v15 = func() target {
	t := riscv32v15
	t.Name = "riscv64"
	t.Word = 8
	t.SlotStep = 8
	t.FirstLocal = 8
	t.MainLocal = 32
	t.LoadNumber = "RD_A0 ~(x) LUI\nRD_A0 RS1_A0 !(x) ADDIW\n"
	t.LoadFunction = "RD_A0 ~FUNCTION_(x) AUIPC\nRD_A0 RS1_A0 !FUNCTION_(x) ADDIW\n"
	t.Load = "RD_A0 RS1_A0 LD\n"
	t.Store = "RS1_A1 RS2_A0 SD\n"
	t.PushOperand = "RD_SP RS1_SP !-8 ADDI\t# _common_recursion\nRS1_SP RS2_A0 SD\n"
	t.PopOperand = "RD_A1 RS1_SP LD\nRD_SP RS1_SP !8 ADDI\t# _common_recursion\n"
	t.Push = "RD_SP RS1_SP !-8 ADDI\nRS1_SP RS2_A0 SD\t#(x)\n"
	t.Drop = "RD_A1 RS1_SP LD\t# (x)\nRD_SP RS1_SP !8 ADDI\n"
	t.DropBlock = "RD_A1 RS1_SP LD\t# _recursive_statement_locals\nRD_SP RS1_SP !8 ADDI\n"
	t.DropReturn = "RD_A1 RS1_SP LD\t# _return_result_locals\nRD_SP RS1_SP !8 ADDI\n"
	t.CallFirst = "RD_SP RS1_SP !-24 ADDI\nRS1_SP RS2_RA @8 SD\t# Protect the old return pointer\nRS1_SP RS2_FP SD\t# Protect the old frame pointer\nRS1_SP RS2_TP @16 SD\t# Protect temp register we are going to use\nRD_TP RS1_SP MV\t# The base pointer to-be\n"
	t.CallPointer = "RD_A0 RS1_FP !-(x) ADDI\nRD_A0 RS1_A0 LD\nRD_FP RS1_TP MV\nRD_RA RS1_A0 JALR\n"
	t.CallLast = "RD_FP RS1_SP LD\t# Restore old frame pointer\nRD_TP RS1_SP !16 LD\t# Restore temp register\nRD_RA RS1_SP !8 LD\t# Restore return address\nRD_SP RS1_SP !24 ADDI\n"
	return t
}()
