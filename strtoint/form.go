package strtoint

// A Form is how M1 and blood-elf write bytes as digits.
type Form struct {
	Digits int // per byte
	Bits   int // per digit
}

// Hex is the form of radix 16.
var Hex = Form{Digits: 2, Bits: 4}

// FormOf returns the form of a radix: 16, for which 0 stands too, 8 or 2. For any
// other it returns Hex and false.
func FormOf(radix int) (f Form, ok bool) {
	switch radix {
	case 0, 16:
		return Hex, true
	case 8:
		return Form{Digits: 3, Bits: 3}, true
	case 2:
		return Form{Digits: 8, Bits: 1}, true
	}
	return Hex, false
}

// Append appends the digits of value in n bytes, in capitals. Like upstream, it
// cuts octal digits from the whole value, not from each byte.
//
// upstream: stringify and LittleEndian of M1, get_string of blood-elf
func (f Form) Append(out []byte, value int64, n int, littleEndian bool) []byte {
	for i := range n {
		if !littleEndian {
			i = n - 1 - i
		}
		for d := (i+1)*f.Digits - 1; d >= i*f.Digits; d-- {
			out = append(out, "0123456789ABCDEF"[value>>(d*f.Bits)&(1<<f.Bits-1)])
		}
	}
	return out
}
