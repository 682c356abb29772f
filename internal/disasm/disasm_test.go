package disasm

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/arch/riscv64/riscv64asm"

	"stage0/internal/riscv"
)

const pc = 0x600000

// The texts are from objdump and llvm-mc, in this package's spelling.
var decodeTests = []struct {
	arch, code, text string
	flow             flow
	target           uint64
	immediate        int64
}{
	{"x86", "58", "pop eax", next, 0, 0},
	{"x86", "42", "inc edx", next, 0, 0},
	{"x86", "6A05", "push 5", next, 0, 5},
	{"x86", "CD80", "int 0x80", next, 0, 0x80},
	{"x86", "66B94102", "mov cx, 0x241", next, 0, 0x241},
	{"x86", "97", "xchg edi, eax", next, 0, 0},
	{"x86", "8A01", "mov al, [ecx]", next, 0, 0},
	{"x86", "8B5C2404", "mov ebx, [esp+4]", next, 0, 0},
	{"x86", "8B45FC", "mov eax, [ebp-4]", next, 0, 0},
	{"x86", "83F8FC", "cmp eax, -4", next, 0, -4},
	{"x86", "24DF", "and al, 0xdf", next, 0, 0xDF},
	{"x86", "0FB600", "movzx eax, byte [eax]", next, 0, 0},
	{"x86", "C1E504", "shl ebp, 4", next, 0, 4},
	{"x86", "A349860408", "mov [0x8048649], eax", next, 0, 0},
	{"x86", "8D0C24", "lea ecx, [esp]", next, 0, 0},
	{"x86", "FF20", "jmp dword [eax]", Jump, 0, 0},
	{"x86", "F3A4", "rep movsb", next, 0, 0},
	{"x86", "75FE", "jne 0x600000", branch, pc, 0},
	{"x86", "E9FBFFFFFF", "jmp 0x600000", Jump, pc, 0},
	{"x86", "E800000000", "call 0x600005", Call, pc + 5, 0},
	{"x86", "C3", "ret", Jump, 0, 0},
	{"x86-16", "BC0077", "mov sp, 0x7700", next, 0, 0x7700},
	{"x86-16", "9A6C7C0000", "lcall 0x7c6c", Call, 0x7C6C, 0},
	{"x86-16", "EA007E1000", "ljmp 0x7f00", Jump, 0x7F00, 0},
	{"amd64", "48C7C03C000000", "mov rax, 0x3c", next, 0, 0x3C},
	{"amd64", "49C7C7FFFFFFFF", "mov r15, -1", next, 0, -1},
	{"amd64", "4889D6", "mov rsi, rdx", next, 0, 0},
	{"amd64", "488D1D10000000", "lea rbx, [rip+0x10]", next, 0, 0},
	{"amd64", "448820", "mov [rax], r12b", next, 0, 0},
	{"amd64", "4501D0", "add r8d, r10d", next, 0, 0},
	{"amd64", "0F05", "syscall", next, 0, 0},
	{"amd64", "480FB6C0", "movzx rax, al", next, 0, 0},
	{"amd64", "0F84FAFFFFFF", "je 0x600000", branch, pc, 0},
	{"aarch64", "e10b40f9", "ldr x1, [sp, #16]", next, 0, 0},
	{"aarch64", "408e1ff8", "str x0, [x18, #-8]!", next, 0, 0},
	{"aarch64", "408640f8", "ldr x0, [x18], #8", next, 0, 0},
	{"aarch64", "600c8092", "mov x0, #-0x64", next, 0, -100},
	{"aarch64", "00100e8b", "add x0, x0, x14, lsl #4", next, 0, 0},
	{"aarch64", "41000018", "ldr w1, 0x600008", next, 0, 0},
	{"aarch64", "010000d4", "svc #0", next, 0, 0},
	{"aarch64", "47000094", "bl 0x60011c", Call, pc + 0x11C, 0},
	{"aarch64", "4a000054", "b.ge 0x600008", branch, pc + 8, 0},
	{"aarch64", "a00000b4", "cbz x0, 0x600014", branch, pc + 0x14, 0},
	{"aarch64", "fcffff17", "b 0x5ffff0", Jump, pc - 16, 0},
	{"aarch64", "00021fd6", "br x16", Jump, 0, 0},
	{"aarch64", "00023fd6", "blr x16", Call, 0, 0},
	{"aarch64", "c0035fd6", "ret", Jump, 0, 0},
	{"armv7l", "0100a0e3", "mov r0, #1", next, 0, 1},
	{"armv7l", "0100a0d3", "movle r0, #1", next, 0, 1},
	{"armv7l", "04402de5", "push {r4}", next, 0, 0},
	{"armv7l", "000000ef", "svc 0x00000000", next, 0, 0},
	{"armv7l", "00009fe5", "ldr r0, [pc]", next, 0, 0},
	{"armv7l", "0500000a", "beq 0x60001c", branch, pc + 0x1C, 0},
	{"armv7l", "feffffea", "b 0x600000", Jump, pc, 0},
	{"armv7l", "feffffeb", "bl 0x600000", Call, pc, 0},
	{"armv7l", "0ef0a0e1", "mov pc, lr", Jump, 0, 0},
	{"armv7l", "0ef0a001", "moveq pc, lr", branch, 0, 0},
	{"armv7l", "00f09de4", "ldr pc, [sp], #0", Jump, 0, 0},
	{"armv7l", "1080bde8", "pop {r4, pc}", Jump, 0, 0},
	{"riscv64", "83350101", "ld a1, 16(sp)", next, 0, 0},
	{"riscv64", "13000000", "nop", next, 0, 0},
	{"riscv64", "93088003", "li a7, 56", next, 0, 56},
	{"riscv64", "13090500", "mv s2, a0", next, 0, 0},
	{"riscv64", "638c05fe", "beqz a1, 0x5ff7f8", branch, pc - 2056, 0},
	{"riscv64", "b7120000", "lui t0, 0x1", next, 0, 4096},
	{"riscv64", "6ff0dfff", "j 0x5ffffc", Jump, pc - 4, 0},
	{"riscv64", "ef004000", "jal 0x600004", Call, pc + 4, 0},
	{"riscv64", "67800000", "ret", Jump, 0, 0},
	{"riscv64", "73000000", "ecall", next, 0, 0},
	{"riscv32", "83250101", "lw a1, 16(sp)", next, 0, 0},
}

func TestDecode(t *testing.T) {
	for _, tt := range decodeTests {
		code, _ := hex.DecodeString(tt.code)
		inst, err := Decode(tt.arch, pc, append(code, "more of it"...))
		name := tt.arch + " " + tt.code
		if !assert.NoError(t, err, name) {
			continue
		}
		assert.Equal(t, tt.text, inst.Text(), name)
		assert.Equal(t, len(code), inst.Len, name)
		assert.Equal(t, tt.flow, inst.Flow, name)
		assert.Equal(t, tt.target, inst.Target, name)
		assert.Equal(t, tt.target != 0, inst.HasTarget, name)
		assert.Equal(t, tt.immediate, inst.Immediate, name)
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, tt := range []struct{ arch, code, want string }{
		{"knight-posix", "0100", `no disassembler for architecture "knight-posix"`},
		{"amd64", "60", "60 is not an instruction"},
		{"x86", "E80000", "e8 00 00 is not a whole instruction"},
		{"x86", "", "the code has ended"},
		{"aarch64", "00000000", "00 00 00 00 is not an instruction"},
		{"aarch64", "e10b40", "e1 0b 40 is not a whole instruction"},
		{"armv7l", "ffffffff", "ff ff ff ff is not an instruction"},
		{"riscv64", "01000000", "01 00 00 00 is not an instruction"},
		{"riscv32", "83350101", "83 35 01 01 is not an instruction"}, // ld
		{"riscv32", "13150502", "13 15 05 02 is not an instruction"}, // slli a0, a0, 32
	} {
		code, _ := hex.DecodeString(tt.code)
		_, err := Decode(tt.arch, pc, code)
		assert.EqualError(t, err, tt.want, "%s %s", tt.arch, tt.code)
	}
}

// TestRISCV compares the table with x/arch's, on each row with random operands,
// and on random words.
func TestRISCV(t *testing.T) {
	rows := map[string]bool{}
	for _, row := range riscv.Instructions {
		rows[row.Name] = true
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		for _, row := range riscv.Instructions {
			compareRISCV(t, rows, random.Uint32()&^row.Mask|row.Match)
		}
	}
	for range 50_000 {
		compareRISCV(t, rows, random.Uint32()|3)
	}
}

var xRegister = regexp.MustCompile(`\bx([0-9]+)\b`)

func compareRISCV(t *testing.T, rows map[string]bool, w uint32) {
	code := binary.LittleEndian.AppendUint32(nil, w)
	raw, rawErr := riscv64asm.Decode(code)
	name := strings.ToLower(raw.Op.String())
	if rawErr == nil && !rows[name] {
		rawErr = fmt.Errorf("%s is not of RV64IM", name)
	}
	inst, err := riscvDecoder(64)(0, code)
	if (err == nil) != (rawErr == nil) {
		t.Fatalf("%08x: got %q, %v, want %v, %v", w, inst.Text(), err, raw, rawErr)
	}
	if err != nil || name == "fence" {
		return
	}
	var want []string
	for _, a := range raw.Args {
		if a != nil {
			want = append(want, xRegister.ReplaceAllStringFunc(a.String(), func(x string) string {
				var n int
				fmt.Sscanf(x, "x%d", &n)
				return riscv.Registers[n]
			}))
		}
	}
	if inst.HasTarget {
		inst.Args[len(inst.Args)-1] = fmt.Sprint(int64(inst.Target))
	}
	for i, arg := range want {
		if n, err := strconv.ParseInt(arg, 0, 64); err == nil && name != "lui" && name != "auipc" {
			want[i] = fmt.Sprint(n)
		}
	}
	require.Equal(t, name, inst.Op, "%08x", w)
	require.Equal(t, want, inst.Args, "%08x", w)
	// RV32 has the same encodings, for the instructions that it has.
	if narrow, err := riscvDecoder(32)(0, code); err == nil {
		require.Equal(t, inst.Op, narrow.Op, "%08x", w)
		require.Len(t, narrow.Args, len(inst.Args), "%08x", w)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x48\xC7\xC0\x3C\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, code []byte) {
		for arch := range decoders {
			inst, err := Decode(arch, pc, code)
			if err != nil {
				continue
			}
			assert.Positive(t, inst.Len)
			assert.LessOrEqual(t, inst.Len, len(code))
			assert.NotEmpty(t, inst.Mnemonic)
			assert.NotEmpty(t, inst.Op)
		}
	})
}
