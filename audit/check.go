package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stage0/internal/disasm"
)

// check compares what is said with what is.
func (u *unit) check() {
	u.checkDefines()
	last := -1 // the line with bytes before
	for i := range u.Lines {
		if len(u.Lines[i].Bytes) > 0 {
			u.checkComment(i)
			last = i
		} else if last >= 0 && last == i-1 {
			u.checkOffset(last, i)
		}
		if u.claims[i].kind == codeClaim {
			u.checkInstruction(i)
		}
	}
	u.checkHeader()
	u.checkUnreached()
	u.checkLabels()
}

// checkInstruction compares the instruction that a line is said to be with the
// one that it is.
func (u *unit) checkInstruction(i int) {
	line, c := &u.Lines[i], u.claims[i]
	inst, ok := u.insts[line.Address]
	if !ok {
		if u.insideInst(line.Address) {
			u.report(i, u.codeCol(i), Error, "code", "an instruction before reaches into these bytes")
		}
		return
	}
	if !c.says() {
		return
	}
	line.Checked = true
	e := encounter{addr: line.Address, inst: inst, labels: u.labels, gap: u.unresolved(line.Address, inst.Len), actual: u.machine.actual(inst)}
	word := uint32(little(line.Bytes[:min(4, len(line.Bytes))]))
	ok = slices.ContainsFunc(c.forms, e.matches) ||
		slices.ContainsFunc(c.sums, func(s sum) bool { return s.word&s.mask == word&s.mask })
	if !ok && !u.saysWrongDefine(line) {
		u.report(i, u.commentCol(i, c.text), Error, "instruction", "%q is said, %s is %q", c.text, hexOf(line.Bytes), u.textOf(inst))
		return
	}
	if inst.Len < len(line.Bytes) {
		u.report(i, u.commentCol(i, c.text), Error, "instruction", "%q is said, which is %s; then comes %s", c.text, hexOf(line.Bytes[:inst.Len]), hexOf(line.Bytes[inst.Len:]))
	}
}

// saysWrongDefine says whether a line of M1 has a word whose DEFINE is wrong:
// that is reported there.
func (u *unit) saysWrongDefine(line *Line) bool {
	return u.Format == M1 && slices.ContainsFunc(strings.Fields(line.Code), func(w string) bool { return u.wrong[w] })
}

// textOf returns an instruction as text, with the label that it leads to.
func (u *unit) textOf(inst disasm.Inst) string {
	if inst.HasTarget {
		if name := u.names[inst.Target]; name != "" {
			return inst.Text() + ", " + name
		}
	}
	return inst.Text()
}

func hexOf(b []byte) string { return strings.ToUpper(fmt.Sprintf("% x", b)) }

// checkComment compares addresses, words, bytes and strings in a comment.
func (u *unit) checkComment(i int) {
	line := &u.Lines[i]
	texts := columns.Split(line.Comment, -1)
	n := 0
	for ; n < min(2, len(texts)) && addressWord.MatchString(texts[n]); n++ {
		u.checkAddress(i, n, texts[n])
		line.Checked = true
	}
	u.checkColumns(i)
	if n < len(texts) && u.Format != M1 {
		u.checkString(i, texts[n])
	}
}

// checkAddress compares the nth column of a comment, 8 hex digits: the address
// of the bytes, or the word that they are.
func (u *unit) checkAddress(i, n int, text string) {
	line := &u.Lines[i]
	v, _ := strconv.ParseUint(text, 16, 64)
	isWord := len(line.Bytes) == 4 && v == little(line.Bytes)
	switch {
	case isWord || v == line.Address:
	case n == 0:
		u.report(i, u.commentCol(i, text), Error, "address", "%s is said to be the address, which is %08X", text, line.Address)
	default:
		u.report(i, u.commentCol(i, text), Error, "bytes", "%s is said, the bytes are %08X", text, little(line.Bytes))
	}
}

var (
	saidOffset = regexp.MustCompile(`^([+-]\d+) ?B\b`)
	saidBytes  = regexp.MustCompile(`^(\d+) bytes (on|back)(?: from ([0-9A-F]{8}))?\b`)
)

// checkOffset compares how far it is to the target of an instruction with what a
// comment in the line below says: +12B, or 12 bytes on from 0804805A. On x86, it
// counts from the next instruction.
func (u *unit) checkOffset(i, below int) {
	inst, ok := u.insts[u.Lines[i].Address]
	if !ok || !inst.HasTarget || u.unresolved(u.Lines[i].Address, inst.Len) {
		return
	}
	comment := u.Lines[below].Comment
	from := u.Lines[i].Address
	var said string
	if m := saidOffset.FindStringSubmatch(comment); m != nil {
		said = m[1]
	} else if m := saidBytes.FindStringSubmatch(comment); m != nil {
		if said = m[1]; m[2] == "back" {
			said = "-" + said
		}
		if at, err := strconv.ParseUint(m[3], 16, 64); err == nil {
			from = at
		}
	} else {
		return
	}
	n, err := strconv.ParseInt(said, 10, 64)
	if is := int64(inst.Target - from); err == nil && n != is {
		u.report(below, u.commentCol(below, comment), Error, "address", "%d bytes are said to be from %#x to the target, and it is %d", n, from, is)
	}
}

// checkColumns compares columns of bytes, with bars between: one of them has to
// be right.
func (u *unit) checkColumns(i int) {
	line := &u.Lines[i]
	if !strings.Contains(line.Comment, "|") || line.Unresolved != nil || u.Base == 0 && u.based[i] {
		return
	}
	var said []string
	for _, t := range strings.Split(line.Comment, "|") {
		if t = strings.TrimSpace(t); pairs.MatchString(t) {
			said = append(said, t)
		}
	}
	if len(said) == 0 {
		return
	}
	line.Checked = true
	if !slices.ContainsFunc(said, func(t string) bool { return bytes.Equal(pairBytes(t), line.Bytes) }) {
		u.report(i, u.commentCol(i, said[0]), Error, "bytes", "%s is said, the bytes are %s", strings.Join(said, " or "), hexOf(line.Bytes))
	}
}

// checkString compares a string that a comment says the bytes are. Control
// characters after it, which the prose may name, are not compared.
func (u *unit) checkString(i int, text string) {
	line := &u.Lines[i]
	s, ok := stringBytes(text)
	if !ok || len(s) == 0 {
		return
	}
	line.Checked = true
	rest, ok := bytes.CutPrefix(line.Bytes, s)
	if !ok || bytes.ContainsFunc(rest, func(r rune) bool { return r >= ' ' }) {
		u.report(i, u.commentCol(i, text), Error, "bytes", "%q is said, the bytes are %q", s, line.Bytes)
	}
}

// checkUnreached reports code that nothing leads to.
func (u *unit) checkUnreached() {
	before := false
	for i := range u.Lines {
		line := &u.Lines[i]
		if len(line.Bytes) == 0 {
			continue
		}
		unreached := u.claims[i].says() && u.startsInst(line.Address) && !u.reached[line.Address]
		if unreached && !before {
			u.report(i, u.codeCol(i), Warning, "unreached", "nothing leads to this instruction")
		}
		before = unreached
	}
}

// conventional are labels that others refer to: the header, the linker, what
// M2-Planet makes, debuggers.
var conventional = regexp.MustCompile(`^(_start|_end|ELF_\w+|HEAP|FUNCTION_\w+|GLOBAL_\w+|STRUCT_\w+|_?PE32_\w+)$`)

// checkLabels reports labels that nothing refers to, and pointers to labels that
// are not there.
func (u *unit) checkLabels() {
	used := u.referred()
	seen := map[string]bool{}
	for _, d := range u.defined {
		if !d.comment && seen[d.name] {
			u.report(d.line, d.col, Warning, "label", "label %q is defined again", d.name)
		}
		seen[d.name] = true
		if !used[d.addr] {
			u.report(d.line, d.col, Note, "label", "nothing refers to label %q", d.name)
		}
	}
	severity := Note
	if u.Format == Hex1 {
		severity = Error
	}
	reported := map[string]bool{}
	for _, p := range u.parts {
		if !p.missing {
			continue
		}
		for _, n := range []string{p.name, p.base} {
			if n == "" || seen[n] || reported[n] || u.outside[n] {
				continue
			}
			reported[n] = true
			u.report(p.line, p.col, severity, "undefined", "label %q is not defined here", n)
		}
	}
}

// referred returns the addresses that something refers to: a pointer, a comment,
// an instruction, or a convention.
func (u *unit) referred() map[uint64]bool {
	names := map[string]bool{}
	for i, line := range u.Lines {
		for _, w := range strings.FieldsFunc(line.Comment, func(r rune) bool { return strings.ContainsRune(" \t,#;()[]", r) }) {
			if m := sigilWord.FindStringSubmatch(w); m != nil {
				names[m[2]] = true
			}
		}
		for _, f := range u.claims[i].forms {
			for _, o := range f.operands {
				names[o.text] = true
				if o.disp != nil {
					names[o.disp.text] = true
				}
			}
		}
	}
	used := map[uint64]bool{}
	for at, inst := range u.insts {
		if inst.HasTarget && !u.unresolved(at, inst.Len) {
			used[inst.Target] = true
		}
	}
	for _, d := range u.defined {
		if names[d.name] || u.used[d.name] || u.outside[d.name] || conventional.MatchString(d.name) {
			used[d.addr] = true
		}
	}
	return used
}

// checkDefines compares the names of DEFINEs with the bytes that they stand for.
func (u *unit) checkDefines() {
	for _, d := range u.defines {
		message, checked := u.checkDefine(d)
		switch {
		case !checked:
			u.Unchecked++
		case message != "":
			u.report(d.line, d.col, Error, "define", "%s is %s", d.name, message)
			u.wrong[d.name] = true
			fallthrough
		default:
			u.Lines[d.line].Checked = true
		}
	}
	for _, d := range u.others {
		if message, _ := u.checkDefine(d); message != "" {
			u.wrong[d.name] = true
		}
	}
}

// checkDefine compares a name with its bytes, if it is understood. What is not
// right it returns.
func (u *unit) checkDefine(d define) (message string, checked bool) {
	if u.riscv {
		return u.checkRISCVDefine(d)
	}
	code, err := hex.DecodeString(d.value)
	if err != nil || len(code) == 0 || !disasm.Known(u.Arch) {
		return "", false
	}
	if strings.HasPrefix(d.name, "NULL") {
		if strings.Trim(d.value, "0") != "" {
			return hexOf(code) + ", want zeros", true
		}
		return "", true
	}
	s := speaker{u.machine, func(string) bool { return false }}
	forms := s.forms(strings.TrimSuffix(d.name, ","))
	if len(forms) == 0 || len(code) < u.align && !endsInDistance[forms[0].mnemonic] {
		return "", false
	}
	return u.checkCodeDefine(code, forms), true
}

// endsInDistance has the instructions that are given by their last byte, a
// distance coming before. Other names of parts of a word say nothing of it.
var endsInDistance = map[string]bool{"b": true, "bl": true}

// checkCodeDefine compares one that is an instruction, or the first bytes of
// one, or the last of a word.
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
		return hexOf(code) + ", which is no instruction"
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

// checkRISCVDefine compares a field of an instruction, or its opcode.
func (u *unit) checkRISCVDefine(d define) (message string, checked bool) {
	value, isWord := strings.CutPrefix(d.value, ".")
	code, err := hex.DecodeString(value)
	m := riscvField.FindStringSubmatch(d.name)
	base, isOp := riscvBase(d.name)
	var want uint32
	switch {
	case err != nil:
		return "", false
	case m != nil && u.isRegister(m[2]):
		want = u.fieldWord(m[1], m[2])
	case isOp:
		want = base.Match
	case strings.HasPrefix(d.name, "NULL"):
	default:
		return "", false
	}
	if little(code) == uint64(want) && isWord == (m != nil) {
		return "", true
	}
	return fmt.Sprintf("%s, want %s", hexOf(code), hexOf(binary.LittleEndian.AppendUint32(nil, want))), true
}
