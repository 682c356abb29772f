package audit

import (
	"fmt"
	"strings"
	"sync"
)

// aarch64Registers are the integer registers.
var aarch64Registers = func() []string {
	r := strings.Fields("sp wsp xzr wzr")
	for i := range 31 {
		r = append(r, fmt.Sprintf("x%d", i), fmt.Sprintf("w%d", i))
	}
	return r
}()

// aarch64Spellings has the names of instructions in the ladder and in M2libc.
// M2-Planet's SP and BP are x18 and x17; the seeds push to sp, 16 bytes at a
// time, M2libc to x18, 8 bytes.
var aarch64Spellings = []spelling{
	spell(`^SET_(\w+?)_FROM[_ ]SP$`, "mov $1 sp", "mov $1 x18"),
	spell(`^SET_SP_FROM_(\w+)$`, "mov sp $1", "mov x18 $1"),
	spell(`^INIT_SP$`, "mov x18 sp"),
	spell(`^SET_(\w+?)_FROM_(\w+)$`, "mov $1 $2"),
	spell(`^SET_(\w+?)_TO_(\w+)$`, "mov $1 $2"),
	spell(`^SET16_(\w+?)_(\w+)$`, "movk $1 $2 lsl16"),
	spell(`^CMP_(\w+?)_TO_MINUS_(\d+)$`, "cmn $1 $2"),
	spell(`^CMP_(\w+?)_TO_(\w+)$`, "cmp $1 $2"),
	spell(`^(CMP|TST)_(\w+?)_(\w+)$`, "$1 $2 $3"),
	spell(`^SKIP_INST_(\w\w)$`, "b.$1 .+8"),
	spell(`^SKIP_32_DATA$`, "b .+8"),
	spell(`^LOAD_(\w+?)_AHEAD$`, "ldr $1 .+8"),
	spell(`^(CBN?Z)_(\w+?)_PAST_INST$`, "$1 $2 .+8"),
	spell(`^(CBN?Z)_(\w+?)_PAST_BR$`, "$1 $2 .+20"),
	spell(`^PUSH_(\w+)$`, "str $1 [sp,#-16]!", "str $1 [x18,#-8]!"),
	spell(`^POP_(\w+)SB$`, "ldrsb $1 [sp] 16", "ldrsb $1 [x18] 8"),
	spell(`^POP_(\w+)$`, "ldr $1 [sp] 16", "ldr $1 [x18] 8"),
	spell(`^DEREF_X(\d+)_BYTE$`, "ldrb w$1 [x$1]"),
	spell(`^DEREF_(\w+)$`, "ldr $1 [$1]"),
	spell(`^(LD|ST)R_BYTE_(\w+?)_(\[\w+\])_(\d+)$`, "${1}rb $2 $3 $4"),
	spell(`^(LD|ST)R_BYTE_(\w+?)_(\[[\w,]+\])_WB$`, "${1}rb $2 $3!"),
	spell(`^(LD|ST)R_BYTE_(\w+?)_(\[[\w,]+\])$`, "${1}rb $2 $3"),
	spell(`^((?:LD|ST)RS?[BHW]?)_(\w+?)_(\[[\w,]+\])_WB$`, "$1 $2 $3!"),
	spell(`^((?:LD|ST)RS?[BHW]?)_(\w+?)_\[SP\]$`, "$1 $2 [sp]", "$1 $2 [x18]"),
	spell(`^((?:LD|ST)RS?[BHW]?)_(\w+?)_(\[[\w,]+\])$`, "$1 $2 $3"),
	spell(`^(ADD|SUB)_SP_(\w+?)_SP$`, "$1 x18 $2 x18"),
	spell(`^(ADD|SUB)_SP_SP_(\w+)$`, "$1 x18 x18 $2"),
	spell(`^(ADD|SUB)_(X\d+)_SP_(\d+)$`, "$1 $2 sp $3", "$1 $2 x18 $3"),
	spell(`^(ADD|SUB)_(X\d+)_(\d+)$`, "$1 $2 $2 $3"),
	spell(`^(ADD)_(\w+?)_(\w+?)_(\w+?)_LSL_?(\d+)$`, "$1 $2 $3 $4 lsl$5"),
	spell(`^(ADD|SUB|MUL|SDIV|UDIV|ASR|LSL|LSR|AND)_(\w+?)_(\w+?)_(\w+)$`, "$1 $2 $3 $4"),
	spell(`^MSUB_(\w+?)_(\w+?)_(\w+?)_(\w+)$`, "msub $1 $2 $3 $4"),
	spell(`^(?:OR)_(\w+?)_(\w+?)_(\w+)$`, "orr $1 $2 $3"),
	spell(`^XOR_(\w+?)_(\w+?)_(\w+)$`, "eor $1 $2 $3"),
	spell(`^LSHIFT_(\w+?)_(\w+?)_(\w+)$`, "lsl $1 $2 $3"),
	spell(`^LOGICAL_RSHIFT_(\w+?)_(\w+?)_(\w+)$`, "lsr $1 $2 $3"),
	spell(`^ARITH_RSHIFT_(\w+?)_(\w+?)_(\w+)$`, "asr $1 $2 $3"),
	spell(`^(?:MVN|NOT)_(\w+?)(?:_\w+)?$`, "mvn $1 $1"),
	spell(`^NEG_(\w+?)_(\w+)$`, "neg $1 $2"),
	spell(`^RETURN$`, "ret"),
	spell(`^SYSCALL$`, "svc 0"),
	spell(`^(BL?R)_(\w+)$`, "$1 $2"),
	spell(`^(\^?~\S+) [FR]?CALL$`, "bl $1"),
	spell(`^(\^?~\S+) [FR]?BRANCH$`, "b $1"),
	spell(`^[FR]?CALL$`, "bl"),
	spell(`^[FR]?BRANCH$`, "b"),
}

var aarch64 = machine{
	align: 4, registers: aarch64Registers, spellings: aarch64Spellings,
	renamed:      map[string]string{"lr": "x30", "bp": "x17"},
	mnemonics:    map[string]string{"b.cc": "b.lo", "b.cs": "b.hs"},
	constants:    linuxNumbers,
	exitRegister: "x8", exits: []int64{93, 94},
}

// linuxNumbers has Linux's constants for the architectures that share the
// common system call numbers.
var linuxNumbers = map[string]int64{
	"FCNTL_H_AT_FDCWD": -100,
	"SYS_GETCWD":       17, "SYS_MKNODAT": 33, "SYS_MKDIRAT": 34, "SYS_UNLINKAT": 35, "SYS_SYMLINKAT": 36,
	"SYS_MOUNT": 40, "SYS_FACCESSAT": 48, "SYS_CHDIR": 49, "SYS_FCHDIR": 50, "SYS_CHROOT": 51, "SYS_FCHMOD": 52,
	"SYS_FCHMODAT": 53, "SYS_OPENAT": 56, "SYS_CLOSE": 57, "SYS_LSEEK": 62, "SYS_READ": 63, "SYS_WRITE": 64,
	"SYS_EXIT": 93, "SYS_WAITID": 95, "SYS_UNSHARE": 97, "SYS_UNAME": 160, "SYS_UMASK": 166,
	"SYS_GETEUID": 175, "SYS_GETEGID": 177, "SYS_BRK": 214, "SYS_CLONE": 220, "SYS_EXECVE": 221, "SYS_WAIT4": 260,
}

var armv7l = machine{
	align:        4,
	registers:    strings.Fields("r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 sp lr pc"),
	renamed:      map[string]string{"sl": "r10", "fp": "r11", "ip": "r12", "r13": "sp", "r14": "lr", "r15": "pc", "bp": "r12"},
	flags:        0x05000200, // EABI version 5, soft float
	spellings:    []spelling{spell(`^SYSCALL(?:_ALWAYS)?$`, "svc 0")},
	wholes:       sync.OnceValue(armv7lWholes),
	exitRegister: "r7", exits: []int64{1, 248},
}

// armv7lConditions maps M2-Planet's names of conditions to the disassembler's.
var armv7lConditions = map[string]string{
	"ALWAYS": "", "EQUAL": "eq", "NE": "ne", "G": "gt", "GE": "ge", "LE": "le", "L": "lt", "LT": "lt",
	"HI": "hi", "HS": "cs", "LS": "ls", "LO": "cc",
}

// armv7lWholes returns the words that M2-Planet's and M2libc's parts of words
// make.
func armv7lWholes() map[string][]whole {
	wholes := map[string][]whole{
		"NO_SHIFT":    {{"*1 00 A0E1", "mov r0, r1"}, {"01 0* A0E1", "mov r0, r1"}},
		"LEFT":        {{"*2 34 A0 E1", "lsl r3, r2, r4"}},
		"RIGHT":       {{"*2 34 A0 E1", "lsr r3, r2, r4"}},
		"ARITH_RIGHT": {{"*2 34 A0 E1", "asr r3, r2, r4"}},
		"SHIFT":       {{"12 34 * E1", "lsl r3, r2, r4"}},

		"HALF_MEMORY": {{"B0 20 D1 *", "ldrh r2, [r1]"}},
		"MEMORY":      {{"00 20 91 *", "ldr r2, [r1]"}},
		"NO_OFFSET":   {{"* 20 D1 E1", "ldrh r2, [r1]"}},
		"STORE32":     {{"00 2 * 1 E5", "str r2, [r1]"}},
		"STORE16":     {{"B0 2 * 1 E1", "strh r2, [r1]"}},
		"STORE8":      {{"00 2 * 1 E5", "strb r2, [r1]"}},
		"LOAD32":      {{"00 2 * 1 E5", "ldr r2, [r1]"}},
		"LOAD":        {{"00 2 * 1 E5", "ldrb r2, [r1]"}, {"B0 2 * 1 E1", "ldrh r2, [r1]"}},
		"LOADU8":      {{"* 20 D1 E5", "ldrb r2, [r1]"}},
		"LOADS8":      {{"* 20 D1 E1", "ldrsb r2, [r1]"}},
		"LOADS16":     {{"* 20 D1 E1", "ldrsh r2, [r1]"}},

		"CMP":   {{"02 * 3 E1", "cmp r3, r2"}},
		"CMPI8": {{"02 * 3 E3", "cmp r3, #2"}},
		"MUL":   {{"91 02 * 3 E0", "mul r3, r1, r2"}},
		"MULS":  {{"91 02 * 3 E0", "muls r3, r1, r2"}},
		"ADD":   {{"02 1 * 3 E0", "add r1, r3, r2"}, {"02 1 * 3 E2", "add r1, r3, #2"}},
		"ADDS":  {{"02 1 * 3 E0", "adds r1, r3, r2"}},
		"ADC":   {{"02 1 * 3 E0", "adc r1, r3, r2"}},
		"ADCS":  {{"02 1 * 3 E0", "adcs r1, r3, r2"}},
		"AND":   {{"02 1 * 3 E0", "and r1, r3, r2"}},
		"OR":    {{"02 1 * 3 E1", "orr r1, r3, r2"}},
		"SUB":   {{"02 1 * 3 E0", "sub r1, r3, r2"}, {"02 1 * 3 E2", "sub r1, r3, #2"}},
		"RSUB":  {{"02 1 * 3 E0", "rsb r1, r3, r2"}, {"02 1 * 3 E2", "rsb r1, r3, #2"}},
		"XOR":   {{"02 1 * 3 E0", "eor r1, r3, r2"}},

		"CALL_REG_ALWAYS": {{"31 *", "blx r1"}},
		"RETURN":          {{"1E *", "bx lr"}},
	}
	for name, c := range armv7lConditions {
		for verb, w := range map[string]whole{
			"LOADI8": {"01 2 *", "mov%s r2, #1"},
			"MVNI8":  {"01 2 *", "mvn%s r2, #1"},
			"MVN":    {"01 2 *", "mvn%s r2, r1"},
			"MOVE":   {"01 20 *", "mov%s r2, r1"},
			"PUSH":   {"0100 *", "stmdb%s sp!, {r0}"},
			"POP":    {"0100 *", "ldm%s sp!, {r0}"},
			"JUMP":   {"010000 *", "b%s 0xc"},
			"CALL":   {"010000 *", "bl%s 0xc"},
			"AUX":    {"02 00 51 *", "cmp%s r1, r2"},
			"IMM":    {"02 00 51 *", "cmp%s r1, #2"},
			"ARITH":  {"02 30 81 *", "add%s r3, r1, #2"},
			"ARITH2": {"02 30 81 *", "add%s r3, r1, r2"},
		} {
			wholes[verb+"_"+name] = []whole{{w.digits, fmt.Sprintf(w.want, c)}}
		}
	}
	registers := strings.Fields("r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 sl fp ip sp lr pc")
	names := map[string]string{"BP": "ip", "SP": "sp", "LR": "lr", "PC": "pc"}
	for i, r := range registers {
		names[fmt.Sprintf("R%d", i)] = r
	}
	for name, r := range names {
		wholes[name] = []whole{{"01 * 0A0E3", fmt.Sprintf("mov %s, #1", r)}}
		wholes["{"+name+"}"] = []whole{{"* 2DE9", fmt.Sprintf("stmdb sp!, {%s}", r)}}
	}
	return wholes
}
