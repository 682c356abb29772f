package hex2

import "fmt"

// label takes a label.
func (l *linker) label(i int) (int, error) {
	if err := l.warnInside(i); err != nil {
		return i, err
	}
	n, i, err := l.name(i + 1)
	if err != nil || l.second {
		return i, err
	}
	l.labels.add(l.place(n.at), l.ip)
	if n.end == '>' {
		err = l.warn(l.win.Offset(i), "'>' after the name of a label; skipped")
	}
	return i, err
}

// place returns the place of an offset in the text at hand.
func (l *linker) place(off int64) uint32 { return l.labels.texts.starts[l.text] + uint32(off) }

// A token is the name of a label where it stands.
type token struct {
	name []byte // valid until the window moves
	at   int64  // offset in the text at hand
	end  byte   // what ended it; 0 for the end of the text, and where nothing need do so
}

// name takes a name and what ends it. (upstream: consume_token, hex2_linker.c)
func (l *linker) name(i int) (token, int, error) {
	if l.oneChar {
		return l.charName(i)
	}
	for j := i; ; {
		buf := l.win.Buf
		limit := min(len(buf), i+l.maxName+1)
		for _, c := range buf[j:limit] {
			if l.endsName[c] {
				break
			}
			j++
		}
		n := token{buf[i:j], l.win.Offset(i), 0}
		switch {
		case j-i > l.maxName:
			return n, j, l.src.Errorf(n.at, "the name of a label is longer than %d bytes", l.maxName)
		case j < len(buf):
			n.end = buf[j]
			if n.end == 0 {
				return n, j, l.src.Errorf(l.win.Offset(j), "NUL in the name of a label")
			}
			return n, j, nil
		case l.win.More(i):
			i, j = 0, j-i
		case l.win.Err() != nil:
			return n, -1, l.win.Err()
		case l.nameMustEnd:
			return n, -1, l.src.Errorf(n.at, "the text ends in the name of a label, want white space")
		default:
			n.name = l.win.Buf
			return n, len(l.win.Buf) - 1, nil
		}
	}
}

// charName takes a name that is one character.
func (l *linker) charName(i int) (token, int, error) {
	if i == len(l.win.Buf) {
		if !l.win.More(i) {
			if l.win.Err() != nil {
				return token{}, -1, l.win.Err()
			}
			return token{}, -1, l.src.Errorf(l.win.Offset(0), "the text ends where the name of a label should be")
		}
		i = 0
	}
	n := token{l.win.Buf[i : i+1], l.win.Offset(i), 0}
	switch c := n.name[0]; {
	case c == 0 && l.names == notNUL, c >= 0x80 && l.names == asciiNames:
		return n, i, l.src.Errorf(n.at, "byte 0x%02X cannot be the name of a label", c)
	}
	return n, i, nil
}

// A reference is a name that was looked up.
type reference struct {
	at      int64 // offset of the name
	address uint32
}

// reference takes the name of a label, which starts at index i after the byte
// prefix. In the second pass it looks the label up. based says that '>' and
// the name of a base follow.
func (l *linker) reference(i int, prefix byte) (r reference, end int, based bool, err error) {
	n, end, err := l.name(i)
	r.at = n.at
	if err != nil || !l.second {
		return r, end, n.end == '>', err
	}
	found := l.labels.lookup(n.name, &l.last[prefix])
	switch {
	case l.labels.texts.err != nil:
		err = l.labels.texts.err
	case found != nil:
		r.address = found.address
	case l.undefinedZero:
		err = l.opt.Report(l.src, n.at-1, "label %q is not defined; taken for 0", n.name)
	default:
		err = l.src.Errorf(n.at-1, "label %q is not defined", n.name)
	}
	return r, end, n.end == '>', err
}

// A use is a pointer, with what is known of it.
type use struct {
	*sigil
	at     int64 // offset
	start  uint32
	target reference
	based  bool
	base   reference
}

// pointer takes a pointer. (upstream: storePointer, hex2_linker.c, and
// WordStorePointer, hex2_word.c)
func (l *linker) pointer(i int) (int, error) {
	if err := l.warnInside(i); err != nil {
		return i, err
	}
	u := &l.use
	*u = use{sigil: l.sigilOf[l.win.Buf[i]], at: l.win.Offset(i), start: l.ip}
	l.at = u.at
	l.ip += u.size
	var err error
	u.target, i, u.based, err = l.reference(i+1, u.char)
	if u.based && err == nil {
		switch {
		case u.field != nil:
			u.based = false
			err = l.warn(l.win.Offset(i), "'>' after a name with %c; skipped", u.char)
		case u.absolute && !l.basedAbsolute:
			err = l.warn(l.win.Offset(i), "a base for %c; ignored", u.char)
		}
	}
	if u.based && err == nil {
		u.base, i, _, err = l.reference(i+1, '>')
	}
	if !l.second || err != nil {
		return i, err
	}
	return i, l.putPointer(u)
}

// hatHolds reports whether a '^' holds for the byte at offset at.
func (l *linker) hatHolds(at int64) bool {
	return l.hat && (l.caret == untilUsed || l.hatAt == at-1)
}

// putPointer puts out a pointer, or sets the field that it is for.
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
		return l.src.Errorf(u.at, "label %q is at 0x%08X, want a multiple of 4", l.nameAt(u.target), target)
	}

	if u.absolute && !(u.based && l.basedAbsolute) {
		if u.size < 4 && target>>(8*u.size) != 0 && !l.unchecked {
			return l.src.Errorf(u.at, "address %d of %q does not fit in %s (0 to %d)", target, l.nameAt(u.target), bytesOf(u.size), uint32(1)<<(8*u.size)-1)
		}
		return l.putBytes(target, u.size)
	}
	if (target-base)&(1<<rel.shift-1) != 0 {
		if err := l.opt.Report(l.src, u.at, "%v is not a multiple of 4; rounded down", l.distance(u, int32(target-base))); err != nil {
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
		if err := l.opt.Report(l.src, u.at, "%v is rounded up to a negative number; the 4 bytes after the instruction are inverted", l.distance(u, value)); err != nil {
			return err
		}
	}
	l.setField(u.at, word)
	return nil
}

// checkRange complains of a distance that does not fit where it goes.
// (upstream: range_check, hex2_linker.c, and UpdateShiftRegister, hex2_word.c)
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
		return l.opt.Report(l.src, u.at, "%v does not fit in %s (%d to %d%s); cut off", l.distance(u, value), where, low, high, even)
	}
	return l.src.Errorf(u.at, "%v does not fit in %s (%d to %d%s)", l.distance(u, value), where, low, high, even)
}

// A distance is how messages speak of one: its names are looked up if it
// comes to that.
type distance struct {
	l     *linker
	u     *use
	value int32
}

func (l *linker) distance(u *use, value int32) distance { return distance{l, u, value} }

func (d distance) String() string {
	if d.u.based {
		return fmt.Sprintf("displacement %d from %q to %q", d.value, d.l.nameAt(d.u.base), d.l.nameAt(d.u.target))
	}
	return fmt.Sprintf("displacement %d of %q", d.value, d.l.nameAt(d.u.target))
}

// nameAt returns the name of a reference in the text at hand.
func (l *linker) nameAt(r reference) []byte {
	return l.labels.texts.appendName(nil, l.place(r.at))
}

func bytesOf(n uint32) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// putBytes puts out the low size bytes of value, in the byte order of pointers.
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
