package disasm

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// x86Flows has the instructions after which the processor may not continue with
// the next one.
var x86Flows = map[x86asm.Op]flow{
	x86asm.CALL: Call, x86asm.LCALL: Call,
	x86asm.JMP: Jump, x86asm.LJMP: Jump, x86asm.RET: Jump, x86asm.LRET: Jump,
	x86asm.IRET: Jump, x86asm.IRETD: Jump, x86asm.IRETQ: Jump,
	x86asm.UD1: Jump, x86asm.UD2: Jump,
	x86asm.JA: branch, x86asm.JAE: branch, x86asm.JB: branch, x86asm.JBE: branch,
	x86asm.JE: branch, x86asm.JNE: branch, x86asm.JG: branch, x86asm.JGE: branch,
	x86asm.JL: branch, x86asm.JLE: branch, x86asm.JO: branch, x86asm.JNO: branch,
	x86asm.JP: branch, x86asm.JNP: branch, x86asm.JS: branch, x86asm.JNS: branch,
	x86asm.JCXZ: branch, x86asm.JECXZ: branch, x86asm.JRCXZ: branch,
	x86asm.LOOP: branch, x86asm.LOOPE: branch, x86asm.LOOPNE: branch,
}

// x86Strings has the string instructions. Their operands are always the same
// registers, and are not written.
var x86Strings = []x86asm.Op{
	x86asm.MOVSB, x86asm.MOVSW, x86asm.MOVSD, x86asm.MOVSQ,
	x86asm.CMPSB, x86asm.CMPSW, x86asm.CMPSD, x86asm.CMPSQ,
	x86asm.STOSB, x86asm.STOSW, x86asm.STOSD, x86asm.STOSQ,
	x86asm.LODSB, x86asm.LODSW, x86asm.LODSD, x86asm.LODSQ,
	x86asm.SCASB, x86asm.SCASW, x86asm.SCASD, x86asm.SCASQ,
}

// x86Prefixes has the prefixes that are written. The others are visible in an
// operand, or have no effect.
var x86Prefixes = map[x86asm.Prefix]string{
	x86asm.PrefixLOCK: "lock ",
	x86asm.PrefixREP:  "rep ",
	x86asm.PrefixREPN: "repne ",
}

var x86Sizes = map[int]string{1: "byte ", 2: "word ", 4: "dword ", 8: "qword "}

// x86Longest is the maximum length of an instruction in bytes.
const x86Longest = 15

// x86 returns the decoder for code of mode bits.
func x86(mode int) decoder {
	return func(pc uint64, code []byte) (Inst, error) {
		code = code[:min(len(code), x86Longest)]
		raw, err := x86asm.Decode(code, mode)
		if err != nil || raw.Op == 0 {
			more, err := x86asm.Decode(append(slices.Clip(code), make([]byte, x86Longest)...), mode)
			return Inst{}, codeError{code, err == nil && more.Len > len(code)}
		}
		inst := Inst{Len: raw.Len, Mnemonic: x86Mnemonic(raw), Flow: x86Flows[raw.Op]}
		if slices.Contains(x86Strings, raw.Op) {
			return inst, nil
		}
		sized := x86Sized(raw)
		if target, ok := farTarget(raw); ok {
			inst.HasTarget, inst.Target = true, target
			inst.Operands = []string{absolute(target)}
			return inst, nil
		}
		for _, arg := range raw.Args {
			switch a := arg.(type) {
			case nil:
				continue
			case x86asm.Rel:
				inst.HasTarget = true
				inst.Target = pc + uint64(raw.Len) + uint64(int64(a))
				if mode < 64 {
					inst.Target &= 1<<mode - 1
				}
				inst.Operands = append(inst.Operands, absolute(inst.Target))
			case x86asm.Imm:
				inst.HasImmediate, inst.Immediate = true, int64(a)
				inst.Operands = append(inst.Operands, number(int64(a)))
			case x86asm.Mem:
				size := x86Sizes[raw.MemBytes]
				if sized {
					size = ""
				}
				inst.Operands = append(inst.Operands, size+x86Memory(a))
			default:
				inst.Operands = append(inst.Operands, x86Register(a.String()))
			}
		}
		return inst, nil
	}
}

// x86Sized reports whether a register implies the size of the memory operand,
// or the size does not matter.
func x86Sized(raw x86asm.Inst) bool {
	switch {
	case raw.Op == x86asm.LEA:
		return true
	case raw.Op == x86asm.MOVZX, raw.Op == x86asm.MOVSX, raw.Op == x86asm.MOVSXD, x86Shifts[raw.Op]:
		return false
	}
	return slices.ContainsFunc(raw.Args[:], func(a x86asm.Arg) bool { _, ok := a.(x86asm.Reg); return ok })
}

// farTarget returns the target address of a far call or jump in 16-bit code, if
// its segment and offset are in the instruction.
func farTarget(raw x86asm.Inst) (uint64, bool) {
	if raw.Mode != 16 || raw.Op != x86asm.LCALL && raw.Op != x86asm.LJMP {
		return 0, false
	}
	segment, ok := raw.Args[0].(x86asm.Imm)
	offset, known := raw.Args[1].(x86asm.Imm)
	return uint64(uint16(segment))<<4 + uint64(uint16(offset)), ok && known
}

// x86Shifts has the instructions whose register operand, cl, does not imply the
// size of the other operand.
var x86Shifts = map[x86asm.Op]bool{
	x86asm.SHL: true, x86asm.SHR: true, x86asm.SAR: true, x86asm.ROL: true,
	x86asm.ROR: true, x86asm.RCL: true, x86asm.RCR: true,
}

func x86Mnemonic(raw x86asm.Inst) string {
	var b strings.Builder
	for _, p := range raw.Prefix {
		if p == 0 {
			break
		}
		if p&(x86asm.PrefixImplicit|x86asm.PrefixIgnored) == 0 {
			b.WriteString(x86Prefixes[p])
		}
	}
	b.WriteString(strings.ToLower(raw.Op.String()))
	return b.String()
}

func x86Memory(m x86asm.Mem) string {
	var b strings.Builder
	if m.Segment == x86asm.FS || m.Segment == x86asm.GS || m.Segment == x86asm.CS || m.Segment == x86asm.ES && m.Base != 0 {
		b.WriteString(x86Register(m.Segment.String()) + ":")
	}
	b.WriteByte('[')
	if m.Base != 0 {
		b.WriteString(x86Register(m.Base.String()))
	}
	if m.Index != 0 && m.Scale != 0 {
		if m.Base != 0 {
			b.WriteByte('+')
		}
		b.WriteString(x86Register(m.Index.String()))
		if m.Scale > 1 {
			fmt.Fprintf(&b, "*%d", m.Scale)
		}
	}
	switch {
	case m.Base == 0 && m.Index == 0:
		fmt.Fprintf(&b, "%#x", uint64(m.Disp))
	case m.Disp > 0:
		b.WriteString("+" + number(m.Disp))
	case m.Disp < 0:
		b.WriteString(number(m.Disp))
	}
	b.WriteByte(']')
	return b.String()
}

// x86Register returns the usual name of a register. x/arch says r8l for r8d.
func x86Register(name string) string {
	name = strings.ToLower(name)
	if quad, ok := strings.CutSuffix(name, "l"); ok && strings.HasPrefix(name, "r") && len(quad) > 1 && quad[1] >= '0' && quad[1] <= '9' {
		return quad + "d"
	}
	return name
}
