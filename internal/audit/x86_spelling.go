package audit

import (
	"slices"
	"strings"

	"stage0/internal/lazyregexp"
)

// x86Mnemonics maps authors' mnemonics to the decoder's.
var x86Mnemonics = map[string]string{
	"sal": "shl",
	"je8": "je", "je32": "je", "jne8": "jne", "jg8": "jg", "jl8": "jl", "jle8": "jle", "jbe8": "jbe", "jmp8": "jmp", "jmp32": "jmp", "jne32": "jne",
	"jz": "je", "jnz": "jne", "jnb": "jae", "jnbe": "ja", "jnl": "jge", "jnle": "jg",
	"setz": "sete", "setnz": "setne",
	"pushf": "pushf", "pushfd": "pushf", "pushfq": "pushf", "popf": "popf", "popfd": "popf", "popfq": "popf",
	"addd": "add", "retn": "ret", "lcall": "call", "ljmp": "jmp", "retq": "ret", "return": "ret", "callq": "call", "calli32": "call", "call32": "call", "jump32": "jmp",
	"movsxd": "movsx", "movzbl": "movzx", "movzbq": "movzx", "movzwl": "movzx", "movq": "mov",
	"jge8": "jge", "jge32": "jge", "jl32": "jl", "jle32": "jle", "jg32": "jg", "jz8": "je", "jnc": "jae", "jc": "jb",
}

// x86Spellings has the names in mescc-tools' tests and in the oldest programs,
// and addresses in objdump's notation.
var x86Spellings = []spelling{
	spell(`^INT_80$`, "int 0x80"),
	spell(`^LOAD(?:I32|32I)_(\w+)(?: (\S+))?$`, "mov $1 $2"),
	spell(`^(ADD|SUB)_Immediate8_(?:To|From)_(\w+)$`, "$1 $2 BYTE"),
	spell(`^ADD_To_(\w+)_offset8_Immediate8$`, "add [$1+BYTE] BYTE"),
	spell(`^STORE_To_(\w+)_offset8_Immediate32$`, "mov [$1+BYTE] DWORD"),
	spell(`^STORE_(\w+)_To_(\w+)_offset8$`, "mov [$2+BYTE] $1"),
	spell(`^LOAD_(\w+)_From_(\w+)_offset8$`, "mov $1 [$2+BYTE]"),
	spell(`^LOAD8_(\w+)_From_(\w+)_pointer$`, "movzx $1 [$2]"),
	spell(`^PUSH_(\w+)_offset8$`, "push [$1+BYTE]"),
	spell(`^(ADD|SUB|CMP)I(?:8|32)_(?:(?:to|from)_)?(\w+)(?: (\S+))?$`, "$1 $2 $3"),
	spell(`^(ADD|SUB|CMP|SHL)_(\w+?)_(?:TO_)?(?:Immediate8|IMMEDIATE8)(?: (\S+))?$`, "$1 $2 $3"),
	spell(`^SHL8_(\w+)(?: (\S+))?$`, "shl $1 $2"),
	spell(`^(?:COPY|MOVE)_(\w+?)_(?i:to)_(\w+)$`, "mov $2 $1"),
	spell(`^MOVE_(\w+?)_(\w+)$`, "mov $1 $2"),
	spell(`^(ADD|SUB)_(\w+?)_(?i:to|from)_(\w+)$`, "$1 $3 $2"),
	spell(`^(ADD|SUB|TEST)_([A-Za-z0-9]+)_(\w+)$`, "$1 $2 $3"),
	spell(`^MOVZB[LQ]_(\w+?)_(\w+)$`, "movzx $1 $2"),
	spell(`^PUSH_Immediate32(?: (\S+))?$`, "push $1"),
	spell(`^(j\w+|callq?) ([0-9a-f]{6,}) <\w+>$`, "$1 0x$2"),
}

var (
	attRegister = lazyregexp.New(`%([a-z]\w+)`)
	attNumber   = lazyregexp.New(`\$(?:i8|i32|-?\d|0x)`)
	attMemory   = lazyregexp.New(`^([-\w]*)\((\w+)\)$`)
)

// fromATT converts an instruction from AT&T syntax, as in the GNU assembler, to
// Intel's. In mes, which puts underscores between the words, $i8, $i32, 0x8 and
// 0x32 are placeholders for numbers that follow.
func (m *machine) fromATT(text string) string {
	reg := attRegister.FindStringSubmatch(text)
	if !m.x86 || (reg == nil || !m.isRegister(reg[1])) && !attNumber.MatchString(text) {
		return text
	}
	words := strings.Fields(strings.Replace(strings.ReplaceAll(text, "_", " "), ", ", ",", 1))
	if len(words) < 2 {
		return text
	}
	operands := strings.Split(strings.NewReplacer("%", "", "*", "").Replace(words[1]), ",")
	slices.Reverse(operands)
	mes := strings.Contains(text, "_")
	for i, o := range operands {
		switch d := attMemory.FindStringSubmatch(o); {
		case d != nil && mes:
			operands[i] = "[" + d[2] + attSizes[d[1]] + "]"
		case d != nil:
			operands[i] = "[" + d[2] + "+" + d[1] + "]"
		case strings.HasPrefix(o, "$"):
			operands[i] = o[1:]
			if size := attNumbers[o]; mes && size != "" {
				operands[i] = size
			}
		case mes && o == "0x32":
			operands[i] = "[DWORD]"
		case strings.HasPrefix(o, "0x"):
			operands[i] = "[" + o + "]"
		}
	}
	return words[0] + " " + strings.Join(append([]string{strings.Join(operands, ",")}, words[2:]...), " ")
}

// attNumbers maps mes's placeholders for numbers to Intel's sizes.
var attNumbers = map[string]string{"$i8": "BYTE", "$i32": "DWORD", "$0x32": "DWORD"}

// attSizes maps mes's placeholders for displacements to sizes.
var attSizes = map[string]string{"0x8": "+BYTE", "0x32": "+DWORD"}

var x86Registers = strings.Fields(`
	al cl dl bl ah ch dh bh ax cx dx bx sp bp si di eax ecx edx ebx esp ebp esi edi
	cs ds es fs gs ss cr0 cr2 cr3 cr4`)

var amd64Registers = append(strings.Fields(`
	rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rip
	r8d r9d r10d r11d r12d r13d r14d r15d r8b r9b r10b r11b r12b r13b r14b r15b
	r8w r9w r10w r11w r12w r13w r14w r15w spl bpl sil dil`), x86Registers...)

var x86 = machine{
	align: 1, x86: true, registers: x86Registers, mnemonics: x86Mnemonics, spellings: x86Spellings,
	exitRegister: "eax", exits: []int64{1, 252},
}

var amd64 = machine{
	align: 1, x86: true, registers: amd64Registers, mnemonics: x86Mnemonics, spellings: x86Spellings,
	exitRegister: "eax", exits: []int64{60, 231},
}

// x86Real is the 16-bit code of boot sectors.
var x86Real = machine{
	align: 1, x86: true, registers: x86Registers, mnemonics: x86Mnemonics, spellings: x86Spellings,
}
