package trace

import (
	"fmt"
	"strings"

	"stage0/internal/emu/cpu"
)

// A flag is a bit of a flags register.
type flag struct {
	name string
	bit  uint
}

// x86Flags are the flags that a program can change (Intel's manual, volume 1, 3.4.3);
// armFlags are NZCV (DDI 0487, C5.2.10).
var (
	x86Flags = []flag{{"CF", 0}, {"PF", 2}, {"AF", 4}, {"ZF", 6}, {"SF", 7}, {"DF", 10}, {"OF", 11}}
	armFlags = []flag{{"N", 31}, {"Z", 30}, {"C", 29}, {"V", 28}}
)

// flagRegisters are the flags registers by name, with the bits that are always set:
// on x86, bit 1 and the interrupt enable flag.
var flagRegisters = map[string]struct {
	flags  []flag
	always uint64
}{
	"rflags": {x86Flags, 0x202},
	"eflags": {x86Flags, 0x202},
	"nzcv":   {armFlags, 0},
	"apsr":   {armFlags, 0},
}

// registerText formats a register. A flags register is printed as the names of the
// flags that are set, or as a number if other bits are set.
func registerText(r cpu.Register) string {
	row, ok := flagRegisters[r.Name]
	if !ok {
		return fmt.Sprintf("%s=%#x", r.Name, r.Value)
	}
	var set []string
	rest := r.Value &^ row.always
	for _, f := range row.flags {
		if rest>>f.bit&1 != 0 {
			set = append(set, f.name)
			rest &^= 1 << f.bit
		}
	}
	if rest != 0 {
		set = append(set, fmt.Sprintf("%#x", rest))
	}
	return fmt.Sprintf("%s=[%s]", r.Name, strings.Join(set, " "))
}
