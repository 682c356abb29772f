package translate

import (
	"fmt"

	"stage0/internal/emu/micro"
)

// Translated code does not keep flags that the code does not read. If the program
// changes its code, and does read them then, they are lost. That is an error: it does
// not get other flags.

// lostKind is the kind of flags in the globals that are lost.
const lostKind = 0xFF

// LostFlags is the error of an instruction that reads flags which are not known.
type LostFlags struct {
	PC uint64 // of the instruction
}

func (e *LostFlags) Error() string {
	return fmt.Sprintf("%#x: the program has changed its code, which now reads flags that translated code did not keep: execute it in single steps", e.PC)
}

// lose looks at the instruction that comes next, which the executor is to do while
// flags are lost.
func (g *Guest) lose() error {
	t := g.cpu.Target()
	pc := g.cpu.PC()
	in, ok := t.Lower(pc, g.mem.Fetch(pc, t.MaxLength), g.mem.Fetch)
	if !ok { // it has a fault
		return nil
	}
	if g.lost, ok = lostBy(&in, g.lost); !ok {
		return &LostFlags{pc}
	}
	return nil
}

// lostBy returns which flags are lost behind an instruction, if those are before it.
// ok is false if it reads one of them, but to keep it.
func lostBy(in *micro.Instruction, lost uint64) (after uint64, ok bool) {
	if in.Step {
		return lost, false
	}
	after = lost
	guarded := false
	kept := map[micro.Reg]uint64{} // temporaries that hold a flag that is lost
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
			if in.Flow != micro.Syscall { // amd64's puts them where programs expect nothing
				return lost, false
			}
		case micro.Condition:
			if reads := op.Cond.Flags() & lost; reads != 0 {
				kept[op.To] = reads
			}
		}
	}
	if guarded { // it may set no flags
		after = lost
	}
	return after, kept[in.If.Reg] == 0 && kept[in.To.Reg] == 0
}
