package m1

import (
	"math"
	"slices"

	"stage0/source"
)

// expression writes the token's expression.
//
// upstream: process_string, eval_immediates, preserve_other
func (a *assembler) expression() error {
	switch {
	case a.kind == atom:
		return a.atomExpression()
	case a.text[0] == '"':
		return a.stringExpression(a.text[1:])
	default:
		a.out.Write(a.text[1:])
		return nil
	}
}

func (a *assembler) atomExpression() error {
	if value, ok := a.lookup(a.text); ok {
		a.out.WriteString(value)
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
		imm.write(a.out, a.form, n.value, a.littleEndian)
		return nil
	}
	switch a.text[0] {
	case '!', '@', '$', '~', '%', '&':
		if n.wide {
			err = a.Report(a.src, a.off, "found %v, which has more than 32 bits; taken for a label", shown(a.text))
		}
		fallthrough
	case ':', '^':
		a.out.Write(a.text)
		return err
	case '<':
		return a.zerosExpression()
	}
	return a.src.Errorf(a.off, "found %v, which is not a macro, label, string or number", shown(a.text))
}

// number returns the token's number and how it is written; imm is nil if the
// token is not a number. A number that upstream rejects is an error.
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
		return n, nil, a.src.Errorf(a.off, "found %v, expected a number from %d to %d", shown(a.text), low, high)
	}
	return n, imm, nil
}

// doubtful reports a number that upstream takes for a different one.
func (a *assembler) doubtful(n number, imm *immediate) error {
	low, high := imm.limits()
	switch {
	case n.bad:
		return a.Report(a.src, a.off, "found %v, which is not a number in the base that its 0 asks for; taken for 0", shown(a.text))
	case n.wide:
		return a.Report(a.src, a.off, "found %v, which has more than 32 bits; taken for %d", shown(a.text), n.value)
	case !imm.word && (int64(n.value) < low || high < int64(n.value)):
		return a.Report(a.src, a.off, "found %v, expected a number from %d to %d; its low bits are taken", shown(a.text), low, high)
	case a.form.Bits == 3 && imm.size > 1 && n.value>>8 != 0:
		return a.Report(a.src, a.off, "found %v in octal output, expected a number from 0 to 255; its octal digits do not split into bytes", shown(a.text))
	}
	return nil
}

// stringExpression writes the bytes of a string, and a NUL.
//
// upstream: hexify_string
func (a *assembler) stringExpression(text []byte) error {
	size := 0
	for i, c := range append(slices.Clip(text), 0) {
		if c >= 0x80 {
			return a.src.Errorf(a.off+1+i, "found %s in a string, expected ASCII", source.Char(c))
		}
		n, _ := a.out.Write(append(a.form.Append(a.out.AvailableBuffer(), int64(c), 1, true), ' '))
		size += n
	}
	if a.dialect.padded && a.form.Digits == 2 {
		for ; size < (len(text)/4+1)*8+len(text)+1; size++ {
			a.out.WriteByte('0')
		}
	}
	return nil
}

// zerosExpression writes the number of zero bytes that the token asks for.
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
		a.out.Write(a.text)
		if len(a.text) == 1 {
			return nil // left for hex2
		}
		return a.Report(a.src, a.off, "found %v, expected a number of zero bytes; copied as it is", shown(a.text))
	}
	for n := count * a.form.Digits; n > 0; n-- {
		if err := a.out.WriteByte('0'); err != nil {
			return err
		}
	}
	return nil
}

// zeros returns the number of zero bytes that n asks for, or 0 if n is not a
// number.
func (a *assembler) zeros(n number) (int, error) {
	most := (math.MaxInt32 - 1) / a.form.Digits
	if n.value < 0 || int(n.value) > most {
		return 0, a.src.Errorf(a.off, "found %v, expected a number of zero bytes, at most %d", shown(a.text), most)
	}
	return int(n.value), nil
}

// checkValue checks the token, a macro's value. Upstream evaluates every token,
// even one that is only a value, and so may reject it.
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
