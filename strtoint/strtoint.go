// Package strtoint reads numbers as strtoint of M2libc does (bootstrappable.c),
// which M1, hex2 and mescc-tools-extra use: a prefix, a sign, and digits.
//
//	0b    binary
//	0x    hexadecimal, in capitals or not
//	0     octal
//	      decimal
//
// The prefixes are lower case. The sign, a '-', is after the prefix: 0x-10 is
// -16, and -0x10 is not a number. Underscores among the digits are skipped.
//
// A Form is how M1 and blood-elf write numbers.
package strtoint

// A Problem is what is doubtful about a number; upstream takes each as it is.
type Problem int

const (
	None     Problem = iota
	NoDigits         // there are none, as in "", "-", "_" and "0x"; the value is 0
	NoNumber         // something is not a digit of the base; the value is 0
	TooWide          // the number has more than 32 bits; the value depends on the build
)

// A Build is what the compiler that built strtoint makes of it.
type Build struct {
	// Wide is whether an int has 64 bits, as those of M2-Planet have on a
	// processor with such words; GCC's have 32. In numbers of more than 32 bits
	// strtoint sets bit 31 and all above it then.
	Wide bool

	// NoContinue is whether the compiler ignores continue, as cc_* do. An
	// underscore then stands for the digit after it.
	NoContinue bool
}

// Parse returns the number that text says, where an int has 32 bits: of a larger
// one, those that are the lowest.
func Parse[T string | []byte](text T) (value int32, problem Problem) {
	v, problem := parse(text, Build{})
	return int32(v), problem
}

// Parse returns the number that text says, as an int of the build holds it.
func (b Build) Parse(text string) (value int64, problem Problem) { return parse(text, b) }

// bits31 is 0x80000000 where an int has 64 bits: the test for bit 31 is one for
// all above it, too.
const bits31 = -0x80000000

// parse is strtoint and __set_reader.
func parse[T string | []byte](text T, b Build) (value int64, problem Problem) {
	base := int64(10)
	at := 0
	switch {
	case len(text) >= 2 && text[0] == '0' && text[1] == 'b':
		base, at = 2, 2
	case len(text) >= 2 && text[0] == '0' && text[1] == 'x':
		base, at = 16, 2
	case len(text) >= 1 && text[0] == '0':
		base, at = 8, 1
	}
	negative := at < len(text) && text[at] == '-'
	if negative {
		at++
	}
	problem = NoDigits
	if base == 8 { // the 0 is a digit
		problem = None
	}
	size := int64(0) // the number, as long as it has no more than 32 bits
	for ; at < len(text); at++ {
		c := text[at]
		d := Digit(c)
		if c == '_' {
			if !b.NoContinue {
				continue
			}
			if at++; at == len(text) {
				return 0, NoNumber
			}
			if d = Digit(text[at]); text[at] == '_' { // in the list of digits it comes last
				d = base
				if base == 16 {
					d = 22 // a to f are in the list, too
				}
			} else if d >= base {
				return 0, NoNumber
			}
		} else if d >= base {
			return 0, NoNumber
		}
		value = value*base + d
		if problem == NoDigits {
			problem = None
		}
		if size = size*base + d; size > 1<<32-1 {
			size, problem = 0, TooWide
		}
	}
	if negative {
		value = -value
		if size > 1<<31 {
			problem = TooWide
		}
	}
	switch {
	case !b.Wide:
		value = int64(int32(value))
	case value&bits31 != 0:
		value |= bits31
	}
	return value, problem
}

// Digit returns the value of a digit of base 16 or less; 99 if c is none.
func Digit(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'A' <= c && c <= 'F':
		return int64(c - 'A' + 10)
	case 'a' <= c && c <= 'f':
		return int64(c - 'a' + 10)
	}
	return 99
}
