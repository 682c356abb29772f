package audit

import (
	"encoding/hex"
	"strconv"
	"strings"

	"stage0/internal/lazyregexp"
)

// A claimKind is the kind of an author's statement about a line's bytes.
type claimKind uint8

const (
	noClaim   claimKind = iota
	codeClaim           // they are an instruction
	dataClaim           // they are something else
)

// A claim is an author's statement, as far as it is understood. If it has
// neither forms nor a sum, it does not say which instruction it is.
type claim struct {
	kind  claimKind
	text  string // the words of the statement
	forms []form
	sum   *sum
}

func (c claim) says() bool { return len(c.forms) > 0 || c.sum != nil }

var (
	columns     = lazyregexp.New(`\s{2,}|\t|\s*[#;]+\s*`)
	pairs       = lazyregexp.New(`^[0-9A-F]{2}( [0-9A-F]{2})*$`)
	labelHeader = lazyregexp.New(`^(?::([A-Za-z_]\w*)(?:\([^)]*\))?|([a-z]\w*):)\s*(?:[#;]?\s*\(0x([0-9A-Fa-f]+)\))?$`)
	bareAddress = lazyregexp.New(`^\[([0-9A-F]{4,8})\]`)
	oneWord     = lazyregexp.New(`^:?([A-Za-z_]\w*)$`)
)

// readComments finds labels that only comments define: in hex0 all of them, and
// in hex1, whose labels are one character, their long names.
func (u *unit) readComments() {
	if u.Format == Hex0 || u.Format == Hex1 {
		for i := range u.Lines {
			u.commentLabel(i)
		}
	}
	u.claims = make([]claim, len(u.Lines))
	s := speaker{u.machine, func(name string) bool { _, ok := u.labels[name]; return ok }}
	for i := range u.Lines {
		u.claims[i] = u.claimOf(s, &u.Lines[i])
	}
}

// commentLabel defines the label if a line's comment is one.
func (u *unit) commentLabel(i int) {
	line := &u.Lines[i]
	if m := bareAddress.FindStringSubmatch(line.Comment); m != nil && len(line.Bytes) == 0 && u.Base != 0 {
		u.checkStated(i, m[1], "this")
	}
	m := labelHeader.FindStringSubmatch(line.Comment)
	if m == nil && len(line.Labels) > 0 && len(line.Bytes) == 0 {
		if w := oneWord.FindStringSubmatch(line.Comment); w != nil {
			m = []string{"", w[1], "", ""}
		}
	}
	if m == nil || len(line.Bytes) > 0 {
		return
	}
	name := m[1] + m[2]
	u.define(definition{name, line.Address, i, u.commentCol(i, name), true})
	if m[3] != "" {
		u.checkStated(i, m[3], name)
	}
}

// checkStated checks a hex address stated for a line.
func (u *unit) checkStated(i int, said, what string) {
	line := &u.Lines[i]
	if n, err := strconv.ParseUint(said, 16, 64); err == nil && n != line.Address {
		u.report(i, u.commentCol(i, said), Error, "address", "the comment says that %s is at %#x, but it is at %#x", what, n, line.Address)
	}
}

// claimOf returns the statement about a line's bytes: in M1 the words
// themselves, otherwise the comment.
func (u *unit) claimOf(s speaker, line *Line) claim {
	if len(line.Bytes) == 0 {
		return claim{}
	}
	if u.Format == M1 {
		return u.claimOfM1(s, line)
	}
	comment := line.Comment
	// RISC-V authors sometimes write the sum on the line above.
	if line.Comment == "" && u.riscv {
		if above := line.Number - 2; above >= 0 && len(u.Lines[above].Bytes) == 0 {
			comment = u.Lines[above].Comment
		}
	}
	texts := columns.Split(comment, -1)
	if u.riscv { // the words of a sum may be far apart
		first, _, _ := strings.Cut(comment, ";")
		texts = append([]string{strings.Join(strings.Fields(first), " ")}, texts...)
	}
	for _, t := range texts {
		if addressWord.MatchString(t) {
			continue
		}
		if c := u.claimOfText(s, t, line.Address); c.kind != noClaim {
			return c
		}
		if pairs.MatchString(t) || strings.HasPrefix(t, `"`) || strings.HasPrefix(t, "'") {
			return claim{kind: dataClaim, text: t}
		}
	}
	return claim{}
}

// remark matches prose in brackets after an instruction.
var remark = lazyregexp.New(` +\[[A-Z][^\]]* [^\]]*\]$`)

// claimOfText returns the claim of a text that is an instruction.
func (u *unit) claimOfText(s speaker, text string, addr uint64) claim {
	text = remark.ReplaceAllString(text, "")
	if u.riscv {
		if total, ok := u.sumOf(text, addr); ok {
			return claim{kind: codeClaim, text: text, sum: &total}
		}
	}
	if forms := s.forms(text); len(forms) > 0 {
		return claim{kind: codeClaim, text: text, forms: forms}
	}
	return claim{}
}

// claimOfM1 returns the claim of a line of M1: strings, numbers and pointers
// alone are data.
func (u *unit) claimOfM1(s speaker, line *Line) claim {
	c := u.claimOfText(s, strings.Join(strings.Fields(line.Code), " "), line.Address)
	if c.kind != noClaim {
		return c
	}
	for _, w := range strings.Fields(line.Code) {
		if _, macro := u.macros[w]; macro && !strings.HasPrefix(w, "NULL") {
			comment := strings.TrimSuffix(strings.Join(strings.Fields(line.Comment), " "), ".")
			if c := u.claimOfText(s, comment, line.Address); c.kind != noClaim {
				return c
			}
			return claim{kind: codeClaim, text: line.Code}
		}
	}
	return claim{kind: dataClaim, text: line.Code}
}

// stringBytes returns the bytes of a quoted string in a comment, and whether it
// is one. Anything after the closing quote is ignored.
func stringBytes(text string) ([]byte, bool) {
	s, err := strconv.QuotedPrefix(text)
	if err != nil {
		return nil, false
	}
	s, err = strconv.Unquote(s)
	return []byte(s), err == nil
}

func pairBytes(text string) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	return b
}
