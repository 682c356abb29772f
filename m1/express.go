package m1

import (
	"math"

	"stage0/source"
)

// A form is how bytes are written.
type form struct {
	digits int // in a byte
	bits   int // in a digit
}

// hexForm is the form that M0 has no choice but to use.
var hexForm = form{digits: 2, bits: 4}

// forms has the form of each Options.Radix.
var forms = map[int]form{
	0:  hexForm,
	16: hexForm,
	8:  {digits: 3, bits: 3},
	2:  {digits: 8, bits: 1},
}

const digitChars = "0123456789ABCDEF"

// append appends the digits of n bytes that hold value. Octal digits are
// those of the whole value, which is what upstream does.
//
// upstream: stringify, LittleEndian
func (f form) append(out []byte, value int32, n int, littleEndian bool) []byte {
	for i := range n {
		if !littleEndian {
			i = n - 1 - i
		}
		for d := (i+1)*f.digits - 1; d >= i*f.digits; d-- {
			out = append(out, digitChars[value>>(d*f.bits)&(1<<f.bits-1)])
		}
	}
	return out
}

// expression writes what the token stands for.
//
// upstream: process_string, eval_immediates, preserve_other
func (a *assembler) expression() error {
	switch {
	case a.kind == atom:
		return a.atomExpression()
	case a.text[0] == '"':
		return a.stringExpression(a.text[1:])
	default:
		a.out = append(a.out, a.text[1:]...)
		return nil
	}
}

func (a *assembler) atomExpression() error {
	if value, ok := a.lookup(a.text); ok {
		a.out = append(a.out, value...)
		return nil
	}
	n, imm, err := a.number()
	if err != nil {
		return err
	}
	if imm != nil {
		if err := a.doubtful(n, imm); err != nil {
			return err
		}
		if imm.word {
			a.out = append(a.out, '.')
		}
		a.out = a.form.append(a.out, imm.encode(n.value), imm.size, a.littleEndian)
		return nil
	}
	switch a.text[0] {
	case '!', '@', '$', '~', '%', '&':
		if n.wide {
			err = a.Report(a.src, a.off, "found %v, which has more than 32 bits; taken for a label", shown(a.text))
		}
		fallthrough
	case ':', '^':
		a.out = append(a.out, a.text...)
		return err
	case '<':
		return a.zerosExpression()
	}
	return a.src.Errorf(a.off, "found %v, which is no macro, label, string or number", shown(a.text))
}

// number returns the number that the token says and how it is written; imm is
// nil if it says none. A number that upstream refuses is an error.
//
// upstream: eval_immediates, range_check
func (a *assembler) number() (n number, imm *immediate, err error) {
	digits := a.text
	if imm = a.immediates[a.text[0]]; imm != nil {
		digits = digits[1:]
	} else if !a.dialect.bare {
		return number{}, nil, nil
	}
	n = parseNumber(digits)
	if n.value == 0 && (len(digits) == 0 || digits[0] != '0') {
		return n, nil, nil
	}
	if imm == nil {
		switch {
		case n.value > math.MaxUint16+1:
			return n, nil, nil
		case n.value > math.MaxInt16:
			imm = a.immediates['$']
		default:
			imm = a.immediates['@']
		}
	}
	if imm.low != imm.high && (n.value < imm.low || imm.high < n.value) {
		low, high := imm.limits()
		return n, nil, a.src.Errorf(a.off, "found %v, want a number from %d to %d", shown(a.text), low, high)
	}
	return n, imm, nil
}

// doubtful reports a number that upstream takes for another.
func (a *assembler) doubtful(n number, imm *immediate) error {
	low, high := imm.limits()
	switch {
	case n.bad:
		return a.Report(a.src, a.off, "found %v, which is no number in the base that its 0 asks for; taken for 0", shown(a.text))
	case n.wide:
		return a.Report(a.src, a.off, "found %v, which has more than 32 bits; taken for %d", shown(a.text), n.value)
	case !imm.word && (int64(n.value) < low || high < int64(n.value)):
		return a.Report(a.src, a.off, "found %v, want a number from %d to %d; its low bits are taken", shown(a.text), low, high)
	case a.form.bits == 3 && imm.size > 1 && n.value>>8 != 0:
		return a.Report(a.src, a.off, "found %v in octal output, want a number from 0 to 255; its octal digits do not split into bytes", shown(a.text))
	}
	return nil
}

// before is what lies in upstream's memory before its digits. A byte from 0x80
// is negative there, and its first digit comes from here.
const before = " exist\n\x00"

// stringBytes returns how the bytes of a string are written; empty is one that
// ends the expression, because its first digit is a NUL.
func (f form) stringBytes() *[256]string {
	var table [256]string
	for c := range table {
		text := append(f.append(nil, int32(c), 1, true), ' ')
		if first := int(int8(c)) >> (f.bits * (f.digits - 1)); first < 0 {
			text[0] = before[len(before)+first]
		}
		if text[0] != 0 {
			table[c] = string(text)
		}
	}
	return &table
}

// stringExpression writes the bytes of a string, and a NUL.
//
// upstream: hexify_string
func (a *assembler) stringExpression(text []byte) error {
	start := len(a.out)
	ascii := true
	for i, c := range text {
		if c >= 0x80 && ascii {
			ascii = false
			if err := a.Report(a.src, a.off+1+int64(i), "found %s in a string, want ASCII; its first digit comes out wrong", source.Char(c)); err != nil {
				return err
			}
		}
		if a.stringBytes[c] == "" {
			return nil
		}
		a.out = append(a.out, a.stringBytes[c]...)
	}
	a.out = append(a.out, a.stringBytes[0]...)
	if a.dialect.padded && a.form.digits == 2 {
		for end := start + (len(text)/4+1)*8 + len(text) + 1; len(a.out) < end; {
			a.out = append(a.out, '0')
		}
	}
	return nil
}

// zerosExpression writes as many zero bytes as the token says.
//
// upstream: pad_nulls
func (a *assembler) zerosExpression() error {
	n := parseNumber(a.text[1:])
	if n.wide {
		if err := a.Report(a.src, a.off, "found %v, which has more than 32 bits; taken for %d", shown(a.text), n.value); err != nil {
			return err
		}
	}
	count, err := a.zeros(n)
	if err != nil {
		return err
	}
	if count == 0 {
		a.out = append(a.out, a.text...)
		if len(a.text) == 1 {
			return nil // hex2 has a use for it
		}
		return a.Report(a.src, a.off, "found %v, want a number of zero bytes; copied as it is", shown(a.text))
	}
	for n := count * a.form.digits; n > 0; n-- {
		a.out = append(a.out, '0')
		if err := a.flush(); err != nil {
			return err
		}
	}
	return nil
}

// zeros returns how many zero bytes the token says; 0 if none.
func (a *assembler) zeros(n number) (int, error) {
	most := (math.MaxInt32 - 1) / a.form.digits
	if n.value < 0 || int(n.value) > most {
		return 0, a.src.Errorf(a.off, "found %v, want a number of zero bytes, at most %d", shown(a.text), most)
	}
	return int(n.value), nil
}

// checkValue looks at a macro's value, the token. Upstream evaluates every
// token, even one that is only a value, and so may refuse it.
func (a *assembler) checkValue(value []byte) (err error) {
	if _, ok := a.lookup(value); ok {
		return a.Report(a.src, a.off, "found the macro %v as a value; it is not replaced there", shown(value))
	}
	if a.kind != atom {
		return nil
	}
	if value[0] == '<' {
		_, err = a.zeros(parseNumber(value[1:]))
	} else {
		_, _, err = a.number()
	}
	return err
}
