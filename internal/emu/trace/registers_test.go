package trace

import (
	"testing"

	"stage0/internal/emu/cpu"
)

// Flags are printed by name; bits without a name are printed as a number.
func TestRegisterText(t *testing.T) {
	for _, test := range []struct {
		register cpu.Register
		want     string
	}{
		{cpu.Register{Name: "a0", Value: 0x202}, "a0=0x202"},
		{cpu.Register{Name: "eflags", Value: 0x202}, "eflags=[]"},
		{cpu.Register{Name: "eflags", Value: 0xEDF | 0x202}, "eflags=[CF PF AF ZF SF DF OF 0x8]"},
		{cpu.Register{Name: "rflags", Value: 0x247}, "rflags=[CF PF ZF]"},
		{cpu.Register{Name: "nzcv", Value: 0x60000000}, "nzcv=[Z C]"},
		{cpu.Register{Name: "apsr", Value: 0x90000010}, "apsr=[N V 0x10]"},
	} {
		if got := registerText(test.register); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
