package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/disasm"
	"stage0/internal/lazyregexp"
)

// check runs all checks.
func (u *unit) check() {
	u.checkHidden()
	u.checkDefines()
	last := -1 // the previous line with bytes
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

// checkHidden reports the first character of each line that is invisible or
// reorders text.
func (u *unit) checkHidden() {
	for i := range u.Lines {
		line := &u.Lines[i]
		at, r := clean.Hidden(line.Text)
		if at < 0 {
			continue
		}
		where := "a comment"
		if strings.ContainsRune(line.Code, r) || !strings.ContainsAny(line.Text[:at], "#;") {
			where = "the code"
		}
		u.report(i, at+1, Error, "hidden", "%s in %s: what you see is not what is there", clean.Name(r), where)
	}
}

// checkInstruction compares the stated instruction of a line with the actual
// one.
func (u *unit) checkInstruction(i int) {
	line, c := &u.Lines[i], u.claims[i]
	inst, ok := u.insts[line.Address]
	if !ok {
		if u.insideInst(line.Address) {
			u.report(i, u.codeCol(i), Error, "code", "an instruction before reaches into these bytes")
		}
		return
	}
	if !c.says() || u.saysWrongDefine(line) {
		return
	}
	line.Checked = true
	e := encounter{addr: line.Address, inst: inst, labels: u.labels, gap: u.unresolved(line.Address, inst.Len), actual: u.machine.actual(inst)}
	word := uint32(little(line.Bytes[:min(4, len(line.Bytes))]))
	ok = slices.ContainsFunc(c.forms, e.matches) || c.sum != nil && c.sum.word&c.sum.mask == word&c.sum.mask
	if !ok {
		u.report(i, u.commentCol(i, c.text), Error, "instruction", "the comment says %q, but %s is %q", c.text, hexOf(line.Bytes), u.textOf(inst))
		return
	}
	if n, size, ok := u.wrongSize(c, u.at(line.Address)[:inst.Len]); ok && !e.gap {
		u.report(i, u.commentCol(i, c.text), Warning, "size", "the comment says %q, but %s does not end in %d in %s", c.text, hexOf(u.at(line.Address)[:inst.Len]), n, clean.Count(size, "byte"))
	}
	if inst.Len < len(line.Bytes) {
		u.report(i, u.commentCol(i, c.text), Error, "instruction", "the comment says %q, which is %s; %s follows", c.text, hexOf(line.Bytes[:inst.Len]), hexOf(line.Bytes[inst.Len:]))
	}
}

// numberAtEnd matches a number with a sigil as the last word.
var numberAtEnd = lazyregexp.New(` ([!@%])(-?\w+)$`)

// wrongSize reports whether an x86 instruction is said to end in a number with
// a sigil that states its size, but does not end in that number with that size.
func (u *unit) wrongSize(c claim, code []byte) (n int64, size int, wrong bool) {
	m := numberAtEnd.FindStringSubmatch(c.text)
	if m == nil || !u.x86 {
		return 0, 0, false
	}
	n, ok := parseNumber(m[2])
	size = sigilSizes[m[1][0]]
	if !ok || size > len(code) {
		return n, size, ok
	}
	mask := uint64(1)<<(8*size) - 1
	return n, size, little(code[len(code)-size:]) != uint64(n)&mask
}

// saysWrongDefine reports whether a line of M1 uses a wrong DEFINE, which is
// reported where it is defined.
func (u *unit) saysWrongDefine(line *Line) bool {
	return u.Format == M1 && slices.ContainsFunc(strings.Fields(line.Code), func(w string) bool { return u.wrong[w] })
}

// textOf returns an instruction as text, with the label of its target.
func (u *unit) textOf(inst disasm.Inst) string {
	if inst.HasTarget {
		if name := u.names[inst.Target]; name != "" {
			return inst.Text() + ", " + name
		}
	}
	return inst.Text()
}

func hexOf(b []byte) string { return fmt.Sprintf("% X", b) }

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
		u.checkPointer(i, texts[n])
	}
}

// labelAddress matches a comment that says that the bytes are a label's
// address.
var labelAddress = lazyregexp.New(`^[$&](\w+)( DATA_OFFSET.*)?$`)

// checkPointer checks a comment that says that the bytes are a label's address.
func (u *unit) checkPointer(i int, text string) {
	line := &u.Lines[i]
	m := labelAddress.FindStringSubmatch(text)
	if m == nil || u.claims[i].kind == codeClaim || line.Unresolved != nil || u.based[i] && u.Base == 0 {
		return
	}
	at, known := u.address(m[1])
	if size := len(line.Bytes); known && size <= 8 {
		line.Checked = true
		if is := little(line.Bytes); is != at&(1<<(8*size)-1) {
			u.report(i, u.commentCol(i, text), Error, "address", "the comment says %s, which is at %#x, but the bytes are %#x", text, at, is)
		}
	}
}

// checkAddress checks the nth column of a comment, 8 hex digits: the address of
// the bytes, or their value as a word.
func (u *unit) checkAddress(i, n int, text string) {
	line := &u.Lines[i]
	v, _ := strconv.ParseUint(text, 16, 64)
	isWord := len(line.Bytes) == 4 && v == little(line.Bytes)
	switch {
	case isWord || v == line.Address:
	case n == 0:
		u.report(i, u.commentCol(i, text), Error, "address", "the comment says that the address is %s, but it is %08X", text, line.Address)
	default:
		u.report(i, u.commentCol(i, text), Error, "bytes", "the comment says %s, but the bytes are %08X", text, little(line.Bytes))
	}
}

var (
	saidOffset = lazyregexp.New(`^([+-]\d+) ?B\b`)
	saidBytes  = lazyregexp.New(`^(\d+) bytes (on|back)(?: from ([0-9A-F]{8}))?\b`)
)

// checkOffset checks the distance to an instruction's target, stated in the
// comment of a line below: +12B, or 12 bytes from 0804805A. On x86 it counts
// from the next instruction.
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
		u.report(below, u.commentCol(below, comment), Error, "address", "the comment says that the target is %d bytes from %#x, but it is %d", n, from, is)
	}
}

// checkColumns checks columns of bytes, separated by bars: one of them must be
// right.
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
		u.report(i, u.commentCol(i, said[0]), Error, "bytes", "the comment says %s, but the bytes are %s", strings.Join(said, " or "), hexOf(line.Bytes))
	}
}

// checkString checks a comment that says that the bytes are a string. A line
// feed and NULs may follow, and if the comment has prose, other control
// characters.
func (u *unit) checkString(i int, text string) {
	line := &u.Lines[i]
	s, ok := stringBytes(text)
	if !ok || len(s) == 0 {
		return
	}
	line.Checked = true
	rest, ok := bytes.CutPrefix(line.Bytes, s)
	more := bytes.Trim(rest, "\n\x00")
	if !strings.HasSuffix(text, `"`) { // the prose may name what follows
		more = bytes.TrimFunc(rest, func(r rune) bool { return r < ' ' })
	}
	if !ok || len(more) > 0 {
		u.report(i, u.commentCol(i, text), Error, "bytes", "the comment says %q, but the bytes are %q", s, line.Bytes)
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
