package hex2

import "fmt"

// label reads a label's definition.
func (l *linker) label(i int) (int, error) {
	if err := l.warnInside(i); err != nil {
		return i, err
	}
	n, i, err := l.name(i + 1)
	if err != nil || l.second {
		return i, err
	}
	if err := l.define(n); err != nil {
		return i, err
	}
	if n.end == '>' {
		err = l.warn(i, "'>' after the name of a label; skipped")
	}
	return i, err
}

// A token is an occurrence of a label's name.
type token struct {
	name []byte
	at   int  // offset in the current text
	end  byte // the byte that ended it; 0 at the end of the text, and where no byte needs to
}

// name reads a name and the byte that ends it. (upstream: consume_token,
// hex2_linker.c)
func (l *linker) name(i int) (token, int, error) {
	if l.oneChar {
		return l.charName(i)
	}
	j := i
	for j < len(l.text) && j-i <= l.maxName && !l.endsName[l.text[j]] {
		j++
	}
	n := token{name: l.text[i:j], at: i}
	switch {
	case j-i > l.maxName:
		return n, j, l.src.Errorf(n.at, "the name of a label is longer than %d bytes", l.maxName)
	case j == len(l.text) && l.nameMustEnd:
		return n, j, l.src.Errorf(n.at, "the text ends in the name of a label, expected white space")
	case j == len(l.text):
		return n, j, nil
	case l.text[j] == 0:
		return n, j, l.src.Errorf(j, "NUL in the name of a label")
	}
	n.end = l.text[j]
	return n, j, nil
}

// charName reads a one-character name.
func (l *linker) charName(i int) (token, int, error) {
	if i == len(l.text) {
		return token{}, i, l.src.Errorf(i, "the text ends where the name of a label should be")
	}
	n := token{l.text[i : i+1], i, 0}
	switch c := n.name[0]; {
	case c == 0 && l.names == notNUL, c >= 0x80 && l.names == asciiNames:
		return n, i, l.src.Errorf(n.at, "byte 0x%02X cannot be the name of a label", c)
	}
	return n, i, nil
}

// A reference is a name that has been looked up.
type reference struct {
	token
	address uint32
}

// reference reads a label's name. In the second pass it also looks the label
// up.
func (l *linker) reference(i int) (r reference, end int, err error) {
	r.token, end, err = l.name(i)
	if err != nil || !l.second {
		return r, end, err
	}
	found, ok := l.labels[string(r.name)]
	switch {
	case ok:
		r.address = found.address
	case l.undefinedZero:
		err = l.opt.Report(l.src, r.at-1, "label %q is not defined; taken for 0", r.name)
	default:
		err = l.src.Errorf(r.at-1, "label %q is not defined", r.name)
	}
	return r, end, err
}

// A use is a pointer and what is known about it.
type use struct {
	*sigil
	at     int // offset
	start  uint32
	target reference
	based  bool
	base   reference
}

// pointer reads a pointer. (upstream: storePointer, hex2_linker.c, and
// WordStorePointer, hex2_word.c)
func (l *linker) pointer(i int) (int, error) {
	if err := l.warnInside(i); err != nil {
		return i, err
	}
	u := &l.use
	*u = use{sigil: l.sigilOf[l.text[i]], at: i, start: l.ip}
	l.at = u.at
	l.ip += u.size
	var err error
	u.target, i, err = l.reference(i + 1)
	if u.based = u.target.end == '>'; u.based && err == nil {
		switch {
		case u.field != nil:
			u.based = false
			err = l.warn(i, "'>' after a name with %c; skipped", u.char)
		case u.absolute && !l.basedAbsolute:
			err = l.warn(i, "a base for %c; ignored", u.char)
		}
	}
	if u.based && err == nil {
		u.base, i, err = l.reference(i + 1)
	}
	if !l.second || err != nil {
		return i, err
	}
	return i, l.putPointer(u)
}

// hatHolds reports whether a '^' applies to the byte at offset at.
func (l *linker) hatHolds(at int) bool {
	return l.hat && (l.caret == untilUsed || l.hatAt == at-1)
}

// putPointer writes a pointer, or sets its field.
func (l *linker) putPointer(u *use) error {
	rel, base := l.plain, l.ip
	if u.based {
		rel = relation{}
	}
	if l.hatHolds(u.at) && !(u.based && l.caret == untilUsed) {
		rel, l.hat = l.hatted, false
	}
	switch {
	case u.based:
		base = u.base.address
	case rel.fromStart:
		base = u.start
	case rel.fromWord:
		base &^= 3
	}
	target := u.target.address
	if rel.aligned && target%4 != 0 {
		return l.src.Errorf(u.at, "label %q is at 0x%08X, expected a multiple of 4", u.target.name, target)
	}

	if u.absolute && !(u.based && l.basedAbsolute) {
		if u.size < 4 && target>>(8*u.size) != 0 && !l.unchecked {
			return l.src.Errorf(u.at, "address %d of %q does not fit in %s (0 to %d)", target, u.target.name, bytesOf(u.size), uint32(1)<<(8*u.size)-1)
		}
		return l.putBytes(target, u.size)
	}
	if (target-base)&(1<<rel.shift-1) != 0 {
		if err := l.opt.Report(l.src, u.at, "%v is not a multiple of 4; rounded down", distance{u, int32(target - base)}); err != nil {
			return err
		}
	}
	value := rel.apply(target, base)
	if err := l.checkRange(u, value); err != nil {
		return err
	}
	if u.field == nil {
		return l.putBytes(uint32(value), u.size)
	}
	word := uint64(u.field.encode(value))
	if l.wideFields && u.field == &fieldU && value&0x800 != 0 && int32(word) < 0 {
		word = uint64(int64(int32(word)))
		if err := l.opt.Report(l.src, u.at, "%v is rounded up to a negative number; the 4 bytes after the instruction are inverted", distance{u, value}); err != nil {
			return err
		}
	}
	l.setField(u.at, word)
	return nil
}

// checkRange reports a distance that does not fit. (upstream: range_check,
// hex2_linker.c, and UpdateShiftRegister, hex2_word.c)
func (l *linker) checkRange(u *use, value int32) error {
	bits, step := 8*u.size, int32(1)
	if u.field != nil {
		bits, step = u.field.bits, 2
	}
	if bits == 0 || bits == 32 {
		return nil
	}
	low, high := int32(-1)<<(bits-1), int32(1)<<(bits-1)-step
	if low <= value && value <= high && value%step == 0 {
		return nil
	}
	where, even := bytesOf(u.size), ""
	if u.field != nil {
		where, even = "field "+u.field.name, ", even"
	}
	if l.unchecked {
		return l.opt.Report(l.src, u.at, "%v does not fit in %s (%d to %d%s); cut off", distance{u, value}, where, low, high, even)
	}
	return l.src.Errorf(u.at, "%v does not fit in %s (%d to %d%s)", distance{u, value}, where, low, high, even)
}

// A distance formats a distance for messages, only if the message is formatted.
type distance struct {
	u     *use
	value int32
}

func (d distance) String() string {
	if d.u.based {
		return fmt.Sprintf("displacement %d from %q to %q", d.value, d.u.base.name, d.u.target.name)
	}
	return fmt.Sprintf("displacement %d of %q", d.value, d.u.target.name)
}

func bytesOf(n uint32) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// putBytes writes the low size bytes of value in the byte order of pointers.
// (upstream: outputPointer, hex2_linker.c)
func (l *linker) putBytes(value, size uint32) error {
	for i := range size {
		shift := 8 * i
		if l.opt.BigEndian {
			shift = 8 * (size - 1 - i)
		}
		if err := l.put(byte(value >> shift)); err != nil {
			return err
		}
	}
	return nil
}
