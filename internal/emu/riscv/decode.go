package riscv

import isa "stage0/internal/riscv"

// An access describes the memory access of a load or store.
type access struct {
	size   int  // in bytes
	signed bool // sign-extended
}

// accesses describes the loads and stores ("Load and Store Instructions").
var accesses = [...]access{
	isa.LB: {1, true}, isa.LH: {2, true}, isa.LW: {4, true}, isa.LD: {8, true},
	isa.LBU: {1, false}, isa.LHU: {2, false}, isa.LWU: {4, false},
	isa.SB: {1, false}, isa.SH: {2, false}, isa.SW: {4, false}, isa.SD: {8, false},
}

// An inst is a decoded instruction.
type inst struct {
	op           isa.Op
	word         bool // operates on 32 bits, and sign-extends the result
	immediate    bool // the second operand is imm instead of rs2
	rd, rs1, rs2 uint8
	imm          int32
}

// decode decodes the instruction word w for a processor whose registers have the
// given number of bits. ok is false if w is not an instruction there.
func decode(w uint32, bits int) (in inst, ok bool) {
	row := isa.Find(w, bits)
	if row == nil {
		return inst{}, false
	}
	return inst{
		op:        row.Op,
		word:      row.Word(),
		immediate: row.Format != isa.R,
		rd:        uint8(w >> 7 & 31),
		rs1:       uint8(w >> 15 & 31),
		rs2:       uint8(w >> 20 & 31),
		imm:       row.Format.Immediate(w),
	}, true
}
