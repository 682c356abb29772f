package audit

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/disasm"
	"stage0/internal/lazyregexp"
)

// checkDefines compares the names of DEFINEs with their bytes.
func (u *unit) checkDefines() {
	before := map[string]string{}
	for _, d := range u.defines {
		if value, again := before[d.name]; again && !strings.EqualFold(value, d.value) {
			u.report(d.line, d.col, Warning, "define", "%s is %s before, and %s here", d.name, value, d.value)
		}
		before[d.name] = d.value
		message, checked := u.checkDefine(d)
		if !checked {
			u.Unchecked++
			continue
		}
		u.Lines[d.line].Checked = true
		if message != "" {
			u.report(d.line, d.col, Error, "define", "%s is %s", d.name, message)
			u.wrong[d.name] = true
		}
	}
	for _, d := range u.others {
		if message, _ := u.checkDefine(d); message != "" {
			u.wrong[d.name] = true
		}
	}
}

// checkDefine compares a name with its bytes, if the name is understood.
// message says what is wrong.
func (u *unit) checkDefine(d define) (message string, checked bool) {
	if u.riscv {
		return u.checkRISCVDefine(d)
	}
	if message, checked := u.checkParts(d); checked {
		return message, true
	}
	code, err := hex.DecodeString(d.value)
	if err != nil || len(code) == 0 {
		return "", false
	}
	if strings.HasPrefix(d.name, "NULL") {
		if strings.Trim(d.value, "0") != "" {
			return hexOf(code) + ", expected zeros", true
		}
		return "", true
	}
	if !disasm.Known(u.Arch) {
		return "", false
	}
	s := speaker{u.machine, func(string) bool { return false }}
	forms := s.forms(strings.TrimSuffix(d.name, ","))
	if len(forms) == 0 || len(code) < u.align && !endsInDistance[forms[0].mnemonic] {
		return "", false
	}
	if message := u.checkCodeDefine(code, forms); message != "" {
		return message, true
	}
	return u.checkPlaceholders(code, s.fromATT(d.name)), true
}

var (
	placeholders     = lazyregexp.New(`\b(BYTE|WORD|DWORD)(?:(_PTR)|\b)|(offset8|Immediate8|Immediate32)`)
	placeholderSizes = map[string]int{"BYTE": 1, "WORD": 2, "DWORD": 4, "offset8": 1, "Immediate8": 1, "Immediate32": 4}
)

// checkPlaceholders compares the number of bytes that an x86 DEFINE leaves to
// be filled in with the number that its name states. A comma at the end of the
// name means that some follow. It also compares the size of a memory operand
// that the name states (BYTE_PTR).
func (u *unit) checkPlaceholders(code []byte, name string) string {
	want, size := 0, ""
	for _, m := range placeholders.FindAllStringSubmatch(name, -1) {
		if m[2] == "" {
			want += placeholderSizes[m[1]+m[3]]
		} else {
			size = strings.ToLower(m[1])
		}
	}
	open := strings.HasSuffix(name, ",")
	if !u.x86 || want == 0 && size == "" && !open {
		return ""
	}
	inst, err := disasm.Decode(u.Arch, 0, append(slices.Clip(code), make([]byte, 16)...))
	if err != nil {
		return ""
	}
	n := inst.Len - len(code)
	switch {
	case open && n == 0:
		return hexOf(code) + ", after which comes nothing"
	case !open && want != 0 && n != want:
		return fmt.Sprintf("%s, after which come %s, and not %d", hexOf(code), clean.Count(n, "byte"), want)
	case size != "" && !strings.Contains(" "+inst.Text(), " "+size+" ["):
		return fmt.Sprintf("%s, which is %q", hexOf(code), inst.Text())
	}
	return ""
}

// endsInDistance has the instructions given by their last byte, after a
// distance. Other names say nothing about a part of a word.
var endsInDistance = map[string]bool{"b": true, "bl": true}

// checkCodeDefine checks a DEFINE of an instruction, of its first bytes, or of
// the last bytes of a word.
func (u *unit) checkCodeDefine(code []byte, forms []form) string {
	var whole []byte
	switch rest := make([]byte, 16); {
	case u.align == 1:
		whole = append(slices.Clip(code), rest...)
	case len(code) < u.align:
		whole = append(rest[:u.align-len(code)], code...)
	default:
		whole = code
	}
	inst, err := disasm.Decode(u.Arch, 0, whole)
	if err != nil {
		return hexOf(code) + ", which is not an instruction"
	}
	e := encounter{inst: inst, actual: u.machine.actual(inst), partial: inst.Len > len(code)}
	if inst.Len < len(code) {
		return fmt.Sprintf("%s, which is %q and more", hexOf(code), inst.Text())
	}
	if !slices.ContainsFunc(forms, e.matches) {
		return fmt.Sprintf("%s, which is %q", hexOf(code), inst.Text())
	}
	return ""
}

// checkRISCVDefine checks a DEFINE of a field of an instruction, or of its
// opcode.
func (u *unit) checkRISCVDefine(d define) (message string, checked bool) {
	value, isWord := strings.CutPrefix(d.value, ".")
	code, err := hex.DecodeString(value)
	m := riscvField.FindStringSubmatch(d.name)
	base := riscvBase(d.name)
	var want uint32
	switch {
	case err != nil:
		return "", false
	case m != nil && u.isRegister(m[2]):
		want = u.fieldWord(m[1], m[2])
	case base != nil:
		want = base.Match
	case strings.HasPrefix(d.name, "NULL"):
	default:
		return "", false
	}
	if little(code) == uint64(want) && isWord == (m != nil) {
		return "", true
	}
	return fmt.Sprintf("%s, expected %s", hexOf(code), hexOf(binary.LittleEndian.AppendUint32(nil, want))), true
}
