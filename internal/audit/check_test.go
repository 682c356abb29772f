package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/audit"
	"stage0/source"
)

// The header of a program for x86 at 0x08048000 with one segment of 0x58 bytes.
// The entry point is right after the headers.
const header = `7F 45 4C 46 01 01 01 00 00 00 00 00 00 00 00 00
02 00 03 00 01 00 00 00 54 80 04 08 34 00 00 00 00 00 00 00 00 00 00 00
34 00 20 00 01 00 00 00 00 00 00 00
01 00 00 00 00 00 00 00 00 80 04 08 00 80 04 08 58 00 00 00 58 00 00 00 05 00 00 00 00 10 00 00
`

var findingTests = []struct {
	name string // of the file
	text string
	with string
	want string // all findings, without the file's name
}{
	// instruction: x86
	{name: "x86.hex0", text: "58 ; pop_eax # why\n"},
	{name: "x86.hex0", text: "58 ; pop_ebx\n", want: `1:6: error: the comment says "pop_ebx", but 58 is "pop eax" [instruction]`},
	{name: "x86.hex0", text: "3C 23 # cmp_al, !35\n"},
	{name: "x86.hex0", text: "3C 23 # cmp_al, !36\n", want: `1:9: error: the comment says "cmp_al, !36", but 3C 23 is "cmp al, 0x23" [instruction]`},
	{name: "x86.hex0", text: "83 F8 FC # cmp_eax, !-4\n"},
	{name: "x86.hex0", text: "24 DF # and_al, !0xDF\n"},
	{name: "x86.hex0", text: "66 B9 41 02 # mov_cx, @577\n"},
	{name: "x86.hex0", text: "8B5C24 04 # mov_ebx,[esp+BYTE] !4\n"},
	{name: "x86.hex0", text: "8B5C24 04 # mov_ebx,[esp+BYTE] !8\n", want: `1:13: error: the comment says "mov_ebx,[esp+BYTE] !8", but 8B 5C 24 04 is "mov ebx, [esp+4]" [instruction]`},
	{name: "x86.hex0", text: "8B5C24 04 # mov ebx, [esp+4]\n"},
	{name: "x86.hex0", text: "8B5C24 04 # mov 0x4(%esp),%ebx\n"},
	{name: "x86.hex0", text: "8B5C24 04 # mov 0x4(%ebx),%esp\n", want: `1:13: error: the comment says "mov 0x4(%ebx),%esp", but 8B 5C 24 04 is "mov ebx, [esp+4]" [instruction]`},
	{name: "x86.hex0", text: "39 D9 # cmp_ebx,ecx\n", want: `1:9: error: the comment says "cmp_ebx,ecx", but 39 D9 is "cmp ecx, ebx" [instruction]`},
	{name: "x86.hex0", text: "93 # xchg_eax,ebx\n"},
	{name: "x86.hex0", text: "D1 E8 # shr_eax\n"},
	{name: "x86.hex0", text: "6B C0 0A # imul_eax, !10\n"},
	{name: "x86.hex0", text: "0F94C0 # setz_al\n"},
	{name: "x86.hex0", text: "BA 01000000 # LOADI32_EDX %1\n"},
	{name: "x86.hex0", text: "BA 01000000 # LOADI32_EDX %2\n", want: `1:15: error: the comment says "LOADI32_EDX %2", but BA 01 00 00 00 is "mov edx, 1" [instruction]`},
	{name: "x86.hex0", text: "21 D8 # and so on\n"}, // not an instruction
	{name: "x86.hex0", text: "58 5B # pop_eax\n", want: `1:9: error: the comment says "pop_eax", which is 58; 5B follows [instruction]`},
	{name: "x86.hex0", text: "# :loop\n58 # pop_eax\nEB FD # jmp !loop\n"},
	{name: "x86.hex0", text: "# :loop\n58 # pop_eax\nEB FE # jmp !loop\n", want: `3:9: error: the comment says "jmp !loop", but EB FE is "jmp 0x1" [instruction]`},
	{name: "amd64.hex0", text: "48C7C0 3C000000 ; mov_rax, %60\n"},
	{name: "amd64.hex0", text: "B8 3C000000 ; mov_rax, %60\n", want: `1:15: error: the comment says "mov_rax, %60", but B8 3C 00 00 00 is "mov eax, 0x3c" [instruction]`},
	{name: "amd64.hex2", text: "488D35 %text ; lea_rsi,[rip+DWORD] %text\nC3 ; ret\n:text\n00 ; end\n"},
	{name: "amd64.hex2", text: "488D35 %other ; lea_rsi,[rip+DWORD] %text\nC3 ; ret\n:text\n00\n:other\n00\n", want: `1:17: error: the comment says "lea_rsi,[rip+DWORD] %text", but 48 8D 35 02 00 00 00 is "lea rsi, [rip+2]" [instruction]`},
	{name: "amd64.hex1", text: "E8 %f # call %first\n:f # first\nC3 # ret\n"},
	{name: "amd64.hex1", text: "E8 %g # call %first\n:f # first\nC3 # ret\n:g # second\nC3 # ret\n", want: `1:9: error: the comment says "call %first", but E8 01 00 00 00 is "call 0x6, second" [instruction]`},

	{name: "x86.hex0", text: "8B 04 8B # mov_eax,[ebx+ecx*4]\n"},
	{name: "x86.hex0", text: "8B 04 CB # mov_eax,[ebx+ecx*4]\n", want: `1:12: error: the comment says "mov_eax,[ebx+ecx*4]", but 8B 04 CB is "mov eax, [ebx+ecx*8]" [instruction]`},
	{name: "amd64.hex0", text: "48 83 F8 0A # cmp_rax, !10\n"},
	{name: "amd64.hex0", text: "48 83 F8 0A # cmp_rax, %10\n", want: `1:15: warning: the comment says "cmp_rax, %10", but 48 83 F8 0A does not end in 10 in 4 bytes [size]`},

	// instruction: aarch64
	{name: "aarch64.hex0", text: "080780D2 ; SET_X8_TO_SYS_OPENAT\n"},
	{name: "aarch64.hex0", text: "080780D2 ; SET_X8_TO_SYS_READ\n", want: `1:12: error: the comment says "SET_X8_TO_SYS_READ", but 08 07 80 D2 is "mov x8, #0x38" [instruction]`},
	{name: "aarch64.hex0", text: "1F1000B1 ; CMP_X0_TO_MINUS_4\n"},
	{name: "aarch64.hex0", text: "FE0F1FF8 ; PUSH_LR\n"},
	{name: "aarch64.hex0", text: "00007091 ; ADD_X0_X0_12MB\n"},
	{name: "aarch64.hex0", text: "41000018 ; LOAD_W1_AHEAD\n02000014 ; SKIP_32_DATA\n00000000 ; data\n"},
	{name: "aarch64.hex0", text: "40000098 ; LOAD_W0_AHEAD\n", want: `1:12: error: the comment says "LOAD_W0_AHEAD", but 40 00 00 98 is "ldrsw x0, 0x8" [instruction]`},
	{name: "aarch64.hex2", text: ":f\n^~f 94 # ^~f CALL\n"},
	{name: "aarch64.hex0", text: "43000035 # cbnz w3, 00000008\n"},

	{name: "aarch64.hex0", text: "00008012 ; SET_W0_TO_MINUS_1\n"},
	{name: "aarch64.hex0", text: "200080D2 ; SET_X0_TO_MINUS_1\n", want: `1:12: error: the comment says "SET_X0_TO_MINUS_1", but 20 00 80 D2 is "mov x0, #1" [instruction]`},

	// instruction: riscv
	{name: "riscv64.hex0", text: "83350101 # rd_a1 rs1_sp !16 ld ; name\n"},
	{name: "riscv64.hex0", text: "83350101 # rd_a1 rs1_sp !24 ld ; name\n", want: `1:12: error: the comment says "rd_a1 rs1_sp !24 ld", but 83 35 01 01 is "ld a1, 16(sp)" [instruction]`},
	{name: "riscv64.hex0", text: "13054000 # rd_a0 rs1_a0 mv\n", want: `1:12: error: the comment says "rd_a0 rs1_a0 mv", but 13 05 40 00 is "li a0, 4" [instruction]`},
	{name: "riscv64.hex0", text: "13061024 # rd_a2 !01101 addi\n"},
	{name: "riscv64.hex2", text: ":loop\n# rs1_a0 @loop bnez ; again\n.00000500 @loop 63100000\n"},
	{name: "riscv64.hex2", text: ":loop\n# rs1_a1 @loop bnez ; again\n.00000500 @loop 63100000\n", want: `3:1: error: the comment says "rs1_a1 @loop bnez", but 63 10 05 00 is "bnez a0, 0x0, loop" [instruction]`},
	{name: "riscv32.M1", with: "DEFINE rs1_a0 .00000500 DEFINE beqz 63000000", text: "rs1_a0 $there beqz\n:there\n", want: `1:1: error: the comment says "rs1_a0 $there beqz", but 63 00 45 00 is "beq a0, tp, 0x0" [instruction]`},

	{name: "riscv64.hex2", text: ".80050000 ~x 17000000 # auipc a1, x\n.80050000 .00800500 !x 13000000 # addi a1, a1, x\n67800000 # ret\n:x\n"},
	{name: "riscv64.hex2", text: ".80050000 ~x 17000000 # auipc a1, y\n.80050000 .00800500 !x 13000000 # addi a1, a1, y\n:y\n67800000 # ret\n:x\n", want: `2:35: error: the comment says "addi a1, a1, y", but 93 85 C5 00 is "addi a1, a1, 12" [instruction]`},

	// instruction: armv7l, and 16-bit code
	{name: "armv7l.M1", with: "DEFINE R0 0 DEFINE LOADI8_ALWAYS 0A0E3", text: "!1 R0 LOADI8_ALWAYS ; MOV R0,#1.\n"},
	{name: "armv7l.M1", with: "DEFINE R0 0 DEFINE LOADI8_ALWAYS 0A0E3", text: "!1 R0 LOADI8_ALWAYS ; MOV R0,#2\n", want: `1:23: error: the comment says "MOV R0,#2", but 01 00 A0 E3 is "mov r0, #1" [instruction]`},
	{name: "boot.hex0", text: "BC 00 77 # mov sp, 0x7700\n#[7C04]\nF4 # hlt\n" + strings.Repeat("00 ", 506) + "55 AA\n", want: `2:3: error: the comment says that this is at 0x7c04, but it is at 0x7c03 [address]`},

	// address
	{name: "x86.hex0", text: "# :start ; (0x0)\n58 # pop_eax\n# :start2 ; (0x2)\n", want: "1:4: note: nothing refers to label \"start\" [label]\n3:4: note: nothing refers to label \"start2\" [label]\n3:16: error: the comment says that start2 is at 0x2, but it is at 0x1 [address]"},
	{name: "x86.hex0", text: "58 # 00000001  pop_eax\n", want: `1:6: error: the comment says that the address is 00000001, but it is 00000000 [address]`},
	{name: "x86.hex0", text: "EB 00 # jmp 00000002\n# 1 bytes on from 00000002\n", want: `2:3: error: the comment says that the target is 1 bytes from 0x2, but it is 0 [address]`},
	{name: "riscv64.hex0", text: "6F00C000 # $away jal\n# +8B\n", want: `2:3: error: the comment says that the target is 8 bytes from 0x0, but it is 12 [address]`},

	// bytes
	{name: "aarch64.hex0", text: "02 00 80 D2 # 00000000  D2800003  mov x2, 0\n", want: `1:25: error: the comment says D2800003, but the bytes are D2800002 [bytes]`},
	{name: "x86.hex0", text: "68 69 0A # \"hi\" and a line feed\n"},
	{name: "x86.hex0", text: "68 6A 0A # \"hi\" and a line feed\n", want: `1:12: error: the comment says "hi", but the bytes are "hj\n" [bytes]`},
	{name: "x86.hex0", text: "68 69 0A 00 # \"hi\"\n"},
	{name: "x86.hex0", text: "68 69 0B # \"hi\"\n", want: `1:12: error: the comment says "hi", but the bytes are "hi\v" [bytes]`},
	{name: "x86.hex0", text: "01000000 # &hi\n# :hi\n", want: `1:12: error: the comment says &hi, which is at 0x4, but the bytes are 0x1 [address]`},
	{name: "x86.hex0", text: "04000000 # &hi DATA_OFFSET\n# :hi\n"},
	{name: "x86.hex2", text: "00 11 # 00 11 | bytes\n"},
	{name: "x86.hex2", text: "00 11 # 00 12 | bytes\n", want: `1:9: error: the comment says 00 12, but the bytes are 00 11 [bytes]`},

	// field and elf
	{name: "elf.hex0", text: header + "EB FE 00 00 # jmp 08048054\n", want: `5:15: error: the comment says "jmp 08048054", which is EB FE; 00 00 follows [instruction]`},
	{name: "elf.hex0", text: header + "90 EB FD 00\n"},
	{name: "elf.hex0", text: header + "90 90 EB FC 90\n", want: `4:1: error: p_filesz is 88, and the file has 89 bytes [elf]`},
	{name: "elf.hex0", text: header + "# :_start\n# :x\nEB FE\n# :y\n00 00\n", want: `8:4: note: nothing refers to label "y" [label]`},
	{name: "elf.hex0", text: strings.Replace(header, "54 80", "55 80", 1) + "90 90\n# :_start\nEB FE\n", want: `2:1: error: e_entry is 0x8048055, and _start 0x8048056 [elf]`},
	{name: "elf.hex0", text: strings.Replace(header, "54 80", "54 90", 1) + "EB FE 00 00\n", want: `2:1: error: e_entry is 0x8049054, which is not in the file [elf]`},
	{name: "elf.hex0", text: strings.Replace(header, "03 00", "3E 00", 1) + "EB FE 00 00\n", want: `2:1: error: e_machine is 0x3e, which is of no architecture here, with EI_CLASS 1 [elf]`},
	{name: "x86/elf.hex0", text: strings.Replace(header, "03 00", "3E 00", 1) + "EB FE 00 00\n", want: `2:1: error: e_machine is 0x3e, expected 0x3 [elf]`},
	{name: "elf.hex0", text: strings.Replace(header, "34 00 20", "35 00 20", 1) + "EB FE 00 00\n", want: `3:1: error: e_ehsize is 0x35, expected 0x34 [elf]`},
	{name: "elf.hex0", text: strings.Replace(header, "05 00 00 00", "06 00 00 00", 1) + "EB FE 00 00\n", want: `4:1: error: p_flags is 6, expected execution (1) allowed [elf]`},
	{name: "elf.hex0", text: strings.Replace(header, "00 00 00 00 34 00", "00 00 00 00 # e_flags\n34 00 # e_ehsize\n", 1) + "EB FE 00 00\n"},
	{name: "elf.hex0", text: strings.Replace(header, "02 00 03 00", "02 00 # e_machine\n03 00 # e_type Set at 3\n", 1) + "EB FE 00 00\n",
		want: "2:9: error: the comment says e_machine, which is the 2 bytes at 0x8048012, but these are 2 at 0x8048010 [field]\n3:9: error: the comment says e_type, which is the 2 bytes at 0x8048010, but these are 2 at 0x8048012 [field]"},
	{name: "elf.hex0", text: strings.Replace(header, "02 00 03 00", "02 00 # e_type = 3\n03 00 # e_machine  3: x86\n", 1) + "EB FE 00 00\n",
		want: "2:18: error: the comment says that e_type is 3, but it is 2 [field]"},

	{name: "elf.hex0", text: strings.Replace(header, "58 00 00 00 58 00 00 00", "\n58 00 00 00 # p_filesz\n58 00 00 00 # p_memsz  as many in memory\n", 1) + "EB FE 00 00\n"},
	{name: "elf.hex0", text: strings.Replace(header, "58 00 00 00 58 00 00 00", "\n58 00 00 00 # p_filesz\n59 00 00 00 # p_memsz  as many in memory\n", 1) + "EB FE 00 00\n",
		want: "6:1: note: p_memsz is 89, and p_filesz 88 [elf]\n6:24: error: the comment says that p_memsz is the same as the field before, 88, but it is 89 [field]"},

	// define and unknown
	{name: "x86.M1", text: "DEFINE mov_eax, B8\nmov_eax, %1\n"},
	{name: "x86.M1", text: "DEFINE mov_eax, B9\nmov_eax, %1\n", want: `1:8: error: mov_eax, is B9, which is "mov ecx, 0" [define]`},
	{name: "x86.M1", text: "DEFINE lea_eax,[ebp+DWORD] 8D85\n"},
	{name: "x86.M1", text: "DEFINE lea_eax,[ebp+DWORD] 8D45\n", want: `1:8: error: lea_eax,[ebp+DWORD] is 8D 45, after which come 1 byte, and not 4 [define]`},
	{name: "x86.M1", text: "DEFINE lea____0x8(%ebp),%eax 8d45\nDEFINE add_eax,BYTE 83C0\nDEFINE movzx_eax,BYTE_PTR_[eax] 0FB600\n"},
	{name: "x86.M1", text: "DEFINE movzx_eax,BYTE_PTR_[eax] 0FB700\n", want: `1:8: error: movzx_eax,BYTE_PTR_[eax] is 0F B7 00, which is "movzx eax, word [eax]" [define]`},
	{name: "x86.M1", text: "DEFINE sal_eax, C1E0\nDEFINE shl_eax, D1E0\n", want: `2:8: error: shl_eax, is D1 E0, after which comes nothing [define]`},
	{name: "x86.M1", text: "DEFINE ret C390\n", want: `1:8: error: ret is C3 90, which is "ret" and more [define]`},
	{name: "x86.M1", text: "DEFINE pop_eax 0F0B0F\nDEFINE NULL 00000001\n", want: "1:8: error: pop_eax is 0F 0B 0F, which is \"ud2\" and more [define]\n2:8: error: NULL is 00 00 00 01, expected zeros [define]"},
	{name: "x86.M1", text: "DEFINE ret C3\nDEFINE ret c3\n"},
	{name: "x86.M1", text: "DEFINE nop 90\nDEFINE nop 6690\n", want: `2:8: warning: nop is 90 before, and 6690 here [define]`},
	{name: "amd64.M1", text: "DEFINE mov____%eax,%ebx 89c3\nDEFINE cmp_rax, 06\n", want: `2:8: error: cmp_rax, is 06, which is not an instruction [define]`},
	{name: "aarch64.M1", text: "DEFINE RBRANCH 17 DEFINE CALL 94\n"},
	{name: "aarch64.M1", text: "DEFINE CALL 95\nDEFINE BRANCH 94\n", want: `2:8: error: BRANCH is 94, which is "bl 0x0" [define]`},
	{name: "riscv64.M1", text: "DEFINE rd_a0 .00050000\nDEFINE rs2_x17 .00001001\nDEFINE mv 13000000\n"},
	{name: "riscv64.M1", text: "DEFINE rd_a0 .00060000\nDEFINE ret 67000000\n", want: "1:8: error: rd_a0 is 00 06 00 00, expected 00 05 00 00 [define]\n2:8: error: ret is 67 00 00 00, expected 67 80 00 00 [define]"},
	{name: "x86.M1", text: "DEFINE SUB_Immediate8_From_esp 83EC\nDEFINE ADD_To_ebp_offset8_Immediate8 8345\nDEFINE PUSH_ebp_offset8 FF75\nDEFINE LOAD8_eax_From_eax_pointer 0FB600\n"},
	{name: "x86.M1", text: "DEFINE SUB_Immediate8_From_esp 83C4\n", want: `1:8: error: SUB_Immediate8_From_esp is 83 C4, which is "add esp, 0" [define]`},
	{name: "x86.M1", text: "DEFINE ADD_To_ebp_offset8_Immediate8 8145\n", want: `1:8: error: ADD_To_ebp_offset8_Immediate8 is 81 45, after which come 5 bytes, and not 2 [define]`},
	{name: "x86.M1", text: "DEFINE STORE_To_ebp_offset8_Immediate32 8945\n", want: `1:8: error: STORE_To_ebp_offset8_Immediate32 is 89 45, after which come 1 byte, and not 5 [define]`},
	{name: "x86.M1", text: "DEFINE STORE_eax_To_ebp_offset8 8B45\n", want: `1:8: error: STORE_eax_To_ebp_offset8 is 8B 45, which is "mov eax, [ebp]" [define]`},
	{name: "x86.M1", text: "DEFINE LOAD_ebx_From_ebp_offset8 8B85\n", want: `1:8: error: LOAD_ebx_From_ebp_offset8 is 8B 85, which is "mov eax, [ebp]" [define]`},
	{name: "knight.M1", text: "DEFINE ADD.CI 0100\nDEFINE ADD 05000\nDEFINE NEG 090000\nDEFINE RET 0d01001\nDEFINE SET.G E10000\nDEFINE JUMP.C E0002C0\nDEFINE JUMP 3C00\nDEFINE NOP 00000000\nDEFINE HALT FFFFFFFF\nDEFINE R12 C\nDEFINE SYS_EXIT 4200003C\nDEFINE FGETC 42100100\nDEFINE NULL 00000000\n"},
	{name: "knight.M1", text: "DEFINE ADD.CI 0101\nDEFINE R12 B\nDEFINE SYS_EXIT 42000001\nDEFINE JUMP 3C000\nDEFINE HALT FF000000\n", want: `1:8: error: ADD.CI is 0101, expected 0100 [define]
2:8: error: R12 is B, expected C [define]
3:8: error: SYS_EXIT is 42000001, expected 4200003C [define]
4:8: error: JUMP is 3C000, expected 3C00 [define]
5:8: error: HALT is FF000000, expected FFFFFFFF [define]`},
	{name: "armv7l.M1", text: "DEFINE R12 C\nDEFINE LR E\nDEFINE {R8} 0001\nDEFINE LOADI8_HS 0A023\nDEFINE LOAD 0D\nDEFINE LOADU8 00\nDEFINE MUL 0\nDEFINE CMPI8 005\nDEFINE RETURN FF2FE1\nDEFINE ARITH_RIGHT 5\nDEFINE ARITH_LT B2\n"},
	{name: "armv7l.M1", text: "DEFINE R12 B\nDEFINE {R8} 0100\nDEFINE LOADI8_HS 0A033\nDEFINE LOAD 09\nDEFINE LOADU8 0\nDEFINE MEMORY EF\nDEFINE ARITH_LT BF\nDEFINE SYSCALL_ALWAYS 000000EA\nDEFINE MUL X\nDEFINE SHIFT FF\n", want: `1:8: error: R12 is B, with which 01 B0 A0 E3 is "mov fp, #1", expected "mov ip, #1" [define]
2:8: error: {R8} is 0100, with which 01 00 2D E9 is "stmdb sp!, {r0}", expected "stmdb sp!, {r8}" [define]
3:8: error: LOADI8_HS is 0A033, with which 01 20 A0 33 is "movcc r2, #1", expected "movcs r2, #1" [define]
4:8: error: LOAD is 09, with which 00 20 91 E5 is "ldr r2, [r1]", expected "ldrb r2, [r1]" [define]
5:8: error: LOADU8 is 0, expected 2 digits [define]
6:8: error: MEMORY is EF, with which 00 20 91 EF is "svc 0x00912000", expected "ldr r2, [r1]" [define]
7:8: error: ARITH_LT is BF, with which 02 30 81 BF is "svclt 0x00813002", expected "addlt r3, r1, #2" [define]
8:8: error: SYSCALL_ALWAYS is 00 00 00 EA, which is "b 0x8" [define]
10:8: error: SHIFT is FF, with which 12 34 FF E1 is "mvns r3, r2, lsl r4", expected "lsl r3, r2, r4" [define]`},
	{name: "x86.M1", text: "mov_eax, %1\n", want: `1:1: error: "mov_eax," is not a macro, label, string or number here [unknown]`},

	// code, unreached
	{name: "amd64.hex0", text: "60 # pop_rax\n", want: `1:1: error: 60 is not an instruction, and the processor gets here [code]`},
	{name: "x86.hex0", text: "75 02 # jne .+4\n74 00 # je .+2\n0F 04\n", want: `3:1: error: 0F 04 is not an instruction, and the processor gets here [code]`}, // once
	{name: "x86.hex0", text: "EB 01 # jmp 00000003\n58 # pop_eax\nC3 # ret\n", want: `2:1: warning: nothing leads to this instruction [unreached]`},
	{name: "x86.hex0", text: "B8 01 00 00 # mov_eax, %1\n00 58 # pop_eax\n", want: `2:1: error: an instruction before reaches into these bytes [code]`},
	{name: "x86.hex0", text: "B8 01000000 # mov_eax, %1\nCD 80 # int !0x80\n58 # pop_eax\n", want: `3:1: warning: nothing leads to this instruction [unreached]`},

	{name: "amd64.hex2", text: "0F 05 # syscall\n:_end\n60 60\n"}, // the call does not return

	// label, undefined
	{name: "x86.hex2", text: ":a#b\nEB !a#b\n"},
	{name: "x86.hex2", text: ":a\n58 # pop_eax\n:b\nEB !b # jmp !b\n", want: `1:1: note: nothing refers to label "a" [label]`},
	{name: "x86.hex2", with: "E8 %a", text: ":a\n58 # pop_eax\n"},
	{name: "x86.hex2", text: ":a\nEB !a\n:a\nEB !a\n", want: `3:1: warning: label "a" is defined again [label]`},
	{name: "x86.hex2", text: "E8 %a # call %a\nE9 %a # jmp %a\n", want: `1:4: note: label "a" is not defined here [undefined]`},
	{name: "x86.hex2", with: ":a", text: "E8 %a # call %a\n"},
	{name: "x86.hex1", text: "E8 %a # call %a\n", want: `1:4: error: label "a" is not defined here [undefined]`},

	// hidden
	{name: "x86.hex0", text: "58 # \u202Expe_pop\u202C\n", want: `1:6: error: U+202E RIGHT-TO-LEFT OVERRIDE in a comment: what you see is not what is there [hidden]`},
	{name: "x86.hex0", text: "\n#\u0085\n", want: `2:2: error: U+0085 NEXT LINE in a comment: what you see is not what is there [hidden]`},
	{name: "x86.hex2", text: "58 ; \x1b[2K93 # pop_eax\n", want: `1:6: error: U+001B ESCAPE in a comment: what you see is not what is there [hidden]`},
	{name: "x86.hex2", text: ":a\u200B\nEB !a\u200B # jmp\u200B\n", want: "1:3: error: U+200B ZERO WIDTH SPACE in the code: what you see is not what is there [hidden]\n2:6: error: U+200B ZERO WIDTH SPACE in the code: what you see is not what is there [hidden]"},
	{name: "x86.M1", text: "'58' # pop_eax\u2066\n", want: `1:15: error: U+2066 LEFT-TO-RIGHT ISOLATE in a comment: what you see is not what is there [hidden]`},
	{name: "x86.M1", text: "\"a\u202Eb\"\n", want: `1:3: error: U+202E RIGHT-TO-LEFT OVERRIDE in the code: what you see is not what is there [hidden]`},
	{name: "x86.hex0", text: "58 #\t5B\r93\r\n", want: `1:8: error: U+000D CARRIAGE RETURN in a comment: what you see is not what is there [hidden]`},
	{name: "x86.hex0", text: "58 # Grüße, 漢字\u00a0\xe9\r\n"}, // unusual, but visible

	// text
	{name: "x86.hex0", text: "58 5\n", want: `1:4: warning: the last digit has no partner; dropped [text]`},
	{name: "x86.hex2", text: "5x8\n", want: `1:2: warning: "x" means nothing; it is skipped [text]`},
}

// TestBase wants no address for pointers whose address the assembler does not
// know.
func TestBase(t *testing.T) {
	_, err := audit.File(source.String("x86.hex2", ":a &a\n"), audit.Options{Base: 1 << 32})
	assert.EqualError(t, err, "x86.hex2: base address 0x100000000 does not fit in 32 bits, as the assembler has it")
}

func TestFindings(t *testing.T) {
	for _, tt := range findingTests {
		var opt audit.Options
		if tt.with != "" {
			opt.With = []source.Source{source.String("with", tt.with+"\n")}
		}
		l, err := audit.File(source.String(tt.name, tt.text), opt)
		if err != nil {
			t.Errorf("%s %q: %v", tt.name, tt.text, err)
			continue
		}
		var got []string
		for _, f := range l.Findings(audit.Note) {
			got = append(got, strings.TrimPrefix(f.String(), tt.name+":"))
		}
		if s := strings.Join(got, "\n"); s != tt.want {
			t.Errorf("%s %q:\ngot  %s\nwant %s", tt.name, tt.text, s, tt.want)
		}
	}
}
