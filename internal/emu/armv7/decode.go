package armv7

import (
	"math/bits"
	"strings"
	"sync"
)

// An inst is a decoded instruction. Its fields are those of the encoding's pattern;
// fields that are not in the pattern are zero.
type inst struct {
	op                op
	form              form
	cond              uint8
	s                 bool // S: sets the flags
	p, u, w           bool // P, U, W
	d, n, m, a, rs, t uint8
	shift             uint8  // y: type
	imm               uint32 // i
	list              uint32 // r: register_list
}

// A row is an encoding in a form that is fast to match.
type row struct {
	*encoding
	mask, bits uint32 // the word matches if word&mask == bits
	fields     []field
}

// A field is a run of one letter in a pattern.
type field struct {
	letter rune
	at, n  int // lowest bit and number of bits
}

// rows has the encodings, their patterns parsed.
var rows = sync.OnceValue(func() []row {
	rows := make([]row, len(encodings))
	for i := range encodings {
		r := &rows[i]
		r.encoding = &encodings[i]
		at := 32
		for _, letter := range strings.ReplaceAll(r.pattern, " ", "") {
			at--
			last := len(r.fields) - 1
			switch {
			case letter == '0' || letter == '1':
				r.mask |= 1 << at
				r.bits |= uint32(letter-'0') << at
			case last >= 0 && r.fields[last].letter == letter && r.fields[last].at == at+1:
				r.fields[last].at--
				r.fields[last].n++
			default:
				r.fields = append(r.fields, field{letter, at, 1})
			}
		}
	}
	return rows
})

// decode decodes the instruction word w. The op is opNone if w is not an instruction,
// not implemented, or unpredictable.
func decode(w uint32) inst {
	if w>>28 == unconditional {
		return inst{} // A5.7: nothing is implemented
	}
	rows := rows()
	for i := range rows {
		if r := &rows[i]; w&r.mask == r.bits {
			in := inst{op: r.op, form: r.form, cond: uint8(w >> 28)}
			for _, f := range r.fields {
				in.set(f, w>>f.at&(1<<f.n-1))
			}
			if in.unpredictable() {
				return inst{}
			}
			return in
		}
	}
	return inst{}
}

// Values of the field cond that are not conditions.
const (
	always        = 14
	unconditional = 15
)

// set sets a field. A field in two pieces is concatenated.
func (in *inst) set(f field, v uint32) {
	switch f.letter {
	case 'S':
		in.s = v == 1
	case 'P':
		in.p = v == 1
	case 'U':
		in.u = v == 1
	case 'W':
		in.w = v == 1
	case 'd':
		in.d = uint8(v)
	case 'n':
		in.n = uint8(v)
	case 'm':
		in.m = uint8(v)
	case 'a':
		in.a = uint8(v)
	case 's':
		in.rs = uint8(v)
	case 't':
		in.t = uint8(v)
	case 'y':
		in.shift = uint8(v)
	case 'i':
		in.imm = in.imm<<f.n | v
	case 'r':
		in.list = v
	}
}

// unpredictable reports whether the instruction is UNPREDICTABLE according to its
// section in chapter A8, or is the encoding of a different instruction: LDRT and
// similar, which are loads and stores with P = 0 and W = 1, and SUBS PC, LR and
// similar.
func (in *inst) unpredictable() bool {
	switch in.op {
	case opTST, opTEQ, opCMP, opCMN:
		return in.form == shiftRegister && one15(in.n, in.m, in.rs)
	case opAND, opEOR, opSUB, opRSB, opADD, opADC, opSBC, opRSC, opORR, opMOV, opBIC, opMVN:
		return in.form == shiftRegister && one15(in.d, in.n, in.m, in.rs) || in.s && in.d == pc
	case opMUL, opMLA, opMLS, opSDIV, opUDIV:
		return one15(in.d, in.n, in.m, in.a)
	case opUMAAL, opUMULL, opUMLAL, opSMULL, opSMLAL:
		return one15(in.d, in.n, in.m, in.a) || in.d == in.a
	case opMOVW, opMOVT:
		return in.d == pc
	case opCLZ:
		return one15(in.d, in.m)
	case opBLX:
		return in.m == pc
	case opLDR, opSTR:
		return in.unpredictableAccess()
	case opLDRB, opSTRB, opLDRH, opSTRH, opLDRSB, opLDRSH:
		return in.t == pc || in.unpredictableAccess()
	case opLDM:
		return in.n == pc || in.list == 0 || in.w && in.has(in.n)
	case opSTM: // the stored base is UNKNOWN unless it is the lowest register
		return in.n == pc || in.list == 0 || in.w && in.has(in.n) && in.n != uint8(bits.TrailingZeros32(in.list))
	}
	return false
}

func (in *inst) unpredictableAccess() bool {
	return !in.p && in.w ||
		in.form == register && in.m == pc ||
		in.writeBack() && (in.n == pc || in.n == in.t)
}

// writeBack reports whether a load or store of one register changes its base.
func (in *inst) writeBack() bool { return !in.p || in.w }

// has reports whether a register is in register_list.
func (in *inst) has(r uint8) bool { return in.list>>r&1 == 1 }

// one15 reports whether one of the registers is number 15.
func one15(regs ...uint8) bool {
	for _, r := range regs {
		if r == pc {
			return true
		}
	}
	return false
}
