package audit

import (
	"encoding/hex"
	"fmt"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/disasm"
)

// A whole is a word that a DEFINE is a part of, to check the DEFINE with: in
// digits, an asterisk is for the DEFINE's digits, and want is the word's
// instruction as the disassembler has it.
type whole struct {
	digits, want string
}

// checkParts checks a DEFINE of digits that are no instruction by themselves.
func (u *unit) checkParts(d define) (message string, checked bool) {
	if u.digits != nil {
		want, ok := u.digits()[d.name]
		if !ok {
			return "", false
		}
		if !strings.EqualFold(d.value, want) {
			return d.value + ", expected " + want, true
		}
		return "", true
	}
	if u.wholes == nil {
		return "", false
	}
	for _, w := range u.wholes()[d.name] {
		digits := strings.ReplaceAll(w.digits, " ", "")
		if want := 2*u.align - len(digits) + 1; len(d.value) != want {
			return d.value + ", expected " + clean.Count(want, "digit"), true
		}
		code, err := hex.DecodeString(strings.Replace(digits, "*", d.value, 1))
		if err != nil {
			return "", false
		}
		inst, err := disasm.Decode(u.Arch, 0, code)
		if err != nil {
			return fmt.Sprintf("%s, with which %s is not an instruction", d.value, hexOf(code)), true
		}
		if inst.Text() != w.want {
			return fmt.Sprintf("%s, with which %s is %q, expected %q", d.value, hexOf(code), inst.Text(), w.want), true
		}
		checked = true
	}
	return "", checked
}
