package audit

import "strings"

// x86Mnemonics has what authors write for what the decoder says.
var x86Mnemonics = map[string]string{
	"sal": "shl",
	"je8": "je", "je32": "je", "jne8": "jne", "jg8": "jg", "jl8": "jl", "jle8": "jle", "jbe8": "jbe", "jmp8": "jmp", "jmp32": "jmp", "jne32": "jne",
	"jz": "je", "jnz": "jne", "jnb": "jae", "jnbe": "ja", "jnl": "jge", "jnle": "jg",
	"setz": "sete", "setnz": "setne",
	"pushf": "pushf", "pushfd": "pushf", "pushfq": "pushf", "popf": "popf", "popfd": "popf", "popfq": "popf",
	"addd": "add", "retn": "ret",
}

var x86Registers = strings.Fields(`
	al cl dl bl ah ch dh bh ax cx dx bx sp bp si di eax ecx edx ebx esp ebp esi edi
	cs ds es fs gs ss cr0 cr2 cr3 cr4`)

var amd64Registers = append(strings.Fields(`
	rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rip
	r8d r9d r10d r11d r12d r13d r14d r15d r8b r9b r10b r11b r12b r13b r14b r15b
	r8w r9w r10w r11w r12w r13w r14w r15w spl bpl sil dil`), x86Registers...)

var x86 = machine{
	align: 1, registers: x86Registers, mnemonics: x86Mnemonics,
	exitRegister: "eax", exits: []int64{1, 252},
}

var amd64 = machine{
	align: 1, registers: amd64Registers, mnemonics: x86Mnemonics,
	exitRegister: "eax", exits: []int64{60, 231},
}
