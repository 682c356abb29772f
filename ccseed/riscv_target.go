package ccseed

var riscv32 = target{
	Name: "riscv32",
	Word: 4,

	SlotStep:   4,
	FirstLocal: 4,
	MainLocal:  16,

	ColonAfter:   "\t\n\r ",
	HexLetters:   false, // upstream compares with 10 instead of 16
	OddElements:  false, // upstream starts the logarithm of a size from what is left in a register
	StructArrays: false, // upstream encodes a branch with the immediate of a jump, so it compares with the offset

	LoadNumber:   "rd_a0 ~(x) lui\nrd_a0 rs1_a0 !(x) addi\n",
	LoadSmall:    "rd_a0 !(x) addi\n",
	LoadString:   "rd_a0 ~STRING_(x)\nauipc\nrd_a0 rs1_a0 !STRING_(x)\naddi\n",
	LoadFunction: "rd_a0 ~FUNCTION_(x) auipc\nrd_a0 rs1_a0 !FUNCTION_(x) addi\n",
	LoadGlobal:   "rd_a0 ~GLOBAL_(x) auipc\nrd_a0 rs1_a0 !GLOBAL_(x) addi\n",
	LocalAddress: "rd_a0 rs1_fp !-(x) addi\n",

	Load:      "rd_a0 rs1_a0 lw\n",
	LoadByte:  "rd_a0 rs1_a0 lbu\n",
	Store:     "rs1_a1 rs2_a0 sw\n",
	StoreByte: "rs1_a1 rs2_a0 sb\n",

	ScaleIndex:   "rd_a0 rs1_a0 rs2_x(x) slli\n",
	MemberOffset: "rd_a1 !(x) addi\n",

	Add:          "rd_a0 rs1_a1 rs2_a0 add\n",
	Subtract:     "rd_a0 rs1_a1 rs2_a0 sub\n",
	Multiply:     "rd_a0 rs1_a1 rs2_a0 mul\n",
	Divide:       "rd_a0 rs1_a1 rs2_a0 div\n",
	Modulus:      "rd_a0 rs1_a1 rs2_a0 rem\n",
	ShiftLeft:    "rd_a0 rs1_a1 rs2_a0 sll\n",
	ShiftRight:   "rd_a0 rs1_a1 rs2_a0 srl\n", // logical; the others shift arithmetically
	Less:         "rd_a0 rs1_a1 rs2_a0 slt\n",
	LessEqual:    "rd_a0 rs1_a0 rs2_a1 slt\nrd_a0 rs1_a0 !1 xori\n",
	GreaterEqual: "rd_a0 rs1_a1 rs2_a0 slt\nrd_a0 rs1_a0 !1 xori\n",
	Greater:      "rd_a0 rs1_a0 rs2_a1 slt\n",
	Equal:        "rd_a0 rs1_a0 rs2_a1 sub\nrd_a0 rs1_a0 !1 sltiu\n",
	NotEqual:     "rd_a0 rs1_a0 rs2_a1 sub\nrd_a0 rs2_a0 sltu\n",
	And:          "rd_a0 rs1_a1 rs2_a0 and\n",
	Or:           "rd_a0 rs1_a1 rs2_a0 or\n",
	Xor:          "rd_a0 rs1_a1 rs2_a0 xor\n",
	NegateFirst:  "rd_a0 mv\n",
	NotFirst:     "",
	Not:          "rd_a0 rs1_a0 !1 sltiu\n",
	Complement:   "rd_a0 rs1_a0 not\n",

	PushOperand: "rd_sp rs1_sp !-4 addi\t# _common_recursion\nrs1_sp rs2_a0 sw\n",
	PopOperand:  "rd_a1 rs1_sp lw\nrd_sp rs1_sp !4 addi\t# _common_recursion\n",
	Push:        "rd_sp rs1_sp !-4 addi\nrs1_sp rs2_a0 sw\t#(x)\n",
	Drop:        "rd_a1 rs1_sp lw\t# (x)\nrd_sp rs1_sp !4 addi\n",
	DropBlock:   "rd_a1 rs1_sp lw\t# _recursive_statement_locals\nrd_sp rs1_sp !4 addi\n",
	DropReturn:  "rd_a1 rs1_sp lw\t# _return_result_locals\nrd_sp rs1_sp !4 addi\n",

	CallFirst:    "rd_sp rs1_sp !-12 addi\nrs1_sp rs2_ra @4 sw\t# Protect the old return pointer\nrs1_sp rs2_fp sw\t# Protect the old frame pointer\nrs1_sp rs2_tp @8 sw\t# Protect temp register we are going to use\nrd_tp rs1_sp mv\t# The base pointer to-be\n",
	CallFunction: "rd_fp rs1_tp mv\nrd_ra $FUNCTION_(x) jal\n",
	CallPointer:  "rd_a0 rs1_fp !-(x) addi\nrd_a0 rs1_a0 lw\nrd_fp rs1_tp mv\nrd_ra rs1_a0 jalr\n",
	CallLast:     "rd_fp rs1_sp lw\t# Restore old frame pointer\nrd_tp rs1_sp !8 lw\t# Restore temp register\nrd_ra rs1_sp !4 lw\t# Restore return address\nrd_sp rs1_sp !12 addi\n",
	Return:       "ret\n",

	Jump:       "$(x)\njal\n",
	JumpIfZero: "rs1_a0 @8 bnez\n$(x)\njal\n",
	Goto:       "$(x) jal\n",
	DoWhile:    "rs1_a0 @DO_END_(x)\nbeqz\n$DO_(x)\njal\n",

	GlobalsHeader: "\n:ELF_data\n\n# Program global variables\n",
}

// riscv64 is riscv32 with wider words.
var riscv64 = func() target {
	t := riscv32
	t.Name = "riscv64"
	t.Word = 8
	t.SlotStep = 8
	t.FirstLocal = 8
	t.MainLocal = 32
	t.LoadNumber = "rd_a0 ~(x) lui\nrd_a0 rs1_a0 !(x) addiw\n"
	t.LoadFunction = "rd_a0 ~FUNCTION_(x) auipc\nrd_a0 rs1_a0 !FUNCTION_(x) addiw\n"
	t.Load = "rd_a0 rs1_a0 ld\n"
	t.Store = "rs1_a1 rs2_a0 sd\n"
	t.PushOperand = "rd_sp rs1_sp !-8 addi\t# _common_recursion\nrs1_sp rs2_a0 sd\n"
	t.PopOperand = "rd_a1 rs1_sp ld\nrd_sp rs1_sp !8 addi\t# _common_recursion\n"
	t.Push = "rd_sp rs1_sp !-8 addi\nrs1_sp rs2_a0 sd\t#(x)\n"
	t.Drop = "rd_a1 rs1_sp ld\t# (x)\nrd_sp rs1_sp !8 addi\n"
	t.DropBlock = "rd_a1 rs1_sp ld\t# _recursive_statement_locals\nrd_sp rs1_sp !8 addi\n"
	t.DropReturn = "rd_a1 rs1_sp ld\t# _return_result_locals\nrd_sp rs1_sp !8 addi\n"
	t.CallFirst = "rd_sp rs1_sp !-24 addi\nrs1_sp rs2_ra @8 sd\t# Protect the old return pointer\nrs1_sp rs2_fp sd\t# Protect the old frame pointer\nrs1_sp rs2_tp @16 sd\t# Protect temp register we are going to use\nrd_tp rs1_sp mv\t# The base pointer to-be\n"
	t.CallPointer = "rd_a0 rs1_fp !-(x) addi\nrd_a0 rs1_a0 ld\nrd_fp rs1_tp mv\nrd_ra rs1_a0 jalr\n"
	t.CallLast = "rd_fp rs1_sp ld\t# Restore old frame pointer\nrd_tp rs1_sp !16 ld\t# Restore temp register\nrd_ra rs1_sp !8 ld\t# Restore return address\nrd_sp rs1_sp !24 addi\n"
	return t
}()
