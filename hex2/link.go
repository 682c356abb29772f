package hex2

import (
	"bytes"
	"fmt"
	"io"

	"stage0/source"
	"stage0/strtoint"
)

// Classes of bytes that are not digits. A digit's class is its value (0 to 15).
const (
	space     = 0x10 + iota // white space
	comment                 // starts a comment
	colon                   // starts a label
	sigilByte               // starts a pointer
	dot                     // starts a word
	hat                     // '^'
	less                    // '<'
	stop                    // ends the text
	other                   // does not belong in the format
)

// A linker is the state of one run.
type linker struct {
	*dialect
	opt        Options
	digitBits  uint
	byteDigits int // digits in a byte
	class      [256]uint8
	sigilOf    [256]*sigil
	endsName   [256]bool // includes NUL, which is an error there
	endsLine   [256]bool

	srcs   []source.Source
	labels map[string]label
	w      io.Writer
	out    []byte // to be written to w

	// The current position.
	second bool // this is the second pass
	src    source.Source
	index  int    // of src
	text   []byte // of src
	at     int    // offset in src of the current byte (its first digit), pointer or '<'
	ip     uint32 // current address

	digits  int    // digits read of the current byte
	digitAt int    // offset of the first of them
	value   uint32 // value of those digits
	hat     bool   // a '^' is in effect
	hatAt   int    // offset of the last '^'
	field   uint64 // bits to XOR into the next bytes, the lowest first
	fieldAt mark   // where field was last set
	use     use    // the current pointer; kept here to avoid an allocation
}

// A mark is a place in the texts, with its address.
type mark struct {
	set bool
	src source.Source
	at  int
	ip  uint32
}

func newLinker(srcs []source.Source, opt Options) (*linker, error) {
	l := &linker{opt: opt, srcs: srcs}
	for i := range dialects {
		if d := &dialects[i]; d.mode == opt.Mode && d.arch == opt.Arch {
			l.dialect = d
		}
	}
	if l.dialect == nil {
		return nil, fmt.Errorf("there is no %v for architecture %q", opt.Mode, opt.Arch)
	}
	if opt.Mode != Hex2 {
		l.opt.BigEndian, l.opt.Base, l.opt.Radix = false, l.base, 16
	}
	switch l.opt.Radix {
	case 0, 16:
		l.digitBits, l.byteDigits = 4, 2
	case 8:
		l.digitBits, l.byteDigits = 3, 3
	case 2:
		l.digitBits, l.byteDigits = 1, 8
	default:
		return nil, fmt.Errorf("radix is %d, expected 16, 8 or 2", l.opt.Radix)
	}
	l.classify()
	labels := 0 // estimated number of labels
	for _, src := range srcs {
		labels += min(bytes.Count(src.Text, []byte{':'}), len(src.Text)/16)
	}
	l.labels = make(map[string]label, labels)
	return l, nil
}

// classify fills the tables of byte classes.
func (l *linker) classify() {
	for c := range l.class {
		l.class[c] = other
	}
	for _, c := range " \t\n\v\f\r" {
		l.class[c] = space
	}
	for c := range l.class {
		if v := strtoint.Digit(byte(c)); v < 1<<l.digitBits {
			l.class[c] = byte(v)
		}
	}
	l.class['#'], l.class[';'] = comment, comment
	l.class[':'] = colon
	for i := range l.sigils {
		s := &l.sigils[i]
		l.class[s.char], l.sigilOf[s.char] = sigilByte, s
	}
	if l.words {
		l.class['.'] = dot
	}
	switch l.caret {
	case idle:
		l.class['^'] = space
	case untilUsed, oneByte:
		l.class['^'] = hat
	}
	if l.align != 0 {
		l.class['<'] = less
	}
	for _, c := range "\x00 \t\n>" {
		l.endsName[c] = true
	}
	l.endsLine['\n'], l.endsLine['\r'] = true, !l.commentToLF
	if l.endByte != 0 {
		l.class[l.endByte] = stop
		l.endsName[l.endByte] = true
	}
}

// link makes both passes, buffering size bytes of output.
func (l *linker) link(w io.Writer, size int) error {
	l.w, l.out = w, make([]byte, 0, size)
	if err := l.pass(); err != nil {
		return err
	}
	l.second = true
	if err := l.pass(); err != nil {
		return err
	}
	if f := l.fieldAt; f.set && l.ip-f.ip < 4 {
		if err := l.opt.Report(f.src, f.at, "no instruction follows that this is for; dropped"); err != nil {
			return err
		}
	}
	return l.flush()
}

// pass makes a pass over all texts.
func (l *linker) pass() error {
	l.ip, l.hat = l.opt.Base, false
	for i, src := range l.srcs {
		l.index, l.src, l.text = i, src, src.Text
		l.digits, l.value, l.hatAt = 0, 0, -2
		if err := l.scan(); err != nil {
			return err
		}
		if l.digits != 0 {
			if err := l.warn(l.digitAt, "the last byte has %d of its %d digits; dropped", l.digits, l.byteDigits); err != nil {
				return err
			}
		}
	}
	return nil
}

// warn reports, in the first pass, what can be seen without knowing addresses.
func (l *linker) warn(at int, format string, args ...any) error {
	if l.second {
		return nil
	}
	return l.opt.Report(l.src, at, format, args...)
}
