package disasm

import (
	"slices"
	"strings"

	"stage0/internal/lazyregexp"

	"golang.org/x/arch/arm/armasm"
	"golang.org/x/arch/arm64/arm64asm"
)

// aarch64Flows has the instructions after which the processor may not continue
// with the next one. B with a condition is a Branch.
var aarch64Flows = map[arm64asm.Op]flow{
	arm64asm.BL: Call, arm64asm.BLR: Call,
	arm64asm.B: Jump, arm64asm.BR: Jump, arm64asm.RET: Jump, arm64asm.ERET: Jump,
	arm64asm.CBZ: branch, arm64asm.CBNZ: branch, arm64asm.TBZ: branch, arm64asm.TBNZ: branch,
}

// spaced puts a space after each comma of x/arch's output, in memory operands
// too.
var spaced = strings.NewReplacer(", ", ", ", ",", ", ")

// digit is a number below 10 in hex.
var digit = lazyregexp.New(`#0x([0-9])\b`)

func aarch64(pc uint64, code []byte) (Inst, error) {
	if _, err := word(code); err != nil {
		return Inst{}, err
	}
	raw, err := arm64asm.Decode(code)
	if err != nil {
		return Inst{}, codeError{code[:4], false}
	}
	inst := Inst{Len: 4, Flow: aarch64Flows[raw.Op]}
	inst.Mnemonic, inst.Operands = split(digit.ReplaceAllString(spaced.Replace(arm64asm.GNUSyntax(raw)), "#$1"))
	for i, arg := range raw.Args {
		switch a := arg.(type) {
		case arm64asm.Cond:
			if raw.Op == arm64asm.B {
				inst.Flow = branch
			}
		case arm64asm.Imm:
			inst.HasImmediate, inst.Immediate = true, int64(a.Imm)
		case arm64asm.Imm64:
			inst.HasImmediate, inst.Immediate = true, int64(a.Imm)
			if i < len(inst.Operands) {
				inst.Operands[i] = "#" + number(inst.Immediate)
			}
		case arm64asm.PCRel:
			target := pc + uint64(int64(a))
			if raw.Op == arm64asm.ADRP {
				target = pc&^0xFFF + uint64(int64(a))
			}
			inst.Operands[len(inst.Operands)-1] = absolute(target)
			if inst.Flow != next {
				inst.HasTarget, inst.Target = true, target
			}
		}
	}
	return inst, nil
}

func armv7l(pc uint64, code []byte) (Inst, error) {
	if _, err := word(code); err != nil {
		return Inst{}, err
	}
	raw, err := armasm.Decode(code[:4], armasm.ModeARM)
	if err != nil {
		return Inst{}, codeError{code[:4], false}
	}
	inst := Inst{Len: 4, Flow: armv7lFlow(raw)}
	inst.Mnemonic, inst.Operands = split(armasm.GNUSyntax(raw))
	for _, arg := range raw.Args {
		switch a := arg.(type) {
		case armasm.Imm:
			inst.HasImmediate, inst.Immediate = true, int64(a)
		case armasm.PCRel:
			target := uint64(uint32(pc) + 8 + uint32(a))
			inst.Operands[len(inst.Operands)-1] = absolute(target)
			if inst.Flow != next {
				inst.HasTarget, inst.Target = true, target
			}
		}
	}
	return inst, nil
}

// armv7lFlow returns an instruction's flow. Writing to pc is a jump.
func armv7lFlow(raw armasm.Inst) flow {
	const always = 14
	condition := raw.Op & 15
	flow := next
	switch raw.Op &^ 15 {
	case armasm.BL_EQ, armasm.BLX_EQ:
		return Call
	case armasm.B_EQ, armasm.BX_EQ:
		flow = Jump
	case armasm.CMP_EQ, armasm.CMN_EQ, armasm.TST_EQ, armasm.TEQ_EQ, armasm.STR_EQ, armasm.STRB_EQ, armasm.PUSH_EQ:
	default:
		if raw.Args[0] == armasm.PC {
			flow = Jump
		}
		for _, arg := range raw.Args {
			if list, ok := arg.(armasm.RegList); ok && list&(1<<15) != 0 {
				flow = Jump
			}
		}
	}
	if flow == Jump && condition < always {
		flow = branch
	}
	return flow
}

// split separates a mnemonic and its operands.
func split(text string) (mnemonic string, operands []string) {
	mnemonic, rest, found := strings.Cut(text, " ")
	if !found {
		return mnemonic, nil
	}
	depth, start := 0, 0
	for i := range len(rest) {
		switch rest[i] {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		case ',':
			if depth == 0 {
				operands = append(operands, strings.TrimSpace(rest[start:i]))
				start = i + 1
			}
		}
	}
	operands = append(operands, strings.TrimSpace(rest[start:]))
	return mnemonic, slices.DeleteFunc(operands, func(s string) bool { return s == "" })
}
