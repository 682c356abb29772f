package m1

// digits is how a byte is written in a Radix.
type digits struct {
	count int // of digits in a byte
	bits  int // in a digit
}

var forms = [...]digits{
	Hex:    {count: 2, bits: 4},
	Octal:  {count: 3, bits: 3},
	Binary: {count: 8, bits: 1},
}

const digitChars = "0123456789ABCDEF"

// before is what lies in upstream's memory before its digits: a byte from 0x80
// is negative there, and takes its first digit from here.
const before = " exist\n\x00"

// expression writes what the token stands for.
func (a *assembler) expression() error {
	if a.kind == quoted {
		if a.text[0] == '\'' {
			a.out = append(a.out, a.text[1:]...)
			return nil
		}
		return a.string(a.text[1:])
	}
	if value, ok := a.lookup(a.text); ok {
		a.out = append(a.out, value...)
		return nil
	}
	c := a.text[0]
	switch {
	case a.immediates[c] != nil:
		done, err := a.number(a.text[1:], a.immediates[c])
		if done || err != nil {
			return err
		}
		a.out = append(a.out, a.text...)
	case c == '<':
		return a.zeros()
	case c == ':', c == '^', c == '&':
		a.out = append(a.out, a.text...)
	default:
		if a.dialect.bare {
			done, err := a.bare()
			if done || err != nil {
				return err
			}
		}
		return a.src.Errorf(a.off, "found %q, which is no macro, label, string or number", a.text)
	}
	return nil
}

// number writes the number that text says; done is false if it does not say
// one.
//
// upstream: eval_immediates
func (a *assembler) number(text []byte, imm *immediate) (done bool, err error) {
	n := parseNumber(text)
	if n.value == 0 && (len(text) == 0 || text[0] != '0') {
		return false, nil
	}
	return true, a.express(n.value, imm)
}

// bare writes the number that the token says without a sigil.
func (a *assembler) bare() (done bool, err error) {
	n := parseNumber(a.text)
	switch {
	case n.value == 0 && a.text[0] != '0', n.value > 65536:
		return false, nil
	case n.value > 32767:
		return true, a.express(n.value, a.immediates['$'])
	default:
		return true, a.express(n.value, a.immediates['@'])
	}
}

// express writes a value.
func (a *assembler) express(value int32, imm *immediate) error {
	if value < imm.low || imm.high < value {
		low, high := imm.limits()
		return a.src.Errorf(a.off, "%d does not fit in %d bytes, want %d to %d", value, imm.size, low, high)
	}
	a.out = imm.append(a.out, value, a.digits, a.littleEndian)
	return nil
}

// append appends value in digits to out.
func (imm *immediate) append(out []byte, value int32, form digits, littleEndian bool) []byte {
	if imm.word {
		out = append(out, '.')
	}
	v := imm.encode(value)
	for i := range imm.size {
		if !littleEndian {
			i = imm.size - 1 - i
		}
		for d := form.count - 1; d >= 0; d-- {
			out = append(out, digitChars[v>>((i*form.count+d)*form.bits)&(1<<form.bits-1)])
		}
	}
	return out
}

// string writes the bytes of a string, and a NUL.
//
// upstream: hexify_string
func (a *assembler) string(text []byte) error {
	start := len(a.out)
	for _, c := range text {
		first := int(int8(c)) >> (a.bits * (a.count - 1))
		if first >= 0 {
			a.out = append(a.out, digitChars[first])
		} else {
			b := before[len(before)+first]
			if b == 0 {
				return nil
			}
			a.out = append(a.out, b)
		}
		for d := a.count - 2; d >= 0; d-- {
			a.out = append(a.out, digitChars[c>>(d*a.bits)&(1<<a.bits-1)])
		}
		a.out = append(a.out, ' ')
	}
	for range a.count {
		a.out = append(a.out, '0')
	}
	a.out = append(a.out, ' ')
	if a.dialect.padded && a.count == 2 {
		for len(a.out)-start < (len(text)/4+1)*8+len(text)+1 {
			a.out = append(a.out, '0')
		}
	}
	return nil
}

// zeros writes as many zero bytes as text says.
//
// upstream: pad_nulls
func (a *assembler) zeros() error {
	n := parseNumber(a.text[1:])
	switch {
	case n.value < 0:
		return a.src.Errorf(a.off, "found %d for a number of zero bytes", n.value)
	case n.value == 0:
		a.out = append(a.out, a.text...)
		return nil
	}
	for range int(n.value) * a.count {
		a.out = append(a.out, '0')
	}
	return nil
}
