package translate

import (
	"fmt"
	"slices"

	"stage0/internal/emu/micro"
)

// Translated code does not keep flags that the code does not read. If the program
// then changes its code so that it does read them, they are lost. The run ends with
// an error rather than continue with wrong flags.

// lostKind is the kind of flags in the globals when flags are lost.
const lostKind = 0xFF

// LostFlags is the error of an instruction that reads lost flags, or a register that
// a system call has set to them.
type LostFlags struct {
	pc uint64 // of the instruction
}

func (e *LostFlags) Error() string {
	return fmt.Sprintf("%#x: the program has changed its code, which now reads flags that translated code did not keep: execute it in single steps", e.pc)
}

// lose updates g.lost for the next instruction, which the executor will execute. It
// returns an error if that instruction reads lost flags.
func (g *Guest) lose() error {
	t := g.cpu.Target()
	pc := g.cpu.PC()
	in, ok := t.Lower(pc, g.mem.Fetch(pc, t.MaxLength), g.mem.Fetch)
	if !ok { // Step reports the fault
		return nil
	}
	if g.lostIn != micro.None && reads(&in, g.lostIn) {
		return &LostFlags{pc}
	}
	for _, op := range in.Ops {
		switch {
		case op.Code == micro.FlagsWord && g.lost != 0:
			g.lostIn = op.To
		case op.To == g.lostIn && sets(&op):
			g.lostIn = micro.None
		}
	}
	if g.lost, ok = lostBy(&in, g.lost); !ok {
		return &LostFlags{pc}
	}
	return nil
}

// reads reports whether an instruction may read a register.
func reads(in *micro.Instruction, r micro.Reg) bool {
	if in.Step || in.If.Reg == r || in.To.Reg == r {
		return true
	}
	return slices.ContainsFunc(slices.Concat(in.Ops, in.After), func(op micro.Op) bool {
		return op.A.Reg == r || op.B.Reg == r || op.C.Reg == r
	})
}

// sets reports whether op sets a register, op.To.
func sets(op *micro.Op) bool {
	return op.Code != micro.Store && op.Code != micro.Guard && op.Code != micro.SetFlags
}

// lostBy returns the flags that are lost after an instruction, given those that are
// lost before it. ok is false if the instruction reads a lost flag, other than to
// preserve it.
func lostBy(in *micro.Instruction, lost uint64) (after uint64, ok bool) {
	if in.Step {
		return lost, false
	}
	after = lost
	guarded := false
	kept := map[micro.Reg]uint64{} // temporaries that hold a lost flag
	for _, op := range in.Ops {
		if op.Code == micro.SetFlags {
			after = kept[op.A.Reg] | kept[op.B.Reg]
			continue
		}
		for _, a := range []micro.Arg{op.A, op.B, op.C} {
			if kept[a.Reg] != 0 {
				return lost, false
			}
		}
		switch op.Code {
		case micro.Guard:
			guarded = true
		case micro.FlagsWord:
			if in.Flow != micro.Syscall { // amd64's copies them to r11, which is then lost too
				return lost, false
			}
		case micro.Condition:
			if reads := op.Cond.Flags() & lost; reads != 0 {
				kept[op.To] = reads
			}
		}
	}
	if guarded { // it may not set flags
		after = lost
	}
	return after, kept[in.If.Reg] == 0 && kept[in.To.Reg] == 0
}
