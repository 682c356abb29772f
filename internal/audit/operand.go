package audit

import (
	"strconv"
	"strings"

	"stage0/internal/lazyregexp"
)

// An operandKind is the kind of an operand.
type operandKind uint8

const (
	anything operandKind = iota // not stated
	register
	number   // num; only its low bits count if bits is not 0
	distance // the address num bytes after the instruction's start
	name     // the address of a label
	memory   // base, index, scale and displacement
	verbatim // anything else; compared as text
)

// An operand is a stated or an actual operand.
type operand struct {
	kind operandKind
	text string // register, label or verbatim
	num  int64
	bits int

	base, index string // registers
	scale       int64
	disp        *operand // number, name or anything
	mode        string   // "", "!" (pre-indexed, with writeback) or "post"
}

// A form is one spelling of an instruction.
type form struct {
	mnemonic string
	operands []operand
}

var (
	sizeWord    = lazyregexp.New(`(?i)^(byte|word|dword|qword)(_ptr|\b)[_ ]*`)
	addressWord = lazyregexp.New(`^[0-9A-F]{8}$`)
	sigilWord   = lazyregexp.New(`^(\^?[!@$~%&#]|\^)(.*)$`)
	riscvMemory = lazyregexp.New(`^(-?[0-9a-fx]+)\((\w+)\)$`)
	shiftWord   = lazyregexp.New(`(?i)^(lsl|lsr|asr|uxtw|sxtw) ?#?\d+$`)
	placeholder = lazyregexp.New(`^(BYTE|WORD|DWORD)$`)
)

// parseAddress parses an address of 8 hex digits, as in the sample ladder.
func parseAddress(s string) (int64, bool) {
	if !addressWord.MatchString(s) || s[0] != '0' {
		return 0, false
	}
	v, err := strconv.ParseUint(s, 16, 64)
	return int64(v), err == nil
}

// parseNumber parses a number as authors write it: decimal, hex after 0x or
// octal after 0, perhaps with a unit.
func parseNumber(s string) (int64, bool) {
	s = strings.Replace(s, "MINUS_", "-", 1)
	unit := int64(1)
	if t, ok := strings.CutSuffix(s, "MB"); ok {
		s, unit = t, 1<<20
	}
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	base := 10
	if t, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		s, base = t, 16
	} else if len(s) > 1 && s[0] == '0' {
		base = 8
	}
	v, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		v = -v
	}
	return int64(v) * unit, true
}

// A speaker knows the words of an architecture and of a text.
type speaker struct {
	*machine
	isLabel func(string) bool
}

// parseOperand parses one operand.
func (s speaker) parseOperand(text string) (operand, bool) {
	if !placeholder.MatchString(text) {
		text = sizeWord.ReplaceAllString(text, "")
	}
	switch {
	case text == "":
		return operand{}, false
	case s.isRegister(text):
		return operand{kind: register, text: s.register(text)}, true
	case placeholder.MatchString(text):
		return operand{kind: anything}, true
	case strings.HasPrefix(text, "["):
		return s.parseMemory(text)
	}
	if m := riscvMemory.FindStringSubmatch(text); m != nil && s.isRegister(m[2]) {
		n, ok := parseNumber(m[1])
		return operand{kind: memory, base: s.register(m[2]), disp: &operand{kind: number, num: n}}, ok
	}
	if len(text) == 3 && text[0] == '\'' && text[2] == '\'' {
		return operand{kind: number, num: int64(text[1])}, true
	}
	if n, ok := parseAddress(text); ok {
		return operand{kind: number, num: n}, true
	}
	if n, ok := parseNumber(text); ok {
		return operand{kind: number, num: n}, true
	}
	if shiftWord.MatchString(text) {
		return operand{kind: verbatim, text: strings.ToLower(strings.NewReplacer("#", "", " ", "").Replace(text))}, true
	}
	if t, ok := strings.CutPrefix(text, "."); ok && (strings.HasPrefix(t, "+") || strings.HasPrefix(t, "-")) {
		n, ok := parseNumber(strings.TrimPrefix(t, "+"))
		return operand{kind: distance, num: n}, ok
	}
	if m := sigilWord.FindStringSubmatch(text); m != nil {
		if n, ok := parseNumber(m[2]); ok {
			return operand{kind: number, num: n, bits: 8 * sigilSizes[m[1][0]]}, true
		}
		if m[2] == "" || strings.ContainsAny(m[2], " ,[]") {
			return operand{}, false
		}
		target, base, based := strings.Cut(m[2], ">")
		if based {
			return operand{kind: anything, text: target + base}, true
		}
		return operand{kind: name, text: target}, true
	}
	if s.isLabel(text) {
		return operand{kind: name, text: text}, true
	}
	return operand{}, false
}

// parseMemory parses a memory operand in brackets: base, index and
// displacement, separated by + or commas.
func (s speaker) parseMemory(text string) (operand, bool) {
	m := operand{kind: memory, scale: 1, disp: &operand{kind: number}}
	if t, ok := strings.CutSuffix(text, "!"); ok {
		m.mode, text = "!", t
	}
	if !strings.HasSuffix(text, "]") {
		return operand{}, false
	}
	text = text[1 : len(text)-1]
	if t, ok := strings.CutSuffix(text, "+"); ok {
		m.disp, text = &operand{kind: anything}, t
	}
	text = strings.NewReplacer("+-", "-", "#-", "-").Replace(text)
	text = strings.ReplaceAll(text, "-", "+-")
	for _, term := range strings.FieldsFunc(text, func(r rune) bool { return r == '+' || r == ',' || r == ' ' }) {
		term = strings.TrimPrefix(term, "#")
		reg, scale, scaled := strings.Cut(term, "*")
		switch {
		case scaled:
			n, ok := parseNumber(scale)
			if !ok || !s.isRegister(reg) {
				return operand{}, false
			}
			m.index, m.scale = s.register(reg), n
		case s.isRegister(term) && m.base == "":
			m.base = s.register(term)
		case s.isRegister(term) && m.index == "":
			m.index = s.register(term)
		default:
			disp, ok := s.parseOperand(term)
			if !ok || disp.kind == memory || disp.kind == register {
				return operand{}, false
			}
			m.disp = &disp
		}
	}
	return m, true
}

// parseForm parses an instruction: a mnemonic, and operands separated by commas
// or spaces. A placeholder in a memory operand may be given after it.
func (s speaker) parseForm(mnemonic, rest string) (form, bool) {
	f := form{mnemonic: mnemonic}
	var open *operand
	for _, t := range splitOperands(rest) {
		if sizeWord.ReplaceAllString(t, "") == "" && !placeholder.MatchString(t) {
			continue
		}
		o, ok := s.parseOperand(t)
		if !ok {
			return form{}, false
		}
		if open != nil && sigilWord.MatchString(t) {
			*open = o
			open = nil
			continue
		}
		if o.kind == memory && o.disp.kind == anything {
			open = o.disp
		}
		f.operands = append(f.operands, o)
		if o.kind == anything {
			open = &f.operands[len(f.operands)-1]
		}
	}
	return f, true
}

// splitOperands splits at commas and spaces outside brackets.
func splitOperands(s string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		}
		return depth == 0 && (r == ',' || r == ' ' || r == '\t')
	})
}
