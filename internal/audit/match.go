package audit

import (
	"slices"

	"stage0/internal/disasm"
)

// An encounter is an instruction to compare statements with.
type encounter struct {
	addr    uint64
	inst    disasm.Inst
	actual  []form // its spellings
	labels  map[string][]uint64
	partial bool // only its first bytes are known, so its last operands match anything
	gap     bool // it has a pointer to an undefined label
}

// matches reports whether a statement is true of the instruction.
func (e *encounter) matches(stated form) bool {
	return slices.ContainsFunc(e.actual, func(actual form) bool { return e.matchesForm(stated, actual) })
}

func (e *encounter) matchesForm(stated, actual form) bool {
	if stated.mnemonic != actual.mnemonic {
		return false
	}
	s, a := stated.operands, actual.operands
	if len(s) == 2 && len(a) == 3 && sameOperand(a[0], a[1]) {
		a = []operand{a[0], a[2]}
	}
	if len(s) < len(a) && e.partial {
		s = append(slices.Clip(s), make([]operand, len(a)-len(s))...)
	}
	if len(s) != len(a) {
		return false
	}
	if e.matchesOperands(s, a) {
		return true
	}
	n := len(a)
	if n < 2 || !symmetric[stated.mnemonic] || n == 2 && !symmetric2[stated.mnemonic] {
		return false
	}
	a = slices.Clone(a)
	a[n-1], a[n-2] = a[n-2], a[n-1]
	return e.matchesOperands(s, a)
}

func (e *encounter) matchesOperands(s, a []operand) bool {
	for i := range s {
		if !e.matchesOperand(s[i], a[i]) {
			return false
		}
	}
	return true
}

// symmetric has the instructions for which the order of the last two operands
// does not matter; symmetric2 has those for which that is also true if there
// are only two.
var (
	symmetric  = map[string]bool{"xchg": true, "test": true, "add": true, "and": true, "orr": true, "eor": true, "mul": true}
	symmetric2 = map[string]bool{"xchg": true, "test": true}
)

func sameOperand(a, b operand) bool {
	return a.kind == b.kind && a.kind == register && a.text == b.text
}

// matchesOperand compares a stated operand with an actual one.
func (e *encounter) matchesOperand(s, a operand) bool {
	switch s.kind {
	case anything:
		return true
	case name:
		if e.gap || e.partial {
			return a.kind == number
		}
		return a.kind == number && e.isAt(s.text, func(at uint64) bool { return uint32(at) == uint32(a.num) || e.isPart(at, a.num) })
	case distance:
		isAddress := e.inst.HasTarget || !e.inst.HasImmediate
		return a.kind == number && isAddress && uint64(a.num) == e.addr+uint64(s.num)
	case number:
		if a.kind != number {
			return false
		}
		if e.gap {
			return true
		}
		if e.inst.HasTarget && s.num != a.num {
			return s.bits != 0 && uint64(a.num) == e.addr+uint64(e.inst.Len)+uint64(s.num)
		}
		return sameNumber(s, a.num)
	case memory:
		if s.base == "" && a.base == "rip" && s.disp.kind != anything {
			there := operand{kind: number, num: int64(e.addr) + int64(e.inst.Len) + a.disp.num}
			return e.gap || e.matchesOperand(*s.disp, there)
		}
		if s.scale == 1 && s.base == a.index && s.index == a.base {
			s.base, s.index = a.base, a.index
		}
		return a.kind == memory && s.base == a.base && s.index == a.index && s.scale == a.scale && s.mode == a.mode && e.matchesDisp(*s.disp, *a.disp, a)
	}
	return s.kind == a.kind && s.text == a.text
}

// isAt reports whether right holds for one of a label's places, or there are
// none.
func (e *encounter) isAt(name string, right func(uint64) bool) bool {
	all := e.labels[name]
	return len(all) == 0 || slices.ContainsFunc(all, right)
}

// isPart reports whether num is the part of a label's address in one of a pair
// of RISC-V instructions.
func (e *encounter) isPart(at uint64, num int64) bool {
	far := int64(at) - int64(e.addr)
	switch e.inst.Op {
	case "auipc":
		return (far+0x800)>>12&0xFFFFF == num
	case "addi", "addiw":
		return (far+4)<<52>>52 == num
	}
	return false
}

// matchesDisp compares displacements. A rip-relative one is stated as a label.
func (e *encounter) matchesDisp(s, a operand, m operand) bool {
	if s.kind == name && m.base == "rip" {
		there := e.addr + uint64(e.inst.Len) + uint64(a.num)
		return e.gap || e.partial || e.isAt(s.text, func(at uint64) bool { return at == there })
	}
	if s.kind == number && (e.gap || e.partial && s.num == 0) {
		return e.gap || a.num == 0
	}
	return e.matchesOperand(s, a)
}

// sameNumber compares a stated number with an actual one.
func sameNumber(s operand, n int64) bool {
	if s.num == n {
		return true
	}
	bits := s.bits
	if bits == 0 {
		bits = 32
		if s.num < 1<<31 {
			return false
		}
	}
	mask := int64(1)<<bits - 1
	return s.num&mask == n&mask && (n>>bits == 0 || n>>bits == -1 || n>>(bits-1) == -1)
}
