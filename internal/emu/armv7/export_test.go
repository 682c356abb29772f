package armv7

import "slices"

// A Trial is an instruction with its operands: the registers from R0. The program
// that executes it first sets the flags, by comparing R11 with R10.
type Trial struct {
	Word      uint32
	Registers [13]uint32
}

// Trials returns the patterns of the encodings that continue with the next
// instruction, and n trials of each. They change only R0 to R12. They load and store
// between the addresses from and to; loads may also be near the instruction.
func Trials(n int, from, to uint32) (patterns []string, trials [][]Trial) {
	for i := range rows() {
		e := &rows()[i]
		switch e.op {
		case opB, opBL, opBX, opBLX, opSVC, opBKPT:
			continue
		}
		r := newTrials(i)
		var all []Trial
		for len(all) < n {
			word := r.word(e)
			in := decode(word)
			if !in.contained() {
				continue
			}
			var c core
			for i := range c.r {
				c.r[i] = r.value()
			}
			at := from + 64 + uint32(r.IntN(int(to-from-128)))
			switch {
			case in.op == opLDM || in.op == opSTM:
				start, _ := in.block(0)
				c.r[in.n] = at&^3 - start
			case accesses[in.op].size > 0 && in.n != pc:
				if in.form == register {
					c.r[in.m] = uint32(r.IntN(256))
				}
				_, c.flags = difference(c.r[11], c.r[10], true)
				c.r[in.n] = at - in.distance(&c)
			}
			all = append(all, Trial{word, [13]uint32(c.r[:])})
		}
		patterns, trials = append(patterns, e.pattern), append(trials, all)
	}
	return patterns, trials
}

// contained reports whether an instruction can be in a trial.
func (in *inst) contained() bool {
	var changed []uint8
	switch {
	case in.op == opLDM:
		return in.list>>sp == 0 && in.n < sp
	case in.op == opSTM:
		return in.n < sp
	case accesses[in.op].size > 0:
		load := accesses[in.op].load
		nearby := in.n == pc && in.form == immediate && load
		if in.n >= 10 && !nearby || in.form == register && (in.m == in.n || in.m >= sp) {
			return false
		}
		if load {
			changed = []uint8{in.t}
		}
	default:
		changed = []uint8{in.d, in.a}
	}
	return slices.Max(append(changed, 0)) < sp
}
