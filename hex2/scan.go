package hex2

import (
	"math/bits"

	"stage0/source"
)

// scan makes a pass over the current text. The methods that it calls take the
// index of the first byte of an item and return that of its last byte, or the
// length of the text if that ends first.
func (l *linker) scan() (err error) {
	for i := 0; err == nil && i < len(l.text); i++ {
		switch l.class[l.text[i]] {
		default:
			i, err = l.run(i)
		case comment:
			i, err = l.comment(i)
		case colon:
			i, err = l.label(i)
		case sigilByte:
			i, err = l.pointer(i)
		case dot:
			i, err = l.word(i)
		case hat:
			l.hat, l.hatAt = l.caret == untilUsed || !l.hatHolds(i), i
		case less:
			err = l.pad(i)
		case stop:
			if i+1 < len(l.text) {
				err = l.warn(i, "%s ends the text; the rest is not read", source.Char(l.endByte))
			}
			return err
		case other:
			err = l.warnSkipped(i)
		}
	}
	return err
}

// warnSkipped reports a byte with no meaning.
func (l *linker) warnSkipped(i int) error {
	if l.second {
		return nil
	}
	kind := [...]string{1: "a binary", 3: "an octal", 4: "a hex"}[l.digitBits]
	return l.warn(i, "%s is not %s digit; skipped", source.Char(l.text[i]), kind)
}

// warnInside warns if the item at index i is in the middle of a byte.
func (l *linker) warnInside(i int) error {
	if l.digits == 0 {
		return nil
	}
	return l.warn(i, "%s in the middle of a byte", source.Char(l.text[i]))
}

func (l *linker) comment(i int) (int, error) {
	at := i
	for i++; i < len(l.text); i++ {
		if l.endsLine[l.text[i]] {
			return i, nil
		}
	}
	if l.commentMustEnd {
		return i, l.src.Errorf(at, "the text ends in a comment, expected a line end")
	}
	return i, nil
}

// run reads digits and white space. Most of a text is pairs of hex digits, so
// they have a fast path.
func (l *linker) run(i int) (int, error) {
	buf, class := l.text, &l.class
	if l.digits == 0 && l.byteDigits == 2 && l.field == 0 {
		out, ip := l.out, l.ip
		for i+1 < len(buf) {
			high := class[buf[i]]
			if high == space {
				i++
				continue
			}
			low := class[buf[i+1]]
			if high|low >= 0x10 {
				break
			}
			if l.second {
				if out = append(out, high<<4|low); len(out) == cap(out) {
					l.at = i
					l.out = out
					if err := l.flush(); err != nil {
						return i, err
					}
					out = l.out
				}
			}
			ip++
			i += 2
		}
		l.out, l.ip = out, ip
	}
	for ; i < len(buf) && class[buf[i]] <= space; i++ {
		if class[buf[i]] == space {
			continue
		}
		value, done := l.digit(i)
		if !done {
			continue
		}
		l.at = l.digitAt
		if value > 0xFF {
			if err := l.warn(l.at, "octal %o does not fit in a byte; its high bit is dropped", value); err != nil {
				return i, err
			}
		}
		if err := l.data(byte(value)); err != nil {
			return i, err
		}
	}
	return i - 1, nil
}

// digit adds the digit at index i to the current byte. When the byte is
// complete, digit returns its value, which in octal can exceed 0xFF.
func (l *linker) digit(i int) (value uint32, done bool) {
	if l.digits == 0 {
		l.digitAt = i
		if l.earlyCount && !l.second {
			l.ip++
		}
	}
	l.value = l.value<<l.digitBits | uint32(l.class[l.text[i]])
	if l.digits++; l.digits < l.byteDigits {
		return 0, false
	}
	value = l.value
	l.digits, l.value = 0, 0
	if !l.earlyCount || l.second {
		l.ip++
	}
	return value, true
}

// data writes a byte given in digits.
func (l *linker) data(b byte) error {
	if !l.second {
		return nil
	}
	field := byte(l.field)
	l.field >>= 8
	if l.addHigh {
		return l.put(b&0xF0 + (b&0xF ^ field))
	}
	return l.put(b ^ field)
}

// put writes a byte.
func (l *linker) put(b byte) error {
	if l.out = append(l.out, b); len(l.out) == cap(l.out) {
		return l.flush()
	}
	return nil
}

func (l *linker) flush() error {
	_, err := l.w.Write(l.out)
	l.out = l.out[:0]
	return err
}

// pad writes NULs up to an aligned address.
func (l *linker) pad(i int) error {
	if err := l.warnInside(i); err != nil {
		return err
	}
	l.at = i
	for ; l.ip%l.align != 0; l.ip++ {
		if l.second {
			if err := l.put(0); err != nil {
				return err
			}
		}
	}
	return nil
}

// word reads a word: digits of 4 bytes, which set a field instead of being
// output. Anything else there is skipped. (upstream: the loops over updates in
// WordFirstPass and WordSecondPass)
func (l *linker) word(i int) (int, error) {
	at, start := i, l.ip
	if err := l.warnInside(i); err != nil {
		return i, err
	}
	var word uint32
	for left := 4; left > 0; {
		if i++; i >= len(l.text) {
			return i, l.endInWord(at, left)
		}
		switch class := l.class[l.text[i]]; {
		case class < 0x10:
			value, done := l.digit(i)
			if !done {
				continue
			}
			if value > 0xFF {
				if err := l.warn(l.digitAt, "octal %o does not fit in a byte; its high bit goes to the byte before", value); err != nil {
					return i, err
				}
			}
			word = word<<8 ^ value
			left--
		case class == space:
		case class == comment:
			var err error
			if i, err = l.comment(i); err != nil {
				return i, err
			}
		default:
			if err := l.warnSkipped(i); err != nil {
				return i, err
			}
		}
	}
	l.ip = start
	if !l.opt.BigEndian {
		word = bits.ReverseBytes32(word)
	}
	l.setField(at, uint64(word))
	return i, nil
}

// endInWord handles the end of the text in a word that lacks left bytes.
func (l *linker) endInWord(at int, left int) error {
	if !l.dropsWord {
		return l.src.Errorf(at, "the text ends in a word, expected %d more bytes", left)
	}
	l.digits = 0
	return l.warn(at, "the text ends in a word, for which %d bytes are missing; dropped", left)
}

// setField sets bits of the following instruction.
func (l *linker) setField(at int, field uint64) {
	if l.second {
		l.field ^= field
		l.fieldAt = mark{true, l.src, at, l.ip}
	}
}
