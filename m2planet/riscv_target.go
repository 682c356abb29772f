package m2planet

var riscv32 = target{
	Name:     "riscv32",
	Macros:   []Define{{"__riscv", "1"}, {"__riscv_xlen", "32"}},
	WordSize: 4,
	StackUp:  false,
	Link:     linkInFrame,
	Registers: [registers]string{
		regZero:     "a0",
		regOne:      "a1",
		regTemp:     "tp",
		regBase:     "fp",
		regReturn:   "ra",
		regStack:    "sp",
		regLocals:   "t3",
		regEmitTemp: "t4",
		regTemp2:    "t5",
	},

	FirstArgument: -4,
	NextArgument:  -4,

	NoArguments:   false,
	NegativeHalf:  '$',
	EndOfCore:     "",
	EndOfCoreElf:  "\n:ELF_data\n",
	EndOfFile:     "\n:ELF_end\n",
	EndOfFileElf:  "",
	SubtractsZero: true,
	ComparesOne:   false,

	Move:        "rd_(reg) rs1_(other) mv(note)",
	Push:        "rd_sp rs1_sp !-4 addi\nrs1_sp rs2_(reg) sw(note)",
	Pop:         "rd_(reg) rs1_sp lw\nrd_sp rs1_sp !4 addi(note)",
	Dereference: "rd_(reg) rs1_(reg) lw(note)",
	LoadLabel:   "rd_(reg) ~(label) auipc\nrd_(reg) rs1_(reg) !(label) addi(note)",

	Jump:          "$(label) jal(note)",
	JumpIfZero:    "rs1_(reg) @8 bnez\n$(label) jal(note)",
	JumpIfNotZero: "rs1_(reg) @8 beqz\n$(label) jal\n(note)", // upstream ends the line before its note
	JumpIfEqual:   "rd_(reg) rs1_(reg) rs2_(other) sub\nrs1_(reg) @8 bnez\n$(label) jal(note)",
	Call:          "rd_ra $FUNCTION_(name) jal\n",
	CallPointer:   "rd_ra rs1_a0 jalr\n",
	Return:        "ret\n",

	Load8:   op{"rd_a0 rs1_a0 lb\n", "rd_a0 rs1_a0 lbu\n"},
	Load16:  op{"rd_a0 rs1_a0 lh\n", "rd_a0 rs1_a0 lhu\n"},
	Load32:  same("rd_a0 rs1_a0 lw\n"),
	Load64:  same(""),
	Store8:  "rs1_a1 rs2_a0 sb\n",
	Store16: "rs1_a1 rs2_a0 sh\n",
	Store32: "rs1_a1 rs2_a0 sw\n",
	Store64: "",

	LoadOne:     "rd_a1 rs1_a1 lw\n",
	LoadOneByte: "rd_a1 rs1_a1 lbu\n",

	Multiply:     same("rd_a0 rs1_a1 rs2_a0 mul\n"),
	Divide:       op{"rd_a0 rs1_a1 rs2_a0 div\n", "rd_a0 rs1_a1 rs2_a0 divu\n"},
	Modulo:       op{"rd_a0 rs1_a1 rs2_a0 rem\n", "rd_a0 rs1_a1 rs2_a0 remu\n"},
	Plus:         same("rd_a0 rs1_a1 rs2_a0 add\n"),
	Minus:        same("rd_a0 rs1_a1 rs2_a0 sub\n"),
	ShiftLeft:    same("rd_a0 rs1_a1 rs2_a0 sll\n"),
	ShiftRight:   op{"rd_a0 rs1_a1 rs2_a0 sra\n", "rd_a0 rs1_a1 rs2_a0 srl\n"},
	Less:         op{"rd_a0 rs1_a1 rs2_a0 slt\n", "rd_a0 rs1_a1 rs2_a0 sltu\n"},
	LessEqual:    op{"rd_a0 rs1_a0 rs2_a1 slt\nrd_a0 rs1_a0 !1 xori\n", "rd_a0 rs1_a0 rs2_a1 sltu\nrd_a0 rs1_a0 !1 xori\n"},
	GreaterEqual: op{"rd_a0 rs1_a1 rs2_a0 slt\nrd_a0 rs1_a0 !1 xori\n", "rd_a0 rs1_a1 rs2_a0 sltu\nrd_a0 rs1_a0 !1 xori\n"},
	Greater:      op{"rd_a0 rs1_a0 rs2_a1 slt\n", "rd_a0 rs1_a0 rs2_a1 sltu\n"},
	Equal:        same("rd_a0 rs1_a0 rs2_a1 sub\nrd_a0 rs1_a0 !1 sltiu\n"),
	NotEqual:     same("rd_a0 rs1_a0 rs2_a1 sub\nrd_a0 rs2_a0 sltu\n"),
	And:          same("rd_a0 rs1_a1 rs2_a0 and\n"),
	Or:           same("rd_a0 rs1_a1 rs2_a0 or\n"),
	Xor:          same("rd_a0 rs1_a1 rs2_a0 xor\n"),
	PlusAssign:   same("rd_a0 rs1_a1 rs2_a0 add # compound operation\n"),
	TimesAssign:  same("rd_a0 rs1_a1 rs2_a0 mul\n"),

	Negate:     "rd_a0 rs1_a1 rs2_a0 sub\n",
	Not:        "rd_a0 rs1_a0 !1 sltiu\n",
	Complement: "rd_a0 rs1_a0 not\n",

	Add:      "rd_(reg) rs1_(other) rs2_(reg) add(note)",
	Subtract: "rd_(reg) rs1_(reg) rs2_(other) sub(note)",
	Scale:    "rd_a0 rs1_(reg) rs2_a0 mul(note)",

	LoadImmediate:     riscvLoadImmediate,
	AddImmediate:      riscvAddImmediate,
	SubtractImmediate: riscvSubtractImmediate,
	LoadRelative:      riscvLoadRelative,
}

// riscv64 is riscv32 with wider words.
var riscv64 = func() target {
	t := riscv32
	t.Name = "riscv64"
	t.Macros = []Define{{"__riscv", "1"}, {"__riscv_xlen", "64"}}
	t.WordSize = 8
	t.FirstArgument = -8
	t.NextArgument = -8
	t.Push = "rd_sp rs1_sp !-8 addi\nrs1_sp rs2_(reg) sd(note)"
	t.Pop = "rd_(reg) rs1_sp ld\nrd_sp rs1_sp !8 addi(note)"
	t.Dereference = "rd_(reg) rs1_(reg) ld(note)"
	t.Load32 = op{"rd_a0 rs1_a0 lw\n", "rd_a0 rs1_a0 lwu\n"}
	t.Load64 = same("rd_a0 rs1_a0 ld\n")
	t.Store64 = "rs1_a1 rs2_a0 sd\n"
	t.LoadOne = "rd_a1 rs1_a1 ld\n"
	return t
}()
